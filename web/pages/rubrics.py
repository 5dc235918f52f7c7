"""Scoring criteria: written with a draft, fixed at its publication; afterwards changed beside an addendum only."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.addendum import issue_addendum
from models.audit import record
from models.draft import get_draft
from models.errors import InvalidInput
from models.i18n import N_, gettext
from models.notice import tell_of_addendum
from models.rubric import (
    SCORES,
    Criterion,
    amend_rubric,
    default_criteria,
    find_rubric,
    list_rubrics,
    refuse_to_amend,
    write_rubric,
)
from models.scenario import Scenario, get_scenario
from models.user import Role
from web.auth import my_organisation_id, requires
from web.forms.parsing import parse
from web.forms.rubrics import WhyForm, n_lines, parse_rubric, typed_of
from web.forms.view import FormView, rejected

bp = Blueprint("rubrics", __name__, url_prefix="/my/scenarios/<id:scenario_id>/rubric")


@bp.get("")
@requires(Role.AGENCY)
def edit(scenario_id: int) -> str:
    """The criteria there are, or the proposed ones, as a form."""
    scenario = _mine(scenario_id)
    rubric = find_rubric(g.session, scenario.key)
    criteria = default_criteria(scenario.lang) if rubric is None else rubric.lines
    return _page(scenario, FormView(typed=typed_of(criteria)))


def _mine(scenario_id: int) -> Scenario:
    """One of my scenarios whose criteria may be written; InvalidTransition where they stand."""
    scenario = get_scenario(g.session, scenario_id, organisation_id=my_organisation_id())
    if scenario.published_at is None:
        return get_draft(g.session, scenario.key, organisation_id=scenario.organisation_id)
    refuse_to_amend(g.session, scenario, on=g.today)
    return scenario


@bp.post("")
@requires(Role.AGENCY)
def save(scenario_id: int) -> Response:
    """Keep the criteria of a draft; of a published scenario, issue the addendum that puts them in force."""
    scenario = _mine(scenario_id)
    published = scenario.published_at is not None
    try:
        criteria = parse_rubric(request.form)
        why = parse(WhyForm, request.form).why if published else ""
    except InvalidInput as error:
        return make_response(_page(scenario, rejected(error, request.form, _labels())), 422)
    if not published:
        rubric = write_rubric(g.session, scenario, criteria, now=g.now)
        record(g.session, actor=g.user, action="rubric.written", subject=rubric)
        g.session.commit()
        flash({"words": gettext(g.locale, N_("评分标准已保存，发布时锁定。"))})
        return redirect(url_for("drafts.preview", draft_id=scenario.key), code=303)  # type: ignore[return-value]
    _amend(scenario, criteria, why)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("评分标准已公布，变更说明发给了有关企业。"))})
    return redirect(url_for("scenarios.show", number=scenario.number) + "#rubric-head", code=303)  # type: ignore[return-value]


def _amend(scenario: Scenario, criteria: list[Criterion], why: str) -> None:
    """Addendum, criteria and mails in one; the addendum speaks the scenario's language."""
    lines = "\n".join(f"{row.name} {row.weight}%" for row in criteria)
    serial = len(list_rubrics(g.session, scenario.key)) + 1
    head = gettext(scenario.lang, N_("评分标准改为第 %(n)s 版："), n=serial)
    addendum = issue_addendum(g.session, scenario, what=f"{head}\n{lines}", why=why, by=g.user, now=g.now)
    rubric = amend_rubric(g.session, scenario, criteria, addendum=addendum, now=g.now)
    record(g.session, actor=g.user, action="addendum.issued", subject=addendum)
    details = {"serial": rubric.serial, "sha256": rubric.sha256}
    record(g.session, actor=g.user, action="rubric.amended", subject=rubric, details=details)
    tell_of_addendum(g.session, addendum, now=g.now)


def _labels() -> dict[str, str]:
    labels = {"why": gettext(g.locale, N_("为什么改"))}
    for n in range(1, 10):
        labels[f"name_{n}"] = gettext(g.locale, N_("第 %(n)s 条标准"), n=n)
        labels[f"weight_{n}"] = gettext(g.locale, N_("第 %(n)s 条的权重"), n=n)
        for score in SCORES:
            words = gettext(g.locale, N_("第 %(n)s 条，%(score)s 分是什么样"), n=n, score=score)
            labels[f"anchor_{n}_{score}"] = words
    return labels


def _page(scenario: Scenario, form: FormView) -> str:
    return render_template(
        "pages/rubrics/edit.html",
        scenario=scenario,
        form=form,
        labels=_labels(),
        n_lines=n_lines(form.typed),
        scores=SCORES,
        published=scenario.published_at is not None,
    )
