"""The first page after logging in: what I owe today, then what I came for."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, url_for
from sqlalchemy.orm import joinedload
from sqlmodel import col, select

from models.match_queries import organisation_matches
from models.pilot import Pilot, organisation_pilots
from models.scenario import organisation_scenarios
from models.user import Role
from web.auth import my_organisation_id, public, requires
from web.chips import Side, pilot_chip, scenario_chip
from web.frame import READS_BATCHES, READS_FUNDING, my_owed
from web.owed import MAX_SHOWN, evidence_kinds
from web.pages.matches import aid_lookup
from web.presenters.funding import present_lines
from web.presenters.matches import PROMISING, nearest_of, present_ranked, present_routes
from web.replies import reply_times
from web.tallies import band_counts, loaded_records, pilots_by_match, waiting_interests

bp = Blueprint("home", __name__)

N_RECOMMENDED = 3
N_SCENARIOS = 8


@bp.get("/")
@public
def start() -> Response:
    """Strangers see the public list, others their own page."""
    target = "scenarios.list_published" if g.user is None else "home.show"
    return redirect(url_for(target))  # type: ignore[return-value]


@bp.get("/home")
@requires()
def show() -> str | Response:
    """The home page of the person's first role; roles that only read begin at their list."""
    if g.user.has_role(Role.AGENCY):
        return _agency_home()
    if g.user.has_role(Role.STARTUP):
        return _firm_home()
    starts = (
        ((Role.EVALUATOR,), "seats.list_mine"),
        ((Role.REVIEWER,), "reviews.list_all"),
        (READS_BATCHES, "batches.list_all"),
        (READS_FUNDING, "funding.list_all"),
    )
    for roles, endpoint in starts:
        if any(g.user.has_role(role) for role in roles):
            return redirect(url_for(endpoint))  # type: ignore[return-value]
    return redirect(url_for("scenarios.list_published"))  # type: ignore[return-value]


def _agency_home() -> str:
    mine = my_organisation_id()
    rows = organisation_scenarios(g.session, mine)
    shown = sorted(rows, key=lambda row: (not row.is_open(g.today), -row.key))[:N_SCENARIOS]
    ids = [row.key for row in shown]
    return render_template(
        "pages/home/agency.html",
        owed=my_owed()[:MAX_SHOWN],
        n_owed=len(my_owed()),
        scenarios=shown,
        n_scenarios=len(rows),
        chips={row.key: scenario_chip(row, g.locale, today=g.today) for row in shown},
        bands=band_counts(g.session, ids),
        waiting=waiting_interests(g.session, ids),
        pilots=_pilots(mine),
    )


def _firm_home() -> str:
    mine = my_organisation_id()
    pairs = organisation_matches(g.session, mine, on=g.today)
    pilots = pilots_by_match(g.session, [pair.match.key for pair in pairs])
    views = present_ranked(pairs, Side.FIRM, g.locale, with_pilot=frozenset(pilots))
    views = [view for view in views if not view.match.is_hidden(g.today)]
    untouched = [view for view in views if view.status in ("suggested", "invited") and view.rank is not None]
    sure = [view for view in untouched if view.band in PROMISING or view.status == "invited"]
    top = sure[:N_RECOMMENDED] or nearest_of(views, N_RECOMMENDED)
    agencies = {view.scenario.organisation_id for view in top}
    capacities = {view.capability.key: view.capability.capacity for view in views}
    known = [n for n in capacities.values() if n is not None]
    return render_template(
        "pages/home/firm.html",
        owed=my_owed()[:MAX_SHOWN],
        n_owed=len(my_owed()),
        top=top,
        sure=bool(sure),
        n_open=len([view for view in views if view.status != "dismissed"]),
        n_capacity=max(known, default=None),
        replies=reply_times(g.session, agencies, now=g.now),
        routes=present_routes(top, aid_lookup([view.scenario.key for view in top]), g.locale),
        pilots=_pilots(mine),
        lines=present_lines(loaded_records(g.session, organisation_id=mine), g.locale),
    )


def _pilots(mine: int) -> list[tuple[Pilot, object, object]]:
    """My pilots that run or wait, each with its chip and the other side's name."""
    rows = [row for row in organisation_pilots(g.session, mine) if row.stopped_at is None]
    loaded = load_pilots([row.key for row in rows])
    kinds = evidence_kinds(g.session, [row.key for row in loaded])
    shown = []
    for row in loaded:
        side = Side.AGENCY if row.scenario.organisation_id == mine else Side.FIRM
        other = row.organisation if side is Side.AGENCY else row.scenario.organisation
        chip = pilot_chip(row, side, g.locale, today=g.today, kinds=kinds[row.key])
        shown.append((row, chip, other))
    return shown


def load_pilots(ids: list[int]) -> list[Pilot]:
    """The pilots with these ids and both sides, newest first."""
    statement = (
        select(Pilot)
        .where(col(Pilot.id).in_(ids))
        .options(joinedload(Pilot.scenario), joinedload(Pilot.organisation))
        .order_by(col(Pilot.id).desc())
        .execution_options(populate_existing=True)
    )
    return list(g.session.exec(statement).all())
