from __future__ import annotations

from models.user import Role
from tests.factories import make_capability, make_firm


def test_a_firm_reads_its_own_capabilities_with_their_cases(as_program, session, city):
    own = make_capability(session, organisation_id=city.firm.key, title="井盖识别", cases=("某区试用",))
    make_capability(session, organisation_id=make_firm(session).key, title="别家的")

    read = as_program(city.users[Role.STARTUP]).get("/api/v1/capabilities").json

    assert [item["title"] for item in read["items"] if item["id"] == own.key] == ["井盖识别"]
    assert "别家的" not in str(read)
    assert [case["text"] for item in read["items"] for case in item["cases"]] == ["某区试用"]


def test_the_state_chooses(as_program, session, city):
    make_capability(session, organisation_id=city.firm.key, title="草稿", listed_at=None)

    read = as_program(city.users[Role.STARTUP]).get("/api/v1/capabilities?status=draft").json

    assert [item["title"] for item in read["items"]] == ["草稿"]


def test_one_of_another_firm_is_not_there(as_program, session, city):
    other = make_capability(session)

    program = as_program(city.users[Role.STARTUP])

    assert program.get(f"/api/v1/capabilities/{other.key}").status_code == 404
    assert program.get("/api/v1/capabilities/99999999999").status_code == 404
