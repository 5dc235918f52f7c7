"""The people of one's organisation: everybody sees them, managers invite, remove and appoint; and the link to join."""

from __future__ import annotations

from collections.abc import Callable

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

from models.audit import record
from models.errors import InvalidInput, NotAllowed, NotFound
from models.i18n import N_, gettext
from models.login import end_sessions
from models.membership import (
    ColleagueInvitation,
    accept,
    appoint,
    get_invitation,
    get_invitation_of,
    invite_colleague,
    remove_member,
    send_again,
    step_down,
    waiting_invitations,
)
from models.organisation import get_organisation
from models.password import hash_password
from models.user import Role, User, everybody_of, find_user, get_user
from web import auth
from web.auth import my_organisation_id, public, requires
from web.forms.account import InviteForm, PasswordForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected

bp = Blueprint("members", __name__)

LABELS = {"email": N_("邮箱"), "name": N_("姓名")}
HERE = (Role.AGENCY, Role.STARTUP)


def labels() -> dict[str, str]:
    """The words before the fields of an invitation."""
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


@bp.get("/members")
@requires(*HERE)
def list_all() -> str:
    """My organisation's people and the invitations that wait."""
    return _page(FormView())


def _page(form: FormView) -> str:
    here = my_organisation_id()
    return render_template(
        "pages/members/list.html",
        form=form,
        labels=labels(),
        home=get_organisation(g.session, here),
        people=everybody_of(g.session, here),
        invitations=waiting_invitations(g.session, here),
        now=g.now,
    )


@bp.post("/members/invite")
@requires(*HERE)
def invite() -> Response:
    """Invite a colleague; 422 for what is no address, or one who is here already."""
    home = get_organisation(g.session, my_organisation_id())
    _require_manager()
    try:
        form = parse(InviteForm, request.form)
        invite_colleague(g.session, home, email=form.email, name=form.name, by=g.user, key=_key(), now=g.now)
    except InvalidInput as error:
        return make_response(_page(rejected(error, request.form, labels())), 422)
    return _done(N_("邀请已寄出。"))


@bp.post("/members/invitations/<id:invitation_id>/resend")
@requires(*HERE)
def resend(invitation_id: int) -> Response:
    """Send an invitation again, with a new link."""
    invitation = _invitation(invitation_id)
    send_again(g.session, invitation, by=g.user, key=_key(), now=g.now)
    return _done(N_("邀请已重新寄出，先前的链接不再有效。"))


@bp.post("/members/invitations/<id:invitation_id>/withdraw")
@requires(*HERE)
def withdraw(invitation_id: int) -> Response:
    """Take an invitation back; its link stops working."""
    invitation = _invitation(invitation_id)
    invitation.withdraw(g.now)
    record(g.session, actor=g.user, action="colleague.invitation_withdrawn", subject=invitation)
    return _done(N_("邀请已撤回。"))


@bp.post("/members/<id:user_id>/appoint")
@requires(*HERE)
def make_manager(user_id: int) -> Response:
    """Let a colleague manage too."""
    return _change(user_id, lambda person: appoint(g.session, person, by=g.user, now=g.now))


@bp.post("/members/<id:user_id>/step-down")
@requires(*HERE)
def unmake_manager(user_id: int) -> Response:
    """Let somebody manage no longer, oneself perhaps."""
    return _change(user_id, lambda person: step_down(g.session, person, by=g.user))


@bp.post("/members/<id:user_id>/remove")
@requires(*HERE)
def remove(user_id: int) -> Response:
    """End a colleague's access at once; by leaving oneself, one is logged out."""
    return _change(user_id, lambda person: remove_member(g.session, person, by=g.user, now=g.now))


def _change(user_id: int, change: Callable[[User], None]) -> Response:
    person = get_user(g.session, user_id)
    if person.organisation_id != my_organisation_id():
        raise NotFound(N_("没有这个用户。"))
    _require_manager()
    change(person)
    return _done(N_("已保存。"))


def _invitation(invitation_id: int) -> ColleagueInvitation:
    invitation = get_invitation_of(g.session, invitation_id, my_organisation_id())
    _require_manager()
    return invitation


def _require_manager() -> None:
    if not g.user.is_manager:
        raise NotAllowed(N_("这一步只有本机构的管理人能做。"))


def _done(said: str) -> Response:
    g.session.commit()
    flash({"words": gettext(g.locale, said)})
    return redirect(url_for("members.list_all"), code=303)  # type: ignore[return-value]


def _key() -> str:
    key: str = current_app.config["SECRET_KEY"]
    return key


@bp.get("/join/<token>")
@public
def look_at_invitation(token: str) -> str:
    """Who invites whom where; looking at it uses nothing up."""
    return _join_page(get_invitation(g.session, token, now=g.now), token, FormView())


@bp.post("/join/<token>")
@public
def join(token: str) -> Response:
    """Become a colleague: with a new password, or, where the address has an account, by logging in afterwards."""
    invitation = get_invitation(g.session, token, now=g.now)
    has_password = _has_password(invitation)
    if not has_password:
        try:
            form = parse(PasswordForm, request.form)
        except InvalidInput as error:
            return make_response(_join_page(invitation, token, rejected(error, {}, {})), 422)
    person = accept(g.session, invitation, name=invitation.name, now=g.now)
    end_sessions(g.session, person.key, now=g.now)
    if has_password:
        answer = make_response(redirect(url_for("account.login"), code=303))
    else:
        person.password_hash = hash_password(form.password)
        answer = make_response(redirect(url_for("home.show"), code=303))
        auth.log_in(answer, person)
    g.session.commit()
    return answer


def _has_password(invitation: ColleagueInvitation) -> bool:
    person = find_user(g.session, invitation.email)
    return person is not None and person.password_hash is not None


def _join_page(invitation: ColleagueInvitation, token: str, form: FormView) -> str:
    return render_template(
        "pages/members/join.html",
        invitation=invitation,
        token=token,
        form=form,
        home=get_organisation(g.session, invitation.organisation_id),
        inviter=get_user(g.session, invitation.invited_by_user_id),
        has_password=_has_password(invitation),
    )
