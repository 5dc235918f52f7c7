from __future__ import annotations

from typing import Any

import pytest

from models.acceptance import CHECKLIST
from models.errors import InvalidInput
from web.forms.parsing import parse
from web.forms.pilot_records import DecisionForm, MilestoneForm, UsageForm, UseReportForm, parse_acceptance

USAGE = {"from_on": "2026-12-01", "to_on": "2026-12-07", "n_using": "12", "volume": "340", "unit": "件"}
REPORT = {
    "period_from_on": "2026-12-01", "period_to_on": "2026-12-07", "n_users": "12", "usage": "340件", "reached": "4小时",
}  # fmt: skip
SITTING = {
    "held_on": "2026-12-18", "conclusion": "passed", "experts": "钱工、 孙工",
    **{f"check_{code}": "met" for code in CHECKLIST},
}  # fmt: skip


def wrong(call: Any, *arguments: Any) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        call(*arguments)
    return list(caught.value.fields)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"n_using": "0"}, "n_using"),
        ({"volume": "-1"}, "volume"),
        ({"unit": ""}, "unit"),
        ({"to_on": "x"}, "to_on"),
    ],
)
def test_a_period_of_use_needs_people_volume_and_unit(change: dict[str, str], field: str) -> None:
    assert parse(UsageForm, USAGE).volume == 340
    assert wrong(parse, UsageForm, {**USAGE, **change}) == [field]


def test_a_report_runs_forwards_and_says_what_was_reached() -> None:
    assert wrong(parse, UseReportForm, {**REPORT, "period_to_on": "2026-11-30"}) == ["period_to_on"]
    assert wrong(parse, UseReportForm, {**REPORT, "reached": ""}) == ["reached"]


def test_a_milestone_has_words_and_a_day() -> None:
    assert wrong(parse, MilestoneForm, {"milestone_title": "", "due_on": ""}) == ["milestone_title", "due_on"]


def test_experts_are_names_apart() -> None:
    values = parse_acceptance(SITTING)

    assert values["experts"] == ["钱工", "孙工"]
    assert values["checklist"] == dict.fromkeys(CHECKLIST, "met")


def test_every_line_of_the_checklist_is_answered() -> None:
    gap = {**SITTING, "check_data_settled": "maybe"}

    assert wrong(parse_acceptance, gap) == ["check_data_settled"]
    assert wrong(parse_acceptance, {**gap, "held_on": ""}) == ["check_data_settled", "held_on"]


def test_a_decision_has_a_reason_and_somebody_who_took_it() -> None:
    sent = {"outcome": "scale", "decided_on": "2026-12-18", "decided_by": "", "decision_note": ""}

    assert wrong(parse, DecisionForm, sent) == ["decided_by", "decision_note"]
    assert wrong(parse, DecisionForm, {**sent, "outcome": "sell"})[0] == "outcome"
