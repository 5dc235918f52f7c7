"""A pilot's plan, its use, its end, and its documents."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from models.evidence import EvidenceKind
from models.i18n import N_
from web.forms.parsing import Form, OptionalDate, OptionalFen, filled, maybe, sentence


def not_before(value: date | None, earlier: date | None, message: str) -> date | None:
    """The day, unless both are known and it comes before the other."""
    if value is not None and earlier is not None and value < earlier:
        raise sentence(message)
    return value


def _codes(value: object) -> object:
    """Codes of programmes, as the page joins the boxes that were ticked."""
    return [part for part in str(value or "").split(",") if re.fullmatch(r"[a-z][a-z0-9_]{1,59}", part)]


class PilotForm(Form):
    """The plan. Metric, owner and decision date may wait while it is planned; agreeing refuses without them."""

    title: Annotated[str, filled(300)]
    capability_id: Annotated[int, Field(gt=0, lt=2**31)]
    scope: Annotated[str, maybe(4000)] = ""
    success_metric: Annotated[str, maybe(300)] = ""
    baseline: Annotated[str, maybe(200)] = ""
    target: Annotated[str, maybe(200)] = ""
    decision_owner: Annotated[str, maybe(120)] = ""
    decision_on: OptionalDate = None
    data_terms: Annotated[str, maybe(2000)] = ""
    voucher_programmes: Annotated[list[str], BeforeValidator(_codes)] = Field(default_factory=list)
    budget_fen: OptionalFen = None
    starts_on: OptionalDate = None
    ends_on: OptionalDate = None

    @field_validator("ends_on")
    @classmethod
    def ends_after_start(cls, value: date | None, info: ValidationInfo) -> date | None:
        """The end comes after the beginning."""
        return not_before(value, info.data.get("starts_on"), N_("不能早于开始日期。"))


class InUseForm(Form):
    """The product works in the real process."""

    go_live_on: date
    n_users: Annotated[int, Field(gt=0, le=100_000_000)]
    usage_note: Annotated[str, maybe(2000)] = ""


class StopForm(Form):
    """The end before acceptance."""

    reason: Annotated[str, filled(500)]


class EvidenceForm(Form):
    """A document's own facts; the file itself is checked by models/files.py."""

    kind: EvidenceKind
    title: Annotated[str, filled(300)]
    issuer: Annotated[str, filled(200)]
    number: Annotated[str, maybe(120)] = ""
    issued_on: date
    valid_until_on: OptionalDate = None
    period_from_on: OptionalDate = None
    period_to_on: OptionalDate = None

    @field_validator("valid_until_on")
    @classmethod
    def valid_after_issue(cls, value: date | None, info: ValidationInfo) -> date | None:
        """A document does not run out before it was issued."""
        return not_before(value, info.data.get("issued_on"), N_("不能早于出具日期。"))

    @field_validator("period_to_on")
    @classmethod
    def period_runs_forwards(cls, value: date | None, info: ValidationInfo) -> date | None:
        """The end of the period comes after its beginning."""
        return not_before(value, info.data.get("period_from_on"), N_("不能早于期间开始。"))


class CheckForm(Form):
    """What the reader of a document found."""

    verdict: Literal["checked", "rejected"]
    note: Annotated[str, maybe(500)] = ""
