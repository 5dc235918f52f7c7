"""A proposal as its firm writes it: what a draft may hold, and what must be there before it is handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from models.bid import Content
from models.errors import InvalidInput
from models.i18n import N_
from models.texts import storable
from web.forms.parsing import FEN_PER_WAN, Form, OptionalFen, maybe, parse

MAX_SUMMARY, MAX_PLAN, MAX_NOTE, MAX_START = 2000, 6000, 1000, 200
MAX_ANSWER, MAX_QUOTE = 2000, 1000
MAX_MILESTONES, MAX_PARTNERS = 8, 6
MAX_STEP, MAX_NAME = 300, 200
MAX_WEEKS = 520


class BidForm(Form):
    """The whole but its lists; anything may still be missing."""

    summary: Annotated[str, maybe(MAX_SUMMARY)] = ""
    plan: Annotated[str, maybe(MAX_PLAN)] = ""
    start: Annotated[str, maybe(MAX_START)] = ""
    price_fen: OptionalFen = None
    price_note: Annotated[str, maybe(MAX_NOTE)] = ""


class AnswerForm(Form):
    """What the firm says to one requirement."""

    verdict: Literal["met", "partly", "unmet", "unknown"]
    quote: Annotated[str, maybe(MAX_QUOTE)] = ""
    answer: Annotated[str, maybe(MAX_ANSWER)] = ""


class MilestoneForm(Form):
    """One step: what is there after how many weeks."""

    text: Annotated[str, maybe(MAX_STEP)] = ""
    weeks: Annotated[int, Field(gt=0, le=MAX_WEEKS)]


class PartnerForm(Form):
    """A firm beside the one that leads."""

    name: Annotated[str, maybe(MAX_NAME)] = ""
    part: Annotated[str, maybe(MAX_STEP)] = ""


def parse_bid(sent: Mapping[str, str], answers: Sequence[Mapping[str, Any]]) -> Content:
    """The content from what the page sent. InvalidInput with one sentence per wrong field.

    answers: those there are, whose requirements stay. Fields are verdict_1, quote_1, answer_1; milestone_1, weeks_1;
    partner_1, part_1; steps and partners without words are left out.
    """
    wrong: dict[str, str] = {}
    values = _part(BidForm, sent, {name: name for name in BidForm.model_fields}, wrong)
    lines = [_answer(sent, row, wrong) for row in answers]
    milestones = [_milestone(sent, n, wrong) for n in _numbers(sent, "milestone", MAX_MILESTONES)]
    partners = [_partner(sent, n, wrong) for n in _numbers(sent, "partner", MAX_PARTNERS)]
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)
    return {**values, "answers": lines, "milestones": milestones, "partners": partners}


def _part(
    form: type[Form], sent: Mapping[str, str], fields: Mapping[str, str], wrong: dict[str, str]
) -> dict[str, Any]:
    """The values of one form. fields: the name on the page of each of its fields."""
    try:
        given = {name: sent[field] for name, field in fields.items() if field in sent}
        return parse(form, given).model_dump()
    except InvalidInput as error:
        wrong |= {fields[name]: words for name, words in error.fields.items()}
        return {}


def _answer(sent: Mapping[str, str], row: Mapping[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    n = row["position"]
    fields = {name: f"{name}_{n}" for name in ("verdict", "quote", "answer")}
    # What the page did not send stays: a page of before an addendum does not know the newest requirement.
    kept = {fields[name]: str(row[name]) for name in fields}
    return {**row, **_part(AnswerForm, {**kept, **sent}, fields, wrong)}


def _numbers(sent: Mapping[str, str], name: str, most: int) -> Iterable[int]:
    """The numbers of the lines that say something, in order; one more than may be is no line."""
    found = (re.fullmatch(rf"{name}_([1-9])", key) for key in sent)
    numbers = sorted(int(match.group(1)) for match in found if match is not None)
    return [n for n in numbers if n <= most and storable(sent[f"{name}_{n}"])]


def _milestone(sent: Mapping[str, str], n: int, wrong: dict[str, str]) -> dict[str, Any]:
    fields = {"text": f"milestone_{n}", "weeks": f"weeks_{n}"}
    return _part(MilestoneForm, sent, fields, wrong)


def _partner(sent: Mapping[str, str], n: int, wrong: dict[str, str]) -> dict[str, Any]:
    return _part(PartnerForm, sent, {"name": f"partner_{n}", "part": f"part_{n}"}, wrong)


def check_submittable(content: Content) -> None:
    """InvalidInput with one sentence per field that must be filled before handing in."""
    wrong = {name: N_("要填写。") for name in ("summary", "plan", "start") if not content[name]}
    for row in content["answers"]:
        wrong |= _what_an_answer_lacks(row)
    if not content["milestones"]:
        wrong["milestone_1"] = N_("至少写一步，什么时候交付什么。")
    partless = [n for n, row in enumerate(content["partners"], 1) if not row["part"]]
    wrong |= {f"part_{n}": N_("写明这一家做哪一块。") for n in partless}
    if content["price_fen"] is None:
        wrong["price_fen"] = N_("要写报价；不收费就写 0。")
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)


def _what_an_answer_lacks(row: Mapping[str, Any]) -> dict[str, str]:
    n, wrong = row["position"], {}
    if row["must"] and not row["answer"]:
        wrong[f"answer_{n}"] = N_("必须的要求要逐条答复。")
    if row["verdict"] in ("met", "partly") and not row["quote"]:
        wrong[f"quote_{n}"] = N_("说满足就要有依据：贴一句案例、测试或备案里的原话。")
    return wrong


def typed_of(content: Content) -> dict[str, str]:
    """A content as the form's fields hold it."""
    typed = {name: str(content[name]) for name in ("summary", "plan", "start", "price_note")}
    fen = content["price_fen"]
    typed["price_fen"] = "" if fen is None else f"{Decimal(fen) / FEN_PER_WAN:f}"
    for row in content["answers"]:
        typed |= {f"{name}_{row['position']}": row[name] for name in ("verdict", "quote", "answer")}
    for n, row in enumerate(content["milestones"], 1):
        typed |= {f"milestone_{n}": row["text"], f"weeks_{n}": str(row["weeks"])}
    for n, row in enumerate(content["partners"], 1):
        typed |= {f"partner_{n}": row["name"], f"part_{n}": row["part"]}
    return typed


def n_shown(typed: Mapping[str, str], name: str, *, least: int, most: int) -> int:
    """How many lines of a list the page shows: those filled, one empty one after them, and at least some."""
    filled = [n for n in range(1, most + 1) if typed.get(f"{name}_{n}", "").strip()]
    return min(most, max(least, (filled[-1] if filled else 0) + 1))
