"""How good the ranking is here: figures on the installation's own labels and decisions, for those who run it.

Everything is made of stored rows, so it needs no model and no index, and can be made for any day that is kept.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from statistics import fmean
from typing import Any

from matcher.comparisons import ChoiceList, choice_lists, evidence_of
from matcher.labelled_lists import (
    FIRST,
    LabelledList,
    choice_ndcgs,
    label_ndcgs,
    label_recalls,
    labelled_lists,
    ranked_firms,
)
from matcher.rank_metrics import Floats, Interval, bootstrap_interval, paired_lead
from matcher.scoring import Weights
from models.match import FIT_DECLINES, FIT_DISMISSALS, Band
from models.match_decisions import Decision, View, newest_views
from models.pair_label import LabelGrade, Pair, PairLabel

TOP = 5
"""Firms whose relevance is averaged: those an agency reads."""

N_MONTHS = 12

Version = tuple[str, int]
"""Engine version and serial of the weighting."""


@dataclass(frozen=True)
class Material:
    """The rows the figures are made of. views: of every labelled scenario, all versions. weights: those in force."""

    labels: Mapping[Pair, PairLabel]
    views: Mapping[int, Sequence[View]]
    decisions: Sequence[Decision]
    version: Version
    weights: Weights
    months: Sequence[dict[str, Any]] = ()

    def current(self) -> dict[int, list[View]]:
        """The newest views of the engine in force, by scenario. Closed scenarios are scored anew by no weighting, so
        scores are made of the stored signals wherever these are ranked.
        """
        return {
            id_: newest_views(view for view in views if view.engine_version == self.version[0])
            for id_, views in self.views.items()
        }

    def made_by(self, version: Version) -> dict[int, list[View]]:
        """The views a version made, by scenario."""
        return {id_: [view for view in views if view.version == version] for id_, views in self.views.items()}


def figures_of(material: Material, zone: tzinfo) -> dict[str, Any]:
    """Every figure of the page, as stored."""
    lists, choices = labelled_lists(material.labels, material.current()), choice_lists(material.decisions)
    grades = Counter(label.grade for label in material.labels.values())
    return {
        "n_labels": {grade.value: grades[grade] for grade in LabelGrade},
        "labels": _label_figures(lists, material.weights),
        "choices": _choice_figures(choices, material.weights),
        "bands": band_rows(material),
        "versions": version_figures(material),
        "reasons": reason_rows(material.decisions),
        "evidence": evidence_of(material.decisions, choices).to_json(),
        "lacking": evidence_of(material.decisions, choices).lacking,
        "months": list(material.months),
        "acceptance": acceptance_rows(material.decisions, zone),
    }


def _label_figures(lists: Sequence[LabelledList], weights: Weights) -> dict[str, Any] | None:
    if not lists:
        return None
    return {
        "n_scenarios": len(lists),
        "ndcg": _interval(label_ndcgs(lists, weights)),
        "recall": _interval(label_recalls(lists, weights)),
    }


def _choice_figures(choices: Sequence[ChoiceList], weights: Weights) -> dict[str, Any] | None:
    if not choices:
        return None
    return {"n_lists": len(choices), "ndcg": _interval(choice_ndcgs(choices, [weights] * len(choices)))}


def _interval(values: Floats) -> dict[str, float]:
    found: Interval = bootstrap_interval(values)
    return asdict(found)


def band_rows(material: Material) -> list[dict[str, Any]]:
    """For each band how many labelled pairs fit and do not, and how many answered pairs were wanted and refused."""
    band_now = {
        (view.scenario_id, view.organisation_id): view.band
        for views in material.current().values()
        for view in ranked_firms(views, material.weights)
    }
    labelled = Counter(
        (band_now[pair], label.grade) for pair, label in material.labels.items() if pair in band_now
    )
    answered = Counter(
        (row.view.band, row.wanted)
        for row in material.decisions
        if row.view is not None and row.wanted is not None
    )
    return [
        {
            "band": band.value,
            "n_fits": labelled[band, LabelGrade.FITS],
            "n_not": labelled[band, LabelGrade.DOES_NOT_FIT],
            "fits": share_interval(labelled[band, LabelGrade.FITS], labelled[band, LabelGrade.DOES_NOT_FIT]),
            "n_wanted": answered[band, True],
            "n_refused": answered[band, False],
            "wanted": share_interval(answered[band, True], answered[band, False]),
        }
        for band in Band
    ]


def share_interval(n_yes: int, n_no: int) -> dict[str, float] | None:
    """The share of yes with its 95% Wilson interval; None of nothing."""
    n, z = n_yes + n_no, 1.96
    if not n:
        return None
    mean = n_yes / n
    centre = (mean + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(mean * (1 - mean) / n + z * z / (4 * n * n))
    return {"mean": mean, "low": max(0.0, centre - half), "high": min(1.0, centre + half)}


def version_figures(material: Material) -> dict[str, Any] | None:
    """The labelled lists' nDCG before and after the last change of engine or weighting, on the pairs both scored.

    None where nothing that is labelled was scored by another version before.
    """
    previous = _previous_version(material)
    if previous is None:
        return None
    before, after = material.made_by(previous), material.current()
    common = {
        id_: {view.capability_id for view in before[id_]} & {view.capability_id for view in after[id_]}
        for id_ in material.views
    }
    sides = [
        {id_: [view for view in side[id_] if view.capability_id in common[id_]] for id_ in side}
        for side in (before, after)
    ]
    old, new = (labelled_lists(material.labels, side) for side in sides)
    if not old:
        return None
    ndcgs = label_ndcgs(old, None), label_ndcgs(new, material.weights)
    return {
        "before": {"engine": previous[0], "weights": previous[1], **_interval(ndcgs[0])},
        "after": {"engine": material.version[0], "weights": material.version[1], **_interval(ndcgs[1])},
        "lead": asdict(paired_lead(ndcgs[1], ndcgs[0])),
        "n_scenarios": len(new),
    }


def _previous_version(material: Material) -> Version | None:
    """The version of the youngest view that is not of the version in force."""
    others = [view for views in material.views.values() for view in views if view.version != material.version]
    return max(others, key=lambda view: view.made_at).version if others else None


def reason_rows(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Refusals by side, reason and domain, most frequent first; each says whether it is about fit."""
    counted = Counter((row.side, row.reason, row.domain) for row in decisions if not row.wanted)
    about_fit = FIT_DECLINES | FIT_DISMISSALS
    return [
        {"side": side.value, "reason": reason, "domain": domain, "n": n, "about_fit": reason in about_fit}
        for (side, reason, domain), n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]


def acceptance_rows(decisions: Iterable[Decision], zone: tzinfo) -> list[dict[str, Any]]:
    """By month and band of the view, how many answers about fit were wishes; oldest first, the last N_MONTHS."""
    counted: dict[str, Counter[tuple[Band, bool]]] = defaultdict(Counter)
    for row in decisions:
        if row.wanted is not None and row.view is not None:
            counted[month_of(row.decided_at, zone)][row.view.band, row.wanted] += 1
    return [
        {
            "month": month,
            "bands": {band.value: [counts[band, True], counts[band, False]] for band in Band},
        }
        for month, counts in sorted(counted.items())[-N_MONTHS:]
    ]


def month_of(moment: datetime, zone: tzinfo) -> str:
    """The month of a moment where the installation is, as 2026-11."""
    return f"{moment.astimezone(zone):%Y-%m}"


def month_row(month: str, lists: Iterable[Iterable[View]]) -> dict[str, Any]:
    """Of the scenarios published in a month: the mean share of strong firms among the first places, and the mean
    relevance of the best few. lists: the views of each scenario, at least one each.
    """
    ranked = [ranked_firms(newest_views(views), None) for views in lists]
    return {
        "month": month,
        "n_scenarios": len(ranked),
        "strong": fmean(_share(firms[:FIRST], lambda view: view.band is Band.STRONG) for firms in ranked),
        "relevance": fmean(
            fmean(view.signals["relevance"] or 0.0 for view in firms[:TOP]) for firms in ranked
        ),
    }


def _share(views: Sequence[View], holds: Callable[[View], bool]) -> float:
    return sum(map(holds, views)) / len(views)
