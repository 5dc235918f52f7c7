"""Writing a scenario: drafts of my organisation, saved as they are typed, judged beside the text, then published."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.draft import change_draft, delete_draft, get_draft, make_draft, publish_draft, refuse_to_delete
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_, gettext
from models.review import last_return, needs_review
from models.rubric import find_rubric, lock_rubric
from models.scenario import DEPLOYMENTS, Scenario
from models.user import Role
from web.auth import my_organisation_id, requires
from web.autosave import differences, is_same_sitting, save_state, sent_revision, worded
from web.forms.parsing import parse
from web.forms.scenarios import (
    MAX_REQUIREMENT,
    MAX_TEXT,
    TitleForm,
    as_written,
    check_publishable,
    parse_draft,
    parse_what_is_readable,
    typed_of,
)
from web.forms.view import FormView, rejected
from web.labels import DOMAINS, SCENARIO_KINDS, label
from web.panel import draft_panel
from web.presenters.drafts import FIELD_LABELS, progress_of, shown_lines
from web.presenters.matches import days_left
from web.session import reads_only

bp = Blueprint("drafts", __name__, url_prefix="/drafts")

LABELS = FIELD_LABELS | {"requirements": N_("逐条要求")}


def draft_labels() -> dict[str, str]:
    """The labels of the form in the reader's language; those of requirements name their number."""
    labels = {name: gettext(g.locale, words) for name, words in LABELS.items()}
    return labels | {f"req_{n}": gettext(g.locale, N_("第 %(n)s 条要求"), n=n) for n in range(1, 100)}


def my_draft(draft_id: int) -> Scenario:
    """A draft of mine. NotFound for another's, InvalidTransition for what is no draft any more."""
    return get_draft(g.session, draft_id, organisation_id=my_organisation_id())


@bp.get("/new")
@requires(Role.AGENCY)
def new() -> str:
    """A title to begin with; everything else is saved as it is typed."""
    my_organisation_id()
    return begin_page(FormView())


def begin_page(form: FormView) -> str:
    """A title to begin with, or a paragraph that is there already."""
    return render_template("pages/drafts/new.html", form=form, labels=draft_labels(), max_text=MAX_TEXT)


@bp.post("")
@requires(Role.AGENCY)
def create() -> Response:
    """Begin a draft."""
    my_organisation_id()
    try:
        form = parse(TitleForm, request.form)
    except InvalidInput as error:
        view = rejected(error, request.form, draft_labels())
        return make_response(begin_page(view), 422)
    draft = make_draft(g.user.organisation, title=form.title, now=g.now)
    record(g.session, actor=g.user, action="scenario.drafted", subject=draft)
    g.session.commit()
    return _to("drafts.edit", draft)


@bp.get("/<id:draft_id>")
@requires(Role.AGENCY)
def edit(draft_id: int) -> str:
    """The form, with what the draft finds beside it."""
    draft = my_draft(draft_id)
    return _form_page(draft, FormView(typed=typed_of(draft)))


@bp.post("/<id:draft_id>")
@requires(Role.AGENCY)
def save(draft_id: int) -> Response:
    """Save the draft; also the way to add, move and take away requirements. act: which button was pressed."""
    draft = my_draft(draft_id)
    act = request.form.get("act", "")
    try:
        _take_over(draft, act)
    except InvalidInput as error:
        return make_response(_form_page(draft, rejected(error, _sent(), draft_labels())), 422)
    except InvalidTransition as error:
        page = _form_page(draft, FormView(typed=_sent()), conflict=worded(error.message))
        return make_response(page, 409)
    g.session.commit()
    if act == "preview":
        return _to("drafts.preview", draft)
    if act:
        return redirect(url_for("drafts.edit", draft_id=draft.key) + "#requirements", code=303)  # type: ignore[return-value]
    flash({"words": gettext(g.locale, N_("草稿已保存。"))})
    return _to("drafts.edit", draft)


@bp.post("/<id:draft_id>/autosave")
@requires(Role.AGENCY)
def autosave(draft_id: int) -> Response:
    """Save what has been typed so far; the answer says so, or what is in the way. Sent again, it changes nothing."""
    draft = my_draft(draft_id)
    try:
        _take_over(draft, "")
    except InvalidInput as error:
        view = rejected(error, _sent(), draft_labels())
        return make_response(save_state(request.form.get("revision", ""), errors=view.errors), 422)
    except InvalidTransition as error:
        return make_response(
            save_state(request.form.get("revision", ""), conflict=worded(error.message)), 409
        )
    g.session.commit()
    return make_response(save_state(str(draft.revision), saved=True))


@bp.post("/<id:draft_id>/panel")
@requires(Role.AGENCY)
@reads_only
def panel(draft_id: int) -> str:
    """What the text as it is typed would find now. Nothing is saved."""
    draft = my_draft(draft_id)
    written = as_written(draft, parse_what_is_readable(_sent()))
    return render_template(
        "pages/drafts/panel.html", panel=draft_panel(written), progress=progress_of(written)
    )


@bp.get("/<id:draft_id>/preview")
@requires(Role.AGENCY)
def preview(draft_id: int) -> str:
    """The draft as firms will see it, and the button that publishes it."""
    draft = my_draft(draft_id)
    missing: FormView = FormView()
    try:
        check_publishable(draft, g.today)
    except InvalidInput as error:
        missing = rejected(error, {}, draft_labels())
    return render_template(
        "pages/drafts/preview.html",
        scenario=draft,
        days_left=days_left(draft, g.today),
        domain=label("domain", draft.domain, g.locale),
        missing=missing.errors,
        rubric=find_rubric(g.session, draft.key),
        needs_review=needs_review(draft),
    )


@bp.post("/<id:draft_id>/publish")
@requires(Role.AGENCY)
def publish(draft_id: int) -> Response:
    """Show the scenario to everybody, if it says what firms need to know and is still what was previewed."""
    draft = my_draft(draft_id)
    if request.form.get("revision") != str(draft.revision):
        raise InvalidTransition(N_("预览之后草稿又改过，请重新预览再发布。"))
    if needs_review(draft):
        raise InvalidTransition(N_("这里发布前要审核，请先提交审核。"))
    try:
        check_publishable(draft, g.today)
    except InvalidInput as error:
        view = rejected(error, typed_of(draft), draft_labels())
        return make_response(_form_page(draft, view), 422)
    publish_draft(draft, now=g.now)
    rubric = lock_rubric(g.session, draft, now=g.now)
    record(g.session, actor=g.user, action="rubric.locked", subject=rubric, details={"sha256": rubric.sha256})
    record(g.session, actor=g.user, action="scenario.published", subject=draft)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已发布。匹配几分钟内开始，候选企业会出现在这里。"))})
    return redirect(url_for("matches.candidates", scenario_id=draft.key), code=303)  # type: ignore[return-value]


@bp.get("/<id:draft_id>/delete")
@requires(Role.AGENCY)
def ask_delete(draft_id: int) -> str:
    """The question before a draft goes for good; what was handed in before stays."""
    draft = my_draft(draft_id)
    refuse_to_delete(draft)
    return render_template("pages/drafts/delete.html", draft=draft)


@bp.post("/<id:draft_id>/delete")
@requires(Role.AGENCY)
def delete(draft_id: int) -> Response:
    """Take a draft away."""
    draft = my_draft(draft_id)
    refuse_to_delete(draft)
    record(g.session, actor=g.user, action="scenario.draft_deleted", subject=draft)
    delete_draft(g.session, draft)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("草稿已删除。"))})
    return redirect(url_for("matches.my_scenarios"), code=303)  # type: ignore[return-value]


# ---------------------------------------------------------------- parts


def _sent() -> dict[str, str]:
    """What the form sent, a text a field; the places that are ticked in one."""
    return {**request.form.to_dict(), "deployment": ",".join(request.form.getlist("deployment"))}


def _take_over(draft: Scenario, act: str) -> None:
    """Put what was sent into the draft, with its entry in the audit trail; the caller commits."""
    content = parse_draft(_sent(), act)
    changed = change_draft(g.session, draft, content, revision=sent_revision(), now=g.now)
    if changed and not is_same_sitting(draft, "scenario", "scenario.draft_changed"):
        record(g.session, actor=g.user, action="scenario.draft_changed", subject=draft)


def _form_page(draft: Scenario, form: FormView, *, conflict: str = "") -> str:
    written = as_written(draft, parse_what_is_readable(form.typed))
    returned = last_return(g.session, draft)
    return render_template(
        "pages/drafts/edit.html",
        draft=draft,
        form=form if returned is None else replace(form, remarks=returned.by_field),
        returned=returned,
        needs_review=needs_review(draft),
        conflict=conflict,
        changes=differences(typed_of(draft), form.typed, draft_labels()) if conflict else (),
        revision=form.typed.get("revision", str(draft.revision)),
        labels=draft_labels(),
        lines=shown_lines(form.typed),
        ticked=form.typed.get("deployment", "").split(","),
        kinds=[(code, label("scenario_kind", code, g.locale)) for code in SCENARIO_KINDS],
        domains=[(code, label("domain", code, g.locale)) for code in DOMAINS],
        deployments=[(code, label("deployment", code, g.locale)) for code in DEPLOYMENTS],
        max_text=MAX_TEXT,
        max_requirement=MAX_REQUIREMENT,
        panel=draft_panel(written),
        progress=progress_of(written),
    )


def _to(endpoint: str, draft: Scenario) -> Response:
    return redirect(url_for(endpoint, draft_id=draft.key), code=303)  # type: ignore[return-value]
