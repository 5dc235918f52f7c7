from collections.abc import Callable

import pytest
from sqlmodel import Session

from models.match import Match
from models.notice import (
    readers,
    tell_of_funding,
    tell_of_interest,
    tell_of_introduction,
    tell_of_invitation,
    tell_of_pilot_in_use,
)
from models.outbox import MailKind, OutboxMail
from models.subscription import Frequency
from tests.factories import (
    MONDAY,
    make_firm,
    make_introduced_match,
    make_match,
    make_pilot_in_use,
    make_user,
)
from tests.jobs.funding import keep_record, save_rule
from tests.jobs.rows import make_subscription


def populate(session: Session, match: Match) -> tuple[str, str]:
    """A person on each side: (agency's address, firm's address)."""
    agency = make_user(session, organisation_id=match.scenario.organisation_id)
    firm = make_user(session, organisation_id=match.organisation_id, locale="en")
    return agency.email, firm.email


def test_an_invitation_is_told_to_the_firm_in_its_language(session: Session) -> None:
    match = make_match(session)
    _, firm = populate(session, match)

    (mail,) = tell_of_invitation(session, match, now=MONDAY)

    assert (mail.kind, mail.recipient, mail.locale) == (MailKind.INVITATION, firm, "en")
    assert (mail.subject_ref, mail.context) == (
        f"match:{match.id}",
        {"organisation_id": match.organisation_id},
    )


def test_interest_is_told_to_the_agency(session: Session) -> None:
    match = make_match(session)
    agency, _ = populate(session, match)

    assert [mail.recipient for mail in tell_of_interest(session, match, now=MONDAY)] == [agency]


def test_an_introduction_is_told_to_both_by_mails_of_their_own(session: Session) -> None:
    match = make_introduced_match(session)
    agency, firm = populate(session, match)

    mails = tell_of_introduction(session, match, now=MONDAY)

    assert [mail.recipient for mail in mails] == [agency, firm]


def test_a_pilot_in_use_is_told_to_both(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    agency, firm = populate(session, pilot.match)

    mails = tell_of_pilot_in_use(session, pilot, now=MONDAY)

    assert [mail.recipient for mail in mails] == [agency, firm]
    assert {mail.subject_ref for mail in mails} == {f"pilot:{pilot.id}"}


@pytest.mark.parametrize("tell", [tell_of_invitation, tell_of_interest, tell_of_introduction])
def test_telling_twice_asks_for_one_mail(session: Session, tell: Callable[..., list[OutboxMail]]) -> None:
    match = make_introduced_match(session)
    populate(session, match)

    assert tell(session, match, now=MONDAY) == tell(session, match, now=MONDAY)


def test_a_firm_without_log_ins_is_told_where_its_digest_goes(session: Session) -> None:
    firm = make_firm(session)
    active = make_subscription(session, organisation_id=firm.key, locale="en")
    make_subscription(session, organisation_id=firm.key, consented_at=None)
    make_subscription(session, organisation_id=firm.key, frequency=Frequency.OFF)
    make_subscription(session, organisation_id=firm.key, unsubscribed_at=MONDAY)

    assert readers(session, firm.key) == [(active.email, "en")]


def test_people_with_log_ins_are_told_instead_and_locked_ones_are_not(session: Session) -> None:
    firm = make_firm(session)
    person = make_user(session, organisation_id=firm.key)
    make_user(session, organisation_id=firm.key, locked_at=MONDAY)
    make_subscription(session, organisation_id=firm.key)

    assert readers(session, firm.key) == [(person.email, "zh")]


def test_an_organisation_nobody_reads_for_gets_no_mail(session: Session) -> None:
    match = make_match(session)

    assert tell_of_invitation(session, match, now=MONDAY) == []


def test_new_funding_records_are_told_to_the_firm_by_one_mail(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    _, firm = populate(session, pilot.match)
    records = [keep_record(session, pilot, save_rule(session)) for _ in range(2)]

    (mail,) = tell_of_funding(session, records, now=MONDAY)

    assert (mail.recipient, mail.subject_ref) == (firm, f"funding_record:{records[0].id}")
    assert mail.context["record_ids"] == [record.id for record in records]
    assert tell_of_funding(session, [], now=MONDAY) == []
