"""What readers of news and search engines follow: open scenarios as an Atom feed, the map of the public pages, and what
robots may look at. Addresses are those of the settings, so that ids stay the same whatever name the site is asked by.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, current_app, g, request, url_for
from sqlalchemy.orm import joinedload
from sqlmodel import col, select

from models.batch import list_batches
from models.i18n import N_, gettext
from models.scenario import Scenario, published
from web.auth import public
from web.labels import label

bp = Blueprint("feeds", __name__)

N_ENTRIES = 50
SUMMARY = 500
"""Characters of a scenario's text in the feed; the rest is on its page."""

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MAX_ADDRESSES = 50_000
"""What one sitemap may hold, by its own rules."""

PUBLIC_PAGES = ("scenarios.list_published", "lists.list_all", "tryout.show", "sign_up.ask", "interface.show")
CLOSED = (
    "/account", "/applications", "/batches", "/drafts", "/evaluation", "/exposure", "/funding", "/gaps", "/home",
    "/imports", "/join", "/matches", "/members", "/my", "/organisations", "/pilots", "/recommended", "/reviews",
    "/unsubscribe", "/users", "/welcome", "/api/v1", "/metrics",
)  # fmt: skip
"""Beginnings of addresses that are of no use to a robot."""

_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@bp.get("/scenarios.atom")
@public
def scenarios() -> Response:
    """The newest open scenarios; one that is closed or withdrawn is gone from it at once."""
    statement = (
        select(Scenario)
        .where(published(g.today))
        .options(joinedload(Scenario.organisation))
        .order_by(col(Scenario.published_at).desc(), col(Scenario.id).desc())
        .limit(N_ENTRIES)
    )
    rows = g.session.exec(statement).all()
    return _answer(_feed(rows), "application/atom+xml; charset=utf-8")


def _feed(rows: Iterable[Scenario]) -> ET.Element:
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "zh-CN" if g.locale == "zh" else "en"})
    here = _address(url_for("feeds.scenarios"))
    _add(feed, "id", here)
    _add(feed, "title", gettext(g.locale, N_("对接：征集中的场景")))
    ET.SubElement(feed, "link", {"rel": "self", "href": here})
    ET.SubElement(feed, "link", {"rel": "alternate", "href": _address(url_for("scenarios.list_published"))})
    entries = [(row, _changed(row)) for row in rows]
    # Without an entry the feed is as old as anything: it must not change with the clock.
    newest = max((at for _, at in entries), default=datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    _add(feed, "updated", newest.isoformat(timespec="seconds"))
    for row, changed in entries:
        feed.append(_entry(row, changed))
    return feed


def _changed(row: Scenario) -> datetime:
    assert row.published_at is not None, "only published scenarios are read"
    return max(row.published_at, row.updated_at)


def _entry(row: Scenario, changed: datetime) -> ET.Element:
    assert row.published_at is not None, "only published scenarios are read"
    address = _address(url_for("scenarios.show", number=row.number))
    entry = ET.Element("entry", {"xml:lang": "zh-CN" if row.lang == "zh" else "en"})
    _add(entry, "id", address)
    _add(entry, "title", f"{row.number} {row.title}")
    ET.SubElement(entry, "link", {"rel": "alternate", "href": address})
    _add(entry, "published", row.published_at.isoformat(timespec="seconds"))
    _add(entry, "updated", changed.isoformat(timespec="seconds"))
    _add(ET.SubElement(entry, "author"), "name", row.organisation.name)
    words = label("domain", row.domain, g.locale)
    ET.SubElement(entry, "category", {"term": _clean(row.domain), "label": _clean(words)})
    _add(entry, "summary", row.text if len(row.text) <= SUMMARY else row.text[:SUMMARY] + "…")
    return entry


@bp.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """Every public page: lists, scenarios (ended ones too), released batches."""
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for endpoint in PUBLIC_PAGES:
        _page(root, url_for(endpoint))
    for batch in list_batches(g.session):
        if batch.released_at is not None:
            _page(root, url_for("lists.show", number=batch.number), batch.released_at)
    statement = select(Scenario.number, Scenario.updated_at).where(published())
    left = MAX_ADDRESSES - len(root)
    for number, at in g.session.exec(statement.order_by(col(Scenario.published_at).desc()).limit(left)):
        _page(root, url_for("scenarios.show", number=number), at)
    return _answer(root, "application/xml; charset=utf-8")


def _page(root: ET.Element, path: str, at: datetime | None = None) -> None:
    page = ET.SubElement(root, "url")
    _add(page, "loc", _address(path))
    if at is not None:
        _add(page, "lastmod", at.isoformat(timespec="seconds"))


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """Which pages are of use to robots, and where the map is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {beginning}" for beginning in CLOSED),
        "",
        f"Sitemap: {_address(url_for('feeds.sitemap'))}",
    ]
    return _kept(Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


def _address(path: str) -> str:
    base: str = current_app.config["SETTINGS"].base_url
    return base.rstrip("/") + path


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """Without the characters that no XML document may hold."""
    return _NOT_XML.sub("", text)


def _answer(root: ET.Element, media_type: str) -> Response:
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return _kept(Response(content, content_type=media_type))


def _kept(answer: Response) -> Response:
    """Readers come every few minutes: what has not changed is not sent again."""
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    return answer.make_conditional(request)  # type: ignore[no-any-return]
