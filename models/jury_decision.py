"""The end of a panel's work: marks settled, proposals selected or not with their reasons, and the record of it all.

The record is what was decided, by whom, by which marks and criteria, as it was signed; its hash is printed on the page
and on the document. It is written once.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.bid import Bid, find_version, scenario_bids
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_
from models.jury import Jury, JuryStatus, Mark, jury_marks
from models.jury_scores import BidResult, results_of
from models.match import DeclineReason, Match, MatchStatus
from models.match_queries import find_match
from models.user import User

SCHEMA = "duijie.decision/1"
MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agency says to one proposal. reasons: why not; text: what the firm reads."""

    selected: bool
    reasons: tuple[DeclineReason, ...] = ()
    text: str = ""


def results(session: Session, jury: Jury) -> list[BidResult]:
    """How the proposals stand, best first; empty while marks are shut. Whoever may read a panel may read this."""
    if jury.scored_at is None:
        return []
    return results_of(jury_marks(session, jury), jury.rubric.lines)


def settle(session: Session, jury: Jury, *, note: str, now: datetime) -> None:
    """End the consensus step. InvalidInput where marks are still far apart and nobody says why that may stand."""
    if jury.status is not JuryStatus.CONSENSUS:
        raise InvalidTransition(N_("打分收齐以后才能定稿，定稿只有一次。"))
    if any(row.n_flagged for row in results(session, jury)) and not note:
        raise InvalidInput(N_("有几处要改。"), fields={"note": N_("还有分歧大的项，写明为什么可以这样定。")})
    jury.settled_at, jury.settle_note = now, note
    session.add(jury)
    session.flush()


def check_answers(ranked: Sequence[BidResult], answers: Mapping[int, Answer]) -> None:
    """InvalidInput for what the answers lack. Fields are outcome_<bid>, reasons_<bid> and text_<bid>."""
    wrong: dict[str, str] = {}
    taken = [row.rank for row in ranked if row.bid_id in answers and answers[row.bid_id].selected]
    for row in ranked:
        answer = answers.get(row.bid_id)
        if answer is None:
            wrong[f"outcome_{row.bid_id}"] = N_("请选一项。")
        elif answer.selected and not answer.text and _is_passed_over(row, ranked, answers):
            wrong[f"text_{row.bid_id}"] = N_("有分数更高的没有选，写明为什么选这家。")
        elif not answer.selected:
            wrong |= _what_a_refusal_lacks(
                row, answer, better_than_taken=bool(taken) and row.rank < max(taken)
            )
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)


def _is_passed_over(row: BidResult, ranked: Sequence[BidResult], answers: Mapping[int, Answer]) -> bool:
    better = [other.bid_id for other in ranked if other.rank < row.rank]
    return any(bid_id in answers and not answers[bid_id].selected for bid_id in better)


def _what_a_refusal_lacks(row: BidResult, answer: Answer, *, better_than_taken: bool) -> dict[str, str]:
    wrong = {}
    if not answer.reasons:
        wrong[f"reasons_{row.bid_id}"] = N_("至少选一个原因，企业会看到。")
    if not answer.text:
        words = N_("分数更高却没有选，写明为什么。") if better_than_taken else N_("写一两句，企业会看到。")
        wrong[f"text_{row.bid_id}"] = words
    return wrong


def decide(
    session: Session, jury: Jury, answers: Mapping[int, Answer], *, by: User, now: datetime
) -> dict[str, Any]:
    """Answer every proposal and sign the record, which is given back. InvalidInput as check_answers.

    InvalidTransition unless the panel has settled; of two who decide at once, the database lets one.
    """
    if jury.status is not JuryStatus.SETTLED:
        raise InvalidTransition(N_("评审组定稿以后才能作决定，决定只有一次。"))
    ranked = results(session, jury)
    check_answers(ranked, answers)
    bids = {row.key: row for row in scenario_bids(session, jury.scenario_id)}
    for row in ranked:
        _answer(bids[row.bid_id], answers[row.bid_id], by=by, now=now)
        session.add(bids[row.bid_id])
    record = make_record(session, jury, ranked, by=by, now=now)
    _sign(session, jury, record, by=by, now=now)
    return record


def _answer(bid: Bid, answer: Answer, *, by: User, now: datetime) -> None:
    if answer.selected:
        bid.selected_at = now
    else:
        bid.not_selected_at = now
    bid.reasons, bid.reason_text = [str(code) for code in answer.reasons], answer.text
    bid.decided_by_user_id = by.key


def _sign(session: Session, jury: Jury, record: dict[str, Any], *, by: User, now: datetime) -> None:
    session.flush()
    taken = session.execute(
        sa.update(Jury)
        .where(col(Jury.id) == jury.key, col(Jury.decided_at).is_(None))
        .values(decided_at=now, decided_by_user_id=by.key, record=record, record_sha256=hash_of(record))
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise InvalidTransition(N_("别人刚刚作了决定，请刷新页面。"))
    session.refresh(jury)


def hash_of(record: Mapping[str, Any]) -> str:
    """The SHA-256, hex, of a record as JSON: UTF-8, keys sorted, no blanks."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def make_record(
    session: Session, jury: Jury, ranked: Sequence[BidResult], *, by: User, now: datetime
) -> dict[str, Any]:
    """The decision as JSON holds it: who, when, by which criteria, every mark and every answer. Points in tenths."""
    scenario = jury.scenario
    bids = {row.key: row for row in scenario_bids(session, jury.scenario_id)}
    marks = jury_marks(session, jury)
    return {
        "schema": SCHEMA,
        "scenario": {"number": scenario.number, "title": scenario.title, "lang": scenario.lang},
        "agency": scenario.organisation.name,
        "is_demo": jury.is_demo,
        "criteria": jury.rubric.criteria,
        "criteria_sha256": jury.rubric.sha256,
        "criteria_serial": jury.rubric.serial,
        "begun_at": _iso(jury.created_at),
        "scored_at": _iso(jury.scored_at),
        "settled_at": _iso(jury.settled_at),
        "settle_note": jury.settle_note,
        "decided_at": _iso(now),
        "decided_by": by.name,
        "evaluators": [_seat_of(row.user.name, row.recused_at, row.recusal_reason) for row in jury.jurors],
        "proposals": [_line(session, bids[row.bid_id], row, marks) for row in ranked],
        "withdrawn": [row.organisation.name for row in bids.values() if row.withdrawn_at is not None],
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def _seat_of(name: str, recused_at: datetime | None, reason: str) -> dict[str, Any]:
    return {"name": name, "recused_at": _iso(recused_at), "recusal_reason": reason}


def _line(session: Session, bid: Bid, row: BidResult, marks: Sequence[Mark]) -> dict[str, Any]:
    version = find_version(session, bid.key)
    assert version is not None, "only what was handed in is judged"
    return {
        "firm": bid.organisation.name,
        "rank": row.rank,
        "points_tenths": row.tenths,
        "version": version.serial,
        "version_sha256": version.sha256,
        "selected": bid.selected_at is not None,
        "reasons": bid.reasons,
        "text": bid.reason_text,
        "marks": [_mark(mark) for mark in marks if mark.bid_id == bid.key],
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "evaluator": mark.juror.user.name,
        "criterion": mark.position,
        "score": mark.score,
        "comment": mark.comment,
        "revised_score": mark.revised_score,
        "revised_reason": mark.revised_reason,
    }


def carry_on(session: Session, bid: Bid, *, now: datetime) -> tuple[Match | None, bool]:
    """Take a decided proposal into the pair of agency and firm; the pair, and whether this introduced both.

    Selected: both have said yes, so they are introduced. Not selected: an interest that waits is answered with the
    first reason. An introduction that stands is never undone.
    """
    match = find_match(session, bid.scenario_id, bid.organisation_id)
    if bid.selected_at is None:
        if match is not None and match.status is MatchStatus.INTERESTED:
            match.decline(now, reason=DeclineReason(bid.reasons[0]), note=bid.reason_text[:1000])
            session.add(match)
        return match, False
    if match is None:
        match = Match(created_at=now, scenario_id=bid.scenario_id, organisation_id=bid.organisation_id)
    if match.introduced_at is not None:
        return match, False
    _introduce(match, bid, now)
    session.add(match)
    session.flush()
    return match, True


def _introduce(match: Match, bid: Bid, now: datetime) -> None:
    if match.declined_at is not None:
        match.undo_decline()
    if match.interested_at is None:
        match.express_interest(now, note=str(bid.content["summary"]), start=str(bid.content["start"]))
    if match.invited_at is None:
        match.invite(now)


def records_without_pdf(session: Session) -> list[int]:
    """The ids of panels that have decided and whose record is not set as a document yet."""
    statement = select(Jury.id).where(col(Jury.decided_at).is_not(None), col(Jury.record_pdf).is_(None))
    return [jury_id for jury_id in session.exec(statement.order_by(col(Jury.id))) if jury_id is not None]
