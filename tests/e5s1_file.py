"""Writes a tiny E5S1 file: the bundled model in miniature, so that its converter is tested without 480 MB."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIM, LAYERS, HEADS, INNER, POSITIONS, TYPES = 32, 2, 4, 64, 48, 2
PIECES = [
    ("<s>", 0.0),
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -2.0),
    ("▁qu", -3.0),
    ("ery", -3.0),
]
PIECES += [
    (":", -2.5),
    ("▁passage", -3.0),
    ("影像", -4.0),
    ("～", -4.5),
    ("8", -3.5),
    ("10", -3.5),
    ("▁leak", -4.0),
]
PIECES += [("s", -3.0), ("米", -4.0)]


@cache
def tiny_tensors() -> dict[str, NDArray[np.float32]]:
    """Return flat random weights under the names of the format, always the same."""
    rng = np.random.default_rng(20260301)
    sizes = {"emb.word": len(PIECES) * DIM, "emb.pos": POSITIONS * DIM, "emb.type": TYPES * DIM}
    sizes |= {"emb.ln.w": DIM, "emb.ln.b": DIM}
    for layer in range(LAYERS):
        sizes |= {f"l{layer}.{part}.w": DIM * DIM for part in ("q", "k", "v", "ao")}
        sizes |= {f"l{layer}.{part}.w": DIM * INNER for part in ("fi", "fo")}
        sizes |= {f"l{layer}.{part}.b": DIM for part in ("q", "k", "v", "ao", "fo")}
        sizes |= {f"l{layer}.fi.b": INNER}
        sizes |= {f"l{layer}.{part}.{kind}": DIM for part in ("aln", "oln") for kind in "wb"}
    return {name: rng.normal(0, 0.3, size).astype(np.float32) for name, size in sizes.items()}


def write_e5s1(path: Path) -> Path:
    """Write the tiny model to `path` and return it. Matrices are quantised, the rest is float32."""
    head = struct.pack(
        "<4sI7ifi", b"E5S1", 1, DIM, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, TYPES, 1e-12, 32
    )
    head += _tokenizer() + struct.pack("<iI", 0, 0)
    blocks = {name: _packed(name, values) for name, values in tiny_tensors().items()}
    n_directory = 4 + sum(2 + len(name) + struct.calcsize("<BIQQ") for name in blocks)
    directory, body, offset = struct.pack("<i", len(blocks)), b"", len(head) + n_directory
    for name, (kind, data) in blocks.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, tiny_tensors()[name].size, offset + len(body), len(data))
        body += data
    path.write_bytes(head + directory + body)
    return path


def _tokenizer() -> bytes:
    texts = [piece.encode() for piece, _ in PIECES]
    offsets = np.cumsum([0, *map(len, texts)], dtype="<u4")
    scores = np.array([score for _, score in PIECES], dtype="<f4")
    blob = b"".join(texts)
    head = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    return head + offsets.tobytes() + scores.tobytes() + blob


def _packed(name: str, values: NDArray[np.float32]) -> tuple[int, bytes]:
    """Quantise matrices to Q4_0, as the real file has them."""
    if "ln" in name or not (name.endswith(".w") or name in ("emb.word", "emb.pos", "emb.type")):
        return 0, values.astype("<f4").tobytes()
    blocks = values.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype("<f2")
    halves = np.clip(np.rint(blocks / scales.astype(np.float32)) + 8, 0, 15).astype(np.uint8)
    packed = np.concatenate([scales.view(np.uint8), halves[:, :16] | halves[:, 16:] << 4], axis=1)
    return 1, packed.tobytes()
