"""What this person owes somebody, most urgent first: the top of every home page, and the number in the top bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from models.evidence import Evidence, EvidenceKind
from models.i18n import N_, format_date, gettext, name_of, ngettext
from models.match import Match
from models.organisation import Organisation
from models.pilot import Pilot, PilotStatus
from models.pilot_decision import undecided_pilots
from models.question import unanswered
from models.scenario import Scenario
from models.user import Role, User

MAX_SHOWN = 5
# What the brief of a good counterpart is: an answer within three days; after that the wait is shown in red.
ANSWER_WITHIN = timedelta(days=3)
DECISION_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Owed:
    """One act. words: a verb phrase that links to it. due: when, in words; late: red. waits: who waits, for what."""

    words: str
    address: str
    due: str
    late: bool
    waits: str
    urgency: tuple[bool, float]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, in what language, and when it is."""

    user: User
    locale: str
    now: datetime
    today: date

    def say(self, message: str, **values: object) -> str:
        """A sentence in the reader's language."""
        return gettext(self.locale, message, **values)

    def name(self, row: Organisation) -> str:
        """What an organisation is called in the reader's language."""
        return name_of(row, self.locale)


def owed(session: Session, asking: Asking) -> list[Owed]:
    """Everything the person owes, most urgent first; empty for roles that only read. Five queries at most."""
    organisation_id = asking.user.organisation_id
    if organisation_id is None:
        return []
    items: list[Owed] = []
    if asking.user.has_role(Role.AGENCY):
        items += _returned(session, organisation_id, asking)
        items += _questions(session, organisation_id, asking)
        items += _agency_matches(session, organisation_id, asking)
    if asking.user.has_role(Role.STARTUP):
        items += _firm_matches(session, organisation_id, asking)
    if asking.user.has_role(Role.AGENCY) or asking.user.has_role(Role.STARTUP):
        items += _pilots(session, organisation_id, asking)
    return sorted(items, key=lambda item: item.urgency)


def _returned(session: Session, organisation_id: int, asking: Asking) -> list[Owed]:
    """Texts that review sent back, each waiting for its author."""
    rows = session.exec(
        select(Scenario).where(
            col(Scenario.organisation_id) == organisation_id,
            col(Scenario.returned_at).is_not(None),
            col(Scenario.approved_at).is_(None),
            col(Scenario.published_at).is_(None),
            col(Scenario.withdrawn_at).is_(None),
        )
    ).all()
    return [
        _waiting(
            asking.say("按退回意见修改：%(title)s", title=row.title),
            url_for("drafts.edit", draft_id=row.key),
            since=row.returned_at,
            waits=asking.say(N_("审核人在等。改好重新提交，才能排进批次")),
            asking=asking,
        )
        for row in rows
        if row.returned_at is not None
    ]


def _questions(session: Session, organisation_id: int, asking: Asking) -> list[Owed]:
    """Questions that wait for an answer. They come before other acts: their term was promised to everybody."""
    rows = unanswered(session, on=asking.today, organisation_id=organisation_id)
    return [
        replace(
            _waiting(
                asking.say("答复提问：%(title)s", title=row.scenario.title),
                url_for("questions.show", number=row.scenario.number) + f"#question-{row.key}",
                since=row.created_at,
                waits=asking.say(
                    "应在 %(day)s 前答复", day=format_date(row.due_on, asking.locale, today=asking.today)
                ),
                asking=asking,
            ),
            late=row.due_on < asking.today,
            urgency=(False, row.created_at.timestamp()),
        )
        for row in rows
    ]


def _agency_matches(session: Session, organisation_id: int, asking: Asking) -> list[Owed]:
    has_pilot = sa.exists().where(col(Pilot.match_id) == col(Match.id))
    rows = session.exec(
        select(Match)
        .join(Scenario, col(Scenario.id) == col(Match.scenario_id))
        .where(
            col(Scenario.organisation_id) == organisation_id,
            col(Match.interested_at).is_not(None),
            col(Match.declined_at).is_(None),
            col(Match.dismissed_at).is_(None),
            ~has_pilot,
        )
        .options(joinedload(Match.scenario), joinedload(Match.organisation))
    ).all()
    return [_make_pilot(row, asking) if row.introduced_at else _answer_interest(row, asking) for row in rows]


def _answer_interest(match: Match, asking: Asking) -> Owed:
    assert match.interested_at is not None, "asked for"
    return _waiting(
        asking.say("答复%(firm)s的意向", firm=asking.name(match.organisation)),
        url_for("matches.show", match_id=match.key),
        since=match.interested_at,
        waits=asking.say("%(title)s。对方在等，答复之前看不到联系人", title=match.scenario.title),
        asking=asking,
    )


def _make_pilot(match: Match, asking: Asking) -> Owed:
    assert match.introduced_at is not None, "asked for"
    return _waiting(
        asking.say("与%(firm)s定试点", firm=asking.name(match.organisation)),
        url_for("pilots.new", match_id=match.key),
        since=match.introduced_at,
        waits=asking.say("%(title)s。要写成效指标、决定人和决定日期", title=match.scenario.title),
        asking=asking,
        patience=timedelta(days=14),
    )


def _firm_matches(session: Session, organisation_id: int, asking: Asking) -> list[Owed]:
    rows = session.exec(
        select(Match)
        .where(
            col(Match.organisation_id) == organisation_id,
            col(Match.invited_at).is_not(None),
            col(Match.interested_at).is_(None),
            col(Match.declined_at).is_(None),
            col(Match.dismissed_at).is_(None),
        )
        .options(joinedload(Match.scenario).joinedload(Scenario.organisation))
    ).all()
    return [_answer_invitation(row, asking) for row in rows]


def _answer_invitation(match: Match, asking: Asking) -> Owed:
    assert match.invited_at is not None, "asked for"
    return _waiting(
        asking.say("答复%(agency)s的邀请", agency=asking.name(match.scenario.organisation)),
        url_for("matches.show", match_id=match.key),
        since=match.invited_at,
        waits=asking.say("%(title)s。你答应后双方才看到联系人", title=match.scenario.title),
        asking=asking,
    )


def _waiting(  # noqa: PLR0913  (the parts of one line on the page)
    words: str,
    address: str,
    *,
    since: datetime,
    waits: str,
    asking: Asking,
    patience: timedelta = ANSWER_WITHIN,
) -> Owed:
    waited = asking.now - since
    n_days = max(0, waited.days)
    due = (
        ngettext(asking.locale, "已等 %(num)s 天", "已等 %(num)s 天", n_days)
        if n_days
        else asking.say(N_("今天"))
    )
    late = waited > patience
    return Owed(words, address, due, late, waits, (not late, (since + patience).timestamp()))


def _pilots(session: Session, organisation_id: int, asking: Asking) -> list[Owed]:
    pilots = session.exec(
        select(Pilot)
        .join(Scenario, col(Scenario.id) == col(Pilot.scenario_id))
        .where(
            sa.or_(
                col(Pilot.organisation_id) == organisation_id,
                col(Scenario.organisation_id) == organisation_id,
            ),
            col(Pilot.accepted_at).is_(None),
            col(Pilot.stopped_at).is_(None),
        )
        .options(joinedload(Pilot.scenario), joinedload(Pilot.organisation))
    ).all()
    kinds = evidence_kinds(session, [pilot.key for pilot in pilots])
    late = _undecided(session, pilots, asking)
    items = []
    for pilot in pilots:
        mine = pilot.scenario.organisation_id == organisation_id
        act = (
            _agency_act(pilot, kinds[pilot.key], asking, late=pilot.key in late)
            if mine
            else _firm_act(pilot, kinds[pilot.key], asking)
        )
        if act is not None:
            items.append(act)
    return items


def evidence_kinds(session: Session, pilot_ids: Sequence[int]) -> dict[int, frozenset[EvidenceKind]]:
    """The kinds of documents each pilot has, rejected ones left out."""
    rows: Iterable[tuple[int, EvidenceKind]] = session.exec(
        select(Evidence.pilot_id, Evidence.kind).where(
            col(Evidence.pilot_id).in_(pilot_ids), col(Evidence.rejected_at).is_(None)
        )
    ).all()
    found: dict[int, set[EvidenceKind]] = {pilot_id: set() for pilot_id in pilot_ids}
    for pilot_id, kind in rows:
        found[pilot_id].add(kind)
    return {pilot_id: frozenset(kinds) for pilot_id, kinds in found.items()}


def _undecided(session: Session, pilots: Sequence[Pilot], asking: Asking) -> frozenset[int]:
    """Those in use whose decision date passed without a decision; asks the database only where a date did pass."""
    passed = any(
        pilot.status is PilotStatus.IN_USE
        and pilot.decision_on is not None
        and pilot.decision_on < asking.today
        for pilot in pilots
    )
    return frozenset(undecided_pilots(session, asking.today)) if passed else frozenset()


def _agency_act(pilot: Pilot, kinds: frozenset[EvidenceKind], asking: Asking, *, late: bool) -> Owed | None:
    address = url_for("pilots.show", pilot_id=pilot.key)
    firm = asking.name(pilot.organisation)
    if pilot.status is PilotStatus.PLANNED:
        waits = asking.say("%(firm)s在等。缺成效指标、决定人或决定日期就不能签", firm=firm)
        return _waiting(asking.say("签订试点：%(title)s", title=pilot.title), address, since=pilot.created_at,
                        waits=waits, asking=asking, patience=timedelta(days=14))  # fmt: skip
    if pilot.status is PilotStatus.AGREED and pilot.agreed_at is not None:
        waits = asking.say("%(firm)s在等开工", firm=firm)
        return _waiting(asking.say("开始试点：%(title)s", title=pilot.title), address, since=pilot.agreed_at,
                        waits=waits, asking=asking, patience=timedelta(days=14))  # fmt: skip
    if pilot.status is PilotStatus.RUNNING:
        return _decide(pilot, address, asking)
    if late:
        return _decide(pilot, address, asking)
    if EvidenceKind.USE_REPORT not in kinds and pilot.in_use_at is not None:
        waits = asking.say("%(firm)s要凭它申请资助", firm=firm)
        return _waiting(asking.say("出使用报告：%(title)s", title=pilot.title), address, since=pilot.in_use_at,
                        waits=waits, asking=asking, patience=timedelta(days=30))  # fmt: skip
    return None


def _decide(pilot: Pilot, address: str, asking: Asking) -> Owed | None:
    decision_on = pilot.decision_on
    if decision_on is None or decision_on - asking.today > DECISION_AHEAD:
        return None
    late = decision_on < asking.today
    return Owed(
        words=asking.say("决定试点去留：%(title)s", title=pilot.title),
        address=address,
        due=format_date(decision_on, asking.locale, today=asking.today),
        late=late,
        waits=asking.say("决定人%(name)s。推广、延期，或终止并写明原因", name=pilot.decision_owner),
        urgency=(
            not late,
            datetime(
                decision_on.year, decision_on.month, decision_on.day, tzinfo=asking.now.tzinfo
            ).timestamp(),
        ),
    )


def _firm_act(pilot: Pilot, kinds: frozenset[EvidenceKind], asking: Asking) -> Owed | None:
    if pilot.in_use_at is None or EvidenceKind.TEST_REPORT in kinds:
        return None
    return _waiting(
        asking.say("传测试报告：%(title)s", title=pilot.title),
        url_for("pilots.show", pilot_id=pilot.key),
        since=pilot.in_use_at,
        waits=asking.say(N_("补上后才能预审场景资助")),
        asking=asking,
        patience=timedelta(days=30),
    )
