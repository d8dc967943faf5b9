"""What a worker cannot do: reach a network, start programs, outlive the server, or take more memory than it is given.

Two ways to cut the network off, both taken where both are to be had: an empty network namespace (unshare(2)), and a
seccomp filter (seccomp(2)) under which no socket can be made at all. They are Linux's; elsewhere `isolate` reports none,
and SERVICE is stopped by the check of the parsed query alone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO with EPERM
#: linux/filter.h: load a word of the system call's record; jump if equal; jump if greater or equal; return.
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
#: By machine: the audit number of its calling convention (linux/audit.h), and the numbers of socket, connect, execve,
#: execveat, ptrace, io_uring_setup (which could open sockets past the filter).
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 117, 425)),
}
#: Calls of the x32 convention share x86_64's audit number and have this bit.
_X32 = 0x40000000
#: Bytes of address space that libraries may take which are loaded later.
_LIBRARIES = 1024 * 1024 * 1024
_PAGE = 4096


def isolate() -> tuple[str, ...]:
    """Cuts this process off, for good, and has it killed when its parent ends. Call it while there is one thread.

    Gives the names of the ways that worked: "network namespace", "seccomp".
    """
    if sys.platform != "linux":
        return ()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    ways = []
    # root may do without a user namespace, in which it would lose its rights to files
    if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        ways.append("network namespace")
    if _filter_calls(libc):
        ways.append("seccomp")
    return tuple(ways)


def _filter_calls(libc: ctypes.CDLL) -> bool:
    if platform.machine() not in _CALLS:
        return False
    audit, numbers = _CALLS[platform.machine()]
    deny = len(numbers) + 2  # instructions from the check of x32 to the one that denies
    program = [
        (_LOAD, 0, 0, 4),  # the calling convention …
        (_EQUAL, 0, deny + 1, audit),  # … any other is denied
        (_LOAD, 0, 0, 0),  # the number of the call
        (_AT_LEAST, deny - 1, 0, _X32),
        *((_EQUAL, deny - 2 - place, 0, number) for place, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    # struct sock_fprog: a count and, aligned as a pointer, the program
    record = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, record, 0, 0) == 0)


def bound_memory(extra: int) -> None:
    """Limits the address space to what is in use now and `extra` bytes; no core is written when that kills the process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = address_space()
    if size:
        resource.setrlimit(resource.RLIMIT_AS, (size + extra, size + extra + _LIBRARIES))


def load(libraries: Callable[[], None]) -> int:
    """Calls what loads libraries, which may take up to 1 GiB beyond the bound; the bound grows by what they have taken.

    Gives the bytes of address space that they have taken.
    """
    before = address_space()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        libraries()
    finally:
        taken = address_space() - before
        if soft != resource.RLIM_INFINITY:
            soft += taken
            resource.setrlimit(resource.RLIMIT_AS, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    return taken


def address_space() -> int:
    """Bytes of address space of this process; 0 where the system does not tell."""
    return _statm("self", 0)


def resident(pid: int) -> int:
    """Bytes of memory of a process; 0 where the system does not tell, or when it has ended."""
    return _statm(str(pid), 1)


def _statm(process: str, field: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_bytes().split()[field]) * _page_size()
    except (OSError, IndexError):
        return 0


def _page_size() -> int:
    return os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else _PAGE
