"""What people of the demo have answered to each other so far, by the same methods that people use."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from models.base import Table
from models.match import DeclineReason, DismissReason, Match


class Moments(Protocol):
    """What this module needs of models.demo.Calendar."""

    def moment(self, offset: int | None) -> datetime | None:
        """A moment so many days from the day of seeding, or None."""


def seed_matches(
    session: Session, rows: Mapping[str, Table], moments: Moments, *, records: Iterable[Mapping[str, Any]]
) -> int:
    """Make the pairs on which somebody has acted; returns how many. Flushes, never commits."""
    n_matches = 0
    for record in records:
        match = Match(scenario_id=rows[record["scenario"]].key, organisation_id=rows[record["firm"]].key)
        acts = _answer(match, record, moments)
        match.created_at = min(acts)
        session.add(match)
        n_matches += 1
    session.flush()
    return n_matches


def _answer(match: Match, record: Mapping[str, Any], moments: Moments) -> list[datetime]:
    """Act on the pair in the order in which it happened; the moments of the acts."""
    acts: list[datetime] = []

    def at(act: str) -> datetime | None:
        moment = moments.moment(record.get(f"{act}_offset_days"))
        if moment is not None:
            acts.append(moment)
        return moment

    if (saved := at("saved")) is not None:
        match.save_for_later(saved)
    if (invited := at("invited")) is not None:
        match.invite(invited)
    if (interested := at("interested")) is not None:
        match.express_interest(
            interested,
            note=record["note"],
            start=record.get("start", ""),
            question=record.get("question", ""),
        )
    if (declined := at("declined")) is not None:
        match.decline(declined, reason=DeclineReason(record["decline_reason"]), note=record["decline_note"])
    if (dismissed := at("dismissed")) is not None:
        match.dismiss(dismissed, reason=DismissReason(record["dismiss_reason"]))
    return acts
