"""Proposals of firms (方案, 揭榜) for published scenarios: written, handed in, revised until the last day, withdrawn.

What a firm writes is its own; the agency reads versions, which are frozen when they are handed in. Prices and files
stay shut until the last day is over, so that nobody can be undercut. Files are in models/bid_file.py, the judging in
models/jury.py.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, UtcDateTime, find_row, moment, utcnow
from models.bid_file import file_rows
from models.errors import InvalidTransition, NotFound
from models.i18n import N_
from models.match import MatchStatus
from models.match_queries import find_match
from models.organisation import Organisation
from models.scenario import Scenario
from models.user import User

CONFLICT = "bid_conflict"
VERDICTS = ("met", "partly", "unmet", "unknown")
SHUT = ("price_fen", "price_note", "files")
"""What of a proposal is shut until the last day is over; a file may name a price."""

Content = dict[str, Any]
"""A proposal: summary, plan, start, price_fen, price_note; answers, each {position, text, must, verdict, quote,
answer}; milestones, each {text, weeks}; partners, each {name, part}.
"""


class BidStatus(StrEnum):
    """Derived from timestamps."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    SELECTED = "selected"
    NOT_SELECTED = "not_selected"


class Bid(Table, table=True):
    """What one firm proposes for one scenario. Written by the firm; decided by the agency; never deleted."""

    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "organisation_id"),
        sa.CheckConstraint("selected_at IS NULL OR not_selected_at IS NULL", name="one_outcome"),
        sa.CheckConstraint("not_selected_at IS NULL OR reason_text <> ''", name="refusal_has_reason"),
        sa.CheckConstraint(
            "(selected_at IS NULL AND not_selected_at IS NULL) OR submitted_at IS NOT NULL",
            name="decided_was_submitted",
        ),
    )

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    organisation_id: int = Field(
        foreign_key="organisation.id", index=True, description="The firm that leads."
    )
    content: Content = Field(sa_type=sa.JSON, description="As it is being written; see Content.")
    revision: int = Field(default=1, description="Goes up with every change, as that of a draft scenario.")
    updated_at: datetime = Field(default_factory=utcnow, sa_type=UtcDateTime)
    submitted_at: datetime | None = moment(description="When the newest version was handed in.")
    withdrawn_at: datetime | None = moment()
    selected_at: datetime | None = moment()
    not_selected_at: datetime | None = moment()
    decided_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    reasons: list[str] = Field(default=[], sa_type=sa.JSON, description="Codes of DeclineReason.")
    reason_text: str = Field(default="", sa_type=sa.Text, description="The firm reads it.")
    is_demo: bool = Field(default=False)

    scenario: Scenario = Relationship()
    organisation: Organisation = Relationship()

    @property
    def status(self) -> BidStatus:
        """Where it stands."""
        if self.selected_at is not None:
            return BidStatus.SELECTED
        if self.not_selected_at is not None:
            return BidStatus.NOT_SELECTED
        if self.withdrawn_at is not None:
            return BidStatus.WITHDRAWN
        return BidStatus.DRAFT if self.submitted_at is None else BidStatus.SUBMITTED

    @property
    def is_decided(self) -> bool:
        """Whether the agency has answered it."""
        return self.selected_at is not None or self.not_selected_at is not None


class BidVersion(Table, table=True):
    """A proposal as it was handed in. Made by the firm, never changed: the last one is what is judged."""

    __tablename__ = "bid_version"
    __table_args__ = (
        sa.UniqueConstraint("bid_id", "serial"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_is_one"),
    )

    bid_id: int = Field(foreign_key="bid.id", index=True)
    serial: int = Field(description="From 1, by proposal.")
    content: Content = Field(sa_type=sa.JSON, description="See Content; with its files.")
    sha256: str = Field(max_length=64, description="Of the content as canonical JSON, hex.")
    submitted_by_user_id: int | None = Field(default=None, foreign_key="user.id")

    bid: Bid = Relationship()


def is_opened(scenario: Scenario, on: date) -> bool:
    """Whether prices may be read and proposals judged on that day: nobody can hand in or change one any more."""
    return scenario.published_at is not None and not scenario.is_open(on)


def readable(content: Content, *, opened: bool) -> Content:
    """What the agency may read: all of it, without price and files before the opening."""
    return content if opened else {name: value for name, value in content.items() if name not in SHUT}


def first_answers(scenario: Scenario, coverage: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """An answer a requirement, begun with what matching found: its verdict and the firm's own sentence.

    coverage: of the firm's best score (as in MatchScore), or empty. Where the agency wrote no requirements, those that
    matching took from its text.
    """
    found = {row["position"]: row for row in coverage}
    asked = [(row.position, row.text, row.must) for row in scenario.requirements]
    asked = asked or [(row["position"], row["text"], row["must"]) for row in coverage]
    return [_first_answer(position, text, must, found.get(position)) for position, text, must in asked]


def _first_answer(position: int, text: str, must: bool, row: Mapping[str, Any] | None) -> dict[str, Any]:
    same = row is not None and row["text"] == text
    quote = str(row["evidence"] or row["counter"] or "") if row is not None and same else ""
    verdict = str(row["verdict"]) if row is not None and same else "unknown"
    return {
        "position": position, "text": text, "must": must, "verdict": verdict, "quote": quote, "answer": "",
    }  # fmt: skip


def refuse_unless_open(scenario: Scenario, *, on: date) -> None:
    """InvalidTransition after the last day, and for a scenario that takes no answers."""
    if not scenario.is_open(on):
        raise InvalidTransition(N_("场景已结束征集，不能再写、改或提交方案。"))


def start_bid(  # noqa: PLR0913  (who proposes what, begun with what, when)
    session: Session,
    scenario: Scenario,
    firm: Organisation,
    *,
    coverage: Sequence[Mapping[str, Any]],
    now: datetime,
    on: date,
) -> Bid:
    """An empty proposal of a firm, its answers begun with the matched evidence. InvalidTransition where the scenario
    takes none, is the firm's own, was refused to it, or where the firm has one already.
    """
    refuse_unless_open(scenario, on=on)
    if scenario.organisation_id == firm.key:
        raise InvalidTransition(N_("不能给自己的场景写方案。"))
    if find_bid(session, scenario.key, firm.key) is not None:
        raise InvalidTransition(N_("你们已经有一份方案，一家企业对一个场景只有一份。"))
    match = find_match(session, scenario.key, firm.key)
    if match is not None and match.status is MatchStatus.DECLINED:
        raise InvalidTransition(N_("对方已经谢绝，不能再写方案。"))
    interest = ("", "") if match is None else (match.interest_note, match.interest_start)
    content: Content = {
        "summary": interest[0], "plan": "", "start": interest[1], "price_fen": None, "price_note": "",
        "answers": first_answers(scenario, coverage), "milestones": [], "partners": [],
    }  # fmt: skip
    bid = Bid(
        created_at=now, updated_at=now, scenario_id=scenario.key, organisation_id=firm.key, content=content,
        is_demo=scenario.is_demo or firm.is_demo,
    )  # fmt: skip
    session.add(bid)
    session.flush()
    return bid


def change_bid(session: Session, bid: Bid, content: Content, *, revision: int, now: datetime) -> bool:
    """Take over what was written on top of `revision`; whether that changed anything.

    InvalidTransition with the code bid_conflict when it has moved on meanwhile, and once it is decided.
    """
    if bid.is_decided:
        raise InvalidTransition(N_("这份方案已有结果，不能再改。"))
    if content == bid.content:
        return False
    session.flush()
    claimed = session.execute(
        sa.update(Bid)
        .where(col(Bid.id) == bid.key, col(Bid.revision) == revision)
        .values(revision=revision + 1)
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise InvalidTransition(
            N_("这份方案刚在别处改过，你这里的没有保存。先把这里的新内容复制出来，再刷新页面接着改。"),
            code=CONFLICT,
        )
    bid.content, bid.revision, bid.updated_at = content, revision + 1, now
    session.add(bid)
    session.flush()
    return True


def submit_bid(session: Session, bid: Bid, *, by: User | None, now: datetime, on: date) -> BidVersion:
    """Hand in what is written, as a new version; also after it was withdrawn, as long as the scenario is open.

    InvalidTransition after the last day, once decided, or where nothing changed since the last version. Whether it says
    enough is for the form to check. by: None where a command does it.
    """
    refuse_unless_open(bid.scenario, on=on)
    if bid.is_decided:
        raise InvalidTransition(N_("这份方案已有结果，不能再改。"))
    content = frozen_content(session, bid)
    before = find_version(session, bid.key)
    digest = hash_of(content)
    if before is not None and before.sha256 == digest and bid.withdrawn_at is None:
        raise InvalidTransition(N_("和上次提交的一样，没有要提交的改动。"))
    version = BidVersion(
        created_at=now,
        bid_id=bid.key,
        serial=1 if before is None else before.serial + 1,
        content=content,
        sha256=digest,
        submitted_by_user_id=None if by is None else by.key,
    )
    bid.submitted_at, bid.withdrawn_at = now, None
    session.add_all([bid, version])
    session.flush()
    return version


def frozen_content(session: Session, bid: Bid) -> Content:
    """What would be handed in now: what is written, with the list of files."""
    return {**bid.content, "files": file_rows(session, bid.key)}


def hash_of(content: Content) -> str:
    """The SHA-256, hex, of a content as JSON: UTF-8, keys sorted, no blanks."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def withdraw_bid(bid: Bid, now: datetime) -> None:
    """Take a proposal back, until it is decided. InvalidTransition where it was not handed in."""
    if bid.status is not BidStatus.SUBMITTED:
        raise InvalidTransition(N_("没有可以撤回的方案。"))
    bid.withdrawn_at = now


def find_bid(session: Session, scenario_id: int, organisation_id: int) -> Bid | None:
    """The proposal of a firm for a scenario, or None."""
    statement = select(Bid).where(
        col(Bid.scenario_id) == scenario_id, col(Bid.organisation_id) == organisation_id
    )
    return session.exec(statement).first()


def get_bid(
    session: Session, bid_id: int, *, firm_id: int | None = None, agency_id: int | None = None
) -> Bid:
    """A proposal of this firm, or one handed in to this agency. NotFound otherwise.

    Name exactly one side; ValueError if neither or both. What was never handed in is not there for the agency.
    """
    if (firm_id is None) == (agency_id is None):
        raise ValueError("name exactly one side")
    row = find_row(session, Bid, bid_id)
    theirs = row is not None and (
        row.organisation_id == firm_id
        if agency_id is None
        else row.scenario.organisation_id == agency_id and row.submitted_at is not None
    )
    if row is None or not theirs:
        raise NotFound(N_("没有这份方案。"))
    return row


def list_versions(session: Session, bid_id: int) -> list[BidVersion]:
    """Everything a firm handed in, oldest first."""
    statement = select(BidVersion).where(col(BidVersion.bid_id) == bid_id)
    return list(session.exec(statement.order_by(col(BidVersion.serial))))


def find_version(session: Session, bid_id: int) -> BidVersion | None:
    """What was handed in last, or None."""
    return next(reversed(list_versions(session, bid_id)), None)


def newest_versions(session: Session, bid_ids: Collection[int]) -> dict[int, BidVersion]:
    """What was handed in last, by proposal; those never handed in are left out."""
    statement = select(BidVersion).where(col(BidVersion.bid_id).in_(bid_ids)).order_by(col(BidVersion.serial))
    return {row.bid_id: row for row in session.exec(statement)}


def organisation_bids(session: Session, organisation_id: int) -> list[Bid]:
    """The proposals of a firm, newest first."""
    statement = select(Bid).where(col(Bid.organisation_id) == organisation_id)
    loaded = statement.options(joinedload(Bid.scenario).joinedload(Scenario.organisation))  # type: ignore[arg-type]
    return list(session.exec(loaded.order_by(col(Bid.id).desc())))


def scenario_bids(session: Session, scenario_id: int) -> list[Bid]:
    """What was handed in for a scenario, withdrawn ones included, in the order they were begun."""
    statement = select(Bid).where(col(Bid.scenario_id) == scenario_id, col(Bid.submitted_at).is_not(None))
    loaded = statement.options(joinedload(Bid.organisation))  # type: ignore[arg-type]
    return list(session.exec(loaded.order_by(col(Bid.id))))


def scenarios_to_answer(session: Session, *, on: date) -> list[tuple[Scenario, int]]:
    """Scenarios whose call is over and that have proposals, with how many stand; the earliest last day first."""
    n = sa.func.count(col(Bid.id))
    counted = (
        select(Bid.scenario_id, n)
        .where(col(Bid.submitted_at).is_not(None), col(Bid.withdrawn_at).is_(None))
        .group_by(col(Bid.scenario_id))
    )
    counts = dict(session.exec(counted).all())
    statement = (
        select(Scenario)
        .where(col(Scenario.id).in_(list(counts)), col(Scenario.withdrawn_at).is_(None))
        .options(joinedload(Scenario.organisation))  # type: ignore[arg-type]
        .order_by(col(Scenario.deadline_on), col(Scenario.id))
    )
    return [(row, counts[row.key]) for row in session.exec(statement) if is_opened(row, on)]


def standing_bids(session: Session, scenario_id: int) -> list[Bid]:
    """What was handed in and not withdrawn: what is judged."""
    return [row for row in scenario_bids(session, scenario_id) if row.withdrawn_at is None]
