"""A proposal as its pages show it: where it stands in one line, and its answers in the order of the requirements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, g

from models.bid import (
    Bid,
    Content,
    is_opened,
    newest_versions,
    organisation_bids,
    readable,
    scenario_bids,
)
from models.bid_stage import BidStage, answer_due_on, stage_of
from models.i18n import N_, format_date, gettext
from models.jury import Jury, juries_of
from models.scenario import Scenario
from models.texts import language_of
from web.chips import Chip, Side, bid_chip
from web.presenters.matches import VERDICTS, Step


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a proposal stands. line: what happened when, and whose step is next. late: the promised day is past."""

    stage: BidStage
    chip: Chip
    line: str
    late: bool


_LINES = {
    (BidStage.WRITING, Side.FIRM): N_("草稿，%(last)s 截止前由你提交"),
    (BidStage.LAPSED, Side.FIRM): N_("没有提交，%(last)s 已截止"),
    (BidStage.HANDED_IN, Side.FIRM): N_("%(handed)s 提交；%(last)s 截止前可以改，之后由需求方评审"),
    (BidStage.HANDED_IN, Side.AGENCY): N_("%(handed)s 提交；%(last)s 截止前企业还可以改，之后由你组织评审"),
    (BidStage.WAITING, Side.FIRM): N_("%(handed)s 提交；由需求方组织评审，承诺 %(due)s 前答复"),
    (BidStage.WAITING, Side.AGENCY): N_("%(handed)s 提交；由你组织评审，承诺 %(due)s 前答复"),
    (BidStage.JUDGED, Side.FIRM): N_("%(handed)s 提交；评委在打分，需求方承诺 %(due)s 前答复"),
    (BidStage.JUDGED, Side.AGENCY): N_("%(handed)s 提交；评委在打分，承诺 %(due)s 前答复"),
    (BidStage.SETTLED, Side.FIRM): N_("%(handed)s 提交；打分已定，等需求方决定，承诺 %(due)s 前答复"),
    (BidStage.SETTLED, Side.AGENCY): N_("%(handed)s 提交；打分已定，由你决定，承诺 %(due)s 前答复"),
    (BidStage.WITHDRAWN, Side.FIRM): N_("%(ended)s 由你撤回"),
    (BidStage.WITHDRAWN, Side.AGENCY): N_("%(ended)s 由企业撤回"),
    (BidStage.SELECTED, Side.FIRM): N_("%(ended)s 入选；由需求方定试点"),
    (BidStage.SELECTED, Side.AGENCY): N_("%(ended)s 入选；由你定试点"),
    (BidStage.NOT_SELECTED, Side.FIRM): N_("%(ended)s 未入选；原因写在下面"),
    (BidStage.NOT_SELECTED, Side.AGENCY): N_("%(ended)s 未入选；原因已告诉企业"),
}


def due_on(scenario: Scenario, jury: Jury | None) -> date | None:
    """The last day of the promised answer, by this installation's settings."""
    settings = current_app.config["SETTINGS"]
    n_days, holidays = settings.decision_working_days, settings.holidays
    return answer_due_on(scenario, jury, n_days=n_days, holidays=holidays)


def standing_of(bid: Bid, jury: Jury | None, side: Side) -> Standing:
    """Where a proposal stands today, for one side."""
    stage = stage_of(bid, jury, on=g.today)
    due = due_on(bid.scenario, jury)
    late = (
        due is not None and g.today > due and stage in (BidStage.WAITING, BidStage.JUDGED, BidStage.SETTLED)
    )
    words = _LINES.get((stage, side), _LINES[stage, Side.FIRM])
    ended = bid.selected_at or bid.not_selected_at or bid.withdrawn_at
    days = {
        "last": bid.scenario.deadline_on,
        "handed": None if bid.submitted_at is None else bid.submitted_at.astimezone(g.zone).date(),
        "ended": None if ended is None else ended.astimezone(g.zone).date(),
        "due": due,
    }
    line = gettext(g.locale, words, **{name: _day(on) for name, on in days.items()})
    return Standing(stage, bid_chip(stage, side, g.locale, late=late), line, late)


def _day(on: date | None) -> str:
    if on is None:
        return gettext(g.locale, N_("需求方结束征集"))
    return format_date(on, g.locale, today=g.today)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What a proposal says to one requirement."""

    position: int
    need: str
    need_lang: str
    must: bool
    verdict: str
    quote: str
    quote_lang: str
    answer: str
    answer_lang: str


def answer_lines(content: Content) -> list[AnswerLine]:
    """Every answer, in the order of the requirements."""
    return [
        AnswerLine(
            position=row["position"],
            need=row["text"],
            need_lang=language_of(row["text"]),
            must=row["must"],
            verdict=row["verdict"],
            quote=row["quote"],
            quote_lang=language_of(row["quote"]),
            answer=row["answer"],
            answer_lang=language_of(row["answer"]),
        )
        for row in content["answers"]
    ]


def steps_of(content: Content) -> list[Step]:
    """The squares of the coverage bar: what the firm itself says."""
    return [Step(row["position"], row["verdict"], row["must"]) for row in content["answers"]]


def tally(content: Content) -> list[tuple[str, int]]:
    """How many requirements the firm says to have met, and so on; none that is 0."""
    counts = Counter(row["verdict"] for row in content["answers"])
    return [(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]]


@dataclass(frozen=True, slots=True)
class BidLine:
    """A proposal in a list. content: what the reader may read of it."""

    bid: Bid
    standing: Standing
    content: Content

    @property
    def steps(self) -> list[Step]:
        """The squares of its coverage bar."""
        return steps_of(self.content)

    @property
    def tally(self) -> Sequence[tuple[str, int]]:
        """What those add up to."""
        return tally(self.content)


def firm_lines(organisation_id: int) -> list[BidLine]:
    """The proposals of a firm with where each stands, newest first, for the firm itself."""
    rows = organisation_bids(g.session, organisation_id)
    juries = juries_of(g.session, [row.scenario_id for row in rows])
    return [
        BidLine(row, standing_of(row, juries.get(row.scenario_id), Side.FIRM), row.content) for row in rows
    ]


def agency_lines(scenario: Scenario, jury: Jury | None) -> list[BidLine]:
    """What was handed in for a scenario with where each stands, for its agency; price and files once opened."""
    opened = is_opened(scenario, g.today)
    rows = scenario_bids(g.session, scenario.key)
    versions = newest_versions(g.session, [row.key for row in rows])
    return [
        BidLine(row, standing_of(row, jury, Side.AGENCY), readable(versions[row.key].content, opened=opened))
        for row in rows
    ]


def labels_of(content: Mapping[str, Any], lists: Mapping[str, int]) -> dict[str, str]:
    """The labels of the form in the reader's language. lists: how many steps and partners the page shows."""
    labels = {name: gettext(g.locale, words) for name, words in LABELS.items()}
    for row in content["answers"]:
        n = row["position"]
        labels |= {
            f"verdict_{n}": gettext(g.locale, N_("第 %(n)s 条：满足吗"), n=n),
            f"quote_{n}": gettext(g.locale, N_("第 %(n)s 条：依据的原话"), n=n),
            f"answer_{n}": gettext(g.locale, N_("第 %(n)s 条：怎么做到"), n=n),
        }
    for n in range(1, lists["milestone"] + 1):
        labels |= {
            f"milestone_{n}": gettext(g.locale, N_("第 %(n)s 步：交付什么"), n=n),
            f"weeks_{n}": gettext(g.locale, N_("第 %(n)s 步：签约后第几周"), n=n),
        }
    for n in range(1, lists["partner"] + 1):
        labels |= {
            f"partner_{n}": gettext(g.locale, N_("合作方 %(n)s"), n=n),
            f"part_{n}": gettext(g.locale, N_("合作方 %(n)s 做哪一块"), n=n),
        }
    return labels


LABELS = {
    "summary": N_("一段话说明白"),
    "plan": N_("怎么实施"),
    "start": N_("最早什么时候能开工"),
    "price_fen": N_("报价（万元）"),
    "price_note": N_("报价包含什么，后续怎么收费"),
    "file": N_("文件"),
}
