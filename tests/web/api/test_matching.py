from __future__ import annotations

import pytest
from sqlmodel import select

from models.api_token import Scope
from models.capability import Capability
from models.organisation import Organisation
from models.scenario import Scenario
from models.user import Role
from tests.factories import make_token, make_user
from tests.fakes import HashingEmbedder
from tests.matcher.market import TOPICS, make_market
from tests.web.live_market import index_rows, live_app
from web.api.matching import MAX_QUESTIONS, QUESTIONS

OFFER = f"{TOPICS[0][1]}。{TOPICS[0][0]}，{TOPICS[0][2]}。已在三个街道试用半年，召回率91%。"
NEED = f"{TOPICS[0][0]}。希望{TOPICS[0][1]}，{TOPICS[0][2]}，并派单给养护班组。"


class Asking:
    """A program that asks on a site in full mode."""

    def __init__(self, app, session, now) -> None:
        self.app, self.session, self.now = app, session, now

    def ask(self, person, question: dict, *, path: str = "/api/v1/match", scopes=(Scope.MATCH,), locale="zh"):
        token = make_token(self.session, person, *scopes, now=self.now, used_at=self.now)
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": locale}
        return self.app.test_client().post(path, json=question, headers=headers)


@pytest.fixture
def asking(session, settings, now) -> Asking:
    make_market(session)
    index_rows(session, settings, HashingEmbedder())
    return Asking(live_app(session, settings, HashingEmbedder, clock=lambda: now), session, now)


@pytest.fixture
def anybody(session):
    return make_user(session, roles=(Role.ORGANIZER,))


def owner_of(session, row) -> object:
    role = Role.AGENCY if isinstance(row, Scenario) else Role.STARTUP
    return make_user(session, roles=(role,), organisation_id=row.organisation_id)


def test_a_product_finds_open_scenarios_ranked_with_quotes(asking, anybody, session):
    answer = asking.ask(anybody, {"by": "text", "side": "supply", "text": OFFER, "n": 3})

    best = answer.json["results"][0]
    assert answer.status_code == 200
    assert best["scenario"]["title"] == TOPICS[0][0]
    assert [row["rank"] for row in answer.json["results"] if row["rank"]][:2] == [1, 2]
    assert len(answer.json["results"]) <= 3
    assert any(line["evidence"] for line in best["requirements"])
    assert answer.json["model"] and answer.json["engine_version"] and answer.json["index_version"]


def test_a_need_finds_capabilities_without_naming_or_quoting_a_firm(asking, anybody, session):
    answer = asking.ask(anybody, {"by": "text", "side": "demand", "text": NEED})

    names = [row.name for row in session.exec(select(Organisation))]
    assert answer.json["results"][0]["capability"]["title"] == TOPICS[0][1]
    assert [name for name in names if f'"{name}"' in answer.text] == []
    assert {line["evidence"] for row in answer.json["results"] for line in row["requirements"]} == {None}


def test_ones_own_scenario_finds_firms_by_name_with_reasons(asking, session):
    scenario = session.exec(select(Scenario).where(Scenario.title == TOPICS[0][0])).first()

    answer = asking.ask(owner_of(session, scenario), {"by": "scenario", "scenario_id": scenario.key, "n": 5})

    assert answer.json["results"][0]["firm"]["name"]
    assert answer.json["results"][0]["reasons"] or answer.json["results"][0]["gaps"]


def test_ones_own_capability_finds_scenarios(asking, session):
    capability = session.exec(select(Capability).where(Capability.title == TOPICS[0][1])).first()

    question = {"by": "capability", "capability_id": capability.key}
    answer = asking.ask(owner_of(session, capability), question)

    assert answer.json["results"][0]["scenario"]["title"] == TOPICS[0][0]


def test_what_belongs_to_others_is_not_there(asking, session, anybody):
    scenario, capability = session.exec(select(Scenario)).first(), session.exec(select(Capability)).first()
    theirs = [
        (owner_of(session, capability), {"by": "scenario", "scenario_id": scenario.key}),
        (owner_of(session, scenario), {"by": "capability", "capability_id": capability.key}),
        (anybody, {"by": "scenario", "scenario_id": scenario.key}),
        (anybody, {"by": "capability", "capability_id": 999_999_999}),
    ]

    assert {asking.ask(person, question).status_code for person, question in theirs} == {404}


def test_several_questions_are_answered_in_order(asking, anybody):
    questions = [
        {"by": "text", "side": "supply", "text": OFFER, "n": 1},
        {"by": "text", "side": "demand", "text": NEED, "n": 2},
    ]

    answer = asking.ask(anybody, {"questions": questions}, path="/api/v1/match/batch")

    first, second = answer.json["answers"]
    assert first["results"][0]["scenario"] and second["results"][0]["capability"]
    assert (len(first["results"]), len(second["results"])) == (1, 2)


def test_too_many_at_once_are_refused(asking, anybody):
    question = {"by": "text", "side": "supply", "text": OFFER}

    answer = asking.ask(anybody, {"questions": [question] * (MAX_QUESTIONS + 1)}, path="/api/v1/match/batch")

    assert (answer.status_code, list(answer.json["fields"])) == (422, ["questions"])


def test_too_many_in_a_row_are_told_to_wait(asking, anybody, session, now):
    token = make_token(session, anybody, Scope.MATCH, now=now, used_at=now)
    question = {"by": "capability", "capability_id": 1}
    client = asking.app.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    statuses = [
        client.post("/api/v1/match", json=question, headers=headers).status_code for _ in range(QUESTIONS + 1)
    ]

    assert (set(statuses[:-1]), statuses[-1]) == ({404}, 429)


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"by": "telepathy"},
        {"by": "text", "side": "supply", "text": "太短"},
        {"by": "text", "side": "supply", "text": "长" * 4001},
        {"by": "text", "side": "both", "text": OFFER},
        {"by": "scenario", "scenario_id": True},
        {"by": "scenario", "scenario_id": "1"},
        {"by": "scenario", "scenario_id": 0},
        {"by": "scenario", "scenario_id": 1, "n": 51},
        {"by": "scenario", "scenario_id": 1, "colour": "red"},
    ],
)
def test_what_is_no_question_is_refused(as_program, city, question):
    answer = as_program(city.users[Role.AGENCY]).post("/api/v1/match", json=question)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")


def test_without_the_encoder_the_answer_is_that_it_is_not_there(as_program, city):
    question = {"by": "text", "side": "supply", "text": OFFER}

    answer = as_program(city.users[Role.AGENCY]).post("/api/v1/match", json=question)

    assert (answer.status_code, answer.json["code"]) == (503, "no_encoder")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_token_to_read_matches_nothing(asking, anybody):
    question = {"by": "text", "side": "supply", "text": OFFER}

    assert asking.ask(anybody, question, scopes=(Scope.READ,)).status_code == 403


def test_nothing_that_is_asked_is_stored(asking, anybody, session):
    from tests.web.pages.test_tryout import rows_of_all_tables

    token = make_token(session, anybody, Scope.MATCH, now=asking.now, used_at=asking.now)
    before = rows_of_all_tables(session)

    asking.app.test_client().post(
        "/api/v1/match",
        json={"by": "text", "side": "supply", "text": OFFER},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert rows_of_all_tables(session) == before
