"""A real browser in front of the real site: demo data, a fixed clock, one server for all browser tests."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select
from waitress import create_server

from models.config import Settings
from models.db import make_engine, make_session
from models.demo import seed_demo
from models.draft import make_draft
from models.login import start_session
from models.match import Band, Match
from models.scenario import Scenario
from models.schema import upgrade
from models.user import User, find_user
from tests.factories import make_capability, make_firm, make_match, make_score, make_team
from tests.surveys import make_survey
from tests.weightings import make_evaluation, make_weights
from web.app import create_app

CHROMIUM = shutil.which("chromium")
# No sandbox inside a container, and nothing that calls home.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js.gz"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"


@dataclass
class Site:
    """The running site. scenario_id: one with candidates, of the demo agency; match_id: of the demo firm with it;
    draft_id: of the demo agency.
    """

    address: str
    engine: Engine
    scenario_id: int
    scenario_number: str
    match_id: int
    draft_id: int
    people: dict[str, str] = field(default_factory=dict)

    def token(self, role: str) -> str:
        """A log-in of the demo account of a role."""
        with make_session(self.engine) as session:
            person = find_user(session, f"{role}@demo.example")
            assert isinstance(person, User)
            token = start_session(session, person, now=NOW, hours=12, second_factor_at=NOW)
            session.commit()
            return token


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("site"), _env_file=None)
    engine = make_engine(settings.database)
    upgrade(engine)
    with make_session(engine) as session:
        seed_demo(session, now=NOW, settings=settings)
        scenario, match = add_candidates(session)
        make_survey(session, settings.data_dir)
        make_weights(session, passed=False)
        make_weights(session, proven=0.5)
        make_evaluation(session)
        draft = make_draft(scenario.organisation, title="夜间噪声来源", now=NOW)
        session.add(draft)
        session.commit()
        site = Site("", engine, scenario.key, str(scenario.number), match.key, draft.key)
    server = create_server(create_app(settings, clock=lambda: NOW), host="127.0.0.1", port=0, threads=8)
    site.address = f"http://127.0.0.1:{server.effective_port}"
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield site
    server.close()
    thread.join(timeout=10)
    engine.dispose()


def add_candidates(session: Session) -> tuple[Scenario, Match]:
    """Three firms for the demo agency's scenario, scored as by the machine, and a team; the first is the demo firm."""
    agency, firm = (find_user(session, f"{role}@demo.example") for role in ("agency", "startup"))
    assert agency is not None and firm is not None
    owned = select(Scenario).where(col(Scenario.organisation_id) == agency.organisation_id)
    scenario = session.exec(owned.where(col(Scenario.published_at).is_not(None))).first()
    assert scenario is not None
    firms = [make_firm(session, name=name).key for name in ("拾级智能", "灯下算力")]
    bands = (Band.STRONG, Band.POSSIBLE, Band.NOT_ENOUGH_INFORMATION)
    for organisation_id, band in zip((firm.organisation_id, *firms), bands, strict=True):
        match = find_or_make(session, scenario.key, organisation_id)
        capability = make_capability(session, organisation_id=organisation_id)
        make_score(session, match, capability_id=capability.key, band=band, **explained(scenario))
    make_team(session, scenario, {firm.organisation_id: (1, 2), firms[0]: (3,)})
    return scenario, find_or_make(session, scenario.key, firm.organisation_id)


def find_or_make(session: Session, scenario_id: int, organisation_id: int | None) -> Match:
    statement = select(Match).where(
        col(Match.scenario_id) == scenario_id, col(Match.organisation_id) == organisation_id
    )
    found = session.exec(statement).first()
    return found or make_match(session, scenario_id=scenario_id, organisation_id=organisation_id)


def explained(scenario: Scenario) -> dict[str, list[dict[str, object]]]:
    """One of each verdict, in turn, over the scenario's own requirements."""
    quote = "夜间照度10 lux下四类井盖病害召回率91.3%，误报率8.7%。"
    coverage: list[dict[str, object]] = []
    for item, verdict in zip(scenario.requirements, ("met", "partly", "unknown", "unmet") * 4, strict=False):
        spoken = verdict != "unknown"
        coverage.append(
            {
                "position": item.position, "text": item.text, "must": item.must, "derived": False,
                "lang": scenario.lang, "verdict": verdict, "evidence": quote if verdict in ("met", "partly") else None,
                "evidence_lang": "zh" if spoken else None, "evidence_source": "text" if spoken else None,
                "evidence_id": None, "cross_language": False, "counter": quote if verdict == "unmet" else None,
            }
        )  # fmt: skip
    reasons: list[dict[str, object]] = [
        {"code": "requirement_met", "values": {"position": 1, "quote": quote, "quote_lang": "zh"}},
        {"code": "deployment_offered", "values": {"position": 4, "places": ["gov_cloud"]}},
    ]
    gaps: list[dict[str, object]] = [
        {"code": "requirement_unknown", "values": {"position": 3, "need": "夜间"}, "step": "ask_question"},
        {"code": "case_missing", "values": {}, "step": "add_case"},
    ]
    return {"coverage": coverage, "reasons": reasons, "gaps": gaps}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (make system)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker, as published."""
    source = gzip.decompress(AXE.read_bytes())
    assert hashlib.sha256(source).hexdigest() == AXE_SHA256
    return source.decode("utf-8")


def is_fault(message: ConsoleMessage) -> bool:
    """Whether the console speaks of a fault of ours; a refused form (422, 409) is noted there too, and is none, nor is
    a connection that a test took away.
    """
    refused = ("status of 422", "status of 409", "TypeError: offline")
    return message.type == "error" and not any(words in message.text for words in refused)


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody; what the browser complains about fails the test at its end."""
    contexts, complaints = [], []

    def visit(
        path: str, *, role: str = "", width: int = 1280, locale: str = "zh", theme: str = "light"
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900 if width > 640 else 844})
        contexts.append(context)
        context.set_default_timeout(15_000)
        cookies = {"duijie_locale": locale, "duijie_theme": theme}
        if role:
            cookies["duijie_session"] = site.token(role)
        context.add_cookies(
            [{"name": name, "value": value, "url": site.address} for name, value in cookies.items()]
        )
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if is_fault(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site.address + path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []
