"""What a firm says it can do, as its form sends it: anything may be missing but the title."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from models.capability import Capability, CapabilityCase, Maturity
from models.capability_edit import CapabilityContent, CaseWritten
from models.errors import InvalidInput
from models.i18n import N_
from models.scenario import DEPLOYMENTS
from models.texts import language_of, storable
from web.forms.parsing import Form, OptionalDate, filled, maybe, parse, sentence
from web.labels import DOMAINS, FILINGS

MAX_TEXT = 10_000
MAX_CASES = 20
MAX_WORDS, MAX_WORD = 20, 60
KNOWN = {"industries": DOMAINS, "filings": FILINGS}
"""Fields of codes with words of their own; an import may bring others."""

CASE_FIELDS = ("case_text", "case_customer", "case_metric", "case_on")
TICKED = ("industries", "deployment", "filings")

_CASE = re.compile(r"case_(?:text|customer|metric|on)_([1-9][0-9]?)\Z")
_BETWEEN = re.compile(r"[,，、;；\n]+")


def _words(value: object) -> object:
    """The words of one text with commas, each once, in their order."""
    words = (word.strip() for word in _BETWEEN.split(str(value)))
    return tuple(dict.fromkeys(word for word in words if word))


def _empty_to_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Count = Annotated[Annotated[int, Field(ge=0, le=1000)] | None, BeforeValidator(_empty_to_none)]


class CapabilityTitleForm(Form):
    """How a capability begins."""

    title: Annotated[str, filled(300)]


class CapabilityForm(Form):
    """A capability: what is there must be readable."""

    title: Annotated[str, filled(300)]
    text: Annotated[str, maybe(MAX_TEXT)] = ""
    industries: tuple[str, ...] = ()
    technologies: Words = ()
    deployment: tuple[str, ...] = ()
    data_needed: Annotated[str, maybe(4000)] = ""
    filings: tuple[str, ...] = ()
    maturity: Annotated[Maturity | None, BeforeValidator(_empty_to_none)] = None
    capacity: Count = None
    weeks: Count = None
    price_note: Annotated[str, maybe(300)] = ""
    url: Annotated[str | None, BeforeValidator(_empty_to_none)] = None

    @field_validator("technologies")
    @classmethod
    def few_and_short(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Words, not sentences, and not a list of everything."""
        if len(value) > MAX_WORDS:
            raise sentence(N_("最多写 20 个词。"))
        if any(len(word) > MAX_WORD for word in value):
            raise sentence(N_("一个词最多 60 个字，用逗号隔开。"))
        return value

    @field_validator("deployment", mode="before")
    @classmethod
    def known_places(cls, value: object) -> object:
        """The ticked places that exist, in their own order; sent as one text with commas."""
        ticked = set(str(value).split(","))
        return tuple(code for code in DEPLOYMENTS if code in ticked)

    @field_validator("industries", "filings", mode="before")
    @classmethod
    def known_codes(cls, value: object, info: ValidationInfo) -> object:
        """The ticked codes, known ones in their own order; those that an import brought stay."""
        words = KNOWN[str(info.field_name)]
        ticked = dict.fromkeys(code[:MAX_WORD] for code in str(value).split(",") if code)
        known = [code for code in words if code in ticked]
        return (*known, *[code for code in ticked if code not in words][:MAX_WORDS])

    @field_validator("url")
    @classmethod
    def address_of_the_web(cls, value: str | None) -> str | None:
        """An address that a browser opens, or none."""
        if value is None:
            return None
        try:
            parts = urlsplit(value)
        except ValueError as err:
            raise sentence(N_("要写一个网址，例如 https://example.cn。")) from err
        if parts.scheme not in ("http", "https") or not parts.hostname or len(value) > 500:
            raise sentence(N_("要写一个网址，例如 https://example.cn。"))
        return value


class CaseForm(Form):
    """One place where it has been used."""

    text: Annotated[str, maybe(4000)] = ""
    customer: Annotated[str, maybe(200)] = ""
    metric: Annotated[str, maybe(300)] = ""
    on: OptionalDate = None


class ListingForm(CapabilityForm):
    """What an agency needs before anything can be matched."""

    text: Annotated[str, filled(MAX_TEXT)]


def parse_capability(sent: Mapping[str, str], act: str = "") -> CapabilityContent:
    """The content from what the page sent. InvalidInput with one sentence per wrong field.

    Cases are the fields case_text_1, case_customer_1, ...; those that say nothing are left out. act: "remove-2" takes
    away the case of that number. Ticked boxes are one text with commas.
    """
    wrong: dict[str, str] = {}
    cases = []
    for n in case_numbers(sent):
        if act == f"remove-{n}":
            continue
        try:
            case = _case(sent, n)
        except InvalidInput as error:
            wrong |= {f"case_{name}_{n}": words for name, words in error.fields.items()}
        else:
            cases += [] if case is None else [case]
    if len(cases) > MAX_CASES:
        wrong[f"case_text_{case_numbers(sent)[MAX_CASES]}"] = N_("最多写 20 个案例，请留下最有说服力的。")
    try:
        form = parse(CapabilityForm, sent)
    except InvalidInput as error:
        raise InvalidInput(error.message, fields={**error.fields, **wrong}) from error
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)
    values = {
        name: list(value) if isinstance(value, tuple) else value for name, value in form.model_dump().items()
    }
    return CapabilityContent(values, tuple(cases))


def _case(sent: Mapping[str, str], n: int) -> CaseWritten | None:
    names = {name: f"case_{name}_{n}" for name in ("text", "customer", "metric", "on")}
    form = parse(CaseForm, {name: sent.get(field, "") for name, field in names.items()})
    if not (form.text or form.customer or form.metric):
        return None
    if not form.text:
        raise InvalidInput(N_("有几处要改。"), fields={"text": N_("写一句做了什么。")})
    return CaseWritten(form.text, form.customer, form.metric, form.on)


def case_numbers(sent: Mapping[str, str]) -> list[int]:
    """The numbers of the cases that were sent, ascending."""
    return sorted({int(found.group(1)) for name in sent if (found := _CASE.match(name))})


def parse_readable_capability(sent: Mapping[str, str]) -> CapabilityContent:
    """The same while somebody is still typing: a field that cannot be read yet counts as empty."""
    readable = {name: storable(value) for name, value in sent.items()}
    while True:
        try:
            return parse_capability({"title": "-", **readable})
        except InvalidInput as error:
            unreadable = {
                name for name in readable if name in error.fields or _is_case_of(name, error.fields)
            }
            if not unreadable:
                raise
            readable = {name: value for name, value in readable.items() if name not in unreadable}


def _is_case_of(name: str, fields: Mapping[str, str]) -> bool:
    """Whether a field belongs to a case of which another field cannot be read."""
    found = _CASE.match(name)
    return found is not None and any(
        (other := _CASE.match(field)) is not None and other.group(1) == found.group(1) for field in fields
    )


def check_listable(content: CapabilityContent) -> None:
    """InvalidInput with one sentence per field that must be filled before it may be matched."""
    parse(ListingForm, typed_of_content(content))


def typed_of_content(content: CapabilityContent) -> dict[str, str]:
    """A capability's content as the form's fields hold it."""
    values = content.to_json()
    typed = {name: _typed(values[name]) for name in CapabilityForm.model_fields}
    for n, case in enumerate(content.cases, 1):
        typed |= {
            f"case_text_{n}": case.text,
            f"case_customer_{n}": case.customer,
            f"case_metric_{n}": case.metric,
            f"case_on_{n}": "" if case.on is None else case.on.isoformat(),
        }
    return typed


def _typed(value: object) -> str:
    if value is None:
        return ""
    return ",".join(value) if isinstance(value, list) else str(value)


def as_offered(capability: Capability, content: CapabilityContent) -> Capability:
    """A capability with this content that no session knows, to be judged or shown; the row itself is not touched."""
    written = Capability(
        id=capability.id or 0,
        organisation_id=capability.organisation_id,
        lapsed_filings=list(capability.lapsed_filings),
        lang=language_of(f"{content.values['title']}\n{content.values['text']}"),
        cases=[
            CapabilityCase(
                capability_id=0,
                position=n,
                text=case.text,
                customer=case.customer,
                metric=case.metric,
                on=case.on,
                confirmed_at=_confirmed_at(capability, case),
            )
            for n, case in enumerate(content.cases, 1)
        ],
        **content.values,
    )
    written.organisation = capability.organisation
    return written


def _confirmed_at(capability: Capability, case: CaseWritten) -> object:
    """When the customer confirmed a case that still reads the same; a changed case is not confirmed."""
    same = (
        row.confirmed_at
        for row in capability.cases
        if CaseWritten(row.text, row.customer, row.metric, row.on) == case
    )
    return next(same, None)
