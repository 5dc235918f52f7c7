from __future__ import annotations

import json
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from models.batch_list import freeze_list
from models.organisation import OrganisationKind
from models.user import Role
from tests.factories import (
    make_batch,
    make_capability,
    make_introduced_match,
    make_match,
    make_organisation,
    make_pilot,
    make_scenario,
    make_score,
    make_token,
    make_user,
)
from tests.fakes import HashingEmbedder
from tests.matcher.market import TOPICS, make_market
from tests.web.live_market import index_rows, live_app
from web.api.document import MODULES, endpoints, problems_of

N_EXAMPLES = 8
"""Requests of each kind to each endpoint; enough to have met every check, few enough to wait for."""

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def open_site(session, settings, now, monkeypatch):
    """A site in full mode that lets everybody ask as often as they like, with something behind every address."""
    make_market(session)
    index_rows(session, settings, HashingEmbedder())
    many = {"api_per_minute_stranger": 10**6, "api_per_minute_token": 10**6}
    monkeypatch.setattr("web.api.matching.QUESTIONS", 10**6)
    return live_app(session, settings.model_copy(update=many), HashingEmbedder, clock=lambda: now)


@pytest.fixture
def place(session):
    """A university, which both asks and offers, with one of each thing a program reads."""
    home = make_organisation(session, kind=OrganisationKind.UNIVERSITY)
    batch = make_batch(session, number="2027Q2")
    scenario = make_scenario(
        session, organisation_id=home.key, number="U-1", batch_id=batch.key, title=TOPICS[1][0]
    )
    capability = make_capability(session, organisation_id=home.key, title=TOPICS[1][1], cases=("某区试用",))
    match = make_match(session, scenario_id=scenario.key)
    make_score(session, match)
    pilot = make_pilot(session, match_id=make_introduced_match(session, scenario_id=scenario.key).key)
    return {
        "number": "U-1",
        "batch": batch,
        "scenario_id": scenario.key,
        "capability_id": capability.key,
        "match_id": match.key,
        "pilot_id": pilot.key,
        "person": make_user(session, roles=(Role.AGENCY, Role.STARTUP), organisation_id=home.key),
        "scenario": scenario,
    }


def contract(app, *, with_security: bool = True):
    """The document as schemathesis reads it. Without its security, no made-up request is one without a token."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for methods in schema.raw_schema["paths"].values() if not with_security else ():
        for operation in methods.values():
            operation.pop("security")
    return schema


def hammer(operation, mode: GenerationMode, headers: dict[str, str]) -> None:
    """Send made-up requests and hold each answer to every check: no 5xx, no undeclared status, no other shape."""
    # Rows may call their fields in two languages, so a schema cannot say which are needed.
    but = [positive_data_acceptance] if operation.label == "POST /api/v1/imports" else []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=N_EXAMPLES, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    def ask(case) -> None:
        case.call_and_validate(headers=headers, excluded_checks=but)

    ask()


def can_be_wrong(operation) -> bool:
    """Whether there is anything to get wrong; an address of any text is none."""
    parameters = operation.definition.raw.get("parameters", [])
    return bool(operation.body) or any(
        parameter["schema"] != {"type": "string", "minLength": 1} for parameter in parameters
    )


@pytest.mark.slow
@pytest.mark.parametrize("shows_token", [True, False])
def test_made_up_requests_meet_no_fault_and_no_undeclared_answer(open_site, place, session, now, shows_token):
    token = make_token(session, place["person"], now=now, used_at=now)
    headers = {"Authorization": f"Bearer {token}"} if shows_token else {}
    n_asked = 0
    for found in contract(open_site, with_security=not shows_token).get_all_operations():
        operation = found.ok()
        hammer(operation, GenerationMode.POSITIVE, headers)
        if can_be_wrong(operation):
            hammer(operation, GenerationMode.NEGATIVE, headers)
        n_asked += 1

    assert n_asked == len(list(endpoints(open_site)))


def test_real_rows_are_answered_as_declared(open_site, place, session, now):
    freeze_list(session, place["batch"], [place["scenario"]], now=now)
    headers = {"Authorization": f"Bearer {make_token(session, place['person'], now=now, used_at=now)}"}
    declared = contract(open_site)
    paths = open_site.test_client().get("/api/v1/openapi.json").json["paths"]
    answered = set()
    for path in paths:
        names = re.findall(r"{(\w+)}", path)
        if "get" not in paths[path]:
            continue
        values = {name: place[name] for name in names}
        if "batches" in path and names:
            values = {"number": "2027Q2"}
        query = {"side": "agency"} if path == "/api/v1/matches" else {}
        case = declared[path]["GET"].Case(path_parameters=values, query=query, headers=headers)
        answered.add((path, case.call_and_validate().status_code))

    assert {status for _, status in answered} == {200}
    assert len(answered) == sum("GET" in rule.methods for rule, _, _ in endpoints(open_site))


def test_every_module_of_endpoints_is_in_the_document(app):
    assert {rule.endpoint.split(".")[0] for rule, _, _ in endpoints(app)} == {
        module.bp.name for module in MODULES
    }


def test_the_document_is_in_one_language(client):
    english = client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"})
    chinese = client.get("/api/v1/openapi.json", headers={"Accept-Language": "zh"})

    assert english.json["openapi"] == "3.1.0"
    assert HAN.findall(english.text) == []
    assert [line for line in sentences(chinese.json) if not HAN.search(line)] == []


def sentences(part: object) -> list[str]:
    """Every summary and description."""
    if isinstance(part, dict):
        own = [
            value
            for name, value in part.items()
            if name in ("summary", "description") and isinstance(value, str)
        ]
        return own + [line for value in part.values() for line in sentences(value)]
    return [line for item in part for line in sentences(item)] if isinstance(part, list) else []


def test_the_document_has_a_fingerprint(client):
    tag = client.get("/api/v1/openapi.json").headers["ETag"]

    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": tag}).status_code == 304


def test_who_needs_a_token_and_for_what_is_as_the_views_say(app, client):
    paths = client.get("/api/v1/openapi.json").json["paths"]

    for rule, endpoint, is_public in endpoints(app):
        path = re.sub(r"<(?:id:)?(\w+)>", r"{\1}", rule.rule)
        operation = next(iter(paths[path].values()))
        scopes = [] if endpoint.scope is None else [endpoint.scope.value]
        assert operation["security"] == ([{}] if is_public else []) + [{"token": scopes}]
        assert set(map(int, operation["responses"])) - {304} == {
            endpoint.status,
            *problems_of(endpoint, is_public),
        }


def test_every_reference_of_the_document_leads_somewhere(client):
    document = client.get("/api/v1/openapi.json").json

    names = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))

    assert names == set(document["components"]["schemas"])
