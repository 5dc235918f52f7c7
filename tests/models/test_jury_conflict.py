"""What is on record between an evaluator and a firm that bids is found and named; shared public mail is nothing."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from models.bid import Bid
from models.errors import InvalidTransition
from models.jury import Juror, find_jury
from models.jury_conflict import Conflict, ConflictKind, declare_free, find_conflicts
from models.user import Role
from tests.factories import (
    make_firm,
    make_introduced_match,
    make_organisation,
    make_pilot,
    make_scenario,
    make_user,
)
from tests.judging import bid_content, make_bid, make_juror, make_jury

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def bid(session: Session) -> Bid:
    jury = make_jury(session)
    return make_bid(session, scenario_id=jury.scenario_id)


def seat(session: Session, bid: Bid, **values: object) -> Juror:
    jury = find_jury(session, bid.scenario_id)
    assert jury is not None
    person = make_user(session, roles=(Role.EVALUATOR,), **values)
    return make_juror(session, jury, user_id=person.key)


def kinds(session: Session, juror: Juror) -> list[ConflictKind]:
    return [row.kind for row in find_conflicts(session, juror)]


def test_a_stranger_has_no_tie(session: Session, bid: Bid) -> None:
    assert find_conflicts(session, seat(session, bid, organisation_id=make_organisation(session).key)) == []
    assert find_conflicts(session, seat(session, bid)) == []


def test_ones_own_firm_is_named(session: Session, bid: Bid) -> None:
    juror = seat(session, bid, organisation_id=bid.organisation_id)

    assert find_conflicts(session, juror) == [Conflict(ConflictKind.OWN_FIRM, bid.organisation.name)]


def test_a_partner_of_a_proposal_is_found_by_its_name(session: Session, bid: Bid) -> None:
    home = make_firm(session, name="灯下算力")
    content = bid_content(partners=[{"name": "灯下算力", "part": "算力"}])
    make_bid(session, scenario_id=bid.scenario_id, content=content)

    assert kinds(session, seat(session, bid, organisation_id=home.key)) == [ConflictKind.PARTNER]


def test_a_pilot_together_is_a_tie_whichever_side_was_whose(session: Session, bid: Bid) -> None:
    home = make_organisation(session)
    scenario = make_scenario(session, organisation_id=home.key)
    match = make_introduced_match(session, scenario_id=scenario.key, organisation_id=bid.organisation_id)
    make_pilot(session, match_id=match.key)

    assert kinds(session, seat(session, bid, organisation_id=home.key)) == [ConflictKind.PILOT]


@pytest.mark.parametrize(("domain", "found"), [("deep.cn", [ConflictKind.SAME_MAIL_DOMAIN]), ("qq.com", [])])
def test_a_mail_domain_is_a_tie_unless_everybody_has_it(
    session: Session, bid: Bid, domain: str, found: list[ConflictKind]
) -> None:
    make_user(session, organisation_id=bid.organisation_id, email=f"a@{domain}")

    assert kinds(session, seat(session, bid, email=f"b@{domain}")) == found


def test_who_bids_cannot_say_to_be_free(session: Session, bid: Bid) -> None:
    barred = seat(session, bid, organisation_id=bid.organisation_id)
    make_user(session, organisation_id=bid.organisation_id, email="a@deep.cn")
    near = seat(session, bid, email="b@deep.cn")

    with pytest.raises(InvalidTransition):
        declare_free(session, barred, NOW)
    found = declare_free(session, near, NOW)

    assert (barred.declared_at, near.declared_at) == (None, NOW)
    assert [row.kind for row in found] == [ConflictKind.SAME_MAIL_DOMAIN]


def test_withdrawn_proposals_tie_nobody(session: Session, bid: Bid) -> None:
    juror = seat(session, bid, organisation_id=bid.organisation_id)
    bid.withdrawn_at = bid.submitted_at
    session.flush()

    assert find_conflicts(session, juror) == []
