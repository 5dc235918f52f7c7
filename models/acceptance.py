"""Acceptance (验收): a day, experts, a checklist and a conclusion; what failed can be mended and looked at again."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, enum_column
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_
from models.pilot import Pilot, PilotStatus

CHECKLIST = ("target_reached", "use_report_signed", "test_report_checked", "data_settled", "handed_over")
"""What is looked at: target, both reports, the data as agreed, documents and training."""


class ItemVerdict(StrEnum):
    """Of one line of the checklist; not_applicable where the agreement did not ask for it."""

    MET = "met"
    UNMET = "unmet"
    NOT_APPLICABLE = "not_applicable"


class Conclusion(StrEnum):
    """通过 passed, 有条件通过 conditional with a day to mend by, 不通过 failed."""

    PASSED = "passed"
    CONDITIONAL = "conditional"
    FAILED = "failed"


class Acceptance(Table, table=True):
    """One sitting. A pilot may have several: what had conditions, or failed, is looked at again."""

    __table_args__ = (
        sa.CheckConstraint(
            "(conclusion = 'conditional') = (rectify_by_on IS NOT NULL)", name="conditions_have_a_day"
        ),
        sa.CheckConstraint("conclusion = 'passed' OR note <> ''", name="says_what_is_wanting"),
    )

    pilot_id: int = Field(foreign_key="pilot.id", index=True)
    held_on: date
    experts: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    checklist: dict[str, Any] = Field(sa_type=sa.JSON, description="ItemVerdict by code of CHECKLIST.")
    conclusion: Conclusion = Field(sa_type=enum_column(Conclusion))
    rectify_by_on: date | None = None
    note: str = Field(default="", sa_type=sa.Text)
    recorded_by_user_id: int | None = Field(default=None, foreign_key="user.id")


def hold_acceptance(
    session: Session, pilot: Pilot, sitting: Acceptance, *, now: datetime, today: date
) -> None:
    """Keep a sitting; where it passed, the pilot is accepted.

    InvalidTransition unless it is in use. InvalidInput for a conclusion that the checklist does not carry, a day that
    has not come, or conditions without a day to mend them by.
    """
    if pilot.status is not PilotStatus.IN_USE:
        raise InvalidTransition("只有投入使用的试点可以验收。")
    fields = dict(_wrong(pilot, sitting, today))
    if fields:
        raise InvalidInput("验收记录有几处要改。", fields=fields)
    session.add(sitting)
    if sitting.conclusion is Conclusion.PASSED:
        pilot.accept(now)
    session.flush()


def _wrong(pilot: Pilot, sitting: Acceptance, today: date) -> list[tuple[str, str]]:
    unmet = [code for code in CHECKLIST if sitting.checklist.get(code) == ItemVerdict.UNMET]
    conditional = sitting.conclusion is Conclusion.CONDITIONAL
    mends = sitting.rectify_by_on
    found = [
        (sitting.held_on > today, "held_on", N_("还没到那天。")),
        (
            pilot.go_live_on is not None and sitting.held_on < pilot.go_live_on,
            "held_on",
            N_("早于投入使用的那天。"),
        ),
        (
            sitting.conclusion is Conclusion.PASSED and bool(unmet),
            "conclusion",
            N_("清单里有没达到的，不能记“通过”；写“有条件通过”和整改日期。"),
        ),
        (conditional and mends is None, "rectify_by_on", N_("有条件通过要写整改到哪天。")),
        (not conditional and mends is not None, "rectify_by_on", N_("只有“有条件通过”才写整改日期。")),
        (mends is not None and mends < sitting.held_on, "rectify_by_on", N_("不能早于验收那天。")),
        (
            sitting.conclusion is not Conclusion.PASSED and not sitting.note.strip(),
            "note",
            N_("没有通过的要写清缺什么、怎么改。"),
        ),
    ]
    return [(name, words) for is_wrong, name, words in found if is_wrong]


def pilot_acceptances(session: Session, pilot_id: int) -> list[Acceptance]:
    """The sittings of a pilot, the first one first."""
    statement = select(Acceptance).where(col(Acceptance.pilot_id) == pilot_id)
    return list(session.exec(statement.order_by(col(Acceptance.held_on), col(Acceptance.id))))
