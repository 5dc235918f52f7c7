"""Every list as a file: with its present filter, for its reader only, safe to open."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlmodel import Session

from models.user import Role
from tests.factories import make_scenario
from web.list_columns import (
    BATCH_COLUMNS,
    CANDIDATE_COLUMNS,
    FUNDING_COLUMNS,
    PILOT_COLUMNS,
    RECOMMENDED_COLUMNS,
    SCENARIO_COLUMNS,
)

ALL = (
    BATCH_COLUMNS,
    CANDIDATE_COLUMNS,
    FUNDING_COLUMNS,
    PILOT_COLUMNS,
    RECOMMENDED_COLUMNS,
    SCENARIO_COLUMNS,
)


def rows_of(client: FlaskClient, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("role", "address", "first"),
    [
        (None, "/scenarios?as=csv", "编号"),
        (Role.AGENCY, "/my/scenarios?as=csv", "编号"),
        (Role.AGENCY, "/my/scenarios/{scenario}/candidates?band=all&as=csv", "名次"),
        (Role.STARTUP, "/recommended?band=all&as=csv", "编号"),
        (Role.STARTUP, "/applications?as=csv", "编号"),
        (Role.AGENCY, "/pilots?as=csv", "试点"),
        (Role.FUNDING_OFFICER, "/funding?as=csv", "政策"),
        (Role.ORGANIZER, "/batches?as=csv", "编号"),
    ],
)
def test_every_list_is_a_file_in_both_forms(
    client, city, log_in, role: Role | None, address: str, first: str
) -> None:
    reader = client if role is None else log_in(city.users[role])
    address = address.format(scenario=city.scenario.key)

    rows = rows_of(reader, address)
    workbook = reader.get(address.replace("as=csv", "as=xlsx"))

    assert rows[0][0] == first
    assert all(len(row) == len(rows[0]) for row in rows)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook.get_data())).get_sheet_by_index(0)
    assert sheet.to_python()[0] == rows[0]
    assert len(sheet.to_python()) == len(rows)


def test_no_two_columns_of_a_list_are_called_alike() -> None:
    for columns in ALL:
        names = [words for words, _ in columns]
        assert len(set(names)) == len(names)


def test_a_file_keeps_the_filter_of_its_page(client, session: Session, city, now) -> None:
    make_scenario(session, title="农业的", domain="agriculture", published_at=now, number="X-9")

    every = rows_of(client, "/scenarios?as=csv")
    some = rows_of(client, "/scenarios?domain=agriculture&as=csv")

    assert [row[1] for row in some[1:]] == ["农业的"]
    assert len(every) > len(some)
    assert "domain=agriculture&as=xlsx" in client.get("/scenarios?domain=agriculture").get_data(
        as_text=True
    ).replace("&amp;", "&")


def test_dates_are_dates_and_formulas_are_text(client, session: Session, now) -> None:
    make_scenario(
        session,
        title="=1+1",
        domain="agriculture",
        published_at=now,
        number="X-9",
        deadline_on=date(2027, 3, 1),
    )

    answer = client.get("/scenarios?domain=agriculture&as=xlsx")

    (row,) = (
        CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()[1:]
    )
    assert row[1] == "'=1+1"
    assert row[5] == date(2027, 3, 1)


def test_a_firm_does_not_get_the_candidates_of_an_agency(as_firm, city) -> None:
    assert as_firm.get(f"/my/scenarios/{city.scenario.key}/candidates?as=csv").status_code == 403


def test_another_ending_is_the_page(client) -> None:
    assert client.get("/scenarios?as=exe").mimetype == "text/html"
