"""News of saved searches in a digest: what each search of the reader shows that is new, and told no other time.

New is what was published after its owner last looked (or saved it), open on the day, and in no mail to that person
before. A search whose news were stopped is left out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qs

from sqlmodel import Session, col, select

from matcher.directory import Directory, load_page
from matcher.facets import filter_from, shown_entries
from models.saved_search import SavedSearch, published_since, told_scenario_ids, user_searches

MAX_A_SEARCH = 5
"""Scenarios of one search in one mail; what there is no room for is news again next time."""


@dataclass(frozen=True, slots=True)
class SearchFind:
    """What one saved search has to tell. scenario_ids: those the mail names; n_more: those it has no room for."""

    search_id: int
    scenario_ids: tuple[int, ...]
    n_more: int

    def to_json(self) -> dict[str, Any]:
        """As the mail's row keeps it."""
        return {"search_id": self.search_id, "scenario_ids": list(self.scenario_ids), "n_more": self.n_more}


def find_search_news(
    session: Session, directory: Directory, user_id: int, *, on: date, but: Collection[int]
) -> list[SearchFind]:
    """What a person's searches have to tell, each scenario under the first search by name that shows it.

    but: scenarios the same mail tells of already.
    """
    searches = [row for row in user_searches(session, user_id) if row.stopped_at is None]
    if not searches:
        return []
    published = published_since(session, min(row.seen_at for row in searches))
    told = told_scenario_ids(session, user_id) | set(but)
    found = []
    for row in searches:
        since = {id_ for id_, at in published.items() if at > row.seen_at} - told
        shown = shown_entries(directory, session, filter_from(parse_qs(row.query)), on)[0]
        fresh = [entry.id for entry in shown if entry.id in since and entry.is_open(on)]
        if fresh:
            named = tuple(fresh[:MAX_A_SEARCH])
            told |= set(named)
            found.append(SearchFind(row.key, named, len(fresh) - len(named)))
    return found


def read_search_news(
    session: Session, kept: Sequence[Mapping[str, Any]], *, on: date
) -> list[dict[str, Any]]:
    """The same as the mail says it, read again: searches that were deleted or stopped, and scenarios that were
    withdrawn or closed meanwhile, are left out.
    """
    ids = [find["search_id"] for find in kept]
    rows = {row.key: row for row in session.exec(select(SavedSearch).where(col(SavedSearch.id).in_(ids)))}
    told = [_told(session, rows[find["search_id"]], find, on) for find in kept if find["search_id"] in rows]
    return [each for each in told if each is not None]


def _told(session: Session, row: SavedSearch, find: Mapping[str, Any], on: date) -> dict[str, Any] | None:
    scenarios = [each for each in load_page(session, find["scenario_ids"]) if each.is_open(on)]
    if row.stopped_at is not None or not scenarios:
        return None
    return {
        "name": row.name,
        "stop_token": row.token,
        "scenarios": [
            {
                "number": each.number,
                "title": each.title,
                "lang": each.lang,
                "agency_name": each.organisation.name,
                "deadline_on": each.deadline_on,
                "is_demo": each.is_demo,
            }
            for each in scenarios
        ],
        "n_more": find["n_more"],
    }
