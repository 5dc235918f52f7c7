"""A proof of a capability, and what the operator who read it says."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from models.i18n import N_
from models.proof import ProofKind
from web.forms.capabilities import CapabilityForm
from web.forms.parsing import Form, OptionalDate, filled, maybe, sentence
from web.forms.pilots import not_before
from web.labels import FILINGS


def _empty_to_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class ProofForm(Form):
    """What the firm says of it; the document is checked by models/files.py."""

    kind: ProofKind
    filing: str = ""
    title: Annotated[str, filled(300)]
    issuer: Annotated[str, maybe(200)] = ""
    number: Annotated[str, maybe(120)] = ""
    url: Annotated[str | None, BeforeValidator(_empty_to_none)] = None
    issued_on: OptionalDate = None
    valid_until_on: OptionalDate = None

    @field_validator("filing")
    @classmethod
    def known_filing(cls, value: str, info: ValidationInfo) -> str:
        """Which filing it proves, where it is one."""
        if info.data.get("kind") is not ProofKind.FILING:
            return ""
        if value not in FILINGS:
            raise sentence(N_("选一项是哪种备案。"))
        return value

    @field_validator("url")
    @classmethod
    def address_of_the_web(cls, value: str | None) -> str | None:
        """An address that a browser opens, or none."""
        return CapabilityForm.address_of_the_web(value)

    @field_validator("valid_until_on")
    @classmethod
    def ends_after_it_begins(cls, value: date | None, info: ValidationInfo) -> date | None:
        """The last day is not before the first."""
        return not_before(value, info.data.get("issued_on"), N_("不能早于出具日期。"))


class DecisionForm(Form):
    """What the operator found; a refusal says why."""

    verdict: Literal["checked", "refused"]
    note: Annotated[str, maybe(500)] = Field(default="", validate_default=True)

    @field_validator("note")
    @classmethod
    def refusal_says_why(cls, value: str, info: ValidationInfo) -> str:
        """The firm reads the reason."""
        if info.data.get("verdict") == "refused" and not value:
            raise sentence(N_("写一句为什么，企业会看到。"))
        return value
