"""The name of a process, such that others on the same machine can tell when it is gone.

A name is host:pid:machine:start. `machine` is the kernel's boot id and the pid namespace, `start` the process's start
time in clock ticks; so a pid that was given to another process, or that means something else in another container,
is not mistaken for the one that wrote the name.
"""

import os
import socket
from pathlib import Path

_PROC = Path("/proc")


def this_process() -> str:
    """The name of the process that asks; at most 120 characters."""
    pid = os.getpid()
    return f"{socket.gethostname()[:40]}:{pid}:{_machine()}:{_start_ticks(pid) or '?'}"


def is_dead(name: str) -> bool:
    """Whether the process of this name is known to be gone. False also when that cannot be known from here."""
    try:
        _, pid, machine, start = name.rsplit(":", 3)
        known_here = machine == _machine() and machine != "?" and start != "?"
        return known_here and _start_ticks(int(pid)) != start
    except ValueError:
        return False


def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (_PROC / "self/ns/pid").readlink().name
    except OSError:
        return "?"
    return f"{boot[:13]}-{namespace.strip('pid:[]')}"


def _start_ticks(pid: int) -> str | None:
    """Field 22 of /proc/<pid>/stat; None when there is no such process, or only its corpse (a zombie)."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The second field is the command in brackets and may hold anything, brackets and spaces too.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in ("Z", "X") else fields[18]
