"""Proposals: one a firm, in time only, versions frozen, prices shut until the last day is over."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.bid import (
    CONFLICT,
    Bid,
    BidStatus,
    change_bid,
    find_bid,
    find_version,
    first_answers,
    get_bid,
    hash_of,
    is_opened,
    list_versions,
    newest_versions,
    organisation_bids,
    readable,
    scenario_bids,
    scenarios_to_answer,
    standing_bids,
    start_bid,
    submit_bid,
    withdraw_bid,
)
from models.errors import InvalidTransition, NotFound
from models.match import DeclineReason
from models.organisation import Organisation
from models.scenario import Scenario
from tests.factories import MONDAY, make_firm, make_match, make_organisation, make_scenario, make_user
from tests.judging import bid_content, make_bid, make_bid_file

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LATE = date(2027, 1, 1)


def start(session: Session, scenario: Scenario, firm: Organisation, **values: Any) -> Bid:
    return start_bid(session, scenario, firm, **{"coverage": [], "now": NOW, "on": TODAY, **values})


def test_a_proposal_begins_with_the_interest_and_the_evidence(session: Session) -> None:
    scenario, firm = make_scenario(session, requirements=("识别井盖", "部署在政务云")), make_firm(session)
    make_match(
        session, scenario_id=scenario.key, organisation_id=firm.key, interested_at=MONDAY,
        interest_note="先接两路。", interest_start="下月",
    )  # fmt: skip
    coverage = [
        {
            "position": 1,
            "text": "识别井盖",
            "must": True,
            "verdict": "partly",
            "evidence": "识别井盖。",
            "counter": None,
        }
    ]

    bid = start(session, scenario, firm, coverage=coverage)

    assert (bid.content["summary"], bid.content["start"], bid.status) == (
        "先接两路。",
        "下月",
        BidStatus.DRAFT,
    )
    assert [(row["verdict"], row["quote"]) for row in bid.content["answers"]] == [
        ("partly", "识别井盖。"),
        ("unknown", ""),
    ]


def test_evidence_for_other_words_is_not_taken_over(session: Session) -> None:
    scenario = make_scenario(session, requirements=("识别路灯",))
    row = {
        "position": 1,
        "text": "识别井盖",
        "must": True,
        "verdict": "met",
        "evidence": "会。",
        "counter": None,
    }

    (answer,) = first_answers(scenario, [row])

    assert (answer["text"], answer["verdict"], answer["quote"]) == ("识别路灯", "unknown", "")


def test_without_written_requirements_those_of_matching_are_answered(session: Session) -> None:
    row = {
        "position": 1,
        "text": "摘出的",
        "must": True,
        "verdict": "unmet",
        "evidence": None,
        "counter": "不做。",
    }

    (answer,) = first_answers(make_scenario(session), [row])

    assert (answer["text"], answer["quote"]) == ("摘出的", "不做。")


@pytest.mark.parametrize("how", ["closed", "withdrawn", "late", "own", "twice", "declined"])
def test_no_proposal_is_begun_where_none_is_taken(session: Session, how: str) -> None:
    scenario, firm = make_scenario(session), make_firm(session)
    on = LATE if how == "late" else TODAY
    if how == "closed":
        scenario.close(NOW)
    if how == "withdrawn":
        scenario.withdraw(NOW)
    if how == "own":
        firm = scenario.organisation
    if how == "twice":
        make_bid(session, scenario_id=scenario.key, organisation_id=firm.key, withdrawn_at=MONDAY)
    if how == "declined":
        match = make_match(session, scenario_id=scenario.key, organisation_id=firm.key)
        match.decline(NOW, reason=DeclineReason.PRICE)

    with pytest.raises(InvalidTransition):
        start(session, scenario, firm, on=on)


def test_the_database_keeps_one_proposal_a_firm(session: Session) -> None:
    bid = make_bid(session)

    with pytest.raises(IntegrityError):
        make_bid(session, scenario_id=bid.scenario_id, organisation_id=bid.organisation_id)


@pytest.mark.parametrize(
    "values",
    [
        {"selected_at": MONDAY, "not_selected_at": MONDAY, "reason_text": "理由"},
        {"not_selected_at": MONDAY},
        {"selected_at": MONDAY, "submitted_at": None},
    ],
)
def test_what_must_never_be_is_refused_by_the_database(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_bid(session, **values)


def test_of_two_windows_the_second_is_told(session: Session) -> None:
    bid = make_bid(session, submitted_at=None)

    first = change_bid(session, bid, bid_content(summary="甲"), revision=1, now=NOW)
    same = change_bid(session, bid, bid_content(summary="甲"), revision=1, now=NOW)
    with pytest.raises(InvalidTransition) as refused:
        change_bid(session, bid, bid_content(summary="乙"), revision=1, now=NOW)

    assert (first, same, refused.value.code) == (True, False, CONFLICT)
    assert (bid.content["summary"], bid.revision) == ("甲", 2)


def test_versions_are_frozen_with_their_files_and_hash(session: Session) -> None:
    bid, person = make_bid(session, submitted_at=None), make_user(session)
    file = make_bid_file(session, bid)

    version = submit_bid(session, bid, by=person, now=NOW, on=TODAY)
    file.removed_at = NOW
    change_bid(session, bid, bid_content(summary="改了"), revision=1, now=NOW)
    submit_bid(session, bid, by=person, now=NOW, on=TODAY)

    assert [row["id"] for row in version.content["files"]] == [file.key]
    assert version.sha256 == hash_of(version.content)
    assert [row.serial for row in list_versions(session, bid.key)] == [1, 2]
    newest = find_version(session, bid.key)
    assert newest is not None and newest.content["summary"] == "改了"
    assert newest_versions(session, [bid.key])[bid.key] == newest


def test_the_same_is_not_handed_in_twice(session: Session) -> None:
    bid = make_bid(session)

    with pytest.raises(InvalidTransition):
        submit_bid(session, bid, by=make_user(session), now=NOW, on=TODAY)

    assert len(list_versions(session, bid.key)) == 1


def test_a_withdrawn_one_is_handed_in_again_before_the_last_day_and_not_after(session: Session) -> None:
    bid, person = make_bid(session), make_user(session)
    withdraw_bid(bid, NOW)
    withdrawn = bid.status
    with pytest.raises(InvalidTransition):
        submit_bid(session, bid, by=person, now=NOW, on=LATE)

    submit_bid(session, bid, by=person, now=NOW, on=TODAY)

    assert (withdrawn, bid.status) == (BidStatus.WITHDRAWN, BidStatus.SUBMITTED)


@pytest.mark.parametrize("outcome", ["selected_at", "not_selected_at"])
def test_what_is_decided_moves_no_more(session: Session, outcome: str) -> None:
    bid = make_bid(session, **{outcome: MONDAY, "reason_text": "理由"})
    person = make_user(session)

    for move in (
        lambda: withdraw_bid(bid, NOW),
        lambda: submit_bid(session, bid, by=person, now=NOW, on=TODAY),
        lambda: change_bid(session, bid, bid_content(summary="改"), revision=1, now=NOW),
    ):
        with pytest.raises(InvalidTransition):
            move()


def test_a_draft_cannot_be_withdrawn(session: Session) -> None:
    with pytest.raises(InvalidTransition):
        withdraw_bid(make_bid(session, submitted_at=None), NOW)


def test_prices_and_files_open_when_nobody_can_hand_in_any_more(session: Session) -> None:
    scenario = make_scenario(session)
    content = {**bid_content(), "files": []}

    assert (is_opened(scenario, TODAY), is_opened(scenario, LATE)) == (False, True)
    assert not {"price_fen", "price_note", "files"} & readable(content, opened=False).keys()
    assert readable(content, opened=True) == content


def test_only_the_two_sides_find_it_and_the_agency_no_draft(session: Session) -> None:
    bid, draft = make_bid(session), make_bid(session, submitted_at=None)
    agency, stranger = bid.scenario.organisation_id, make_organisation(session).key

    assert get_bid(session, bid.key, firm_id=bid.organisation_id) == bid
    assert get_bid(session, bid.key, agency_id=agency) == bid
    for wrong in (
        lambda: get_bid(session, bid.key, firm_id=stranger),
        lambda: get_bid(session, bid.key, agency_id=stranger),
        lambda: get_bid(session, draft.key, agency_id=draft.scenario.organisation_id),
        lambda: get_bid(session, 999_999, firm_id=stranger),
    ):
        with pytest.raises(NotFound):
            wrong()
    with pytest.raises(ValueError):
        get_bid(session, bid.key)


def test_lists_of_a_firm_and_of_a_scenario(session: Session) -> None:
    bid = make_bid(session)
    gone = make_bid(session, scenario_id=bid.scenario_id, withdrawn_at=MONDAY)
    make_bid(session, scenario_id=bid.scenario_id, submitted_at=None)

    assert scenario_bids(session, bid.scenario_id) == [bid, gone]
    assert standing_bids(session, bid.scenario_id) == [bid]
    assert organisation_bids(session, bid.organisation_id) == [bid]
    assert find_bid(session, bid.scenario_id, gone.organisation_id) == gone


def test_calls_that_are_over_are_to_be_answered_the_earliest_first(session: Session) -> None:
    late = make_scenario(session, deadline_on=date(2026, 11, 20))
    later = make_scenario(session, deadline_on=date(2026, 11, 10))
    for scenario in (late, later, later):
        make_bid(session, scenario_id=scenario.key)
    make_bid(session, scenario_id=late.key, withdrawn_at=MONDAY)
    make_bid(session)

    assert scenarios_to_answer(session, on=TODAY) == [(later, 2), (late, 1)]
