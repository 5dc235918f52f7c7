"""Districts and communities are found by any of their names; the days of a community tell its recognition."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, NotFound
from models.place import (
    Community,
    CommunityFields,
    Gazetteer,
    add_community,
    add_district,
    find_district,
    get_community,
    get_district,
    list_communities,
    list_districts,
    write_community,
)
from tests.factories import make_community, make_district, save


def test_districts_are_listed_by_code(session: Session) -> None:
    make_district(session, code="ZZ")
    make_district(session, code="AA")

    codes = [district.code for district in list_districts(session)]

    assert codes == sorted(codes)
    assert {"AA", "ZZ"} <= set(codes)


def test_communities_are_listed_by_code(session: Session) -> None:
    for code in ("ZZ", "AA"):
        make_community(session, code=code)

    codes = [community.code for community in list_communities(session)]

    assert codes == sorted(codes)
    assert {"AA", "ZZ"} <= set(codes)


@pytest.mark.parametrize("name", ["Q1", "青山区", "青山", "Qingshan", "  青山区 "])
def test_a_district_is_found_by_any_of_its_names(session: Session, name: str) -> None:
    district = make_district(session, code="Q1", name="青山区", name_en="Qingshan")

    assert find_district(session, name) is district
    assert Gazetteer(session).find_district_id(name.strip()) == district.id


@pytest.mark.parametrize("name", ["", "青", "qingshan", "青山区%", "_____"])
def test_half_a_name_finds_nothing(session: Session, name: str) -> None:
    make_district(session, code="Q1", name="青山区", name_en="Qingshan")

    assert find_district(session, name) is None
    assert Gazetteer(session).find_district_id(name) is None


def test_of_two_districts_with_a_name_the_older_is_meant(session: Session) -> None:
    older = make_district(session, name="新城区")
    make_district(session, name="新城区")

    assert find_district(session, "新城区") is older
    assert Gazetteer(session).find_district_id("新城区") == older.id


def test_a_community_is_found_by_its_names(session: Session) -> None:
    district = make_district(session)
    community = save(
        session, Community(code="C-1", name="青山社区", name_en="Qingshan Hub", district_id=district.key)
    )
    places = Gazetteer(session)

    assert {places.find_community_id(name) for name in ("C-1", "青山社区", "Qingshan Hub")} == {community.id}
    assert places.find_community_id("") is None


def test_a_code_names_one_district(session: Session) -> None:
    make_district(session, code="Q1")

    with pytest.raises(IntegrityError):
        make_district(session, code="Q1")


def test_a_district_can_be_registered_once(session: Session) -> None:
    district = add_district(session, code=" Q2 ", name="青水\n区", name_en="Qingshui", city="某市")

    assert (district.code, district.name) == ("Q2", "青水 区")
    with pytest.raises(InvalidInput, match="Q2"):
        add_district(session, code="Q2", name="别的区")


@pytest.mark.parametrize(
    ("code", "name"), [("", "区"), ("Q3", ""), ("Q3", "\x00"), ("Q" * 21, "区"), ("Q3", "区" * 81)]
)
def test_a_district_without_a_fitting_code_and_name_is_refused(
    session: Session, code: str, name: str
) -> None:
    with pytest.raises(InvalidInput):
        add_district(session, code=code, name=name)


def test_a_community_is_registered_in_a_district(session: Session) -> None:
    district = make_district(session, code="Q4", name="青石区")

    community = add_community(session, code="C-4", name="青石社区", district="青石")

    assert community.district_id == district.id
    with pytest.raises(InvalidInput, match="C-4"):
        add_community(session, code="C-4", name="又一个", district="Q4")
    with pytest.raises(InvalidInput, match="白石"):
        add_community(session, code="C-5", name="白石社区", district="白石")


def fields(**values: Any) -> CommunityFields:
    defaults = {
        "code": "DS", "name": "大沙河社区", "name_en": "", "district_id": 1, "area_m2": 12_000, "capacity": None,
        "applied_on": None, "recognised_on": None, "revoked_on": None, "source": "",
    }  # fmt: skip
    return CommunityFields(**{**defaults, **values})


STEPS = (date(2026, 2, 1), date(2026, 3, 1), date(2026, 9, 1))


@pytest.mark.parametrize(
    ("n_steps", "state"), [(0, "planned"), (1, "applied"), (2, "recognised"), (3, "revoked")]
)
def test_recognition_is_the_last_step_there_is_a_day_for(n_steps: int, state: str) -> None:
    days = dict(zip(("applied_on", "recognised_on", "revoked_on"), STEPS[:n_steps], strict=False))

    assert Community(code="a", name="b", district_id=1, **days).recognition == state


def test_a_community_is_written_and_changed_with_old_and_new(session: Session) -> None:
    home = make_district(session).key
    row, nothing = write_community(session, fields(district_id=home))

    same, changes = write_community(
        session, fields(district_id=home, recognised_on=STEPS[1], capacity=80), row
    )

    assert (same.key, nothing) == (row.key, {})
    assert changes == {"recognised_on": [None, "2026-03-01"], "capacity": [None, 80]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"applied_on": STEPS[1], "recognised_on": STEPS[0]}, "recognised_on"),
        ({"recognised_on": STEPS[2], "revoked_on": STEPS[1]}, "revoked_on"),
        ({"revoked_on": STEPS[1]}, "revoked_on"),
        ({"code": "TAKEN"}, "code"),
    ],
)
def test_days_out_of_order_and_taken_codes_are_refused_at_their_field(
    session: Session, wrong: dict[str, Any], field: str
) -> None:
    make_community(session, code="TAKEN")

    with pytest.raises(InvalidInput) as refused:
        write_community(session, fields(district_id=make_district(session).key, **wrong))

    assert list(refused.value.fields) == [field]


def test_places_are_read_in_their_district_only(session: Session) -> None:
    row = make_community(session)

    assert get_community(session, row.key, district_ids=[row.district_id]) == row
    assert get_district(session, row.district_id).key == row.district_id
    with pytest.raises(NotFound):
        get_community(session, row.key, district_ids=[])
    with pytest.raises(NotFound):
        get_district(session, row.district_id, within=[])
