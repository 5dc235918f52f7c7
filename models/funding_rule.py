"""Funding rules (政策条款) as data: dated rows with a source and a grade, read as of a day.

A rule changes by a new version, never in place: records point at the version they were made with. What a
rule's conditions may ask is in models/funding_condition.py; reading rules from a file is in
models/funding_rule_file.py.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, PositiveInt
from pydantic import Field as PydanticField
from sqlalchemy import event
from sqlmodel import Field, Session, col, select

from models.base import Table, enum_column, moment
from models.errors import InvalidTransition, NotFound
from models.funding_condition import Condition, SourceGrade

EXPIRING_DAYS = 90
"""A rule that ends within so many days is `expiring`: one quarter, the rhythm in which batches are
published."""

MUTABLE = frozenset({"confirmed_at", "checked_on"})
"""What may change on a stored version: that somebody confirmed it, and when its source was last looked at."""


class FundingKind(StrEnum):
    """资助 grant, 补贴 subsidy, 券 voucher, 奖励 award, 贷款 loan; info points elsewhere, without terms."""

    GRANT = "grant"
    SUBSIDY = "subsidy"
    VOUCHER = "voucher"
    AWARD = "award"
    LOAN = "loan"
    INFO = "info"


class FundingTarget(StrEnum):
    """What the money is for: one pilot, a firm's costs, or a person."""

    PILOT = "pilot"
    FIRM = "firm"
    PERSON = "person"


class RuleStatus(StrEnum):
    """Derived as of a day: draft before it applies, in_force, expiring in its last quarter, expired."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    EXPIRING = "expiring"
    EXPIRED = "expired"


class AlternativeRate(BaseModel):
    """Another share that applies when its condition is met, e.g. more for a firm in its first year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate_bp: PositiveInt = PydanticField(le=10_000)
    condition: Condition


class FundingRule(Table, table=True):
    """One version of one programme's terms. Loaded from a file or entered by an operator; only confirmed
    afterwards.
    """

    __tablename__ = "funding_rule"
    __table_args__ = (
        sa.UniqueConstraint("programme", "version"),
        sa.CheckConstraint("version > 0", name="version_from_one"),
        sa.CheckConstraint("cap_fen IS NULL OR cap_fen > 0", name="cap_positive"),
        sa.CheckConstraint("yearly_cap_fen IS NULL OR yearly_cap_fen > 0", name="yearly_cap_positive"),
        sa.CheckConstraint("pool_fen IS NULL OR pool_fen > 0", name="pool_positive"),
        sa.CheckConstraint("rate_bp IS NULL OR (rate_bp > 0 AND rate_bp <= 10000)", name="rate_is_a_share"),
        sa.CheckConstraint("rate_bp IS NULL OR spend_purpose IS NOT NULL", name="rate_of_something"),
        sa.CheckConstraint(
            "window_from_on IS NULL OR window_until_on IS NULL OR window_from_on <= window_until_on",
            name="window_in_order",
        ),
        sa.CheckConstraint(
            "valid_from_on IS NULL OR valid_until_on IS NULL OR valid_from_on <= valid_until_on",
            name="validity_in_order",
        ),
    )

    programme: str = Field(max_length=60, description="Stable code; one programme, many versions.")
    version: int = Field(description="1, 2, ...; the later one wins where two are in force.")
    title: str = Field(max_length=200)
    title_en: str = Field(max_length=200)
    issuer: str = Field(max_length=120, description="The office that issued it.")
    issuer_en: str = Field(default="", max_length=120)
    document_number: str = Field(default="", max_length=80, description="文号; empty when none was found.")
    clause: str = Field(sa_type=sa.Text, description="Our short restatement, with the clause it restates.")
    clause_en: str = Field(default="", sa_type=sa.Text)
    kind: FundingKind = Field(sa_type=enum_column(FundingKind))
    target: FundingTarget = Field(sa_type=enum_column(FundingTarget))
    cap_fen: int | None = Field(default=None, sa_type=sa.BigInteger, description="At most, per claim.")
    rate_bp: int | None = Field(default=None, description="At most this share, in 1/10000, of the spend.")
    spend_purpose: str | None = Field(
        default=None,
        max_length=40,
        description="What the share is taken of: compute, model, corpus, investment.",
    )
    alternative_rates: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    tiers: list[int] = Field(default_factory=list, sa_type=sa.JSON, description="Fixed sums in fen.")
    conditions: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    stacking_group: str | None = Field(
        default=None, max_length=60, description="One project gets money from one programme of a group."
    )
    yearly_cap_fen: int | None = Field(
        default=None, sa_type=sa.BigInteger, description="At most, per applicant and year."
    )
    window_from_on: date | None = Field(default=None, description="First day of the application window.")
    window_until_on: date | None = Field(default=None, description="Last day of it, included.")
    valid_from_on: date | None = Field(default=None, description="First day in force; None for a draft.")
    valid_until_on: date | None = Field(
        default=None, description="Last day in force, included; None: no end known."
    )
    source: str = Field(
        sa_type=sa.Text, description="The document the row restates, and what was read of it."
    )
    source_grade: SourceGrade = Field(sa_type=enum_column(SourceGrade))
    checked_on: date = Field(description="When the source was last looked at.")
    confirmed_at: datetime | None = moment(description="When an officer confirmed it against the text.")
    pool_fen: int | None = Field(
        default=None,
        sa_type=sa.BigInteger,
        description="What all applicants share in a year; None: not known.",
    )
    replaces_earlier: bool = Field(
        default=False,
        sa_column_kwargs={"server_default": sa.false()},
        description="From its first day on the versions before it no longer apply.",
    )

    def status_on(self, on: date) -> RuleStatus:
        """draft, in_force, expiring (90 days or fewer left) or expired; the last day itself still counts."""
        if self.valid_from_on is None or on < self.valid_from_on:
            return RuleStatus.DRAFT
        if self.valid_until_on is None:
            return RuleStatus.IN_FORCE
        days_left = (self.valid_until_on - on).days
        if days_left < 0:
            return RuleStatus.EXPIRED
        return RuleStatus.EXPIRING if days_left <= EXPIRING_DAYS else RuleStatus.IN_FORCE

    def is_in_force(self, on: date) -> bool:
        """Whether it applies on that day."""
        return self.status_on(on) in (RuleStatus.IN_FORCE, RuleStatus.EXPIRING)

    @property
    def unverified(self) -> bool:
        """Whether to show 待核: nobody confirmed the row, and it or a condition was not read on an official
        page.
        """
        if self.confirmed_at is not None:
            return False
        conditions = (*self.typed_conditions, *(item.condition for item in self.typed_alternatives))
        return self.source_grade is not SourceGrade.A or any(self.doubts(item) for item in conditions)

    def doubts(self, condition: Condition) -> bool:
        """Whether to show 待核 beside one condition; confirming the row settles all of them."""
        read = condition.source_grade is SourceGrade.A and not condition.unverified
        return self.confirmed_at is None and not read

    @property
    def typed_conditions(self) -> tuple[Condition, ...]:
        """The conditions, validated. Raises pydantic.ValidationError when the stored JSON is not a
        condition.
        """
        return _conditions(json.dumps(self.conditions))

    @property
    def typed_alternatives(self) -> tuple[AlternativeRate, ...]:
        """The alternative shares, validated in the same way."""
        return _alternatives(json.dumps(self.alternative_rates))

    def condition(self, code: str) -> Condition:
        """The condition with this code, alternatives' included. Raises NotFound."""
        conditions = (*self.typed_conditions, *(item.condition for item in self.typed_alternatives))
        for condition in conditions:
            if condition.code == code:
                return condition
        raise NotFound("这条政策里没有这个条件。")

    def confirm(self, now: datetime) -> None:
        """An officer compared the row and each condition with the official text. Raises InvalidTransition
        the second time.
        """
        if self.confirmed_at is not None:
            raise InvalidTransition("这条政策已经核对过。")
        self.confirmed_at = now


# A rule is asked about thousands of pilots: its conditions are read once. They are frozen, so all may share them.
@lru_cache(maxsize=1024)
def _conditions(stored: str) -> tuple[Condition, ...]:
    return tuple(Condition.model_validate(item) for item in json.loads(stored))


@lru_cache(maxsize=1024)
def _alternatives(stored: str) -> tuple[AlternativeRate, ...]:
    return tuple(AlternativeRate.model_validate(item) for item in json.loads(stored))


@event.listens_for(FundingRule, "before_update")
def _refuse_change(_mapper: Any, _connection: Any, rule: FundingRule) -> None:
    """Keep a stored version as it is. Raises InvalidTransition when anything but MUTABLE was changed."""
    state = sa.inspect(rule)
    changed = {attribute.key for attribute in state.attrs if attribute.history.has_changes()}
    if changed - MUTABLE:
        raise InvalidTransition("已保存的政策版本不能改，请新增一个版本。")


def find_rule(session: Session, programme: str, version: int) -> FundingRule | None:
    """This version of this programme, or None."""
    statement = select(FundingRule).where(
        col(FundingRule.programme) == programme, col(FundingRule.version) == version
    )
    return session.exec(statement).first()


def get_rule(session: Session, rule_id: int) -> FundingRule:
    """The rule; NotFound if there is none."""
    row = session.get(FundingRule, rule_id)
    if row is None:
        raise NotFound("没有这条政策。")
    return row


def rule_as_of(session: Session, programme: str, on: date) -> FundingRule | None:
    """The version that governs the programme on that day; when all have expired, the one that did so last.

    None before the first version begins. Where two are in force, the one that began later wins, then the
    higher version.
    """
    statement = select(FundingRule).where(col(FundingRule.programme) == programme, _begun(on))
    return _governing(session.exec(statement).all(), on)


def rules_in_force(session: Session, on: date, *, target: FundingTarget | None = None) -> list[FundingRule]:
    """One governing version per programme in force on that day, by programme; `target` narrows to pilots,
    firms, people.
    """
    statement = select(FundingRule).where(_begun(on)).order_by(col(FundingRule.programme))
    versions = groupby(session.exec(statement), key=lambda rule: rule.programme)
    governing = (_governing(list(group), on) for _, group in versions)
    return [
        rule
        for rule in governing
        if rule is not None and rule.is_in_force(on) and target in (None, rule.target)
    ]


def _begun(on: date) -> Any:
    """The SQL condition "has come into force by that day"; drafts have no such day."""
    return sa.and_(col(FundingRule.valid_from_on).is_not(None), col(FundingRule.valid_from_on) <= on)


def _governing(versions: Sequence[FundingRule], on: date) -> FundingRule | None:
    """Of the versions that have begun, the one that governs; what a later one replaced does not come back after it."""
    floor = max((rule.version for rule in versions if rule.replaces_earlier), default=0)
    return max(
        (rule for rule in versions if rule.version >= floor),
        key=lambda rule: _precedence(rule, on),
        default=None,
    )


def _precedence(rule: FundingRule, on: date) -> tuple[bool, date, date, int]:
    # Among expired versions the last to end governs; among those in force only the beginning matters.
    in_force = rule.is_in_force(on)
    ends_on = date.max if in_force else (rule.valid_until_on or date.max)
    return in_force, ends_on, rule.valid_from_on or date.min, rule.version


def list_rules(session: Session) -> list[FundingRule]:
    """Every stored version, by programme and version."""
    statement = select(FundingRule).order_by(col(FundingRule.programme), col(FundingRule.version))
    return list(session.exec(statement))
