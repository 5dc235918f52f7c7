"""What an agency keeps to itself about a candidate: the shortlist and a private note. Never shown to firms."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, moment
from models.errors import InvalidTransition
from models.i18n import N_
from models.match import Match, MatchStatus

MAX_NOTE = 2000
ENDED = (MatchStatus.DECLINED, MatchStatus.DISMISSED)


class Candidacy(Table, table=True):
    """The agency's own side of one pair. Made when something is first kept, changed by the agency's people only."""

    __table_args__ = (sa.UniqueConstraint("match_id"),)

    match_id: int = Field(foreign_key="match.id")
    held_at: datetime | None = moment(description="Since when it is on the shortlist.")
    note: str = Field(default="", sa_type=sa.Text, description="For the agency's eyes only.")
    noted_at: datetime | None = moment(description="When the note was last written.")

    match: Match = Relationship()

    def hold(self, now: datetime) -> None:
        """Put it on the shortlist. InvalidTransition for a pair that came to an end, or one that is on it."""
        if self.match.status in ENDED:
            raise InvalidTransition(N_("这一对已经谢绝，不能再留着。"))
        if self.held_at is not None:
            raise InvalidTransition(N_("已经留着了。"))
        self.held_at = now

    def let_go(self) -> None:
        """Take it off the shortlist. InvalidTransition if it is not on it."""
        if self.held_at is None:
            raise InvalidTransition(N_("这家没有留着。"))
        self.held_at = None

    def write(self, note: str, *, now: datetime) -> None:
        """Replace the note; nothing takes it away."""
        self.note, self.noted_at = note.strip(), now


def candidacy_of(session: Session, match: Match) -> Candidacy:
    """What is kept about a pair; a new empty row, not saved, where nothing is."""
    row = session.exec(select(Candidacy).where(col(Candidacy.match_id) == match.key)).first()
    return row or Candidacy(match_id=match.key, match=match)


def list_candidacies(session: Session, match_ids: Collection[int]) -> dict[int, Candidacy]:
    """What is kept about these pairs, by match; pairs of which nothing is kept are left out."""
    rows = session.exec(select(Candidacy).where(col(Candidacy.match_id).in_(match_ids)))
    return {row.match_id: row for row in rows}
