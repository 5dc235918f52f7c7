"""What a firm says of its people and its price stands in no page, file or mail of anybody else before both said yes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from models.capability import Capability
from models.match import Match
from models.outbox import MailKind
from models.subscription import add_subscription
from models.user import Role
from tests.web import test_app

addresses = test_app.addresses

NAME, MAIL, DIGEST, PRICE = (
    "金丝雀甲",
    "canary@firm.example",
    "canary-digest@firm.example",
    "金丝雀价 73219 元",
)
CANARIES = (NAME, MAIL, DIGEST, PRICE)
OTHERS = [role for role in Role if role is not Role.STARTUP]
LOOKS_AFTER_ACCOUNTS = ("users.", "organisations.")
"""Where operators and admins look after accounts, they see whose they are; never a price."""
STATES = {
    "suggested": {},
    "invited": {"invited_at": datetime.fromisoformat("2026-11-16T02:00:00+00:00")},
    "interested": {"interested_at": datetime.fromisoformat("2026-11-16T02:00:00+00:00")},
}


@pytest.fixture
def canaries(session: Session, city) -> None:
    person = city.users[Role.STARTUP]
    person.name, person.email = NAME, MAIL
    add_subscription(session, organisation_id=city.firm.key, email=DIGEST, kind=MailKind.DIGEST_STARTUP)
    for row in session.exec(select(Capability).where(col(Capability.organisation_id) == city.firm.key)):
        row.price_note = PRICE
    session.flush()


def text_of(answer: TestResponse) -> str:
    """The text of a page or of a file; of a workbook all its parts."""
    data = answer.get_data()
    if not data.startswith(b"PK"):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def everything(client: FlaskClient, app: Flask, found: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(endpoint, text) of everything that can be looked at, each page also as the files it offers."""
    for rule in test_app.rules(app):
        address = found.get(f"{rule.endpoint}:{rule.rule}")
        if address is None or rule.endpoint == "static" or "GET" not in (rule.methods or ()):
            continue
        joint = "&" if "?" in address else "?"
        for suffix in ("", f"{joint}as=csv", f"{joint}as=xlsx", f"{joint}band=all", f"{joint}lang=en"):
            with client.get(address + suffix) as answer:
                yield rule.endpoint, text_of(answer)


@pytest.mark.parametrize(
    ("role", "state"),
    [(Role.AGENCY, "suggested"), (Role.AGENCY, "invited"), *((role, "interested") for role in OTHERS)],
)
def test_no_page_and_no_file_of_another_role_shows_them(
    app: Flask,
    session: Session,
    city,
    canaries,
    addresses,
    log_in,
    role: Role,
    state: str,
) -> None:
    match = session.get(Match, city.match_id)
    assert match is not None
    match.introduced_at = match.invited_at = match.interested_at = None
    for name, value in STATES[state].items():
        setattr(match, name, value)
    session.flush()
    seen, n_pages = set(), 0

    for endpoint, text in everything(log_in(city.users[role]), app, addresses):
        n_pages += 1
        allowed = (NAME, MAIL, DIGEST) if endpoint.startswith(LOOKS_AFTER_ACCOUNTS) else ()
        seen |= {(endpoint, canary) for canary in CANARIES if canary in text and canary not in allowed}

    assert seen == set() and n_pages > 50


def test_the_search_finds_them_where_they_are_allowed(
    app: Flask,
    session: Session,
    city,
    canaries,
    addresses,
    log_in,
) -> None:
    own = "".join(text for _, text in everything(log_in(city.users[Role.STARTUP]), app, addresses))
    admin = "".join(text for _, text in everything(log_in(city.users[Role.ADMIN]), app, addresses))

    assert NAME in own and MAIL in own and MAIL in admin and PRICE not in admin


def test_after_both_said_yes_the_agency_sees_them_and_nobody_else(
    session: Session, city, canaries, as_agency, log_in, now: datetime
) -> None:
    match = session.get(Match, city.match_id)
    assert match is not None
    match.express_interest(now, note="用现有记录仪")
    before = as_agency.post(f"/matches/{match.key}/contact").get_data(as_text=True)
    match.invite(now)
    session.flush()

    after = as_agency.post(f"/matches/{match.key}/contact").get_data(as_text=True)

    assert not any(canary in before for canary in CANARIES)
    assert all(canary in after for canary in (NAME, MAIL, PRICE)) and DIGEST not in after
    assert log_in(city.users[Role.ORGANIZER]).post(f"/matches/{match.key}/contact").status_code == 403
