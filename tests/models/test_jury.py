"""Panels: begun after the last day, conflicts first, marks alone, opened to each other when all are in."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.bid import standing_bids
from models.errors import InvalidTransition, NotFound
from models.jury import (
    MAX_JURORS,
    JurorStatus,
    Jury,
    JuryStatus,
    Mark,
    appoint_juror,
    begin_jury,
    declare,
    dismiss_juror,
    find_jury,
    get_juror,
    get_jury,
    give_mark,
    hand_in,
    juries_of,
    juror_marks,
    jury_marks,
    missing_marks,
    recuse,
    revise_mark,
    seats_of,
)
from models.scenario import Scenario
from models.user import Role
from tests.factories import MONDAY, make_organisation, make_scenario, make_user, save
from tests.judging import make_bid, make_juror, make_jury, make_marks, make_rubric

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY, DUE = date(2026, 11, 23), date(2026, 12, 21)
SCORES = (3, 2, 2, 1, 3)


def ended(session: Session, **values: Any) -> Scenario:
    """A scenario past its last day, with criteria and one proposal."""
    scenario = make_scenario(session, **{"deadline_on": date(2026, 11, 20), **values})
    make_rubric(session, scenario_id=scenario.key)
    make_bid(session, scenario_id=scenario.key)
    return scenario


def begin(session: Session, scenario: Scenario) -> Jury:
    return begin_jury(session, scenario, by=make_user(session), answer_due_on=DUE, now=NOW, on=TODAY)


def judged(session: Session, *, n_jurors: int = 2) -> Jury:
    jury = make_jury(session, n_jurors=n_jurors)
    make_bid(session, scenario_id=jury.scenario_id)
    return jury


def mark_all(session: Session, jury: Jury, *, scores: tuple[int, ...] = SCORES) -> None:
    for juror in jury.acting:
        for bid in standing_bids(session, jury.scenario_id):
            make_marks(session, juror, bid, scores)


def test_a_panel_begins_after_the_last_day(session: Session) -> None:
    scenario = ended(session)

    jury = begin(session, scenario)

    assert (jury.status, jury.answer_due_on, jury.rubric.serial) == (JuryStatus.SCORING, DUE, 1)
    assert find_jury(session, scenario.key) == juries_of(session, [scenario.key])[scenario.key] == jury


def test_without_a_last_day_beginning_closes_the_call(session: Session) -> None:
    scenario = ended(session, deadline_on=None)

    begin(session, scenario)

    assert scenario.closed_at == NOW


@pytest.mark.parametrize("how", ["open", "no_rubric", "no_bid", "twice"])
def test_a_panel_does_not_begin_without_what_it_needs(session: Session, how: str) -> None:
    if how == "open":
        scenario = ended(session, deadline_on=date(2026, 12, 1))
    elif how == "no_rubric":
        scenario = make_scenario(session, deadline_on=date(2026, 11, 20))
        make_bid(session, scenario_id=scenario.key)
    elif how == "no_bid":
        scenario = make_scenario(session, deadline_on=date(2026, 11, 20))
        make_rubric(session, scenario_id=scenario.key)
        make_bid(session, scenario_id=scenario.key, withdrawn_at=MONDAY)
    else:
        scenario = ended(session)
        begin(session, scenario)

    with pytest.raises(InvalidTransition):
        begin(session, scenario)


def test_evaluators_are_appointed_once_and_only_evaluators(session: Session) -> None:
    jury, person = judged(session, n_jurors=0), make_user(session, roles=(Role.EVALUATOR,))

    row = appoint_juror(session, jury, person, now=NOW)

    assert (row.status, jury.jurors) == (JurorStatus.APPOINTED, [row])
    locked = make_user(session, roles=(Role.EVALUATOR,), locked_at=MONDAY)
    for wrong in (person, make_user(session), locked):
        with pytest.raises(InvalidTransition):
            appoint_juror(session, jury, wrong, now=NOW)


def test_a_panel_has_room_for_fifteen_and_none_once_all_is_in(session: Session) -> None:
    full = make_jury(session, n_jurors=MAX_JURORS)
    done = make_jury(session, scored_at=MONDAY)

    for jury in (full, done):
        with pytest.raises(InvalidTransition):
            appoint_juror(session, jury, make_user(session, roles=(Role.EVALUATOR,)), now=NOW)


def test_an_appointment_is_taken_back_until_it_is_answered(session: Session) -> None:
    jury = judged(session, n_jurors=1)
    waiting = make_juror(session, jury)

    dismiss_juror(session, waiting)

    assert len(jury.jurors) == 1
    with pytest.raises(InvalidTransition):
        dismiss_juror(session, jury.jurors[0])


def test_nobody_scores_before_declaring_or_after_handing_in(session: Session) -> None:
    jury = judged(session, n_jurors=0)
    bid = make_bid(session, scenario_id=jury.scenario_id)
    juror = make_juror(session, jury)
    with pytest.raises(InvalidTransition):
        give_mark(session, juror, bid, 1, score=2, comment="", now=NOW)

    declare(juror, NOW)
    give_mark(session, juror, bid, 1, score=2, comment="甲", now=NOW)
    row = give_mark(session, juror, bid, 1, score=3, comment="乙", now=NOW)

    assert (row.score, row.comment, row.final) == (3, "乙", 3)
    assert juror_marks(session, juror.key) == [row]
    with pytest.raises(InvalidTransition):
        declare(juror, NOW)
    juror.handed_in_at = NOW
    with pytest.raises(InvalidTransition):
        give_mark(session, juror, bid, 1, score=1, comment="", now=NOW)


@pytest.mark.parametrize("what", ["position", "other", "withdrawn"])
def test_what_is_not_judged_here_gets_no_mark(session: Session, what: str) -> None:
    jury = judged(session)
    bid = make_bid(session, scenario_id=jury.scenario_id)
    if what == "other":
        bid = make_bid(session)
    if what == "withdrawn":
        bid.withdrawn_at = MONDAY
        session.flush()

    with pytest.raises(NotFound):
        give_mark(session, jury.jurors[0], bid, 9 if what == "position" else 1, score=2, comment="", now=NOW)


def test_handing_in_waits_for_every_mark(session: Session) -> None:
    jury = judged(session)
    with pytest.raises(InvalidTransition):
        hand_in(session, jury.jurors[0], NOW)

    assert list(missing_marks(session, jury.jurors[0]).values()) == [5]
    assert jury.jurors[0].handed_in_at is None


def test_the_last_one_in_opens_the_marks(session: Session) -> None:
    jury = judged(session)
    mark_all(session, jury)
    first, second = jury.jurors

    hand_in(session, first, NOW)
    halfway = jury.scored_at
    hand_in(session, second, NOW)

    assert halfway is None
    assert (jury.scored_at, jury.status) == (NOW, JuryStatus.CONSENSUS)
    with pytest.raises(InvalidTransition):
        hand_in(session, first, NOW)


def test_one_alone_is_no_panel(session: Session) -> None:
    jury = judged(session, n_jurors=1)
    mark_all(session, jury)

    hand_in(session, jury.jurors[0], NOW)

    assert jury.scored_at is None


def test_who_steps_aside_does_not_count_and_is_not_waited_for(session: Session) -> None:
    jury = judged(session, n_jurors=3)
    mark_all(session, jury)
    first, second, third = jury.jurors
    hand_in(session, first, NOW)
    hand_in(session, second, NOW)

    recuse(session, third, reason="曾在该企业任职", now=NOW)

    assert (third.status, jury.status) == (JurorStatus.RECUSED, JuryStatus.CONSENSUS)
    assert {mark.juror_id for mark in jury_marks(session, jury)} == {first.key, second.key}
    with pytest.raises(InvalidTransition):
        recuse(session, first, reason="太晚", now=NOW)


def test_withdrawn_proposals_leave_the_marks(session: Session) -> None:
    jury = judged(session)
    mark_all(session, jury)
    gone = make_bid(session, scenario_id=jury.scenario_id, withdrawn_at=MONDAY)
    make_marks(session, jury.jurors[0], gone, SCORES)

    assert gone.key not in {mark.bid_id for mark in jury_marks(session, jury)}


def test_marks_change_in_the_consensus_step_with_a_reason_and_keep_the_first(session: Session) -> None:
    jury = judged(session)
    mark_all(session, jury)
    mark = juror_marks(session, jury.jurors[0].key)[0]
    with pytest.raises(InvalidTransition):
        revise_mark(session, mark, score=1, reason="读了别人的意见", now=NOW)
    jury.scored_at = NOW

    revise_mark(session, mark, score=1, reason="读了别人的意见", now=NOW)

    assert (mark.score, mark.final, mark.revised_reason) == (3, 1, "读了别人的意见")
    with pytest.raises(InvalidTransition):
        revise_mark(session, mark, score=1, reason="又一次", now=NOW)
    jury.settled_at = NOW
    with pytest.raises(InvalidTransition):
        revise_mark(session, mark, score=2, reason="太晚", now=NOW)


@pytest.mark.parametrize(
    "values",
    [{"score": 4}, {"score": 1, "revised_score": 2}, {"score": 1, "revised_score": 5, "revised_reason": "x"}],
)
def test_the_database_takes_no_mark_off_the_scale_or_without_reason(
    session: Session, values: dict[str, Any]
) -> None:
    jury = judged(session)
    (bid,) = [make_bid(session, scenario_id=jury.scenario_id)]

    with pytest.raises(IntegrityError):
        save(session, Mark(juror_id=jury.jurors[0].key, bid_id=bid.key, position=1, **values))


@pytest.mark.parametrize("values", [{"settled_at": MONDAY}, {"decided_at": MONDAY}])
def test_the_database_keeps_the_steps_in_order(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_jury(session, **values)


@pytest.mark.parametrize("values", [{"recused_at": MONDAY}, {"handed_in_at": MONDAY}])
def test_the_database_keeps_a_seat_in_order(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_juror(session, make_jury(session), **values)


def test_a_panel_is_found_by_its_agency_and_a_seat_by_its_person(session: Session) -> None:
    jury = judged(session, n_jurors=1)
    (seat,) = jury.jurors

    assert get_jury(session, jury.key, agency_id=jury.scenario.organisation_id) == jury
    assert get_juror(session, jury.key, user_id=seat.user_id) == seat
    assert seats_of(session, seat.user_id) == [seat]
    with pytest.raises(NotFound):
        get_jury(session, jury.key, agency_id=make_organisation(session).key)
    with pytest.raises(NotFound):
        get_juror(session, jury.key, user_id=make_user(session).key)
