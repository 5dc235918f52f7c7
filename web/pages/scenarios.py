"""Published scenarios, for everybody: the list with search and filters, and each scenario's own page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import col, select
from werkzeug.datastructures import MultiDict

from matcher import facets
from matcher.directory import Entry, load_page
from matcher.facets import Filter, filter_from
from models.addendum import list_addenda
from models.batch import Batch
from models.bid import Bid, find_bid
from models.errors import NotFound
from models.i18n import N_
from models.match_queries import ScoredPair, organisation_matches
from models.place import list_districts
from models.question import public_answers
from models.rubric import list_rubrics
from models.scenario import Scenario, get_published_scenario, published
from models.texts import storable
from models.user import Role
from web.auth import public
from web.chain import ChainFacts, build_chain
from web.chips import Side, scenario_chip
from web.directory import directory
from web.labels import label
from web.list_columns import SCENARIO_COLUMNS
from web.paging import Page, page_number, paginate
from web.presenters.matches import MatchView, days_left, present_match
from web.presenters.scenarios import Card, FacetView, facet_views, present_cards
from web.replies import interest_counts, reply_times
from web.tables import asked_table

bp = Blueprint("scenarios", __name__, url_prefix="/scenarios")

PAGE_SIZE = 20
DEFAULT_SORT = "deadline"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. chosen: ticked values by group."""

    query: str
    chosen: facets.Chosen
    sort: str
    page: int

    def address(self, **changes: object) -> str:
        """The list's address with these changes; None drops a part, a page number goes back to the first."""
        parts: dict[str, object] = {
            "q": self.query or None,
            "sort": self.sort if self.sort != self.default_sort else None,
            **{group: sorted(values) for group, values in self.chosen.items() if values},
            **changes,
        }
        pairs = [
            (key, value)
            for key, values in parts.items()
            for value in (values if isinstance(values, list) else [values])
            if value is not None
        ]
        return url_for("scenarios.list_published") + (f"?{urlencode(pairs)}" if pairs else "")

    @property
    def default_sort(self) -> str:
        """A search is in order of relevance, a list in order of deadline."""
        return "relevance" if self.query else DEFAULT_SORT

    def without(self, group: str, value: str | None = None) -> str:
        """The address without one ticked value, or without a whole group."""
        left = [] if value is None else sorted(self.chosen[group] - {value})
        return self.address(**{group: left})


def read_asked() -> Asked:
    """The query of this request; values nobody offers are ignored, so that an old link still works."""
    return asked_from(request.args)


def asked_from(args: MultiDict[str, str]) -> Asked:
    """The same from the parts of any address of the list."""
    asked = filter_from(dict(args.lists()))
    sort = args.get("sort", "")
    known = sort in facets.SORTS or (sort == "relevance" and asked.query)
    return Asked(
        query=asked.query,
        chosen=asked.chosen,
        sort=sort if known else ("relevance" if asked.query else DEFAULT_SORT),
        page=page_number(args.get("page", "1")),
    )


def shown_entries(asked: Asked) -> tuple[list[Entry], list[Entry], dict[int, float]]:
    """What the list shows, what its filters count over, and the relevance where something is searched."""
    return facets.shown_entries(directory(), g.session, Filter(asked.query, asked.chosen), g.today)


@bp.get("")
@public
def list_published() -> str | Response:
    """The list of published scenarios with search, filters, counts and sorting."""
    asked = read_asked()
    shown, entries, found = shown_entries(asked)
    ordered = facets.in_order(shown, asked.sort, found)
    if (file := asked_table("scenarios", SCENARIO_COLUMNS, lambda: _rows(ordered))) is not None:
        return file
    page = paginate(ordered, asked.page, size=PAGE_SIZE)
    districts = list_districts(g.session)
    groups = facet_views(entries, asked.chosen, districts)
    return render_template(
        "pages/scenarios/list.html",
        asked=asked,
        page=page,
        cards=_cards(page),
        groups=groups,
        chips=_chosen_chips(asked, groups),
        nearest=None if shown else facets.nearest(entries, asked.chosen, g.today),
        batch=_newest_batch(),
        saved_query=asked.address().partition("?")[2],
        n_open=sum(entry.is_open(g.today) for entry in directory().entries(g.session)),
    )


def _rows(entries: list[Entry]) -> list[Scenario]:
    return load_page(g.session, [entry.id for entry in entries])


def _cards(page: Page[Entry]) -> list[Card]:
    rows = load_page(g.session, [entry.id for entry in page.rows])
    replies = reply_times(g.session, {row.organisation_id for row in rows}, now=g.now)
    return present_cards(
        rows, replies, interest_counts(g.session, [row.key for row in rows]), g.locale, g.today
    )


def _chosen_chips(asked: Asked, groups: list[FacetView]) -> list[tuple[str, str]]:
    """What was ticked, each with the address without it; the silent default (open ones only) is no choice."""
    return [
        (choice.words, asked.without(group.name, choice.value))
        for group in groups
        for choice in group.choices
        if choice.chosen and group.name != "state"
    ]


def _newest_batch() -> Batch | None:
    statement = select(Batch).where(col(Batch.released_at).is_not(None))
    return g.session.exec(statement.order_by(col(Batch.released_at).desc()).limit(1)).first()  # type: ignore[no-any-return]


@bp.get("/<number>")
@public
def show(number: str) -> str | Response:
    """One published scenario, by its public number; a row id leads there too."""
    if number.isdecimal() and (row := _by_id(number)) is not None:
        return redirect(url_for("scenarios.show", number=row.number), code=301)  # type: ignore[return-value]
    scenario = _with_all(get_published_scenario(g.session, storable(number)))
    replies = reply_times(g.session, {scenario.organisation_id}, now=g.now)
    pair = _my_pair(scenario)
    return render_template(
        "pages/scenarios/show.html",
        scenario=scenario,
        chip=scenario_chip(scenario, g.locale, today=g.today),
        days_left=days_left(scenario, g.today),
        chain=build_chain(ChainFacts(scenario=scenario), g.locale, zone=g.zone),
        reply=replies.get(scenario.organisation_id),
        answers=public_answers(g.session, scenario.key),
        addenda=list_addenda(g.session, scenario.key),
        n_interested=interest_counts(g.session, [scenario.key]).get(scenario.key, 0),
        domain=label("domain", scenario.domain, g.locale),
        mine=g.user is not None and g.user.organisation_id == scenario.organisation_id,
        pair=None if pair is None else _present(pair),
        bid=_my_bid(scenario),
        rubrics=[row for row in list_rubrics(g.session, scenario.key) if row.locked_at],
        may_bid=_may_bid(scenario),
    )


def _my_bid(scenario: Scenario) -> Bid | None:
    """The proposal of the firm of whoever reads it."""
    if g.user is None or g.user.organisation_id is None or not g.user.has_role(Role.STARTUP):
        return None
    return find_bid(g.session, scenario.key, g.user.organisation_id)


def _may_bid(scenario: Scenario) -> bool:
    """Whether the reader's firm could begin a proposal."""
    firm = None if g.user is None or not g.user.has_role(Role.STARTUP) else g.user.organisation_id
    return firm not in (None, scenario.organisation_id) and scenario.is_open(g.today)


def _by_id(number: str) -> Scenario | None:
    if len(number) > 9:
        return None
    return g.session.exec(select(Scenario).where(col(Scenario.id) == int(number), published())).first()  # type: ignore[no-any-return]


def _with_all(scenario: Scenario) -> Scenario:
    statement = (
        select(Scenario)
        .where(col(Scenario.id) == scenario.key)
        .options(
            joinedload(Scenario.organisation),
            joinedload(Scenario.district),
            joinedload(Scenario.batch),
            selectinload(Scenario.requirements),
        )
    )
    row = g.session.exec(statement).first()
    if row is None:
        raise NotFound(N_("没有这个场景，或者它已经撤回。"))
    return row  # type: ignore[no-any-return]


def _my_pair(scenario: Scenario) -> ScoredPair | None:
    """What we think of this scenario for the firm of whoever reads it."""
    if g.user is None or g.user.organisation_id is None or not g.user.has_role(Role.STARTUP):
        return None
    pairs = organisation_matches(g.session, g.user.organisation_id, on=g.today)
    return next((pair for pair in pairs if pair.match.scenario_id == scenario.id), None)


def _present(pair: ScoredPair) -> MatchView:
    return present_match(pair, Side.FIRM, g.locale)
