"""What this person owes about proposals: to finish one, to set up a panel, to declare and score, to decide."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from flask import url_for
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from models.bid import Bid
from models.i18n import N_, format_date, ngettext
from models.jury import MIN_JURORS, JurorStatus, Jury, JuryStatus, juries_of, seats_of
from models.scenario import Scenario, published
from models.user import Role
from web.owed import Asking, Owed
from web.presenters.bids import due_on


def owed_bids(session: Session, asking: Asking) -> list[Owed]:
    """Everything of that kind, in no order; empty for roles that have no part in it. Four queries at most."""
    user, items = asking.user, []
    if user.has_role(Role.STARTUP) and user.organisation_id is not None:
        items += _drafts(session, user.organisation_id, asking)
    if user.has_role(Role.AGENCY) and user.organisation_id is not None:
        items += _panels(session, user.organisation_id, asking)
    if user.has_role(Role.EVALUATOR):
        items += _seats(session, asking)
    return items


def _drafts(session: Session, organisation_id: int, asking: Asking) -> list[Owed]:
    """Proposals that are begun and not handed in, while the call is open."""
    statement = (
        select(Bid)
        .join(Scenario, col(Scenario.id) == col(Bid.scenario_id))
        .where(
            col(Bid.organisation_id) == organisation_id,
            col(Bid.submitted_at).is_(None),
            published(asking.today),
        )
        .options(joinedload(Bid.scenario).joinedload(Scenario.organisation))  # type: ignore[arg-type]
    )
    return [
        _owed(
            asking.say("写完方案：%(title)s", title=row.scenario.title),
            url_for("bids.edit", bid_id=row.key),
            due=row.scenario.deadline_on,
            waits=asking.say("%(agency)s。截止前提交才算数", agency=asking.name(row.scenario.organisation)),
            asking=asking,
        )
        for row in session.exec(statement)
    ]


def _panels(session: Session, organisation_id: int, asking: Asking) -> list[Owed]:
    """Proposals that wait for a panel, and panels that wait for their agency."""
    statement = (
        select(Bid)
        .join(Scenario, col(Scenario.id) == col(Bid.scenario_id))
        .where(
            col(Scenario.organisation_id) == organisation_id,
            col(Scenario.withdrawn_at).is_(None),
            col(Bid.submitted_at).is_not(None),
            col(Bid.withdrawn_at).is_(None),
            col(Bid.selected_at).is_(None),
            col(Bid.not_selected_at).is_(None),
        )
        .options(joinedload(Bid.scenario))  # type: ignore[arg-type]
    )
    n_bids: dict[int, int] = {}
    scenarios: dict[int, Scenario] = {}
    for row in session.exec(statement):
        n_bids[row.scenario_id] = n_bids.get(row.scenario_id, 0) + 1
        scenarios[row.scenario_id] = row.scenario
    juries = juries_of(session, list(scenarios))
    items = []
    for key, scenario in scenarios.items():
        words = _act(scenario, juries.get(key), asking)
        if words is not None:
            waits = ngettext(asking.locale, "%(num)s 家在等答复", "%(num)s 家在等答复", n_bids[key])
            address = url_for("juries.show", scenario_id=key)
            due = due_on(scenario, juries.get(key))
            items.append(_owed(words, address, due=due, waits=waits, asking=asking))
    return items


def _act(scenario: Scenario, jury: Jury | None, asking: Asking) -> str | None:
    """What the agency has to do next about the proposals of a scenario; None where it is somebody else's turn."""
    if jury is None:
        if scenario.is_open(asking.today):
            return None
        return asking.say("组织评审：%(title)s", title=scenario.title)
    if jury.status is JuryStatus.CONSENSUS:
        return asking.say("合议定稿：%(title)s", title=scenario.title)
    if jury.status is JuryStatus.SETTLED:
        return asking.say("决定选谁：%(title)s", title=scenario.title)
    if jury.status is JuryStatus.SCORING and len(jury.acting) < MIN_JURORS:
        return asking.say("请够评委：%(title)s", title=scenario.title)
    return None


def _seats(session: Session, asking: Asking) -> list[Owed]:
    """Seats that wait for a declaration or for marks."""
    acts = {
        JurorStatus.APPOINTED: N_("申报利益冲突：%(title)s"),
        JurorStatus.SCORING: N_("打分：%(title)s"),
    }
    return [
        _owed(
            asking.say(acts[seat.status], title=seat.jury.scenario.title),
            url_for("seats.show", jury_id=seat.jury_id),
            due=seat.jury.answer_due_on,
            waits=asking.say(N_("企业在等答复；都交了分才能合议")),
            asking=asking,
        )
        for seat in seats_of(session, asking.user.key)
        if seat.status in acts and seat.jury.status is JuryStatus.SCORING
    ]


def _owed(words: str, address: str, *, due: date | None, waits: str, asking: Asking) -> Owed:
    late = due is not None and due < asking.today
    when = datetime.combine(due or date.max, time(), UTC).timestamp()
    shown = "" if due is None else format_date(due, asking.locale, today=asking.today)
    return Owed(words, address, shown, late, waits, (not late, when))
