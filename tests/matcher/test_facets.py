from __future__ import annotations

from datetime import date

from matcher.directory import Directory, Entry
from matcher.facets import (
    GROUPS,
    MAX_QUERY,
    count_choices,
    filter_from,
    narrowed,
    nearest,
    profile_of,
    shown_entries,
)
from tests.factories import make_scenario

TODAY = date(2026, 11, 23)


def entry(**values) -> Entry:
    defaults = {
        "id": 1, "number": "N-1", "domain": "research", "kind": "government", "district": "NS", "deployment": ("edge",),
        "budget_fen": None, "deadline_on": date(2026, 12, 31), "published_on": date(2026, 11, 2), "ended": False,
    }  # fmt: skip
    return Entry(**{**defaults, **values})


def values(row: Entry, group: str) -> frozenset[str]:
    return profile_of(row, TODAY)[GROUPS.index(group)]


def test_a_deadline_in_a_week_is_also_in_a_month() -> None:
    assert values(entry(deadline_on=date(2026, 11, 30)), "deadline") == {"week", "month"}


def test_a_past_deadline_is_in_no_group() -> None:
    assert values(entry(deadline_on=date(2026, 11, 22)), "deadline") == frozenset()


def test_groups_narrow_and_choices_widen() -> None:
    row = entry()

    assert narrowed([row], {"domain": frozenset({"research", "other"})}, TODAY) == [row]
    assert narrowed([row], {"domain": frozenset({"research"}), "district": frozenset({"LG"})}, TODAY) == []
    assert narrowed([row], {"domain": frozenset()}, TODAY) == [row]


def test_counts_of_a_group_ignore_its_own_choices_and_obey_the_others() -> None:
    rows = [entry(), entry(domain="other"), entry(domain="other", district="LG")]
    chosen = {"domain": frozenset({"research"}), "district": frozenset({"NS"})}

    assert count_choices(rows, chosen, TODAY)["domain"] == {"research": 1, "other": 1}


def test_a_choice_that_would_show_nothing_counts_zero() -> None:
    rows = [entry(), entry(domain="other", district="LG")]

    assert count_choices(rows, {"district": frozenset({"NS"})}, TODAY)["domain"] == {
        "research": 1,
        "other": 0,
    }


def test_nearest_names_the_group_that_hides_most() -> None:
    rows = [entry(), entry(), entry(district="LG", domain="other")]
    chosen = {"domain": frozenset({"other"}), "district": frozenset({"NS"}), "state": frozenset({"open"})}

    assert nearest(rows, chosen, TODAY) == ("domain", 2)


def test_nearest_is_none_when_no_single_group_helps() -> None:
    chosen = {"domain": frozenset({"x"}), "district": frozenset({"y"})}

    assert nearest([entry()], chosen, TODAY) is None


def test_a_filter_is_what_the_parts_of_an_address_say_and_open_ones_where_they_say_no_state() -> None:
    asked = filter_from({"q": ["热线"], "domain": ["research", "other"], "page": ["3"]})
    ended = filter_from({"q": ["长" * 999], "state": ["ended"]})

    assert (asked.query, asked.chosen["domain"]) == ("热线", {"research", "other"})
    assert asked.chosen["state"] == {"open"}
    assert (len(ended.query), ended.chosen["state"]) == (MAX_QUERY, {"ended"})


def test_what_a_filter_shows_is_searched_first_and_narrowed_then(session) -> None:
    wanted = make_scenario(session, title="热线质检", domain="research")
    make_scenario(session, title="热线分派", domain="other")
    make_scenario(session, title="停车引导", domain="research")

    shown, entries, found = shown_entries(
        Directory(), session, filter_from({"q": ["热线"], "domain": ["research"]}), TODAY
    )

    assert [entry.id for entry in shown] == [wanted.key]
    assert len(entries) == 2 == len(found)
