"""The chain from a published scenario to money: seven dated steps, in the same order on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from models.evidence import Evidence, EvidenceKind
from models.i18n import N_, gettext, ngettext, pgettext
from models.match import Match
from models.pilot import Pilot
from models.scenario import Scenario


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One square. state: done, now, todo or skipped. days_since: days after the step before, None where unknown."""

    name: str
    state: str
    on: date | None = None
    note: str = ""
    days_since: int | None = None


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """What is known of one chain. matched_at: when pair or first candidate was found. funded_at: of the record."""

    scenario: Scenario
    matched_at: datetime | None = None
    n_candidates: int | None = None
    match: Match | None = None
    pilot: Pilot | None = None
    evidence: Sequence[Evidence] = ()
    funded_at: datetime | None = None


def build_chain(facts: ChainFacts, locale: str, *, zone: tzinfo) -> list[ChainStep]:
    """The seven steps. A step without its own fact is done only if it has a date; the first open one is `now`."""
    steps = [
        _step(
            pgettext(locale, "chain", "场景发布"),
            _day(facts.scenario.published_at, zone),
            facts.scenario.number or "",
        ),
        _step(pgettext(locale, "chain", "匹配"), _day(facts.matched_at, zone), _candidates(facts, locale)),
        _step(pgettext(locale, "chain", "会面"), _introduced_on(facts, zone)),
        _step(pgettext(locale, "chain", "试点"), _pilot_on(facts, zone), _pilot_note(facts, locale)),
        _step(pgettext(locale, "chain", "投入使用"), _live_on(facts), _users(facts, locale)),
        _reports_step(facts, locale),
        _step(pgettext(locale, "chain", "资助"), _day(facts.funded_at, zone), _funding_note(facts, locale)),
    ]
    return _with_days(
        _with_states(steps, stopped=facts.pilot is not None and facts.pilot.stopped_at is not None)
    )


def _step(name: str, on: date | None, note: str = "") -> ChainStep:
    return ChainStep(name=name, state="todo" if on is None else "done", on=on, note=note)


def _day(at: datetime | None, zone: tzinfo) -> date | None:
    return None if at is None else at.astimezone(zone).date()


def _candidates(facts: ChainFacts, locale: str) -> str:
    if facts.n_candidates is None:
        return ""
    return ngettext(locale, "%(num)s 家候选", "%(num)s 家候选", facts.n_candidates)


def _introduced_on(facts: ChainFacts, zone: tzinfo) -> date | None:
    return None if facts.match is None else _day(facts.match.introduced_at, zone)


def _pilot_on(facts: ChainFacts, zone: tzinfo) -> date | None:
    return None if facts.pilot is None else _day(facts.pilot.started_at or facts.pilot.agreed_at, zone)


def _pilot_note(facts: ChainFacts, locale: str) -> str:
    pilot = facts.pilot
    if pilot is None:
        return ""
    if pilot.stopped_at is not None:
        return gettext(locale, N_("已终止"))
    if pilot.agreed_at is None:
        return gettext(locale, N_("拟定，待签"))
    return "" if pilot.decision_owner == "" else gettext(locale, "决定人 %(name)s", name=pilot.decision_owner)


def _live_on(facts: ChainFacts) -> date | None:
    return None if facts.pilot is None else facts.pilot.go_live_on


def _funding_note(facts: ChainFacts, locale: str) -> str:
    return "" if facts.funded_at else gettext(locale, "可申请，不承诺")


def _users(facts: ChainFacts, locale: str) -> str:
    if facts.pilot is None or facts.pilot.n_users is None:
        return ""
    return ngettext(locale, "%(num)s 人在用", "%(num)s 人在用", facts.pilot.n_users)


def _reports_step(facts: ChainFacts, locale: str) -> ChainStep:
    shown = [row for row in facts.evidence if row.rejected_at is None]
    tests = [row for row in shown if row.kind is EvidenceKind.TEST_REPORT]
    uses = [row for row in shown if row.kind is EvidenceKind.USE_REPORT]
    if tests and uses:
        days = [row.issued_on for row in (*tests, *uses) if row.issued_on is not None]
        return ChainStep(
            pgettext(locale, "chain", "报告"),
            "done",
            max(days, default=None),
            gettext(locale, N_("测试 + 使用")),
        )
    note = N_("缺使用报告") if tests else N_("缺测试报告") if uses else ""
    return ChainStep(pgettext(locale, "chain", "报告"), "todo", None, gettext(locale, note) if note else "")


def _with_states(steps: list[ChainStep], *, stopped: bool) -> list[ChainStep]:
    """Done steps stay; the first one after the last done step is now, unless everything has stopped."""
    done = [i for i, step in enumerate(steps) if step.state == "done"]
    last = done[-1] if done else -1
    return [_with_state(step, i - last, stopped=stopped) for i, step in enumerate(steps)]


def _with_state(step: ChainStep, after_last: int, *, stopped: bool) -> ChainStep:
    """after_last: how far the step stands behind the last done one; negative before it."""
    if step.state != "todo" or after_last > 1 or (after_last == 1 and stopped):
        return step
    return replace(step, state="now" if after_last == 1 else "skipped")


def _with_days(steps: list[ChainStep]) -> list[ChainStep]:
    result: list[ChainStep] = []
    before: date | None = None
    for step in steps:
        if step.state != "done" or step.on is None:
            result.append(step)
            continue
        known = before is not None and step.on >= before
        result.append(replace(step, days_since=(step.on - before).days) if before and known else step)
        before = step.on
    return result
