"""The frozen list: equal lists are equal bytes, the hash proves them, contacts and formulas stay out."""

import hashlib
import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.batch_list import (
    COLUMNS,
    ListFormat,
    add_pdf,
    cell_of,
    freeze_list,
    get_file,
    list_files,
    list_json,
    list_xlsx,
    lists_without_pdf,
)
from models.errors import NotFound
from tests.factories import MONDAY, make_batch, make_scenario
from tests.judging import make_rubric


def test_the_list_is_kept_as_json_and_sheet_with_their_hashes(session: Session) -> None:
    batch, scenario = make_batch(session), make_scenario(session, requirements=("甲", "乙"))

    original = freeze_list(session, batch, [scenario], now=MONDAY)

    kept = list_files(session, batch.key)
    assert [row.format for row in kept] == [ListFormat.JSON, ListFormat.XLSX]
    assert [row.sha256 for row in kept] == [hashlib.sha256(row.content).hexdigest() for row in kept]
    assert get_file(session, batch, "json") is original
    entry = json.loads(original.content)["scenarios"][0]
    assert (entry["number"], len(entry["requirements"])) == (scenario.number, 2)


def test_what_changes_later_does_not_change_the_list(session: Session) -> None:
    batch, scenario = make_batch(session), make_scenario(session)
    before = freeze_list(session, batch, [scenario], now=MONDAY).content

    scenario.title = "改了"
    session.flush()
    session.expire_all()

    assert get_file(session, batch, "json").content == before


def test_the_same_list_is_the_same_bytes_whenever_it_is_made(session: Session) -> None:
    batch, scenario = make_batch(session), make_scenario(session)
    later = MONDAY + timedelta(days=3)

    first, second = (list_json(batch, [scenario], now=now, rubrics={}) for now in (MONDAY, later))

    assert first == second
    assert list_xlsx(first, sha256="0" * 64) == list_xlsx(second, sha256="0" * 64)


def test_nobodys_address_is_in_the_list(session: Session) -> None:
    scenario = make_scenario(session, contact_name="李科长", contact_email="li@agency.example")

    content = list_json(make_batch(session), [scenario], now=MONDAY, rubrics={}).decode()

    assert "李科长" not in content
    assert "li@agency.example" not in content


def test_the_sheet_runs_no_formula_that_somebody_wrote(session: Session) -> None:
    scenario = make_scenario(session, title="=HYPERLINK(1)", budget_max_fen=30_000_000)

    sheet = list_xlsx(list_json(make_batch(session), [scenario], now=MONDAY, rubrics={}), sha256="f" * 64)

    with ZipFile(io.BytesIO(sheet)) as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
        words = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in cells
    assert "'=HYPERLINK(1)" in words
    assert "f" * 64 in words
    assert "<v>300000</v>" in cells


def test_a_cell_is_plain() -> None:
    entry = {"requirements": [{"text": "甲", "must": False}], "budget_min_fen": None, "title": "乙"}

    assert cell_of(entry, "requirements") == "1. 甲（应当）"
    assert cell_of(entry, "budget_min_fen") is None
    assert cell_of(entry, "title") == "乙"
    assert len(dict(COLUMNS)) == len(COLUMNS)


def test_a_list_is_kept_once_in_each_form(session: Session) -> None:
    batch = make_batch(session)
    freeze_list(session, batch, [], now=MONDAY)

    with pytest.raises(IntegrityError), session.begin_nested():
        freeze_list(session, batch, [], now=MONDAY)


def test_lists_wait_for_their_pdf(session: Session) -> None:
    batch = make_batch(session)
    assert batch.key not in lists_without_pdf(session)
    freeze_list(session, batch, [], now=MONDAY)
    assert batch.key in lists_without_pdf(session)

    add_pdf(session, batch, b"%PDF-", now=MONDAY)

    assert batch.key not in lists_without_pdf(session)
    assert get_file(session, batch, "pdf").content == b"%PDF-"


@pytest.mark.parametrize("kind", ["pdf", "exe", ""])
def test_a_form_that_is_not_kept_is_not_found(session: Session, kind: str) -> None:
    with pytest.raises(NotFound):
        get_file(session, make_batch(session), kind)


def test_the_criteria_in_force_are_in_the_list_with_their_hash(session: Session) -> None:
    rubric = make_rubric(session)
    without = make_scenario(session)

    original = freeze_list(session, make_batch(session), [rubric.scenario, without], now=MONDAY)

    first, second = json.loads(original.content)["scenarios"]
    assert first["criteria_sha256"] == rubric.sha256
    assert (second["criteria"], second["criteria_sha256"]) == ([], None)
    assert cell_of(first, "criteria").splitlines()[0] == "逐条满足要求 35%"
