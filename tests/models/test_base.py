"""What every table shares: moments in UTC, enums by value, ids that may not exist."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, SQLModel

from models.base import MAX_ID, UtcDateTime, enum_column, find_row, utcnow
from models.organisation import Organisation, OrganisationKind
from models.scenario import ScenarioKind
from models.tables import District
from tests.factories import make_capability, make_district, make_organisation

SHENZHEN = timezone(timedelta(hours=8))


def test_now_is_aware_and_in_utc() -> None:
    assert utcnow().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 10, 0, tzinfo=SHENZHEN),
        datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
        datetime(2026, 11, 22, 21, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-5))),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_as_the_same_moment_in_utc(session: Session, moment: datetime) -> None:
    row = make_organisation(session, approved_at=moment)
    session.expire(row)

    assert row.approved_at == moment
    assert row.approved_at.utcoffset() == timedelta(0)


def test_no_moment_comes_back_as_none(session: Session) -> None:
    row = make_organisation(session, approved_at=None)
    session.expire(row)

    assert row.approved_at is None


def test_a_moment_without_zone_is_refused(session: Session) -> None:
    with pytest.raises(StatementError, match="without time zone"):
        make_organisation(session, approved_at=datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001


def test_moments_of_different_zones_compare_as_moments(session: Session) -> None:
    row = make_organisation(session, approved_at=datetime(2026, 11, 23, 1, 0, tzinfo=SHENZHEN))
    yesterday_in_utc = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)

    found = session.scalars(
        sa.select(Organisation.id).where(
            Organisation.id == row.id, Organisation.approved_at < yesterday_in_utc
        )
    ).all()

    assert found == [row.id]


def test_a_query_with_a_moment_without_zone_is_refused(session: Session) -> None:
    with pytest.raises(StatementError, match="without time zone"):
        session.scalars(
            sa.select(Organisation.id).where(Organisation.approved_at < datetime(2026, 1, 1))  # noqa: DTZ001
        )


def test_the_database_holds_the_value_of_an_enum_member(session: Session) -> None:
    row = make_organisation(session, kind=OrganisationKind.SERVICE_CENTRE)

    held = session.execute(sa.text("SELECT kind FROM organisation WHERE id = :id"), {"id": row.id}).scalar()

    assert held == "service_centre"


def test_a_value_that_is_no_member_is_refused_by_the_database(session: Session) -> None:
    row = make_organisation(session)

    with pytest.raises(IntegrityError):
        session.execute(sa.text("UPDATE organisation SET kind = 'AGENCY' WHERE id = :id"), {"id": row.id})


def test_an_enum_column_is_text_under_a_named_check() -> None:
    column = enum_column(ScenarioKind)

    assert column.name == "scenario_kind"
    assert column.enums == ["government", "industry", "challenge"]
    assert column.native_enum is False


def test_every_constraint_of_every_table_has_a_name() -> None:
    nameless = [
        (table.name, constraint)
        for table in SQLModel.metadata.sorted_tables
        for constraint in table.constraints
        if not constraint.name
    ]

    assert nameless == []


def test_every_moment_column_is_kept_in_utc() -> None:
    naive = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.DateTime)
        or (column.name.endswith("_at") and not isinstance(column.type, UtcDateTime))
    ]

    assert naive == []


def test_the_key_of_a_row_is_its_id_once_it_is_flushed(session: Session) -> None:
    row = make_district(session)

    assert row.key == row.id


def test_the_key_of_a_row_that_was_never_flushed_is_an_error() -> None:
    with pytest.raises(ValueError, match="District has no id"):
        _ = District(code="XX", name="某区").key


def test_find_row_finds_a_row(session: Session) -> None:
    row = make_district(session)

    assert find_row(session, District, row.key) is row


@pytest.mark.parametrize("row_id", [0, -1, MAX_ID, MAX_ID + 1, 2**63, 10**30])
def test_an_id_that_no_row_has_or_could_have_finds_nothing(session: Session, row_id: int) -> None:
    assert find_row(session, District, row_id) is None


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 家庭",
        "مرحبا بالعالم",
        "e\u0301 und é",
        "100% _sure_ \\ 'quoted' \"twice\"",
        "\U00020000\U0003134a",
        "x" * 100_000,
    ],
)
def test_any_storable_text_comes_back_as_it_was_stored(session: Session, text: str) -> None:
    row = make_capability(session, text=text, industries=[text])
    session.expire(row)

    assert row.text == text
    assert row.industries == [text]


def test_dates_are_dates(session: Session) -> None:
    row = make_organisation(session, founded_on=date(2024, 2, 29))
    session.expire(row)

    assert row.founded_on == date(2024, 2, 29)
