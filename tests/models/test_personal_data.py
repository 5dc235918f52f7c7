from __future__ import annotations

import json
from datetime import datetime

import pytest
from sqlmodel import Session, SQLModel

import models.tables  # noqa: F401  (registers every table)
from models.audit import record
from models.contact_release import look
from models.login import make_link, start_half_login, start_session
from models.membership import invite_colleague
from models.outbox import MailKind
from models.personal_data import DECISIONS, NotPersonal, Personal, count_held, held_about
from models.second_factor import renew_codes
from models.subscription import add_subscription
from models.user import Role, User
from tests.factories import (
    make_introduced_match,
    make_organisation,
    make_scenario,
    make_second_factor,
    make_user,
)
from tests.jobs.rows import make_mail

TABLES = SQLModel.metadata.tables
ADDRESSES = ("email", "recipient", "address", "contact_email")
SECRETS = ("token", "hash", "nonce")
"""Parts of the names of columns by which somebody could get in."""


def test_every_table_has_a_decision_and_no_decision_lacks_a_table() -> None:
    assert set(DECISIONS) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_that_names_a_person_is_decided_upon(name: str) -> None:
    decision, columns = DECISIONS[name], TABLES[name].columns
    by_user = {
        column.name for column in columns for key in column.foreign_keys if key.column.table.name == "user"
    }
    by_address = {column.name for column in columns if column.name in ADDRESSES}

    if isinstance(decision, NotPersonal):
        assert by_user | by_address == set() and len(decision.why) > 10
    else:
        assert {*decision.by_user} - {"id"} == by_user
        assert set(decision.by_address) == by_address


@pytest.mark.parametrize("name", [name for name, found in DECISIONS.items() if isinstance(found, Personal)])
def test_what_would_let_somebody_in_is_secret(name: str) -> None:
    decision = DECISIONS[name]
    assert isinstance(decision, Personal)
    ours = {"file_hash", "evidence_hash", "inputs_hash", "claim_token"}
    suspects = {
        column.name for column in TABLES[name].columns if any(part in column.name for part in SECRETS)
    }

    assert suspects - ours <= set(decision.secret)


def fill(session: Session, now: datetime) -> tuple[User, list[str]]:
    """Somebody with a row in many tables, and the secrets of them."""
    home = make_organisation(session)
    person = make_user(
        session,
        roles=(Role.AGENCY,),
        organisation_id=home.key,
        email="canary@a.example",
        password_hash="argon-canary",
    )
    secrets = [
        start_session(session, person, now=now, hours=1, user_agent="CanaryBrowser"),
        start_half_login(session, person, now=now),
        make_link(session, person, now=now),
    ]
    device = make_second_factor(session, person)
    codes = renew_codes(session, person, now=now)
    add_subscription(
        session, organisation_id=home.key, email=person.email, kind=MailKind.DIGEST_AGENCY, user_id=person.key
    )
    make_mail(session, recipient=person.email)
    invite_colleague(session, home, email="new@a.example", name="新", by=person, key="k", now=now)
    scenario = make_scenario(
        session, organisation_id=home.key, contact_name="周", contact_email="Canary@a.example"
    )
    match = make_introduced_match(session, scenario_id=scenario.key)
    make_user(session, organisation_id=match.organisation_id)
    look(session, match, by=person, now=now)
    record(session, actor=person, action="user.logged_in", subject=person)
    return person, [*secrets, device.nonce, *codes, "argon-canary"]


def test_everything_of_a_person_is_held_and_nothing_of_another(session: Session, now: datetime) -> None:
    person, _ = fill(session, now)
    other = make_user(session)

    held = {part.table: part.rows for part in held_about(session, person)}

    assert set(held) == {
        "user", "user_role", "user_session", "half_login", "one_time_link", "second_factor", "recovery_code",
        "subscription", "outbox_mail", "colleague_invitation", "contact_access", "scenario", "audit_event",
    }  # fmt: skip
    assert held["user"][0]["email"] == "canary@a.example" and len(held["recovery_code"]) == 10
    assert [part.table for part in held_about(session, other)] == ["user"]


def test_the_counts_are_those_of_the_rows(session: Session, now: datetime) -> None:
    person, _ = fill(session, now)

    rows = [(part.words, len(part.rows)) for part in held_about(session, person)]

    assert count_held(session, person) == rows


def test_it_is_json_and_holds_no_secret(session: Session, now: datetime) -> None:
    person, secrets = fill(session, now)

    text = json.dumps([part.rows for part in held_about(session, person)], ensure_ascii=False)

    assert "CanaryBrowser" in text
    assert [secret for secret in secrets if secret in text] == []
