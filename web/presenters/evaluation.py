"""The figures of an evaluation as its page shows them: stored values with their words, and lines for its charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from matcher.comparisons import SIGNALS
from matcher.scoring import WEIGHTS
from models.i18n import N_, gettext
from models.match import Band
from models.weight_version import BUILT_IN, WeightStatus, WeightVersion
from web.labels import label

SHOWN_BANDS = (Band.STRONG, Band.POSSIBLE, Band.WEAK)

CHECKS = {
    "held_out_better": N_("没参加拟合的机构，它们的决定更可能了"),
    "held_out_ndcg_not_worse": N_("没参加拟合的机构，想要的排得不更靠后"),
    "labels_enough": N_("有合适企业标注的场景够多"),
    "labels_ndcg_not_worse": N_("标注过的场景，合适的排得不更靠后"),
}

LACKING = {
    "n_compared": N_("可以比较的决定"),
    "n_lists": N_("既有想要也有不合适的名单"),
    "n_deciders": N_("作过这种决定的机构"),
}


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One signal. proposed, deviation: None without a proposal."""

    words: str
    built_in: float
    in_force: float
    proposed: float | None
    deviation: float | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One condition of the gate. before, after: means where it compares; low, high: the interval of the difference."""

    words: str
    passed: bool
    n: int
    before: float | None = None
    after: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """A kind of evidence there is too little of."""

    words: str
    has: int
    needs: int


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason with its refusals by domain, in the order of the columns."""

    words: str
    side: str
    about_fit: bool
    n: int
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart. values: None where there is nothing. points: (x, y) of those there are; kind: its look."""

    kind: str
    words: str
    values: Sequence[float | None]
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over months. ticks: (y, words) of the scale; columns: (x, month)."""

    lines: Sequence[Line]
    columns: Sequence[tuple[float, str]]
    ticks: Sequence[tuple[float, str]]


LEFT, RIGHT, TOP, BOTTOM = 40.0, 330.0, 14.0, 154.0
"""Where the lines of a chart lie in its picture, in pixels."""


def weight_rows(
    in_force: WeightVersion | None, proposal: WeightVersion | None, locale: str
) -> list[WeightRow]:
    """Every signal with its weights, in the engine's order."""
    built_in = asdict(WEIGHTS)
    now = built_in if in_force is None else {**built_in, **in_force.weights}
    return [
        WeightRow(
            words=label("signal", name, locale),
            built_in=built_in[name],
            in_force=now[name],
            proposed=None if proposal is None else proposal.weights.get(name),
            deviation=None if proposal is None else proposal.evidence["deviations"].get(name),
        )
        for name in SIGNALS
    ]


def check_rows(version: WeightVersion, locale: str) -> list[CheckRow]:
    """The conditions of the gate with what was measured."""
    gate = version.gate
    figures: dict[str, tuple[Any, Any, Any]] = {
        "held_out_better": (None, None, gate["held_out"]),
        "held_out_ndcg_not_worse": (gate["choices_before"], gate["choices_after"], gate["choices_ndcg"]),
        "labels_enough": (None, None, None),
        "labels_ndcg_not_worse": (gate["labels_before"], gate["labels_after"], gate["labels_ndcg"]),
    }
    rows = []
    for check in gate["checks"]:
        before, after, lead = figures[check["code"]]
        low, high = (None, None) if lead is None else (lead["low"], lead["high"])
        sentence = CHECKS[check["code"]]
        words = gettext(locale, sentence)
        rows.append(CheckRow(words, check["passed"], check["n"], before, after, low, high))
    return rows


def needs(lacking: Sequence[Sequence[Any]], locale: str) -> list[Need]:
    """What there is too little of, as stored: (count, has, needs)."""
    return [Need(gettext(locale, LACKING[name]), has, least) for name, has, least in lacking]


def shown_proposal(versions: Sequence[WeightVersion]) -> WeightVersion | None:
    """The newest weighting where it waits for somebody or did not pass; None where it is in force or was taken back."""
    newest = versions[0] if versions else None
    is_open = newest is not None and newest.status in (WeightStatus.PROPOSED, WeightStatus.REFUSED)
    return newest if is_open else None


def may_activate(proposal: WeightVersion | None, in_force: WeightVersion | None, engine_version: str) -> bool:
    """Whether the button that puts it in force is shown: see models.weight_version.activate_version."""
    serial = BUILT_IN if in_force is None else in_force.serial
    return (
        proposal is not None
        and proposal.status is WeightStatus.PROPOSED
        and (proposal.engine_version, proposal.based_on) == (engine_version, serial)
    )


def reason_table(rows: Sequence[Mapping[str, Any]], locale: str) -> tuple[list[str], list[ReasonRow]]:
    """The names of the domains across, most refusals first, and the reasons down, most frequent first."""
    by_domain: dict[str, int] = defaultdict(int)
    by_reason: dict[tuple[str, str, bool], dict[str, int]] = defaultdict(dict)
    for row in rows:
        by_domain[row["domain"]] += row["n"]
        by_reason[(row["side"], row["reason"], row["about_fit"])][row["domain"]] = row["n"]
    domains = sorted(by_domain, key=lambda domain: (-by_domain[domain], domain))
    table = [
        ReasonRow(
            words=label("decline_reason" if side == "agency" else "dismiss_reason", reason, locale),
            side=side,
            about_fit=about_fit,
            n=sum(counts.values()),
            counts=[counts.get(domain, 0) for domain in domains],
        )
        for (side, reason, about_fit), counts in by_reason.items()
    ]
    return [label("domain", domain, locale) for domain in domains], sorted(
        table, key=lambda row: (-row.n, row.words)
    )


def drift_charts(figures: Mapping[str, Any], locale: str) -> list[tuple[str, Chart]]:
    """Three charts by month: the share of strong firms, the relevance of the best, and what was wanted by band."""
    months, answers = figures["months"], figures["acceptance"]
    strong = [(N_("前 10 家里强的占比"), "a", [row["strong"] for row in months])]
    relevance = [(N_("前 5 家的平均相关度"), "a", [row["relevance"] for row in months])]
    wanted = [
        (label("band", band, locale), kind, [_share(row["bands"][band.value]) for row in answers])
        for band, kind in zip(SHOWN_BANDS, "abc", strict=True)
    ]
    top = max([1.0, *(row["relevance"] for row in months)])
    return [
        ("strong", _chart(strong, [row["month"] for row in months], 1.0, locale, percent=True)),
        ("relevance", _chart(relevance, [row["month"] for row in months], _ceil(top), locale, percent=False)),
        ("wanted", _chart(wanted, [row["month"] for row in answers], 1.0, locale, percent=True)),
    ]


def _share(counts: Sequence[int]) -> float | None:
    return counts[0] / sum(counts) if sum(counts) else None


def _ceil(value: float) -> float:
    return float(-(-value // 1))


def _chart(
    series: Sequence[tuple[str, str, Sequence[float | None]]],
    months: Sequence[str],
    top: float,
    locale: str,
    *,
    percent: bool,
) -> Chart:
    step = (RIGHT - LEFT) / max(len(months), 1)
    xs = [LEFT + step * (at + 0.5) for at in range(len(months))]

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / top

    lines = [
        Line(
            kind=kind,
            words=gettext(locale, words),
            values=values,
            points=[
                (round(x, 1), round(y(value), 1))
                for x, value in zip(xs, values, strict=True)
                if value is not None
            ],
        )
        for words, kind, values in series
    ]
    marks = (0.0, top / 2, top)
    return Chart(
        lines=lines,
        columns=list(zip(xs, months, strict=True)),
        ticks=[(y(mark), f"{100 * mark:.0f}%" if percent else f"{mark:g}") for mark in marks],
    )
