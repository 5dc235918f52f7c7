from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import AuditEvent, subject_events
from models.place import Community
from models.plan_target import PlanMeasure, PlanTarget, plan_targets
from models.user import Role, User, UserRole
from tests.factories import make_community, make_district, make_firm, make_user, save

FIELDS = {"name": "大沙河社区", "name_en": "Dasha River", "code": "DSH", "area_m2": "12000", "capacity": "80"}


@pytest.fixture
def operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


def operator_of(session: Session, district_id: int) -> User:
    person = make_user(session)
    person.roles.append(UserRole(user_id=person.key, role=Role.OPERATOR, district_id=district_id))
    return person


def stored(session: Session) -> list[Community]:
    return list(session.exec(select(Community).execution_options(populate_existing=True)))


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", ""), ("GET", "/new"), ("POST", "/targets")]
)
def test_the_register_is_for_operators(client, as_agency, method: str, path: str) -> None:
    assert client.open(f"/communities{path}", method=method).status_code == 303
    assert as_agency.open(f"/communities{path}", method=method).status_code == 403


def test_a_community_is_registered_and_changed_and_both_are_written_down(operator, session, city) -> None:
    district = city.agency.district_id

    added = operator.post("/communities", data={**FIELDS, "district_id": district})
    (row,) = stored(session)
    operator.post(
        f"/communities/{row.key}", data={**FIELDS, "district_id": district, "recognised_on": "2026-03-01"}
    )

    (row,) = stored(session)
    assert added.status_code == 303
    assert (row.name, row.area_m2, row.recognised_on) == ("大沙河社区", 12_000, date(2026, 3, 1))
    events = subject_events(session, "community", row.key)
    assert [event.action for event in events] == ["community.added", "community.changed"]
    assert events[1].details == {"recognised_on": [None, "2026-03-01"]}
    page = operator.get(f"/communities/{row.key}").text
    assert "已认定" in page and "认定日期：– → 2026-03-01" in page


def test_saving_without_a_change_writes_nothing_down(operator, session, city) -> None:
    sent = {**FIELDS, "district_id": city.agency.district_id}
    operator.post("/communities", data=sent)

    operator.post(f"/communities/{stored(session)[0].key}", data=sent)

    assert len(session.exec(select(AuditEvent)).all()) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "名称：要填写。"),
        ({"area_m2": "0"}, "面积（平方米）：要大于 0。"),
        ({"area_m2": "多"}, "面积（平方米）：要写一个整数，例如 12。"),
        ({"code": "大沙河"}, "代码：有不能用的字符。"),
        ({"code": "TAKEN"}, "代码：这个代码已经登记过。"),
        ({"district_id": "999"}, "所在区：请从列表中选一项。"),
        ({"recognised_on": "2026-03-01", "applied_on": "2026-04-01"}, "认定日期：不能早于前一步的日期。"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    operator, session, city, wrong: dict[str, str], sentence: str
) -> None:
    make_community(session, code="TAKEN", district_id=city.agency.district_id)

    answer = operator.post("/communities", data={**FIELDS, "district_id": city.agency.district_id, **wrong})

    assert answer.status_code == 422 and sentence in answer.text
    assert [row.code for row in stored(session)] == ["TAKEN"]


def test_a_refused_change_leaves_the_community_as_it_was(operator, session, city) -> None:
    row = make_community(session, name="老名字", district_id=city.agency.district_id)

    sent = {**FIELDS, "district_id": city.agency.district_id, "revoked_on": "2026-03-01"}
    answer = operator.post(f"/communities/{row.key}", data=sent)

    assert answer.status_code == 422 and "没有认定过的社区谈不上取消" in answer.text
    assert stored(session)[0].name == "老名字"


def test_the_register_is_narrowed_counted_and_given_as_a_file(operator, session, city) -> None:
    here = make_community(session, name="近处", district_id=city.agency.district_id)
    make_community(session, name="远处", recognised_on=date(2026, 3, 1))
    make_firm(session, community_id=here.key)

    everything = operator.get("/communities").text
    recognised = operator.get("/communities?state=recognised").text
    near = operator.get("/communities?district=NS").text
    file = operator.get("/communities?district=NS&as=csv").get_data(as_text=True)

    assert "近处" in everything and "远处" in everything and "已认定 1" in everything
    assert "远处" in recognised and "近处" not in recognised
    assert "近处" in near and "远处" not in near
    assert "近处" in file and "远处" not in file
    assert operator.get("/communities?state=x&district=%00").status_code == 200
    assert operator.get("/communities?as=xlsx").data[:2] == b"PK"


def test_targets_are_set_shown_and_taken_away(operator, session, city) -> None:
    sent = {
        "communities": "10",
        "least_area": "10000",
        "due_on": "2027-12-31",
        "source": "深工信〔2026〕2号 一",
    }
    make_community(session, area_m2=9_000, recognised_on=date(2026, 3, 1))

    operator.post("/communities/targets", data=sent)
    page = operator.get("/communities").text
    assert plan_targets(session)[PlanMeasure.COMMUNITIES].wanted == 10
    assert "/ 10" in page and "目标的 0%" in page and "不到计划的面积" in page

    operator.post("/communities/targets", data={**sent, "communities": ""})
    assert PlanMeasure.COMMUNITIES not in plan_targets(session)
    assert [event.action for event in session.exec(select(AuditEvent))] == ["plan_target.set"] * 3


def test_a_target_of_nothing_is_refused(operator, session) -> None:
    answer = operator.post("/communities/targets", data={"firms": "-1"})

    assert answer.status_code == 422 and "企业（家）" in answer.text
    assert session.exec(select(PlanTarget)).all() == []


def test_an_operator_of_a_district_writes_there_only(session, log_in, city) -> None:
    there = make_community(session, district_id=make_district(session).key)
    here = log_in(operator_of(session, city.agency.district_id))

    def send(address: str, **values: Any) -> int:
        return here.post(address, data={**FIELDS, **values}).status_code

    assert here.get(f"/communities/{there.key}").status_code == 404
    assert send(f"/communities/{there.key}", district_id=there.district_id) == 404
    assert send("/communities", district_id=there.district_id) == 422
    assert send("/communities", district_id=city.agency.district_id) == 303
    assert here.post("/communities/targets", data={"firms": "5"}).status_code == 403


def test_without_a_district_there_is_nowhere_to_register(session, log_in) -> None:
    person = make_user(session, roles=(Role.OPERATOR,))

    assert "先登记区再登记社区" in log_in(person).get("/communities/new").text


def test_english_readers_get_english(operator, session, city) -> None:
    save(session, PlanTarget(measure=PlanMeasure.AREA, wanted=500_000, due_on=date(2027, 12, 31)))
    make_community(session, name_en="Dasha River", district_id=city.agency.district_id)

    page = operator.get("/communities?lang=en").text

    assert "OPC communities" in page and "Dasha River" in page and "Area of recognised communities" in page
