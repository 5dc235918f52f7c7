"""Writing a capability: saved as it is typed, judged beside the text, previewed as agencies read it, then listed.

Of what is listed a working copy is written; agencies read the old text until it is put in place.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.capability import Capability, CapabilityStatus
from models.capability_edit import (
    change_capability,
    content_of,
    discard_working,
    put_in_place,
    working_content,
)
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_, gettext
from models.scenario import DEPLOYMENTS
from models.user import Role
from web.auth import requires
from web.autosave import differences, is_same_sitting, save_state, sent_revision, worded
from web.forms.capabilities import (
    KNOWN,
    MAX_TEXT,
    TICKED,
    as_offered,
    case_numbers,
    check_listable,
    parse_capability,
    parse_readable_capability,
    typed_of_content,
)
from web.forms.view import FormView, rejected
from web.labels import MATURITIES, label
from web.pages.capabilities import my_capability
from web.panel import offer_panel
from web.presenters.capabilities import capability_chip, capability_labels, case_lines
from web.session import reads_only

bp = Blueprint("capability_edits", __name__, url_prefix="/capabilities/<id:capability_id>")


@bp.get("")
@requires(Role.STARTUP)
def edit(capability_id: int) -> str:
    """The form, with what the text finds beside it."""
    row = my_capability(capability_id)
    return _form_page(row, FormView(typed=typed_of_content(working_content(row))))


@bp.post("")
@requires(Role.STARTUP)
def save(capability_id: int) -> Response:
    """Save; also the way to add and take away cases. act: which button was pressed."""
    row = my_capability(capability_id)
    act = request.form.get("act", "")
    try:
        _take_over(row, act)
    except InvalidInput as error:
        return make_response(_form_page(row, rejected(error, _sent(), capability_labels())), 422)
    except InvalidTransition as error:
        page = _form_page(row, FormView(typed=_sent()), conflict=worded(error.message))
        return make_response(page, 409)
    g.session.commit()
    if act == "preview":
        return _to("capability_edits.preview", row)
    if act:
        return redirect(url_for("capability_edits.edit", capability_id=row.key) + "#cases", code=303)  # type: ignore[return-value]
    flash({"words": gettext(g.locale, N_("草稿已保存。"))})
    return _to("capability_edits.edit", row)


@bp.post("/autosave")
@requires(Role.STARTUP)
def autosave(capability_id: int) -> Response:
    """Save what has been typed so far; the answer says so, or what is in the way. Sent again, it changes nothing."""
    row = my_capability(capability_id)
    sent = request.form.get("revision", "")
    try:
        _take_over(row, "")
    except InvalidInput as error:
        view = rejected(error, _sent(), capability_labels())
        return make_response(save_state(sent, errors=view.errors), 422)
    except InvalidTransition as error:
        return make_response(save_state(sent, conflict=worded(error.message)), 409)
    g.session.commit()
    return make_response(save_state(str(row.revision), saved=True))


@bp.post("/panel")
@requires(Role.STARTUP)
@reads_only
def panel(capability_id: int) -> str:
    """What the text as it is typed would find now. Nothing is saved."""
    row = my_capability(capability_id)
    written = as_offered(row, parse_readable_capability(_sent()))
    return render_template("pages/capabilities/panel.html", panel=offer_panel(written))


@bp.get("/preview")
@requires(Role.STARTUP)
def preview(capability_id: int) -> str:
    """The capability as agencies will read it, and the button that lists it or puts the new text in place."""
    row = my_capability(capability_id)
    content = working_content(row)
    missing: FormView = FormView()
    try:
        check_listable(content)
    except InvalidInput as error:
        missing = rejected(error, {}, capability_labels())
    return render_template(
        "pages/capabilities/preview.html",
        row=row,
        shown=as_offered(row, content),
        missing=missing.errors,
        changes=differences(_old_text(row), typed_of_content(content), capability_labels()),
    )


@bp.post("/publish")
@requires(Role.STARTUP)
def publish(capability_id: int) -> Response:
    """List it, or put the working copy in place, if it is still what was previewed."""
    row = my_capability(capability_id)
    if request.form.get("revision") != str(row.revision):
        raise InvalidTransition(N_("预览之后又改过，请重新预览。"))
    content = working_content(row)
    try:
        check_listable(content)
    except InvalidInput as error:
        view = rejected(error, typed_of_content(content), capability_labels())
        return make_response(_form_page(row, view), 422)
    if row.status is CapabilityStatus.LISTED:
        put_in_place(g.session, row, now=g.now)
        action, said = "capability.changed", N_("已更新，几分钟内按新的说明匹配。")
    else:
        row.list_publicly(g.now)
        action, said = "capability.listed", N_("已入库，几分钟内开始匹配。")
    record(g.session, actor=g.user, action=action, subject=row)
    g.session.commit()
    flash({"words": gettext(g.locale, said)})
    return redirect(url_for("capabilities.list_all"), code=303)  # type: ignore[return-value]


@bp.post("/discard")
@requires(Role.STARTUP)
def discard(capability_id: int) -> Response:
    """Drop the working copy: the listed text stays."""
    row = my_capability(capability_id)
    discard_working(row)
    record(g.session, actor=g.user, action="capability.change_discarded", subject=row)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已放弃改动，还是原来的说明。"))})
    return redirect(url_for("capabilities.list_all"), code=303)  # type: ignore[return-value]


# ---------------------------------------------------------------- parts


def _sent() -> dict[str, str]:
    """What the form sent, a text a field; boxes that are ticked in one."""
    return {**request.form.to_dict(), **{name: ",".join(request.form.getlist(name)) for name in TICKED}}


def _take_over(row: Capability, act: str) -> None:
    """Save what was sent, with its entry in the audit trail; the caller commits."""
    content = parse_capability(_sent(), act)
    changed = change_capability(g.session, row, content, revision=sent_revision(), now=g.now)
    if changed and not is_same_sitting(row, "capability", "capability.draft_changed"):
        record(g.session, actor=g.user, action="capability.draft_changed", subject=row)


def _old_text(row: Capability) -> dict[str, str]:
    """What agencies read now, as the form holds it; nothing where they read nothing."""
    if row.status is not CapabilityStatus.LISTED:
        return typed_of_content(working_content(row))
    return typed_of_content(content_of(row))


def _form_page(row: Capability, form: FormView, *, conflict: str = "") -> str:
    stored = typed_of_content(working_content(row))
    written = as_offered(row, parse_readable_capability(form.typed))
    confirmed = [case.confirmed_at is not None for case in written.cases]
    none = ("", gettext(g.locale, N_("没写")))
    return render_template(
        "pages/capabilities/edit.html",
        row=row,
        state=capability_chip(row),
        form=form,
        conflict=conflict,
        changes=differences(stored, form.typed, capability_labels()) if conflict else (),
        revision=form.typed.get("revision", str(row.revision)),
        labels=capability_labels(),
        cases=case_lines(form.typed, case_numbers(form.typed), confirmed),
        maturities=[none, *((code, label("maturity", code, g.locale)) for code in MATURITIES)],
        deployments=[(code, label("deployment", code, g.locale)) for code in DEPLOYMENTS],
        filings=_codes("filings", "filing", form.typed),
        industries=_codes("industries", "domain", form.typed),
        max_text=MAX_TEXT,
        panel=offer_panel(written),
    )


def _codes(name: str, table: str, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """The codes one can tick, with their words; what an import brought besides stays tickable."""
    brought = [code for code in typed.get(name, "").split(",") if code and code not in KNOWN[name]]
    return [(code, label(table, code, g.locale)) for code in (*KNOWN[name], *brought)]


def _to(endpoint: str, row: Capability) -> Response:
    return redirect(url_for(endpoint, capability_id=row.key), code=303)  # type: ignore[return-value]
