"""The format reader, on a file small enough to know every number of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.e5s1 import E5S1Error, read_e5s1
from tests.e5s1_file import DIM, PIECES, tiny_tensors, write_e5s1


def test_sizes_pieces_and_tensors_come_back(tmp_path: Path) -> None:
    path = write_e5s1(tmp_path / "tiny.bin")

    content = read_e5s1(path)

    assert content.header.dim == DIM
    assert content.pieces == PIECES
    assert set(content.tensors) == set(tiny_tensors())
    np.testing.assert_array_equal(content.tensors["emb.ln.w"], tiny_tensors()["emb.ln.w"])


def test_quantised_tensors_come_back_within_half_a_step(tmp_path: Path) -> None:
    path = write_e5s1(tmp_path / "tiny.bin")

    word = read_e5s1(path).tensors["emb.word"].reshape(-1, 32)

    original = tiny_tensors()["emb.word"].reshape(-1, 32)
    step = np.abs(original).max(axis=1, keepdims=True) / 7
    assert (np.abs(word - original) <= step * 0.51).all()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"GGUF" + data[4:],
        lambda data: data[:4] + b"\x02" + data[5:],
        lambda data: data[:60],
        lambda data: data[:-100],
        lambda data: b"",
    ],
    ids=["magic", "version", "short header", "short tensors", "empty"],
)
def test_a_damaged_file_is_refused(tmp_path: Path, damage) -> None:
    path = write_e5s1(tmp_path / "tiny.bin")
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(E5S1Error):
        read_e5s1(path)
