"""Matches from both sides: the agency's ranked firms, the firm's recommended scenarios, and the answers to them.

Pages read what the machine has scored; nothing is computed here. Every answer is one transition on the row, one audit
event and, where the other side should know, one mail, in one commit.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, g, render_template, request
from sqlmodel import col

from matcher.next_steps import AidLookup
from models.bid import find_bid, standing_bids
from models.candidacy import list_candidacies
from models.contact_release import ContactAccess, Release, accesses_of, is_released, look
from models.errors import NotFound
from models.i18n import N_
from models.match import Band, Match
from models.match_queries import (
    ScoredPair,
    get_match,
    organisation_applications,
    organisation_matches,
    place_move,
    present_scores,
    rank_key,
    scenario_matches,
)
from models.rotation import Move
from models.scenario import Scenario, get_scenario, organisation_scenarios
from models.user import Role
from models.work import latest_run
from web.auth import my_organisation_id, requires
from web.chain import ChainFacts, build_chain
from web.chips import Side, scenario_chip
from web.forms.view import FormView
from web.list_columns import CANDIDATE_COLUMNS, RECOMMENDED_COLUMNS, SCENARIO_COLUMNS
from web.pages.teams import team_of
from web.paging import page_number, paginate
from web.presenters.bids import firm_lines
from web.presenters.matches import (
    MatchView,
    days_left,
    nearest_of,
    present_match,
    present_ranked,
    present_routes,
    put_away_effect,
    worth_showing,
)
from web.replies import reply_times
from web.tables import asked_table
from web.tallies import band_counts, first_scored_at, pilots_by_match, scenario_pilots, waiting_interests
from web.wording import Sentence

bp = Blueprint("matches", __name__)

PAGE_SIZE = 20
CARDS_ON_PAGE = 12
N_NEAREST = 3
NEED_GAPS = ("need_too_short", "need_other_language")


@bp.get("/my/scenarios")
@requires(Role.AGENCY)
def my_scenarios() -> str | Response:
    """The scenarios of my organisation, with what waits on each."""
    rows = organisation_scenarios(g.session, my_organisation_id())
    if (file := asked_table("my-scenarios", SCENARIO_COLUMNS, lambda: rows)) is not None:
        return file
    page = paginate(rows, page_number(request.args.get("page", "1")), size=PAGE_SIZE)
    ids = [row.key for row in page.rows]
    return render_template(
        "pages/matches/my_scenarios.html",
        page=page,
        chips={row.key: scenario_chip(row, g.locale, today=g.today) for row in page.rows},
        bands=band_counts(g.session, ids),
        waiting=waiting_interests(g.session, ids),
        pilots=scenario_pilots(g.session, ids),
    )


@bp.get("/my/scenarios/<id:scenario_id>/candidates")
@requires(Role.AGENCY)
def candidates(scenario_id: int) -> str | Response:
    """The firms found for one of my scenarios, best first, one of them opened."""
    scenario = get_scenario(g.session, scenario_id, organisation_id=my_organisation_id())
    pairs = scenario_matches(g.session, scenario.key)
    pilots = pilots_by_match(g.session, [pair.match.key for pair in pairs])
    views = present_ranked(
        pairs, Side.AGENCY, g.locale, with_pilot=frozenset(pilots), lookup=aid_lookup([scenario.key])
    )
    band = request.args.get("band", "")
    kept = list_candidacies(g.session, [view.match.key for view in views])
    held = [view for view in views if view.match.key in kept and kept[view.match.key].held_at]
    shown = held if band == "held" else _in_band(views, band)
    if (file := asked_table("candidates", CANDIDATE_COLUMNS, lambda: shown)) is not None:
        return file
    page = paginate(shown, page_number(request.args.get("page", "1")), size=PAGE_SIZE)
    return render_template(
        "pages/matches/candidates.html",
        scenario=scenario,
        chip=scenario_chip(scenario, g.locale, today=g.today),
        days_left=days_left(scenario, g.today),
        chain=_scenario_chain(scenario, len(worth_showing(views))),
        views=views,
        n_worth=len(worth_showing(views)),
        page=page,
        band=band,
        band_sizes=_band_sizes(views),
        opened=_opened(page.rows),
        waiting=[view for view in views if view.status == "interested"],
        team=team_of(scenario, Side.AGENCY),
        need_gap=_need_gap(views),
        is_matched=_is_matched(scenario),
        kept=kept,
        n_held=len(held),
        n_bids=len(standing_bids(g.session, scenario.key)),
    )


def _need_gap(views: list[MatchView]) -> Sentence | None:
    """What keeps every firm from being judged by this need, if anything does; then it is the first gap of each."""
    gaps = [view.gaps[0] for view in views if view.gaps]
    return next((gap for gap in gaps if gap.code in NEED_GAPS), None)


def _is_matched(scenario: Scenario) -> bool:
    """Whether matching has run to its end since the scenario was published, so that an empty list is the answer."""
    run = latest_run(g.session, "reindex")
    published = scenario.published_at
    return (
        run is not None
        and run.finished_at is not None
        and published is not None
        and run.started_at >= published
    )


def _scenario_chain(scenario: Scenario, n_candidates: int) -> object:
    facts = ChainFacts(
        scenario=scenario,
        matched_at=first_scored_at(g.session, scenario.key),
        n_candidates=n_candidates or None,
    )
    return build_chain(facts, g.locale, zone=g.zone)


def _in_band(views: list[MatchView], band: str) -> list[MatchView]:
    """The views of one band; without one, those worth showing, or else the nearest few; every one for "all"."""
    if band == "":
        return worth_showing(views) or nearest_of(views, N_NEAREST)
    return [view for view in views if band in ("all", view.band)]


def _band_sizes(views: list[MatchView]) -> list[tuple[str, int]]:
    sizes = [(band.value, sum(view.band == band.value for view in views)) for band in Band]
    return [(band, n) for band, n in sizes if n]


def _opened(views: object) -> int:
    """The match whose explanation is open: the one asked for, else the first of the page; 0 for none."""
    asked = request.args.get("open", "")
    if asked.isdecimal() and len(asked) < 10:
        return int(asked)
    return next((view.match.key for view in views), 0)  # type: ignore[attr-defined]


@bp.get("/matches/<id:match_id>/row")
@requires(Role.AGENCY)
def row(match_id: int) -> str:
    """One candidate as the list shows it, opened or shut: what htmx swaps in."""
    match = get_match(g.session, match_id, agency_id=my_organisation_id())
    rank = request.args.get("rank", "")
    view = present_pair(match, Side.AGENCY, rank=int(rank) if rank.isdecimal() and len(rank) < 6 else None)
    return render_template(
        "pages/matches/row.html",
        view=view,
        is_open=request.args.get("open") == "1",
        match=match,
        kept=list_candidacies(g.session, [match.key]),
    )


@bp.get("/recommended")
@requires(Role.STARTUP)
def recommended() -> str | Response:
    """Open scenarios for my firm, best first; what I marked as not relevant is behind its own filter."""
    pairs = organisation_matches(g.session, my_organisation_id(), on=g.today)
    pilots = pilots_by_match(g.session, [pair.match.key for pair in pairs])
    lookup = aid_lookup([pair.match.scenario_id for pair in pairs])
    views = present_ranked(pairs, Side.FIRM, g.locale, with_pilot=frozenset(pilots), lookup=lookup)
    away = [view for view in views if view.status == "dismissed" or view.match.is_hidden(g.today)]
    gone = {view.match.key for view in away}
    shown = [view for view in views if view.match.key not in gone]
    band = request.args.get("band", "")
    wanted = away if band == "dismissed" else _in_band(shown, band)
    if (file := asked_table("recommended", RECOMMENDED_COLUMNS, lambda: wanted)) is not None:
        return file
    page = paginate(wanted, page_number(request.args.get("page", "1")), size=CARDS_ON_PAGE)
    agencies = {view.scenario.organisation_id for view in page.rows}
    return render_template(
        "pages/matches/recommended.html",
        page=page,
        n_shown=len(shown),
        n_worth=len(worth_showing(shown)),
        n_dismissed=len(away),
        effect=put_away_effect(away),
        weights_serial=max((view.score.weights_serial for view in views), default=0),
        routes=present_routes(page.rows, lookup, g.locale),
        band=band,
        band_sizes=_band_sizes(shown),
        replies=reply_times(g.session, agencies, now=g.now),
    )


@bp.get("/applications")
@requires(Role.STARTUP)
def applications() -> str | Response:
    """Where my firm stands with those it wants to talk to, or who want to talk to it."""
    pairs = organisation_applications(g.session, my_organisation_id())
    pilots = pilots_by_match(g.session, [pair.match.key for pair in pairs])
    views = [present_match(pair, Side.FIRM, g.locale, has_pilot=pair.match.key in pilots) for pair in pairs]
    if (file := asked_table("applications", RECOMMENDED_COLUMNS, lambda: views)) is not None:
        return file
    page = paginate(views, page_number(request.args.get("page", "1")), size=PAGE_SIZE)
    return render_template(
        "pages/matches/applications.html", page=page, pilots=pilots, bids=firm_lines(my_organisation_id())
    )


@bp.get("/matches/<id:match_id>")
@requires(Role.AGENCY, Role.STARTUP)
def show(match_id: int) -> str:
    """One pair in full, for the side that asks."""
    return match_page(match_id)


@bp.post("/matches/<id:match_id>/contact")
@requires(Role.AGENCY, Role.STARTUP)
def look_at_contact(match_id: int) -> str:
    """The page with the other side's people and prices; who looked is written down for them."""
    match, _ = my_side(match_id)
    release = look(g.session, match, by=g.user, now=g.now)
    page = match_page(match_id, release=release)
    g.session.commit()
    return page


def match_page(
    match_id: int, form: FormView | None = None, *, failed: str = "", release: Release | None = None
) -> str:
    """The page of a pair. form: what was typed, when it was refused; failed: which form that was."""
    match, side = my_side(match_id)
    pilots = pilots_by_match(g.session, [match.key])
    pilot = pilots.get(match.key)
    return render_template(
        "pages/matches/show.html",
        match=match,
        side=side.value,
        view=present_pair(match, side, has_pilot=pilot is not None),
        scenario=match.scenario,
        days_left=days_left(match.scenario, g.today),
        is_open=match.scenario.is_open(g.today),
        team=team_of(match.scenario, side) if side is Side.FIRM else None,
        pilot=pilot,
        chain=_match_chain(match, pilot),
        released=is_released(match),
        release=release,
        accesses=_accesses(match),
        reply=reply_times(g.session, {match.scenario.organisation_id}, now=g.now).get(
            match.scenario.organisation_id
        ),
        bid=find_bid(g.session, match.scenario_id, match.organisation_id) if side is Side.FIRM else None,
        form=form or FormView(),
        failed=failed,
    )


def _accesses(match: Match) -> list[ContactAccess]:
    """Who of the other side saw our contact; before both said yes nobody could."""
    if not is_released(match):
        return []
    return accesses_of(g.session, my_organisation_id(), match_id=match.key)


def my_side(match_id: int) -> tuple[Match, Side]:
    """The pair and the side of the person asking. NotFound when their organisation is neither."""
    mine = my_organisation_id()
    match = g.session.get(Match, match_id)
    if match is not None and match.organisation_id == mine and g.user.has_role(Role.STARTUP):
        if match.scenario.published_at is None:
            raise NotFound(N_("没有这个场景，或者它已经撤回。"))
        return match, Side.FIRM
    return get_match(g.session, match_id, agency_id=mine), Side.AGENCY


def _match_chain(match: Match, pilot: object) -> object:
    facts = ChainFacts(
        scenario=match.scenario,
        matched_at=match.created_at,
        match=match,
        pilot=pilot,  # type: ignore[arg-type]
    )
    return build_chain(facts, g.locale, zone=g.zone)


def present_pair(
    match: Match, side: Side, *, rank: int | None = None, has_pilot: bool = False
) -> MatchView | None:
    """The pair with its best present score, or None when no listed capability of the firm is scored."""
    rows = g.session.exec(present_scores(col(Match.id) == match.key)).all()
    if not rows:
        return None
    _, score = min(rows, key=lambda found: rank_key(found[1]))
    move = place_move(g.session, match) if side is Side.AGENCY else Move.NONE
    pair = ScoredPair(match=match, score=score, n_other_capabilities=len(rows) - 1, move=move)
    lookup = aid_lookup([match.scenario_id])
    view = present_match(pair, side, g.locale, has_pilot=has_pilot, lookup=lookup)
    return replace(view, rank=rank)


def aid_lookup(scenario_ids: list[int]) -> AidLookup:
    """Who and what could close gaps of these scenarios today."""
    return AidLookup(g.session, scenario_ids, on=g.today, zone=g.zone)
