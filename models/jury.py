"""Panels (评审组): who judges the proposals for a scenario, who stepped aside, what each gave before reading others.

Life: begun after the last day → everybody declares conflicts → each hands in alone → all are in, marks are opened to
each other → marks may be changed, with a reason → settled → decided (models/jury_decision.py). Sums and spreads are in
models/jury_scores.py.
"""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, find_row, moment
from models.bid import Bid, is_opened, standing_bids
from models.errors import InvalidTransition, NotFound
from models.i18n import N_
from models.rubric import Rubric, find_locked
from models.scenario import Scenario, ScenarioStatus
from models.user import Role, User

MIN_JURORS = 2
"""Fewer than two cannot disagree, and one alone is no panel."""
MAX_JURORS = 15
MAX_REASON = 500


class JuryStatus(StrEnum):
    """Derived from timestamps."""

    SCORING = "scoring"
    CONSENSUS = "consensus"
    SETTLED = "settled"
    DECIDED = "decided"


class JurorStatus(StrEnum):
    """Derived from timestamps."""

    APPOINTED = "appointed"
    RECUSED = "recused"
    SCORING = "scoring"
    HANDED_IN = "handed_in"


class Jury(Table, table=True):
    """The panel of one scenario. Begun and decided by its agency."""

    __table_args__ = (
        sa.UniqueConstraint("scenario_id"),
        sa.CheckConstraint(
            "(settled_at IS NULL OR scored_at IS NOT NULL) AND (decided_at IS NULL OR settled_at IS NOT NULL)",
            name="steps_in_order",
        ),
        sa.CheckConstraint("decided_at IS NULL OR record_sha256 IS NOT NULL", name="decided_has_record"),
    )

    scenario_id: int = Field(foreign_key="scenario.id")
    rubric_id: int = Field(foreign_key="rubric.id")
    begun_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    answer_due_on: date = Field(description="Last day of the promised answer, by working days.")
    scored_at: datetime | None = moment(description="When the last mark was in, and all were opened.")
    settled_at: datetime | None = moment(description="When the panel stopped changing marks.")
    settle_note: str = Field(default="", sa_type=sa.Text, description="Why what still differs may stand.")
    decided_at: datetime | None = moment()
    decided_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    record: dict[str, Any] | None = Field(
        default=None, sa_type=sa.JSON, description="The decision as signed."
    )
    record_sha256: str | None = Field(default=None, max_length=64)
    record_pdf: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    is_demo: bool = Field(default=False)

    scenario: Scenario = Relationship()
    rubric: Rubric = Relationship()
    jurors: list["Juror"] = Relationship(
        back_populates="jury", sa_relationship_kwargs={"order_by": "Juror.id"}
    )

    @property
    def status(self) -> JuryStatus:
        """Which step it is at."""
        if self.decided_at is not None:
            return JuryStatus.DECIDED
        if self.settled_at is not None:
            return JuryStatus.SETTLED
        return JuryStatus.SCORING if self.scored_at is None else JuryStatus.CONSENSUS

    @property
    def acting(self) -> list["Juror"]:
        """Its members who did not step aside."""
        return [row for row in self.jurors if row.recused_at is None]

    @property
    def is_complete(self) -> bool:
        """Whether enough members have handed in, and nobody is still scoring."""
        acting = self.acting
        return len(acting) >= MIN_JURORS and all(row.handed_in_at is not None for row in acting)


class Juror(Table, table=True):
    """One member of one panel (评委). Appointed by the agency; declares, scores and hands in alone."""

    __table_args__ = (
        sa.UniqueConstraint("jury_id", "user_id"),
        sa.CheckConstraint("recused_at IS NULL OR recusal_reason <> ''", name="recusal_has_reason"),
        sa.CheckConstraint("declared_at IS NULL OR recused_at IS NULL", name="declared_or_recused"),
        sa.CheckConstraint("handed_in_at IS NULL OR declared_at IS NOT NULL", name="handed_in_declared"),
    )

    jury_id: int = Field(foreign_key="jury.id", index=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    declared_at: datetime | None = moment(description="Said to have no conflict of interest.")
    recused_at: datetime | None = moment(description="Stepped aside.")
    recusal_reason: str = Field(default="", max_length=MAX_REASON)
    handed_in_at: datetime | None = moment()

    jury: Jury = Relationship(back_populates="jurors")
    user: User = Relationship()

    @property
    def status(self) -> JurorStatus:
        """Where this member stands."""
        if self.recused_at is not None:
            return JurorStatus.RECUSED
        if self.handed_in_at is not None:
            return JurorStatus.HANDED_IN
        return JurorStatus.APPOINTED if self.declared_at is None else JurorStatus.SCORING


class Mark(Table, table=True):
    """What one member gives one proposal by one criterion. Changed freely until handed in; afterwards only beside the
    first mark, with a reason.
    """

    __table_args__ = (
        sa.UniqueConstraint("juror_id", "bid_id", "position"),
        sa.CheckConstraint("score BETWEEN 0 AND 3", name="score_known"),
        sa.CheckConstraint("revised_score IS NULL OR revised_score BETWEEN 0 AND 3", name="revised_known"),
        sa.CheckConstraint("revised_score IS NULL OR revised_reason <> ''", name="change_has_reason"),
    )

    juror_id: int = Field(foreign_key="juror.id", index=True)
    bid_id: int = Field(foreign_key="bid.id", index=True)
    position: int = Field(description="Of the criterion in the rubric, from 1.")
    score: int
    comment: str = Field(default="", sa_type=sa.Text)
    revised_score: int | None = None
    revised_reason: str = Field(default="", max_length=MAX_REASON)
    revised_at: datetime | None = moment()

    juror: Juror = Relationship()

    @property
    def final(self) -> int:
        """The score that counts."""
        return self.score if self.revised_score is None else self.revised_score


def begin_jury(  # noqa: PLR0913  (columns of the row, and the day)
    session: Session, scenario: Scenario, *, by: User, answer_due_on: date, now: datetime, on: date
) -> Jury:
    """A panel without members yet. InvalidTransition before the last day is over, without fixed criteria or without
    proposals.

    A scenario without a last day is closed by this: from now on nobody can hand in.
    """
    if scenario.deadline_on is None and scenario.status is ScenarioStatus.PUBLISHED:
        scenario.close(now)
    if not is_opened(scenario, on):
        raise InvalidTransition(N_("征集还没有截止，截止后才能开始评审。"))
    rubric = find_locked(session, scenario.key)
    if rubric is None:
        raise InvalidTransition(N_("这个场景还没有公布评分标准，先发变更说明公布。"))
    if not standing_bids(session, scenario.key):
        raise InvalidTransition(N_("没有可以评审的方案。"))
    if find_jury(session, scenario.key) is not None:
        raise InvalidTransition(N_("评审已经开始。"))
    jury = Jury(
        created_at=now,
        scenario_id=scenario.key,
        rubric_id=rubric.key,
        begun_by_user_id=by.key,
        answer_due_on=answer_due_on,
        is_demo=scenario.is_demo,
    )
    session.add(jury)
    session.flush()
    return jury


def appoint_juror(session: Session, jury: Jury, person: User, *, now: datetime) -> Juror:
    """Make somebody a member. InvalidTransition once all marks are in, for one who is no evaluator, or twice."""
    if jury.scored_at is not None:
        raise InvalidTransition(N_("打分已经收齐，不能再加评委。"))
    if not person.has_role(Role.EVALUATOR) or person.locked_at is not None:
        raise InvalidTransition(N_("这个人没有评审角色，不能当评委。"))
    if any(row.user_id == person.key for row in jury.jurors):
        raise InvalidTransition(N_("这个人已经在评审组里。"))
    if len(jury.jurors) >= MAX_JURORS:
        raise InvalidTransition(N_("评审组最多 15 人。"))
    row = Juror(created_at=now, jury_id=jury.key, user_id=person.key)
    session.add(row)
    session.flush()
    session.refresh(jury, ["jurors"])
    return row


def dismiss_juror(session: Session, juror: Juror) -> None:
    """Take back an appointment. InvalidTransition once the member has answered it."""
    if juror.status is not JurorStatus.APPOINTED:
        raise InvalidTransition(N_("评委已经答复，不能再撤下。"))
    jury = juror.jury
    session.delete(juror)
    session.flush()
    session.refresh(jury, ["jurors"])


def declare(juror: Juror, now: datetime) -> None:
    """The member says to have no conflict, and may read. InvalidTransition where it was answered already."""
    if juror.status is not JurorStatus.APPOINTED or juror.jury.scored_at is not None:
        raise InvalidTransition(N_("已经答复过利益冲突。"))
    juror.declared_at = now


def recuse(session: Session, juror: Juror, *, reason: str, now: datetime) -> None:
    """The member steps aside; marks given so far do not count. InvalidTransition once handed in."""
    if juror.status not in (JurorStatus.APPOINTED, JurorStatus.SCORING) or juror.jury.scored_at is not None:
        raise InvalidTransition(N_("已经交分或已经回避。"))
    juror.declared_at, juror.recused_at, juror.recusal_reason = None, now, reason
    session.add(juror)
    _open_if_complete(session, juror.jury, now)


def give_mark(  # noqa: PLR0913  (a mark: whose, of what, by what, how much, why)
    session: Session, juror: Juror, bid: Bid, position: int, *, score: int, comment: str, now: datetime
) -> Mark:
    """Keep a mark. InvalidTransition unless the member is scoring; NotFound for what is not judged here."""
    if juror.status is not JurorStatus.SCORING:
        raise InvalidTransition(N_("先申报利益冲突；交分以后不能再改。"))
    if not 1 <= position <= len(juror.jury.rubric.criteria) or not _is_judged(session, juror.jury, bid):
        raise NotFound(N_("没有这份方案。"))
    row = find_mark(session, juror.key, bid.key, position)
    row = row or Mark(created_at=now, juror_id=juror.key, bid_id=bid.key, position=position, score=score)
    row.score, row.comment = score, comment
    session.add(row)
    session.flush()
    return row


def _is_judged(session: Session, jury: Jury, bid: Bid) -> bool:
    return any(row.key == bid.key for row in standing_bids(session, jury.scenario_id))


def missing_marks(session: Session, juror: Juror) -> dict[int, int]:
    """How many criteria of each standing proposal the member has not scored; those done are left out."""
    n_criteria = len(juror.jury.rubric.criteria)
    given = [row.bid_id for row in juror_marks(session, juror.key)]
    bids = standing_bids(session, juror.jury.scenario_id)
    missing = {bid.key: n_criteria - given.count(bid.key) for bid in bids}
    return {bid_id: n for bid_id, n in missing.items() if n}


def hand_in(session: Session, juror: Juror, now: datetime) -> None:
    """The member is done. InvalidTransition while a mark is missing. The last one opens all marks to the panel."""
    if juror.status is not JurorStatus.SCORING:
        raise InvalidTransition(N_("已经交分或已经回避。"))
    if missing_marks(session, juror):
        raise InvalidTransition(N_("还有没打的分，打完才能交。"))
    juror.handed_in_at = now
    session.add(juror)
    _open_if_complete(session, juror.jury, now)


def _open_if_complete(session: Session, jury: Jury, now: datetime) -> None:
    session.flush()
    # Of two who finish at the same moment, the second waits here and then sees the first.
    session.refresh(jury, with_for_update=True)
    session.refresh(jury, ["jurors"])
    if jury.scored_at is None and jury.is_complete:
        jury.scored_at = now
        session.add(jury)
        session.flush()


def revise_mark(session: Session, mark: Mark, *, score: int, reason: str, now: datetime) -> None:
    """Change a mark after reading the others', with the reason; the first mark stays on record.

    InvalidTransition outside the consensus step, or where the score is what it was.
    """
    if mark.juror.jury.status is not JuryStatus.CONSENSUS or mark.juror.recused_at is not None:
        raise InvalidTransition(N_("只有合议时可以改分。"))
    if score == mark.final:
        raise InvalidTransition(N_("分数没有变，不用改。"))
    mark.revised_score, mark.revised_reason, mark.revised_at = score, reason, now
    session.add(mark)
    session.flush()


def find_mark(session: Session, juror_id: int, bid_id: int, position: int) -> Mark | None:
    """The mark of a member, or None."""
    statement = select(Mark).where(
        col(Mark.juror_id) == juror_id, col(Mark.bid_id) == bid_id, col(Mark.position) == position
    )
    return session.exec(statement).first()


def juror_marks(session: Session, juror_id: int) -> list[Mark]:
    """Every mark of a member, by proposal and criterion."""
    statement = select(Mark).where(col(Mark.juror_id) == juror_id)
    return list(session.exec(statement.order_by(col(Mark.bid_id), col(Mark.position))))


def jury_marks(session: Session, jury: Jury) -> list[Mark]:
    """The marks that count: of members who did not step aside, for proposals that were not withdrawn."""
    members: Collection[int] = [row.key for row in jury.acting]
    bids: Collection[int] = [row.key for row in standing_bids(session, jury.scenario_id)]
    statement = select(Mark).where(col(Mark.juror_id).in_(members), col(Mark.bid_id).in_(bids))
    return list(session.exec(statement.order_by(col(Mark.bid_id), col(Mark.position), col(Mark.juror_id))))


def find_jury(session: Session, scenario_id: int) -> Jury | None:
    """The panel of a scenario, or None."""
    return session.exec(select(Jury).where(col(Jury.scenario_id) == scenario_id)).first()


def juries_of(session: Session, scenario_ids: Collection[int]) -> dict[int, Jury]:
    """The panels of these scenarios, by scenario; those without one are left out."""
    rows = session.exec(select(Jury).where(col(Jury.scenario_id).in_(scenario_ids)))
    return {row.scenario_id: row for row in rows}


def get_jury(session: Session, jury_id: int, *, agency_id: int) -> Jury:
    """The panel of a scenario of this agency; NotFound otherwise."""
    row = find_row(session, Jury, jury_id)
    if row is None or row.scenario.organisation_id != agency_id:
        raise NotFound(N_("没有这个评审组。"))
    return row


def get_juror(session: Session, jury_id: int, *, user_id: int) -> Juror:
    """The seat of a person on a panel; NotFound where they have none."""
    statement = select(Juror).where(col(Juror.jury_id) == jury_id, col(Juror.user_id) == user_id)
    row = session.exec(statement).first()
    if row is None:
        raise NotFound(N_("没有这个评审组。"))
    return row


def seats_of(session: Session, user_id: int) -> list[Juror]:
    """Every seat of a person, newest first, with panel and scenario."""
    statement = (
        select(Juror)
        .join(Jury, col(Jury.id) == col(Juror.jury_id))
        .where(col(Juror.user_id) == user_id)
        .options(contains_eager(Juror.jury).joinedload(Jury.scenario))  # type: ignore[arg-type]
    )
    return list(session.exec(statement.order_by(col(Juror.id).desc())))
