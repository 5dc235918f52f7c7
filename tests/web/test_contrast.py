"""Text reaches 4.5:1 and edges 3:1 on the grounds they stand on, in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLE = (Path(__file__).parents[2] / "web" / "static" / "css" / "duijie.css").read_text(encoding="utf-8")
GROUNDS = ("paper", "surface", "sunk")
TEXT = [(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS] + [
    ("indigo", "surface"), ("indigo", "paper"), ("on-indigo", "indigo"), ("indigo-deep", "indigo-soft"),
    ("ink", "indigo-soft"), ("ink", "seal-soft"), ("seal", "indigo-soft"),
    ("met", "surface"), ("met", "met-soft"), ("part", "surface"), ("part", "part-soft"),
    ("seal", "surface"), ("seal", "seal-soft"), ("surface", "seal"), ("none", "surface"), ("none", "none-soft"),
    ("surface", "met"), ("paper", "ink"),
]  # fmt: skip
EDGES = [("edge", ground) for ground in GROUNDS] + [
    ("focus", "surface"),
    ("focus", "paper"),
    ("part-fill", "surface"),
]


def tokens(theme: str) -> dict[str, str]:
    block = STYLE.split(f'[data-bs-theme="{theme}"] {{')[1].split("}")[0]
    return dict(re.findall(r"--dj-([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(theme: str) -> None:
    found = tokens(theme)
    low = {pair: round(contrast(found[pair[0]], found[pair[1]]), 2) for pair in TEXT}

    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_one_can_press_can_be_seen(theme: str) -> None:
    found = tokens(theme)
    low = {pair: round(contrast(found[pair[0]], found[pair[1]]), 2) for pair in EDGES}

    assert {pair: ratio for pair, ratio in low.items() if ratio < 3.0} == {}
