"""Logging in and out, setting a password from a one-time link, language and theme, stopping a digest."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.account_notice import Change, tell_of_change
from models.audit import record
from models.errors import InvalidInput, NotFound
from models.i18n import N_, gettext
from models.login import OneTimeLink, end_sessions, get_link, open_sessions
from models.password import hash_password
from models.password_reset import may_log_in
from models.second_factor import find_second_factor, must_have_second_factor
from models.subscription import Subscription, get_subscription, user_subscriptions
from models.user import User, get_user
from web import auth
from web.addresses import inner_address
from web.auth import public, requires
from web.devices import device
from web.forms.account import LoginForm, PasswordForm, SettingsForm, SubscriptionForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.reader import LOCALE_COOKIE, THEME_COOKIE, set_wish
from web.second_step import is_required

bp = Blueprint("account", __name__)


@bp.get("/login")
@public
def login() -> str | Response:
    """The log-in page; whoever is logged in goes home."""
    if g.user is not None:
        return redirect(url_for("home.show"))  # type: ignore[return-value]
    return render_template("pages/account/login.html", form=FormView(), wanted=_wanted(request.args))


@bp.post("/login")
@public
def log_in() -> Response:
    """Check address and password, and open a log-in."""
    typed = {key: request.form.get(key, "") for key in ("email", "password")}
    try:
        form = parse(LoginForm, typed)
    except InvalidInput as error:
        return _login_again(rejected(error, typed, _login_labels()))
    user = auth.check_password(g.session, form.email, form.password)
    if user is None:
        g.session.commit()
        wrong = gettext(g.locale, N_("邮箱或密码不对。再试几次不成，会停 15 分钟。"))
        return _login_again(FormView(typed=typed, errors={"email": wrong}))
    answer = make_response(redirect(_wanted(request.form) or url_for("home.show"), code=303))
    if auth.log_in(answer, user):
        record(g.session, actor=user, action="user.logged_in", subject=user)
    g.session.commit()
    return answer


def _login_again(form: FormView) -> Response:
    page = render_template("pages/account/login.html", form=form, wanted=_wanted(request.form))
    return make_response(page, 422)


def _login_labels() -> dict[str, str]:
    return {"email": gettext(g.locale, N_("邮箱")), "password": gettext(g.locale, N_("密码"))}


def _wanted(sent: Mapping[str, str]) -> str:
    """The page the person wanted before logging in, when it is one of ours, else nothing."""
    return inner_address(sent.get("next", ""))


@bp.post("/logout")
@requires()
def log_out() -> Response:
    """End this log-in."""
    answer = make_response(redirect(url_for("scenarios.list_published"), code=303))
    auth.log_out(answer)
    record(g.session, actor=g.user, action="user.logged_out", subject=g.user)
    g.session.commit()
    return answer


@bp.get("/welcome/<token>")
@public
def welcome(token: str) -> str:
    """The form that sets a password, from a one-time link; looking at it uses nothing up."""
    _, user = _link_and_user(token)
    return render_template("pages/account/welcome.html", form=FormView(), token=token, person=user)


@bp.post("/welcome/<token>")
@public
def set_password(token: str) -> Response:
    """Set the password, end every log-in there was, and log in."""
    link, user = _link_and_user(token)
    typed = {key: request.form.get(key, "") for key in ("password", "again")}
    try:
        form = parse(PasswordForm, typed)
    except InvalidInput as error:
        view = rejected(error, {}, {})
        page = render_template("pages/account/welcome.html", form=view, token=token, person=user)
        return make_response(page, 422)
    if user.password_hash is not None:
        tell_of_change(g.session, user, Change.PASSWORD, now=g.now)
    link.used_at, user.password_hash = g.now, hash_password(form.password)
    end_sessions(g.session, user.key, now=g.now)
    answer = make_response(redirect(url_for("home.show"), code=303))
    auth.log_in(answer, user)
    record(g.session, actor=user, action="user.password_set", subject=user)
    g.session.commit()
    return answer


def _link_and_user(token: str) -> tuple[OneTimeLink, User]:
    link = get_link(g.session, token, now=g.now)
    user = get_user(g.session, link.user_id)
    if not may_log_in(user):
        raise NotFound(N_("这个链接现在不能用：账号已锁定，或机构没有开通。"))
    return link, user


@bp.get("/account")
@requires()
def settings() -> str:
    """Language and theme of the person, the digests, and where they are logged in."""
    form = FormView(typed={"locale": g.user.locale, "theme": g.user.theme})
    mine = user_subscriptions(g.session, g.user.key)
    logins = [
        (row, device(row.user_agent, g.locale)) for row in open_sessions(g.session, g.user.key, now=g.now)
    ]
    return render_template(
        "pages/account/settings.html",
        form=form,
        subscriptions=mine,
        logins=logins,
        present_id=g.login.key,
        factor=find_second_factor(g.session, g.user.key),
        factor_needed=is_required() and must_have_second_factor(g.user),
        is_required=is_required(),
    )


@bp.post("/account")
@requires()
def save_settings() -> Response:
    """Keep language and theme, for pages here and for mails."""
    form = parse(SettingsForm, request.form)
    g.user.locale, g.user.theme = form.locale, form.theme
    record(g.session, actor=g.user, action="user.settings_saved", subject=g.user)
    g.session.commit()
    flash({"words": gettext(form.locale, N_("已保存。"))})
    answer = make_response(redirect(url_for("account.settings"), code=303))
    set_wish(answer, LOCALE_COOKIE, form.locale)
    set_wish(answer, THEME_COOKIE, form.theme)
    return answer


@bp.post("/account/sessions/<id:session_id>/end")
@requires()
def end_session(session_id: int) -> Response:
    """End one of my log-ins, wherever it is."""
    mine = open_sessions(g.session, g.user.key, now=g.now)
    found = next((row for row in mine if row.id == session_id), None)
    if found is None:
        raise NotFound(N_("没有这次登录，或者它已经结束。"))
    found.ended_at = g.now
    g.session.add(found)
    return _ended(1)


@bp.post("/account/sessions/end")
@requires()
def end_every_session() -> Response:
    """End all my log-ins, this one too."""
    return _ended(end_sessions(g.session, g.user.key, now=g.now))


def _ended(n: int) -> Response:
    record(g.session, actor=g.user, action="user.sessions_ended", subject=g.user, details={"n": n})
    g.session.commit()
    # Who ended the log-in of this very page is sent to log in again from there.
    return redirect(url_for("account.settings"), code=303)  # type: ignore[return-value]


@bp.post("/account/subscriptions/<id:subscription_id>")
@requires()
def save_subscription(subscription_id: int) -> Response:
    """How often one of my digests comes."""
    mine = user_subscriptions(g.session, g.user.key)
    found = next((row for row in mine if row.id == subscription_id), None)
    if found is None:
        raise NotFound(N_("没有这个订阅。"))
    found.subscribe(g.now, frequency=parse(SubscriptionForm, request.form).frequency)
    record(g.session, actor=g.user, action="subscription.changed", subject=found)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已保存。"))})
    return redirect(url_for("account.settings"), code=303)  # type: ignore[return-value]


@bp.get("/unsubscribe/<token>")
@public
def ask_unsubscribe(token: str) -> str:
    """What would be stopped, with a button: mail scanners follow links, and must stop nothing."""
    return _unsubscribe_page(get_subscription(g.session, token))


@bp.post("/unsubscribe/<token>")
@public
def unsubscribe(token: str) -> str:
    """Stop the digest; mail programs post here on their own (RFC 8058), so no form token is asked for."""
    subscription = get_subscription(g.session, token)
    if subscription.unsubscribed_at is None:
        subscription.unsubscribe(g.now)
        record(g.session, actor=None, action="subscription.stopped", subject=subscription)
        g.session.commit()
    return _unsubscribe_page(subscription)


def _unsubscribe_page(subscription: Subscription) -> str:
    stopped = subscription.unsubscribed_at is not None
    return render_template("pages/account/unsubscribe.html", subscription=subscription, stopped=stopped)
