from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from models.audit import AuditEvent
from models.config import Settings
from models.db import transaction
from models.login import UserSession, make_link, start_session
from models.outbox import MailKind
from models.password import hash_password
from models.subscription import Frequency, Subscription, add_subscription
from models.user import Role, User
from tests.factories import make_user
from web.app import create_app
from web.session import session_opener

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def person(session: Session, city, password_hash: str) -> User:
    return make_user(
        session, email="zhou@agency.example", roles=(Role.AGENCY,), organisation_id=city.agency.key,
        password_hash=password_hash,
    )  # fmt: skip


def log_in(client, **values):
    return client.post("/login", data={"email": "zhou@agency.example", "password": PASSWORD, **values})


def cookie(answer) -> str:
    return next(
        value for value in answer.headers.getlist("Set-Cookie") if value.startswith("duijie_session=")
    )


def test_logging_in_leads_to_the_page_that_was_wanted(client, person) -> None:
    answer = log_in(client, next="/pilots?page=2")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/pilots?page=2")
    assert client.get("/home").status_code == 200


def test_the_session_cookie_is_for_this_site_and_no_script(client, person) -> None:
    sent = cookie(log_in(client))

    assert "HttpOnly" in sent and "SameSite=Lax" in sent and "Path=/" in sent


def test_the_database_does_not_hold_what_the_cookie_holds(client, person, session: Session) -> None:
    token = cookie(log_in(client)).split("=", 1)[1].split(";")[0]

    assert token not in session.exec(select(UserSession.token_hash)).all()


def test_logging_in_leads_nowhere_outside(client, person) -> None:
    assert log_in(client, next="https://evil.example/").headers["Location"] == "/home"
    assert log_in(client, next="//evil.example/").headers["Location"] == "/home"


def test_wrong_password_and_unknown_person_get_the_same_page(client, person) -> None:
    wrong = log_in(client, password="wrong password")
    unknown = log_in(client, email="nobody@agency.example")

    assert wrong.status_code == unknown.status_code == 422
    assert without_token(wrong) == without_token(unknown).replace("nobody@", "zhou@")


def without_token(answer) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.get_data(as_text=True))


def test_the_sixth_guess_from_one_place_is_refused_for_a_while(client, person) -> None:
    for _ in range(5):
        log_in(client, password="wrong password")

    answer = log_in(client)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_guessing_from_elsewhere_does_not_lock_the_owner_out(client, app: Flask, person) -> None:
    for _ in range(5):
        app.test_client().post(
            "/login",
            data={"email": "zhou@agency.example", "password": "wrong"},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )

    assert log_in(client).status_code == 303


def test_failures_are_forgotten_after_a_while(
    client, app: Flask, person, now: datetime, session: Session
) -> None:
    for _ in range(5):
        log_in(client, password="wrong password")
    from models.login import LoginAttempt

    for attempt in session.exec(select(LoginAttempt)).all():
        attempt.created_at = now - timedelta(minutes=16)

    assert log_in(client).status_code == 303


def test_a_locked_person_cannot_log_in(client, person, session: Session, now: datetime) -> None:
    person.locked_at = now

    assert log_in(client).status_code == 422


def test_logging_out_ends_the_copied_cookie_too(app: Flask, client, person) -> None:
    token = cookie(log_in(client)).split("=", 1)[1].split(";")[0]
    thief = app.test_client()
    thief.set_cookie("duijie_session", token)
    before = thief.get("/home").status_code

    client.post("/logout")

    assert (before, thief.get("/home").status_code) == (200, 303)


def test_losing_a_role_acts_at_once(client, person, session: Session) -> None:
    log_in(client)
    before = client.get("/my/scenarios").status_code
    for granted in list(person.roles):
        session.delete(granted)
    session.flush()

    assert (before, client.get("/my/scenarios").status_code) == (200, 403)


def test_a_one_time_link_sets_a_password_once_and_ends_other_log_ins(
    app: Flask, client, person, session: Session, now: datetime
) -> None:
    log_in(client)
    token = make_link(session, person, now=now)
    fresh = app.test_client()
    looked_at = fresh.get(f"/welcome/{token}").status_code
    new = {"password": "a new long password", "again": "a new long password"}

    answer = fresh.post(f"/welcome/{token}", data=new)

    assert (looked_at, answer.status_code) == (200, 303)
    assert client.get("/home").status_code == 303
    assert fresh.post(f"/welcome/{token}", data=new).status_code == 404
    assert log_in(app.test_client(), password="a new long password").status_code == 303


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"password": "short", "again": "short"}, "密码至少 10 个字符"),
        ({"password": "long enough 1", "again": "long enough 2"}, "两次输入的密码不一样"),
    ],
)
def test_a_bad_new_password_is_explained(
    client, person, session: Session, now: datetime, typed, sentence
) -> None:
    token = make_link(session, person, now=now)

    answer = client.post(f"/welcome/{token}", data=typed)

    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert typed["password"] not in answer.get_data(as_text=True)


def test_an_old_link_is_404(client, person, session: Session, now: datetime) -> None:
    token = make_link(session, person, now=now - timedelta(days=4))

    assert client.get(f"/welcome/{token}").status_code == 404


def test_language_and_theme_are_kept_with_the_person(client, person, session: Session) -> None:
    log_in(client)

    client.post("/account", data={"locale": "en", "theme": "dark"})

    page = client.get("/account").get_data(as_text=True)
    session.refresh(person)
    assert (person.locale, person.theme) == ("en", "dark")
    assert 'lang="en"' in page and 'data-bs-theme="dark"' in page


def test_an_unknown_language_is_refused(client, person) -> None:
    log_in(client)

    assert client.post("/account", data={"locale": "fr", "theme": "dark"}).status_code == 422


def digest(session: Session, person: User, now: datetime) -> Subscription:
    return add_subscription(
        session, organisation_id=person.organisation_id, email=person.email, kind=MailKind.DIGEST_AGENCY,
        user_id=person.key, consented_at=now,
    )  # fmt: skip


def test_a_digest_can_be_made_rarer_or_stopped_in_the_settings(client, person, session: Session, now) -> None:
    row = digest(session, person, now)
    log_in(client)

    client.post(f"/account/subscriptions/{row.key}", data={"frequency": "off"})

    session.refresh(row)
    assert row.frequency is Frequency.OFF


def test_another_persons_digest_is_404(client, person, session: Session, now) -> None:
    other = digest(session, make_user(session, organisation_id=person.organisation_id), now)
    log_in(client)

    assert client.post(f"/account/subscriptions/{other.key}", data={"frequency": "off"}).status_code == 404


def test_looking_at_an_unsubscribe_link_stops_nothing(client, person, session: Session, now) -> None:
    row = digest(session, person, now)

    page = client.get(f"/unsubscribe/{row.token}").get_data(as_text=True)

    session.refresh(row)
    assert "停止寄送" in page
    assert row.unsubscribed_at is None


def test_mail_programs_unsubscribe_by_a_post_without_a_token(
    client, app, person, session: Session, now
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    row = digest(session, person, now)

    first = client.post(f"/unsubscribe/{row.token}", data={"List-Unsubscribe": "One-Click"})
    client.post(f"/unsubscribe/{row.token}")

    session.refresh(row)
    stopped = select(AuditEvent).where(AuditEvent.action == "subscription.stopped")
    assert first.status_code == 200
    assert row.unsubscribed_at == now
    assert len(session.exec(stopped).all()) == 1


def test_a_mangled_unsubscribe_link_is_explained(client) -> None:
    answer = client.get("/unsubscribe/nonsense")

    assert answer.status_code == 404
    assert "退订链接不完整" in answer.get_data(as_text=True)


def test_log_ins_are_listed_with_device_and_ended_one_by_one(
    app: Flask, client, person, session: Session
) -> None:
    log_in(client)
    phone = app.test_client()
    sent = {"email": "zhou@agency.example", "password": PASSWORD}
    phone.post("/login", data=sent, headers={"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8"})
    theirs = session.exec(select(UserSession).order_by(UserSession.id.desc())).first()
    page = client.get("/account").get_data(as_text=True)

    answer = client.post(f"/account/sessions/{theirs.key}/end")

    assert "微信 · iPhone" in page and "这台" in page
    assert answer.status_code == 303
    assert phone.get("/home").status_code == 303
    assert client.get("/home").status_code == 200
    assert client.post(f"/account/sessions/{theirs.key}/end").status_code == 404


def test_another_persons_log_in_is_nobodys_business(client, person, session: Session, now: datetime) -> None:
    start_session(session, make_user(session), now=now, hours=12)
    other = session.exec(select(UserSession)).one()
    log_in(client)

    assert client.post(f"/account/sessions/{other.key}/end").status_code == 404


def test_logging_out_everywhere_includes_this_page(app: Flask, client, person) -> None:
    phone = app.test_client()
    log_in(client)
    log_in(phone)

    client.post("/account/sessions/end")

    assert [each.get("/home").status_code for each in (client, phone)] == [303, 303]


def test_last_seen_is_noted_once_in_a_while(empty_engine: Engine, settings: Settings, now: datetime) -> None:
    started = now - timedelta(minutes=30)
    with transaction(empty_engine) as session:
        token = start_session(session, make_user(session), now=started, hours=12)
    times = [now, now + timedelta(minutes=9), now + timedelta(minutes=10)]
    seen = []

    for at in times:
        app = create_app(settings, clock=lambda at=at: at, open_session=session_opener(empty_engine))
        client = app.test_client()
        client.set_cookie("duijie_session", token)
        client.get("/scenarios")
        with transaction(empty_engine) as session:
            seen.append(session.exec(select(UserSession.seen_at)).one())

    assert seen == [now, now, now + timedelta(minutes=10)]
