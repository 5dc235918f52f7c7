"""What was handed in for a scenario, as its agency reads it: the list, and one proposal answer by answer."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template

from models.bid import find_version, get_bid, is_opened, readable
from models.errors import InvalidTransition, NotFound
from models.i18n import N_
from models.jury import find_jury
from models.rubric import find_locked, refuse_to_amend
from models.scenario import Scenario, get_scenario
from models.user import Role
from web.auth import my_organisation_id, requires
from web.chips import Side, scenario_chip
from web.list_columns import BID_COLUMNS
from web.presenters.bids import agency_lines, answer_lines, due_on, standing_of, steps_of, tally
from web.tables import asked_table

bp = Blueprint("bid_list", __name__, url_prefix="/my/scenarios/<id:scenario_id>/bids")


@bp.get("")
@requires(Role.AGENCY)
def list_all(scenario_id: int) -> str | Response:
    """Every proposal for one of my scenarios, and the way to its panel."""
    scenario = get_scenario(g.session, scenario_id, organisation_id=my_organisation_id())
    jury = find_jury(g.session, scenario.key)
    lines = agency_lines(scenario, jury)
    if (file := asked_table("bids", BID_COLUMNS, lambda: lines)) is not None:
        return file
    return render_template(
        "pages/bids/list.html",
        scenario=scenario,
        chip=scenario_chip(scenario, g.locale, today=g.today),
        lines=lines,
        n_standing=sum(line.bid.withdrawn_at is None for line in lines),
        jury=jury,
        due_on=due_on(scenario, jury),
        opened=is_opened(scenario, g.today),
        rubric=find_locked(g.session, scenario.key),
        may_amend=_may_amend(scenario),
    )


def _may_amend(scenario: Scenario) -> bool:
    try:
        refuse_to_amend(g.session, scenario, on=g.today)
    except InvalidTransition:
        return False
    return True


@bp.get("/<id:bid_id>")
@requires(Role.AGENCY)
def show(scenario_id: int, bid_id: int) -> str:
    """One proposal as it was handed in last; price and files once nobody can hand in any more."""
    bid = get_bid(g.session, bid_id, agency_id=my_organisation_id())
    version = find_version(g.session, bid.key)
    if bid.scenario_id != scenario_id or version is None:
        raise NotFound(N_("没有这份方案。"))
    opened = is_opened(bid.scenario, g.today)
    content = readable(version.content, opened=opened)
    return render_template(
        "pages/bids/read.html",
        bid=bid,
        scenario=bid.scenario,
        version=version,
        standing=standing_of(bid, find_jury(g.session, bid.scenario_id), Side.AGENCY),
        content=content,
        answers=answer_lines(content),
        steps=steps_of(content),
        tally=tally(content),
    )
