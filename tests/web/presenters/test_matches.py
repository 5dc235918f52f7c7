from __future__ import annotations

from datetime import date

from sqlmodel import Session

from models.match import Band
from models.match_queries import ScoredPair
from tests.factories import make_match, make_scenario, make_score
from tests.web.conftest import COVERAGE, GAP, REASON
from web.chips import Side
from web.presenters.matches import days_left, nearest_of, present_match, present_ranked, worth_showing


def pair(session: Session, **values) -> ScoredPair:
    match = make_match(session)
    defaults = {"reasons": [REASON], "gaps": [GAP], "coverage": COVERAGE}
    return ScoredPair(match=match, score=make_score(session, match, **{**defaults, **values}))


def test_the_bar_has_one_step_per_requirement_in_their_order(session: Session) -> None:
    view = present_match(pair(session), Side.AGENCY, "zh")

    assert [(step.position, step.verdict, step.must) for step in view.steps] == [
        (1, "met", True),
        (2, "unknown", True),
    ]
    assert list(view.tally) == [("met", 1), ("unknown", 1)]


def test_silence_is_neither_evidence_nor_counter_evidence(session: Session) -> None:
    silent = present_match(pair(session), Side.AGENCY, "zh").pairs[1]

    assert (silent.evidence, silent.counter, silent.source) == (None, None, None)
    assert silent.steps


def test_counter_evidence_is_shown_as_such(session: Session) -> None:
    item = {**COVERAGE[0], "verdict": "unmet", "evidence": None, "counter": "误报率8.7%"}
    shown = present_match(pair(session, coverage=[item]), Side.AGENCY, "zh").pairs[0]

    assert (shown.evidence, shown.counter, shown.counter_is_quote) == (None, "误报率8.7%", True)


def test_contradictions_stand_side_by_side(session: Session) -> None:
    item = {**COVERAGE[0], "verdict": "partly", "counter": "雨天误报率11%"}
    shown = present_match(pair(session, coverage=[item]), Side.AGENCY, "zh").pairs[0]

    assert shown.evidence is not None and shown.counter == "雨天误报率11%"


def test_ticked_facts_are_worded_and_not_quoted(session: Session) -> None:
    item = {
        **COVERAGE[0],
        "evidence": "gov_cloud,edge",
        "evidence_source": "deployment",
        "evidence_lang": None,
    }
    shown = present_match(pair(session, coverage=[item]), Side.AGENCY, "en").pairs[0]

    assert (shown.evidence, shown.is_quote) == ("government cloud, edge device", False)


def test_ranks_count_from_one_and_skip_abstentions(session: Session) -> None:
    pairs = [pair(session), pair(session, band=Band.NOT_ENOUGH_INFORMATION), pair(session, band=Band.WEAK)]

    views = present_ranked(pairs, Side.AGENCY, "zh", with_pilot=frozenset())

    assert [view.rank for view in views] == [1, None, 2]


def test_weak_pairs_wait_unless_somebody_acted(session: Session, now) -> None:
    acted = pair(session, band=Band.WEAK)
    acted.match.invited_at = now
    pairs = [pair(session, band=Band.POSSIBLE), pair(session, band=Band.WEAK), acted]

    views = present_ranked(pairs, Side.AGENCY, "zh", with_pilot=frozenset())

    assert [view.rank for view in worth_showing(views)] == [1, 3]
    assert [view.rank for view in nearest_of(views, 5)] == [1, 2]


def test_what_is_missing_from_a_profile_is_told_apart_from_gaps_of_requirements(session: Session) -> None:
    missing = {"code": "case_missing", "values": {}, "step": "add_case"}

    view = present_match(pair(session, gaps=[GAP, missing]), Side.FIRM, "zh")

    assert [gap.code for gap in view.absent] == ["case_missing"]


def test_days_left_are_none_without_a_deadline(session: Session) -> None:
    assert days_left(make_scenario(session, deadline_on=None), date(2026, 11, 23)) is None
    assert days_left(make_scenario(session, deadline_on=date(2026, 11, 30)), date(2026, 11, 23)) == 7
