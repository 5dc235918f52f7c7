"""What `python -m matcher explain` prints is what the agency's page of the pair shows, word for word."""

from __future__ import annotations

import html
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from jobs.reindex import reindex
from jobs.runner import Run
from matcher.answer import answer_explain
from matcher.workshop import Workshop
from models.config import Settings
from models.db import make_session, transaction
from models.login import start_session
from models.match import MatchScore
from models.user import Role, User
from tests.factories import make_organisation, make_user
from tests.matcher.market import NOW, make_needs, make_offers, make_workshop
from web.app import create_app
from web.auth import cookie_name

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def workshop(empty_engine: Engine, tmp_path: Path) -> Workshop:
    """A market whose needs belong to one agency, matched and scored by the job."""
    with transaction(empty_engine) as session:
        agency = make_organisation(session, name="市城管局")
        make_needs(session, 8, organisation_id=agency.key)
        make_offers(session, 12)
        make_user(session, roles=(Role.AGENCY,), organisation_id=agency.key, email="agency@example.org")
    workshop = make_workshop(empty_engine, tmp_path)
    workshop.update_index(now=NOW)
    reindex(Run(engine=empty_engine, clock=lambda: NOW, owner="test"), workshop=workshop)
    return workshop


@pytest.fixture
def app(workshop: Workshop, tmp_path: Path, now: datetime) -> Flask:
    def open_session(read_only: bool) -> Session:
        return make_session(workshop.engine, read_only=read_only)

    settings = Settings(data_dir=tmp_path / "var", _env_file=None)
    return create_app(settings, clock=lambda: now, open_session=open_session)


def shown_words(page: str) -> str:
    """What a reader sees, without tags, blanks and quotation marks that the browser adds."""
    return squeezed(html.unescape(re.sub(r"<[^>]+>", "", page)))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def told(line: str) -> str:
    """A printed line without its sign, its number and its label."""
    return re.sub(r"^\s*(?:[✓◐✕?] \d+\. |→ |[+-] |反向证据：)?", "", line)


def test_every_line_of_explain_stands_on_the_page(workshop: Workshop, app: Flask, now: datetime) -> None:
    with transaction(workshop.engine) as session:
        statement = select(MatchScore).order_by(col(MatchScore.score).desc()).limit(6)
        pairs = [(s.match_id, s.scenario_id, s.capability_id) for s in session.exec(statement)]
        user = session.exec(select(User).where(col(User.email) == "agency@example.org")).one()
        token = start_session(session, user, now=now, hours=12, second_factor_at=now)
    client = app.test_client()
    client.set_cookie(cookie_name(app), token)

    n_lines = 0
    for match_id, scenario_id, capability_id in pairs:
        head, *lines = (
            answer_explain(workshop, scenario_id, capability_id, zone=ZONE).to_text("zh").split("\n")
        )
        answer = client.get(f"/matches/{match_id}")
        page = shown_words(answer.get_data(as_text=True))

        assert answer.status_code == 200
        assert head.split()[1] in page
        # Of the reasons and gaps at the top a page shows the first three and two; the table has all of the rest.
        body = [line for line in lines if not line.startswith(("     + ", "     - "))]
        reasons = [line for line in lines if line.startswith("     + ")][:3]
        gaps = [line for line in lines if line.startswith("     - ")][:2]
        for line in [*body, *reasons, *gaps]:
            assert squeezed(told(line)) in page, line
            n_lines += 1
    assert n_lines > 30
