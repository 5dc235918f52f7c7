"""Scoring criteria as an agency writes them: names, weights that sum to 100, and a text for each score."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from models.errors import InvalidInput
from models.i18n import N_
from models.rubric import FULL_WEIGHT, MAX_ANCHOR, MAX_CRITERIA, MAX_NAME, SCORES, Criterion
from models.texts import storable
from web.forms.parsing import Form, filled, parse

MAX_WHY = 1000


class CriterionForm(Form):
    """One criterion; its texts come apart."""

    name: Annotated[str, filled(MAX_NAME)]
    weight: Annotated[int, Field(gt=0, le=FULL_WEIGHT)]


class AnchorForm(Form):
    """What one score means."""

    anchor: Annotated[str, filled(MAX_ANCHOR)]


class WhyForm(Form):
    """Why published criteria change."""

    why: Annotated[str, filled(MAX_WHY)]


def parse_rubric(sent: Mapping[str, str]) -> list[Criterion]:
    """The criteria from the fields name_1, weight_1, anchor_1_0 ... anchor_1_3; lines without any word are left out.

    InvalidInput with one sentence per wrong field; what the weights add up to is said at the first of them.
    """
    wrong: dict[str, str] = {}
    criteria = [_criterion(sent, n, wrong) for n in range(1, MAX_CRITERIA + 1) if _says_something(sent, n)]
    if not criteria:
        wrong["name_1"] = N_("至少写一条标准。")
    if not wrong:
        wrong |= _of_the_whole(criteria)
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)
    return criteria


def _says_something(sent: Mapping[str, str], n: int) -> bool:
    fields = (f"name_{n}", *(f"anchor_{n}_{score}" for score in SCORES))
    return any(storable(sent.get(name, "")) for name in fields)


def _criterion(sent: Mapping[str, str], n: int, wrong: dict[str, str]) -> Criterion:
    anchors = []
    for score in SCORES:
        field = f"anchor_{n}_{score}"
        try:
            anchors.append(parse(AnchorForm, {"anchor": sent.get(field, "")}).anchor)
        except InvalidInput as error:
            wrong[field] = error.fields["anchor"]
    try:
        form = parse(
            CriterionForm, {"name": sent.get(f"name_{n}", ""), "weight": sent.get(f"weight_{n}", "")}
        )
    except InvalidInput as error:
        wrong |= {f"{name}_{n}": words for name, words in error.fields.items()}
        return Criterion("", 0, ())
    return Criterion(form.name, form.weight, tuple(anchors))


def _of_the_whole(criteria: Sequence[Criterion]) -> dict[str, str]:
    wrong = {}
    if sum(row.weight for row in criteria) != FULL_WEIGHT:
        wrong["weight_1"] = N_("各条权重加起来要正好是 100。")
    names = [row.name for row in criteria]
    twice = next((n for n, name in enumerate(names, 1) if name in names[: n - 1]), None)
    if twice is not None:
        wrong[f"name_{twice}"] = N_("名称重复，合成一条或换个名称。")
    return wrong


def typed_of(criteria: Sequence[Criterion]) -> dict[str, str]:
    """Criteria as the form's fields hold them."""
    typed = {}
    for n, row in enumerate(criteria, 1):
        typed |= {f"name_{n}": row.name, f"weight_{n}": str(row.weight)}
        typed |= {f"anchor_{n}_{score}": text for score, text in zip(SCORES, row.anchors, strict=True)}
    return typed


def n_lines(typed: Mapping[str, str]) -> int:
    """How many criteria the page shows: those there are and one more, as far as there may be."""
    found = (
        re.fullmatch(r"(?:name|weight|anchor)_([1-9])(?:_\d)?", key) for key in typed if typed[key].strip()
    )
    return min(
        MAX_CRITERIA, max((int(match.group(1)) for match in found if match is not None), default=0) + 1
    )
