"""What a pasted text would find, as a stranger may see it.

Of scenarios everything that is published. Of firms no name and no sentence of theirs: their descriptions are shown to
those who are logged in, so a stranger sees what is offered, how strong the match is, and which requirements are met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g

from models.i18n import gettext
from models.scenario import Scenario
from web.live import Mode
from web.presenters.matchability import MODE_WORDS
from web.presenters.matches import PROMISING, QuotePair, Step, present_quote, tally_of

if TYPE_CHECKING:
    from matcher.scoring import ScoredMatch


@dataclass(frozen=True, slots=True)
class TriedMatch:
    """One match. scenario: None where the counterpart is a firm's capability, whose title is then given."""

    band: str
    scenario: Scenario | None
    title: str
    steps: Sequence[Step]
    tally: Sequence[tuple[str, int]]
    pairs: Sequence[QuotePair]


@dataclass(frozen=True, slots=True)
class TryView:
    """The answer. matches: strong and possible ones; `weak` tells that only weaker ones were found and are shown.

    by_words: open scenarios that share words, where meaning could not be asked; mode_words says why.
    """

    side: str
    matches: Sequence[TriedMatch] = ()
    weak: bool = False
    by_words: Sequence[Scenario] = ()
    mode_words: str = ""


def present_words(side: str, mode: Mode, rows: Sequence[Scenario]) -> TryView:
    """The answer of words alone: nothing is called strong or possible."""
    return TryView(side, by_words=rows, mode_words=gettext(g.locale, MODE_WORDS[mode]))


def present_tried(
    side: str,
    matches: Sequence[ScoredMatch],
    rows: Mapping[int, Scenario],
    titles: Mapping[int, str],
    *,
    n: int,
) -> TryView:
    """The answer in full. rows: the scenarios that may be shown, by id; titles: of capabilities, by id."""
    allowed = [match for match in matches if side == "need" or match.scenario_id in rows]
    judged = [match for match in _one_of_each_firm(allowed) if match.band.value != "not_enough_information"]
    promising = [match for match in judged if match.band.value in PROMISING]
    shown = (promising or judged)[:n]
    return TryView(
        side, matches=[_tried(match, rows, titles) for match in shown], weak=not promising and bool(judged)
    )


def _one_of_each_firm(matches: Sequence[ScoredMatch]) -> list[ScoredMatch]:
    """The first match of each firm; those of a pasted product are all of no firm and stay."""
    seen: set[int] = set()
    kept = []
    for match in matches:
        if not match.organisation_id or match.organisation_id not in seen:
            kept.append(match)
            seen.add(match.organisation_id)
    return kept


def _tried(match: ScoredMatch, rows: Mapping[int, Scenario], titles: Mapping[int, str]) -> TriedMatch:
    coverage = [item.to_json() for item in match.coverage]
    scenario = rows.get(match.scenario_id)
    return TriedMatch(
        band=match.band.value,
        scenario=scenario,
        title=titles.get(match.capability_id, "") if scenario is None else scenario.title,
        steps=[Step(item["position"], item["verdict"], item["must"]) for item in coverage],
        tally=tally_of(coverage),
        pairs=[] if scenario is None else [present_quote(item, (), g.locale) for item in coverage],
    )
