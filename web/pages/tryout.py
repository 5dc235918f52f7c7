"""Trying it: paste a product or a need without a log-in, see what it would find. Nothing is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, g, make_response, render_template, request

from models.errors import InvalidInput
from models.i18n import N_, gettext
from web.auth import public
from web.forms.parsing import parse
from web.forms.tryout import MAX_TEXT, TryForm
from web.forms.view import FormView, rejected
from web.live import live
from web.panel import open_rows, similar_by_text
from web.presenters.tryout import TryView, present_tried, present_words
from web.session import reads_only
from web.throttle import Throttle

if TYPE_CHECKING:
    from matcher.recommender import Recommender
    from matcher.scoring import ScoredMatch

bp = Blueprint("tryout", __name__, url_prefix="/try")

N_SHOWN = 5
QUESTIONS, WINDOW = 10, timedelta(minutes=5)
"""A person tries a few wordings; a program would try thousands."""

LABELS = {"side": N_("这段文字是"), "text": N_("粘贴文字")}


@bp.get("")
@public
def show() -> str:
    """The empty form."""
    return _page(FormView(typed={"side": request.args.get("side", "offer")}), None)


@bp.post("")
@public
@reads_only
def answer() -> Response:
    """The best matches for the text; 422 for one that is too short or too long, 429 for too many in a row."""
    throttle: Throttle = current_app.extensions.setdefault("duijie_try", Throttle(QUESTIONS, WINDOW))
    throttle.count(request.remote_addr or "", now=g.now)
    try:
        form = parse(TryForm, request.form)
    except InvalidInput as error:
        labels = {name: gettext(g.locale, words) for name, words in LABELS.items()}
        return make_response(_page(rejected(error, request.form, labels), None), 422)
    return make_response(_page(FormView(typed={"side": form.side, "text": form.text}), _tried(form)))


def _tried(form: TryForm) -> TryView:
    def question(recommender: Recommender) -> tuple[list[ScoredMatch], dict[int, str]]:
        from matcher.documents import DocumentKind

        kind = DocumentKind.CAPABILITY if form.side == "offer" else DocumentKind.SCENARIO
        # More than is shown: of a firm only its best capability is, and a scenario may have closed meanwhile.
        matches = recommender.match_text(form.text, kind, k=4 * N_SHOWN)
        titles = {
            match.capability_id: recommender.capability(match.capability_id).title
            for match in matches
            if match.capability_id
        }
        return matches, titles

    found, mode = live().ask(question)
    if found is None:
        return present_words(form.side, mode, similar_by_text(form.text, n=N_SHOWN))
    matches, titles = found
    rows = {row.key: row for row in open_rows({match.scenario_id for match in matches if match.scenario_id})}
    return present_tried(form.side, matches, rows, titles, n=N_SHOWN)


def _page(form: FormView, tried: TryView | None) -> str:
    return render_template("pages/tryout/show.html", form=form, tried=tried, max_text=MAX_TEXT)
