from __future__ import annotations

import pytest
from flask import Flask
from sqlmodel import Session, select

from models.login import OneTimeLink
from models.outbox import MailKind, OutboxMail
from models.password import hash_password
from models.secret_key import link_token
from models.user import Role, User
from tests.factories import make_organisation, make_user

NEW = {"password": "a new long password", "again": "a new long password"}


@pytest.fixture
def person(session: Session) -> User:
    home = make_organisation(session)
    return make_user(
        session, roles=(Role.AGENCY,), email="zhou@agency.example", organisation_id=home.key,
        password_hash=hash_password("the old password"),
    )  # fmt: skip


def forget(client, email: str = "zhou@agency.example"):
    return client.post("/forgot", data={"email": email})


def link(app: Flask, session: Session) -> str:
    row = session.exec(select(OneTimeLink)).all()[-1]
    return f"/welcome/{link_token(app.config['SECRET_KEY'], row.nonce)}"


def test_a_new_password_is_set_by_the_mailed_link_and_every_log_in_ends(
    app: Flask, client, person, log_in, session: Session
) -> None:
    elsewhere = log_in(person)
    forget(client)

    answer = client.post(link(app, session), data=NEW)

    kinds = session.exec(select(OutboxMail.kind).order_by(OutboxMail.id)).all()
    assert (answer.status_code, client.get("/home").status_code) == (303, 200)
    assert elsewhere.get("/home").status_code == 303
    assert kinds == [MailKind.PASSWORD_RESET, MailKind.ACCOUNT_CHANGED]


def test_every_address_gets_the_same_answer(client, person, session: Session, now) -> None:
    make_user(session, email="locked@agency.example", locked_at=now)

    answers = [
        forget(client, email)
        for email in ("zhou@agency.example", "locked@agency.example", "nobody@agency.example")
    ]

    assert (
        len({(answer.status_code, answer.headers["Location"], answer.get_data()) for answer in answers}) == 1
    )
    assert len(session.exec(select(OutboxMail)).all()) == 1
    assert "如果这个邮箱有账号" in client.get("/forgot/sent").get_data(as_text=True)


def test_asking_does_not_change_the_password_nor_end_a_log_in(
    client, person, log_in, session: Session
) -> None:
    elsewhere, stored = log_in(person), person.password_hash

    forget(client)

    session.refresh(person)
    assert person.password_hash == stored
    assert elsewhere.get("/home").status_code == 200


def test_what_is_no_address_is_said(client) -> None:
    answer = forget(client, "zhou")

    assert answer.status_code == 422
    assert "邮箱：要写一个邮箱" in answer.get_data(as_text=True)


def test_a_program_is_stopped(client, person) -> None:
    statuses = [forget(client, f"p{n}@agency.example").status_code for n in range(11)]

    assert statuses == [303] * 10 + [429]


def test_a_link_of_a_person_who_was_shut_out_since_is_dead(
    app: Flask, client, person, session: Session, now
) -> None:
    forget(client)
    person.organisation.suspend(now)

    answers = [
        client.get(link(app, session)).status_code,
        client.post(link(app, session), data=NEW).status_code,
    ]

    assert answers == [404, 404]


def test_the_log_in_page_leads_here(client) -> None:
    assert 'href="/forgot"' in client.get("/login").get_data(as_text=True)
