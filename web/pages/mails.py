"""Every kind of mail as its readers see it, in both languages: for those who answer for what is mailed."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, render_template

from models.i18n import LOCALES
from models.mail_example import get_example, list_examples
from models.texts import storable
from web.auth import requires
from web.frame import ADMITS
from web.labels import label
from web.security import CONTENT_SECURITY_POLICY

bp = Blueprint("mails", __name__, url_prefix="/mails")

# A mail carries its style in its elements, as mail programs want it; nothing in it may run or be fetched.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@bp.get("")
@requires(*ADMITS)
def list_all() -> str:
    """Every kind with the subject of its example."""
    examples = list_examples(g.session, g.locale)
    return render_template(
        "pages/mails/list.html",
        examples=[(kind, label("mail_kind", kind, g.locale), row) for kind, row in examples.items()],
    )


@bp.get("/<mail_kind>/<mail_locale>")
@requires(*ADMITS)
def show(mail_kind: str, mail_locale: str) -> Response:
    """One kind in one language: as text here, as HTML in a frame."""
    example = get_example(g.session, storable(mail_kind), storable(mail_locale))
    page = render_template("pages/mails/show.html", example=example, locales=LOCALES)
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return answer


@bp.get("/<mail_kind>/<mail_locale>/html")
@requires(*ADMITS)
def framed(mail_kind: str, mail_locale: str) -> Response:
    """The HTML of the example itself, which only a page of ours may frame."""
    example = get_example(g.session, storable(mail_kind), storable(mail_locale))
    answer = Response(example.html, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer
