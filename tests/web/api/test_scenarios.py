from __future__ import annotations

from datetime import timedelta

import pytest

from models.addendum import issue_addendum
from models.user import Role
from tests.factories import make_question, make_scenario
from tests.web.pages.test_scenarios import count_queries


def numbers(answer) -> list[str]:
    return [item["number"] for item in answer.json["items"]]


def test_what_is_published_is_open_to_everybody_with_its_requirements(client, city):
    answer = client.get("/api/v1/scenarios")

    item = answer.json["items"][0]
    assert numbers(answer) == ["NS-2026Q4-017"]
    assert [line["text"] for line in item["requirements"]] == ["自动发现井盖缺失与破损", "整套部署在政务云"]
    assert (item["district"], item["batch"], item["organisation"]["name"]) == (
        "NS",
        "2026Q4",
        "南山区城管部门",
    )
    assert (item["budget_min_fen"], item["is_open"]) == (30_000_000, True)


@pytest.mark.parametrize("path", ["/api/v1/scenarios", "/api/v1/scenarios/NS-2026Q4-017"])
def test_contacts_are_in_no_answer(client, city, path):
    assert "李科长" not in client.get(path).text
    assert "li@agency.example" not in client.get(path).text


def test_drafts_and_withdrawn_ones_are_not_there(client, session, city, now):
    make_scenario(session, number="D-1", published_at=None)
    city.scenario.withdraw(now)

    assert client.get("/api/v1/scenarios?state=open&state=ended").json["total"] == 0
    assert client.get("/api/v1/scenarios/D-1").status_code == 404
    assert client.get("/api/v1/scenarios/NS-2026Q4-017").status_code == 404


def test_filters_narrow_the_list_as_on_the_page(client, session, city, now):
    late = now.date() - timedelta(days=1)
    make_scenario(session, number="A-1", title="政务热线工单分类", domain="public_service")
    make_scenario(session, number="A-2", title="政务热线质检", domain="public_service", deadline_on=late)

    assert numbers(client.get("/api/v1/scenarios?domain=public_service")) == ["A-1"]
    assert numbers(client.get("/api/v1/scenarios?domain=public_service&state=ended")) == ["A-2"]
    assert numbers(client.get("/api/v1/scenarios?district=NS")) == ["NS-2026Q4-017"]
    assert set(numbers(client.get("/api/v1/scenarios?q=热线&state=open&state=ended"))) == {"A-1", "A-2"}
    assert client.get("/api/v1/scenarios?q=没有人写过的词zzz").json["total"] == 0


def test_one_scenario_comes_with_what_was_said_since(client, session, city, now):
    issue_addendum(
        session, city.scenario, what="截止延后一周", why="国庆假期", by=city.users[Role.AGENCY], now=now
    )
    make_question(
        session,
        scenario_id=city.scenario.key,
        text="夜里也要吗？",
        answer="要。",
        answered_at=now,
        is_public=True,
    )

    read = client.get("/api/v1/scenarios/NS-2026Q4-017").json

    assert [line["what"] for line in read["addenda"]] == ["截止延后一周"]
    assert read["answers"] == [{"question": "夜里也要吗？", "answer": "要。"}]


def test_a_longer_list_takes_no_more_queries(client, session, city):
    client.get("/api/v1/scenarios")
    few = count_queries(session, lambda: client.get("/api/v1/scenarios"))
    for n in range(10):
        make_scenario(session, number=f"Q-{n}", requirements=("一", "二"))
    client.get("/api/v1/scenarios")
    many = count_queries(session, lambda: client.get("/api/v1/scenarios"))

    assert many <= few
