from __future__ import annotations

import pytest
from sqlmodel import select

from models.api_token import Scope
from models.capability import Capability, CapabilityStatus
from models.import_run import ImportRun
from models.scenario import Scenario
from models.user import Role

ROWS = [
    {"id": "S1", "title": "井盖病害", "text": "希望自动发现井盖缺失并派单。", "预算下限": 300000},
    {"id": "S2", "text": "希望识别占道经营。", "deadline_on": "not a day"},
    {"id": "S3", "text": "希望识别占道经营。", "requirements": ["识别占道", "派单给网格员"]},
]


def send(program, **body):
    return program.post("/api/v1/imports", json={"kind": "scenarios", "rows": ROWS, **body})


def brought(session) -> list[str]:
    rows = session.exec(select(Scenario).where(Scenario.external_id.is_not(None)).order_by(Scenario.id))
    return [row.external_id for row in rows]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(as_program, session, settings, city):
    answer = send(as_program(city.users[Role.AGENCY]), dry_run=True)

    assert answer.status_code == 200
    assert (answer.json["created"], answer.json["rejected"], answer.json["import_id"]) == (2, 1, None)
    assert [(line["row"], line["field"]) for line in answer.json["errors"]] == [(2, "deadline_on")]
    assert brought(session) == [] and session.exec(select(ImportRun)).all() == []
    assert not settings.files_dir.exists()


def test_rows_go_in_as_drafts_of_ones_own_organisation(as_program, session, city):
    answer = send(as_program(city.users[Role.AGENCY]), owner="别的机构")

    rows = session.exec(select(Scenario).where(Scenario.external_id.is_not(None))).all()
    assert answer.json["created"] == 2
    assert {(row.organisation_id, row.status.value) for row in rows} == {(city.agency.key, "draft")}
    assert [line.text for line in rows[1].requirements] == ["识别占道", "派单给网格员"]


def test_the_same_id_again_changes_the_row(as_program, session, city):
    program = as_program(city.users[Role.AGENCY])
    send(program)

    again = send(program, rows=[{**ROWS[0], "title": "井盖和沉降"}, ROWS[2]])

    assert (again.json["created"], again.json["updated"], again.json["unchanged"]) == (0, 1, 1)
    assert brought(session) == ["S1", "S3"]


def test_an_import_is_seen_and_taken_back_on_its_page(as_program, log_in, session, city):
    read = send(as_program(city.users[Role.AGENCY])).json
    people = log_in(city.users[Role.AGENCY])

    assert people.get(read["url"]).status_code == 200
    assert people.post(f"/imports/{read['import_id']}/undo").status_code == 303
    assert brought(session) == []


def test_a_firm_lists_its_capabilities_at_once(as_program, session, city):
    rows = [{"id": "C1", "title": "找井盖", "text": "用行车记录仪找井盖病害。"}]

    answer = send(as_program(city.users[Role.STARTUP]), kind="capabilities", rows=rows, release=True)

    capability = session.exec(select(Capability).where(Capability.external_id == "C1")).one()
    assert answer.json["created"] == 1
    assert (capability.organisation_id, capability.status) == (city.firm.key, CapabilityStatus.LISTED)


def test_an_agency_looks_at_a_scenario_before_it_is_published(as_program, session, city):
    answer = send(as_program(city.users[Role.AGENCY]), release=True)

    assert (answer.status_code, list(answer.json["fields"])) == (422, ["release"])
    assert brought(session) == []


def test_an_operator_brings_in_rows_of_others(as_program, session, city):
    answer = send(as_program(city.users[Role.OPERATOR]), owner="福田区政务服务中心")

    assert answer.json["created"] == 2
    assert {row.organisation.name for row in session.exec(select(Scenario)) if row.external_id} == {
        "福田区政务服务中心"
    }


@pytest.mark.parametrize(("role", "kind"), [(Role.AGENCY, "capabilities"), (Role.STARTUP, "scenarios")])
def test_each_side_brings_in_its_own_kind(as_program, city, role, kind):
    assert send(as_program(city.users[role]), kind=kind).status_code == 403


def test_a_token_to_read_writes_nothing(as_program, session, city):
    answer = send(as_program(city.users[Role.AGENCY], Scope.READ, Scope.MATCH))

    assert (answer.status_code, answer.json["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    "rows", [[], [7], [{"id": f"S{n}", "text": "x"} for n in range(501)], [{f"c{n}": 1 for n in range(200)}]]
)
def test_what_are_no_rows_is_refused(as_program, session, city, rows):
    assert send(as_program(city.users[Role.AGENCY]), rows=rows).status_code == 422
    assert brought(session) == []


@pytest.mark.parametrize(
    "row", [{}, {"": ""}, {"id": []}, {"id": {"a": 1}, "text": None}, {"text": "\u0000"}]
)
def test_an_odd_row_is_an_error_of_that_row(as_program, session, city, row):
    answer = send(as_program(city.users[Role.AGENCY]), rows=[ROWS[0], row])

    assert (answer.status_code, answer.json["created"], answer.json["rejected"]) == (200, 1, 1)
