"""One table for all states: what a state looks like to the person who reads it. The fill says whose turn it is.

turn: idle nobody waits, you it is your turn, them somebody else's, live running, soon three days or less,
late overdue, good a good end, end another end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.bid_stage import BidStage
from models.evidence import EvidenceKind
from models.i18n import N_, gettext, ngettext
from models.match import Match, MatchStatus
from models.pilot import Pilot, PilotStatus
from models.scenario import Scenario, ScenarioStatus

SOON_DAYS = 3


class Side(StrEnum):
    """On which side of a pair the reader is; officers are on neither."""

    AGENCY = "agency"
    FIRM = "firm"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as shown. turn: see above. words: in the reader's language."""

    turn: str
    words: str


_MATCH = {
    (MatchStatus.SUGGESTED, Side.AGENCY): ("idle", N_("未处理")),
    (MatchStatus.SUGGESTED, Side.FIRM): ("idle", N_("未答复")),
    (MatchStatus.INVITED, Side.AGENCY): ("them", N_("等企业答复邀请")),
    (MatchStatus.INVITED, Side.FIRM): ("you", N_("轮到你：答复邀请")),
    (MatchStatus.INTERESTED, Side.AGENCY): ("you", N_("轮到你：答复意向")),
    (MatchStatus.INTERESTED, Side.FIRM): ("them", N_("等需求方答复意向")),
    (MatchStatus.INTRODUCED, Side.AGENCY): ("you", N_("轮到你：建试点")),
    (MatchStatus.INTRODUCED, Side.FIRM): ("them", N_("等需求方建试点")),
    (MatchStatus.DECLINED, Side.AGENCY): ("end", N_("已谢绝")),
    (MatchStatus.DECLINED, Side.FIRM): ("end", N_("对方已谢绝")),
    (MatchStatus.DISMISSED, Side.AGENCY): ("end", N_("企业表示不合适")),
    (MatchStatus.DISMISSED, Side.FIRM): ("end", N_("你标了不合适")),
}

_MATCH_OFFICER = {
    MatchStatus.SUGGESTED: ("idle", N_("未处理")),
    MatchStatus.INVITED: ("live", N_("已邀请")),
    MatchStatus.INTERESTED: ("live", N_("有意向")),
    MatchStatus.INTRODUCED: ("good", N_("已对接")),
    MatchStatus.DECLINED: ("end", N_("已谢绝")),
    MatchStatus.DISMISSED: ("end", N_("企业表示不合适")),
}

_PILOT = {
    (PilotStatus.PLANNED, Side.AGENCY): ("you", N_("轮到你：补齐并签订")),
    (PilotStatus.PLANNED, Side.FIRM): ("them", N_("等需求方签订")),
    (PilotStatus.AGREED, Side.AGENCY): ("you", N_("轮到你：开始试点")),
    (PilotStatus.AGREED, Side.FIRM): ("them", N_("等需求方开始")),
}

_PILOT_ANY = {
    PilotStatus.PLANNED: ("idle", N_("拟定")),
    PilotStatus.AGREED: ("live", N_("已签")),
    PilotStatus.RUNNING: ("live", N_("进行中")),
    PilotStatus.IN_USE: ("good", N_("投入使用")),
    PilotStatus.ACCEPTED: ("good", N_("验收通过")),
    PilotStatus.STOPPED: ("end", N_("已终止")),
}

_SCENARIO = {
    ScenarioStatus.DRAFT: ("idle", N_("草稿")),
    ScenarioStatus.IN_REVIEW: ("them", N_("等审核")),
    ScenarioStatus.RETURNED: ("you", N_("轮到你：按退回意见修改")),
    ScenarioStatus.APPROVED: ("them", N_("等批次发布")),
    ScenarioStatus.PUBLISHED: ("live", N_("征集中")),
    ScenarioStatus.CLOSED: ("end", N_("已截止")),
    ScenarioStatus.WITHDRAWN: ("end", N_("已撤回")),
}

_SCENARIO_OFFICER = {
    ScenarioStatus.IN_REVIEW: ("you", N_("轮到你：审核")),
    ScenarioStatus.RETURNED: ("them", N_("等单位修改")),
}
"""Where it differs for whoever reviews."""

_BID = {
    (BidStage.WRITING, Side.FIRM): ("you", N_("轮到你：写完提交")),
    (BidStage.LAPSED, Side.FIRM): ("end", N_("没有提交")),
    (BidStage.HANDED_IN, Side.FIRM): ("live", N_("已提交，还可以改")),
    (BidStage.HANDED_IN, Side.AGENCY): ("live", N_("已提交")),
    (BidStage.WAITING, Side.FIRM): ("them", N_("等需求方评审")),
    (BidStage.WAITING, Side.AGENCY): ("you", N_("轮到你：组织评审")),
    (BidStage.JUDGED, Side.FIRM): ("them", N_("评审中")),
    (BidStage.JUDGED, Side.AGENCY): ("them", N_("评审中")),
    (BidStage.SETTLED, Side.FIRM): ("them", N_("等需求方决定")),
    (BidStage.SETTLED, Side.AGENCY): ("you", N_("轮到你：决定")),
    (BidStage.WITHDRAWN, Side.FIRM): ("end", N_("已撤回")),
    (BidStage.WITHDRAWN, Side.AGENCY): ("end", N_("企业已撤回")),
    (BidStage.SELECTED, Side.FIRM): ("good", N_("入选")),
    (BidStage.SELECTED, Side.AGENCY): ("good", N_("入选")),
    (BidStage.NOT_SELECTED, Side.FIRM): ("end", N_("未入选")),
    (BidStage.NOT_SELECTED, Side.AGENCY): ("end", N_("未入选")),
}


def bid_chip(stage: BidStage, side: Side, locale: str, *, late: bool = False) -> Chip:
    """Where a proposal stands, for one side. late: the promised day of the answer is past."""
    turn, words = _BID[stage, side]
    return Chip("late" if late else turn, gettext(locale, words))


def match_chip(match: Match, side: Side, locale: str, *, has_pilot: bool = False) -> Chip:
    """Where a pair stands, for one side. has_pilot: an introduction that has become a pilot waits for nobody here."""
    if match.status is MatchStatus.INTRODUCED and has_pilot:
        return Chip("good", gettext(locale, N_("已对接，试点已建")))
    if side is Side.OFFICER:
        turn, words = _MATCH_OFFICER[match.status]
    else:
        turn, words = _MATCH[match.status, side]
    return Chip(turn, gettext(locale, words))


def pilot_chip(pilot: Pilot, side: Side, locale: str, *, today: date, kinds: frozenset[EvidenceKind]) -> Chip:
    """Where a pilot stands. kinds: the kinds of evidence it has, because after going live the reports are owed."""
    status = pilot.status
    if (status, side) in _PILOT:
        turn, words = _PILOT[status, side]
        return Chip(turn, gettext(locale, words))
    if status is PilotStatus.RUNNING and pilot.decision_on is not None:
        return _decision_chip(pilot.decision_on, locale, today=today)
    if status is PilotStatus.IN_USE:
        return _reports_chip(side, kinds, locale)
    turn, words = _PILOT_ANY[status]
    return Chip(turn, gettext(locale, words))


def _decision_chip(decision_on: date, locale: str, *, today: date) -> Chip:
    left = (decision_on - today).days
    if left < 0:
        return Chip("late", ngettext(locale, "决定逾期 %(num)s 天", "决定逾期 %(num)s 天", -left))
    if left <= SOON_DAYS:
        return Chip("soon", ngettext(locale, "%(num)s 天内要决定", "%(num)s 天内要决定", left))
    return Chip("live", gettext(locale, N_("进行中")))


def _reports_chip(side: Side, kinds: frozenset[EvidenceKind], locale: str) -> Chip:
    if EvidenceKind.USE_REPORT not in kinds:
        turn = "you" if side is Side.AGENCY else "them"
        words = N_("轮到你：出使用报告") if side is Side.AGENCY else N_("等需求方出使用报告")
        return Chip(turn, gettext(locale, words))
    if EvidenceKind.TEST_REPORT not in kinds:
        turn = "you" if side is Side.FIRM else "them"
        words = N_("轮到你：传测试报告") if side is Side.FIRM else N_("等企业传测试报告")
        return Chip(turn, gettext(locale, words))
    return Chip("good", gettext(locale, N_("投入使用，报告已齐")))


def scenario_chip(scenario: Scenario, locale: str, *, today: date, side: Side = Side.AGENCY) -> Chip:
    """Whether a scenario takes answers, and for how long still; before that, whose turn it is."""
    status = scenario.status
    if status is ScenarioStatus.PUBLISHED and scenario.deadline_on is not None:
        return deadline_chip(scenario.deadline_on, locale, today=today)
    turn, words = (
        _SCENARIO_OFFICER.get(status, _SCENARIO[status]) if side is Side.OFFICER else _SCENARIO[status]
    )
    return Chip(turn, gettext(locale, words))


def deadline_chip(deadline_on: date, locale: str, *, today: date) -> Chip:
    """Time left until the last day: past, three days or less, or simply open."""
    left = (deadline_on - today).days
    if left < 0:
        return Chip("end", gettext(locale, N_("已截止")))
    if left == 0:
        return Chip("soon", gettext(locale, N_("今天截止")))
    if left <= SOON_DAYS:
        return Chip("soon", ngettext(locale, "还有 %(num)s 天", "还有 %(num)s 天", left))
    return Chip("live", gettext(locale, N_("征集中")))
