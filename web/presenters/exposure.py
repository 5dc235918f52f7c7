"""Exposure as its page shows it: each kind of firm with its share of the firms and its share of what is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A kind of firm. kind: as stored. firm_percent, shown_percent: of all firms, of all impressions; whole."""

    kind: Any
    words: str
    n_firms: int
    n_impressions: int
    firm_percent: int
    shown_percent: int


def share_rows(shares: Sequence[Mapping[str, Any]], words: Callable[[Any], str]) -> list[ShareRow]:
    """The stored shares (matcher/exposure.py) with the word of each kind."""
    n_firms = sum(share["n_firms"] for share in shares) or 1
    n_shown = sum(share["n_impressions"] for share in shares) or 1
    return [
        ShareRow(
            kind=share["kind"],
            words=words(share["kind"]),
            n_firms=share["n_firms"],
            n_impressions=share["n_impressions"],
            firm_percent=round(100 * share["n_firms"] / n_firms),
            shown_percent=round(100 * share["n_impressions"] / n_shown),
        )
        for share in shares
    ]
