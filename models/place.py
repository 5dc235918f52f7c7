"""Districts and communities: rows, so that nothing in the code is tied to one city."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, find_row
from models.errors import InvalidInput, NotFound
from models.texts import storable


class District(Table, table=True):
    """A district of the city. Made by import or by an operator; never deleted while rows point at it."""

    code: str = Field(unique=True, max_length=20, description="Short code used in scenario numbers, e.g. NS.")
    name: str = Field(max_length=80)
    name_en: str = Field(default="", max_length=80)
    city: str = Field(default="", max_length=80)
    reviews_scenarios: bool = Field(
        default=False,
        sa_column_kwargs={"server_default": sa.false()},
        description="Whether scenarios pass review before publication; changed by an operator.",
    )


class RecognitionState(StrEnum):
    """Derived from days: where the city's recognition (认定) of a community stands."""

    PLANNED = "planned"
    APPLIED = "applied"
    RECOGNISED = "recognised"
    REVOKED = "revoked"


class Community(Table, table=True):
    """An OPC community (OPC社区): a place where many small firms work; neighbours team up first.

    Made by import or by an operator, changed by operators; never deleted while firms sit in it. The plan that asks for
    recognition (深工信〔2026〕2号, six) publishes no procedure yet, so its steps are days that an operator writes down.
    """

    code: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    name_en: str = Field(default="", max_length=120)
    district_id: int = Field(foreign_key="district.id", index=True)
    area_m2: int | None = Field(default=None, description="Floor area in square metres.")
    recognised_on: date | None = Field(default=None, description="Day of the city's recognition (认定).")
    capacity: int | None = Field(default=None, description="Firms it has room for.")
    applied_on: date | None = Field(default=None, description="Day on which recognition was applied for.")
    revoked_on: date | None = Field(default=None, description="Day on which the recognition ended.")
    source: str = Field(
        default="",
        max_length=200,
        sa_column_kwargs={"server_default": ""},
        description="The document that recognised it.",
    )

    @property
    def recognition(self) -> RecognitionState:
        """The last step there is a day for."""
        if self.revoked_on is not None:
            return RecognitionState.REVOKED
        if self.recognised_on is not None:
            return RecognitionState.RECOGNISED
        return RecognitionState.PLANNED if self.applied_on is None else RecognitionState.APPLIED


def list_districts(session: Session) -> list[District]:
    """All districts, by code."""
    return list(session.exec(select(District).order_by(col(District.code))))


def list_communities(session: Session) -> list[Community]:
    """All communities, by code."""
    return list(session.exec(select(Community).order_by(col(Community.code))))


@dataclass(frozen=True, slots=True)
class CommunityFields:
    """What an operator writes down about a community; dates in the order of the steps."""

    code: str
    name: str
    name_en: str
    district_id: int
    area_m2: int | None
    capacity: int | None
    applied_on: date | None
    recognised_on: date | None
    revoked_on: date | None
    source: str


def write_community(
    session: Session, fields: CommunityFields, community: Community | None = None
) -> tuple[Community, dict[str, Any]]:
    """A new community, or the given one changed; with what was changed, old and new, for the audit entry.

    InvalidInput for a code that is taken and for days out of order.
    """
    _check_steps(fields)
    taken = session.exec(select(Community).where(col(Community.code) == fields.code)).first()
    if taken is not None and (community is None or taken.key != community.key):
        raise InvalidInput("有几处要改。", fields={"code": "这个代码已经登记过。"})
    values = {name: getattr(fields, name) for name in CommunityFields.__dataclass_fields__}
    if community is None:
        community, changes = Community(**values), {}
    else:
        before = {name: getattr(community, name) for name in values}
        changes = {
            name: [_plain(before[name]), _plain(value)]
            for name, value in values.items()
            if before[name] != value
        }
        for name, value in values.items():
            setattr(community, name, value)
    session.add(community)
    session.flush()
    return community, changes


def _check_steps(fields: CommunityFields) -> None:
    if fields.revoked_on is not None and fields.recognised_on is None:
        raise InvalidInput("有几处要改。", fields={"revoked_on": "没有认定过的社区谈不上取消。"})
    steps = ("applied_on", "recognised_on", "revoked_on")
    days = [(name, getattr(fields, name)) for name in steps if getattr(fields, name) is not None]
    for (_, earlier), (name, later) in pairwise(days):
        if later < earlier:
            raise InvalidInput("有几处要改。", fields={name: "不能早于前一步的日期。"})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def get_community(
    session: Session, community_id: int, *, district_ids: Collection[int] | None = None
) -> Community:
    """The community, if it lies in one of these districts (None: anywhere); NotFound otherwise."""
    row = find_row(session, Community, community_id)
    if row is None or (district_ids is not None and row.district_id not in district_ids):
        raise NotFound("没有这个社区。")
    return row


def get_district(session: Session, district_id: int, *, within: Collection[int] | None = None) -> District:
    """The district, if it is one of these (None: any); NotFound otherwise."""
    row = find_row(session, District, district_id)
    if row is None or (within is not None and row.key not in within):
        raise NotFound("没有这个区。")
    return row


def find_district(session: Session, name_or_code: str) -> District | None:
    """The district with this code or name (either language), or None."""
    wanted = name_or_code.strip()
    statement = select(District).where(
        (col(District.code) == wanted)
        | (col(District.name) == wanted)
        | (col(District.name) == wanted + "区")
        | (col(District.name_en) == wanted)
    )
    return session.exec(statement.order_by(col(District.id))).first()


def add_district(session: Session, *, code: str, name: str, name_en: str = "", city: str = "") -> District:
    """Register a district. InvalidInput for an empty or overlong code or name, or a code that is taken."""
    district = District(
        code=_line(code, 20), name=_line(name, 80), name_en=storable(name_en)[:80], city=storable(city)[:80]
    )
    if session.exec(select(District).where(col(District.code) == district.code)).first() is not None:
        raise InvalidInput(f"区代码 {district.code} 已经登记过。")
    session.add(district)
    session.flush()
    return district


def add_community(session: Session, *, code: str, name: str, district: str) -> Community:
    """Register a community in a district. InvalidInput as for add_district, and for a district that does not exist."""
    home = find_district(session, district)
    if home is None:
        raise InvalidInput(f"没有“{district}”这个区。")
    community = Community(code=_line(code, 40), name=_line(name, 120), district_id=home.key)
    if session.exec(select(Community).where(col(Community.code) == community.code)).first() is not None:
        raise InvalidInput(f"社区代码 {community.code} 已经登记过。")
    session.add(community)
    session.flush()
    return community


def _line(text: str, limit: int) -> str:
    cleaned = " ".join(storable(text).split())
    if not 0 < len(cleaned) <= limit:
        raise InvalidInput(f"代码和名称不能是空的，这一项最多 {limit} 个字符。")
    return cleaned


class Gazetteer:
    """Every place by each of its names, read once, for imports of many rows. Of two with one name the older counts."""

    def __init__(self, session: Session) -> None:
        self._districts: dict[str, int] = {}
        for district in session.exec(select(District).order_by(col(District.id).desc())):
            for name in (district.name.removesuffix("区"), district.name, district.name_en, district.code):
                self._districts[name] = district.key
        self._communities: dict[str, int] = {}
        for community in session.exec(select(Community).order_by(col(Community.id).desc())):
            for name in (community.name_en, community.name, community.code):
                self._communities[name] = community.key

    def find_district_id(self, name: str) -> int | None:
        """Id of the district with this code or name, or None; None for an empty name."""
        return self._districts.get(name) if name else None

    def find_community_id(self, name: str) -> int | None:
        """Id of the community with this code or name, or None; None for an empty name."""
        return self._communities.get(name) if name else None
