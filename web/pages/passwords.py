"""A forgotten password: the same answer for every address, and a link to its owner if there is one."""

from __future__ import annotations

from datetime import timedelta

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from models.errors import InvalidInput
from models.i18n import N_, gettext
from models.password_reset import ask_for_link
from web import auth
from web.auth import public
from web.forms.account import ForgottenForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.throttle import level_time

bp = Blueprint("passwords", __name__, url_prefix="/forgot")

QUESTIONS, WINDOW = 10, timedelta(hours=1)
"""From one network address: an office forgets a few passwords an hour."""


@bp.get("")
@public
def ask() -> str:
    """The form for the address."""
    return render_template("pages/passwords/ask.html", form=FormView())


@bp.post("")
@public
def send() -> Response:
    """Mail a link, if somebody may log in with the address; 429 for too many in a row."""
    try:
        form = parse(ForgottenForm, request.form)
    except InvalidInput as error:
        view = rejected(error, request.form, {"email": gettext(g.locale, N_("邮箱"))})
        return make_response(render_template("pages/passwords/ask.html", form=view), 422)
    auth.limit(g.session, "forgot", request.remote_addr or "", n=QUESTIONS, window=WINDOW)
    with level_time():
        ask_for_link(g.session, form.email, key=current_app.config["SECRET_KEY"], now=g.now)
        g.session.commit()
    return redirect(url_for("passwords.sent"), code=303)  # type: ignore[return-value]


@bp.get("/sent")
@public
def sent() -> str:
    """What happens next; the same for everybody."""
    return render_template("pages/passwords/sent.html")
