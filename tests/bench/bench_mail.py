"""Digests asked for and sent, beside a plain script that sends the same mails without a queue.

Both speak to a real SMTP server in a process of its own, over one connection, on this machine's loopback. The script
remembers nothing: killed in the middle, it does not know which mails went. Ours commits a claim, a doubt and an
acceptance; a commit is forced to disk, so wall time is compared here. The script sends the mails twice, right after.
"""

from __future__ import annotations

import json
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from jobs.links import Links
from jobs.mailer import Mail
from jobs.queue_digests import queue_digests
from jobs.render import Letter, Renderer
from jobs.runner import Run
from jobs.schedule import make_post
from jobs.send_outbox import send_outbox
from models.config import Settings
from models.db import transaction
from models.match import Band, Match, MatchScore
from models.organisation import Organisation, OrganisationKind
from models.outbox import MailKind
from models.scenario import Scenario
from models.subscription import add_subscription
from tests.bench.figures import Figure, watch
from tests.bench.installation import NOW, add_capabilities, add_scenarios, make_database
from tests.bench.installation import PER_FIRM as CAPABILITIES_PER_FIRM

ROOT = Path(__file__).resolve().parents[2]
N_FIRMS, N_SCENARIOS, PAIRS_EACH = 60, 40, 6
ZONE = ZoneInfo("Asia/Shanghai")


def measure(folder: Path) -> Iterator[Figure]:
    """Queueing, writing, sending, and what the server says it took."""
    engine = make_database(folder)
    add_scenarios(engine, N_SCENARIOS)
    add_capabilities(engine, N_FIRMS * CAPABILITIES_PER_FIRM)
    with transaction(engine) as session:
        add_pairs(session)
    with watch() as queued:
        run = make_run(engine)
        queue_digests(run, zone=ZONE)
    assert run.counts.done["queued"] == N_FIRMS, run.counts
    yield Figure("ask for a digest", queued.wall / N_FIRMS * 1000, "ms", note=f"wall, {N_FIRMS} subscribers")
    with sink() as server:
        yield from sent(engine, folder, server)
    told = server.told
    yield Figure(
        "mails nobody got, or somebody twice", abs(told["mails"] - 3 * N_FIRMS), "", at_most=0, note=f"{told}"
    )


def add_pairs(session: Session) -> None:
    """A subscriber for each firm, and some scored pairs that are news to it."""
    scenarios = [row.key for row in session.exec(select(Scenario))]
    firms = list(session.exec(select(Organisation).where(Organisation.kind == OrganisationKind.STARTUP)))
    for at, firm in enumerate(firms):
        add_subscription(
            session,
            organisation_id=firm.key,
            email=f"reader{at}@example.org",
            kind=MailKind.DIGEST_STARTUP,
            consented_at=NOW,
        )
        for step in range(PAIRS_EACH):
            scenario_id = scenarios[(at + step) % len(scenarios)]
            match = Match(scenario_id=scenario_id, organisation_id=firm.key, created_at=NOW)
            session.add(match)
            session.flush()
            session.add(make_score(match, at * CAPABILITIES_PER_FIRM + 1))


def make_score(match: Match, capability_id: int) -> MatchScore:
    """A view of a pair as the matcher stores it."""
    return MatchScore(
        created_at=NOW,
        match_id=match.key,
        scenario_id=match.scenario_id,
        capability_id=capability_id,
        serial=1,
        engine_version="bench",
        index_version="bench",
        inputs_hash="0" * 64,
        score=0.8,
        band=Band.STRONG,
    )


def make_run(engine: Engine) -> Run:
    """A run of a job at the bench's present."""
    return Run(engine=engine, clock=clock, owner="bench", name="bench")


def clock() -> datetime:
    """The bench's present."""
    return NOW


@dataclass(frozen=True)
class KeepingRenderer(Renderer):
    """The product's renderer, keeping what it wrote and how long it took."""

    kept: list[Mail] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def render(self, letter: Letter, *, now: datetime) -> Mail:
        """Write it, and remember."""
        began = time.perf_counter()
        mail = super().render(letter, now=now)
        self.seconds.append(time.perf_counter() - began)
        self.kept.append(mail)
        return mail


def sent(engine: Engine, folder: Path, server: Sink) -> Iterator[Figure]:
    """Ours, then the script with the same mails."""
    settings = Settings(data_dir=folder, smtp_url=f"smtp://127.0.0.1:{server.port}")
    writer = KeepingRenderer(Links(settings.base_url), settings.mail_from)
    run = make_run(engine)
    with watch() as ours:
        send_outbox(run, replace(make_post(settings), renderer=writer))
    assert run.counts.done["sent"] == N_FIRMS, run.counts
    scripts = [plain(server.port, writer.kept) for _ in range(2)]
    theirs = statistics.mean(scripts) / N_FIRMS * 1000
    writing = sum(writer.seconds) / N_FIRMS * 1000
    total = ours.wall / N_FIRMS * 1000
    yield Figure(
        "send a mail, writing left out",
        total - writing,
        "ms",
        yardstick=f"plain smtplib, mails ready made: {theirs:.1f} ms",
        ratio=(total - writing) / theirs,
        at_most=2.2,
        note="wall; reading the rows again, claim, doubt and acceptance included",
    )
    yield Figure(
        "write a mail",
        writing,
        "ms",
        note=f"wall; {statistics.mean(len(m.data) for m in writer.kept):,.0f} bytes",
    )
    yield Figure(
        "mails a second, all in all",
        1000 / total,
        "1/s",
        note=f"{ours.cpu / N_FIRMS * 1000:.1f} ms of processor each",
    )


def plain(port: int, mails: list[Mail]) -> float:
    """Wall seconds in which smtplib alone hands these mails over."""
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for mail in mails:
            connection.sendmail(mail.sender, [mail.recipient], mail.data)
    return time.perf_counter() - began


@dataclass
class Sink:
    """The SMTP server: where it listens, and what it told at the end."""

    port: int
    told: dict[str, int] = field(default_factory=dict)


@contextmanager
def sink() -> Iterator[Sink]:
    """A real SMTP server in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.sink"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        server = Sink(port=int(process.stdout.readline()))
        try:
            yield server
        finally:
            process.terminate()
        server.told = json.loads(process.stdout.read())
