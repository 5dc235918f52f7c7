"""Searches that a person keeps: saved on the public list, listed with what is new, opened again, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from models.audit import record
from models.errors import InvalidInput
from models.i18n import N_, gettext
from models.place import District, list_districts
from models.saved_search import (
    SavedSearch,
    get_search,
    get_search_by_token,
    published_since,
    save_search,
    user_searches,
)
from models.subscription import user_subscriptions
from web.auth import public, requires
from web.forms.parsing import Form, filled, maybe, parse
from web.forms.view import FormView, rejected
from web.pages.scenarios import Asked, asked_from, shown_entries
from web.presenters.scenarios import chosen_words

bp = Blueprint("saved_searches", __name__, url_prefix="/searches")


MAX_PARTS = 100
"""Parts of an address that are read; a person ticks a dozen boxes."""


class SearchForm(Form):
    """A name, and the filter as the list's address has it."""

    name: Annotated[str, filled(60)]
    query: Annotated[str, maybe(1000)] = ""


@dataclass(frozen=True, slots=True)
class SearchView:
    """A saved search with how many scenarios it shows now, and how many of them are new to its owner."""

    row: SavedSearch
    words: str
    n: int
    n_new: int


@bp.get("")
@requires()
def list_mine() -> str:
    """My searches, each with what is new since I last opened it."""
    return _page(FormView())


@bp.post("")
@requires()
def save() -> Response:
    """Keep the filter the list shows now, under a name."""
    try:
        form = parse(SearchForm, request.form)
        # What is kept is what the list understood, without a page.
        query = _asked(form.query).address().partition("?")[2]
        row = save_search(g.session, user_id=g.user.key, name=form.name, query=query, now=g.now)
    except InvalidInput as error:
        labels = {"name": gettext(g.locale, N_("名字")), "query": gettext(g.locale, N_("筛选条件"))}
        return make_response(_page(rejected(error, request.form, labels)), 422)
    record(g.session, actor=g.user, action="search.saved", subject=row)
    g.session.commit()
    return _done(N_("搜索已存。"))


@bp.post("/<id:search_id>/open")
@requires()
def open_again(search_id: int) -> Response:
    """Go to the list with this filter; what is there now counts as seen."""
    row = get_search(g.session, search_id, user_id=g.user.key)
    row.seen_at = g.now
    address = _asked(row.query).address()
    g.session.commit()
    return redirect(address, code=303)  # type: ignore[return-value]


@bp.post("/<id:search_id>/news")
@requires()
def switch_news(search_id: int) -> Response:
    """Have the news of a search mailed with the digest, or no more."""
    row = get_search(g.session, search_id, user_id=g.user.key)
    is_stopped = row.stopped_at is not None
    if is_stopped:
        row.resume_news()
    else:
        row.stop_news(g.now)
    action = "search.news_resumed" if is_stopped else "search.news_stopped"
    record(g.session, actor=g.user, action=action, subject=row)
    g.session.commit()
    return _done(N_("新结果会随摘要寄给你。") if is_stopped else N_("不再寄这个搜索的新结果。"))


@bp.get("/stop/<token>")
@public
def ask_stop(token: str) -> str:
    """What would be stopped, with a button: mail scanners follow links, and must stop nothing."""
    return render_template("pages/saved_searches/stop.html", row=get_search_by_token(g.session, token))


@bp.post("/stop/<token>")
@public
def stop(token: str) -> str:
    """Stop the news of one search, for whoever has the mail; twice is as good as once."""
    row = get_search_by_token(g.session, token)
    if row.stopped_at is None:
        row.stop_news(g.now)
        record(g.session, actor=None, action="search.news_stopped", subject=row)
        g.session.commit()
    return render_template("pages/saved_searches/stop.html", row=row)


@bp.post("/<id:search_id>/delete")
@requires()
def delete(search_id: int) -> Response:
    """Keep it no more."""
    row = get_search(g.session, search_id, user_id=g.user.key)
    record(g.session, actor=g.user, action="search.deleted", subject=row)
    g.session.delete(row)
    g.session.commit()
    return _done(N_("搜索已删。"))


def _page(form: FormView) -> str:
    rows = user_searches(g.session, g.user.key)
    return render_template(
        "pages/saved_searches/list.html",
        searches=_views(rows),
        form=form,
        query=form.typed.get("query", ""),
        is_mailed=bool(user_subscriptions(g.session, g.user.key)),
    )


def _views(rows: list[SavedSearch]) -> list[SearchView]:
    if not rows:
        return []
    since = published_since(g.session, min(row.seen_at for row in rows))
    districts = list_districts(g.session)
    return [_view(row, since_of(row, since), districts) for row in rows]


def since_of(row: SavedSearch, since: Mapping[int, datetime]) -> set[int]:
    """The scenarios that were published after a search was last opened."""
    return {id_ for id_, at in since.items() if at > row.seen_at}


def _view(row: SavedSearch, fresh: set[int], districts: list[District]) -> SearchView:
    asked = _asked(row.query)
    shown = {entry.id for entry in shown_entries(asked)[0]}
    words = [f"“{asked.query}”"] if asked.query else []
    mark = "、" if g.locale == "zh" else ", "
    return SearchView(
        row, mark.join([*words, *chosen_words(asked.chosen, districts)]), len(shown), len(shown & fresh)
    )


def _asked(query: str) -> Asked:
    try:
        return asked_from(MultiDict(parse_qsl(query, max_num_fields=MAX_PARTS)))
    except ValueError as err:
        words = N_("筛选条件太多，去掉几个再存。")
        raise InvalidInput(N_("有几处要改。"), fields={"query": words}) from err


def _done(said: str) -> Response:
    flash({"words": gettext(g.locale, said)})
    return redirect(url_for("saved_searches.list_mine"), code=303)  # type: ignore[return-value]
