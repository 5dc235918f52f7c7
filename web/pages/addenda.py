"""Saying what changed after publication: beside the text, never in it, and to everybody it concerns."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.addendum import MAX_WHAT, MAX_WHY, concerned_firms, issue_addendum, list_addenda
from models.audit import record
from models.errors import InvalidInput
from models.i18n import N_, gettext
from models.notice import tell_of_addendum
from models.scenario import Scenario, get_scenario
from models.user import Role
from web.auth import my_organisation_id, requires
from web.forms.addenda import AddendumForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected

bp = Blueprint("addenda", __name__, url_prefix="/my/scenarios/<id:scenario_id>/addenda")


@bp.get("")
@requires(Role.AGENCY)
def new(scenario_id: int) -> str:
    """The addenda there are, and the form of the next."""
    return _page(get_scenario(g.session, scenario_id, organisation_id=my_organisation_id()), FormView())


@bp.post("")
@requires(Role.AGENCY)
def create(scenario_id: int) -> Response:
    """Issue an addendum; those it concerns are told, each once."""
    scenario = get_scenario(g.session, scenario_id, organisation_id=my_organisation_id())
    try:
        form = parse(AddendumForm, request.form)
    except InvalidInput as error:
        labels = {"what": gettext(g.locale, N_("改了什么")), "why": gettext(g.locale, N_("为什么改"))}
        return make_response(_page(scenario, rejected(error, request.form, labels)), 422)
    row = issue_addendum(g.session, scenario, what=form.what, why=form.why, by=g.user, now=g.now)
    record(g.session, actor=g.user, action="addendum.issued", subject=row)
    tell_of_addendum(g.session, row, now=g.now)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("变更说明已公开，有关企业收到邮件。"))})
    return redirect(url_for("scenarios.show", number=scenario.number) + "#addenda", code=303)  # type: ignore[return-value]


def _page(scenario: Scenario, form: FormView) -> str:
    return render_template(
        "pages/scenarios/addenda.html",
        scenario=scenario,
        addenda=list_addenda(g.session, scenario.key),
        may_issue=scenario.status.value == "published",
        n_firms=len(concerned_firms(g.session, scenario.key)),
        form=form,
        max_what=MAX_WHAT,
        max_why=MAX_WHY,
    )
