"""Figures against figures: does what a firm reports satisfy what a need demands, contradict it, or neither?

A wrong "not met" costs a firm its chance, so a contradiction needs the same measure in the same unit about the same
thing under the same light; everything else stays open. Reading the figures is figures.py's duty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matcher.figures import Figure, achieved_in, figures_in, shared_phrase, words_in

SAME_PHRASE = 4
"""So many Han characters in a row in both clauses ("语音劝离") make two unnamed figures one measure."""


class Outcome(StrEnum):
    """How one demanded figure stands against all that is reported.

    likely: no measure in common, but a number of the right unit that would do; only likeness of meaning can say more.
    mixed: one number satisfies and another misses. open: nothing to compare.
    """

    SATISFIED = "satisfied"
    LIKELY = "likely"
    MIXED = "mixed"
    MISSED = "missed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Finding:
    """One demanded figure with its outcome. supported_by, missed_by: index of the first such statement, or None."""

    demand: Figure
    outcome: Outcome
    supported_by: int | None = None
    missed_by: int | None = None


def demands_in(text: str) -> list[Figure]:
    """The figures a need demands: those whose direction (floor or ceiling) is known."""
    return [figure for figure in figures_in(text) if figure.at_most is not None]


def weigh(
    required: str, statements: Sequence[str], *, topic: str = "", in_field: bool = False
) -> list[Finding]:
    """One finding for each demanded figure, in order; empty where the need names none.

    topic: what the whole need is about (its title); it tells whose figure a statement's figure is where the sentence
    with the demand names no object. in_field: the statements are by somebody who works on that topic, so that a good
    figure is believed to be about it unless its own clause says otherwise.
    """
    demands = demands_in(required)
    if not demands:
        return []
    need = _Need(tuple(demands), words_in(required), words_in(topic), in_field)
    reported = [achieved_in(statement) for statement in statements]
    return [_finding(demand, need, reported) for demand in demands]


def compare(required: str, evidence: str, *, topic: str = "") -> bool | None:
    """Whether the evidence's figures satisfy the requirement's: True, False, or None where nothing clear can be said.

    False as soon as one demanded figure is missed; True when at least one is satisfied and none missed or mixed.
    """
    outcomes = {finding.outcome for finding in weigh(required, [evidence], topic=topic)}
    if Outcome.MISSED in outcomes:
        return False
    if Outcome.MIXED in outcomes:
        return None
    return True if Outcome.SATISFIED in outcomes else None


def has_quantity(text: str) -> bool:
    """Whether a need demands a figure, so that likeness of meaning alone cannot meet it."""
    return bool(demands_in(text))


def is_only_figures(text: str) -> bool:
    """Whether a need is nothing but figures ("误报率不高于5%"), so that figures alone can meet it."""
    return has_quantity(text) and not words_in(text)


@dataclass(frozen=True, slots=True)
class _Need:
    demands: tuple[Figure, ...]
    words: frozenset[str]
    topic: frozenset[str]
    in_field: bool


class _Tells(StrEnum):
    """What one reported figure tells about one demand; `perhaps` speaks only for, never against."""

    SURELY = "surely"
    PERHAPS = "perhaps"
    NOTHING = "nothing"


def _finding(demand: Figure, need: _Need, reported: Sequence[Sequence[Figure]]) -> Finding:
    supported: list[int] = []
    missed: list[int] = []
    likely: list[int] = []
    for index, figures in enumerate(reported):
        for figure in figures:
            tells, fits = _tells(demand, figure, need), _fits(demand, figure)
            trusted = tells is _Tells.SURELY or _is_trusted(demand, figure, need)
            if trusted and fits is True and _proves_light(demand, figure, need):
                supported.append(index)
            elif tells is _Tells.SURELY and fits is False and _refutes_light(demand, figure, need):
                missed.append(index)
            elif tells is _Tells.PERHAPS and fits is True:
                likely.append(index)
    if supported or missed:
        outcome = Outcome.MISSED if not supported else Outcome.MIXED if missed else Outcome.SATISFIED
        return Finding(demand, outcome, next(iter(supported), None), next(iter(missed), None))
    return Finding(demand, Outcome.LIKELY if likely else Outcome.OPEN, next(iter(likely), None))


def _is_trusted(demand: Figure, figure: Figure, need: _Need) -> bool:
    """Whether a figure that names no object is taken for the one asked for, because of who reports it."""
    same = demand.measure is not None and demand.measure == figure.measure
    return need.in_field and same and not figure.about and not demand.about_an_object


def _fits(demand: Figure, figure: Figure) -> bool | None:
    """Whether the reported interval lies inside what is demanded (True), outside (False), or across (None)."""
    if demand.unit != figure.unit:
        return None
    if demand.at_most:
        return True if figure.high <= demand.value else False if figure.low > demand.value else None
    return True if figure.low >= demand.value else False if figure.high < demand.value else None


def _tells(demand: Figure, figure: Figure, need: _Need) -> _Tells:
    if demand.unit != figure.unit:
        return _Tells.NOTHING
    if demand.measure is None or figure.measure is None:
        same_words = (
            demand.measure is figure.measure and shared_phrase(demand.clause, figure.clause) >= SAME_PHRASE
        )
        return _Tells.SURELY if same_words else _Tells.PERHAPS
    if demand.measure != figure.measure:
        return _Tells.NOTHING
    return _tells_of_object(demand, figure, need)


def _tells_of_object(demand: Figure, figure: Figure, need: _Need) -> _Tells:
    """Whether two figures of one measure are about one thing, as far as their clauses say.

    What the figure's own clause names must be named in the demand too ("油印件96.4%" says nothing of print); what
    only the clause before names may also be the topic of the whole need. Words of two languages cannot be compared.
    """
    wanted = demand.about or need.words
    named, known = (
        (figure.about, wanted or need.topic) if figure.about else (figure.subject, wanted | need.topic)
    )
    if named and known:
        if named & known:
            return _Tells.SURELY
        return _Tells.PERHAPS if not figure.about or _han(named) != _han(known) else _Tells.NOTHING
    if figure.about or (demand.about_an_object and wanted):
        return _Tells.PERHAPS
    return _Tells.SURELY


def _han(words: frozenset[str]) -> bool:
    return any("\u4e00" <= word[0] <= "\u9fff" for word in words)


def _light(demand: Figure, need: _Need) -> str | None:
    """Under which light the demand holds: beside a demand for the night, one that says nothing is for the day."""
    if demand.context is None and any(
        other.context == "night" and other.measure == demand.measure and other.unit == demand.unit
        for other in need.demands
    ):
        return "day"
    return demand.context


def _proves_light(demand: Figure, figure: Figure, need: _Need) -> bool:
    """Whether a good value was reached under the light demanded; what holds at night holds by day."""
    light = _light(demand, need)
    return light == "day" or figure.context == light or (light is None and figure.context == "night")


def _refutes_light(demand: Figure, figure: Figure, need: _Need) -> bool:
    """Whether a bad value counts: a need that names no light holds at night too."""
    light = _light(demand, need)
    return light is None or figure.context == light or (light == "day" and figure.context is None)
