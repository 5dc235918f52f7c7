"""Programs that ask: by the token they show, never by a cookie, so that no other site's page can ask for its reader.

What a token opens is what its person may see at that moment: web/auth.py judges roles and organisations alike for
both. How often a program may ask is counted here, before anything is looked up.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from flask import Response, current_app, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from models.api_token import ApiToken, Scope, find_token, note_used
from models.db import hurried
from models.errors import NotAllowed
from models.i18n import N_
from web.throttle import Throttle

API = "/api/"
WINDOW = timedelta(minutes=1)
USED_EVERY = timedelta(minutes=10)
"""How exact "last used" is; more would be a write a request."""

MAX_TOKEN = 200


def is_api() -> bool:
    """Whether this request is a program's: answered in JSON, errors too."""
    return request.path.startswith(API)


def load_bearer() -> ApiToken | None:
    """The open token this request shows, its person not locked; None where it shows none.

    Raises Unauthorized for one that does not work, TooManyRequests for one asking too many.
    """
    kind, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    # Nobody can make up a token that works, so only working ones are counted on their own.
    found = _find(token.strip()) if kind.lower() == "bearer" else None
    _count(found)
    if kind and found is None:
        raise Unauthorized(www_authenticate=challenge("invalid_token"))
    return found


def _find(token: str) -> ApiToken | None:
    if not token or len(token) > MAX_TOKEN or not token.isascii():
        return None
    row = find_token(g.session, token, now=g.now)
    return None if row is None or row.user.locked_at is not None else row


def _count(token: ApiToken | None) -> None:
    settings = current_app.config["SETTINGS"]
    name = "strangers" if token is None else "tokens"
    limit = settings.api_per_minute_stranger if token is None else settings.api_per_minute_token
    throttles: dict[str, Throttle] = current_app.extensions.setdefault("duijie_api", {})
    throttle = throttles.setdefault(name, Throttle(limit, WINDOW))
    throttle.count(request.remote_addr or "" if token is None else str(token.key), now=g.now)


def require_scope(scope: Scope | None) -> None:
    """NotAllowed where the token was not made for this. None: who may see it needs no scope."""
    token: ApiToken | None = g.token
    if scope is not None and token is not None and not token.allows(scope):
        raise NotAllowed(N_("这个令牌没有这项用途，请换一个，或新建一个。"), code="insufficient_scope")


def challenge(error: str = "") -> WWWAuthenticate:
    """What a program is told that shows no token, or one that does not work."""
    return WWWAuthenticate("bearer", {"realm": "duijie", **({"error": error} if error else {})})


def remember_used(answer: Response) -> Response:
    """Note that the token is in use, once in a while, as web/auth.py does for log-ins."""
    token: ApiToken | None = g.get("token")
    if token is not None and (token.used_at is None or g.now - token.used_at >= USED_EVERY):
        with g.open_session(True) as db, suppress(OperationalError):
            with hurried(db):
                note_used(db, token.key, now=g.now)
            db.commit()
    return answer
