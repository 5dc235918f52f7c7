"""A scenario as its agency writes it: what a draft may hold, and what must be there before it is published."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import ValidationInfo, field_validator

from models.draft import DraftContent, Wanted
from models.errors import InvalidInput
from models.i18n import N_
from models.scenario import DEPLOYMENTS, Requirement, Scenario, ScenarioKind
from models.texts import language_of, storable
from web.forms.parsing import FEN_PER_WAN, Form, OptionalDate, OptionalFen, filled, maybe, parse, sentence
from web.forms.pilots import not_before
from web.labels import DOMAINS

MAX_REQUIREMENTS = 40
MAX_REQUIREMENT = 500
MAX_TEXT = 10_000
"""Some four printed pages: longer needs are studies, and belong into a file."""

_REQUIREMENT = re.compile(r"req_([1-9][0-9]?)\Z")


class TitleForm(Form):
    """How a draft begins."""

    title: Annotated[str, filled(300)]


class DraftForm(Form):
    """A draft: anything may still be missing but its title; what is there must be readable."""

    title: Annotated[str, filled(300)]
    kind: ScenarioKind = ScenarioKind.GOVERNMENT
    domain: str = "other"
    text: Annotated[str, maybe(MAX_TEXT)] = ""
    volume_note: Annotated[str, maybe(4000)] = ""
    metric: Annotated[str, maybe(300)] = ""
    baseline: Annotated[str, maybe(200)] = ""
    target: Annotated[str, maybe(200)] = ""
    acceptance: Annotated[str, maybe(4000)] = ""
    data_note: Annotated[str, maybe(4000)] = ""
    data_access: Annotated[str, maybe(300)] = ""
    security_note: Annotated[str, maybe(500)] = ""
    deployment: tuple[str, ...] = ()
    site: Annotated[str, maybe(300)] = ""
    budget_min_fen: OptionalFen = None
    budget_max_fen: OptionalFen = None
    procurement_note: Annotated[str, maybe(300)] = ""
    opens_on: OptionalDate = None
    deadline_on: OptionalDate = None
    pilot_from_on: OptionalDate = None
    pilot_to_on: OptionalDate = None
    contact_name: Annotated[str, maybe(120)] = ""
    contact_email: Annotated[str, maybe(254)] = ""

    @field_validator("domain")
    @classmethod
    def known_domain(cls, value: str) -> str:
        """One of the domains that have a name."""
        if value not in DOMAINS:
            raise sentence(N_("请从列表中选一项。"))
        return value

    @field_validator("deployment", mode="before")
    @classmethod
    def known_places(cls, value: object) -> object:
        """The ticked places that exist, in their own order; sent as one text with commas."""
        ticked = set(str(value).split(","))
        return tuple(code for code in DEPLOYMENTS if code in ticked)

    @field_validator("budget_max_fen")
    @classmethod
    def budget_in_order(cls, value: int | None, info: ValidationInfo) -> int | None:
        """The upper end is not below the lower."""
        low = info.data.get("budget_min_fen")
        if value is not None and low is not None and value < low:
            raise sentence(N_("不能低于预算下限。"))
        return value

    @field_validator("deadline_on")
    @classmethod
    def deadline_after_opening(cls, value: date | None, info: ValidationInfo) -> date | None:
        """The last day is not before the first."""
        return not_before(value, info.data.get("opens_on"), N_("不能早于征集开始。"))

    @field_validator("pilot_to_on")
    @classmethod
    def pilot_runs_forwards(cls, value: date | None, info: ValidationInfo) -> date | None:
        """The pilot ends after it began."""
        return not_before(value, info.data.get("pilot_from_on"), N_("不能早于试点开始。"))

    @field_validator("contact_email")
    @classmethod
    def email_is_one(cls, value: str) -> str:
        """An address, where one is given."""
        try:
            return validate_email(value, check_deliverability=False).normalized if value else ""
        except EmailNotValidError as err:
            raise sentence(N_("要写一个邮箱，例如 zhang@example.cn。")) from err


class PublicationForm(DraftForm):
    """What a firm needs to decide whether to answer, beyond what a draft may hold."""

    text: Annotated[str, filled(MAX_TEXT)]
    metric: Annotated[str, filled(300)]
    baseline: Annotated[str, filled(200)]
    target: Annotated[str, filled(200)]
    acceptance: Annotated[str, filled(4000)]
    data_note: Annotated[str, filled(4000)]
    deployment: tuple[str, ...]
    deadline_on: date
    contact_name: Annotated[str, filled(120)]
    contact_email: Annotated[str, filled(254)]

    @field_validator("deployment")
    @classmethod
    def some_place(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """At least one place to run, "any" among them."""
        if not value:
            raise sentence(N_("至少选一项，都可以就选“部署不限”。"))
        return value


def parse_draft(sent: Mapping[str, str], act: str = "") -> DraftContent:
    """The content of a draft from what the page sent. InvalidInput with one sentence per wrong field.

    Requirements are the fields req_1, req_2, ... with must_1, ... beside them; empty ones are left out. act: "up-2",
    "down-2" or "remove-2" moves the one of that number. Places to run are one text with commas.
    """
    lines = _requirement_lines(sent)
    wrong = {f"req_{n}": N_("太长，请缩短。") for n, wanted in lines if len(wanted.text) > MAX_REQUIREMENT}
    if len(lines) > MAX_REQUIREMENTS:
        wrong[f"req_{lines[MAX_REQUIREMENTS][0]}"] = N_("最多写 40 条，请合并。")
    try:
        form = parse(DraftForm, sent)
    except InvalidInput as error:
        raise InvalidInput(error.message, fields={**error.fields, **wrong}) from error
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)
    values = form.model_dump() | {"deployment": list(form.deployment)}
    return DraftContent(values, tuple(wanted for _, wanted in rearranged(lines, act)))


def parse_what_is_readable(sent: Mapping[str, str]) -> DraftContent:
    """The same while somebody is still typing: a field that cannot be read yet counts as empty."""
    readable = dict(sent)
    while True:
        try:
            return parse_draft({"title": "-", **readable})
        except InvalidInput as error:
            unreadable = error.fields.keys() & readable.keys()
            if not unreadable:
                raise
            readable = {name: value for name, value in readable.items() if name not in unreadable}


def _requirement_lines(sent: Mapping[str, str]) -> list[tuple[int, Wanted]]:
    """The requirements that say something, with the number of their field, in the order of the numbers."""
    numbers = sorted(int(found.group(1)) for name in sent if (found := _REQUIREMENT.match(name)))
    lines = [
        (n, Wanted(storable(sent[f"req_{n}"]), sent.get(f"must_{n}", "must") != "should")) for n in numbers
    ]
    return [(n, wanted) for n, wanted in lines if wanted.text]


def rearranged(lines: Sequence[tuple[int, Wanted]], act: str) -> list[tuple[int, Wanted]]:
    """The requirements after "up-2", "down-2" or "remove-2" was pressed; as they were for anything else."""
    rows = list(lines)
    verb, _, digits = act.partition("-")
    at = next((at for at, (n, _) in enumerate(rows) if str(n) == digits), None)
    if at is None:
        return rows
    if verb == "remove":
        del rows[at]
    other = {"up": at - 1, "down": at + 1}.get(verb, -1)
    if 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
    return rows


def check_publishable(draft: Scenario, today: date) -> None:
    """InvalidInput with one sentence per field that must be filled before publication."""
    wrong: dict[str, str] = {}
    try:
        parse(PublicationForm, typed_of(draft))
    except InvalidInput as error:
        wrong = error.fields
    if not draft.requirements:
        wrong["req_1"] = N_("至少写一条要求。")
    if draft.deadline_on is not None and draft.deadline_on < today:
        wrong["deadline_on"] = N_("已经过了，改成今天之后的日期。")
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)


TEXT_FIELDS = (
    "title", "kind", "domain", "text", "volume_note", "metric", "baseline", "target", "acceptance", "data_note",
    "data_access", "security_note", "site", "procurement_note", "contact_name", "contact_email",
)  # fmt: skip
DAY_FIELDS = ("opens_on", "deadline_on", "pilot_from_on", "pilot_to_on")
MONEY_FIELDS = ("budget_min_fen", "budget_max_fen")


def typed_of(draft: Scenario) -> dict[str, str]:
    """A draft as the form's fields hold it."""
    typed = {name: str(getattr(draft, name)) for name in TEXT_FIELDS}
    typed |= {name: "" if (on := getattr(draft, name)) is None else on.isoformat() for name in DAY_FIELDS}
    typed |= {
        name: "" if (fen := getattr(draft, name)) is None else f"{Decimal(fen) / FEN_PER_WAN:f}"
        for name in MONEY_FIELDS
    }
    typed["deployment"] = ",".join(draft.deployment)
    for row in draft.requirements:
        typed |= {f"req_{row.position}": row.text, f"must_{row.position}": "must" if row.must else "should"}
    return typed


def as_written(draft: Scenario, content: DraftContent) -> Scenario:
    """A scenario with this content that no session knows, to be judged; the draft itself is not touched."""
    values = dict(content.values)
    return Scenario(
        id=draft.id,
        organisation_id=draft.organisation_id,
        district_id=draft.district_id,
        lang=language_of(f"{values['title']}\n{values['text']}"),
        requirements=[
            Requirement(scenario_id=0, position=position, text=wanted.text, must=wanted.must)
            for position, wanted in enumerate(content.requirements, 1)
        ],
        **values,
    )
