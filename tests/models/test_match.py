"""Matches: every answer of both sides, legal and illegal; mutual introduction; constraints."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidTransition
from models.match import Band, DeclineReason, DismissReason, Match, MatchStatus
from tests.factories import MONDAY, make_match, make_score

TUESDAY = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)

STATES: dict[str, dict[str, Any]] = {
    "suggested": {},
    "invited": {"invited_at": MONDAY},
    "interested": {"interested_at": MONDAY, "interest_note": "先跑一遍样本"},
    "introduced": {"invited_at": MONDAY, "interested_at": MONDAY, "introduced_at": MONDAY},
    "declined": {"declined_at": MONDAY, "decline_reason": DeclineReason.PRICE},
    "dismissed": {"dismissed_at": MONDAY, "dismiss_reason": DismissReason.BUDGET},
}
ACTS: dict[str, Callable[[Match], None]] = {
    "invite": lambda match: match.invite(TUESDAY),
    "undo_invite": lambda match: match.undo_invite(),
    "decline": lambda match: match.decline(TUESDAY, reason=DeclineReason.DEPLOYMENT, note=" 只收政务云 "),
    "undo_decline": lambda match: match.undo_decline(),
    "express_interest": lambda match: match.express_interest(
        TUESDAY, note=" 可以 ", start=" 下周 ", question=" 数据？ "
    ),
    "withdraw_interest": lambda match: match.withdraw_interest(),
    "dismiss": lambda match: match.dismiss(TUESDAY, reason=DismissReason.NOT_MY_FIELD),
    "undo_dismiss": lambda match: match.undo_dismiss(),
    "save_for_later": lambda match: match.save_for_later(TUESDAY),
}
LEADS_TO = {
    ("suggested", "invite"): "invited",
    ("interested", "invite"): "introduced",
    ("invited", "undo_invite"): "suggested",
    ("suggested", "decline"): "declined",
    ("invited", "decline"): "declined",
    ("interested", "decline"): "declined",
    ("dismissed", "decline"): "declined",
    ("declined", "undo_decline"): "suggested",
    ("suggested", "express_interest"): "interested",
    ("invited", "express_interest"): "introduced",
    ("dismissed", "express_interest"): "interested",
    ("interested", "withdraw_interest"): "suggested",
    ("suggested", "dismiss"): "dismissed",
    ("invited", "dismiss"): "dismissed",
    ("declined", "dismiss"): "declined",
    ("dismissed", "undo_dismiss"): "suggested",
    **{(state, "save_for_later"): state for state in STATES},
}
ILLEGAL = [pair for pair in product(STATES, ACTS) if pair not in LEADS_TO]


@pytest.mark.parametrize("state", STATES)
def test_the_state_follows_the_moments(session: Session, state: str) -> None:
    match = make_match(session, **STATES[state])

    assert match.status == state
    assert match.is_touched is (state != "suggested")


@pytest.mark.parametrize(("state", "act"), LEADS_TO)
def test_a_legal_answer_leads_to_its_state_and_can_be_saved(session: Session, state: str, act: str) -> None:
    match = make_match(session, **STATES[state])

    ACTS[act](match)
    session.flush()

    assert match.status == LEADS_TO[state, act]


@pytest.mark.parametrize(("state", "act"), ILLEGAL)
def test_an_illegal_answer_is_refused_and_changes_nothing(session: Session, state: str, act: str) -> None:
    match = make_match(session, **STATES[state])
    before = match.model_dump()

    with pytest.raises(InvalidTransition):
        ACTS[act](match)

    assert match.model_dump() == before


@pytest.mark.parametrize("acts", [("invite", "express_interest"), ("express_interest", "invite")])
def test_whoever_answers_second_introduces_both(session: Session, acts: tuple[str, str]) -> None:
    match = make_match(session)

    ACTS[acts[0]](match)
    assert match.introduced_at is None
    ACTS[acts[1]](match)

    assert (match.status, match.introduced_at) == (MatchStatus.INTRODUCED, TUESDAY)


def test_answers_are_kept_without_blanks_around_them(session: Session) -> None:
    match = make_match(session)

    ACTS["express_interest"](match)
    ACTS["decline"](match)

    assert (match.interest_note, match.interest_start, match.interest_question) == ("可以", "下周", "数据？")
    assert (match.decline_reason, match.decline_note) == (DeclineReason.DEPLOYMENT, "只收政务云")


def test_a_no_taken_back_lets_the_earlier_wish_stand(session: Session) -> None:
    match = make_match(session, **STATES["interested"])

    ACTS["decline"](match)
    ACTS["undo_decline"](match)

    assert match.status is MatchStatus.INTERESTED
    assert (match.declined_at, match.decline_reason, match.decline_note) == (None, None, "")


def test_interest_taken_back_forgets_what_was_written(session: Session) -> None:
    match = make_match(session)

    ACTS["express_interest"](match)
    ACTS["withdraw_interest"](match)

    assert (match.interest_note, match.interest_start, match.interest_question) == ("", "", "")


def test_interest_replaces_an_earlier_not_relevant(session: Session) -> None:
    match = make_match(session, **STATES["dismissed"])

    ACTS["express_interest"](match)

    assert (match.dismissed_at, match.dismiss_reason) == (None, None)


@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=12))
def test_no_order_of_answers_leads_to_a_contradiction(acts: list[str]) -> None:
    match = Match(scenario_id=1, organisation_id=1)
    for act in acts:
        try:
            ACTS[act](match)
        except InvalidTransition:
            continue

    both = match.invited_at is not None and match.interested_at is not None
    assert (match.introduced_at is not None) is both
    assert (match.declined_at is None) is (match.decline_reason is None)
    assert (match.dismissed_at is None) is (match.dismiss_reason is None)
    assert match.introduced_at is None or (match.declined_at is None and match.dismissed_at is None)


def test_saving_is_an_act_though_the_state_stays(session: Session) -> None:
    match = make_match(session, saved_at=MONDAY)

    assert (match.status, match.is_touched) == (MatchStatus.SUGGESTED, True)


def test_a_pair_has_one_row(session: Session) -> None:
    match = make_match(session)

    with pytest.raises(IntegrityError):
        make_match(session, scenario_id=match.scenario_id, organisation_id=match.organisation_id)


@pytest.mark.parametrize(
    "values",
    [
        {"declined_at": MONDAY},
        {"dismissed_at": MONDAY},
        {"introduced_at": MONDAY},
        {"introduced_at": MONDAY, "invited_at": MONDAY},
        {"introduced_at": MONDAY, "interested_at": MONDAY},
        {"scenario_id": 987_654},
        {"organisation_id": 987_654},
    ],
)
def test_the_database_refuses_what_must_never_be(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_match(session, **values)


@pytest.mark.parametrize(
    "values", [{"score": -0.01}, {"score": 1.01}, {"serial": 0}, {"capability_id": 987_654}]
)
def test_the_database_refuses_a_score_that_cannot_be(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_score(session, make_match(session), **values)


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_both_ends_of_the_interval_are_scores(session: Session, score: float) -> None:
    assert make_score(session, make_match(session), score=score).score == score


def test_a_serial_is_given_once_a_pair_of_texts(session: Session) -> None:
    match = make_match(session)
    first = make_score(session, match, serial=1)
    make_score(session, match, serial=2, capability_id=first.capability_id)

    with pytest.raises(IntegrityError):
        make_score(session, match, serial=2, capability_id=first.capability_id)


def test_a_score_comes_back_with_its_parts(session: Session) -> None:
    score = make_score(session, make_match(session), band=Band.WEAK, gaps=[{"code": "no_case", "values": {}}])
    session.expire(score)

    assert (score.band, score.gaps) == (Band.WEAK, [{"code": "no_case", "values": {}}])
    assert score.coverage[0]["evidence"] == "识别井盖缺失、破损和沉降，召回率91%。"


def test_what_is_hidden_comes_back_on_its_day(session: Session) -> None:
    match = make_match(session)
    match.hide(MONDAY, until=date(2026, 11, 30))

    assert match.is_hidden(date(2026, 11, 29))
    assert not match.is_hidden(date(2026, 11, 30))
    assert match.status is MatchStatus.SUGGESTED
    assert not match.is_touched


def test_hidden_for_good_stays_until_it_is_wanted_or_the_agency_invites(session: Session) -> None:
    match = make_match(session)
    match.hide(MONDAY)
    assert match.is_hidden(date(2030, 1, 1))

    match.invite(MONDAY)
    assert not match.is_hidden(date(2030, 1, 1))

    match.unhide()
    assert (match.hidden_at, match.hidden_until_on) == (None, None)
    with pytest.raises(InvalidTransition):
        match.unhide()


@pytest.mark.parametrize(
    "act",
    [
        lambda m: m.express_interest(MONDAY, note="做"),
        lambda m: m.dismiss(MONDAY, reason=DismissReason.OTHER),
    ],
)
def test_what_is_answered_is_not_hidden(session: Session, act: Any) -> None:
    match = make_match(session)
    act(match)

    with pytest.raises(InvalidTransition):
        match.hide(MONDAY)


def test_an_interest_brings_it_back(session: Session) -> None:
    match = make_match(session)
    match.hide(MONDAY)

    match.express_interest(MONDAY, note="做")

    assert match.hidden_at is None
