"""One condition of a rule as an officer writes it: fields by the kind of check, read from the checks themselves.

A new kind of condition in models/funding_condition.py has its form at once; only its words are added here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, StringConstraints, ValidationError

from models.errors import InvalidInput, NotFound
from models.evidence import EvidenceKind
from models.funding_condition import AnyCheck, Condition, SourceGrade
from models.funding_finding import Check
from models.i18n import N_
from models.organisation import OrganisationKind
from models.scenario import ScenarioKind
from web.forms.parsing import Form, OptionalFen, filled, maybe, parse
from web.forms.rules import Share, percent, wan
from web.labels import DOMAINS

CHECKS: dict[str, type[Check]] = {
    get_args(check.model_fields["kind"].annotation)[0]: check for check in get_args(get_args(AnyCheck)[0])
}
"""The checks there are, by kind."""

PURPOSES = ("compute", "model", "corpus", "investment")
CHOICES: dict[str, tuple[str, ...]] = {
    "domains": tuple(DOMAINS),
    "evidence": tuple(kind.value for kind in EvidenceKind),
    "purpose": PURPOSES,
    "filing": ("algorithm_filing", "model_filing", "security_assessment"),
}
LISTS = frozenset({"kinds", "domains", "cities"})
NUMBERS = frozenset({"days", "people", "years", "years_special"})


class ConditionForm(Form):
    """What every condition has."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
    text_zh: Annotated[str, filled(500)]
    text_en: Annotated[str, filled(500)]
    source: Annotated[str, filled(500)]
    source_grade: SourceGrade
    unverified: Annotated[bool, BeforeValidator(lambda value: value or False)] = False
    rate_bp: Share = None


class AmountForm(Form):
    """A sum in 万元."""

    minimum_fen: OptionalFen = None


class WordForm(Form):
    """One parameter as text."""

    value: Annotated[str, maybe(2000)] = ""


def param_names(kind: str) -> list[str]:
    """The parameters of a kind of condition, in the order of its fields. NotFound for a kind there is not."""
    if kind not in CHECKS:
        raise NotFound(N_("没有这种条件。"))
    return [name for name in CHECKS[kind].model_fields if name != "kind"]


def choices(kind: str, name: str) -> tuple[str, ...]:
    """The codes one may choose from; none where it is typed."""
    if name == "kinds":
        source = ScenarioKind if kind == "scenario_kind_in" else OrganisationKind
        return tuple(member.value for member in source)
    return CHOICES.get(name, ())


def parse_condition(kind: str, sent: Mapping[str, str]) -> tuple[dict[str, Any], int | None]:
    """The condition as stored, and the share that applies where it is met; None: it decides whether, not how much.

    InvalidInput with a sentence per wrong field.
    """
    names = param_names(kind)
    form = parse(ConditionForm, sent)
    params = {name: value for name in names if (value := _param(name, sent)) not in (None, "", [])}
    try:
        condition = Condition(kind=kind, params=params, **form.model_dump(exclude={"rate_bp"}))
    except ValidationError as err:
        words = N_("这一项要填，并且要填得对。")
        wrong = {name for problem in err.errors() for name in names if name in _named(problem)}
        raise InvalidInput(
            N_("有几处要改。"), fields=dict.fromkeys(wrong or names or {"code"}, words)
        ) from err
    return condition.model_dump(mode="json"), form.rate_bp


def _named(problem: Any) -> set[str]:
    """The fields an error speaks of; a check's own are named in its text, because it is validated inside another."""
    return {str(part) for part in problem["loc"]} | set(re.findall(r"[a-z_]+", str(problem["msg"])))


def _param(name: str, sent: Mapping[str, str]) -> Any:
    if name.endswith("_fen"):
        return parse(AmountForm, {name: sent.get(name, "")}).minimum_fen
    text = parse(WordForm, {"value": sent.get(name, "")}).value
    if name in LISTS:
        return [part for part in re.split(r"[、，,;；\s]+", text) if part]
    if name in NUMBERS:
        return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None
    return text


def typed_condition(item: Mapping[str, Any], rate_bp: int | None) -> dict[str, str]:
    """A stored condition as the form's fields hold it."""
    typed = {name: str(item.get(name) or "") for name in ConditionForm.model_fields}
    typed["unverified"] = "true" if item.get("unverified") else ""
    typed["rate_bp"] = percent(rate_bp)
    for name, value in item.get("params", {}).items():
        if name.endswith("_fen"):
            typed[name] = wan(value)
        else:
            typed[name] = "、".join(value) if isinstance(value, list | tuple) else str(value)
    return typed
