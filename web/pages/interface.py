"""What programs can do here, for the people who write them: made from the same document that programs read."""

from __future__ import annotations

from flask import Blueprint, current_app, g, render_template

from models.i18n import gettext
from models.webhook import MAX_TRIES
from web.api.document import openapi
from web.api.imports import MAX_ROWS
from web.api.matching import MAX_QUESTIONS, QUESTIONS
from web.api.problems import CODES, DETAILS, TITLES
from web.auth import public
from web.labels import WEBHOOK_KINDS
from web.presenters.interface import present_objects, present_sections

bp = Blueprint("interface", __name__)


@bp.get("/api")
@public
def show() -> str:
    """How to ask, every endpoint with what it takes and gives, every object, every error."""
    document = openapi(current_app, g.locale)  # type: ignore[arg-type]
    settings = current_app.config["SETTINGS"]
    return render_template(
        "pages/interface/show.html",
        introduction=document["info"]["description"],
        sections=present_sections(document),
        objects=present_objects(document),
        problems=[
            (status, CODES[status], gettext(g.locale, TITLES[status]), gettext(g.locale, DETAILS[status]))
            for status in TITLES
        ],
        per_minute_stranger=settings.api_per_minute_stranger,
        per_minute_token=settings.api_per_minute_token,
        max_rows=MAX_ROWS,
        max_questions=MAX_QUESTIONS,
        questions_a_minute=QUESTIONS,
        max_tries=MAX_TRIES,
        webhook_kinds=[(kind, gettext(g.locale, words)) for kind, words in WEBHOOK_KINDS.items()],
    )
