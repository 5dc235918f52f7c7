"""Saved searches (存过的搜索): a filter of the public list under a name, and since when its owner has seen it."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, UtcDateTime, find_row, moment
from models.errors import InvalidInput, NotFound
from models.i18n import N_
from models.scenario import Scenario, published

MAX_SEARCHES = 20
"""Of one person: more than one can keep in mind."""


class SavedSearch(Table, table=True):
    """One filter of one person. query: the part of the list's address behind the question mark, without a page."""

    __tablename__ = "saved_search"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)

    user_id: int = Field(foreign_key="user.id", index=True)
    name: str = Field(max_length=60)
    query: str = Field(max_length=1000)
    seen_at: datetime = Field(
        sa_type=UtcDateTime, description="When its owner last opened it; what is newer is new."
    )
    token: str = Field(
        default_factory=lambda: secrets.token_urlsafe(24),
        unique=True,
        max_length=64,
        description="Stands in the link that stops its news, and can do nothing else.",
    )
    stopped_at: datetime | None = moment(description="Since when its news are mailed no more.")

    def stop_news(self, now: datetime) -> None:
        """Its news are mailed no more; doing so twice changes nothing."""
        self.stopped_at = self.stopped_at or now

    def resume_news(self) -> None:
        """Its news go into the digest again."""
        self.stopped_at = None


class SearchNews(Table, table=True):
    """A scenario a person was told of in a digest because of a saved search.

    The key keeps it from being told twice, whichever of the searches shows it.
    """

    __tablename__ = "search_news"
    __table_args__ = (sa.UniqueConstraint("user_id", "scenario_id"),)

    user_id: int = Field(foreign_key="user.id", index=True)
    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    mail_id: int = Field(foreign_key="outbox_mail.id", index=True)


def save_search(session: Session, *, user_id: int, name: str, query: str, now: datetime) -> SavedSearch:
    """Keep a filter; what is there now counts as seen. InvalidInput for a taken name, and for one search too many."""
    rows = user_searches(session, user_id)
    if any(row.name == name for row in rows):
        raise InvalidInput(N_("有几处要改。"), fields={"name": N_("已有同名的搜索，换一个名字。")})
    if len(rows) >= MAX_SEARCHES:
        raise InvalidInput(N_("有几处要改。"), fields={"name": N_("最多存 20 个搜索，先删掉不用的。")})
    row = SavedSearch(user_id=user_id, name=name, query=query, seen_at=now, created_at=now)
    session.add(row)
    session.flush()
    return row


def user_searches(session: Session, user_id: int) -> list[SavedSearch]:
    """The searches of a person, by name."""
    statement = select(SavedSearch).where(col(SavedSearch.user_id) == user_id)
    return list(session.exec(statement.order_by(col(SavedSearch.name), col(SavedSearch.id))))


def get_search(session: Session, search_id: int, *, user_id: int) -> SavedSearch:
    """A search of this person; NotFound otherwise."""
    row = find_row(session, SavedSearch, search_id)
    if row is None or row.user_id != user_id:
        raise NotFound("没有这个搜索。")
    return row


def get_search_by_token(session: Session, token: str) -> SavedSearch:
    """The search a link of a mail speaks of; NotFound for a forged token, and once it was deleted."""
    row = session.exec(select(SavedSearch).where(col(SavedSearch.token) == token)).first()
    if row is None:
        raise NotFound("这个搜索已经删了，或链接不完整。")
    return row


def told_scenario_ids(session: Session, user_id: int) -> set[int]:
    """The scenarios this person has been told of because of any search."""
    return set(session.exec(select(SearchNews.scenario_id).where(col(SearchNews.user_id) == user_id)))


def add_search_news(session: Session, *, user_id: int, mail_id: int, scenario_ids: list[int]) -> None:
    """Remember what a digest tells. IntegrityError if one was told before: then mail nothing."""
    for scenario_id in scenario_ids:
        session.add(SearchNews(user_id=user_id, scenario_id=scenario_id, mail_id=mail_id))
    session.flush()


def published_since(session: Session, moment: datetime) -> dict[int, datetime]:
    """The scenarios published after a moment, with when, by id."""
    statement = select(Scenario.id, Scenario.published_at).where(
        published(), col(Scenario.published_at) > moment
    )
    return {id_: at for id_, at in session.exec(statement) if id_ is not None and at is not None}
