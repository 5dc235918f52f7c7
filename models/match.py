"""Matches: what people did with a (scenario, firm) pair, and what the machine thinks of it.

Machines insert `Match` rows and append `MatchScore` rows; only people change a `Match`. So computing again can
never undo a decision: the rule is in the shape of the tables. Queries over both are in models/match_queries.py.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Field, Relationship, col

from models.base import Table, enum_column, moment
from models.capability import Capability
from models.errors import InvalidTransition
from models.i18n import N_
from models.organisation import Organisation
from models.scenario import Scenario


class Band(StrEnum):
    """What a reader sees of a score; never a number."""

    STRONG = "strong"
    POSSIBLE = "possible"
    WEAK = "weak"
    NOT_ENOUGH_INFORMATION = "not_enough_information"


class MatchStatus(StrEnum):
    """Derived: where the pair stands between its two sides."""

    SUGGESTED = "suggested"
    INVITED = "invited"
    INTERESTED = "interested"
    INTRODUCED = "introduced"
    DECLINED = "declined"
    DISMISSED = "dismissed"


class DeclineReason(StrEnum):
    """Why an agency says no; the firm is told."""

    NO_CAPACITY = "no_capacity"
    DEPLOYMENT = "deployment"
    EVIDENCE_MISSING = "evidence_missing"
    OUT_OF_SCOPE = "out_of_scope"
    PRICE = "price"
    OTHER_CHOSEN = "other_chosen"
    OTHER = "other"


FIT_DECLINES = frozenset(
    {DeclineReason.DEPLOYMENT, DeclineReason.EVIDENCE_MISSING, DeclineReason.OUT_OF_SCOPE}
)
"""What says that the firm does not fit. Price, a full order book, another firm chosen, "other" say nothing of fit."""


class DismissReason(StrEnum):
    """Why a firm finds a scenario not relevant."""

    NOT_MY_FIELD = "not_my_field"
    NO_CAPACITY = "no_capacity"
    BUDGET = "budget"
    DEADLINE = "deadline"
    DATA_ACCESS = "data_access"
    OTHER = "other"


FIT_DISMISSALS = frozenset({DismissReason.NOT_MY_FIELD})
"""What says that the scenario does not fit the firm; the other reasons are about time, money and data."""


class Match(Table, table=True):
    """A scenario and a firm that may fit. Inserted by the machine or by a person; changed only by people."""

    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "organisation_id"),
        sa.CheckConstraint("declined_at IS NULL OR decline_reason IS NOT NULL", name="decline_has_reason"),
        sa.CheckConstraint("dismissed_at IS NULL OR dismiss_reason IS NOT NULL", name="dismiss_has_reason"),
        sa.CheckConstraint(
            "introduced_at IS NULL OR (invited_at IS NOT NULL AND interested_at IS NOT NULL)",
            name="introduction_is_mutual",
        ),
    )

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    saved_at: datetime | None = moment(description="Kept for later by the firm.")
    invited_at: datetime | None = moment(description="The agency wants to talk.")
    declined_at: datetime | None = moment(description="The agency said no.")
    decline_reason: DeclineReason | None = Field(default=None, sa_type=enum_column(DeclineReason))
    decline_note: str = Field(default="", max_length=1000)
    interested_at: datetime | None = moment(description="The firm wants to talk.")
    interest_note: str = Field(default="", sa_type=sa.Text, description="How the firm would do it.")
    interest_start: str = Field(default="", max_length=200, description="When it could start.")
    interest_question: str = Field(default="", max_length=1000, description="What it needs to know first.")
    dismissed_at: datetime | None = moment(description="The firm finds it not relevant.")
    dismiss_reason: DismissReason | None = Field(default=None, sa_type=enum_column(DismissReason))
    introduced_at: datetime | None = moment(description="Both said yes; contacts are shown to both.")
    hidden_at: datetime | None = moment(
        description="The firm put it out of its own sight; the agency does not see it."
    )
    hidden_until_on: date | None = Field(
        default=None, description="First day it is in sight again; None: for good."
    )

    scenario: Scenario = Relationship()
    organisation: Organisation = Relationship()

    @property
    def status(self) -> MatchStatus:
        """Where the pair stands; a refusal outranks earlier wishes, an introduction outranks all."""
        if self.introduced_at is not None:
            return MatchStatus.INTRODUCED
        if self.declined_at is not None:
            return MatchStatus.DECLINED
        if self.dismissed_at is not None:
            return MatchStatus.DISMISSED
        if self.invited_at is not None:
            return MatchStatus.INVITED
        return MatchStatus.SUGGESTED if self.interested_at is None else MatchStatus.INTERESTED

    @property
    def is_touched(self) -> bool:
        """Whether any person has acted on it; such pairs keep being scored whatever their rank."""
        acts = (self.saved_at, self.invited_at, self.declined_at, self.interested_at, self.dismissed_at)
        return any(at is not None for at in acts)

    def invite(self, now: datetime) -> None:
        """The agency asks the firm; introduces both if the firm is interested already."""
        self._refuse_if(MatchStatus.INTRODUCED, N_("双方已经对接，不用再邀请。"))
        self._refuse_if(MatchStatus.DECLINED, N_("已经谢绝这家企业。先撤销谢绝，再邀请。"))
        self._refuse_if(MatchStatus.DISMISSED, N_("对方已表示不合适，不能邀请。"))
        if self.invited_at is not None:
            raise InvalidTransition("已经邀请过这家企业。")
        self.invited_at = now
        self._introduce_if_mutual(now)

    def decline(self, now: datetime, *, reason: DeclineReason, note: str = "") -> None:
        """The agency says no, with a reason the firm will read."""
        self._refuse_if(MatchStatus.INTRODUCED, N_("双方已经对接，不能再谢绝。"))
        self._refuse_if(MatchStatus.DECLINED, N_("已经谢绝过这家企业。"))
        self.declined_at, self.decline_reason, self.decline_note = now, reason, note.strip()

    def undo_decline(self) -> None:
        """Take a no back; what was there before stands again."""
        if self.declined_at is None:
            raise InvalidTransition("没有可以撤销的谢绝。")
        self.declined_at, self.decline_reason, self.decline_note = None, None, ""

    def undo_invite(self) -> None:
        """Take an invitation back, while the firm has not answered."""
        if self.invited_at is None or self.introduced_at is not None:
            raise InvalidTransition("没有可以撤销的邀请。")
        self.invited_at = None

    def express_interest(self, now: datetime, *, note: str, start: str = "", question: str = "") -> None:
        """The firm wants to talk; introduces both if the agency invited already."""
        self._refuse_if(MatchStatus.INTRODUCED, N_("双方已经对接，不用再表达意向。"))
        self._refuse_if(MatchStatus.DECLINED, N_("对方已经谢绝，不能再表达意向。"))
        if self.interested_at is not None:
            raise InvalidTransition("已经表达过意向。")
        self.dismissed_at, self.dismiss_reason = None, None
        self.hidden_at, self.hidden_until_on = None, None
        self.interested_at, self.interest_note = now, note.strip()
        self.interest_start, self.interest_question = start.strip(), question.strip()
        self._introduce_if_mutual(now)

    def withdraw_interest(self) -> None:
        """The firm takes its wish back, before both are introduced."""
        if self.interested_at is None or self.introduced_at is not None:
            raise InvalidTransition("没有可以撤回的意向。")
        self.interested_at = None
        self.interest_note = self.interest_start = self.interest_question = ""

    def dismiss(self, now: datetime, *, reason: DismissReason) -> None:
        """The firm finds the scenario not relevant."""
        self._refuse_if(MatchStatus.INTRODUCED, N_("双方已经对接，不能标为不合适。"))
        if self.dismissed_at is not None or self.interested_at is not None:
            raise InvalidTransition("已经答复过这个场景。")
        self.dismissed_at, self.dismiss_reason = now, reason

    def undo_dismiss(self) -> None:
        """Take "not relevant" back."""
        if self.dismissed_at is None:
            raise InvalidTransition("没有可以撤销的答复。")
        self.dismissed_at, self.dismiss_reason = None, None

    def hide(self, now: datetime, *, until: date | None = None) -> None:
        """The firm puts it out of sight, until a day or for good. No answer: the agency is not told."""
        if self.introduced_at is not None or self.interested_at is not None or self.dismissed_at is not None:
            raise InvalidTransition("已经答复过这个场景。")
        self.hidden_at, self.hidden_until_on = now, until

    def unhide(self) -> None:
        """Bring it back into sight."""
        if self.hidden_at is None:
            raise InvalidTransition("这个场景没有收起。")
        self.hidden_at, self.hidden_until_on = None, None

    def is_hidden(self, on: date) -> bool:
        """Whether the firm does not want to see it that day; an invitation is always seen."""
        is_put_away = self.hidden_at is not None and self.invited_at is None
        return is_put_away and (self.hidden_until_on is None or on < self.hidden_until_on)

    def save_for_later(self, now: datetime) -> None:
        """The firm keeps it in sight."""
        self.saved_at = now

    def _introduce_if_mutual(self, now: datetime) -> None:
        if self.invited_at is not None and self.interested_at is not None:
            self.introduced_at = now

    def _refuse_if(self, status: MatchStatus, message: str) -> None:
        if self.status is status:
            raise InvalidTransition(message)


class MatchScore(Table, table=True):
    """What the machine thought of (scenario, capability) at one time. Append-only; the highest serial counts."""

    __tablename__ = "match_score"
    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "capability_id", "serial"),
        sa.CheckConstraint("score >= 0 AND score <= 1", name="score_in_unit_interval"),
        sa.CheckConstraint("serial > 0", name="serial_from_one"),
    )

    match_id: int = Field(foreign_key="match.id", index=True)
    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    capability_id: int = Field(foreign_key="capability.id", index=True)
    serial: int = Field(description="1 for the first view of this pair, then 2, ...")
    engine_version: str = Field(max_length=80, description="Version of the scoring code and its model.")
    index_version: str = Field(
        max_length=80, description="Version of the frozen statistics it was computed with."
    )
    inputs_hash: str = Field(max_length=64, description="Both texts, their facts, and the versions.")
    score: float = Field(description="In [0, 1]; for order only, never shown.")
    band: Band = Field(sa_type=enum_column(Band))
    coverage: list[dict[str, Any]] = Field(default=[], sa_type=sa.JSON)
    reasons: list[dict[str, Any]] = Field(default=[], sa_type=sa.JSON)
    gaps: list[dict[str, Any]] = Field(default=[], sa_type=sa.JSON)
    signals: dict[str, Any] = Field(default={}, sa_type=sa.JSON, description="Parts the score is made of.")
    weights_serial: int = Field(
        default=0,
        sa_column_kwargs={"server_default": "0"},
        description="Serial of the weighting the score was made with (models/weight_version.py); 0: the built-in one.",
    )

    match: Match = Relationship()
    capability: Capability = Relationship()


def touched() -> Any:
    """The SQL condition "a person has acted on it" (twin of `Match.is_touched`)."""
    acts = (Match.saved_at, Match.invited_at, Match.declined_at, Match.interested_at, Match.dismissed_at)
    return sa.or_(*(col(at).is_not(None) for at in acts))


def newer_exists() -> Any:
    """The SQL condition "there is a newer view of this pair of texts"; its opposite keeps the present ones."""
    newer = aliased(MatchScore)
    return (
        sa.exists()
        .where(col(newer.scenario_id) == col(MatchScore.scenario_id))
        .where(col(newer.capability_id) == col(MatchScore.capability_id))
        .where(col(newer.serial) > col(MatchScore.serial))
    )
