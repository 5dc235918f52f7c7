from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from models.audit import record, subject_events
from models.contact_release import look
from models.erasure import ERASED_NAME, erase, pseudonym
from models.errors import InvalidTransition
from models.granting import unlock
from models.import_run import ImportChange
from models.login import start_session
from models.membership import invite_colleague
from models.outbox import MailKind, MailStatus, OutboxMail, SuppressedAddress
from models.personal_data import held_about
from models.subscription import add_subscription
from models.user import Role, User
from tests.factories import (
    MONDAY,
    make_evidence,
    make_firm,
    make_introduced_match,
    make_pilot,
    make_question,
    make_round,
    make_scenario,
    make_second_factor,
    make_user,
    save,
)
from tests.import_rows import make_import
from tests.jobs.rows import make_mail
from tests.models.test_personal_data import fill

CANARIES = ("canary@a.example", "金丝雀乙", "CanaryBrowser", "argon-canary")


def texts(session: Session) -> Iterator[tuple[str, str]]:
    """(table, every value of it as text) of the whole database."""
    for table in SQLModel.metadata.sorted_tables:
        for row in session.execute(sa.select(table)):
            yield table.name, repr(tuple(row)).lower()


def hits(session: Session) -> set[tuple[str, str]]:
    """Where which canary is found; an address that only begins like one is somebody else's."""
    session.flush()
    rows = [(table, text.replace("canary@a.example.cn", "")) for table, text in texts(session)]
    return {(table, canary) for table, text in rows for canary in CANARIES if canary.lower() in text}


def everywhere(session: Session, now: datetime) -> User:
    """Somebody whose name and address stand in every kind of place."""
    person, _ = fill(session, now)
    assert person.organisation_id is not None
    person.name = "金丝雀乙"
    save(session, SuppressedAddress(address=person.email))
    inviter = make_user(session, organisation_id=person.organisation_id, manager_at=MONDAY, password_hash="x")
    home = inviter.organisation
    assert home is not None
    invite_colleague(session, home, email="canary@a.example.cn", name="别人", by=inviter, key="k", now=now)
    own = make_scenario(
        session, organisation_id=home.key, contact_name="金丝雀乙", contact_email="CANARY@a.example"
    )
    make_round(session, scenario_id=own.key, submitted_by_user_id=person.key)
    run = make_import(session, user_id=person.key, organisation_id=home.key)
    run.columns = [{"name": "联系人", "samples": ["金丝雀乙", "canary@a.example"]}]
    before = {"contact_name": "金丝雀乙", "contact_email": "canary@a.example", "title": "原来的"}
    save(
        session,
        ImportChange(
            import_id=run.key,
            subject_kind="scenario",
            subject_id=own.key,
            was_new=False,
            before=before,
            after_hash="0",
        ),
    )
    make_question(session, asked_by_user_id=person.key)
    make_evidence(session, make_pilot(session), uploaded_by_user_id=person.key)
    make_mail(session, recipient=person.email, subject_ref="user:1", context={"to": "Canary@A.example"})
    return person


def test_afterwards_nothing_says_who_it_was(session: Session, now: datetime) -> None:
    person = everywhere(session, now)
    before = hits(session)

    erase(session, person, by=person, now=now)

    assert {canary for _, canary in before} == set(CANARIES)
    assert {table for table, _ in before} >= {
        "user", "user_session", "subscription", "outbox_mail", "scenario", "review_round", "import_run",
        "import_change", "suppressed_address",
    }  # fmt: skip
    assert hits(session) == set()
    assert any("canary@a.example.cn" in text for _, text in texts(session))


def test_what_was_done_stays_under_a_pseudonym(session: Session, now: datetime) -> None:
    person = everywhere(session, now)

    erase(session, person, by=person, now=now)

    assert (person.email, person.name) == (pseudonym(person.key), ERASED_NAME)
    assert person.erased_at == person.locked_at == now and person.roles == []
    assert {"user.logged_in", "user.erased"} <= {
        event.action for event in subject_events(session, "user", person.key)
    }
    held = {part.table for part in held_about(session, person)}
    assert held >= {"user", "audit_event", "question", "evidence", "review_round", "contact_access"}
    assert not held & {
        "user_role",
        "user_session",
        "second_factor",
        "recovery_code",
        "one_time_link",
        "scenario",
    }


def test_nothing_that_waits_is_mailed(session: Session, now: datetime) -> None:
    person = everywhere(session, now)

    erase(session, person, by=person, now=now)

    mails = session.exec(select(OutboxMail).where(col(OutboxMail.recipient) == person.email)).all()
    assert {(mail.status, mail.reason) for mail in mails} == {(MailStatus.SUPPRESSED, "person_erased")}


def test_the_address_may_come_back_as_somebody_new(session: Session, now: datetime) -> None:
    person = everywhere(session, now)
    erase(session, person, by=person, now=now)

    again = make_user(session, email="canary@a.example")

    assert [part.table for part in held_about(session, again)] == ["user"]


def test_the_last_manager_and_the_last_admin_stay(session: Session, now: datetime) -> None:
    person, _ = fill(session, now)
    person.manager_at = MONDAY
    admin = make_user(session, roles=(Role.ADMIN,), password_hash="x")

    with pytest.raises(InvalidTransition, match="最后一位管理人"):
        erase(session, person, by=person, now=now)
    with pytest.raises(InvalidTransition, match="最后一位能登录的管理员"):
        erase(session, admin, by=admin, now=now)

    make_user(session, organisation_id=person.organisation_id, manager_at=MONDAY, password_hash="x")
    make_user(session, roles=(Role.ADMIN,), password_hash="x")
    for each in (person, admin):
        erase(session, each, by=each, now=now)
    assert person.erased_at == admin.erased_at == now


def test_an_erased_person_is_not_let_in_again(session: Session, now: datetime) -> None:
    person = make_user(session)
    erase(session, person, by=person, now=now)

    with pytest.raises(InvalidTransition):
        unlock(session, person, by=make_user(session))


def test_others_keep_what_they_had(session: Session, now: datetime) -> None:
    person = everywhere(session, now)
    other = make_user(session, name="金丝雀", email="xcanary@a.examples")
    start_session(session, other, now=now, hours=1)
    make_second_factor(session, other)
    add_subscription(
        session, organisation_id=make_firm(session).key, email=other.email, kind=MailKind.DIGEST_AGENCY
    )
    match = make_introduced_match(session)
    other.organisation_id = match.organisation_id
    look(session, match, by=other, now=now)
    record(session, actor=other, action="user.logged_in", subject=other)
    before = [(part.table, len(part.rows)) for part in held_about(session, other)]

    erase(session, person, by=person, now=now)

    assert [(part.table, len(part.rows)) for part in held_about(session, other)] == before
    assert other.name == "金丝雀"
