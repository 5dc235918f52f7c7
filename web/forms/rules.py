"""The terms of a funding rule as an officer writes them: sums in 万元, shares in percent, days, and the source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from models.funding_condition import SourceGrade
from models.funding_rule import FundingKind, FundingTarget
from models.funding_rule_file import MAX_FEN
from models.i18n import N_
from web.forms.parsing import FEN_PER_WAN, Form, OptionalDate, OptionalFen, filled, maybe, parse, sentence

BP_PER_CENT = 100
POSITIVE = N_("要大于 0；没有就不填。")
TOO_MUCH = N_("超过 100 亿元，核对一下单位是不是万元。")


def _sum(value: int | None) -> int | None:
    """A sum that is there is more than nothing, and less than a slip of the unit."""
    if value == 0:
        raise sentence(POSITIVE)
    if value is not None and value > MAX_FEN:
        raise sentence(TOO_MUCH)
    return value


def _percent_to_bp(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        share = Decimal(str(value).strip().removesuffix("%"))
    except InvalidOperation as err:
        raise sentence(N_("要写百分之几，例如 30 或 12.5。")) from err
    if not share.is_finite() or not 0 < share <= 100 or share * BP_PER_CENT % 1:
        raise sentence(N_("要写百分之几，例如 30 或 12.5。"))
    return int(share * BP_PER_CENT)


def _tiers(value: object) -> object:
    """`500、300、100` in 万元 as a list of fen, the smallest first."""
    parts = [part for part in re.split(r"[、，,;；\s]+", str(value or "")) if part]
    try:
        sums = [Decimal(part) * FEN_PER_WAN for part in parts]
    except InvalidOperation as err:
        raise sentence(N_("档次要写万元数，用顿号隔开，例如 500、300、100。")) from err
    if any(not amount.is_finite() or amount <= 0 or amount > MAX_FEN or amount % 1 for amount in sums):
        raise sentence(N_("档次要写万元数，用顿号隔开，例如 500、300、100。"))
    return sorted({int(amount) for amount in sums})


def _empty_to_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Amount = Annotated[OptionalFen, AfterValidator(_sum)]
Share = Annotated[int | None, BeforeValidator(_percent_to_bp)]
Tiers = Annotated[list[int], BeforeValidator(_tiers)]
Code = Annotated[
    str | None, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$"), BeforeValidator(_empty_to_none)
]


class TermsForm(Form):
    """What a rule says, but for its conditions."""

    title: Annotated[str, filled(200)]
    title_en: Annotated[str, filled(200)]
    issuer: Annotated[str, filled(120)]
    issuer_en: Annotated[str, maybe(120)] = ""
    document_number: Annotated[str, maybe(80)] = ""
    clause: Annotated[str, filled(4000)]
    clause_en: Annotated[str, maybe(4000)] = ""
    kind: FundingKind
    target: FundingTarget
    cap_fen: Amount = None
    rate_bp: Share = None
    spend_purpose: Code = None
    tiers: Tiers = Field(default_factory=list)
    stacking_group: Code = None
    yearly_cap_fen: Amount = None
    pool_fen: Amount = None
    window_from_on: OptionalDate = None
    window_until_on: OptionalDate = None
    valid_from_on: OptionalDate = None
    valid_until_on: OptionalDate = None
    source: Annotated[str, filled(2000)]
    source_grade: SourceGrade
    checked_on: date


class ProgrammeForm(Form):
    """The code of a new programme."""

    programme: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]


class SubmitForm(Form):
    """What moved the office, and whether the text was compared."""

    why: Annotated[str, filled(500)]
    text_compared: bool = False


class ApproveForm(Form):
    """What the second officer read."""

    terms_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ReturnForm(Form):
    """What is to be done otherwise."""

    note: Annotated[str, filled(500)]


SUMS = ("cap_fen", "yearly_cap_fen", "pool_fen")


def parse_terms(sent: Mapping[str, str]) -> dict[str, Any]:
    """The terms of the form, for RuleRow. InvalidInput with a sentence per wrong field."""
    return parse(TermsForm, sent).model_dump(mode="json")


def typed_terms(terms: Mapping[str, Any]) -> dict[str, str]:
    """Terms as the form's fields hold them."""
    typed = {
        name: "" if (value := terms.get(name)) is None else str(value) for name in TermsForm.model_fields
    }
    typed |= {name: wan(terms.get(name)) for name in SUMS}
    typed["rate_bp"] = percent(terms.get("rate_bp"))
    typed["tiers"] = "、".join(wan(fen) for fen in sorted(terms.get("tiers") or [], reverse=True))
    return typed


def wan(fen: int | None) -> str:
    """Fen as the number of 万元 that was typed."""
    return "" if fen is None else f"{(Decimal(fen) / FEN_PER_WAN).normalize():f}"


def percent(bp: int | None) -> str:
    """Basis points as the percentage that was typed."""
    return "" if bp is None else f"{(Decimal(bp) / BP_PER_CENT).normalize():f}"
