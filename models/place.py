"""Districts and communities: rows, so that nothing in the code is tied to one city."""

from datetime import date

from sqlmodel import Field, Session, col, select

from models.base import Table


class District(Table, table=True):
    """A district of the city. Made by import or by an operator; never deleted while rows point at it."""

    code: str = Field(unique=True, max_length=20, description="Short code used in scenario numbers, e.g. NS.")
    name: str = Field(max_length=80)
    name_en: str = Field(default="", max_length=80)
    city: str = Field(default="", max_length=80)


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


def find_community(session: Session, name_or_code: str) -> Community | None:
    """The community with this code or name, or None."""
    wanted = name_or_code.strip()
    statement = select(Community).where((col(Community.code) == wanted) | (col(Community.name) == wanted))
    return session.exec(statement.order_by(col(Community.id))).first()
