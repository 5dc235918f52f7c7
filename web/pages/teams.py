"""Teams (联合体) the machine proposes: what pages show of them, and the agency's invitation to all members."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from sqlmodel import col, select

from models.capability import Capability
from models.errors import InvalidTransition, NotFound
from models.i18n import N_, gettext, ngettext
from models.match import Match
from models.place import list_communities, list_districts
from models.scenario import Scenario, get_scenario
from models.team import TeamProposal, find_proposal
from models.user import Role
from web.auth import my_organisation_id, requires
from web.chips import Side
from web.invitations import invite_firm
from web.presenters.teams import INVITABLE, Surroundings, TeamView, present_team

bp = Blueprint("teams", __name__)


def team_of(scenario: Scenario, side: Side) -> TeamView | None:
    """What is proposed for a scenario today, for one side; None where nothing is."""
    proposal = find_proposal(g.session, scenario.key, on=g.today)
    return None if proposal is None else present_team(proposal, _surroundings(proposal), side, g.locale)


def _surroundings(proposal: TeamProposal) -> Surroundings:
    used = {id_ for member in proposal.members for id_ in member.capability_ids}
    capabilities = g.session.exec(select(Capability).where(col(Capability.id).in_(used)))
    return Surroundings(
        matches=_matches(proposal),
        capabilities={row.key: row for row in capabilities},
        communities={row.key: row for row in list_communities(g.session)},
        districts={row.key: row for row in list_districts(g.session)},
    )


def _matches(proposal: TeamProposal) -> dict[int, Match]:
    """The pairs of the members, by firm."""
    firms = [member.organisation_id for member in proposal.members]
    statement = select(Match).where(
        col(Match.scenario_id) == proposal.scenario_id, col(Match.organisation_id).in_(firms)
    )
    return {match.organisation_id: match for match in g.session.exec(statement)}


@bp.post("/my/scenarios/<id:scenario_id>/team/invite")
@requires(Role.AGENCY)
def invite_all(scenario_id: int) -> Response:
    """Invite every member who has not been yet, each by the same act as alone; again it does nothing."""
    scenario = get_scenario(g.session, scenario_id, organisation_id=my_organisation_id())
    proposal = find_proposal(g.session, scenario.key, on=g.today)
    if proposal is None or not proposal.members:
        raise NotFound(N_("这个场景现在没有联合体建议。"))
    if request.form.get("proposal") != str(proposal.key):
        raise InvalidTransition(N_("联合体建议刚刚更新过。回去看一遍新的，再邀请。"))
    to_invite = [match for match in _matches(proposal).values() if match.status in INVITABLE]
    for match in sorted(to_invite, key=lambda match: match.key):
        invite_firm(match, details={"team_proposal": proposal.key})
    g.session.commit()
    if to_invite:
        words = ngettext(
            g.locale, "已邀请 %(num)s 家，等它们答复。", "已邀请 %(num)s 家，等它们答复。", len(to_invite)
        )
    else:
        words = gettext(g.locale, N_("成员都邀请过了，没有再发。"))
    flash({"words": words})
    return redirect(url_for("matches.candidates", scenario_id=scenario.key) + "#team", code=303)  # type: ignore[return-value]
