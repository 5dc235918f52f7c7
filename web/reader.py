"""How this reader wants the page: language, light or dark, what day it is for them, and an id for the request."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import MultiDict

from models.i18n import LOCALES, pick_locale
from web.bearer import is_api

THEMES = ("light", "dark", "auto")
LOCALE_COOKIE = "duijie_locale"
THEME_COOKIE = "duijie_theme"
YEAR_SECONDS = 365 * 24 * 3600
# By the clock: dark from eight in the evening to seven in the morning.
DARK_FROM_HOUR, DARK_UNTIL_HOUR = 20, 7
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")


def register(app: Flask, *, clock: Callable[[], datetime], zone: ZoneInfo) -> None:
    """Set `g.now`, `g.today`, `g.zone`, `g.request_id` first, and `g.locale`, `g.theme` once the person is known."""

    @app.before_request
    def take_the_time() -> None:
        g.now = clock()
        g.zone = zone
        g.today = g.now.astimezone(zone).date()
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
        g.locale, g.theme, g.user = current_app.config["DEFAULT_LOCALE"], "light", None
        if is_api():
            g.locale = _browser_locale()


def register_wishes(app: Flask) -> None:
    """The second half, after the person is loaded."""
    app.before_request(read_wishes)
    app.after_request(remember_wishes)


def read_wishes() -> None:
    """Language: the address (`?lang=en`), the cookie, the person's setting, the browser, the default, in this order.

    A program says it in `Accept-Language` alone.
    """
    if is_api():
        return
    g.locale = _asked_locale() or _cookie_locale() or _own_locale() or _browser_locale()
    g.theme = _shown_theme(_wanted_theme())


def _asked_locale() -> str | None:
    asked = request.args.get("lang")
    return asked if asked in LOCALES else None


def _cookie_locale() -> str | None:
    kept = request.cookies.get(LOCALE_COOKIE)
    return kept if kept in LOCALES else None


def _own_locale() -> str | None:
    return g.user.locale if g.user is not None and g.user.locale in LOCALES else None


def _browser_locale() -> str:
    return pick_locale(request.accept_languages.values(), current_app.config["DEFAULT_LOCALE"])


def _wanted_theme() -> str:
    kept = request.cookies.get(THEME_COOKIE)
    if kept in THEMES:
        return kept
    if g.user is not None and g.user.theme in THEMES:
        return g.user.theme
    # A stranger with a phone at night gets the dark page; on a desk it stays light.
    return "auto" if "Mobile" in request.headers.get("User-Agent", "") else "light"


def _shown_theme(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    hour = g.now.astimezone(g.zone).hour
    return "dark" if hour >= DARK_FROM_HOUR or hour < DARK_UNTIL_HOUR else "light"


def remember_wishes(answer: Response) -> Response:
    """Keep a language asked for in the address for the next pages."""
    if not is_api() and (asked := _asked_locale()) is not None:
        set_wish(answer, LOCALE_COOKIE, asked)
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static":
        answer.headers.add(
            "Vary", "Authorization, Accept-Language" if is_api() else "Cookie, Accept-Language"
        )
    return answer


def set_wish(answer: Response, name: str, value: str) -> None:
    """Remember a choice in the browser for a year."""
    answer.set_cookie(
        name,
        value,
        max_age=YEAR_SECONDS,
        samesite="Lax",
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path="/",
    )


def address_in(locale: str) -> str:
    """This page's address in another language, for links and `hreflang`."""
    return address_with(lang=locale)


def address_with(**changes: object) -> str:
    """This page's address with some of its arguments changed, for language links and page numbers."""
    args = MultiDict(request.args)
    for name, value in changes.items():
        args[name] = str(value)
    return f"{request.path}?{urlencode(list(args.items(multi=True)))}"
