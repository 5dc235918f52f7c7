from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.draft import Wanted
from models.errors import InvalidInput
from models.scenario import Requirement, Scenario
from web.forms.scenarios import (
    MAX_REQUIREMENTS,
    as_written,
    check_publishable,
    parse_draft,
    parse_what_is_readable,
    rearranged,
    typed_of,
)

TODAY = date(2026, 11, 23)
FULL = {
    "title": "找井盖", "kind": "government", "domain": "city_governance", "text": "巡查车视频看不过来。",
    "metric": "小时", "baseline": "26", "target": "4", "acceptance": "看数", "data_note": "视频",
    "deployment": "gov_cloud",
    "deadline_on": "2026-12-31", "contact_name": "李", "contact_email": "li@agency.example", "req_1": "召回率90%",
}  # fmt: skip


def scenario(**changes: str) -> Scenario:
    """A scenario as this form writes it."""
    return as_written(Scenario(id=3, organisation_id=1, title="", text=""), parse_draft({**FULL, **changes}))


def test_what_the_form_shows_is_what_it_reads() -> None:
    row = scenario(budget_min_fen="12.5", budget_max_fen="1000", pilot_from_on="2027-01-01", must_1="should")

    again = parse_draft(typed_of(row))

    assert again == parse_draft(
        {
            **FULL,
            "budget_min_fen": "12.5",
            "budget_max_fen": "1000",
            "pilot_from_on": "2027-01-01",
            "must_1": "should",
        }
    )


@given(st.integers(min_value=0, max_value=10**13))
def test_every_amount_comes_back_as_it_was(fen: int) -> None:
    row = Scenario(organisation_id=1, title="甲", text="", budget_min_fen=fen)

    assert parse_draft(typed_of(row)).values["budget_min_fen"] == fen


def test_requirements_come_in_the_order_of_their_numbers() -> None:
    content = parse_draft({"title": "甲", "req_10": "十", "req_2": "二", "must_2": "should", "req_3": "  "})

    assert list(content.requirements) == [Wanted("二", must=False), Wanted("十", must=True)]


def test_places_that_do_not_exist_are_not_stored() -> None:
    assert parse_draft({"title": "甲", "deployment": "saas,moon,gov_cloud"}).values["deployment"] == [
        "gov_cloud",
        "saas",
    ]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_draft({"title": "", "deadline_on": "x", "req_1": "字" * 501})

    assert set(caught.value.fields) == {"title", "deadline_on", "req_1"}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"title": "", "domain": "space", "deadline_on": "2026-"},
        {f"req_{n}": "字" * 501 for n in range(1, 4)},
        {f"req_{n}": "甲" for n in range(1, 99)},
        {"text": "字" * 20_000, "budget_min_fen": "9", "budget_max_fen": "3"},
    ],
)
def test_what_is_half_typed_is_read_as_far_as_it_can_be(sent: dict[str, str]) -> None:
    content = parse_what_is_readable(sent)

    assert len(content.requirements) <= MAX_REQUIREMENTS
    assert content.values["deadline_on"] is None


@given(
    st.lists(st.integers(min_value=1, max_value=99), unique=True, max_size=6),
    st.sampled_from(["up", "down", "remove", "x"]),
    st.integers(min_value=-1, max_value=120),
)
def test_moving_loses_nothing_and_removing_takes_one(numbers: list[int], verb: str, number: int) -> None:
    lines = [(n, Wanted(str(n))) for n in numbers]

    moved = rearranged(lines, f"{verb}-{number}")

    left = set(numbers) - {number} if verb == "remove" else set(numbers)
    assert {n for n, _ in moved} == left
    assert len(moved) == len(left)


def test_a_full_scenario_may_be_published() -> None:
    check_publishable(scenario(), TODAY)


def test_the_last_day_may_be_today() -> None:
    check_publishable(scenario(deadline_on="2026-11-23"), TODAY)


@pytest.mark.parametrize("field", [name for name in FULL if name not in ("title", "kind", "domain")])
def test_what_is_missing_is_named(field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_publishable(scenario(**{field: ""}), TODAY)

    assert list(caught.value.fields) == [field]


def test_a_written_scenario_belongs_to_no_draft() -> None:
    draft = Scenario(id=3, organisation_id=9, district_id=2, title="alt", text="alt")
    draft.requirements = [Requirement(scenario_id=3, position=1, text="alt")]

    row = as_written(draft, parse_draft({**FULL, "title": "Noise", "text": "Noise at night."}))

    assert (row.id, row.organisation_id, row.district_id, row.lang) == (3, 9, 2, "en")
    assert (draft.title, [item.text for item in draft.requirements]) == ("alt", ["alt"])
