"""Ctrl-C while the engine evaluates: it looks at no signal until it gives a row, which may be never."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from relgraph import outputs

#: The exit status that a shell gives for a program that Ctrl-C ended.
INTERRUPTED: Final = 128 + signal.SIGINT
#: Seconds that Python has to end the command in the ordinary way.
_GRACE: Final = 1.0


@contextmanager
def interruptible() -> Iterator[None]:
    """Ends the process a second after Ctrl-C if what is done within has not ended by then; nothing half is left behind."""
    if threading.current_thread() is not threading.main_thread():  # only there are signals handled
        yield
        return
    told, heard = socket.socketpair()
    told.setblocking(False)
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(heard, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        told.close()
        watcher.join()
        heard.close()


def _watch(heard: socket.socket, ended: threading.Event) -> None:
    while numbers := heard.recv(64):
        if signal.SIGINT in numbers and not ended.wait(_GRACE):
            outputs.discard()
            os._exit(INTERRUPTED)
