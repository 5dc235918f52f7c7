"""People for admins: who there is, which roles they hold where, who is locked."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models import granting, second_factor
from models.audit import subject_events
from models.errors import InvalidInput
from models.i18n import N_, gettext, name_of
from models.membership import appoint
from models.place import list_districts
from models.texts import storable
from models.user import Role, User, get_user
from web.auth import requires
from web.forms.account import GrantForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.labels import label
from web.paging import page_number, paginate
from web.second_step import is_required, sensitive

bp = Blueprint("users", __name__, url_prefix="/users")

LABELS = {"role": N_("角色"), "district_id": N_("所在区")}
N_EVENTS = 20


@bp.get("")
@requires(Role.ADMIN)
def list_all() -> str:
    """Everybody, or those whose name, address or role was asked for."""
    words = storable(request.args.get("q", ""))[:100]
    asked = request.args.get("role", "")
    role = Role(asked) if asked in set(Role) else None
    rows = granting.search_users(g.session, words, role)
    page = paginate(rows, page_number(request.args.get("page", "1")))
    return render_template(
        "pages/users/list.html",
        page=page,
        unprotected=_unprotected(page.rows),
        words=words,
        role=role.value if role else "",
        roles=_roles(),
        district_names=_places(),
    )


def _unprotected(people: Sequence[User]) -> set[int]:
    """Who must have a second factor before anything opens, and has none yet."""
    needing = [row.key for row in people if is_required() and second_factor.must_have_second_factor(row)]
    return {*needing} - second_factor.holders(g.session, needing)


@bp.get("/<id:user_id>")
@requires(Role.ADMIN)
def show(user_id: int) -> str:
    """One person: roles, where, and what was done about the account."""
    return _page(get_user(g.session, user_id), FormView())


def _page(person: User, form: FormView) -> str:
    places = _places()
    return render_template(
        "pages/users/show.html",
        person=person,
        form=form,
        labels={name: gettext(g.locale, words) for name, words in LABELS.items()},
        roles=_roles(),
        district_names=places,
        district_choices=[
            ("", gettext(g.locale, N_("全市"))),
            *((str(id_), name) for id_, name in places.items()),
        ],
        factor=second_factor.find_second_factor(g.session, person.key),
        events=subject_events(g.session, "user", person.key)[: -N_EVENTS - 1 : -1],
    )


def _roles() -> list[tuple[str, str]]:
    return [(role.value, label("role", role, g.locale)) for role in Role]


def _places() -> dict[int, str]:
    return {row.key: name_of(row, g.locale) for row in list_districts(g.session)}


@bp.post("/<id:user_id>/grant")
@requires(Role.ADMIN)
@sensitive
def grant(user_id: int) -> Response:
    """Give a role, for the city or a district."""
    person = get_user(g.session, user_id)
    try:
        form = parse(GrantForm, request.form)
        if form.district_id is not None and form.district_id not in _places():
            raise InvalidInput(N_("有几处要改。"), fields={"district_id": N_("请从列表中选一项。")})
        granting.grant(g.session, person, form.role, district_id=form.district_id, by=g.user, now=g.now)
    except InvalidInput as error:
        view = rejected(error, request.form, {})
        return make_response(_page(person, view), 422)
    return _done(person)


@bp.post("/<id:user_id>/roles/<id:role_id>/withdraw")
@requires(Role.ADMIN)
@sensitive
def withdraw(user_id: int, role_id: int) -> Response:
    """Take a role away; the person's log-ins end."""
    person = get_user(g.session, user_id)
    granting.withdraw(g.session, person, role_id, by=g.user, now=g.now)
    return _done(person)


@bp.post("/<id:user_id>/lock")
@requires(Role.ADMIN)
@sensitive
def lock(user_id: int) -> Response:
    """Shut somebody out at once."""
    person = get_user(g.session, user_id)
    granting.lock(g.session, person, by=g.user, now=g.now)
    return _done(person)


@bp.post("/<id:user_id>/unlock")
@requires(Role.ADMIN)
@sensitive
def unlock(user_id: int) -> Response:
    """Let somebody log in again."""
    person = get_user(g.session, user_id)
    granting.unlock(g.session, person, by=g.user)
    return _done(person)


@bp.post("/<id:user_id>/appoint")
@requires(Role.ADMIN)
@sensitive
def make_manager(user_id: int) -> Response:
    """Make somebody a manager, where an organisation has lost its own."""
    person = get_user(g.session, user_id)
    appoint(g.session, person, by=g.user, now=g.now)
    return _done(person)


@bp.post("/<id:user_id>/second-factor/reset")
@requires(Role.ADMIN)
@sensitive
def reset_second_factor(user_id: int) -> Response:
    """Take the second factor of somebody who lost the device; never one's own."""
    person = get_user(g.session, user_id)
    second_factor.reset(g.session, person, by=g.user, now=g.now)
    return _done(person)


def _done(person: User) -> Response:
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已保存。"))})
    return redirect(url_for("users.show", user_id=person.key), code=303)  # type: ignore[return-value]
