"""What a draft, of a need or of an offer, would find now: from the live matcher or, without it, from words alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flask import g

from matcher.completeness import missing_fields
from matcher.directory import load_page
from matcher.documents import capability_document
from matcher.title_likeness import N_SIMILAR, similar_by_words
from models.capability import Capability
from models.scenario import Scenario
from web.directory import directory
from web.live import live
from web.presenters.capabilities import MAX_FOUND, FindPanel, present_by_words, present_found
from web.presenters.matchability import PanelView, present_panel

if TYPE_CHECKING:
    from matcher.findability import Findability
    from matcher.matchability import Matchability
    from matcher.recommender import Recommender


def draft_panel(written: Scenario) -> PanelView:
    """The panel for a draft as it is typed; `written` belongs to no session."""

    def question(recommender: Recommender) -> Matchability:
        from matcher.matchability import assess  # here, because it brings the vector index with it

        return assess(recommender, written)

    found, mode = live().ask(question)
    similar = similar_by_title(written.title) if found is None else found.similar
    return present_panel(written, found, mode, open_rows(similar), locale=g.locale)


def offer_panel(written: Capability) -> FindPanel:
    """The panel for a capability as it is typed; `written` belongs to no session."""

    def question(recommender: Recommender) -> Findability:
        from matcher.findability import find_scenarios  # here, because it brings the vector index with it

        return find_scenarios(recommender, written)

    found, mode = live().ask(question)
    if found is None:
        words = similar_by_text(f"{written.title}\n{written.text}", n=MAX_FOUND) if written.text else ()
        return present_by_words(missing_fields(capability_document(written), written), mode, words)
    return present_found(found, {row.key: row for row in open_rows(each.scenario_id for each in found.found)})


def similar_by_title(title: str) -> tuple[int, ...]:
    """Open scenarios with a like title, by id."""
    entries = directory().entries(g.session)
    words = {entry.id: entry.title_words for entry in entries if entry.is_open(g.today)}
    return similar_by_words(title, words, n=N_SIMILAR)


def similar_by_text(text: str, *, n: int) -> Sequence[Scenario]:
    """Open scenarios that share words with a text, the most first."""
    found = directory().find(g.session, text)
    best = sorted(found, key=lambda id_: (-found[id_], id_))
    return open_rows(best[: 4 * n])[:n]


def open_rows(ids: Iterable[int]) -> Sequence[Scenario]:
    """The scenarios with these ids that are still open, in this order: the index may be some minutes behind."""
    return [row for row in load_page(g.session, list(ids)) if row.is_open(g.today)]
