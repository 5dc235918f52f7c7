from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import EnvironBuilder

from models.capability import Capability, CapabilityStatus
from models.import_run import ImportRun
from models.scenario import Scenario, ScenarioStatus
from models.user import Role, UserRole
from tests.factories import make_district, make_organisation, make_user
from tests.list_files import ROWS, write_document, write_workbook

CSV = "编号,标题,描述\nA1,井盖,希望发现井盖缺失。\nA2,占道,希望识别占道经营。\n"
SHARED = Path(os.environ.get("DUIJIE_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")


@pytest.fixture
def as_operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


def send(client: FlaskClient, content: bytes | str, name: str = "list.csv", **fields: str):
    """Upload a list. A large one is spooled to a file, which the test client would leave open."""
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    builder = EnvironBuilder(
        path="/imports", method="POST", data={"kind": "scenarios", **fields, "file": (stream, name)}
    )
    environ = builder.get_environ()
    try:
        return client.open(environ)
    finally:
        environ["wsgi.input"].close()
        builder.close()


def text(answer) -> str:
    return answer.get_data(as_text=True)


def bring(client: FlaskClient, content: bytes | str, name: str = "list.csv", **fields: str) -> str:
    """Upload and import; the address of the import."""
    address = send(client, content, name, **fields).headers["Location"]
    assert client.post(f"{address}/run").status_code == 303
    return address


def mine(session: Session, city) -> list[Scenario]:
    statement = select(Scenario).where(
        Scenario.organisation_id == city.agency.key, Scenario.external_id.is_not(None)
    )
    return list(session.exec(statement.order_by(Scenario.id)))


def test_an_upload_writes_nothing_and_shows_what_it_would_do(as_agency, session: Session, city) -> None:
    answer = send(as_agency, CSV)
    page = text(as_agency.get(answer.headers["Location"]))

    assert answer.status_code == 303
    assert "新增 2，更新 0，未变 0，不能导入 0" in page
    assert "希望发现井盖缺失。" in page
    assert mine(session, city) == []


def test_in_english_there_is_no_problem_where_there_is_none(as_agency) -> None:
    page = text(as_agency.get(send(as_agency, CSV).headers["Location"] + "?lang=en"))

    assert "2 new, 0 updated" in page
    assert 'class="notice bad"' not in page


def test_the_rows_go_in_as_drafts_of_my_own_organisation(as_agency, session: Session, city) -> None:
    address = bring(as_agency, CSV, release="on")

    rows = mine(session, city)
    assert [(row.external_id, row.title, row.status.value) for row in rows] == [
        ("A1", "井盖", "draft"),
        ("A2", "占道", "draft"),
    ]
    assert "撤销这次导入" in text(as_agency.get(address))


def test_another_publisher_in_the_file_does_not_make_it_anothers(as_agency, session: Session, city) -> None:
    other = make_organisation(session, name=city.agency.name)

    bring(as_agency, "编号,描述,发布单位\nA1,井盖缺失,别的局\n")

    assert [row.external_id for row in mine(session, city)] == ["A1"]
    assert session.exec(select(Scenario).where(Scenario.organisation_id == other.key)).all() == []


def test_a_list_goes_in_once(as_agency, session: Session, city) -> None:
    address = bring(as_agency, CSV)

    assert as_agency.post(f"{address}/run").status_code == 409
    assert len(mine(session, city)) == 2


def test_a_refused_row_is_shown_with_its_cell(as_operator, tmp_path: Path) -> None:
    content = write_workbook(tmp_path / "a.xlsx").read_bytes()
    address = send(as_operator, content, "a.xlsx", owner="某局").headers["Location"]
    columns = {"column-0": "id", "column-1": "district", "column-3": "text"}

    as_operator.post(f"{address}/columns", data=columns)

    page = text(as_operator.get(address))
    assert '<b class="keep">B5</b> 区：没有“某区城管局”这个区' in page
    assert "不能导入 3" in page


@pytest.mark.parametrize("ending", ["xlsx", "docx"])
def test_office_files_are_imported_by_publisher(
    as_operator, session: Session, tmp_path: Path, ending: str
) -> None:
    write = {"xlsx": write_workbook, "docx": write_document}[ending]

    bring(as_operator, write(tmp_path / f"a.{ending}").read_bytes(), f"a.{ending}", release="on")

    rows = session.exec(select(Scenario).where(Scenario.external_id.in_(["S1", "S2", "S3"]))).all()
    assert [row.title for row in rows] == [row[2] for row in ROWS]
    assert {row.status.value for row in rows} == {"published"}


def test_columns_nobody_knows_are_chosen_and_remembered(as_agency, session: Session, city) -> None:
    strange = "代号,事情,说法\nA1,井盖,希望发现井盖缺失。\n"
    address = send(as_agency, strange).headers["Location"]
    before = text(as_agency.get(address))
    as_agency.post(f"{address}/columns", data={"column-0": "id", "column-1": "title", "column-2": "text"})
    as_agency.post(f"{address}/run")

    again = text(as_agency.get(send(as_agency, strange).headers["Location"]))

    assert "文件里没有 id 这一列" in before
    assert [row.title for row in mine(session, city)] == ["井盖"]
    assert "未变 1" in again


def test_two_columns_for_one_field_are_a_problem_that_is_said(as_agency) -> None:
    address = send(as_agency, CSV).headers["Location"]

    as_agency.post(f"{address}/columns", data={"column-0": "id", "column-1": "text", "column-2": "text"})

    assert "两列都对应 text" in text(as_agency.get(address))
    assert as_agency.post(f"{address}/run").status_code == 422


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.csv"),
        (b"MZ", "a.exe"),
        (b"no workbook", "a.xlsx"),
        (b"%PDF-1.7 broken", "a.pdf"),
        (b"\xff\xff", "a.csv"),
    ],
)
def test_what_is_no_list_is_refused_beside_the_field(
    as_agency, session: Session, content: bytes, name: str
) -> None:
    answer = send(as_agency, content, name)

    assert answer.status_code == 422
    assert "error-file" in text(answer)
    assert session.exec(select(ImportRun)).all() == []


def test_without_a_file_or_with_a_kind_of_others_nothing_happens(as_agency, as_firm) -> None:
    assert as_agency.post("/imports", data={"kind": "scenarios"}).status_code == 422
    assert send(as_firm, CSV).status_code == 422


def test_an_import_of_another_organisation_is_not_there(as_agency, as_firm, as_operator) -> None:
    address = send(as_agency, CSV).headers["Location"]

    assert as_firm.get(address).status_code == 404
    assert as_firm.post(f"{address}/run").status_code == 404
    assert as_operator.get(address).status_code == 200


def test_a_firm_lists_its_capabilities_and_takes_them_back(as_firm, session: Session, city) -> None:
    address = bring(as_firm, "编号,描述\nC1,用视频找井盖病害\n", kind="capabilities", release="on")
    made = session.exec(select(Capability).where(Capability.external_id == "C1")).one()
    status, owner = made.status, made.organisation_id

    as_firm.post(f"{address}/undo")

    assert (status, owner) == (CapabilityStatus.LISTED, city.firm.key)
    session.expire_all()
    assert session.exec(select(Capability).where(Capability.external_id == "C1")).all() == []
    assert "删去 1，还原 0" in text(as_firm.get(address))


def test_undo_leaves_what_was_changed_and_says_why(as_agency, session: Session, city, now) -> None:
    address = bring(as_agency, CSV)
    changed = mine(session, city)[0]
    changed.title = "井盖（改过）"
    session.add(changed)
    session.flush()

    as_agency.post(f"{address}/undo")

    page = text(as_agency.get(address))
    session.expire_all()
    assert [row.external_id for row in mine(session, city)] == ["A1"]
    assert "井盖（改过）：导入以后改过" in page
    assert as_agency.post(f"{address}/undo").status_code == 409


def test_templates_are_read_again_without_a_word_of_mapping(as_agency) -> None:
    for lang in ("zh", "en"):
        for ending in ("xlsx", "csv"):
            answer = as_agency.get(f"/imports/template-scenarios.{ending}?lang={lang}")
            assert answer.status_code == 200
    header = answer.get_data().decode("utf-8-sig").strip()
    page = text(
        as_agency.get(send(as_agency, f"{header}\n1,需要发现井盖缺失\n").headers["Location"] + "?lang=zh")
    )

    assert "新增 1" in page
    assert "没有用到的列" not in page
    assert as_agency.get("/imports/template-pilots.xlsx").status_code == 404


@pytest.mark.parametrize(
    ("kind", "name", "owner", "n_rejected"),
    [
        ("scenarios", "demand/challenge_gov.jsonl", "某局", 0),
        ("scenarios", "demand/us_federal_ai_use_cases_2024.jsonl", "某局", 11),
        ("capabilities", "supply/zh_llm_vendors.jsonl", "", 0),
        (
            "capabilities",
            "supply/sbir_ai_awards.jsonl.gz",
            "",
            5,
        ),  # no firm, and a title that is no firm's name
        pytest.param(
            "capabilities", "supply/techstars_companies.jsonl", "", 111, marks=pytest.mark.slow
        ),  # firms of which nothing is written
    ],
)
def test_real_lists_are_imported_and_taken_back(
    as_operator, session: Session, kind: str, name: str, owner: str, n_rejected: int
) -> None:
    path = SHARED / name
    if not path.is_file():
        pytest.skip("shared data is not here (DUIJIE_SHARED_DATA)")
    table = Scenario if kind == "scenarios" else Capability
    before = len(session.exec(select(table.id)).all())

    address = bring(as_operator, path.read_bytes(), path.name, kind=kind, owner=owner, release="on")
    during = len(session.exec(select(table.id)).all())
    as_operator.post(f"{address}/undo")

    run = session.exec(select(ImportRun)).one()
    counts = run.report["counts"]
    assert counts["created"] > 200
    assert counts["rejected"] == n_rejected
    assert during == before + counts["created"]
    assert len(session.exec(select(table.id)).all()) == before


def test_an_operator_of_a_district_sees_their_own_imports_and_owners_of_the_district(
    session: Session, city, log_in, as_agency, as_operator
) -> None:
    there = make_district(session)
    person = make_user(session)
    person.roles.append(UserRole(user_id=person.key, role=Role.OPERATOR, district_id=there.key))
    make_organisation(session, name="那区城管", district_id=there.key)
    local = log_in(person)
    others = send(as_agency, CSV).headers["Location"]

    rows = f"编号,标题,描述,发布单位\nA1,井盖,希望发现井盖缺失。,那区城管\nA2,占道,希望识别占道。,{city.agency.name}\n"
    address = bring(local, rows)

    assert local.get(others).status_code == 404
    assert others not in text(local.get("/imports"))
    made = session.exec(select(Scenario).where(Scenario.external_id.is_not(None))).all()
    assert [row.organisation.name for row in made] == ["那区城管"]
    assert "不在你负责的区" in text(local.get(address))
    assert as_operator.get(address).status_code == 200


def test_a_published_text_is_not_changed_by_a_list(as_agency, session: Session, city) -> None:
    rows = f"编号,标题,描述\ndb-{city.scenario.key},新标题,另一段话。\n"
    before = city.scenario.text

    address = send(as_agency, rows).headers["Location"]

    assert "导入不能改它" in text(as_agency.get(address))
    session.expire_all()
    assert city.scenario.text == before


def test_a_firms_right_to_list_does_not_publish_scenarios(session: Session, city, log_in) -> None:
    both = make_user(session, roles=(Role.AGENCY, Role.STARTUP), organisation_id=city.agency.key)

    bring(log_in(both), CSV, release="on")

    assert {row.status for row in mine(session, city)} == {ScenarioStatus.DRAFT}
