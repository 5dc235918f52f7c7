"""Who sees a firm's contact and price, and an agency's contact: the other side of a pair, once both have said yes.

The one rule, for pages, files and mails alike, is `is_released`; the one way to the values is `look` (for a person) and
`mailed_contact` (for the mail that tells of the yes), and both are written down where the owner can read it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, enum_column
from models.capability import CapabilityStatus, organisation_capabilities
from models.errors import NotAllowed
from models.i18n import N_
from models.match import Match
from models.organisation import Organisation
from models.outbox import OutboxMail
from models.user import User, find_user, organisation_users


class ContactWay(StrEnum):
    """How somebody came to see a contact. Stored: never renamed."""

    PAGE = "page"
    MAIL = "mail"


class ContactAccess(Table, table=True):
    """Somebody saw the contact of the other side, or was mailed it. Only added to; its owner reads it."""

    __tablename__ = "contact_access"

    match_id: int = Field(foreign_key="match.id", index=True)
    owner_organisation_id: int = Field(
        foreign_key="organisation.id", index=True, description="Whose contact."
    )
    owner_user_id: int | None = Field(
        default=None, foreign_key="user.id", index=True, description="None: named in the scenario only."
    )
    reader_organisation_id: int = Field(foreign_key="organisation.id")
    reader_user_id: int | None = Field(
        default=None, foreign_key="user.id", index=True, description="None: a reader without a log-in."
    )
    way: ContactWay = Field(sa_type=enum_column(ContactWay))

    match: Match = Relationship()
    reader_organisation: Organisation = Relationship(
        sa_relationship_kwargs={"foreign_keys": "ContactAccess.reader_organisation_id"}
    )
    reader: User | None = Relationship(
        sa_relationship_kwargs={"foreign_keys": "ContactAccess.reader_user_id"}
    )
    owner: User | None = Relationship(sa_relationship_kwargs={"foreign_keys": "ContactAccess.owner_user_id"})


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to call. user_id: None for one who is only named in the scenario."""

    name: str
    email: str
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a firm says of the price of one capability."""

    title: str
    lang: str
    note: str


@dataclass(frozen=True, slots=True)
class Release:
    """What one side may see of the other. prices: of the firm; empty for the firm's own look."""

    contacts: list[Contact]
    prices: list[Price]


def is_released(match: Match) -> bool:
    """Whether both sides have said yes, each for itself: the agency invited, the firm is interested."""
    return match.introduced_at is not None


def look(session: Session, match: Match, *, by: User, now: datetime) -> Release:
    """The other side's people and the firm's prices; written down. NotAllowed before both said yes, or for others."""
    if not is_released(match) or by.organisation_id is None:
        raise NotAllowed(N_("双方都愿意对接之后，才互相看到联系人和报价。"))
    contacts = _contacts(session, match, by.organisation_id)
    shown = [contact.user_id for contact in contacts] or [None]
    _write_down(session, match, shown, reader=(by.organisation_id, by.key), way=ContactWay.PAGE, now=now)
    is_agency = by.organisation_id == match.scenario.organisation_id
    return Release(contacts, _prices(session, match.organisation_id) if is_agency else [])


def mailed_contact(session: Session, match: Match, reader_organisation_id: int) -> Contact | None:
    """Whom the mail of the introduction names to a side, or None. NotAllowed before both said yes."""
    if not is_released(match):
        raise NotAllowed(N_("双方都愿意对接之后，才互相看到联系人和报价。"))
    return next(iter(_contacts(session, match, reader_organisation_id)), None)


def note_mails(session: Session, match: Match, mails: Iterable[OutboxMail], *, now: datetime) -> None:
    """Write down who will read a contact in the mails of an introduction."""
    for mail in mails:
        side: int = mail.context["organisation_id"]
        contact, person = mailed_contact(session, match, side), find_user(session, mail.recipient)
        if contact is not None:
            reader = (side, None if person is None else person.key)
            _write_down(session, match, [contact.user_id], reader=reader, way=ContactWay.MAIL, now=now)


def _contacts(session: Session, match: Match, reader_organisation_id: int) -> list[Contact]:
    scenario = match.scenario
    if reader_organisation_id == match.organisation_id:
        if scenario.contact_email:
            person = find_user(session, scenario.contact_email)
            known = person is not None and person.organisation_id == scenario.organisation_id
            user_id = person.key if person is not None and known else None
            return [Contact(scenario.contact_name, scenario.contact_email, user_id)]
        return _people(session, scenario.organisation_id)
    if reader_organisation_id == scenario.organisation_id:
        return _people(session, match.organisation_id)
    raise NotAllowed(N_("双方都愿意对接之后，才互相看到联系人和报价。"))


def _people(session: Session, organisation_id: int) -> list[Contact]:
    return [Contact(row.name, row.email, row.key) for row in organisation_users(session, organisation_id)]


def _prices(session: Session, firm_id: int) -> list[Price]:
    rows = organisation_capabilities(session, firm_id)
    listed = [row for row in rows if row.status is CapabilityStatus.LISTED and row.price_note]
    return [Price(row.title, row.lang, row.price_note) for row in listed]


def _write_down(  # noqa: PLR0913  (the columns of the row)
    session: Session,
    match: Match,
    owner_user_ids: Sequence[int | None],
    *,
    reader: tuple[int, int | None],
    way: ContactWay,
    now: datetime,
) -> None:
    sides = {match.organisation_id, match.scenario.organisation_id}
    (owner,) = sides - {reader[0]} or sides
    for owner_user_id in owner_user_ids:
        session.add(
            ContactAccess(
                created_at=now, match_id=match.key, owner_organisation_id=owner, owner_user_id=owner_user_id,
                reader_organisation_id=reader[0], reader_user_id=reader[1], way=way,
            )
        )  # fmt: skip
    session.flush()


def accesses_of(
    session: Session, organisation_id: int, *, match_id: int | None = None, at_most: int = 200
) -> list[ContactAccess]:
    """Who saw the contact of this organisation, of one pair or of any; newest first."""
    statement = select(ContactAccess).where(col(ContactAccess.owner_organisation_id) == organisation_id)
    if match_id is not None:
        statement = statement.where(col(ContactAccess.match_id) == match_id)
    return _newest(session, statement, at_most)


def _newest(session: Session, statement: Any, at_most: int) -> list[ContactAccess]:
    loaded = statement.options(
        selectinload(ContactAccess.reader),  # type: ignore[arg-type]
        selectinload(ContactAccess.owner),  # type: ignore[arg-type]
        selectinload(ContactAccess.reader_organisation),  # type: ignore[arg-type]
        selectinload(ContactAccess.match).selectinload(Match.scenario),  # type: ignore[arg-type]
    )
    return list(session.exec(loaded.order_by(col(ContactAccess.id).desc()).limit(at_most)))
