from __future__ import annotations

import pytest
from sqlmodel import select

from models.kept_answer import KeptAnswer
from models.scenario import Scenario
from models.user import Role
from tests.factories import make_user

ROW = {"id": "S1", "title": "井盖病害", "text": "希望自动发现井盖缺失并派单。"}


def send(program, *rows, key: str = "order-1"):
    return program.post(
        "/api/v1/imports", json={"kind": "scenarios", "rows": rows or [ROW]}, headers={"Idempotency-Key": key}
    )


def n_scenarios(session) -> int:
    return len(session.exec(select(Scenario).where(Scenario.external_id.is_not(None))).all())


def test_the_same_request_again_gives_the_same_answer_and_does_nothing(as_program, session, city):
    program = as_program(city.users[Role.AGENCY])

    first, again = send(program), send(program)

    assert (first.status_code, first.json["created"]) == (200, 1)
    assert (again.status_code, again.data) == (200, first.data)
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert n_scenarios(session) == 1


def test_a_key_that_was_used_for_something_else_is_refused(as_program, session, city):
    program = as_program(city.users[Role.AGENCY])
    send(program)

    other = send(program, {**ROW, "id": "S2"})

    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert n_scenarios(session) == 1


def test_keys_of_another_token_are_no_concern(as_program, session, city):
    send(as_program(city.users[Role.AGENCY]))
    colleague = make_user(session, roles=(Role.AGENCY,), organisation_id=city.agency.key)

    answer = send(as_program(colleague), {**ROW, "id": "S2"})

    assert answer.json["created"] == 1


def test_what_was_refused_is_not_kept(as_program, session, city):
    program = as_program(city.users[Role.AGENCY])
    refused = program.post(
        "/api/v1/imports", json={"kind": "capabilities", "rows": [ROW]}, headers={"Idempotency-Key": "k"}
    )

    assert refused.status_code == 403
    assert session.exec(select(KeptAnswer)).all() == []
    assert send(program, key="k").status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "x" * 101, "键"])
def test_what_is_no_key_is_refused(as_program, session, city, key):
    answer = send(as_program(city.users[Role.AGENCY]), key=key.encode().decode("latin-1"))

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key")
    assert n_scenarios(session) == 0
