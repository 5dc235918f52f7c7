from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, NotFound
from models.outbox import MailKind
from models.subscription import (
    Frequency,
    SubscriptionStatus,
    add_digest_items,
    add_subscription,
    digest_subscription_ids,
    find_subscription,
    get_subscription,
    mailed_match_ids,
    organisation_subscriptions,
    read_subscription,
    user_subscriptions,
)
from tests.factories import MONDAY, make_firm, make_match, make_user
from tests.jobs.rows import make_mail, make_subscription

LATER = MONDAY + timedelta(days=800)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, SubscriptionStatus.ACTIVE),
        ({"consented_at": None}, SubscriptionStatus.AWAITING_CONSENT),
        ({"consented_at": None, "is_placeholder": True}, SubscriptionStatus.ACTIVE),
        ({"frequency": Frequency.OFF}, SubscriptionStatus.OFF),
        ({"unsubscribed_at": MONDAY}, SubscriptionStatus.UNSUBSCRIBED),
        ({"unsubscribed_at": MONDAY, "is_placeholder": True}, SubscriptionStatus.UNSUBSCRIBED),
    ],
)
def test_status_follows_the_facts(
    session: Session, values: dict[str, object], status: SubscriptionStatus
) -> None:
    assert make_subscription(session, **values).status is status


@pytest.mark.parametrize(
    ("frequency", "on", "period"),
    [
        (Frequency.DAILY, date(2026, 11, 23), "2026-11-23"),
        (Frequency.WEEKLY, date(2026, 11, 23), "2026-W48"),
        (Frequency.WEEKLY, date(2026, 11, 29), "2026-W48"),
        (Frequency.WEEKLY, date(2027, 1, 1), "2026-W53"),
        (Frequency.WEEKLY, date(2027, 1, 4), "2027-W01"),
    ],
)
def test_a_period_is_a_day_or_an_iso_week(frequency: Frequency, on: date, period: str) -> None:
    assert frequency.period(on) == period


def test_off_has_no_period() -> None:
    with pytest.raises(ValueError, match="off"):
        Frequency.OFF.period(date(2026, 11, 23))


def test_unsubscribing_twice_keeps_the_first_moment(session: Session) -> None:
    row = make_subscription(session)

    row.unsubscribe(MONDAY)
    row.unsubscribe(LATER)

    assert (row.unsubscribed_at, row.status) == (MONDAY, SubscriptionStatus.UNSUBSCRIBED)


def test_an_old_link_still_finds_its_subscription(session: Session) -> None:
    row = make_subscription(session)

    get_subscription(session, row.token).unsubscribe(LATER)

    assert row.status is SubscriptionStatus.UNSUBSCRIBED


@pytest.mark.parametrize("token", ["", "x", "0" * 64, "' OR 1=1 --"])
def test_a_forged_token_finds_nothing(session: Session, token: str) -> None:
    make_subscription(session)

    with pytest.raises(NotFound):
        get_subscription(session, token)


def test_tokens_are_long_and_differ(session: Session) -> None:
    tokens = {make_subscription(session).token for _ in range(20)}

    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 32


def test_subscribing_again_ends_the_unsubscription_and_keeps_the_first_consent(session: Session) -> None:
    row = make_subscription(session, unsubscribed_at=MONDAY)

    row.subscribe(LATER, frequency=Frequency.DAILY)

    assert (row.status, row.consented_at) == (SubscriptionStatus.ACTIVE, MONDAY)
    assert row.frequency is Frequency.DAILY


def test_adding_a_subscriber_again_never_overrules_the_reader(session: Session) -> None:
    firm = make_firm(session)
    first = add_subscription(
        session, organisation_id=firm.key, email="A@example.org", kind=MailKind.DIGEST_STARTUP
    )
    first.unsubscribe(MONDAY)

    second = add_subscription(
        session,
        organisation_id=firm.key,
        email="a@example.org ",
        kind=MailKind.DIGEST_STARTUP,
        consented_at=LATER,
    )

    assert second is first
    assert second.status is SubscriptionStatus.UNSUBSCRIBED


def test_a_subscriber_needs_a_plain_address_and_a_digest(session: Session) -> None:
    firm = make_firm(session)

    with pytest.raises(InvalidInput):
        add_subscription(session, organisation_id=firm.key, email="no", kind=MailKind.DIGEST_STARTUP)
    with pytest.raises(ValueError, match="digest"):
        add_subscription(session, organisation_id=firm.key, email="a@b.cn", kind=MailKind.INTEREST)


def test_the_database_keeps_one_row_per_address_kind_and_organisation(session: Session) -> None:
    row = make_subscription(session)

    with pytest.raises(IntegrityError, match="subscription"):
        make_subscription(session, email=row.email, organisation_id=row.organisation_id)


def test_the_database_refuses_a_subscription_to_anything_but_a_digest(session: Session) -> None:
    with pytest.raises(IntegrityError, match="kind_is_digest"):
        make_subscription(session, kind=MailKind.INTEREST)


def test_a_match_is_remembered_once_per_subscriber(session: Session) -> None:
    row, mail, match = make_subscription(session), make_mail(session), make_match(session)

    add_digest_items(session, subscription_id=row.key, mail_id=mail.key, match_ids=[match.key])

    assert mailed_match_ids(session, row.key) == {match.key}
    with pytest.raises(IntegrityError, match="digest_item"):
        add_digest_items(session, subscription_id=row.key, mail_id=mail.key, match_ids=[match.key])


def test_another_subscriber_may_be_told_about_the_same_match(session: Session) -> None:
    first, second = make_subscription(session), make_subscription(session)
    mail, match = make_mail(session), make_match(session)
    add_digest_items(session, subscription_id=first.key, mail_id=mail.key, match_ids=[match.key])

    assert mailed_match_ids(session, second.key) == set()


def test_subscriptions_are_found_by_key_by_person_and_by_id(session: Session) -> None:
    user = make_user(session)
    row = make_subscription(session, user_id=user.key, email="me@example.org")

    found = find_subscription(
        session, email="ME@example.org", kind=MailKind.DIGEST_STARTUP, organisation_id=row.organisation_id
    )

    assert found is row
    assert user_subscriptions(session, user.key) == [row]
    assert organisation_subscriptions(session, row.organisation_id) == [row]
    assert digest_subscription_ids(session) == [row.key]
    assert read_subscription(session, row.key)[1].id == row.organisation_id


def test_read_subscription_refuses_an_unknown_id(session: Session) -> None:
    with pytest.raises(NotFound):
        read_subscription(session, 999_999_999)
