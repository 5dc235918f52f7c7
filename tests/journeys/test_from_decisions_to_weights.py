"""Agencies decide, the job learns, the gate opens, an operator puts it in force, lists change; and back again."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.engine import Engine
from sqlmodel import select

from jobs.learn_weights import learn_weights
from jobs.measure_quality import measure_quality
from jobs.reindex import reindex
from matcher.scoring import WEIGHTS
from matcher.workshop import Workshop
from models.capability import Capability
from models.db import make_session, transaction
from models.login import start_session
from models.match import Band, DeclineReason, DismissReason, Match, MatchScore
from models.match_queries import ScoredPair, scenario_matches
from models.user import Role
from models.weight_version import list_versions
from tests.factories import make_organisation, make_user
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, make_run
from tests.journeys.conftest import Browser
from tests.matcher.market import make_needs, make_offers
from web.auth import cookie_name

N_AGENCIES = 24
Places = dict[int, list[int]]
"""By scenario the firms of its list, best first."""


@dataclass
class City:
    """The parts of the story."""

    database: Engine
    clock: FixedClock
    workshop: Workshop
    operator: Browser
    scenarios: list[int]

    def match(self) -> dict[str, int]:
        """What matching did, a minute later."""
        self.clock.advance(timedelta(minutes=1))
        run = make_run(self.database, self.clock)
        reindex(run, workshop=self.workshop)
        return dict(run.counts.done)

    def learn(self) -> dict[str, dict[str, int]]:
        """What learning and measuring did, the next morning."""
        self.clock.advance(timedelta(days=1))
        learning, measuring = make_run(self.database, self.clock), make_run(self.database, self.clock)
        learn_weights(learning)
        measure_quality(measuring, today=self.workshop.today, zone=SHENZHEN)
        return learning.counts.to_json()

    def lists(self) -> dict[int, list[ScoredPair]]:
        with make_session(self.database, read_only=True) as session:
            return {id_: scenario_matches(session, id_) for id_ in self.scenarios}

    def places(self) -> Places:
        return {id_: [pair.match.organisation_id for pair in pairs] for id_, pairs in self.lists().items()}

    def bands(self) -> dict[tuple[int, int], Band]:
        return {
            (id_, pair.match.organisation_id): pair.score.band
            for id_, pairs in self.lists().items()
            for pair in pairs
        }


@pytest.fixture
def city(database: Engine, clock: FixedClock, workshop: Workshop, app: Flask) -> City:
    """As many agencies with a need each, twice as many firms: every other one has a confirmed case, the rest none."""
    with transaction(database) as session:
        needs = make_needs(session, N_AGENCIES)
        for need in needs:
            need.organisation_id = make_organisation(session).key
        offers = make_offers(session, 2 * N_AGENCIES)
        for n, offer in enumerate(offers):
            if n // 8 % 2:
                offer.cases[0].confirmed_at = clock.now
            else:
                session.delete(offer.cases[0])
        operator = make_user(session, roles=(Role.OPERATOR,))
        token = start_session(session, operator, now=clock.now, hours=700, second_factor_at=clock.now)
        scenarios = [need.key for need in needs]
    client = app.test_client()
    client.set_cookie(cookie_name(app), token)
    return City(database, clock, workshop, Browser(client), scenarios)


def is_proven(pair: ScoredPair) -> bool:
    return pair.score.signals["proven"] == 1.0


def decide(city: City) -> list[tuple[int, int, int]]:
    """Every agency invites its best firm with a confirmed case and declines its best one without; returns (scenario,
    invited firm, declined firm).
    """
    answers = []
    with transaction(city.database) as session:
        for scenario_id in city.scenarios:
            pairs = [
                pair for pair in scenario_matches(session, scenario_id) if pair.score.signals["relevance"]
            ]
            wanted = next(pair.match for pair in pairs if is_proven(pair))
            refused = next(pair.match for pair in pairs if not is_proven(pair))
            wanted.invite(city.clock.now)
            refused.decline(city.clock.now, reason=DeclineReason.EVIDENCE_MISSING)
            answers.append((scenario_id, wanted.organisation_id, refused.organisation_id))
    return answers


def test_from_decisions_to_weights_and_back(city: City) -> None:
    city.match()
    before, bands = city.places(), city.bands()
    assert city.learn()["skipped"]["too_few_compared"] == 50

    city.clock.advance(timedelta(hours=1))
    answers = decide(city)
    rows = "".join(f"{scenario},{firm},1\n{scenario},{other},0\n" for scenario, firm, other in answers[:8])
    label(city, rows)
    assert "有一版学到的权重" not in city.operator.get("/evaluation")
    assert city.learn() == {"skipped": {"too_few_compared": 2}}

    # One firm answers its own list too, and that is enough.
    firm_answers(city)
    assert city.learn() == {"done": {"proposed": 1}}
    page = city.operator.get("/evaluation")
    assert "启用第 1 版" in page
    # A proposal alone changes nothing.
    city.match()
    assert city.places() == before

    city.operator.send("/evaluation/weights/1/activate", on="/evaluation")
    done = city.match()

    after = city.places()
    assert done["scores_added"] > 0
    assert city.bands() == bands
    assert after != before
    rises_are_earned(city, before, after)
    with make_session(city.database, read_only=True) as session:
        (version,) = list_versions(session)
        assert version.weights["proven"] > WEIGHTS.proven
        assert {row.weights_serial for row in session.exec(select(MatchScore))} == {0, 1}
    assert city.match().get("scores_added", 0) == 0

    city.operator.send("/evaluation/weights/revert", on="/evaluation")
    city.match()

    assert city.places() == before
    assert city.bands() == bands
    assert "已撤回权重" in city.operator.get("/evaluation")


def label(city: City, rows: str) -> None:
    """The operator imports labels, as from a spreadsheet."""
    page = city.operator.client.get("/evaluation/labels").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    data = {
        "csrf_token": token, "apply": "on",
        "file": (io.BytesIO(f"scenario_id,firm_id,grade\n{rows}".encode()), "labels.csv"),
    }  # fmt: skip
    answer = city.operator.client.post("/evaluation/labels/import", data=data)
    assert "新增 16" in answer.get_data(as_text=True)


def firm_answers(city: City) -> None:
    """A firm wants the best scenario of its list and finds the next not its field."""
    with transaction(city.database) as session:
        firm_id = session.exec(select(Capability.organisation_id).order_by(Capability.id)).first()
        matches = session.exec(
            select(Match)
            .where(Match.organisation_id == firm_id, Match.declined_at.is_(None))
            .order_by(Match.id)
        ).all()
        matches[0].express_interest(city.clock.now, note="做得了。")
        matches[1].dismiss(city.clock.now, reason=DismissReason.NOT_MY_FIELD)


def rises_are_earned(city: City, before: Places, after: Places) -> None:
    """Whoever passed another firm has proven use and the other has not."""
    proven = {
        pair.match.organisation_id: is_proven(pair) for pairs in city.lists().values() for pair in pairs
    }
    for scenario_id, firms in after.items():
        place = {firm: at for at, firm in enumerate(before[scenario_id])}
        for at, firm in enumerate(firms):
            for passed in firms[at + 1 :]:
                if place[passed] < place[firm]:
                    assert (proven[firm], proven[passed]) == (True, False)
