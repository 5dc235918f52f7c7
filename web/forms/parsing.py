"""From what a browser sends to a checked form, or to a sentence for each field that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from models.errors import InvalidInput
from models.i18n import N_
from models.texts import storable

FEN_PER_WAN = 1_000_000
# What a column of 64 bits holds is far above any budget; this bound catches a slip of the hand.
MAX_WAN = Decimal(10_000_000)
MAX_COUNT = 100_000_000


class Form(BaseModel):
    """Base of all forms: what a form does not name is ignored, so nobody can set a field the page does not show."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


F = TypeVar("F", bound=Form)


def _empty_to_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _wan_to_fen(value: object) -> object:
    """`30` or `12.5` in 万元 as an integer of fen, without ever passing through a float."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        amount = Decimal(str(value).strip().replace(",", "").replace("，", ""))
    except InvalidOperation as err:
        raise PydanticCustomError("money", "money") from err
    if not amount.is_finite() or not 0 <= amount <= MAX_WAN or amount * FEN_PER_WAN % 1:
        raise PydanticCustomError("money", "money")
    return int(amount * FEN_PER_WAN)


def filled(max_length: int) -> StringConstraints:
    """The constraint on a text that must not be empty."""
    return StringConstraints(min_length=1, max_length=max_length)


def maybe(max_length: int) -> StringConstraints:
    """The constraint on a text that may be empty."""
    return StringConstraints(max_length=max_length)


OptionalDate = Annotated[date | None, BeforeValidator(_empty_to_none)]
OptionalInt = Annotated[int | None, BeforeValidator(_empty_to_none)]
# An amount of things, none of which is none at all; the column holds it.
OptionalCount = Annotated[Annotated[int, Field(gt=0, le=MAX_COUNT)] | None, BeforeValidator(_empty_to_none)]
OptionalFen = Annotated[int | None, BeforeValidator(_wan_to_fen)]

# One sentence per kind of mistake; the field's label stands before it on the page.
MESSAGES = {
    "missing": N_("要填写。"),
    "string_too_short": N_("要填写。"),
    "string_too_long": N_("太长，请缩短。"),
    "int_parsing": N_("要写一个整数，例如 12。"),
    "int_type": N_("要写一个整数，例如 12。"),
    "greater_than": N_("要大于 0。"),
    "greater_than_equal": N_("不能小于 0。"),
    "less_than_equal": N_("数太大，请核对。"),
    "date_from_datetime_parsing": N_("要写一个日期，例如 2027-04-10。"),
    "date_parsing": N_("要写一个日期，例如 2027-04-10。"),
    "date_from_datetime_inexact": N_("要写一个日期，例如 2027-04-10。"),
    "date_type": N_("要写一个日期，例如 2027-04-10。"),
    "enum": N_("请从列表中选一项。"),
    "literal_error": N_("请从列表中选一项。"),
    "string_pattern_mismatch": N_("有不能用的字符。"),
    "money": N_("要写万元数，例如 30 或 12.5。"),
}
OTHERWISE = N_("这一项写得不对，请核对。")


def parse(form: type[F], sent: Mapping[str, str]) -> F:
    """The checked form. InvalidInput with one sentence per wrong field, in the order of the page."""
    try:
        return form.model_validate({key: storable(value) for key, value in sent.items()})
    except ValidationError as err:
        raise InvalidInput(N_("有几处要改。"), fields=dict(_sentences(err))) from err


def _sentences(error: ValidationError) -> Iterator[tuple[str, str]]:
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        field = str(item["loc"][0]) if item["loc"] else "form"
        # A validator of ours says its own sentence; pydantic's own kinds are worded above.
        if item["type"] == "sentence":
            yield field, item["msg"]
        else:
            yield field, MESSAGES.get(item["type"], OTHERWISE)


def sentence(message: str) -> PydanticCustomError:
    """The error for a validator to raise with a sentence of its own (marked with N_ where it is written)."""
    return PydanticCustomError("sentence", message)  # type: ignore[arg-type]
