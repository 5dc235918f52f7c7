"""No mail before both said yes holds a firm's people or price; the one after it names them to the other side alone."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from jobs.mail_examples import ITEM
from models.capability import Capability
from models.match import Match
from models.outbox import MailKind
from tests.factories import MONDAY, make_match, make_score, make_user
from tests.jobs.rows import make_subscription
from tests.jobs.test_mail_content import digest, make_notice, read

CANARIES = ("金丝雀甲", "canary@firm.example", "金丝雀价 73219 元")


@pytest.fixture
def match(session: Session) -> Match:
    match = make_match(session, interested_at=MONDAY)
    make_score(session, match, reasons=ITEM["reasons"], gaps=ITEM["gaps"])
    make_user(session, organisation_id=match.organisation_id, name=CANARIES[0], email=CANARIES[1])
    for row in session.exec(
        select(Capability).where(col(Capability.organisation_id) == match.organisation_id)
    ):
        row.price_note = CANARIES[2]
    return match


def found_in(values: object) -> list[str]:
    return [canary for canary in CANARIES if canary in repr(values)]


def test_the_agency_is_told_of_interest_without_a_contact(session: Session, match: Match) -> None:
    mail = make_notice(session, MailKind.INTEREST, match, match.scenario.organisation_id)

    assert found_in(read(session, mail).values) == []


def test_the_digest_of_the_agency_names_no_contact(session: Session, match: Match) -> None:
    match.interested_at = None
    agency = match.scenario.organisation_id
    reader = make_subscription(session, organisation_id=agency, kind=MailKind.DIGEST_AGENCY)
    mail = digest(session, MailKind.DIGEST_AGENCY, [match], reader.key)

    assert found_in(read(session, mail).values) == []


def test_the_introduction_names_the_contact_to_the_agency_alone(session: Session, match: Match) -> None:
    match.invite(MONDAY)
    to_agency = make_notice(session, MailKind.INTRODUCTION, match, match.scenario.organisation_id)
    to_firm = make_notice(session, MailKind.INTRODUCTION, match, match.organisation_id)

    assert found_in(read(session, to_agency).values) == [CANARIES[0], CANARIES[1]]
    assert found_in(read(session, to_firm).values) == []
