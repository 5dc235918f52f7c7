"""Changes of rules (政策变更): what one officer wrote and another approves becomes a new version of a programme.

Two people for every change: who wrote it may edit, submit and withdraw it, and never approves it. What is approved is
what the second one read: the approval names the hash of the terms, and a change that moved meanwhile is refused.
"""

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, find_row, moment
from models.errors import InvalidInput, InvalidTransition, NotAllowed, NotFound
from models.funding_rule import FundingRule
from models.funding_rule_file import RuleRow, TermsDisagree
from models.i18n import N_
from models.user import User

NEW_VERSION = 1
"""Version of terms that are not approved yet; the true one is given with the approval."""

DISAGREEMENTS = {
    "code_twice": ("conditions", N_("有两个条件用了同一个代号。")),
    "stacking_group": ("stacking_group", N_("条件里有“不重复享受”，要写同类组。")),
    "yearly_cap_fen": ("yearly_cap_fen", N_("条件里有“年度上限”，要写金额。")),
    "spend_purpose": ("spend_purpose", N_("写了比例，要选按什么支出算。")),
    "alternative_rates": ("rate_bp", N_("有条件改变比例，要先写通常的比例。")),
    "rate_and_tiers": ("tiers", N_("比例和档次只能写一种。")),
    "validity": ("valid_until_on", N_("有效期的末日早于首日。")),
    "window": ("window_until_on", N_("受理的末日早于首日。")),
}
"""How terms may contradict each other, by the codes of models/funding_rule_file.py: the field, and what is said."""


class ChangeStatus(StrEnum):
    """Derived: where a change stands."""

    WRITING = "writing"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class RuleChange(Table, table=True):
    """The terms of one programme as somebody would have them. `rule_id` names the version it became."""

    __tablename__ = "funding_rule_change"
    __table_args__ = (
        sa.CheckConstraint("revision > 0", name="revision_from_one"),
        sa.CheckConstraint(
            "approved_by_user_id IS NULL OR approved_by_user_id <> written_by_user_id", name="two_people"
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (rule_id IS NULL) AND (approved_at IS NULL) = (approved_by_user_id IS NULL)",
            name="approved_by_somebody_as_a_version",
        ),
        sa.CheckConstraint("approved_at IS NULL OR submitted_at IS NOT NULL", name="approved_was_submitted"),
        sa.CheckConstraint("approved_at IS NULL OR withdrawn_at IS NULL", name="approved_or_withdrawn"),
    )

    programme: str = Field(max_length=60, index=True)
    based_on_id: int | None = Field(
        default=None, foreign_key="funding_rule.id", description="The version it was written from, if any."
    )
    terms: dict[str, Any] = Field(sa_type=sa.JSON, description="The columns of a rule, as in a rule file.")
    why: str = Field(default="", max_length=500, description="What moved the office, for who approves.")
    text_compared: bool = Field(
        default=False, description="Whether the writer compared each clause with the official text."
    )
    revision: int = Field(default=1)
    written_by_user_id: int = Field(foreign_key="user.id", index=True)
    submitted_at: datetime | None = moment()
    returned_at: datetime | None = moment()
    return_note: str = Field(default="", max_length=500)
    withdrawn_at: datetime | None = moment()
    approved_at: datetime | None = moment()
    approved_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    rule_id: int | None = Field(default=None, foreign_key="funding_rule.id", unique=True)

    based_on: FundingRule | None = Relationship(
        sa_relationship_kwargs={"foreign_keys": "RuleChange.based_on_id"}
    )

    @property
    def status(self) -> ChangeStatus:
        """Where it stands, from the latest fact."""
        if self.approved_at is not None:
            return ChangeStatus.APPROVED
        if self.withdrawn_at is not None:
            return ChangeStatus.WITHDRAWN
        return ChangeStatus.WRITING if self.submitted_at is None else ChangeStatus.SUBMITTED

    @property
    def terms_hash(self) -> str:
        """SHA-256 of what is to be approved: the terms, and whether they were compared with the text."""
        content = json.dumps([self.terms, self.text_compared], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def rule(self) -> FundingRule:
        """The version it would become, not saved. InvalidInput while the terms contradict each other."""
        row = check_terms(self.terms).make_rule()
        row.replaces_earlier = self.based_on_id is not None
        return row

    def write(self, terms: dict[str, Any], *, by: User) -> None:
        """Put other terms in their place, while it is being written. InvalidInput for terms that make no sense."""
        self.require(ChangeStatus.WRITING, N_("已经送审的变更不能再改，请先撤回。"))
        self.require_writer(by)
        self.terms = check_terms({**terms, "programme": self.programme}).model_dump(mode="json")

    def submit(self, now: datetime, *, by: User, why: str, text_compared: bool) -> None:
        """Hand it to a second officer, with the reason."""
        self.require(ChangeStatus.WRITING, N_("这份变更已经送审。"))
        self.require_writer(by)
        if not why.strip():
            raise InvalidInput("送审要写为什么改。", fields={"why": N_("要写为什么改。")})
        check_terms(self.terms)
        self.why, self.text_compared, self.submitted_at = why.strip(), text_compared, now

    def send_back(self, now: datetime, *, by: User, note: str) -> None:
        """The second officer wants it otherwise; the writer goes on with it."""
        self.require(ChangeStatus.SUBMITTED, N_("这份变更不在送审中。"))
        self.require_second(by)
        if not note.strip():
            raise InvalidInput("退回要写原因。", fields={"note": N_("要写原因。")})
        self.submitted_at, self.returned_at, self.return_note = None, now, note.strip()

    def withdraw(self, now: datetime, *, by: User) -> None:
        """The writer gives it up."""
        if self.status in (ChangeStatus.APPROVED, ChangeStatus.WITHDRAWN):
            raise InvalidTransition("这份变更已经结束。")
        self.require_writer(by)
        self.withdrawn_at = now

    def require_writer(self, by: User) -> None:
        """NotAllowed for everybody else."""
        if by.key != self.written_by_user_id:
            raise NotAllowed("只有起草人能改这份变更。")

    def require_second(self, by: User) -> None:
        """NotAllowed for the writer."""
        if by.key == self.written_by_user_id:
            raise NotAllowed("自己起草的变更要由另一位资金管理人员来审。")

    def require(self, status: ChangeStatus, message: str) -> None:
        """InvalidTransition with this message in any other state."""
        if self.status is not status:
            raise InvalidTransition(message)


def check_terms(terms: dict[str, Any]) -> RuleRow:
    """The terms, checked. InvalidInput with a sentence for each field that is wrong."""
    try:
        return RuleRow.model_validate({**terms, "version": NEW_VERSION})
    except ValidationError as err:
        fields: dict[str, str] = {}
        for problem in err.errors():
            cause = problem.get("ctx", {}).get("error")
            if isinstance(cause, TermsDisagree):
                fields |= dict(DISAGREEMENTS[code] for code in cause.codes)
            else:
                fields[str(problem["loc"][0])] = N_("这一项写得不对，请核对。")
        raise InvalidInput("政策条款有几处要改。", fields=fields) from err


def make_change(
    programme: str, *, by: User, based_on: FundingRule | None, terms: dict[str, Any]
) -> RuleChange:
    """A change being written, not yet saved. based_on: the version whose terms it begins with."""
    change = RuleChange(
        programme=programme,
        based_on_id=None if based_on is None else based_on.key,
        terms={},
        written_by_user_id=by.key,
    )
    change.write(terms, by=by)
    return change


def terms_of(rule: FundingRule) -> dict[str, Any]:
    """The terms of a stored version, as a change holds them."""
    names = set(RuleRow.model_fields)
    return {name: value for name, value in rule.model_dump(mode="json").items() if name in names}


def approve_change(
    session: Session, change: RuleChange, now: datetime, *, by: User, terms_hash: str
) -> FundingRule:
    """Make it the next version of its programme. terms_hash: of what the second officer read.

    NotAllowed for the writer; InvalidTransition when it is not submitted, moved meanwhile, or the programme did.
    """
    change.require(ChangeStatus.SUBMITTED, N_("这份变更不在送审中。"))
    change.require_second(by)
    if terms_hash != change.terms_hash:
        raise InvalidTransition("你看过之后这份变更又改了，请重新看一遍再批。")
    newest = newest_version(session, change.programme)
    if newest != (0 if change.based_on is None else change.based_on.version):
        raise InvalidTransition("起草之后这个项目已有新的版本，请退回，按最新版本重拟。")
    rule = change.rule()
    rule.version = newest + 1
    rule.confirmed_at = now if change.text_compared else None
    try:
        with session.begin_nested():
            session.add(rule)
    except IntegrityError as err:
        raise InvalidTransition("起草之后这个项目已有新的版本，请退回，按最新版本重拟。") from err
    change.approved_at, change.approved_by_user_id, change.rule_id = now, by.key, rule.key
    return rule


def newest_version(session: Session, programme: str) -> int:
    """The highest version of a programme, 0 when there is none."""
    statement = select(sa.func.max(col(FundingRule.version))).where(col(FundingRule.programme) == programme)
    return session.exec(statement).one() or 0


def get_change(session: Session, change_id: int) -> RuleChange:
    """The change; NotFound if there is none."""
    row = find_row(session, RuleChange, change_id)
    if row is None:
        raise NotFound("没有这份政策变更。")
    return row


def open_changes(session: Session) -> list[RuleChange]:
    """Changes that are being written or wait for approval, oldest first."""
    statement = select(RuleChange).where(
        col(RuleChange.approved_at).is_(None), col(RuleChange.withdrawn_at).is_(None)
    )
    return list(session.exec(statement.order_by(col(RuleChange.id))))
