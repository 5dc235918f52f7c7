"""Which needs carry like titles: what a page without an encoder can say about needs that ask for the same."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.tokens import query_words

N_SIMILAR = 3
"""So many like needs are told of beside a draft, by words or by meaning."""

SIMILAR_WORDS = 0.22
"""Share of a title's words that another title must hold to be called similar by words alone. On the demo data,
2026-11-26: .25 to .56 for five needs told anew in other words, at most .20 between different needs."""


def title_words(title: str) -> frozenset[str]:
    """The words of a title as they are compared."""
    return frozenset(query_words(title))


def similar_by_words(title: str, others: Mapping[int, frozenset[str]], *, n: int) -> tuple[int, ...]:
    """The ids of at most `n` titles that share most of its words, best first. others: their words, by id."""
    wanted = title_words(title)
    strengths = {id_: len(wanted & words) / len(wanted) for id_, words in others.items()} if wanted else {}
    return nearest(strengths, at_least=SIMILAR_WORDS, n=n)


def nearest(strengths: Mapping[int, float], *, at_least: float, n: int) -> tuple[int, ...]:
    """The ids of the `n` strongest from a limit on, best first, equal ones by id."""
    near = [id_ for id_, strength in strengths.items() if strength >= at_least]
    return tuple(sorted(near, key=lambda id_: (-strengths[id_], id_))[:n])
