"""Asking to be let in: an organisation and its first person. Everybody gets the same answer, whatever is known."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from models.base import find_row
from models.errors import InvalidInput
from models.i18n import N_, gettext, name_of
from models.organisation import OrganisationKind
from models.place import Community, District, list_communities, list_districts
from models.sign_up import Wanted, ask_to_join
from web import auth
from web.auth import public
from web.forms.account import SignUpForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.labels import label
from web.throttle import level_time

bp = Blueprint("sign_up", __name__, url_prefix="/sign-up")

REQUESTS, WINDOW = 5, timedelta(hours=1)
"""From one network address: a district office may sign several organisations up in a row, a program would hundreds."""

LABELS = {
    "name": N_("机构全称"),
    "kind": N_("机构类型"),
    "credit_code": N_("统一社会信用代码"),
    "district_id": N_("所在区"),
    "community_id": N_("所在社区"),
    "contact_name": N_("联系人姓名"),
    "email": N_("联系人邮箱"),
}
PICK = N_("请从列表中选一项。")


@bp.get("")
@public
def ask() -> str:
    """The empty form."""
    return _page(FormView(typed={"kind": request.args.get("kind", "startup")}))


@bp.post("")
@public
def send() -> Response:
    """Take the request; 422 with a sentence a field, 429 for too many in a row."""
    try:
        form = parse(SignUpForm, request.form)
        _check_places(form)
    except InvalidInput as error:
        labels = {name: gettext(g.locale, words) for name, words in LABELS.items()}
        return make_response(_page(rejected(error, request.form, labels)), 422)
    auth.limit(g.session, "sign-up", request.remote_addr or "", n=REQUESTS, window=WINDOW)
    with level_time():
        ask_to_join(g.session, Wanted(locale=g.locale, **form.model_dump()), now=g.now)
        g.session.commit()
    return redirect(url_for("sign_up.received"), code=303)  # type: ignore[return-value]


@bp.get("/received")
@public
def received() -> str:
    """What happens next; the same for everybody."""
    return render_template("pages/sign_up/received.html")


def _check_places(form: SignUpForm) -> None:
    wrong = {}
    if find_row(g.session, District, form.district_id) is None:
        wrong["district_id"] = PICK
    if form.community_id is not None:
        community = find_row(g.session, Community, form.community_id)
        if community is None:
            wrong["community_id"] = PICK
        elif community.district_id != form.district_id:
            wrong["community_id"] = N_("这个社区不在所选的区。")
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)


def _page(form: FormView) -> str:
    districts = list_districts(g.session)
    choices = [(str(row.id), name_of(row, g.locale)) for row in districts]
    return render_template(
        "pages/sign_up/ask.html",
        form=form,
        labels={name: gettext(g.locale, words) for name, words in LABELS.items()},
        kind_choices=[(kind.value, label("organisation_kind", kind, g.locale)) for kind in OrganisationKind],
        district_choices=[("", gettext(g.locale, N_("请选择"))), *choices],
        districts=districts,
        communities=list_communities(g.session),
    )
