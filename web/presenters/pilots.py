"""What was written while a pilot ran and when it ended, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, tzinfo
from typing import Any

from sqlmodel import Session

from models.acceptance import CHECKLIST, Conclusion, pilot_acceptances
from models.i18n import N_, format_date, gettext
from models.milestone import pilot_milestones
from models.pilot import Pilot, PilotStatus
from models.pilot_decision import UNDECIDED, Outcome, pilot_decisions
from models.usage_entry import LOGGED, pilot_usage
from models.use_report import REPORTABLE
from web.labels import label

Moment = tuple[date, str, str]
"""A day, what happened, and what was said about it."""


def pilot_records(
    session: Session, pilot: Pilot, locale: str, *, today: date, zone: tzinfo
) -> dict[str, Any]:
    """Milestones, usage, sittings and decisions of a pilot, what may be written next, and all of it in one order."""
    milestones, usage = pilot_milestones(session, pilot.key), pilot_usage(session, pilot.key)
    decisions = pilot_decisions(session, pilot.key)
    undecided = pilot.status in UNDECIDED and pilot.decision_on is not None and pilot.decision_on < today
    scaled = any(row.outcome is Outcome.SCALE for row in decisions)
    moments = [
        *_steps(pilot, locale, zone),
        *(
            (row.done_at.astimezone(zone).date(), gettext(locale, N_("里程碑完成")), row.title)
            for row in milestones
            if row.done_at is not None
        ),
        *_sittings(session, pilot, locale, today),
        *(
            (
                row.decided_on,
                label("outcome", row.outcome.value, locale),
                _why(row.note, row.next_decision_on, locale, today),
            )
            for row in decisions
            if row.outcome is not Outcome.STOP
        ),
    ]
    return {
        "milestones": milestones,
        "usage": usage,
        "history": sorted(moments, key=lambda moment: moment[0]),
        "purgatory": undecided and not scaled,
        "may_log": pilot.status in LOGGED,
        "may_report": pilot.status in REPORTABLE,
        "may_decide": pilot.status in UNDECIDED or (pilot.status is PilotStatus.ACCEPTED and not scaled),
        "checklist": [(code, label("checklist", code, locale)) for code in CHECKLIST],
        "item_verdicts": [
            (code, label("item_verdict", code, locale)) for code in ("met", "unmet", "not_applicable")
        ],
        "conclusions": [(row.value, label("conclusion", row.value, locale)) for row in Conclusion],
        "outcomes": [(row.value, label("outcome", row.value, locale)) for row in outcomes(pilot)],
    }


def outcomes(pilot: Pilot) -> list[Outcome]:
    """What may be decided about a pilot as it stands."""
    if pilot.status is PilotStatus.ACCEPTED:
        return [Outcome.SCALE]
    in_use = pilot.status is PilotStatus.IN_USE
    return [Outcome.EXTEND, *([Outcome.SCALE] if in_use else []), Outcome.STOP]


def _steps(pilot: Pilot, locale: str, zone: tzinfo) -> Iterator[Moment]:
    moments = (
        (N_("双方对接"), pilot.match.introduced_at, ""),
        (N_("拟定"), pilot.created_at, ""),
        (N_("已签"), pilot.agreed_at, ""),
        (N_("开始"), pilot.started_at, ""),
        (N_("登记投入使用"), pilot.in_use_at, ""),
        (N_("验收通过"), pilot.accepted_at, ""),
        (N_("终止"), pilot.stopped_at, pilot.stop_reason),
    )
    for words, at, note in moments:
        if at is not None:
            yield at.astimezone(zone).date(), gettext(locale, words), note


def _sittings(session: Session, pilot: Pilot, locale: str, today: date) -> Iterator[Moment]:
    """The sittings that did not pass; the one that did is a step of the pilot."""
    for row in pilot_acceptances(session, pilot.key):
        if row.conclusion is not Conclusion.PASSED:
            words = gettext(
                locale, "验收：%(conclusion)s", conclusion=label("conclusion", row.conclusion.value, locale)
            )
            yield row.held_on, words, _why(row.note, row.rectify_by_on, locale, today)


def _why(note: str, until: date | None, locale: str, today: date) -> str:
    if until is None:
        return note
    return gettext(locale, "%(note)s（到 %(day)s）", note=note, day=format_date(until, locale, today=today))
