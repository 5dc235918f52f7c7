"""Pages at a steady rate, as morning traffic is: each request is sent when its time has come, whether or not the ones
before are answered, so that a page that stalls is seen by all who come after.

The site runs as on a server, in two processes under gunicorn, on 2,000 scenarios, 10,000 firms and 100,000 matches. The
list, one scenario, a founder's and an officer's home are asked for in turn. The client shares the cores.
"""

from __future__ import annotations

import gzip
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from models.base import utcnow
from models.capability import Capability
from models.db import transaction
from models.login import start_session
from models.match import Band, Match, MatchScore
from models.organisation import Organisation, OrganisationKind
from models.scenario import Scenario
from models.user import Role, User, UserRole
from tests.bench.figures import Figure, p95
from tests.bench.installation import add_capabilities, add_scenarios, make_database

ROOT = Path(__file__).resolve().parents[2]
N_SCENARIOS, N_FIRMS, MATCHES_PER_SCENARIO = 2_000, 10_000, 50
RATE, SECONDS = 50, int(os.environ.get("DUIJIE_BENCH_SECONDS", "120"))
N_SENDERS = 48
"""So many may wait for an answer at once; one that finds nobody free counts its wait from when it was due."""
P95_MS = 100
FIRST_KB, LATER_KB = 200, 40


@dataclass(frozen=True)
class Visit:
    """A page as somebody sees it. cookie: of a log-in, empty for anybody."""

    name: str
    path: str
    cookie: str = ""


def measure(folder: Path) -> Iterator[Figure]:
    """p95 of each page, requests that failed, and what the pages weigh."""
    engine = make_database(folder)
    add_scenarios(engine, N_SCENARIOS)
    add_capabilities(engine, N_FIRMS, per_firm=1)
    add_matches(engine)
    visits = visitors(engine)
    with serving(engine.url.render_as_string(hide_password=False), folder) as port:
        for visit in visits * 8:
            fetch(port, visit)
        waits, n_failed = send(port, visits)
        weights = {visit.name: weigh(port, visit) for visit in visits}
    for visit in visits:
        yield Figure(
            f"p95, {visit.name}",
            p95(waits[visit.name]),
            "ms",
            at_most=P95_MS,
            note=f"{len(waits[visit.name])} asked",
        )
    yield Figure("requests that failed", n_failed, "", at_most=0, note=f"{RATE} a second for {SECONDS} s")
    yield Figure(
        "heaviest page, gzipped", max(weights.values()), "kB", at_most=LATER_KB, note="after the first"
    )
    yield Figure(
        "first visit, gzipped",
        first_visit_kb() + max(weights.values()),
        "kB",
        at_most=FIRST_KB,
        note="all assets",
    )


def add_matches(engine: Engine) -> None:
    """Each scenario with as many firms, spread evenly over all of them."""
    now = utcnow()
    with transaction(engine) as session:
        scenarios = session.exec(select(col(Scenario.id)).order_by(col(Scenario.id))).all()
        offers = session.exec(
            select(col(Capability.id), col(Capability.organisation_id)).order_by(col(Capability.id))
        ).all()
        step = len(offers) // MATCHES_PER_SCENARIO
        for at, scenario_id in enumerate(scenarios):
            assert scenario_id is not None
            for nth in range(MATCHES_PER_SCENARIO):
                capability_id, firm_id = offers[(at + nth * step) % len(offers)]
                match = Match(scenario_id=scenario_id, organisation_id=firm_id, suggested_at=now)
                session.add(match)
                session.flush()
                assert capability_id is not None
                session.add(_score(match, capability_id, nth))
            session.flush()
            session.expunge_all()


def _score(match: Match, capability_id: int, nth: int) -> MatchScore:
    band = Band.STRONG if nth < 2 else Band.POSSIBLE if nth < 10 else Band.WEAK
    return MatchScore(
        match_id=match.key,
        scenario_id=match.scenario_id,
        capability_id=capability_id,
        serial=1,
        engine_version="bench",
        index_version="bench",
        inputs_hash=f"{match.key:064d}",
        score=0.9 - nth / 100,
        band=band,
        coverage=[_coverage(position) for position in range(1, 4)],
        reasons=[
            {
                "code": "requirement_met",
                "values": {"position": 1, "quote": "识别准确率92%", "quote_lang": "zh"},
            }
        ],
        signals={"relevance": 6.0 - nth / 20, "coverage": 1.0, "unmet_musts": 0.0},
    )


def _coverage(position: int) -> dict[str, object]:
    return {
        "position": position, "text": "识别准确率不低于90%", "must": True, "derived": False, "lang": "zh",
        "verdict": "met", "evidence": "识别准确率92%", "evidence_lang": "zh", "evidence_source": "text",
        "evidence_id": f"capability:1#{position}", "cross_language": False, "counter": None,
    }  # fmt: skip


def visitors(engine: Engine) -> list[Visit]:
    """Who comes: anybody twice, a founder and an officer, each with a log-in."""
    with transaction(engine) as session:
        return [
            Visit("list of scenarios", "/scenarios"),
            Visit("one scenario", "/scenarios/S-00042"),
            Visit("a founder's home", "/home", _log_in(session, OrganisationKind.STARTUP)),
            Visit("an officer's home", "/home", _log_in(session, OrganisationKind.AGENCY)),
        ]


def _log_in(session: Session, kind: OrganisationKind) -> str:
    now = utcnow()
    organisation = session.exec(
        select(Organisation).where(Organisation.kind == kind).order_by(col(Organisation.id))
    ).first()
    assert organisation is not None
    user = User(email=f"{kind}@bench.example", name="Bench", organisation_id=organisation.key)
    user.roles.append(UserRole(role=Role(kind.value)))
    session.add(user)
    session.flush()
    return start_session(session, user, now=now, hours=1, second_factor_at=now)


@contextmanager
def serving(url: str, folder: Path) -> Iterator[int]:
    """The site under gunicorn; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable, "-m", "gunicorn", "--config", "python:web.workers", "--workers", "2",
        "--bind", f"127.0.0.1:{port}", "--log-level", "error", "web.app:create_app()",
    ]  # fmt: skip
    environment = os.environ | {
        "DUIJIE_DATABASE_URL": url, "DUIJIE_DATA_DIR": str(folder / "data"), "DUIJIE_LOG_LEVEL": "ERROR",
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the site ended with {process.returncode}")
        try:
            fetch(port, Visit("health", "/healthz"))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the site did not start within a minute")


def fetch(port: int, visit: Visit) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    cookie = {"Cookie": f"duijie_session={visit.cookie}"} if visit.cookie else {}
    try:
        connection.request("GET", visit.path, headers={"Accept-Encoding": "gzip", **cookie})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def send(port: int, visits: list[Visit]) -> tuple[dict[str, list[float]], int]:
    """Milliseconds from when each request was due to its answer, by page, and how many were not answered with 200."""
    waits: dict[str, list[float]] = {visit.name: [] for visit in visits}
    failed: list[str] = []
    lock = threading.Lock()
    begins = time.perf_counter() + 0.5

    def ask(nth: int) -> None:
        visit, due = visits[nth % len(visits)], begins + nth / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        try:
            status = fetch(port, visit)[0]
        except (OSError, http.client.HTTPException):
            status = 0
        took = (time.perf_counter() - due) * 1000
        with lock:
            waits[visit.name].append(took)
            if status != 200:
                failed.append(visit.name)

    with ThreadPoolExecutor(N_SENDERS) as senders:
        list(senders.map(ask, range(RATE * SECONDS)))
    return waits, len(failed)


def weigh(port: int, visit: Visit) -> float:
    """A page as it is sent to a browser, in kB. RuntimeError if it is not served."""
    status, headers, body = fetch(port, visit)
    if status != 200:
        raise RuntimeError(f"{visit.path}: {status}")
    return len(body if headers.get("Content-Encoding") == "gzip" else gzip.compress(body)) / 1000


def first_visit_kb() -> float:
    """Style sheets, scripts and icons a first visit may fetch, gzipped, in kB."""
    assets = (ROOT / "web" / "static").rglob("*")
    return (
        sum(
            len(gzip.compress(asset.read_bytes()))
            for asset in assets
            if asset.suffix in (".css", ".js", ".svg")
        )
        / 1000
    )
