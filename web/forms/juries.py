"""What evaluators and the agency send while proposals are judged: conflicts, marks, changes of mind, decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from pydantic import Field
from werkzeug.datastructures import MultiDict

from models.errors import InvalidInput
from models.i18n import N_
from models.jury import MAX_REASON
from models.jury_decision import MAX_TEXT, Answer
from models.match import DeclineReason
from models.rubric import SCORES
from models.texts import storable
from web.forms.parsing import Form, filled, maybe, parse

MAX_COMMENT = 2000


class SeatForm(Form):
    """Whom to appoint."""

    user_id: Annotated[int, Field(gt=0, lt=2**31)]


class RecusalForm(Form):
    """Why somebody steps aside."""

    reason: Annotated[str, filled(MAX_REASON)]


class SettleForm(Form):
    """Why what still differs may stand."""

    note: Annotated[str, maybe(MAX_TEXT)] = ""


class ReviseForm(Form):
    """A change of mind."""

    position: Annotated[int, Field(gt=0, lt=100)]
    score: Annotated[int, Field(ge=SCORES[0], le=SCORES[-1])]
    reason: Annotated[str, filled(MAX_REASON)]


def parse_marks(sent: Mapping[str, str], n_criteria: int) -> dict[int, tuple[int, str]]:
    """Score and comment by position, from score_1 and comment_1; criteria without a score are left out.

    InvalidInput for a score off the scale, a comment that is too long, or a comment that has no score.
    """
    wrong: dict[str, str] = {}
    marks = {}
    for position in range(1, n_criteria + 1):
        score, comment = sent.get(f"score_{position}", ""), storable(sent.get(f"comment_{position}", ""))
        if len(comment) > MAX_COMMENT:
            wrong[f"comment_{position}"] = N_("太长，请缩短。")
        if score in map(str, SCORES):
            marks[position] = (int(score), comment)
        elif score or comment:
            wrong[f"score_{position}"] = N_("选一个分数。")
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)
    return marks


def parse_answers(sent: MultiDict[str, str], bid_ids: Collection[int]) -> dict[int, Answer]:
    """The answer to each proposal, from outcome_<bid>, reasons_<bid> (several) and text_<bid>.

    What is not answered is left out, for models/jury_decision.py to name; InvalidInput for an unknown reason or a text
    that is too long.
    """
    wrong: dict[str, str] = {}
    answers = {}
    for bid_id in bid_ids:
        text = storable(sent.get(f"text_{bid_id}", ""))
        if len(text) > MAX_TEXT:
            wrong[f"text_{bid_id}"] = N_("太长，请缩短。")
        outcome = sent.get(f"outcome_{bid_id}", "")
        reasons = _reasons(sent.getlist(f"reasons_{bid_id}"), f"reasons_{bid_id}", wrong)
        if outcome in ("selected", "not_selected"):
            selected = outcome == "selected"
            answers[bid_id] = Answer(selected, () if selected else reasons, text)
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)
    return answers


def _reasons(codes: Sequence[str], field: str, wrong: dict[str, str]) -> tuple[DeclineReason, ...]:
    known = [code for code in DeclineReason if code in codes]
    if len(known) != len(set(codes)):
        wrong[field] = N_("请从列表中选一项。")
    return tuple(known)


def parse_seat(sent: Mapping[str, str]) -> int:
    """The id of the person to appoint. InvalidInput where none is chosen."""
    return parse(SeatForm, sent).user_id
