"""Exports: whole files, safe to open, good to import again."""

import csv
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from models.capability import CapabilityCase
from models.errors import InvalidInput
from models.export import EXPORTS, MAX_XLSX_CELL, cell, export_file
from models.match import Band
from models.scenario import Scenario
from tests.factories import (
    MONDAY,
    make_capability,
    make_district,
    make_firm,
    make_match,
    make_organisation,
    make_pilot_in_use,
    make_scenario,
    make_score,
    save,
)
from tests.import_rows import TODAY, bring_file, counts

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "\0x",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    "'=1",
    "''-1",
]


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(session: Session) -> Scenario:
    """A scenario and a capability with every field an import reads, and texts that are hard to carry."""
    district = make_district(session, code="NS", name="南山区")
    scenario = make_scenario(
        session,
        organisation_id=make_organisation(session, name="某区城管").key,
        external_id="S1", district_id=district.key, title="=HYPERLINK(1)",
        text="第一行\n\"第二行\"，100%；'x\\ 👷‍♀️ مرحبا",
        requirements=("甲；乙", "[丙]", "丁"), data_note="- 六个月", deployment=["gov_cloud", "edge"],
        budget_min_fen=0, budget_max_fen=90_000_000, opens_on=date(2026, 11, 1),
        metric="+时间", baseline="'9", target="@",
    )  # fmt: skip
    scenario.requirements[2].must = False
    capability = make_capability(
        session,
        organisation_id=make_firm(session, name="井然工作室", team_size=2, district_id=district.key).key,
        external_id="C1", industries=["city_governance", "水;电"], technologies=["cv"], filings=["mlps_2"],
        url="https://example.org", weeks=3,
    )  # fmt: skip
    save(
        session,
        CapabilityCase(
            capability_id=capability.key, position=1, customer="某街道", text="用过", metric="91%", on=TODAY
        ),
    )
    save(session, CapabilityCase(capability_id=capability.key, position=2, text="又用过"))
    session.expire_all()
    return scenario


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
@pytest.mark.parametrize("kind", ["scenarios", "capabilities"])
def test_what_was_exported_and_is_imported_again_changes_nothing(
    session: Session, tmp_path: Path, now: Any, kind: str, ending: str
) -> None:
    fill(session)
    path = tmp_path / f"out{ending}"

    n_rows = export_file(session, kind, path)
    report = bring_file(session, kind, path, now=now)

    assert n_rows == 1
    assert (counts(report), report.errors) == ((0, 0, 1, 0), [])


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
@pytest.mark.parametrize("kind", ["scenarios", "capabilities"])
def test_what_is_imported_elsewhere_is_exported_the_same(
    session: Session, tmp_path: Path, now: Any, kind: str, ending: str
) -> None:
    fill(session)
    first, second = tmp_path / f"first{ending}", tmp_path / f"second{ending}"
    export_file(session, kind, first)
    for organisation_name, external_id in (("某区城管", "S1"), ("井然工作室", "C1")):
        _rename(session, organisation_name, external_id)

    report = bring_file(session, kind, first, now=now)
    export_file(session, kind, second)

    assert counts(report) == (1, 0, 0, 0)
    rows = read_lines if ending == ".jsonl" else read_table
    ours = [{**row, "status": "", "number": "", "is_demo": ""} for row in rows(first)]
    theirs = [{**row, "status": "", "number": "", "is_demo": ""} for row in rows(second)]
    assert theirs[-1] == ours[0]


def _rename(session: Session, name: str, external_id: str) -> None:
    """Take the exported rows out of sight, as if the import went into another database."""
    for table, column in (
        ("organisation", "name"),
        ("scenario", "external_id"),
        ("capability", "external_id"),
    ):
        wanted = name if table == "organisation" else external_id
        session.connection().exec_driver_sql(
            f"UPDATE {table} SET {column} = 'before' WHERE {column} = '{wanted}'"
        )
    session.expire_all()


@pytest.mark.parametrize("kind", EXPORTS)
@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".xlsx", ".CSV"])
def test_every_kind_is_written_in_every_form_also_when_there_is_nothing(
    session: Session, tmp_path: Path, kind: str, ending: str
) -> None:
    path = tmp_path / f"out{ending}"

    assert export_file(session, kind, path) == 0
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_pair_is_exported_with_its_newest_score_and_what_people_did(
    session: Session, tmp_path: Path
) -> None:
    match = make_match(session, declined_at=MONDAY, decline_reason="price")
    old = make_score(session, match, serial=1, band=Band.WEAK)
    make_score(session, match, serial=2, band=Band.STRONG, capability_id=old.capability_id)

    export_file(session, "matches", tmp_path / "out.jsonl")

    [row] = read_lines(tmp_path / "out.jsonl")
    assert (row["match_id"], row["band"], row["status"], row["decline_reason"]) == (
        match.id, "strong", "declined", "price",
    )  # fmt: skip
    assert row["declined_at"] == MONDAY.isoformat()
    assert "score" not in row


def test_a_pilot_is_exported_with_its_state_and_days(session: Session, tmp_path: Path) -> None:
    make_pilot_in_use(session, budget_fen=5)

    export_file(session, "pilots", tmp_path / "out.csv")

    [row] = read_table(tmp_path / "out.csv")
    assert (row["status"], row["go_live_on"], row["budget_fen"], row["n_users"]) == (
        "in_use",
        "2026-11-16",
        "5",
        "12",
    )


def test_rows_come_by_id(session: Session, tmp_path: Path) -> None:
    for external_id in ("b", "a", "c"):
        make_scenario(session, external_id=external_id)

    export_file(session, "scenarios", tmp_path / "out.jsonl")

    assert [row["id"] for row in read_lines(tmp_path / "out.jsonl")] == ["b", "a", "c"]


def test_a_row_written_here_gets_an_id_that_names_it(session: Session, tmp_path: Path) -> None:
    scenario = make_scenario(session)

    export_file(session, "scenarios", tmp_path / "out.jsonl")

    assert read_lines(tmp_path / "out.jsonl")[0]["id"] == f"db-{scenario.key}"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert cell(text) == "'" + text


@pytest.mark.parametrize("text", ["井盖", "1=1", "a-b", "", "'tis", " =1", "“=”"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, 0),
        (-5, -5),
        (1.5, 1.5),
        (date(2026, 11, 23), "2026-11-23"),
        (MONDAY, "2026-11-16T02:00:00+00:00"),
        (["甲", "乙"], "甲；乙"),
        (["甲；乙", "丙"], '["甲；乙", "丙"]'),
        (["=1", "2"], "'=1；2"),
        (["[x]"], '["[x]"]'),
        ([], ""),
        ([{"text": "甲", "must": False}], '[{"text": "甲", "must": false}]'),
        ({"on": date(2026, 11, 23)}, '{"on": "2026-11-23"}'),
    ],
)
def test_a_value_becomes_one_cell(value: object, shown: object) -> None:
    assert cell(value) == shown


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(session: Session, tmp_path: Path) -> None:
    for text in [*FORMULAS[:5], "https://example.org/x", "{=1+1}", "internal:Sheet1!A1"]:
        make_scenario(session, text=text, title="title")

    export_file(session, "scenarios", tmp_path / "out.xlsx")

    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = (
            book.read("xl/sharedStrings.xml").decode() if "xl/sharedStrings.xml" in book.namelist() else sheet
        )
    assert "<f" not in sheet
    assert "hyperlink" not in sheet
    assert "https://example.org/x" in strings


def test_a_text_that_no_cell_holds_is_refused_not_cut(session: Session, tmp_path: Path) -> None:
    make_scenario(session, text="字" * (MAX_XLSX_CELL + 1))

    with pytest.raises(InvalidInput, match=r"第 1 行的 text .*\.jsonl"):
        export_file(session, "scenarios", tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []
    assert export_file(session, "scenarios", tmp_path / "out.csv") == 1


def test_an_existing_file_stays_when_the_new_one_fails(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    path.write_text("what was there")
    make_scenario(session, text="字" * (MAX_XLSX_CELL + 1))

    with pytest.raises(InvalidInput):
        export_file(session, "scenarios", path)

    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [
        ("out.xlsx", "what was there")
    ]


@pytest.mark.parametrize("name", ["out.txt", "out", "out.xls", "out.jsonl.gz"])
def test_another_ending_is_refused(session: Session, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match=r"可用 \.jsonl、\.csv、\.xlsx"):
        export_file(session, "scenarios", tmp_path / name)


def test_a_folder_that_does_not_exist_is_named(session: Session, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="没有 nowhere 这个文件夹"):
        export_file(session, "scenarios", tmp_path / "nowhere" / "out.csv")


def test_a_spreadsheet_program_sees_that_a_table_is_utf8(session: Session, tmp_path: Path) -> None:
    make_scenario(session)

    export_file(session, "scenarios", tmp_path / "out.csv")

    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfid,number,status,title,text")


def test_the_number_of_queries_does_not_grow_with_the_rows(
    session: Session, tmp_path: Path, statements: list[str]
) -> None:
    for _ in range(12):
        make_score(session, make_match(session))
        make_capability(session, cases=("甲",))
    session.expunge_all()
    for kind in ("scenarios", "capabilities", "matches"):
        statements.clear()
        export_file(session, kind, tmp_path / f"{kind}.jsonl")
        assert len(statements) <= 6
    assert len(session.exec(select(Scenario)).all()) >= 12
