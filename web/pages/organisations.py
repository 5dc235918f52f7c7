"""Organisations for those who let them in: the queue, one organisation, and what is decided about it."""

from __future__ import annotations

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
from models.base import find_row
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.granting import suspend_organisation
from models.i18n import N_, gettext
from models.membership import invite_colleague, waiting_invitations
from models.organisation import (
    Organisation,
    OrganisationStatus,
    count_organisations,
    get_organisation,
    search_organisations,
)
from models.place import Community, list_districts
from models.sign_up import approve, refuse
from models.texts import storable
from models.user import everybody_of
from web.auth import requires
from web.forms.account import InviteForm, ReasonForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.frame import ADMITS
from web.pages.members import labels as member_labels
from web.paging import page_number, paginate
from web.second_step import sensitive

bp = Blueprint("organisations", __name__, url_prefix="/organisations")


@bp.get("")
@requires(*ADMITS)
def list_all() -> str:
    """Those in one state, the pending ones unless asked otherwise, with a search."""
    asked = request.args.get("state", "")
    state = OrganisationStatus(asked) if asked in set(OrganisationStatus) else OrganisationStatus.PENDING
    words = storable(request.args.get("q", ""))[:100]
    here = g.user.districts(*ADMITS)
    rows = search_organisations(g.session, state, words, district_ids=here)
    return render_template(
        "pages/organisations/list.html",
        page=paginate(rows, page_number(request.args.get("page", "1"))),
        state=state.value,
        words=words,
        counts={key.value: n for key, n in count_organisations(g.session, district_ids=here).items()},
        districts={row.key: row for row in list_districts(g.session)},
    )


@bp.get("/<id:organisation_id>")
@requires(*ADMITS)
def show(organisation_id: int) -> str:
    """One organisation: what it said of itself, its people, what was decided."""
    return _page(_mine(organisation_id), FormView())


def _page(home: Organisation, form: FormView) -> str:
    return render_template(
        "pages/organisations/show.html",
        home=home,
        form=form,
        people=everybody_of(g.session, home.key),
        invitations=waiting_invitations(g.session, home.key),
        labels=member_labels(),
        district={row.key: row for row in list_districts(g.session)}.get(home.district_id or 0),
        community=find_row(g.session, Community, home.community_id or 0),
    )


@bp.post("/<id:organisation_id>/approve")
@requires(*ADMITS)
@sensitive
def let_in(organisation_id: int) -> Response:
    """Let it in; its people get the link that sets a password."""
    home = _mine(organisation_id)
    approve(g.session, home, by=g.user, key=current_app.config["SECRET_KEY"], now=g.now)
    return _done(home, N_("已批准，登录链接会寄给联系人。"))


@bp.post("/<id:organisation_id>/refuse")
@requires(*ADMITS)
def turn_away(organisation_id: int) -> Response:
    """Turn it away with a reason."""
    home = _mine(organisation_id)
    try:
        form = parse(ReasonForm, request.form)
    except InvalidInput as error:
        view = rejected(error, request.form, {"reason": gettext(g.locale, N_("理由"))})
        return make_response(_page(home, view), 422)
    refuse(g.session, home, reason=form.reason, by=g.user, now=g.now)
    return _done(home, N_("已退回，理由会寄给联系人。"))


@bp.post("/<id:organisation_id>/invite")
@requires(*ADMITS)
def invite(organisation_id: int) -> Response:
    """Invite a person, the first one of an imported organisation perhaps: whoever comes first manages it."""
    home = _mine(organisation_id)
    if home.status is not OrganisationStatus.ACTIVE:
        raise InvalidTransition(N_("只有有效的机构可以邀请人。"))
    key = current_app.config["SECRET_KEY"]
    try:
        form = parse(InviteForm, request.form)
        invite_colleague(g.session, home, email=form.email, name=form.name, by=g.user, key=key, now=g.now)
    except InvalidInput as error:
        return make_response(_page(home, rejected(error, request.form, member_labels())), 422)
    return _done(home, N_("邀请已寄出。"))


@bp.post("/<id:organisation_id>/suspend")
@requires(*ADMITS)
@sensitive
def suspend(organisation_id: int) -> Response:
    """Stop it: whatever its people ask for next is refused."""
    home = _mine(organisation_id)
    suspend_organisation(g.session, home, by=g.user, now=g.now)
    return _done(home, N_("已停用。"))


@bp.post("/<id:organisation_id>/reinstate")
@requires(*ADMITS)
@sensitive
def reinstate(organisation_id: int) -> Response:
    """Let a suspended one act again."""
    home = _mine(organisation_id)
    home.reinstate()
    record(g.session, actor=g.user, action="organisation.reinstated", subject=home)
    return _done(home, N_("已恢复。"))


def _done(home: Organisation, said: str) -> Response:
    g.session.commit()
    flash({"words": gettext(g.locale, said)})
    return redirect(url_for("organisations.show", organisation_id=home.key), code=303)  # type: ignore[return-value]


def _mine(organisation_id: int) -> Organisation:
    """The organisation, if it lies where the person decides."""
    home = get_organisation(g.session, organisation_id)
    here = g.user.districts(*ADMITS)
    if here is not None and home.district_id not in here:
        raise NotFound(N_("没有这个机构。"))
    return home
