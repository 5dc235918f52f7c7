"""From a paragraph about a need to a draft: fields are proposed with the sentence each rests on; the officer takes or
leaves each. Nothing is stored but the draft that is made.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from matcher.scenario_reading import propose_scenario
from models.audit import record
from models.draft import change_draft, make_draft
from models.errors import InvalidInput
from models.i18n import N_
from models.paragraph import paragraphs_of
from models.texts import storable
from models.user import Role
from web.auth import my_organisation_id, requires
from web.forms.scenarios import MAX_TEXT, parse_draft
from web.forms.view import FormView, rejected
from web.pages.drafts import begin_page, draft_labels
from web.pages.profile_imports import taken_fields
from web.presenters.draft_readings import WORDING, present_reading
from web.presenters.profile_imports import Proposal, present_proposals_again
from web.session import reads_only

bp = Blueprint("draft_readings", __name__, url_prefix="/drafts/reading")


@bp.post("")
@requires(Role.AGENCY)
@reads_only
def read() -> Response:
    """What the pasted text says, field by field."""
    my_organisation_id()
    text = request.form.get("text", "")
    try:
        found = _read(text)
    except InvalidInput as error:
        return make_response(begin_page(rejected(error, {"text": text}, draft_labels())), 422)
    return make_response(_page(found, {}))


def _read(text: str) -> Proposal:
    if len(text) > MAX_TEXT:
        words = N_("太长，最多 1 万字。留下说需求的部分。")
        raise InvalidInput(words, fields={"text": words})
    found = propose_scenario(paragraphs_of(storable(text)), today=g.today)
    if found is None:
        words = N_("粘贴一段文字：现在怎么做，想做到什么。")
        raise InvalidInput(words, fields={"text": words})
    return present_reading(found)


@bp.post("/take")
@requires(Role.AGENCY)
def take() -> Response:
    """Make the draft, with the fields that were ticked."""
    my_organisation_id()
    try:
        content = parse_draft(taken_fields(request.form, request.form.getlist("take"), 0))
    except InvalidInput as error:
        view = rejected(error, {}, draft_labels())
        again = present_proposals_again(request.form, request.form.getlist("take"), ["0"], WORDING)
        if not again:
            raise
        return make_response(_page(again[0], view.errors), 422)
    draft = make_draft(g.user.organisation, title=content.values["title"], now=g.now)
    record(g.session, actor=g.user, action="scenario.drafted", subject=draft, details={"from": "text"})
    change_draft(g.session, draft, content, revision=draft.revision, now=g.now)
    g.session.commit()
    return redirect(url_for("drafts.edit", draft_id=draft.key), code=303)  # type: ignore[return-value]


def _page(proposal: Proposal, errors: Mapping[str, str]) -> str:
    return render_template(
        "pages/drafts/reading.html",
        each=proposal,
        form=FormView(errors=errors),
        labels=draft_labels(),
        max_text=MAX_TEXT,
    )
