"""The answers people give to a match. Each is one POST: load, act, record, tell, commit, go back."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, flash, g, make_response, redirect, request, url_for

from models.audit import record
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_, gettext, name_of
from models.match import Match
from models.match_queries import get_match
from models.notice import tell_of_interest, tell_of_introduction
from models.user import Role
from web.addresses import inner_address
from web.auth import my_organisation_id, requires
from web.forms.matches import DeclineForm, DismissForm, HideForm, InterestForm
from web.forms.parsing import parse
from web.forms.view import rejected
from web.invitations import invite_firm
from web.pages.matches import match_page

bp = Blueprint("answers", __name__, url_prefix="/matches/<id:match_id>")

FURTHEST = timedelta(days=366)
"""How long a scenario may be out of sight before it is for good."""


@bp.post("/invite")
@requires(Role.AGENCY)
def invite(match_id: int) -> Response:
    """The agency asks the firm to talk."""
    match = _agency_match(match_id)
    introduced = invite_firm(match)
    g.session.commit()
    if introduced:
        return _back(match, N_("双方都愿意，已互相看到联系人。"))
    return _back(match, N_("已邀请%(firm)s，等对方答复。"), undo="answers.undo_invite")


@bp.post("/undo-invite")
@requires(Role.AGENCY)
def undo_invite(match_id: int) -> Response:
    """The agency takes its invitation back."""
    match = _agency_match(match_id)
    match.undo_invite()
    record(g.session, actor=g.user, action="match.invitation_undone", subject=match)
    g.session.commit()
    return _back(match, N_("已撤销对%(firm)s的邀请。"))


@bp.post("/decline")
@requires(Role.AGENCY)
def decline(match_id: int) -> Response:
    """The agency says no, with a reason the firm will read."""
    match = _agency_match(match_id)
    try:
        form = parse(DeclineForm, request.form)
    except InvalidInput as error:
        return _again(match_id, error, "decline")
    match.decline(g.now, reason=form.reason, note=form.note)
    record(
        g.session, actor=g.user, action="match.declined", subject=match, details={"reason": form.reason.value}
    )
    g.session.commit()
    return _back(match, N_("已谢绝%(firm)s，原因会告诉对方。"), undo="answers.undo_decline")


@bp.post("/undo-decline")
@requires(Role.AGENCY)
def undo_decline(match_id: int) -> Response:
    """The agency takes its no back."""
    match = _agency_match(match_id)
    match.undo_decline()
    record(g.session, actor=g.user, action="match.decline_undone", subject=match)
    g.session.commit()
    return _back(match, N_("已撤销对%(firm)s的谢绝。"))


@bp.post("/interest")
@requires(Role.STARTUP)
def interest(match_id: int) -> Response:
    """The firm wants to talk."""
    match = _firm_match(match_id)
    if not match.scenario.is_open(g.today):
        raise InvalidTransition(N_("场景已结束征集，不能再表达意向。"))
    try:
        form = parse(InterestForm, request.form)
    except InvalidInput as error:
        return _again(match_id, error, "interest")
    match.express_interest(g.now, note=form.note, start=form.start, question=form.question)
    record(g.session, actor=g.user, action="match.interested", subject=match)
    introduced = match.introduced_at is not None
    (tell_of_introduction if introduced else tell_of_interest)(g.session, match, now=g.now)
    g.session.commit()
    if introduced:
        return _back(match, N_("双方都愿意，已互相看到联系人。"))
    return _back(match, N_("意向已发给%(agency)s。"), undo="answers.withdraw_interest")


@bp.post("/withdraw-interest")
@requires(Role.STARTUP)
def withdraw_interest(match_id: int) -> Response:
    """The firm takes its wish back."""
    match = _firm_match(match_id)
    match.withdraw_interest()
    record(g.session, actor=g.user, action="match.interest_withdrawn", subject=match)
    g.session.commit()
    return _back(match, N_("意向已撤回。"))


@bp.post("/dismiss")
@requires(Role.STARTUP)
def dismiss(match_id: int) -> Response:
    """The firm finds the scenario not relevant."""
    match = _firm_match(match_id)
    try:
        form = parse(DismissForm, request.form)
    except InvalidInput as error:
        return _again(match_id, error, "dismiss")
    match.dismiss(g.now, reason=form.reason)
    record(
        g.session,
        actor=g.user,
        action="match.dismissed",
        subject=match,
        details={"reason": form.reason.value},
    )
    g.session.commit()
    return _back(match, N_("已收起这个场景，原因会用来改进推荐。"), undo="answers.undo_dismiss")


@bp.post("/undo-dismiss")
@requires(Role.STARTUP)
def undo_dismiss(match_id: int) -> Response:
    """The firm takes "not relevant" back."""
    match = _firm_match(match_id)
    match.undo_dismiss()
    record(g.session, actor=g.user, action="match.dismissal_undone", subject=match)
    g.session.commit()
    return _back(match, N_("已放回推荐里。"))


@bp.post("/hide")
@requires(Role.STARTUP)
def hide(match_id: int) -> Response:
    """The firm puts the scenario out of its own sight, until a day or for good; the agency is not told."""
    match = _firm_match(match_id)
    try:
        form = parse(HideForm, request.form)
        if form.until is not None and not g.today < form.until <= g.today + FURTHEST:
            raise InvalidInput(N_("有几处要改。"), fields={"until": N_("要写明天到一年以内的一天。")})
    except InvalidInput as error:
        return _again(match_id, error, "hide")
    match.hide(g.now, until=form.until)
    record(g.session, actor=g.user, action="match.hidden", subject=match)
    g.session.commit()
    return _back(match, N_("已收起，对方不知道。"), undo="answers.unhide")


@bp.post("/unhide")
@requires(Role.STARTUP)
def unhide(match_id: int) -> Response:
    """The firm wants to see it again."""
    match = _firm_match(match_id)
    match.unhide()
    record(g.session, actor=g.user, action="match.unhidden", subject=match)
    g.session.commit()
    return _back(match, N_("已放回推荐里。"))


def _agency_match(match_id: int) -> Match:
    return get_match(g.session, match_id, agency_id=my_organisation_id())


def _firm_match(match_id: int) -> Match:
    return get_match(g.session, match_id, firm_id=my_organisation_id())


def _again(match_id: int, error: InvalidInput, failed: str) -> Response:
    labels = {
        "note": gettext(g.locale, N_("怎么做")),
        "start": gettext(g.locale, N_("最早什么时候能开工")),
        "question": gettext(g.locale, N_("先要问清的事")),
        "reason": gettext(g.locale, N_("原因")),
        "until": gettext(g.locale, N_("哪天再看")),
    }
    form = rejected(error, request.form, labels)
    return make_response(match_page(match_id, form, failed=failed), 422)


def _back(match: Match, message: str, *, undo: str = "") -> Response:
    """Go back to where the button was, and say what happened, with the way to undo it."""
    sides = {"firm": match.organisation, "agency": match.scenario.organisation}
    words = gettext(g.locale, message, **{side: name_of(row, g.locale) for side, row in sides.items()})
    toast = {"words": words}
    if undo:
        toast["undo"] = url_for(undo, match_id=match.key)
    flash(toast)
    wanted = inner_address(request.form.get("next", ""))
    return redirect(wanted or url_for("matches.show", match_id=match.key), code=303)  # type: ignore[return-value]
