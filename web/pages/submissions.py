"""Handing a draft to review, what its author reads while it is out of hand, and beginning anew from a copy."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from models.audit import record
from models.draft import clone_draft
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_, gettext
from models.notice import tell_of_submission
from models.review import list_rounds, submit_for_review
from models.rubric import find_rubric, write_rubric
from models.scenario import get_scenario
from models.user import Role
from web.auth import my_organisation_id, requires
from web.chips import scenario_chip
from web.forms.scenarios import check_publishable
from web.pages.drafts import my_draft
from web.presenters.reviews import field_label, field_views

bp = Blueprint("submissions", __name__, url_prefix="/drafts")


@bp.post("/<id:draft_id>/submit")
@requires(Role.AGENCY)
def submit(draft_id: int) -> Response:
    """Hand the draft to review, if it says what firms need to know and is still what was previewed."""
    draft = my_draft(draft_id)
    if request.form.get("revision") != str(draft.revision):
        raise InvalidTransition(N_("预览之后草稿又改过，请重新预览再提交。"))
    try:
        check_publishable(draft, g.today)
    except InvalidInput:
        # The preview says, field by field, what is missing.
        return redirect(url_for("drafts.preview", draft_id=draft.key), code=303)  # type: ignore[return-value]
    row = submit_for_review(g.session, draft, by=g.user, revision=draft.revision, now=g.now)
    record(g.session, actor=g.user, action="scenario.submitted", subject=draft, details={"round": row.serial})
    tell_of_submission(g.session, row, now=g.now)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已提交审核，审核人收到邮件。"))})
    return redirect(url_for("submissions.show", draft_id=draft.key), code=303)  # type: ignore[return-value]


@bp.get("/<id:draft_id>/review")
@requires(Role.AGENCY)
def show(draft_id: int) -> str:
    """Every hand-in of one of my scenarios and what was said to it, newest first."""
    scenario = get_scenario(g.session, draft_id, organisation_id=my_organisation_id())
    rounds = list_rounds(g.session, scenario.key)
    if not rounds:
        raise NotFound(N_("这个场景没有送审过。"))
    before = next((row for row in reversed(rounds[:-1]) if row.returned_at is not None), None)
    return render_template(
        "pages/drafts/review.html",
        scenario=scenario,
        chip=scenario_chip(scenario, g.locale, today=g.today),
        rounds=list(reversed(rounds)),
        fields=field_views(rounds[-1].content, before),
        field_label=field_label,
    )


@bp.post("/<id:draft_id>/clone")
@requires(Role.AGENCY)
def clone(draft_id: int) -> Response:
    """Begin a new draft with the words of one of my scenarios."""
    source = get_scenario(g.session, draft_id, organisation_id=my_organisation_id())
    copy = clone_draft(source, g.user.organisation, now=g.now)
    record(g.session, actor=g.user, action="scenario.cloned", subject=copy, details={"from": source.key})
    if (rubric := find_rubric(g.session, source.key)) is not None:
        write_rubric(g.session, copy, rubric.lines, now=g.now)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已复制成新草稿；日期要重新写。"))})
    return redirect(url_for("drafts.edit", draft_id=copy.key), code=303)  # type: ignore[return-value]
