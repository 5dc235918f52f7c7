"""Files that are either whole or not there: temp name, fsync, read back, rename, fsync of the folder.

A library's own writer may swallow a full disk (faiss writes a truncated file without an exception when the
overflow sits in the stdio buffer), so bytes are written here, and what was written is read again and compared
before it gets its name. A process killed in between leaves a temp file behind, which `sweep_temp_files`
removes.

`on_step` is called with the name of each step before it happens. Tests raise or kill in it; production passes
nothing.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

Step = Callable[[str], None]
Piece = bytes | memoryview

_TEMP_SUFFIX = ".tmp"
_BLOCK_BYTES = 1 << 20


class FileRecord(BaseModel):
    """One written file: its name in the folder, the SHA-256 of its bytes (hex) and its size in bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    size: int


def no_step(step: str) -> None:
    """The `on_step` of production: nothing happens."""


def write_file(folder: Path, name: str, pieces: Iterable[Piece], *, on_step: Step = no_step) -> FileRecord:
    """Write `pieces`, one after another, as the file `name`, replacing one of that name in one instant.

    Raises OSError when the disk is full, refuses, or gives back other bytes than it was given; the name then
    still stands for what it stood for before.
    """
    temp = folder / f".{name}.{os.getpid()}{_TEMP_SUFFIX}"
    try:
        on_step(f"write {name}")
        record = _write_temp(temp, name, pieces, on_step)
        on_step(f"read back {name}")
        if hash_file(temp) != (record.sha256, record.size):
            raise OSError(errno.EIO, "the disk gave back other bytes than were written", str(temp))
        on_step(f"rename {name}")
        temp.replace(folder / name)
        on_step(f"sync folder of {name}")
        sync_folder(folder)
    except OSError:
        temp.unlink(missing_ok=True)
        raise
    return record


def hash_file(path: Path) -> tuple[str, int]:
    """Return the SHA-256 (hex) and the size in bytes of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def sync_folder(folder: Path) -> None:
    """Make renames in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def temp_files(folder: Path) -> list[Path]:
    """Files that a killed writer left behind (or that a writer is at work on: hold the writers' lock)."""
    return sorted(folder.glob(f".*{_TEMP_SUFFIX}"))


def sweep_temp_files(folder: Path) -> int:
    """Remove what killed writers left behind and return how many files that were. Hold the writers' lock."""
    left = temp_files(folder)
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _write_temp(temp: Path, name: str, pieces: Iterable[Piece], on_step: Step) -> FileRecord:
    digest, size = hashlib.sha256(), 0
    # Unbuffered, so that a full disk is felt by the write that meets it and not by a close that cannot tell.
    with temp.open("wb", buffering=0) as stream:
        for piece in pieces:
            view = memoryview(piece).cast("B")
            digest.update(view)
            size += len(view)
            while len(view):
                view = view[stream.write(view) :]
        on_step(f"fsync {name}")
        os.fsync(stream.fileno())
    return FileRecord(name=name, sha256=digest.hexdigest(), size=size)
