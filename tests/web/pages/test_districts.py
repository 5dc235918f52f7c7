from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import subject_events
from models.district_programme import DistrictProgramme
from models.place import District
from models.user import Role, User, UserRole
from tests.factories import make_community, make_district, make_user, save

PROGRAMME = {
    "title": "南山区 OPC 专项方案",
    "document_number": "深南〔2026〕1号",
    "valid_until_on": "2027-12-31",
}


@pytest.fixture
def operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


@pytest.fixture
def home(session: Session, city) -> District:
    return session.get_one(District, city.agency.district_id)


def operator_of(session: Session, district_id: int) -> User:
    person = make_user(session)
    person.roles.append(UserRole(user_id=person.key, role=Role.OPERATOR, district_id=district_id))
    return person


def programmes(session: Session) -> list[DistrictProgramme]:
    return list(session.exec(select(DistrictProgramme).execution_options(populate_existing=True)))


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("GET", "/new")])
def test_districts_are_for_operators(client, as_agency, method: str, path: str) -> None:
    assert client.open(f"/districts{path}", method=method).status_code == 303
    assert as_agency.open(f"/districts{path}", method=method).status_code == 403


def test_every_district_is_told_with_what_lies_in_it(operator, session, home) -> None:
    make_community(session, district_id=home.key)
    save(session, DistrictProgramme(district_id=home.key, title="南山方案"))
    make_district(session, name="光明区")

    page = operator.get("/districts").text
    row = operator.get("/districts?as=csv").get_data(as_text=True).splitlines()[-1]

    assert "南山方案" in page and "光明区" in page and "没有登记" in page
    assert row == "NS,南山区,1,1,1,1,南山方案"


def test_a_programme_is_written_and_changed_with_old_and_new(operator, session, home) -> None:
    operator.post(f"/districts/{home.key}/programmes", data=PROGRAMME)
    (row,) = programmes(session)
    address = f"/districts/{home.key}/programmes/{row.key}"
    operator.post(address, data={**PROGRAMME, "title": "新方案"})

    assert [row.title for row in programmes(session)] == ["新方案"]
    events = subject_events(session, "district_programme", row.key)
    assert [event.action for event in events] == ["programme.added", "programme.changed"]
    assert events[1].details == {"title": ["南山区 OPC 专项方案", "新方案"]}
    assert 'value="2027-12-31"' in operator.get(address).text
    assert "新方案" in operator.get(f"/districts/{home.key}").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "方案名称：要填写。"),
        ({"url": "javascript:alert(1)"}, "原文网址：要以 https:// 或 http:// 开头。"),
        ({"valid_from_on": "2028-01-01"}, "失效日期：不能早于生效日期。"),
        ({"valid_until_on": "明年"}, "失效日期：要写一个日期"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(operator, session, home, wrong, sentence: str) -> None:
    answer = operator.post(f"/districts/{home.key}/programmes", data={**PROGRAMME, **wrong})

    assert answer.status_code == 422 and sentence in answer.text
    assert programmes(session) == []


def test_a_district_is_registered_once_and_renamed(operator, session) -> None:
    new = {"code": "GM", "name": "光明区", "name_en": "Guangming"}

    added, again = (operator.post("/districts", data=new) for _ in range(2))
    row = session.exec(select(District).where(District.code == "GM")).one()
    operator.post(f"/districts/{row.key}", data={"name": "光明新区", "code": "XX"})

    session.refresh(row)
    assert (added.status_code, again.status_code) == (303, 422)
    assert (row.code, row.name, row.name_en) == ("GM", "光明新区", "")
    assert [event.action for event in subject_events(session, "district", row.key)] == [
        "district.added",
        "district.changed",
    ]


def test_an_operator_of_a_district_sees_and_writes_there_only(session, log_in, home) -> None:
    other = make_district(session, name="别处区")
    elsewhere = save(session, DistrictProgramme(district_id=other.key, title="别处方案"))
    here = log_in(operator_of(session, home.key))

    assert "别处区" not in here.get("/districts").text
    assert here.get(f"/districts/{other.key}").status_code == 404
    assert here.post(f"/districts/{other.key}/programmes", data=PROGRAMME).status_code == 404
    assert here.get(f"/districts/{home.key}/programmes/{elsewhere.key}").status_code == 404
    assert here.post("/districts", data={"code": "ZZ", "name": "新"}).status_code == 403
    assert here.post(f"/districts/{home.key}/programmes", data=PROGRAMME).status_code == 303


def test_english_readers_get_english(operator, session, home) -> None:
    page = operator.get(f"/districts/{home.key}?lang=en").text

    assert "Own programmes" in page and "Nanshan" in page and "No programme registered" in page
