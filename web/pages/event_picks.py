"""Choosing what an event brings together: scenarios by batch, domain and district, firms by who closes its gaps."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from models.audit import record
from models.base import MAX_ID
from models.batch import list_batches
from models.capability import listed_firms
from models.errors import InvalidInput, NotFound
from models.event import Event
from models.event_picks import (
    EventFirm,
    EventScenario,
    Pick,
    ScenarioFilter,
    drop_pick,
    event_picks,
    get_pick,
    offered_scenarios,
    pick_firms,
    pick_scenarios,
    promising,
    ranked_firms,
    set_booth,
)
from models.i18n import N_, gettext, ngettext
from models.place import list_districts
from models.scenario import open_scenarios
from web.auth import requires
from web.labels import DOMAINS
from web.pages.events import HOLDS, my_event

bp = Blueprint("event_picks", __name__, url_prefix="/events/<id:event_id>")

KINDS: dict[str, type[Pick]] = {"scenario": EventScenario, "firm": EventFirm}
MAX_SHOWN = 100
"""Boxes on one page; the parser takes two hundred fields."""


@bp.get("/scenarios")
@requires(*HOLDS)
def scenarios(event_id: int) -> str:
    """Open scenarios that are not picked, filtered; and those that are, with their booths."""
    event = my_event(event_id)
    picks = event_picks(g.session, event.key)
    wanted = ScenarioFilter(_asked_id("batch"), request.args.get("domain", ""), _asked_id("district"))
    offered = offered_scenarios(g.session, picks, wanted, on=g.today)
    return render_template(
        "pages/events/scenarios.html",
        event=event,
        picks=picks,
        offered=offered[:MAX_SHOWN],
        n_offered=len(offered),
        wanted=wanted,
        batches=list_batches(g.session),
        domains=list(DOMAINS),
        districts=list_districts(g.session),
    )


@bp.post("/scenarios")
@requires(*HOLDS)
def add_scenarios(event_id: int) -> Response:
    """Bring the ticked scenarios."""
    event = my_event(event_id)
    ids = _ticked()
    rows = [row for row in open_scenarios(g.session, on=g.today) if row.key in ids]
    new = pick_scenarios(g.session, event, rows)
    _record_picks(event, "scenario", [row.scenario_id for row in new])
    flash({"words": ngettext(g.locale, "选进了 %(num)s 个场景。", "选进了 %(num)s 个场景。", len(new))})
    return _back("event_picks.scenarios", event)


@bp.get("/firms")
@requires(*HOLDS)
def firms(event_id: int) -> str:
    """Firms in the order in which to invite them; and those that are picked, with their booths."""
    event = my_event(event_id)
    picks = event_picks(g.session, event.key)
    district_id = _asked_id("district")
    ranked = [
        row
        for row in ranked_firms(g.session, picks, promising(g.session, picks.scenario_ids))
        if district_id in (None, row.firm.district_id)
    ]
    return render_template(
        "pages/events/firms.html",
        event=event,
        picks=picks,
        ranked=ranked[:MAX_SHOWN],
        n_ranked=len(ranked),
        district_id=district_id,
        districts=list_districts(g.session),
    )


@bp.post("/firms")
@requires(*HOLDS)
def add_firms(event_id: int) -> Response:
    """Want the ticked firms."""
    event = my_event(event_id)
    ids = _ticked()
    new = pick_firms(g.session, event, [row for row in listed_firms(g.session) if row.key in ids])
    _record_picks(event, "firm", [row.organisation_id for row in new])
    flash({"words": ngettext(g.locale, "选进了 %(num)s 家企业。", "选进了 %(num)s 家企业。", len(new))})
    return _back("event_picks.firms", event)


@bp.post("/<any(scenario, firm):side>/<id:pick_id>/drop")
@requires(*HOLDS)
def drop(event_id: int, side: str, pick_id: int) -> Response:
    """Bring it no longer."""
    event = my_event(event_id)
    row = get_pick(g.session, event, KINDS[side], pick_id)
    record(g.session, actor=g.user, action="event.dropped", subject=event, details=_named(side, row))
    drop_pick(g.session, event, row)
    g.session.commit()
    return _back(f"event_picks.{side}s", event)


@bp.post("/<any(scenario, firm):side>/<id:pick_id>/booth")
@requires(*HOLDS)
def booth(event_id: int, side: str, pick_id: int) -> Response:
    """Give it a table that its people do not leave, or none."""
    event = my_event(event_id)
    row = get_pick(g.session, event, KINDS[side], pick_id)
    typed = request.form.get("table", "").strip()
    if typed and not (typed.isascii() and typed.isdecimal() and len(typed) < 5):
        raise InvalidInput(N_("桌号要写一个整数，例如 3。"))
    set_booth(g.session, event, row, int(typed) if typed else None)
    details = {**_named(side, row), "table": row.booth_table}
    record(g.session, actor=g.user, action="event.booth_set", subject=event, details=details)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已保存。"))})
    return _back(f"event_picks.{side}s", event)


# ---------------------------------------------------------------- parts


def _named(side: str, row: Pick) -> dict[str, int]:
    named = row.scenario_id if isinstance(row, EventScenario) else row.organisation_id
    return {side: named}


def _record_picks(event: Event, side: str, ids: list[int]) -> None:
    if ids:
        record(g.session, actor=g.user, action="event.picked", subject=event, details={side: ids})
    g.session.commit()


def _back(endpoint: str, event: Event) -> Response:
    return redirect(url_for(endpoint, event_id=event.key), code=303)  # type: ignore[return-value]


def _ticked() -> set[int]:
    sent = request.form.getlist("chosen")
    return {int(value) for value in sent if value.isascii() and value.isdecimal() and len(value) < 10}


def _asked_id(name: str) -> int | None:
    typed = request.args.get(name, "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal()) or not 0 < int(typed[:11]) <= MAX_ID:
        raise NotFound(N_("没有这样的筛选条件。"))
    return int(typed)
