"""The agency's own work with its candidates: shortlist, private notes, and a few of them side by side."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from models.audit import record
from models.candidacy import MAX_NOTE, candidacy_of, list_candidacies
from models.errors import InvalidInput
from models.i18n import N_, gettext
from models.match import Match
from models.match_queries import get_match, scenario_matches
from models.scenario import get_scenario
from models.texts import storable
from models.user import Role
from web.addresses import inner_address
from web.auth import my_organisation_id, requires
from web.chips import Side
from web.pages.matches import aid_lookup
from web.presenters.comparison import matrix
from web.presenters.matches import MatchView, present_ranked
from web.tallies import pilots_by_match

bp = Blueprint("shortlist", __name__)

MIN_COMPARED, MAX_COMPARED = 2, 5


@bp.get("/my/scenarios/<id:scenario_id>/compare")
@requires(Role.AGENCY)
def compare(scenario_id: int) -> str | Response:
    """The ticked candidates side by side; too few or too many lead back to the list with a word."""
    scenario = get_scenario(g.session, scenario_id, organisation_id=my_organisation_id())
    wanted = {int(sent) for sent in request.args.getlist("m") if sent.isdecimal() and len(sent) < 10}
    pairs = scenario_matches(g.session, scenario.key)
    pilots = pilots_by_match(g.session, [pair.match.key for pair in pairs])
    lookup = aid_lookup([scenario.key])
    ranked = present_ranked(pairs, Side.AGENCY, g.locale, with_pilot=frozenset(pilots), lookup=lookup)
    views = [view for view in ranked if view.match.key in wanted]
    if not MIN_COMPARED <= len(views) <= MAX_COMPARED:
        flash({"words": gettext(g.locale, N_("勾选 2 到 5 家，再并排比较。"))})
        return redirect(url_for("matches.candidates", scenario_id=scenario.key), code=303)  # type: ignore[return-value]
    return render_template(
        "pages/matches/compare.html",
        scenario=scenario,
        views=views,
        lines=matrix(views),
        kept=list_candidacies(g.session, [view.match.key for view in views]),
        back=_here(views, scenario.key),
        max_note=MAX_NOTE,
    )


def _here(views: list[MatchView], scenario_id: int) -> str:
    return url_for("shortlist.compare", scenario_id=scenario_id, m=[view.match.key for view in views])


@bp.post("/matches/<id:match_id>/hold")
@requires(Role.AGENCY)
def hold(match_id: int) -> Response:
    """Put a candidate on the shortlist."""
    match = get_match(g.session, match_id, agency_id=my_organisation_id())
    row = candidacy_of(g.session, match)
    row.hold(g.now)
    record(g.session, actor=g.user, action="candidacy.held", subject=row)
    g.session.commit()
    return _back(match, N_("已留着，只有本单位看得到。"))


@bp.post("/matches/<id:match_id>/let-go")
@requires(Role.AGENCY)
def let_go(match_id: int) -> Response:
    """Take a candidate off the shortlist."""
    match = get_match(g.session, match_id, agency_id=my_organisation_id())
    row = candidacy_of(g.session, match)
    row.let_go()
    record(g.session, actor=g.user, action="candidacy.let_go", subject=row)
    g.session.commit()
    return _back(match, N_("不再留着。"))


@bp.post("/matches/<id:match_id>/note")
@requires(Role.AGENCY)
def note(match_id: int) -> Response:
    """Write the private note about a candidate."""
    match = get_match(g.session, match_id, agency_id=my_organisation_id())
    text = storable(request.form.get("note", ""))
    if len(text) > MAX_NOTE:
        raise InvalidInput(N_("备注太长，请缩短到 2000 字以内。"), fields={"note": N_("太长，请缩短。")})
    row = candidacy_of(g.session, match)
    row.write(text, now=g.now)
    record(g.session, actor=g.user, action="candidacy.noted", subject=row)
    g.session.commit()
    return _back(match, N_("备注已保存，只有本单位看得到。"))


def _back(match: Match, words: str) -> Response:
    flash({"words": gettext(g.locale, words)})
    fallback = url_for("matches.candidates", scenario_id=match.scenario_id) + f"#match-{match.key}"
    return redirect(inner_address(request.form.get("next", "")) or fallback, code=303)  # type: ignore[return-value]
