"""What my firm can do: the list, a new one, and what becomes of each: listed, paused, withdrawn, deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from matcher.completeness import missing_fields
from matcher.documents import capability_document
from models.audit import record
from models.capability import Capability, CapabilityStatus, organisation_capabilities
from models.capability_edit import delete_capability_draft, get_own_capability, make_capability_draft
from models.errors import InvalidInput
from models.i18n import N_, gettext
from models.user import Role
from web.auth import my_organisation_id, requires
from web.forms.capabilities import CapabilityTitleForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.presenters.capabilities import capability_chip, capability_labels
from web.tallies import capability_bands

bp = Blueprint("capabilities", __name__, url_prefix="/capabilities")

# On the list in this order: what works first, what is over last.
_ORDER = (
    CapabilityStatus.LISTED,
    CapabilityStatus.DRAFT,
    CapabilityStatus.UNLISTED,
    CapabilityStatus.WITHDRAWN,
)


def my_capability(capability_id: int) -> Capability:
    """A capability of mine that may still change. NotFound for another's, InvalidTransition once withdrawn."""
    return get_own_capability(g.session, capability_id, organisation_id=my_organisation_id())


@bp.get("")
@requires(Role.STARTUP)
def list_all() -> str:
    """Everything my firm wrote, with what each finds and what it lacks."""
    mine = my_organisation_id()
    rows = organisation_capabilities(g.session, mine)
    return render_template(
        "pages/capabilities/list.html",
        rows=sorted(rows, key=lambda row: (_ORDER.index(row.status), row.key)),
        chips={row.key: capability_chip(row) for row in rows},
        bands=capability_bands(g.session, mine, on=g.today),
        lacks={row.key: len(missing_fields(capability_document(row), row)) for row in rows},
    )


@bp.get("/new")
@requires(Role.STARTUP)
def new() -> str:
    """A line to begin with; everything else is saved as it is typed."""
    my_organisation_id()
    return render_template("pages/capabilities/new.html", form=FormView(), labels=capability_labels())


@bp.post("")
@requires(Role.STARTUP)
def create() -> Response:
    """Begin a draft."""
    my_organisation_id()
    try:
        form = parse(CapabilityTitleForm, request.form)
    except InvalidInput as error:
        labels = capability_labels()
        view = rejected(error, request.form, labels)
        return make_response(render_template("pages/capabilities/new.html", form=view, labels=labels), 422)
    draft = make_capability_draft(g.user.organisation, title=form.title, now=g.now)
    record(g.session, actor=g.user, action="capability.drafted", subject=draft)
    g.session.commit()
    return redirect(url_for("capability_edits.edit", capability_id=draft.key), code=303)  # type: ignore[return-value]


@bp.post("/<id:capability_id>/pause")
@requires(Role.STARTUP)
def pause(capability_id: int) -> Response:
    """Take it down for a while: it leaves every list within a minute or two."""
    return _moved(capability_id, Capability.unlist, "capability.paused", N_("已暂停，不再参加匹配。"))


@bp.post("/<id:capability_id>/resume")
@requires(Role.STARTUP)
def resume(capability_id: int) -> Response:
    """Let a paused one be matched again."""
    said = N_("已恢复，几分钟内重新参加匹配。")
    return _moved(capability_id, Capability.list_publicly, "capability.listed", said)


@bp.get("/<id:capability_id>/withdraw")
@requires(Role.STARTUP)
def ask_withdraw(capability_id: int) -> str:
    """The question before it goes for good; a draft is deleted, what was listed is withdrawn."""
    return render_template("pages/capabilities/withdraw.html", row=my_capability(capability_id))


@bp.post("/<id:capability_id>/withdraw")
@requires(Role.STARTUP)
def withdraw(capability_id: int) -> Response:
    """Take it down for good. What was agreed on it stays."""
    return _moved(capability_id, Capability.withdraw, "capability.withdrawn", N_("已撤下。"))


@bp.post("/<id:capability_id>/delete")
@requires(Role.STARTUP)
def delete(capability_id: int) -> Response:
    """Take a draft away."""
    draft = my_capability(capability_id)
    record(g.session, actor=g.user, action="capability.draft_deleted", subject=draft)
    delete_capability_draft(g.session, draft)
    return _done(N_("草稿已删除。"))


def _moved(
    capability_id: int, move: Callable[[Capability, datetime], None], action: str, said: str
) -> Response:
    row = my_capability(capability_id)
    move(row, g.now)
    record(g.session, actor=g.user, action=action, subject=row)
    return _done(said)


def _done(said: str) -> Response:
    g.session.commit()
    flash({"words": gettext(g.locale, said)})
    return redirect(url_for("capabilities.list_all"), code=303)  # type: ignore[return-value]
