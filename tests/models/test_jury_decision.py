"""The end: settled with a word where marks stay apart, each proposal answered with reasons, a record that is signed."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from models.bid import Bid, BidStatus
from models.errors import InvalidInput, InvalidTransition
from models.jury import Jury, JuryStatus
from models.jury_decision import (
    Answer,
    carry_on,
    check_answers,
    decide,
    hash_of,
    records_without_pdf,
    results,
    settle,
)
from models.match import DeclineReason, MatchStatus
from models.match_queries import find_match
from models.user import User
from tests.factories import MONDAY, make_introduced_match, make_match, make_user
from tests.judging import make_bid, make_jury, make_marks

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
YES = Answer(selected=True)
NO = Answer(
    selected=False, reasons=(DeclineReason.EVIDENCE_MISSING, DeclineReason.PRICE), text="没有夜间的案例。"
)


@pytest.fixture
def jury(session: Session) -> Jury:
    """All marks are in; the first proposal is better, and on one criterion of the second two are far apart."""
    jury = make_jury(session, n_jurors=2, scored_at=MONDAY)
    better, worse = (make_bid(session, scenario_id=jury.scenario_id) for _ in range(2))
    first, second = jury.jurors
    for juror in (first, second):
        make_marks(session, juror, better, (3, 3, 2, 2, 3))
    make_marks(session, first, worse, (1, 1, 1, 1, 3))
    make_marks(session, second, worse, (1, 1, 1, 1, 1))
    return jury


@pytest.fixture
def officer(session: Session) -> User:
    return make_user(session, name="周敏")


def bids(session: Session, jury: Jury) -> list[Bid]:
    return [session.get_one(Bid, row.bid_id) for row in results(session, jury)]


def test_marks_that_are_not_all_in_are_nobodys_to_add_up(session: Session, jury: Jury) -> None:
    jury.scored_at = None

    assert results(session, jury) == []


def test_settling_asks_why_what_is_far_apart_may_stand(session: Session, jury: Jury) -> None:
    with pytest.raises(InvalidInput) as refused:
        settle(session, jury, note="", now=NOW)
    settle(session, jury, note="团队一项两人看法不同，都写明了理由。", now=NOW)

    assert list(refused.value.fields) == ["note"]
    assert jury.status is JuryStatus.SETTLED
    with pytest.raises(InvalidTransition):
        settle(session, jury, note="再一次", now=NOW)


def test_every_proposal_is_answered_and_the_record_signed(
    session: Session, jury: Jury, officer: User
) -> None:
    better, worse = bids(session, jury)
    settle(session, jury, note="可以", now=NOW)

    record = decide(session, jury, {better.key: YES, worse.key: NO}, by=officer, now=NOW)

    assert (better.status, worse.status) == (BidStatus.SELECTED, BidStatus.NOT_SELECTED)
    assert (worse.reasons, worse.reason_text) == (["evidence_missing", "price"], "没有夜间的案例。")
    assert (jury.status, jury.decided_by_user_id) == (JuryStatus.DECIDED, officer.key)
    assert jury.record == record
    assert jury.record_sha256 == hash_of(record)
    assert [(row["rank"], row["selected"]) for row in record["proposals"]] == [(1, True), (2, False)]
    assert record["decided_by"] == "周敏"
    assert len(record["proposals"][0]["marks"]) == 10
    assert record["criteria_sha256"] == jury.rubric.sha256
    assert records_without_pdf(session) == [jury.key]
    with pytest.raises(InvalidTransition):
        decide(session, jury, {better.key: YES, worse.key: NO}, by=officer, now=NOW)


def test_nothing_is_decided_before_the_panel_has_settled(session: Session, jury: Jury, officer: User) -> None:
    with pytest.raises(InvalidTransition):
        decide(session, jury, {}, by=officer, now=NOW)

    assert all(bid.status is BidStatus.SUBMITTED for bid in bids(session, jury))


def test_each_refusal_has_a_reason_and_words(session: Session, jury: Jury) -> None:
    better, worse = bids(session, jury)

    with pytest.raises(InvalidInput) as refused:
        check_answers(results(session, jury), {worse.key: Answer(selected=False)})

    assert sorted(refused.value.fields) == sorted(
        [f"outcome_{better.key}", f"reasons_{worse.key}", f"text_{worse.key}"]
    )


def test_passing_over_more_points_asks_for_words_on_both(session: Session, jury: Jury) -> None:
    better, worse = bids(session, jury)
    ranked = results(session, jury)

    with pytest.raises(InvalidInput) as refused:
        check_answers(ranked, {better.key: Answer(False, (DeclineReason.PRICE,)), worse.key: YES})
    check_answers(ranked, {better.key: NO, worse.key: Answer(True, text="报价低一半，夜间另测。")})
    check_answers(ranked, {better.key: NO, worse.key: NO})

    assert sorted(refused.value.fields) == sorted([f"text_{better.key}", f"text_{worse.key}"])


def test_a_selected_one_becomes_an_introduction(session: Session) -> None:
    bid = make_bid(session, selected_at=NOW)

    match, introduced = carry_on(session, bid, now=NOW)

    assert match is not None
    assert (introduced, match.status) == (True, MatchStatus.INTRODUCED)
    assert match.interest_note == bid.content["summary"]


def test_a_no_to_the_interest_gives_way_to_the_selection(session: Session) -> None:
    bid = make_bid(session, selected_at=NOW)
    match = make_match(
        session, scenario_id=bid.scenario_id, organisation_id=bid.organisation_id, interested_at=MONDAY,
        interest_note="先谈。", declined_at=MONDAY, decline_reason=DeclineReason.OTHER,
    )  # fmt: skip

    carry_on(session, bid, now=NOW)

    assert (match.status, match.interest_note) == (MatchStatus.INTRODUCED, "先谈。")


def test_an_interest_that_waits_is_answered_with_the_first_reason(session: Session) -> None:
    bid = make_bid(session, not_selected_at=NOW, reasons=["price"], reason_text="超出预算。")
    match = make_match(
        session, scenario_id=bid.scenario_id, organisation_id=bid.organisation_id, interested_at=MONDAY
    )

    _, introduced = carry_on(session, bid, now=NOW)

    assert (introduced, match.status, match.decline_reason) == (
        False,
        MatchStatus.DECLINED,
        DeclineReason.PRICE,
    )


def test_a_refusal_without_interest_leaves_the_pair_alone(session: Session) -> None:
    bid = make_bid(session, not_selected_at=NOW, reasons=["price"], reason_text="超出预算。")

    assert carry_on(session, bid, now=NOW) == (None, False)
    assert find_match(session, bid.scenario_id, bid.organisation_id) is None


def test_an_introduction_that_stands_is_never_undone(session: Session) -> None:
    bid = make_bid(session, not_selected_at=NOW, reasons=["price"], reason_text="超出预算。")
    match = make_introduced_match(session, scenario_id=bid.scenario_id, organisation_id=bid.organisation_id)

    assert carry_on(session, bid, now=NOW) == (match, False)
    assert match.status is MatchStatus.INTRODUCED
