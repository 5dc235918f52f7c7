"""Which agencies owe firms an answer: every call that is over, its panel and the promised day, for who runs the market.

Operators help a panel to its members; proposals and marks stay between agency, panel and firms.
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.bid import scenarios_to_answer
from models.errors import InvalidInput, NotFound
from models.i18n import N_, gettext
from models.jury import MIN_JURORS, Jury, find_jury, juries_of
from models.scenario import Scenario
from web.auth import requires
from web.forms.view import FormView, rejected
from web.frame import ADMITS
from web.pages.juries import appoint_chosen, candidates
from web.presenters.bids import due_on
from web.presenters.juries import juror_chip, panel_chip

bp = Blueprint("panels", __name__, url_prefix="/panels")


@bp.get("")
@requires(*ADMITS)
def list_all() -> str:
    """Every call that is over and has proposals, the earliest first, within the districts of the role."""
    rows = _mine()
    juries = juries_of(g.session, [scenario.key for scenario, _ in rows])
    lines = []
    for scenario, n in rows:
        jury = juries.get(scenario.key)
        due = due_on(scenario, jury)
        decided = jury is not None and jury.decided_at is not None
        late = due is not None and due < g.today and not decided
        lines.append((scenario, n, panel_chip(jury, late=late), due, late))
    return render_template("pages/panels/list.html", lines=lines, n_late=sum(line[4] for line in lines))


def _mine() -> list[tuple[Scenario, int]]:
    here = g.user.districts(*ADMITS)
    rows = scenarios_to_answer(g.session, on=g.today)
    return [(row, n) for row, n in rows if here is None or row.district_id in here]


@bp.get("/<id:scenario_id>")
@requires(*ADMITS)
def show(scenario_id: int) -> str:
    """The members of one panel, and the form to appoint another."""
    return _page(*_panel(scenario_id), FormView())


def _panel(scenario_id: int) -> tuple[Scenario, Jury | None]:
    found = next((row for row, _ in _mine() if row.key == scenario_id), None)
    if found is None:
        raise NotFound(N_("没有这个评审组。"))
    return found, find_jury(g.session, scenario_id)


def _page(scenario: Scenario, jury: Jury | None, form: FormView) -> str:
    return render_template(
        "pages/panels/show.html",
        scenario=scenario,
        jury=jury,
        chip=panel_chip(jury),
        seats=[] if jury is None else [(seat, juror_chip(seat)) for seat in jury.jurors],
        candidates=candidates(scenario, jury),
        due_on=due_on(scenario, jury),
        min_jurors=MIN_JURORS,
        form=form,
    )


@bp.post("/<id:scenario_id>/jurors")
@requires(*ADMITS)
def appoint(scenario_id: int) -> Response:
    """Appoint an evaluator to a panel that its agency has begun."""
    scenario, jury = _panel(scenario_id)
    if jury is None:
        raise NotFound(N_("没有这个评审组。"))
    try:
        appoint_chosen(jury)
    except InvalidInput as error:
        view = rejected(error, request.form, {"user_id": gettext(g.locale, N_("评委"))})
        return make_response(_page(scenario, jury, view), 422)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已请评委，对方收到邮件。"))})
    return redirect(url_for("panels.show", scenario_id=scenario.key), code=303)  # type: ignore[return-value]
