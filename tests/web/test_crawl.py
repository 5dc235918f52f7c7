"""Whoever starts at their home and follows every link finds pages, in their language, each with its name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from lxml import html
from sqlalchemy.engine import Engine
from sqlmodel import Session

from models.config import Settings
from models.db import make_engine, make_session
from models.demo import seed_demo
from models.draft import make_draft
from models.files import store_file
from models.login import start_session
from models.organisation import OrganisationKind
from models.saved_search import save_search
from models.user import Role, User, find_user
from tests.browser.conftest import add_candidates
from tests.conftest import NOW
from tests.factories import (
    make_community,
    make_delivery,
    make_organisation,
    make_proof,
    make_token,
    make_user,
    make_webhook,
    save,
)
from tests.import_rows import make_import
from tests.surveys import make_survey
from tests.web.crawler import Crawl, disguise
from tests.weightings import make_evaluation, make_weights
from web.app import create_app
from web.auth import cookie_name

pytestmark = pytest.mark.slow

PEOPLE = (
    "agency", "agency2", "startup", "startup2", "evaluator", "organizer", "operator", "funding", "reviewer", "admin",
)  # fmt: skip


@dataclass
class Town:
    """The site of the crawl: the demo and what else pages can show."""

    app: Flask
    engine: Engine


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("town"), _env_file=None)
    shutil.copyfile(sqlite_template, settings.data_dir / "town.sqlite3")
    engine = make_engine(f"sqlite:///{settings.data_dir / 'town.sqlite3'}")
    with make_session(engine) as session:
        seed_demo(session, now=NOW, settings=settings)
        add_candidates(session)
        make_survey(session, settings.data_dir)
        make_weights(session, passed=False)
        make_weights(session, proven=0.5)
        make_evaluation(session)
        waiting_things(session, settings)
        session.commit()
    disguise(engine)
    app = create_app(
        settings, clock=lambda: NOW, open_session=lambda read: make_session(engine, read_only=read)
    )
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    yield Town(app, engine)
    engine.dispose()


def waiting_things(session: Session, settings: Settings) -> None:
    """What the demo has none of: an organisation that asks, proofs, lists, keys of programs, a kept search."""
    make_user(session, roles=(Role.ADMIN,), email="admin@demo.example", name="余岚")
    firm = make_organisation(session, kind=OrganisationKind.STARTUP, name="等候智能", approved_at=None)
    make_user(session, roles=(Role.STARTUP,), organisation_id=firm.key)
    make_community(session)
    for name in PEOPLE:
        person = find_user(session, f"{name}@demo.example")
        assert person is not None
        make_delivery(session, make_webhook(session, person))
        make_token(session, person, now=NOW)
        save_search(session, user_id=person.key, name="城市治理", query="domain=city_governance", now=NOW)
        make_import(session, user_id=person.key, organisation_id=person.organisation_id)
    save(session, make_draft(agency_of(session).organisation, title="夜间噪声来源", now=NOW))
    stored = store_file(settings.files_dir, "filing.pdf", b"%PDF-1.4 made up", max_bytes=1000)
    make_proof(session, file_hash=stored.digest, file_size=stored.size)


def agency_of(session: Session) -> User:
    found = find_user(session, "agency@demo.example")
    assert found is not None
    return found


def crawl(town: Town, name: str, locale: str) -> Crawl:
    """A walk from the home of a demo account; of a stranger where the name is empty."""
    client = town.app.test_client()
    client.set_cookie(cookie_name(town.app, "duijie_locale"), locale)
    with make_session(town.engine) as session:
        user = find_user(session, f"{name}@demo.example") if name else None
        if user is not None:
            token = start_session(session, user, now=NOW, hours=12, second_factor_at=NOW)
            session.commit()
            client.set_cookie(cookie_name(town.app), token)
        walk = Crawl(town.app, client, user, locale)
        walk.walk("/")
        return walk


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("name", ["", *PEOPLE])
def test_every_page_that_a_person_can_reach_is_whole(town: Town, name: str, locale: str) -> None:
    found = crawl(town, name, locale)

    assert found.faults == [], "\n".join(f"{address}: {fault}" for address, fault in found.faults)
    assert len(found.seen) > 15


FAULTY = """<!doctype html><html lang="fr"><title>%s</title><h1>One</h1><h1>Two</h1>
<p id="a">仍是中文</p><p id="a"></p><p>\U00020000%s</p><input name="q"><a href="#gone">x</a><a href="/nowhere">y</a>
<button></button><form method="post" action="/users/1/lock"></form></html>"""


def test_what_is_wrong_with_a_page_is_noticed(town: Town) -> None:
    walk = Crawl(town.app, town.app.test_client(), None, "en")
    tree = html.document_fromstring(FAULTY % ("·Duijie", "\U00020001" * 30))
    faults = "\n".join(walk.looked_at(tree))
    walk.compare_title(tree, "/login")
    walk.is_wanted("/nowhere", "/login")

    for words in (
        "its language is fr", "headings: ['One', 'Two']", "an id twice: a", "no label: <input", "no name: <button",
        "a part that is not there: #gone", "may not send: /users/1/lock", "not translated: 仍是中文",
        "language not said: p",
    ):  # fmt: skip
        assert words in faults
    assert [fault.partition(":")[0] for _, fault in walk.faults] == [
        "a title that says nothing", "a link that leads nowhere"
    ]  # fmt: skip
