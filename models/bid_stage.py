"""Where a proposal is on its way, and by when its agency promised to answer: one answer for every page and mail."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from models.bid import Bid, BidStatus, is_opened
from models.jury import Jury, JuryStatus
from models.scenario import Scenario
from models.working_days import working_days_after


class BidStage(StrEnum):
    """What happens next, and so whose turn it is."""

    WRITING = "writing"
    LAPSED = "lapsed"
    HANDED_IN = "handed_in"
    WAITING = "waiting"
    JUDGED = "judged"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    SELECTED = "selected"
    NOT_SELECTED = "not_selected"


ENDED = {
    BidStatus.WITHDRAWN: BidStage.WITHDRAWN,
    BidStatus.SELECTED: BidStage.SELECTED,
    BidStatus.NOT_SELECTED: BidStage.NOT_SELECTED,
}


def stage_of(bid: Bid, jury: Jury | None, *, on: date) -> BidStage:
    """Where a proposal is on that day. jury: of its scenario, where there is one."""
    if bid.status in ENDED:
        return ENDED[bid.status]
    if bid.status is BidStatus.DRAFT:
        return BidStage.WRITING if bid.scenario.is_open(on) else BidStage.LAPSED
    if not is_opened(bid.scenario, on):
        return BidStage.HANDED_IN
    if jury is None:
        return BidStage.WAITING
    return BidStage.SETTLED if jury.status is JuryStatus.SETTLED else BidStage.JUDGED


def answer_due_on(
    scenario: Scenario, jury: Jury | None, *, n_days: int, holidays: Collection[date]
) -> date | None:
    """The last day of the promised answer: n_days working days after the last day; None while that is not known."""
    if jury is not None:
        return jury.answer_due_on
    closed_on = None if scenario.closed_at is None else scenario.closed_at.date()
    last = closed_on if scenario.deadline_on is None else scenario.deadline_on
    return None if last is None else working_days_after(last, n_days, holidays=holidays)
