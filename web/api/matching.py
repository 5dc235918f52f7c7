"""Matching on demand: a text, a scenario or a capability, one or several at a time, ranked with reasons.

Nothing that is asked is stored. What is shown is what the pages show: of firms that a pasted need finds neither name
nor sentence (web/presenters/tryout.py), of one's own scenarios and capabilities everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from flask import Blueprint, current_app, g
from pydantic import BeforeValidator, Field, RootModel, StringConstraints
from pydantic_core import PydanticCustomError
from sqlmodel import col, select

from models.api_token import Scope
from models.capability import get_capability
from models.errors import NotFound, NotReady
from models.i18n import N_
from models.organisation import Organisation
from models.scenario import Scenario, get_scenario
from models.user import Role
from web.api.declared import Asked, Clean, Endpoint, Given, declares
from web.api.matches import (
    CapabilityRef,
    JudgedRequirement,
    Judgement,
    ScenarioRef,
    requirement_read,
    sentence_read,
)
from web.api.scenarios import OrganisationRead, organisation_read
from web.auth import my_organisation_id, requires
from web.chips import Side
from web.forms.tryout import MAX_TEXT, MIN_TEXT
from web.live import Mode, live
from web.panel import open_rows
from web.presenters.matches import present_quote
from web.session import reads_only
from web.throttle import Throttle
from web.wording import sentences

if TYPE_CHECKING:
    from matcher.recommender import Recommender
    from matcher.scoring import ScoredMatch

bp = Blueprint("api_matching", __name__, url_prefix="/api/v1/match")

MAX_QUESTIONS = 10
"""At once: each takes the encoder a part of a second."""

MAX_FOUND = 50
QUESTIONS, WINDOW = 60, timedelta(minutes=1)
"""Of one token: the encoder answers people who type as well."""

SAYS_SOMETHING = "[0-9A-Za-z\u4e00-\u9fff]"
"""A text has a letter, a digit or a Chinese character in it."""

NOT_READY = {
    Mode.NO_ENCODER: (N_("编码进程没有在运行，现在不能匹配，请过一会儿再试。"), "no_encoder"),
    Mode.BUSY: (N_("编码进程正忙，请过一会儿再试。"), "encoder_busy"),
    Mode.NO_INDEX: (N_("匹配索引还没有建好，请过一会儿再试。"), "no_index"),
}


def _whole(value: object) -> object:
    """A JSON number without a fraction; a truth value is none."""
    if isinstance(value, bool | str):
        raise PydanticCustomError("int_type", "int")
    return int(value) if isinstance(value, float) and value.is_integer() else value


RowId = Annotated[int, Field(ge=1, le=999_999_999), BeforeValidator(_whole)]
HowMany = Annotated[int, Field(ge=1, le=MAX_FOUND), BeforeValidator(_whole)]


class Question(Asked):
    """What every question says."""

    n: HowMany = Field(default=10, description=N_("最多要几个，1 到 50。"))


class TextQuestion(Question):
    """A text that is not stored."""

    by: Literal["text"] = Field(description=N_("拿一段文字问。"))
    side: Literal["supply", "demand"] = Field(
        description=N_("文字说的是能做什么（supply，找场景）还是要什么（demand，找能力）。")
    )
    text: Annotated[
        str, StringConstraints(min_length=MIN_TEXT, max_length=MAX_TEXT, pattern=SAYS_SOMETHING), Clean
    ] = Field(description=N_("20 到 4000 个字：做什么、给谁用、到什么程度。"))


class ScenarioQuestion(Question):
    """One of my published scenarios."""

    by: Literal["scenario"] = Field(description=N_("拿本单位的一个已发布场景问。"))
    scenario_id: RowId = Field(description=N_("场景的编号，不变。"))


class CapabilityQuestion(Question):
    """One of my firm's listed capabilities."""

    by: Literal["capability"] = Field(description=N_("拿本企业的一项已入库能力问。"))
    capability_id: RowId = Field(description=N_("能力的编号，不变。"))


AnyQuestion = Annotated[TextQuestion | ScenarioQuestion | CapabilityQuestion, Field(discriminator="by")]


class OneQuestion(RootModel[AnyQuestion]):
    """One question."""


class Questions(Asked):
    """Several questions at once."""

    questions: list[AnyQuestion] = Field(
        min_length=1, max_length=MAX_QUESTIONS, description=N_("1 到 10 个问题，按次序回答。")
    )


class FoundRead(Judgement):
    """One counterpart."""

    rank: int | None = Field(description=N_("名次；不下判断时没有。"))
    scenario: ScenarioRef | None = Field(description=N_("找到的场景；找能力时没有。"))
    capability: CapabilityRef | None = Field(description=N_("找到的能力；找场景时没有。"))
    firm: OrganisationRead | None = Field(description=N_("哪家企业；拿需求文字来问时不写。"))


class FoundList(Given):
    """The answer to one question."""

    model: str = Field(description=N_("编码模型。"))
    engine_version: str = Field(description=N_("打分程序和权重的版本。"))
    index_version: str = Field(description=N_("所用的索引的版本。"))
    results: list[FoundRead] = Field(description=N_("找到的，最好的在前。"))


class FoundLists(Given):
    """The answers to several questions."""

    answers: list[FoundList] = Field(description=N_("每个问题的回答，按次序。"))


@dataclass(frozen=True, slots=True)
class Matched:
    """What the recommender found. titles: of the capabilities, by id."""

    matches: Sequence[ScoredMatch]
    titles: dict[int, str]
    engine: str
    index: str


@bp.post("")
@requires()
@reads_only
@declares(
    Endpoint(
        summary=N_("拿一段文字或一个编号去匹配"),
        scope=Scope.MATCH,
        body=OneQuestion,
        answer=FoundList,
        problems=(400, 404, 415, 422, 503),
    )
)
def ask(body: OneQuestion) -> FoundList:
    """The best counterparts, ranked, with reasons."""
    return _answer(body.root)


@bp.post("/batch")
@requires()
@reads_only
@declares(
    Endpoint(
        summary=N_("一次问几个"),
        scope=Scope.MATCH,
        body=Questions,
        answer=FoundLists,
        problems=(400, 404, 415, 422, 503),
    )
)
def ask_several(body: Questions) -> FoundLists:
    """The same for several questions; where one cannot be answered, none is."""
    return FoundLists(answers=[_answer(question) for question in body.questions])


def _answer(question: TextQuestion | ScenarioQuestion | CapabilityQuestion) -> FoundList:
    throttle: Throttle = current_app.extensions.setdefault("duijie_match", Throttle(QUESTIONS, WINDOW))
    throttle.count(str(g.token.key), now=g.now)
    _refuse_others(question)
    found, mode = live().ask(lambda recommender: _matched(recommender, question))
    if found is None:
        words, code = NOT_READY[mode]
        raise NotReady(words, code=code)
    seeks_firms = isinstance(question, ScenarioQuestion) or (
        isinstance(question, TextQuestion) and question.side == "demand"
    )
    results = _firms(found, question) if seeks_firms else _scenarios(found)
    return FoundList(
        model=current_app.config["SETTINGS"].model,
        engine_version=found.engine,
        index_version=found.index,
        results=results[: question.n],
    )


def _refuse_others(question: TextQuestion | ScenarioQuestion | CapabilityQuestion) -> None:
    """NotFound for a scenario or capability that is not the person's own."""
    if isinstance(question, ScenarioQuestion):
        if not g.user.has_role(Role.AGENCY):
            raise NotFound(N_("没有这个场景。"))
        get_scenario(g.session, question.scenario_id, organisation_id=my_organisation_id())
    if isinstance(question, CapabilityQuestion):
        if not g.user.has_role(Role.STARTUP):
            raise NotFound(N_("没有这项能力。"))
        get_capability(g.session, question.capability_id, organisation_id=my_organisation_id())


def _matched(
    recommender: Recommender, question: TextQuestion | ScenarioQuestion | CapabilityQuestion
) -> Matched:
    from matcher.documents import DocumentKind  # here, because it brings the vector index with it
    from matcher.scoring import engine_tag

    if isinstance(question, ScenarioQuestion):
        matches = recommender.match_scenario(question.scenario_id, k=question.n)
    elif isinstance(question, CapabilityQuestion):
        # Some may have closed since the index was made.
        matches = recommender.match_capability(question.capability_id, k=2 * question.n)
    else:
        kind = DocumentKind.CAPABILITY if question.side == "supply" else DocumentKind.SCENARIO
        matches = recommender.match_text(question.text, kind, k=2 * question.n)
    ids = {match.capability_id for match in matches if match.capability_id}
    return Matched(
        matches=matches,
        titles={id_: recommender.capability(id_).title for id_ in ids},
        engine=engine_tag(recommender.weighting),
        index=recommender.index_version,
    )


def _scenarios(found: Matched) -> list[FoundRead]:
    """Open scenarios, quoted on both sides: the other side's text is the asker's own."""
    rows = {row.key: row for row in open_rows({match.scenario_id for match in found.matches})}
    shown = [match for match in found.matches if match.scenario_id in rows]
    return [
        _found(match, rank, Side.FIRM, scenario=_scenario_ref(rows[match.scenario_id]))
        for match, rank in _ranked(shown)
    ]


def _firms(found: Matched, question: object) -> list[FoundRead]:
    if isinstance(question, TextQuestion):
        return [_unnamed(match, rank, found) for match, rank in _ranked(found.matches)]
    firms = _organisations({match.organisation_id for match in found.matches})
    return [
        _found(
            match,
            rank,
            Side.AGENCY,
            capability=_capability_ref(match, found),
            firm=organisation_read(firms[match.organisation_id]),
        )
        for match, rank in _ranked(found.matches)
    ]


def _ranked(matches: Sequence[ScoredMatch]) -> list[tuple[ScoredMatch, int | None]]:
    """Numbered from 1; abstentions carry no number."""
    ranked, rank = [], 0
    for match in matches:
        judged = match.band.value != "not_enough_information"
        rank += judged
        ranked.append((match, rank if judged else None))
    return ranked


def _found(match: ScoredMatch, rank: int | None, side: Side, **refs: object) -> FoundRead:
    payload = match.payload()
    gaps = sentences(payload["gaps"], side, g.locale, otherwise="unknown")
    return FoundRead.model_validate(
        {"scenario": None, "capability": None, "firm": None, **refs}
        | {
            "rank": rank,
            "band": match.band.value,
            "requirements": [
                requirement_read(present_quote(item, gaps, g.locale)) for item in payload["coverage"]
            ],
            "reasons": [
                sentence_read(line) for line in sentences(payload["reasons"], side, g.locale, otherwise="met")
            ],
            "gaps": [sentence_read(line) for line in gaps],
        }
    )


def _unnamed(match: ScoredMatch, rank: int | None, found: Matched) -> FoundRead:
    """A capability that a pasted need finds: what is met, and no sentence of the firm's."""
    return FoundRead(
        rank=rank,
        band=match.band.value,
        scenario=None,
        capability=_capability_ref(match, found),
        firm=None,
        requirements=[
            JudgedRequirement(
                position=item.position,
                text=item.text,
                must=item.must,
                derived=item.derived,
                verdict=item.verdict.value,
                evidence=None,
                is_quote=False,
                counter=None,
                source=None,
            )
            for item in match.coverage
        ],
        reasons=[],
        gaps=[],
    )


def _organisations(ids: set[int]) -> dict[int, Organisation]:
    rows = g.session.exec(select(Organisation).where(col(Organisation.id).in_(ids))).all()
    return {row.key: row for row in rows}


def _scenario_ref(row: Scenario) -> ScenarioRef:
    return ScenarioRef(id=row.key, number=row.number, title=row.title)


def _capability_ref(match: ScoredMatch, found: Matched) -> CapabilityRef:
    return CapabilityRef(id=match.capability_id, title=found.titles[match.capability_id])
