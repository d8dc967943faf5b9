"""What /proc says of a server: its processes, their memory and processor time, and the connections that it holds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """The ids of a process and of all that descend from it."""
    children: dict[int, list[int]] = {}
    for process, fields in _stats():
        children.setdefault(int(fields[1]), []).append(process)
    found, new = [], [root]
    while new:
        found += new
        new = [child for process in new for child in children.get(process, ())]
    return found


def exists(process: int) -> bool:
    """Whether a process is there, and more than an entry that its parent has still to take notice of."""
    return any(found == process and fields[0] != "Z" for found, fields in _stats())


def memory(processes: list[int]) -> int:
    """The memory of processes in bytes; a page that they share counts once."""
    return sum(_proportional(process) for process in processes)


def processor_seconds(processes: list[int]) -> float:
    """The processor time that processes have used so far, in seconds."""
    wanted = set(processes)
    return sum((int(fields[11]) + int(fields[12])) / _TICKS for process, fields in _stats() if process in wanted)


def listener(port: int) -> int | None:
    """The process that listens on a TCP port of IPv4; None when there is none that we may look into."""
    sockets = {f"socket:[{inode}]" for local, _, state, inode in _connections() if local == port and state == "0A"}
    owners = [process for process, _ in _stats() if sockets & set(_open_files(process))]
    return min(owners, default=None)


def holds(server_port: int, client_port: int) -> bool:
    """Whether the server still has its end of a connection open; what only the kernel still has to send does not count."""
    return any(local == server_port and remote == client_port and inode != "0" for local, remote, _, inode in _connections())


class MemoryWatch(threading.Thread):
    """Looks at the memory of a process and its descendants twice a second.

    `peak` is the most it saw, in bytes; `gone_at` the monotonic time at which it first found the process ended.
    """

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.peak = 0
        self.gone_at: float | None = None
        self._ended = threading.Event()

    def run(self) -> None:
        """Looks until stopped."""
        while not self._ended.is_set():
            self.peak = max(self.peak, memory(tree(self.root)))
            if self.gone_at is None and not exists(self.root):
                self.gone_at = time.monotonic()
            self._ended.wait(0.5)

    def stop(self) -> None:
        """Ends the watch."""
        self._ended.set()
        self.join()


def _stats() -> Iterator[tuple[int, list[str]]]:
    """Each process with the fields of its `stat` after the name: state, parent, …"""
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended


def _proportional(process: int) -> int:
    try:
        lines = (_PROC / str(process) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _connections() -> Iterator[tuple[int, int, str, str]]:
    """Local port, remote port, state and inode of each TCP connection of IPv4."""
    for line in (_PROC / "net" / "tcp").read_text().splitlines()[1:]:
        fields = line.split()
        yield int(fields[1].partition(":")[2], 16), int(fields[2].partition(":")[2], 16), fields[3], fields[9]


def _open_files(process: int) -> Iterator[str]:
    try:
        for file in (_PROC / str(process) / "fd").iterdir():
            yield str(file.readlink())
    except OSError:
        return
