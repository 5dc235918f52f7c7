from __future__ import annotations

import pytest

from models.errors import InvalidInput
from web.forms.parsing import parse
from web.forms.pilots import CheckForm, EvidenceForm, InUseForm, PilotForm, StopForm

DOCUMENT = {"kind": "test_report", "title": "报告", "issuer": "检测中心", "issued_on": "2026-11-01"}


def wrong(form, sent: dict[str, str]) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        parse(form, sent)
    return list(caught.value.fields)


def test_a_plan_may_still_lack_metric_owner_and_date() -> None:
    form = parse(PilotForm, {"title": "试点", "capability_id": "3"})

    assert (form.success_metric, form.decision_owner, form.decision_on) == ("", "", None)


@pytest.mark.parametrize("capability_id", ["0", "-1", "99999999999", "x"])
def test_a_capability_is_a_row_id(capability_id: str) -> None:
    assert wrong(PilotForm, {"title": "试点", "capability_id": capability_id}) == ["capability_id"]


def test_a_pilot_ends_after_it_starts() -> None:
    sent = {"title": "试点", "capability_id": "3", "starts_on": "2027-02-01", "ends_on": "2027-01-01"}

    assert wrong(PilotForm, sent) == ["ends_on"]


def test_ranges_of_a_document_run_forwards() -> None:
    ranges = {"valid_until_on": "2026-10-01", "period_from_on": "2026-10-01", "period_to_on": "2026-09-01"}

    assert wrong(EvidenceForm, {**DOCUMENT, **ranges}) == ["valid_until_on", "period_to_on"]


def test_a_document_says_who_issued_it_and_when() -> None:
    assert wrong(EvidenceForm, {"kind": "test_report"}) == ["title", "issuer", "issued_on"]


def test_going_live_needs_a_day_and_somebody() -> None:
    assert wrong(InUseForm, {"go_live_on": "", "n_users": "0"}) == ["go_live_on", "n_users"]


def test_an_end_needs_a_reason_and_a_check_a_verdict() -> None:
    assert wrong(StopForm, {"reason": " "}) == ["reason"]
    assert wrong(CheckForm, {"verdict": "maybe"}) == ["verdict"]
