"""Demo rows of an agency's desk: questions that wait and that were answered, an addendum, a shortlist with its note."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlmodel import Session

from models.addendum import Addendum
from models.base import Table
from models.candidacy import Candidacy
from models.demo_reviews import Days
from models.match_queries import find_match
from models.question import Question


def seed_desk(
    session: Session, rows: dict[str, Table], days: Days, *, records: Iterable[dict[str, Any]]
) -> int:
    """Add the rows of the file; how many."""
    makers: dict[str, Callable[..., Table]] = {
        "question": _question,
        "addendum": _addendum,
        "shortlist": _shortlist,
    }
    made = [makers[record["kind"]](session, rows, days, record) for record in records]
    session.add_all(made)
    session.flush()
    return len(made)


def _question(session: Session, rows: dict[str, Table], days: Days, record: dict[str, Any]) -> Question:
    due_on = days.day(record["due_offset_days"])
    assert due_on is not None
    row = Question(
        created_at=days.required_moment(record["asked_offset_days"]),
        scenario_id=rows[record["scenario"]].key,
        organisation_id=rows[record["firm"]].key,
        text=record["text"],
        due_on=due_on,
    )
    if "answer" in record:
        row.answered_at = days.required_moment(record["answered_offset_days"])
        row.answer, row.is_public = record["answer"], record["public"]
    return row


def _addendum(session: Session, rows: dict[str, Table], days: Days, record: dict[str, Any]) -> Addendum:
    return Addendum(
        created_at=days.required_moment(record["issued_offset_days"]),
        scenario_id=rows[record["scenario"]].key,
        serial=1,
        what=record["what"],
        why=record["why"],
    )


def _shortlist(session: Session, rows: dict[str, Table], days: Days, record: dict[str, Any]) -> Candidacy:
    match = find_match(session, rows[record["scenario"]].key, rows[record["firm"]].key)
    assert match is not None, "the file names pairs of matches.jsonl"
    held_at = days.required_moment(record["held_offset_days"])
    return Candidacy(
        created_at=held_at, match_id=match.key, held_at=held_at, note=record["note"], noted_at=held_at
    )
