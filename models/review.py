"""Review before publication: what was handed in, what the reviewer answered to which field, and what changed since.

Whether a scenario must pass review is a fact of its district. A round is one hand-in and its answer; its content is
kept as it was sent, so that the next round can be compared with it whatever became of the draft meanwhile.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, find_row, moment
from models.batch import Batch
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_
from models.revision import claim_revision
from models.scenario import Scenario, ScenarioStatus
from models.user import Role, User, role_holders

REVIEWS = (Role.REVIEWER, Role.OPERATOR, Role.ADMIN)
"""Who may review, in the districts of the role."""

REVIEWED = (
    "title", "kind", "domain", "text", "volume_note", "metric", "baseline", "target", "acceptance", "requirements",
    "data_note", "data_access", "deployment", "security_note", "site", "budget_min_fen", "budget_max_fen", "opens_on",
    "deadline_on", "pilot_from_on", "pilot_to_on", "procurement_note", "contact_name", "contact_email",
)  # fmt: skip
"""What is reviewed, in the order of the form; requirements are one field."""

MAX_REMARK = 1000


class ReviewRound(Table, table=True):
    """One hand-in of a scenario. Made when it is submitted (`created_at`), answered once, never changed afterwards."""

    __tablename__ = "review_round"
    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "serial"),
        sa.CheckConstraint("returned_at IS NULL OR approved_at IS NULL", name="one_answer"),
    )

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    serial: int = Field(description="From 1, by scenario.")
    content: dict[str, Any] = Field(sa_type=sa.JSON, description="Values by field of REVIEWED, as handed in.")
    submitted_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    decided_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    returned_at: datetime | None = moment()
    approved_at: datetime | None = moment()
    note: str = Field(default="", sa_type=sa.Text, description="The reviewer's words on the whole.")

    scenario: Scenario = Relationship()
    remarks: list["ReviewRemark"] = Relationship(
        back_populates="round", sa_relationship_kwargs={"order_by": "ReviewRemark.id"}
    )

    @property
    def by_field(self) -> dict[str, str]:
        """What the reviewer said to each field."""
        return {remark.field: remark.text for remark in self.remarks}


class ReviewRemark(Table, table=True):
    """What a reviewer wants changed in one field, and why. Written with the return, never changed."""

    __tablename__ = "review_remark"
    __table_args__ = (sa.UniqueConstraint("round_id", "field"),)

    round_id: int = Field(foreign_key="review_round.id", index=True)
    field: str = Field(max_length=40, description="A name of REVIEWED.")
    text: str = Field(sa_type=sa.Text)

    round: ReviewRound = Relationship(back_populates="remarks")


def needs_review(scenario: Scenario) -> bool:
    """Whether it may be published only after review: its district says so, or that of its unit; a text that names
    another district, or none, does not escape its own.
    """
    places = (scenario.district, scenario.organisation.district)
    return any(place is not None and place.reviews_scenarios for place in places)


def content_of(scenario: Scenario) -> dict[str, Any]:
    """What is reviewed, as JSON holds it; requirements as a list of {text, must}."""
    values = {name: _plain(getattr(scenario, name)) for name in REVIEWED if name != "requirements"}
    lines = [{"text": row.text, "must": row.must} for row in scenario.requirements]
    return {name: lines if name == "requirements" else values[name] for name in REVIEWED}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, list) else value


def submit_for_review(
    session: Session, draft: Scenario, *, by: User, revision: int, now: datetime
) -> ReviewRound:
    """Hand a draft or a returned text to review, as it stood at `revision`.

    InvalidTransition where no review is asked for, where it is in review already, or where the text has moved on.
    """
    if not needs_review(draft):
        raise InvalidTransition(N_("这里不需要审核，预览后可以直接发布。"))
    draft.submit(now)
    claim_revision(session, draft, revision)
    draft.revision = revision + 1
    rounds = list_rounds(session, draft.key)
    row = ReviewRound(
        created_at=now,
        scenario_id=draft.key,
        serial=len(rounds) + 1,
        content=content_of(draft),
        submitted_by_user_id=by.key,
    )
    session.add(row)
    session.flush()
    return row


def return_round(  # noqa: PLR0913  (an answer: to what, whose, what and when)
    session: Session, row: ReviewRound, *, by: User, note: str, remarks: Mapping[str, str], now: datetime
) -> None:
    """Send a text back with what to change. InvalidInput when nothing is said; InvalidTransition if it was answered."""
    said = {name: remarks[name] for name in REVIEWED if remarks.get(name)}
    if not said and not note:
        raise InvalidInput(
            N_("有几处要改。"), fields={"note": N_("写明要改什么，至少一处；对方只看得到你写的。")}
        )
    row.scenario.return_for_changes(now)
    _answer(session, row, by=by, note=note, returned_at=now)
    row.remarks = [ReviewRemark(round_id=row.key, field=name, text=text) for name, text in said.items()]
    session.flush()


def approve_round(  # noqa: PLR0913  (an answer: to what, whose, what and when)
    session: Session, row: ReviewRound, *, by: User, batch: Batch | None, note: str, now: datetime
) -> None:
    """Let a text wait for its batch, or for one to be found. InvalidTransition if it was answered meanwhile."""
    if batch is not None:
        batch.refuse_unless_fitting(row.scenario)
    if changed_fields(row.content, content_of(row.scenario)):
        raise InvalidTransition(N_("这份文字在送审以后变了，和你看到的不一样，请退回给发布单位。"))
    row.scenario.approve(now)
    row.scenario.batch_id = None if batch is None else batch.key
    _answer(session, row, by=by, note=note, approved_at=now)


def reopen(session: Session, scenario: Scenario, *, by: User, note: str, now: datetime) -> ReviewRound:
    """Take an approval back while the scenario waits for its batch; its author goes on writing, and reads why.

    A round of its own, so that the approval stays on record. InvalidInput without a reason.
    """
    if not note:
        raise InvalidInput(N_("有几处要改。"), fields={"note": N_("写明为什么撤回，对方只看得到你写的。")})
    scenario.reopen(now)
    row = ReviewRound(
        created_at=now,
        scenario_id=scenario.key,
        serial=len(list_rounds(session, scenario.key)) + 1,
        content=content_of(scenario),
        decided_by_user_id=by.key,
        returned_at=now,
        note=note,
    )
    session.add(row)
    session.flush()
    return row


def _answer(session: Session, row: ReviewRound, *, by: User, note: str, **moments: datetime) -> None:
    """Take the one answer a round has; of two reviewers at once, the database lets one have it."""
    session.flush()
    taken = session.execute(
        sa.update(ReviewRound)
        .where(
            col(ReviewRound.id) == row.key,
            col(ReviewRound.returned_at).is_(None),
            col(ReviewRound.approved_at).is_(None),
        )
        .values(decided_by_user_id=by.key, note=note, **moments)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise InvalidTransition(N_("另一位审核人刚刚答复了，请刷新页面。"))
    session.refresh(row)


def list_rounds(session: Session, scenario_id: int) -> list[ReviewRound]:
    """Every hand-in of a scenario, oldest first."""
    statement = select(ReviewRound).where(col(ReviewRound.scenario_id) == scenario_id)
    return list(session.exec(statement.order_by(col(ReviewRound.serial))))


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields of REVIEWED whose content differs, in order of the form."""
    return [name for name in REVIEWED if before.get(name) != after.get(name)]


def open_rounds(session: Session, reader: User) -> list[ReviewRound]:
    """What waits for review in the districts of the reader's role, oldest first."""
    statement = (
        select(ReviewRound)
        .join(Scenario, col(Scenario.id) == col(ReviewRound.scenario_id))
        .where(
            col(ReviewRound.returned_at).is_(None),
            col(ReviewRound.approved_at).is_(None),
            col(Scenario.withdrawn_at).is_(None),
        )
        .order_by(col(ReviewRound.created_at), col(ReviewRound.id))
        .options(contains_eager(ReviewRound.scenario).joinedload(Scenario.organisation))  # type: ignore[arg-type]
    )
    here = reader.districts(*REVIEWS)
    if here is not None:
        statement = statement.where(col(Scenario.district_id).in_(here))
    return list(session.exec(statement))


def may_review(reader: User, scenario: Scenario) -> bool:
    """Whether one of the reader's roles reviews for the whole city or for this scenario's district."""
    here = reader.districts(*REVIEWS)
    return here is None or scenario.district_id in here


def get_reviewed(session: Session, scenario_id: int, *, reader: User) -> tuple[Scenario, list[ReviewRound]]:
    """A scenario that was handed in, with its rounds. NotFound for one that never was, or of another district."""
    row = find_row(session, Scenario, scenario_id)
    rounds = [] if row is None else list_rounds(session, scenario_id)
    if row is None or not rounds or not may_review(reader, row):
        raise NotFound(N_("没有这份送审的场景，或者它不归你审。"))
    return row, rounds


def last_return(session: Session, scenario: Scenario) -> ReviewRound | None:
    """The round whose remarks its author is working on; None unless the scenario is returned."""
    if scenario.status is not ScenarioStatus.RETURNED:
        return None
    return next((row for row in reversed(list_rounds(session, scenario.key)) if row.returned_at), None)


def reviewers(session: Session, scenario: Scenario) -> list[User]:
    """Whom to tell of a hand-in: the reviewers of its district and of the city; where there are none, everybody else
    who may review it.
    """
    here = scenario.district_id
    return role_holders(session, Role.REVIEWER, district_id=here) or role_holders(
        session, *REVIEWS, district_id=here
    )
