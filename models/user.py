"""People and their roles. Log-ins, one-time links and counters of failed attempts are in models/login.py."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, enum_column, find_row, moment
from models.errors import NotFound
from models.organisation import Organisation


class Role(StrEnum):
    """What a person may do; a person may hold several."""

    AGENCY = "agency"
    STARTUP = "startup"
    ORGANIZER = "organizer"
    EVALUATOR = "evaluator"
    FUNDING_OFFICER = "funding_officer"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class User(Table, table=True):
    """A person who can log in. Locked or anonymised, never deleted: audit rows point here."""

    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_lower_case"),)

    email: str = Field(unique=True, max_length=254, description="Lower case.")
    name: str = Field(max_length=120)
    password_hash: str | None = Field(
        default=None, max_length=300, description="argon2id; None until a password is set."
    )
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    locale: str = Field(default="zh", max_length=8)
    theme: str = Field(default="auto", max_length=8, description="light, dark or auto (by clock).")
    is_demo: bool = Field(default=False)
    locked_at: datetime | None = moment(description="Since when this person may not log in.")
    manager_at: datetime | None = moment(
        description="Since when this person manages the organisation's people."
    )

    erased_at: datetime | None = moment(description="Since when nothing here says who this was.")

    organisation: Organisation | None = Relationship()
    roles: list["UserRole"] = Relationship(back_populates="user", sa_relationship_kwargs={"lazy": "selectin"})

    def has_role(self, role: Role) -> bool:
        """Whether the person holds the role, in any district."""
        return any(granted.role == role for granted in self.roles)

    def districts(self, *roles: Role) -> frozenset[int] | None:
        """Ids of the districts in which one of these roles is held; None where one is held for the whole city."""
        held = [granted.district_id for granted in self.roles if granted.role in roles]
        return None if None in held else frozenset(id_ for id_ in held if id_ is not None)

    @property
    def is_manager(self) -> bool:
        """Whether the person manages the people of the organisation."""
        return self.manager_at is not None and self.organisation_id is not None


class UserRole(Table, table=True):
    """One role of one person, for the whole city (no district) or for one district."""

    __tablename__ = "user_role"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "role", "district_id"),
        # A missing district is not equal to another missing one, so the whole city needs a rule of its own.
        sa.Index(
            "uq_user_role_whole_city",
            "user_id",
            "role",
            unique=True,
            sqlite_where=sa.text("district_id IS NULL"),
            postgresql_where=sa.text("district_id IS NULL"),
        ),
    )

    user_id: int = Field(foreign_key="user.id", index=True)
    role: Role = Field(sa_type=enum_column(Role))
    district_id: int | None = Field(default=None, foreign_key="district.id")

    user: User = Relationship(back_populates="roles")


def find_user(session: Session, email: str) -> User | None:
    """The person with this address, whatever its case, or None."""
    return session.exec(select(User).where(col(User.email) == email.strip().lower())).first()


def get_user(session: Session, user_id: int) -> User:
    """The person; NotFound if there is none."""
    row = find_row(session, User, user_id)
    if row is None:
        raise NotFound("没有这个用户。")
    return row


def organisation_users(session: Session, organisation_id: int) -> list[User]:
    """The people of an organisation who are not locked, by id."""
    statement = select(User).where(
        col(User.organisation_id) == organisation_id, col(User.locked_at).is_(None)
    )
    return list(session.exec(statement.order_by(col(User.id))))


def role_holders(session: Session, *roles: Role, district_id: int | None = None) -> list[User]:
    """The people who are not locked and hold one of these roles for the whole city or for this district, by id."""
    here: sa.ColumnElement[bool] = col(UserRole.district_id).is_(None)
    if district_id is not None:
        here = sa.or_(here, col(UserRole.district_id) == district_id)
    statement = (
        select(User)
        .join(UserRole, col(UserRole.user_id) == col(User.id))
        .where(col(UserRole.role).in_(roles), here, col(User.locked_at).is_(None))
    )
    return list(session.exec(statement.order_by(col(User.id)).distinct()))


def everybody_of(session: Session, organisation_id: int) -> list[User]:
    """All people of an organisation, the locked ones too, managers first, then by id."""
    statement = select(User).where(col(User.organisation_id) == organisation_id)
    return sorted(session.exec(statement), key=lambda person: (not person.is_manager, person.key))


def withdraw_roles(session: Session, person: User, *roles: Role) -> int:
    """Take these roles away, in every district; returns how many grants there were."""
    granted = [row for row in person.roles if row.role in roles]
    for row in granted:
        session.delete(row)
    session.flush()
    session.expire(person, ["roles"])
    return len(granted)
