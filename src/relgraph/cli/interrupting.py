"""Signals that end a command: nothing half is left behind, also while the engine evaluates, which looks at no signal until it
gives a row, which may be never."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from relgraph import outputs

#: What ends a command from outside: `kill`, a service manager, a time limit; the end of a session.
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)
#: A shell gives this, and the number of the signal on top, for the exit status of a program that a signal ended.
_BY_SIGNAL: Final = 128
#: Seconds that Python has to end the command in the ordinary way.
_GRACE: Final = 1.0


@contextmanager
def in_order() -> Iterator[None]:
    """Ends what is done within by an exception when SIGTERM or SIGHUP comes, so that what is half written is removed.

    The exit status is that of a shell. A signal that is ignored (`nohup`), or that somebody handles, is left alone.
    """
    if threading.current_thread() is not threading.main_thread():  # only there are signals handled
        yield
        return
    taken = [number for number in _ENDING if signal.getsignal(number) == signal.SIG_DFL]

    def end(number: int, _: object) -> None:
        for each in taken:
            signal.signal(each, signal.SIG_IGN)  # one that comes again does not end the tidying up
        raise SystemExit(_BY_SIGNAL + number)

    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ends the process a second after Ctrl-C if what is done within has not ended by then; nothing half is left behind.

    So it does with the signals of `in_order`, where that has been entered within.
    """
    if threading.current_thread() is not threading.main_thread():
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
        ending = [number for number in numbers if number in (signal.SIGINT, *_ENDING)]
        if ending and not ended.wait(_GRACE):
            outputs.discard()
            os._exit(_BY_SIGNAL + ending[0])
