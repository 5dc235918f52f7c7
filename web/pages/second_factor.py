"""Two-factor log-in: set up a device, give its code after the password, change or remove it."""

from __future__ import annotations

import segno
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
from markupsafe import Markup

from models import second_factor
from models.audit import record
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_, gettext
from models.second_factor import WRONG_CODE, SecondFactor, find_second_factor, find_waiting
from web import auth
from web.addresses import inner_address
from web.auth import public, requires
from web.forms.account import CodeForm, FactorForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.second_step import is_confined, is_required, take_counted_code

bp = Blueprint("second_factor", __name__)

LABELS = {"code": N_("验证码"), "password": N_("密码")}
GROUP = 4
"""Signs of the secret that stand together, for whoever types it."""


@bp.get("/login/code")
@public
def ask_code() -> str | Response:
    """The second step of a log-in; without the first one, back to it."""
    person = auth.half_person()
    if person is None:
        return redirect(url_for("account.login", next=_wanted() or None), code=303)  # type: ignore[return-value]
    return _code_page(FormView())


@bp.post("/login/code")
@public
def give_code() -> Response:
    """Check the code, and open the log-in."""
    person = auth.half_person()
    if person is None:
        flash({"words": gettext(g.locale, N_("等得太久了，请重新登录。"))})
        return redirect(url_for("account.login", next=_wanted() or None), code=303)  # type: ignore[return-value]
    if not take_counted_code(g.session, person, request.form.get("code", "")):
        g.session.commit()
        return make_response(_code_page(_wrong()), 422)
    answer = make_response(redirect(_wanted() or url_for("home.show"), code=303))
    auth.open_login(answer, person, second_factor_at=g.now)
    record(g.session, actor=person, action="user.logged_in", subject=person)
    g.session.commit()
    return answer


def _code_page(form: FormView) -> str:
    return render_template("pages/second_factor/code.html", form=form, wanted=_wanted())


def _wrong() -> FormView:
    return FormView(errors={"code": gettext(g.locale, WRONG_CODE)})


def _wanted() -> str:
    return inner_address(request.values.get("next", ""))


@bp.get("/account/second-factor")
@requires()
def show() -> str:
    """Whether it is on; the device that is being set up; what can be changed."""
    return _page(FormView())


def _page(form: FormView) -> str:
    row = find_second_factor(g.session, g.user.key)
    waiting = find_waiting(g.session, g.user.key, now=g.now)
    return render_template(
        "pages/second_factor/show.html",
        form=form,
        row=row,
        n_left=0 if row is None else second_factor.n_unused_codes(g.session, row),
        setting_up=None if waiting is None else _shown(waiting),
        needed=is_required() and second_factor.must_have_second_factor(g.user),
        confined=is_confined(),
        labels=_labels(),
    )


def _labels() -> dict[str, str]:
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


def _shown(row: SecondFactor) -> dict[str, object]:
    """What a device needs to know: as a picture, as an address, as signs."""
    secret = second_factor.shown_secret(row, _key())
    address = second_factor.device_address(row, g.user, _key())
    picture = segno.make(address, error="m", micro=False)
    return {
        "picture": Markup(
            picture.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")
        ),
        "address": address,
        "groups": [secret[at : at + GROUP] for at in range(0, len(secret), GROUP)],
    }


def _key() -> str:
    key: str = current_app.config["SECRET_KEY"]
    return key


@bp.post("/account/second-factor/begin")
@requires()
def begin() -> Response:
    """Show a first device its secret; a later one is asked for with the password and a code."""
    if find_second_factor(g.session, g.user.key) is not None:
        raise InvalidTransition(N_("已经启用了两步验证；要换验证器，请用密码和验证码。"))
    second_factor.begin(g.session, g.user, now=g.now)
    return _done("")


@bp.post("/account/second-factor/confirm")
@requires()
def confirm() -> Response:
    """The first code of the device: from now on it is asked for. Shows the recovery codes, this once."""
    try:
        form = parse(CodeForm, request.form)
        codes = second_factor.confirm(g.session, g.user, form.code, key=_key(), now=g.now)
    except InvalidInput as error:
        return make_response(_page(rejected(error, {}, _labels())), 422)
    answer = make_response()
    auth.open_login(answer, g.user, second_factor_at=g.now)
    return _show_once(answer, codes)


@bp.post("/account/second-factor/change")
@requires()
def change() -> Response:
    """Another device, new recovery codes, or none at all: with the password and a code."""
    try:
        form = parse(FactorForm, request.form)
    except InvalidInput as error:
        return make_response(_page(rejected(error, {}, _labels())), 422)
    if form.act == "remove" and is_required() and second_factor.must_have_second_factor(g.user):
        raise InvalidTransition(N_("你的角色要求两步验证：可以换验证器，不能停用。"))
    if (wrong := _refused(form)) is not None:
        g.session.commit()
        return make_response(_page(wrong), 422)
    if form.act == "codes":
        return _show_once(make_response(), second_factor.renew_codes(g.session, g.user, now=g.now))
    if form.act == "renew":
        second_factor.begin(g.session, g.user, now=g.now)
        return _done("")
    second_factor.remove(g.session, g.user, now=g.now)
    return _done(N_("两步验证已停用。"), is_new_login=True)


def _refused(form: FactorForm) -> FormView | None:
    """What is wrong with password or code; the code is not looked at, nor used up, after a wrong password."""
    if auth.check_password(g.session, g.user.email, form.password) is None:
        return FormView(errors={"password": gettext(g.locale, N_("密码不对。"))})
    return None if take_counted_code(g.session, g.user, form.code) else _wrong()


def _show_once(answer: Response, codes: list[str]) -> Response:
    answer.set_data(render_template("pages/second_factor/recovery.html", codes=codes))
    g.session.commit()
    return answer


def _done(said: str, *, is_new_login: bool = False) -> Response:
    answer = make_response(redirect(url_for("second_factor.show"), code=303))
    if is_new_login:
        auth.open_login(answer, g.user)
    g.session.commit()
    if said:
        flash({"words": gettext(g.locale, said)})
    return answer
