from __future__ import annotations

from datetime import date

from web.directory import Entry
from web.facets import choices, nearest, passes, values_of

TODAY = date(2026, 11, 23)


def entry(**values) -> Entry:
    defaults = {
        "id": 1, "number": "N-1", "domain": "research", "kind": "government", "district": "NS", "deployment": ("edge",),
        "budget_fen": None, "deadline_on": date(2026, 12, 31), "published_on": date(2026, 11, 2), "ended": False,
    }  # fmt: skip
    return Entry(**{**defaults, **values})


def test_a_deadline_in_a_week_is_also_in_a_month() -> None:
    assert values_of(entry(deadline_on=date(2026, 11, 30)), "deadline", TODAY) == {"week", "month"}


def test_a_past_deadline_is_in_no_group() -> None:
    assert values_of(entry(deadline_on=date(2026, 11, 22)), "deadline", TODAY) == frozenset()


def test_groups_narrow_and_choices_widen() -> None:
    row = entry()

    assert passes(row, {"domain": frozenset({"research", "other"})}, TODAY)
    assert not passes(row, {"domain": frozenset({"research"}), "district": frozenset({"LG"})}, TODAY)
    assert passes(row, {"domain": frozenset()}, TODAY)


def test_counts_of_a_group_ignore_its_own_choices_and_obey_the_others() -> None:
    rows = [entry(), entry(domain="other"), entry(domain="other", district="LG")]
    chosen = {"domain": frozenset({"research"}), "district": frozenset({"NS"})}

    assert choices(rows, "domain", chosen, TODAY) == {"research": 1, "other": 1}


def test_a_choice_that_would_show_nothing_counts_zero() -> None:
    rows = [entry(), entry(domain="other", district="LG")]

    assert choices(rows, "domain", {"district": frozenset({"NS"})}, TODAY) == {"research": 1, "other": 0}


def test_nearest_names_the_group_that_hides_most() -> None:
    rows = [entry(), entry(), entry(district="LG", domain="other")]
    chosen = {"domain": frozenset({"other"}), "district": frozenset({"NS"}), "state": frozenset({"open"})}

    assert nearest(rows, chosen, TODAY) == ("domain", 2)


def test_nearest_is_none_when_no_single_group_helps() -> None:
    chosen = {"domain": frozenset({"x"}), "district": frozenset({"y"})}

    assert nearest([entry()], chosen, TODAY) is None
