"""The one table from our errors to HTTP statuses, and the pages that say what happened and what to do next."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import Flask, Response, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, SecurityError

from models import errors
from models.i18n import N_, gettext, is_translated
from web.api.problems import Problem, problem
from web.bearer import is_api

log = structlog.get_logger()

STATUSES: dict[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.InvalidInput: 422,
    errors.InvalidTransition: 409,
    errors.NotReady: 503,
}

# Statuses that have a page of their own; others use the nearest.
PAGES = (400, 403, 404, 409, 413, 422, 429, 500, 503)

KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")

# Shown where a sentence has no translation in the reader's language.
GENERAL = {
    400: N_("这个请求我们看不懂。"),
    403: N_("这一步不对你开放。"),
    404: N_("没有这一页，或者它不对你开放。"),
    409: N_("现在的状态做不了这一步。页面可能已经过时，请刷新后再看。"),
    413: N_("文件太大。"),
    422: N_("有几处要改。"),
    429: N_("试得太频繁，请过一会儿再试。"),
    500: N_("出错了。我们已经记下，你填的内容没有提交。"),
    503: N_("这部分还没有准备好，请过一会儿再试。"),
}


def register(app: Flask) -> None:
    """Answer every error with a page in the reader's language."""
    app.register_error_handler(errors.DomainError, on_domain_error)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(IntegrityError, on_integrity_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_unexpected_error)


def status_of(error: errors.DomainError) -> int:
    """The HTTP status of one of our errors."""
    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))


def on_domain_error(error: errors.DomainError) -> tuple[str | Response, int]:
    """One of ours: the sentence it carries, translated."""
    fields = error.fields if isinstance(error, errors.InvalidInput) else {}
    return _answer(status_of(error), error.message, code=error.code, fields=fields)


def on_csrf_error(_error: CSRFError) -> tuple[str | Response, int]:
    """A form without its token: too old, or sent from another site."""
    return _answer(400, N_("这一页放得太久，或者不是从本站提交的。请返回、刷新后再提交一次。"))


def on_integrity_error(error: IntegrityError) -> tuple[str | Response, int]:
    """Two people did the same at once, and the database kept one."""
    log.warning("request.conflict", request_id=g.request_id, error=type(error.orig).__name__)
    return _answer(409, N_("别人刚刚改过同一条记录。请刷新后再看。"))


def on_http_error(error: HTTPException) -> tuple[str | Response, int, list[tuple[str, str]]]:
    """One of werkzeug's, with the headers kept that say what to do next."""
    if isinstance(error, SecurityError) and not is_api():
        # A foreign host name: no address of ours can be built under it, so there is no page to show.
        return "400", 400, []
    status = error.code or 500
    if status in (301, 302, 303, 307, 308):
        return error  # type: ignore[return-value]
    kept = [(name, value) for name, value in error.get_headers() if name in KEPT_HEADERS]
    body, _ = _answer(status, GENERAL.get(status, GENERAL[400]))
    return body, status, kept


def on_unexpected_error(
    error: Exception,
) -> tuple[str | Response, int]:  # the one broad handler of this package
    """A bug or an outage: logged with the request's id, shown without details."""
    log.exception("request.failed", request_id=g.get("request_id", ""), error=type(error).__name__)
    # The page around the sentence must not ask the database, which may be what is broken.
    if (session := g.pop("session", None)) is not None:
        session.close()
    g.user = g.token = None
    return _answer(500, GENERAL[500])


def _answer(
    status: int, message: str, *, code: str = "", fields: Mapping[str, str] | None = None
) -> tuple[str | Response, int]:
    """The sentence as a page, or as a problem document where a program asks."""
    if is_api():
        # What is general here speaks of pages; a problem has general sentences of its own.
        own = "" if message in GENERAL.values() else message
        return problem(Problem(status, own, code, fields or {})), status
    return _page(status, message)


def _page(status: int, message: str) -> tuple[str, int]:
    shown = message if is_translated(g.get("locale", "zh"), message) else GENERAL[_nearest(status)]
    fragment = bool(request.headers.get("HX-Request"))
    name = "errors/fragment.html" if fragment else f"errors/{_nearest(status)}.html"
    return render_template(
        name, status=status, message=gettext(g.get("locale", "zh"), shown), request_id=g.get("request_id", "")
    ), status


def _nearest(status: int) -> int:
    if status in PAGES:
        return status
    return 500 if status >= 500 else 400
