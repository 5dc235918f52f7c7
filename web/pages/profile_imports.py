"""From a firm's own document to drafts: fields are proposed with the sentence each rests on; the person takes or leaves
each. Nothing is stored but the drafts that are made.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from matcher.profile_reading import ProposedCapability
from models.audit import record
from models.capability import Capability
from models.capability_edit import CapabilityContent, change_capability, make_capability_draft
from models.errors import InvalidInput
from models.i18n import N_, gettext, is_translated, ngettext
from models.user import Role
from web.auth import my_organisation_id, requires
from web.forms.capabilities import MAX_TEXT, TICKED, parse_capability
from web.forms.view import FormView, rejected
from web.presenters.capabilities import capability_labels
from web.presenters.profile_imports import Proposal, present_proposals, present_proposals_again
from web.profile_files import MAX_CHARACTERS, read_file, read_pasted
from web.session import reads_only
from web.uploads import read_sent, upload_limit

bp = Blueprint("profile_imports", __name__, url_prefix="/capabilities/import")

LISTS = (*TICKED, "technologies")
"""Fields of several values: those that are taken are put together."""

_TAKEN = re.compile(r"v(\d{1,2})-(\d{1,3})-([a-z_]+?)(_\d{1,2})?\Z")


@bp.get("")
@requires(Role.STARTUP)
def show() -> str:
    """Where a text is pasted or a file chosen."""
    my_organisation_id()
    return _upload_page(FormView())


@bp.post("")
@requires(Role.STARTUP)
@reads_only
def read() -> Response:
    """What the text or file says, field by field."""
    my_organisation_id()
    sent = request.files.get("file")
    named = sent is not None and bool(sent.filename)
    try:
        found = _read_upload() if named else _read_text(request.form.get("text", ""))
    except InvalidInput as error:
        errors = {"file" if named else "text": _said(error)}
        return make_response(_upload_page(FormView(typed=request.form.to_dict(), errors=errors)), 422)
    return make_response(_proposals_page(present_proposals(found), {}))


def _read_text(text: str) -> list[ProposedCapability]:
    if not text.strip():
        raise InvalidInput(N_("粘贴一段文字，或选一个文件。"))
    return _some(read_pasted(text))


def _read_upload() -> list[ProposedCapability]:
    sent = request.files["file"]
    content = read_sent(sent)
    if len(content) > upload_limit():
        raise InvalidInput(N_("文件太大，请压缩或拆开后再传。"))
    return _some(read_file(sent.filename or "", content))


def _some(found: list[ProposedCapability]) -> list[ProposedCapability]:
    if not found:
        raise InvalidInput(N_("没有读到能力说明。写清做什么、给谁用，再试一次。"))
    return found


@bp.post("/take")
@requires(Role.STARTUP)
def take() -> Response:
    """Make a draft of each capability that was ticked, with the fields that were ticked. All of them or none."""
    my_organisation_id()
    wanted = [
        int(value) for value in request.form.getlist("capability") if value.isdecimal() and len(value) < 3
    ]
    errors: dict[str, str] = {}
    contents: list[CapabilityContent] = []
    for number in wanted:
        try:
            contents.append(
                parse_capability(taken_fields(request.form, request.form.getlist("take"), number))
            )
        except InvalidInput as error:
            view = rejected(error, {}, capability_labels())
            errors |= {f"{name}-{number}": words for name, words in view.errors.items()}
    if not wanted:
        errors = {"capability-0": gettext(g.locale, N_("至少勾一项能力。"))}
    if errors:
        return make_response(_proposals_page(_sent_proposals(), errors), 422)
    rows = [_draft(content) for content in contents]
    g.session.commit()
    flash(
        {
            "words": ngettext(
                g.locale, "建了 %(num)s 份草稿，看过再入库。", "建了 %(num)s 份草稿，看过再入库。", len(rows)
            )
        }
    )
    if len(rows) == 1:
        address = url_for("capability_edits.edit", capability_id=rows[0].key)
    else:
        address = url_for("capabilities.list_all")
    return redirect(address, code=303)  # type: ignore[return-value]


def _draft(content: CapabilityContent) -> Capability:
    draft = make_capability_draft(g.user.organisation, title=content.values["title"], now=g.now)
    record(g.session, actor=g.user, action="capability.drafted", subject=draft, details={"from": "document"})
    change_capability(g.session, draft, content, revision=draft.revision, now=g.now)
    return draft


def taken_fields(sent: Mapping[str, str], ticked: list[str], number: int) -> dict[str, str]:
    """The form of one capability out of what was sent: its title and text, and the fields that were ticked.

    A field that holds one value takes the first that was ticked; cases are numbered anew.
    """
    lists: dict[str, list[str]] = defaultdict(list)
    fields = {"title": sent.get(f"title-{number}", ""), "text": sent.get(f"text-{number}", "")}
    cases: dict[int, int] = {}
    for name in sorted(sent, key=_order):
        found = _TAKEN.match(name)
        if found is None or int(found.group(1)) != number or f"{number}-{found.group(2)}" not in ticked:
            continue
        field, at = found.group(3), int(found.group(2))
        if found.group(4):
            n = cases.setdefault(at, len(cases) + 1)
            fields[f"{field}_{n}"] = sent[name]
        elif field in LISTS:
            lists[field].append(sent[name])
        else:
            fields.setdefault(field, sent[name])
    return fields | {name: ",".join(values) for name, values in lists.items()}


def _order(name: str) -> tuple[int, int]:
    found = _TAKEN.match(name)
    return (0, 0) if found is None else (int(found.group(1)), int(found.group(2)))


def _sent_proposals() -> list[Proposal]:
    """The proposals as the page sent them back, ticks included."""
    return present_proposals_again(
        request.form, request.form.getlist("take"), request.form.getlist("capability")
    )


def _proposals_page(proposals: list[Proposal], errors: Mapping[str, str]) -> str:
    return render_template(
        "pages/capabilities/proposals.html",
        proposals=proposals,
        form=FormView(errors=errors),
        labels=capability_labels(),
        max_text=MAX_TEXT,
    )


def _upload_page(form: FormView) -> str:
    limit = current_app.config["SETTINGS"].upload_max_bytes
    return render_template(
        "pages/capabilities/import.html", form=form, megabytes=limit // 2**20, max_text=MAX_CHARACTERS
    )


def _said(error: InvalidInput) -> str:
    """A sentence with values of its own in it has no translation and stays as it is."""
    known = is_translated(g.locale, error.message)
    return gettext(g.locale, error.message) if known else error.message
