"""The application over the test's own transaction, and people who are logged in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from sqlmodel import Session

from models.api_token import Scope
from models.config import Settings
from models.login import start_session
from models.organisation import Organisation
from models.scenario import Scenario
from models.second_factor import find_second_factor, must_have_second_factor
from models.user import Role, User
from tests.factories import (
    make_batch,
    make_district,
    make_firm,
    make_match,
    make_organisation,
    make_scenario,
    make_score,
    make_second_factor,
    make_token,
    make_user,
)
from web.app import create_app
from web.auth import cookie_name

# Pages are tested on one database; where questions to the database are the point, on both.
ON_BOTH = {
    "test_answers",
    "test_batches",
    "test_owed",
    "test_owed_bids",
    "test_replies",
    "test_tallies",
    "test_teams",
    "test_texts",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the databases of each test module under tests/web."""
    if "engine" in metafunc.fixturenames:
        both = Path(metafunc.module.__file__).stem in ON_BOTH
        metafunc.parametrize("engine", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Engine:
    """The database chosen above, in place of both."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", _env_file=None)


@pytest.fixture
def app(session: Session, settings: Settings, now: datetime) -> Flask:
    """The application on the test's transaction: what it commits is seen by the test and gone afterwards."""
    connection = session.connection()

    def open_session(_read_only: bool) -> Session:
        # What the test has made but not flushed must be there for the page.
        session.flush()
        return Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False)

    app = create_app(settings, clock=lambda: now, open_session=open_session)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not logged in, reading Chinese."""
    return app.test_client()


@pytest.fixture
def log_in(app: Flask, session: Session, now: datetime) -> Callable[[User], FlaskClient]:
    """Log a person in without the cost of a password."""

    def log_in(user: User) -> FlaskClient:
        token = start_session(session, user, now=now, hours=12, second_factor_at=now)
        client = app.test_client()
        client.set_cookie(cookie_name(app), token)
        return client

    return log_in


@pytest.fixture
def as_program(app: Flask, session: Session, now: datetime) -> Callable[..., FlaskClient]:
    """A program that shows a token of a person, for these purposes; for all where none is named.

    A person who must have a second factor has one.
    """

    def as_program(user: User, *scopes: Scope) -> FlaskClient:
        if must_have_second_factor(user) and find_second_factor(session, user.key) is None:
            make_second_factor(session, user)
        client = app.test_client()
        token = make_token(session, user, *scopes, now=now, used_at=now)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return as_program


@dataclass
class City:
    """An agency with a scenario, a firm that fits it, and one person for each role."""

    agency: Organisation
    firm: Organisation
    scenario: Scenario
    match_id: int
    users: dict[Role, User]


REASON = {
    "code": "requirement_met",
    "values": {"position": 1, "quote": "识别井盖缺失、破损和沉降，召回率91%。", "quote_lang": "zh"},
}
GAP = {
    "code": "requirement_unknown",
    "values": {"position": 2, "need": "整套部署在政务云"},
    "step": "ask_question",
}
COVERAGE = [
    {
        "position": 1, "text": "自动发现井盖缺失与破损", "must": True, "derived": False, "lang": "zh",
        "verdict": "met", "evidence": "识别井盖缺失、破损和沉降，召回率91%。", "evidence_lang": "zh",
        "evidence_source": "text", "evidence_id": "capability:1#0", "cross_language": False, "counter": None,
    },
    {
        "position": 2, "text": "整套部署在政务云", "must": True, "derived": False, "lang": "zh",
        "verdict": "unknown", "evidence": None, "evidence_lang": None, "evidence_source": None,
        "evidence_id": None, "cross_language": False, "counter": None,
    },
]  # fmt: skip


@pytest.fixture
def city(session: Session) -> City:
    district = make_district(session, code="NS", name="南山区", name_en="Nanshan")
    batch = make_batch(session, number="2026Q4", title="2026 年第四季度批次", title_en="Fourth quarter 2026")
    agency = make_organisation(session, name="南山区城管部门", district_id=district.key)
    firm = make_firm(session, name="井然巡检工作室", district_id=district.key)
    scenario = make_scenario(
        session,
        organisation_id=agency.key,
        district_id=district.key,
        batch_id=batch.key,
        number="NS-2026Q4-017",
        title="用巡查车视频自动发现道路井盖病害并派单",
        metric="发现到派单",
        baseline="26 小时",
        target="4 小时",
        budget_min_fen=30_000_000,
        budget_max_fen=60_000_000,
        deployment=["gov_cloud"],
        contact_name="李科长",
        contact_email="li@agency.example",
        requirements=("自动发现井盖缺失与破损", "整套部署在政务云"),
    )
    match = make_match(session, scenario_id=scenario.key, organisation_id=firm.key)
    make_score(session, match, reasons=[REASON], gaps=[GAP], coverage=COVERAGE)
    users = {
        Role.AGENCY: make_user(session, roles=(Role.AGENCY,), organisation_id=agency.key, name="周敏"),
        Role.STARTUP: make_user(session, roles=(Role.STARTUP,), organisation_id=firm.key, name="祁望舒"),
    }
    for role in (
        Role.ORGANIZER,
        Role.FUNDING_OFFICER,
        Role.OPERATOR,
        Role.EVALUATOR,
        Role.REVIEWER,
        Role.ADMIN,
    ):
        users[role] = make_user(session, roles=(role,))
    return City(agency, firm, scenario, match.key, users)


@pytest.fixture
def as_agency(city: City, log_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return log_in(city.users[Role.AGENCY])


@pytest.fixture
def as_firm(city: City, log_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return log_in(city.users[Role.STARTUP])


@pytest.fixture
def as_organizer(city: City, log_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return log_in(city.users[Role.ORGANIZER])


@pytest.fixture
def as_officer(city: City, log_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return log_in(city.users[Role.FUNDING_OFFICER])
