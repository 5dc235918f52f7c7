"""Ties between an evaluator and those who bid, found in what is on record; who bids can only step aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.bid import Bid, find_version, standing_bids
from models.errors import InvalidTransition
from models.i18n import N_
from models.jury import Juror, declare
from models.organisation import Organisation
from models.pilot import Pilot
from models.scenario import Scenario
from models.user import User, organisation_users

PUBLIC_MAIL = frozenset(
    {
        "163.com", "126.com", "qq.com", "foxmail.com", "sina.com", "sina.cn", "sohu.com", "139.com", "189.cn",
        "yeah.net", "aliyun.com", "gmail.com", "outlook.com", "hotmail.com", "icloud.com", "yahoo.com",
        "demo.example", "example.org", "example.com",
    }
)  # fmt: skip
"""Domains in which everybody may have an address, those of demos and trials among them: sharing one says nothing."""


class ConflictKind(StrEnum):
    """What was found."""

    OWN_FIRM = "own_firm"
    PARTNER = "partner"
    SAME_MAIL_DOMAIN = "same_mail_domain"
    PILOT = "pilot"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A tie to one firm that bids."""

    kind: ConflictKind
    firm: str


def find_conflicts(session: Session, juror: Juror) -> list[Conflict]:
    """The ties of a member to the firms of the standing proposals, in their order."""
    person = juror.user
    return [
        Conflict(kind, bid.organisation.name)
        for bid in standing_bids(session, juror.jury.scenario_id)
        for kind in _ties(session, person, bid)
    ]


def is_barred(found: Sequence[Conflict]) -> bool:
    """Whether a member may do nothing but step aside: one's own firm, or one's own part in a proposal."""
    return any(row.kind in (ConflictKind.OWN_FIRM, ConflictKind.PARTNER) for row in found)


def declare_free(session: Session, juror: Juror, now: datetime) -> list[Conflict]:
    """The member says to have no conflict, and may read; the ties that are on record nevertheless.

    InvalidTransition where one of them bars the member, or where it was answered already.
    """
    found = find_conflicts(session, juror)
    if is_barred(found):
        raise InvalidTransition(N_("你或你的机构参加了投标，只能回避。"))
    declare(juror, now)
    return found


def _ties(session: Session, person: User, bid: Bid) -> list[ConflictKind]:
    home, found = person.organisation, []
    if home is not None and home.key == bid.organisation_id:
        return [ConflictKind.OWN_FIRM]
    if home is not None and _is_partner(session, home, bid):
        found.append(ConflictKind.PARTNER)
    if home is not None and _had_pilot(session, home.key, bid.organisation_id):
        found.append(ConflictKind.PILOT)
    if _shares_domain(person, organisation_users(session, bid.organisation_id)):
        found.append(ConflictKind.SAME_MAIL_DOMAIN)
    return found


def _is_partner(session: Session, home: Organisation, bid: Bid) -> bool:
    version = find_version(session, bid.key)
    names = {home.name, home.name_en} - {""}
    partners = [] if version is None else version.content["partners"]
    return any(row["name"] in names for row in partners)


def _had_pilot(session: Session, home_id: int, firm_id: int) -> bool:
    statement = (
        select(Pilot.id)
        .join(Scenario, col(Scenario.id) == col(Pilot.scenario_id))
        .where(
            sa.or_(
                sa.and_(col(Pilot.organisation_id) == firm_id, col(Scenario.organisation_id) == home_id),
                sa.and_(col(Pilot.organisation_id) == home_id, col(Scenario.organisation_id) == firm_id),
            )
        )
    )
    return session.exec(statement.limit(1)).first() is not None


def _shares_domain(person: User, others: Sequence[User]) -> bool:
    mine = person.email.rpartition("@")[2]
    return mine not in PUBLIC_MAIL and any(other.email.rpartition("@")[2] == mine for other in others)
