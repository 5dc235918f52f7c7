"""What the encoder and those who ask it say to each other over a Unix domain socket in the data folder.

A message is a fixed prefix, a JSON header and, where there are vectors, raw float32. Nothing that is received is ever
run, and nothing longer than the limits is read. One connection carries one question and its answer.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MAX_HEADER_BYTES = 1_000_000
"""Far above the longest text a form takes; a longer header is refused before it is read."""

MAX_BODY_BYTES = 8_000_000
"""Some five thousand vectors of 384 numbers."""

MAX_TEXTS = 512
"""Texts of one question."""

_MAGIC = b"DJE1"
_PREFIX = struct.Struct("!4sII")  # magic, bytes of the header, bytes of the body


class WireError(Exception):
    """The other side went away, took too long, or said something that is no message."""


class TooLarge(WireError):
    """A message above the limits."""


def send(connection: socket.socket, header: dict[str, Any], body: bytes = b"", *, seconds: float) -> None:
    """Send one message within so many seconds. Raises TooLarge before anything is sent, WireError where it fails."""
    head = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogatepass")
    _refuse_too_large(len(head), len(body))
    connection.settimeout(seconds)
    try:
        connection.sendall(_PREFIX.pack(_MAGIC, len(head), len(body)) + head + body)
    except OSError as err:
        raise WireError(f"could not be sent: {err}") from err


def receive(connection: socket.socket, *, seconds: float) -> tuple[dict[str, Any], bytes]:
    """The next message, read to its end within so many seconds. Raises TooLarge, or WireError for anything else."""
    deadline = time.monotonic() + seconds
    magic, n_head, n_body = _PREFIX.unpack(_read(connection, _PREFIX.size, deadline))
    if magic != _MAGIC:
        raise WireError("not a message of ours")
    _refuse_too_large(n_head, n_body)
    head = _read(connection, n_head, deadline)
    body = _read(connection, n_body, deadline)
    try:
        header = json.loads(head.decode("utf-8", "surrogatepass"))
    except (UnicodeDecodeError, ValueError, RecursionError) as err:
        raise WireError("the header is not JSON") from err
    if not isinstance(header, dict):
        raise WireError("the header is not an object")
    return header, body


def _refuse_too_large(n_head: int, n_body: int) -> None:
    if n_head > MAX_HEADER_BYTES or n_body > MAX_BODY_BYTES:
        raise TooLarge(f"a message of {n_head} + {n_body} bytes is too large")


def _read(connection: socket.socket, n_bytes: int, deadline: float) -> bytes:
    """Exactly so many bytes. The deadline is for all of them, so that nobody can hold on by sending one at a time."""
    pieces = bytearray()
    while len(pieces) < n_bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise WireError("took too long")
        connection.settimeout(left)
        try:
            piece = connection.recv(min(n_bytes - len(pieces), 1 << 16))
        except OSError as err:
            raise WireError(f"could not be read: {err}") from err
        if not piece:
            raise WireError("ended in the middle")
        pieces += piece
    return bytes(pieces)


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """An address of this socket that is short enough: the kernel takes 107 bytes, and folders may be deep.

    It goes through a descriptor of the folder and holds while this lasts. Raises OSError without the folder.
    """
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
