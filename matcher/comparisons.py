"""Decisions as comparisons: what somebody wanted against what the same one refused, on the same list.

Only pairs that one organisation answered on one list are compared, so that a strict agency counts no less and no more
than an easy one, and a pair nobody looked at counts for nothing. docs/learning.md says what follows from that.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.scoring import Weights
from models.match import Band
from models.match_decisions import Decider, Decision, View

Floats = NDArray[np.float64]

SIGNALS = tuple(field.name for field in fields(Weights))
"""The signals that are weighed, in the order of the columns below."""

MAX_SHARE = 0.1
"""No organisation's decisions count for more than this share of all: what one wants is not what a city wants."""

MIN_COMPARED = 50
"""Decisions that can be compared with another: ten for each weight, the usual rule of thumb for a logistic model."""

MIN_LISTS = 20
"""Lists on which somebody both wanted and refused."""

MIN_DECIDERS = 12
"""Organisations behind these lists; with fewer than 1 / MAX_SHARE, the share could not be kept at all."""


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """What one organisation wanted and refused on one list; both are there. Each item with what it saw of it."""

    side: Decider
    list_id: int
    decider_id: int
    wanted: tuple[View, ...]
    refused: tuple[View, ...]

    @property
    def n_decisions(self) -> int:
        """Answers on it."""
        return len(self.wanted) + len(self.refused)


def choice_lists(decisions: Iterable[Decision]) -> list[ChoiceList]:
    """The lists on which somebody both wanted and refused, agencies' before firms', by id.

    Left out are refusals that say nothing of fit, and what the machine had no view of or abstained from.
    """
    grouped: dict[tuple[Decider, int], list[Decision]] = defaultdict(list)
    for decision in decisions:
        if says_something(decision):
            grouped[(decision.side, decision.list_id)].append(decision)
    lists = [_choice_list(group) for _, group in sorted(grouped.items())]
    return [each for each in lists if each.wanted and each.refused]


def says_something(decision: Decision) -> bool:
    """Whether the answer is about fit, and the machine had a view that it ranked by."""
    view = decision.view
    return decision.wanted is not None and view is not None and view.band is not Band.NOT_ENOUGH_INFORMATION


def _choice_list(group: Sequence[Decision]) -> ChoiceList:
    ordered = sorted(group, key=lambda decision: decision.chosen_id)
    seen = [(decision.wanted, decision.view) for decision in ordered if decision.view is not None]
    return ChoiceList(
        side=ordered[0].side,
        list_id=ordered[0].list_id,
        decider_id=ordered[0].decider_id,
        wanted=tuple(view for wanted, view in seen if wanted),
        refused=tuple(view for wanted, view in seen if not wanted),
    )


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Every wanted item against every refused one of its list: n rows.

    signals: (n, n_signals) difference of the signals, missing ones 0. relevance: (n,) difference, in deviations.
    weights: (n,) how much a row counts. lists, deciders: (n,) index of its list, id of who decided.
    """

    signals: Floats
    relevance: Floats
    weights: Floats
    lists: NDArray[np.int64]
    deciders: NDArray[np.int64]


def compare(lists: Sequence[ChoiceList], *, max_share: float = MAX_SHARE) -> Comparisons:
    """The comparisons of these lists. A list counts as much as its smaller side has items, an organisation at most
    `max_share` of all.
    """
    rows = [
        (at, each.decider_id, min(len(each.wanted), len(each.refused)), wanted, refused)
        for at, each in enumerate(lists)
        for wanted in each.wanted
        for refused in each.refused
    ]
    sizes = Counter(at for at, *_ in rows)
    raw = np.array([smaller / sizes[at] for at, _, smaller, _, _ in rows], np.float64)
    deciders = np.array([decider for _, decider, *_ in rows], np.int64)
    differences = [vector_of(wanted) - vector_of(refused) for *_, wanted, refused in rows]
    table = np.array(differences, np.float64).reshape(len(rows), 1 + len(SIGNALS))
    return Comparisons(
        signals=table[:, 1:],
        relevance=table[:, 0],
        weights=limited(raw, deciders, max_share),
        lists=np.array([at for at, *_ in rows], np.int64),
        deciders=deciders,
    )


def vector_of(view: View) -> Floats:
    """(1 + n_signals,): relevance, then the signals; a missing one moves nothing, so it is 0."""
    return np.array([view.signals.get(name) or 0.0 for name in ("relevance", *SIGNALS)], np.float64)


def limited(weights: Floats, deciders: NDArray[np.int64], max_share: float) -> Floats:
    """(n,) the weights, those of an organisation scaled down where it would have more than the share of what is left.

    With too few organisations for that, all of them count alike.
    """
    ids, at = np.unique(deciders, return_inverse=True)
    if not len(ids):
        return weights
    totals: Floats = np.bincount(at, weights=weights, minlength=len(ids)).astype(np.float64)
    scale = np.minimum(1.0, _limit(np.sort(totals)[::-1], max_share) / totals)
    return np.asarray(weights * scale[at], np.float64)


def _limit(totals: Floats, max_share: float) -> float:
    """The most an organisation may weigh. totals: largest first."""
    if len(totals) * max_share < 1.0:
        return float(totals[-1])
    for n_cut in range(len(totals)):
        left = 1.0 - max_share * n_cut
        if left <= 0.0:
            break
        limit = max_share * float(totals[n_cut:].sum()) / left
        if limit >= totals[n_cut]:
            return limit
    return float(totals[-1])


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much there is to learn from.

    n_answers: all. n_about_fit: wishes and refusals for reasons of fit. n_compared: those on a list with both, which is
    what is learnt from. n_seen: of these, with the view the person had; for the rest the first view since stands in.
    """

    n_answers: int
    n_about_fit: int
    n_compared: int
    n_seen: int
    n_lists: int
    n_deciders: int

    @property
    def lacking(self) -> list[tuple[str, int, int]]:
        """What there is too little of: (count, what there is, what is needed); empty where it is enough."""
        needs = (("n_compared", MIN_COMPARED), ("n_lists", MIN_LISTS), ("n_deciders", MIN_DECIDERS))
        return [(name, getattr(self, name), least) for name, least in needs if getattr(self, name) < least]

    def to_json(self) -> dict[str, Any]:
        """Plain values, as stored."""
        return asdict(self)


def evidence_of(decisions: Sequence[Decision], lists: Sequence[ChoiceList]) -> Evidence:
    """The counts behind these lists, which were made of these decisions."""
    compared = {(each.side, each.list_id) for each in lists}
    used = [row for row in decisions if says_something(row) and (row.side, row.list_id) in compared]
    return Evidence(
        n_answers=len(decisions),
        n_about_fit=sum(decision.wanted is not None for decision in decisions),
        n_compared=len(used),
        n_seen=sum(row.view is not None and row.view.made_at <= row.decided_at for row in used),
        n_lists=len(lists),
        n_deciders=len({each.decider_id for each in lists}),
    )
