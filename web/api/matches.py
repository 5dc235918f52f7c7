"""Matches as their two sides see them on the pages: band, requirement by requirement, reasons and gaps, with quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from flask import Blueprint, g
from pydantic import Field

from models.api_token import Scope
from models.errors import NotAllowed, NotFound
from models.i18n import N_
from models.match_queries import ScoredPair, agency_matches, organisation_matches, scenario_matches
from models.scenario import get_scenario
from models.user import Role
from web.api.declared import Endpoint, Given, Listing, Paged, declares, listing
from web.api.scenarios import OrganisationRead, organisation_read
from web.auth import my_organisation_id, requires
from web.chips import Side
from web.pages.matches import aid_lookup, my_side, present_pair
from web.presenters.matches import MatchView, QuotePair, present_ranked
from web.tallies import pilots_by_match
from web.wording import Sentence

bp = Blueprint("api_matches", __name__, url_prefix="/api/v1/matches")

SIDES = (Role.AGENCY, Role.STARTUP)
ID = N_("匹配的编号，不变。")

BandCode = Literal["strong", "possible", "weak", "not_enough_information"]
Verdict = Literal["met", "partly", "unmet", "unknown"]
StatusCode = Literal["suggested", "invited", "interested", "introduced", "declined", "dismissed"]


class MatchQuery(Paged):
    """Which matches. A person with both roles says on which side they ask."""

    side: Literal["agency", "startup"] | None = Field(
        default=None, description=N_("站在哪一边看；两种角色都有、又不写时，按单位一边。")
    )
    scenario_id: int | None = Field(
        default=None, ge=1, le=999_999_999, description=N_("只看这个场景的；按页面上的名次。")
    )
    band: list[BandCode] = Field(default=[], max_length=4, description=N_("匹配的档次。"))
    status: list[StatusCode] = Field(default=[], max_length=6, description=N_("走到了哪一步。"))


class ScenarioRef(Given):
    """A scenario by its id and title."""

    id: int = Field(description=N_("场景的编号，不变。"))
    number: str | None = Field(description=N_("公开的编号；没发布的没有。"))
    title: str = Field(description=N_("标题。"))


class CapabilityRef(Given):
    """A capability by its id and title."""

    id: int = Field(description=N_("能力的编号，不变。"))
    title: str = Field(description=N_("名称。"))


class JudgedRequirement(Given):
    """One requirement and what the firm says to it."""

    position: int = Field(description=N_("第几条，从 1 开始。"))
    text: str = Field(description=N_("要求的原话。"))
    must: bool = Field(description=N_("必须还是应当。"))
    derived: bool = Field(description=N_("是不是从正文里读出来的，没有人逐条写过。"))
    verdict: Verdict = Field(description=N_("满足、部分、未满足还是不明。"))
    evidence: str | None = Field(description=N_("依据；没有找到就是空的。"))
    is_quote: bool = Field(description=N_("依据是不是原话。"))
    counter: str | None = Field(description=N_("相反的依据。"))
    source: str | None = Field(description=N_("依据出自哪里。"))


class SentenceRead(Given):
    """One reason or gap. steps: what would move it."""

    code: str = Field(description=N_("固定的词。"))
    verdict: Verdict = Field(description=N_("前面的记号。"))
    text: str = Field(description=N_("一句话。"))
    position: int | None = Field(description=N_("说的是第几条要求。"))
    steps: list[str] = Field(description=N_("下一步可以做什么。"))


class Judgement(Given):
    """What the machine thinks of a pair: a band and its reasons, no percentage."""

    band: BandCode = Field(description=N_("档次；资料不够时不下判断。"))
    requirements: list[JudgedRequirement] = Field(description=N_("逐条要求。"))
    reasons: list[SentenceRead] = Field(description=N_("凭什么。"))
    gaps: list[SentenceRead] = Field(description=N_("还差什么。"))


class MatchRead(Judgement):
    """One pair, for the side that asks."""

    id: int = Field(description=ID)
    side: Literal["agency", "startup"] = Field(description=N_("站在哪一边看的。"))
    rank: int | None = Field(description=N_("名次；单看一条、跨场景或不下判断时没有。"))
    status: StatusCode = Field(description=N_("走到了哪一步。"))
    scenario: ScenarioRef = Field(description=N_("场景。"))
    firm: OrganisationRead = Field(description=N_("企业。"))
    capability: CapabilityRef = Field(description=N_("最对得上的能力。"))
    engine_version: str = Field(description=N_("打分程序和模型的版本。"))
    index_version: str = Field(description=N_("所用的索引的版本。"))
    weights_serial: int = Field(description=N_("第几版权重；0 是内置的。"))
    scored_at: datetime = Field(description=N_("什么时候看的。"))
    invited_at: datetime | None = Field(description=N_("单位什么时候邀请的。"))
    interested_at: datetime | None = Field(description=N_("企业什么时候表达意向的。"))
    introduced_at: datetime | None = Field(description=N_("什么时候对接的。"))


@bp.get("")
@requires(*SIDES)
@declares(
    Endpoint(
        summary=N_("我的匹配"),
        scope=Scope.READ,
        query=MatchQuery,
        answer=Listing[MatchRead],
        problems=(404, 422),
    )
)
def list_mine(query: MatchQuery) -> Listing[MatchRead]:
    """Candidates for my scenarios, or scenarios for my firm, best first."""
    side = side_asked(query.side)
    ranked = side is Side.FIRM or query.scenario_id is not None
    pairs = _firm_pairs(query) if side is Side.FIRM else _agency_pairs(query)
    pilots = frozenset(pilots_by_match(g.session, [pair.match.key for pair in pairs]))
    lookup = aid_lookup(sorted({pair.match.scenario_id for pair in pairs}))
    views = present_ranked(pairs, side, g.locale, with_pilot=pilots, lookup=lookup)
    wanted = [
        view
        for view in views
        if (not query.band or view.band in query.band) and (not query.status or view.status in query.status)
    ]
    return listing(
        MatchRead, wanted, query, lambda rows: [match_read(view, side, ranked=ranked) for view in rows]
    )


def side_asked(wanted: str | None) -> Side:
    """On which side of its matches the person asks: the agency's where they hold both roles and do not say.

    NotAllowed where it is not theirs.
    """
    mine = [role.value for role in SIDES if g.user.has_role(role)]
    chosen = wanted or mine[0]
    if chosen not in mine:
        raise NotAllowed(N_("你没有这一边的角色。"))
    return Side.AGENCY if chosen == Role.AGENCY.value else Side.FIRM


def _agency_pairs(query: MatchQuery) -> Sequence[ScoredPair]:
    mine = my_organisation_id()
    if query.scenario_id is None:
        return agency_matches(g.session, mine)
    return scenario_matches(g.session, get_scenario(g.session, query.scenario_id, organisation_id=mine).key)


def _firm_pairs(query: MatchQuery) -> Sequence[ScoredPair]:
    mine = my_organisation_id()
    pairs = organisation_matches(g.session, mine, on=g.today)
    return [pair for pair in pairs if query.scenario_id in (None, pair.match.scenario_id)]


@bp.get("/<id:match_id>")
@requires(*SIDES)
@declares(
    Endpoint(
        summary=N_("一条匹配"),
        scope=Scope.READ,
        answer=MatchRead,
        problems=(404,),
        path={"match_id": ID},
    )
)
def show(match_id: int) -> MatchRead:
    """One pair in full, for the side that asks; 404 for a pair of others."""
    match, side = my_side(match_id)
    view = present_pair(match, side)
    if view is None:
        raise NotFound(N_("这一对还没有打分，或者能力已经下架。"))
    return match_read(view, side)


def match_read(view: MatchView, side: Side, *, ranked: bool = False) -> MatchRead:
    """A pair as programs read it."""
    score = view.score
    return MatchRead(
        **judgement(view),
        id=view.match.key,
        side=Role.AGENCY.value if side is Side.AGENCY else Role.STARTUP.value,  # type: ignore[arg-type]
        rank=view.rank if ranked else None,
        status=view.status,  # type: ignore[arg-type]
        scenario=ScenarioRef(id=view.scenario.key, number=view.scenario.number, title=view.scenario.title),
        firm=organisation_read(view.firm),
        capability=CapabilityRef(id=view.capability.key, title=view.capability.title),
        engine_version=score.engine_version,
        index_version=score.index_version,
        weights_serial=score.weights_serial,
        scored_at=view.scored_at,
        invited_at=view.match.invited_at,
        interested_at=view.match.interested_at,
        introduced_at=view.match.introduced_at,
    )


def judgement(view: MatchView) -> dict[str, object]:
    """The parts of Judgement of a pair as a page shows it."""
    return {
        "band": view.band,
        "requirements": [requirement_read(pair) for pair in view.pairs],
        "reasons": [sentence_read(line) for line in view.reasons],
        "gaps": [sentence_read(line) for line in view.gaps],
    }


def requirement_read(pair: QuotePair) -> JudgedRequirement:
    """A requirement with its evidence."""
    return JudgedRequirement(
        position=pair.position,
        text=pair.need,
        must=pair.must,
        derived=pair.derived,
        verdict=pair.verdict,  # type: ignore[arg-type]
        evidence=pair.evidence,
        is_quote=pair.is_quote and pair.evidence is not None,
        counter=pair.counter,
        source=pair.source,
    )


def sentence_read(line: Sentence) -> SentenceRead:
    """A reason or gap as a sentence."""
    return SentenceRead(
        code=line.code,
        verdict=line.tone,  # type: ignore[arg-type]
        text=line.words,
        position=line.position,
        steps=[step.words for step in line.steps],
    )
