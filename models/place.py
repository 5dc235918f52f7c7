"""Districts and communities: rows, so that nothing in the code is tied to one city."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table
from models.errors import InvalidInput
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


class Community(Table, table=True):
    """An OPC community (OPC社区): a place where many small firms work; neighbours team up first."""

    code: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    name_en: str = Field(default="", max_length=120)
    district_id: int = Field(foreign_key="district.id", index=True)
    area_m2: int | None = Field(default=None, description="Floor area in square metres.")
    recognised_on: date | None = Field(default=None, description="Day of the city's recognition (认定).")


def list_districts(session: Session) -> list[District]:
    """All districts, by code."""
    return list(session.exec(select(District).order_by(col(District.code))))


def list_communities(session: Session) -> list[Community]:
    """All communities, by code."""
    return list(session.exec(select(Community).order_by(col(Community.code))))


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
