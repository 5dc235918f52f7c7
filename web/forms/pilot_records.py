"""What is written while a pilot runs and when it ends: milestones, usage, the use report, acceptance, the decision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from models.acceptance import CHECKLIST, Conclusion, ItemVerdict
from models.errors import InvalidInput
from models.i18n import N_
from models.pilot_decision import Outcome
from web.forms.parsing import Form, OptionalDate, filled, maybe, parse
from web.forms.pilots import not_before

MAX_COUNT = 100_000_000
Count = Annotated[int, Field(gt=0, le=MAX_COUNT)]


def _names(value: object) -> object:
    parts = re.split(r"[、，,;；\n]+", str(value or ""))
    return [part.strip() for part in parts if part.strip()]


class MilestoneForm(Form):
    """What is to be there, and by when. No field is named like one of another form of the page."""

    milestone_title: Annotated[str, filled(200)]
    due_on: date


class UsageForm(Form):
    """One period of the log."""

    from_on: date
    to_on: date
    n_using: Count
    volume: Annotated[int, Field(ge=0, le=10**12)]
    unit: Annotated[str, filled(40)]
    metric_value: Annotated[str, maybe(200)] = ""
    issues: Annotated[str, maybe(2000)] = ""


class UseReportForm(Form):
    """What the scenario's owner says about the use."""

    period_from_on: date
    period_to_on: date
    n_users: Count
    usage: Annotated[str, filled(4000)]
    reached: Annotated[str, filled(200)]
    issues: Annotated[str, maybe(2000)] = ""

    @field_validator("period_to_on")
    @classmethod
    def period_runs_forwards(cls, value: date, info: ValidationInfo) -> date | None:
        """The end of the period comes after its beginning."""
        return not_before(value, info.data.get("period_from_on"), N_("不能早于期间开始。"))


class SignForm(Form):
    """Who answers for the report."""

    signed_by: Annotated[str, filled(120)]


class AcceptanceForm(Form):
    """One sitting; the checklist comes apart."""

    held_on: date
    experts: Annotated[list[str], BeforeValidator(_names)] = Field(default_factory=list, max_length=20)
    conclusion: Conclusion
    rectify_by_on: OptionalDate = None
    note: Annotated[str, maybe(2000)] = ""


class DecisionForm(Form):
    """Scale, extend or stop."""

    outcome: Outcome
    decided_on: date
    decided_by: Annotated[str, filled(120)]
    decision_note: Annotated[str, filled(500)]
    next_decision_on: OptionalDate = None


def parse_acceptance(sent: Mapping[str, str]) -> dict[str, Any]:
    """The columns of a sitting. InvalidInput with one sentence per wrong field; every line of the list is answered."""
    verdicts = {code: sent.get(f"check_{code}", "") for code in CHECKLIST}
    known = {verdict.value for verdict in ItemVerdict}
    open_lines = {f"check_{code}": N_("要选一项。") for code, value in verdicts.items() if value not in known}
    try:
        form = parse(AcceptanceForm, sent)
    except InvalidInput as error:
        raise InvalidInput(error.message, fields={**open_lines, **error.fields}) from error
    if open_lines:
        raise InvalidInput(N_("有几处要改。"), fields=open_lines)
    return {**form.model_dump(), "checklist": verdicts}
