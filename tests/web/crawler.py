"""A reader who follows every link: what is reachable from one person's home, and what is wrong on the way.

User content is told from words of ours by a trick: in the database of the crawl every Chinese character has been
exchanged for a rare one that no word of ours uses (`disguise`), so that what is still common Chinese on an English page
comes from the product.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from models.user import Role, User

OURS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
DISGUISED = re.compile("[\U00020000-\U000251ff]")
FIRST_COMMON, LAST_COMMON, FIRST_RARE = 0x4E00, 0x9FFF, 0x20000
DISGUISE = {code: FIRST_RARE + code - FIRST_COMMON for code in range(FIRST_COMMON, LAST_COMMON + 1)}

PER_SHAPE = 2
"""How many addresses of one route with the same names of arguments are opened."""
PER_ROUTE = 6
SENTENCE = 20
"""A foreign text of this many characters needs its language marked; names need not (WCAG 3.1.2)."""
OWN_NAME = "中文"
"""A language is offered under its own name."""
SPOKEN_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "data-said")
FILLABLE = "//input[not(@type='hidden' or @type='submit' or @type='button')] | //select | //textarea"


def disguise(engine: Engine) -> None:
    """Exchange every Chinese character in every row for a rare one; the same one each time."""
    with engine.begin() as connection:
        raw = connection.connection.dbapi_connection
        raw.create_function("disguised", 1, lambda value: value.translate(DISGUISE))
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for name in connection.exec_driver_sql(triggers).scalars().all():
            # What may only be appended to is changed here, once.
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                of_texts = f"WHERE typeof(\"{column.name}\") = 'text'"
                connection.exec_driver_sql(
                    f'UPDATE "{table.name}" SET "{column.name}" = disguised("{column.name}") {of_texts}'
                )


@dataclass
class Crawl:
    """One person's walk in one language. faults: what was found, as (address, fault)."""

    app: Flask
    client: FlaskClient
    user: User | None
    locale: str
    faults: list[tuple[str, str]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    opened: Counter[str] = field(default_factory=Counter)
    shapes: Counter[tuple[str, frozenset[str]]] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    def walk(self, start: str) -> None:
        """Follow links from here until there are no new ones within the bounds."""
        waiting = [(start, "")]
        while waiting:
            address, found_on = waiting.pop(0)
            if address not in self.seen and self.is_wanted(address, found_on):
                self.seen.add(address)
                waiting += [(link, address) for link in self.open(address, found_on)]

    def endpoint(self, address: str, method: str = "GET") -> str:
        """The endpoint that answers. NotFound where none does."""
        adapter = self.app.url_map.bind("localhost")
        try:
            return str(adapter.match(urlsplit(address).path, method=method)[0])
        except RequestRedirect as err:
            return self.endpoint(err.new_url, method)

    def is_wanted(self, address: str, found_on: str) -> bool:
        """Whether the address is within the bounds; one that no route answers is a fault."""
        try:
            endpoint = self.endpoint(address)
        except (NotFound, MethodNotAllowed):
            self.faults.append((found_on, f"a link that leads nowhere: {address}"))
            return False
        names = frozenset(name for name, _ in parse_qsl(urlsplit(address).query))
        shape = (endpoint, names)
        if self.shapes[shape] >= PER_SHAPE or self.opened[endpoint] >= PER_ROUTE:
            return False
        self.shapes[shape] += 1
        self.opened[endpoint] += 1
        return True

    def open(self, address: str, found_on: str) -> list[str]:
        """Look at the page; the addresses it links to."""
        answer = self.client.get(address, follow_redirects=True)
        if answer.status_code != 200:
            self.faults.append((found_on, f"{answer.status_code} behind {address}"))
            return []
        if answer.mimetype != "text/html":
            answer.close()
            return []
        text = answer.get_data(as_text=True)
        tree = html.document_fromstring(text)
        if not text.lstrip().startswith("<!doctype html>"):
            # A part of a page that a script puts into its place.
            self.faults += [(address, fault) for fault in self.misspoken(tree)]
            return []
        here = answer.request.full_path if answer.history else address
        self.faults += [(address, fault) for fault in self.looked_at(tree)]
        self.compare_title(tree, here)
        return list(self.links(tree, here))

    def looked_at(self, tree: html.HtmlElement) -> Iterator[str]:
        """What is wrong with this page by itself."""
        wanted = {"zh": "zh-CN", "en": "en"}[self.locale]
        if tree.get("lang") != wanted:
            yield f"its language is {tree.get('lang')}"
        headings = [heading.text_content().strip() for heading in tree.xpath("//h1")]
        if len(headings) != 1 or not headings[0]:
            yield f"headings: {headings}"
        ids = Counter(tree.xpath("//@id"))
        yield from (f"an id twice: {name}" for name, n in ids.items() if n > 1)
        yield from unnamed(tree)
        yield from dangling(tree, set(ids))
        yield from self.refused_forms(tree)
        yield from self.misspoken(tree)

    def misspoken(self, tree: html.HtmlElement) -> Iterator[str]:
        """What is not in the language of the reader, and does not say so."""
        if self.locale == "en":
            yield from untranslated(tree)
            yield from unmarked(tree)

    def refused_forms(self, tree: html.HtmlElement) -> Iterator[str]:
        """Forms that no route takes, or that this person may not send."""
        for form in tree.xpath("//form[@action]"):
            method, action = form.get("method", "get").upper(), form.get("action")
            try:
                endpoint = self.endpoint(action, method)
            except (NotFound, MethodNotAllowed):
                yield f"a form that leads nowhere: {method} {action}"
                continue
            access: frozenset[Role] = self.app.view_functions[endpoint].access  # type: ignore[attr-defined]
            if access and not (self.user and any(self.user.has_role(role) for role in access)):
                yield f"a form that this person may not send: {action}"

    def compare_title(self, tree: html.HtmlElement, address: str) -> None:
        """A title says which page this is: no other route has the same."""
        title = " ".join(tree.xpath("//title/text()")).strip()
        words = title.rpartition("·")[0].strip()
        if not words:
            self.faults.append((address, f"a title that says nothing: {title!r}"))
            return
        endpoint = self.endpoint(address)
        if self.titles.setdefault(words, endpoint) != endpoint:
            self.faults.append((address, f"the title of {self.titles[words]} too: {words}"))

    def links(self, tree: html.HtmlElement, here: str) -> Iterator[str]:
        """Addresses on this site that the page leads to, without the place within the page, in this language."""
        found = tree.xpath("//a/@href | //link/@href | //img/@src | //script/@src | //*/@hx-get")
        found += tree.xpath("//form[not(@method) or @method='get']/@action")
        for link in dict.fromkeys(found):
            full = urlsplit(urljoin(f"http://localhost{here}", link))
            changes_language = ("lang", "en" if self.locale == "zh" else "zh") in parse_qsl(full.query)
            if full.scheme in ("http", "https") and full.netloc == "localhost" and not changes_language:
                yield full.path + (f"?{full.query}" if full.query else "")


def unnamed(tree: html.HtmlElement) -> Iterator[str]:
    """What one fills in, presses or follows, and that has no name to say."""
    labels = {label.get("for") for label in tree.xpath("//label[@for]") if label.text_content().strip()}
    for control in tree.xpath(FILLABLE):
        inside = control.xpath("ancestor::label")
        named = control.get("aria-label") or control.get("aria-labelledby") or control.get("id") in labels
        if not named and not (inside and inside[0].text_content().strip()):
            yield f"no label: {html.tostring(control, encoding='unicode')[:90]}"
    for control in tree.xpath("//a[@href] | //button | //summary"):
        pictures = control.xpath(".//img/@alt | .//svg/@aria-label")
        if not (control.text_content().strip() or control.get("aria-label") or any(pictures)):
            yield f"no name: {html.tostring(control, encoding='unicode')[:90]}"


def dangling(tree: html.HtmlElement, ids: set[str]) -> Iterator[str]:
    """What points to a part of this page that is not there."""
    for target in tree.xpath("//a[starts-with(@href, '#')]/@href"):
        if target[1:] and target[1:] not in ids:
            yield f"a link to a part that is not there: {target}"
    for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form"):
        for value in tree.xpath(f"//@{name}"):
            yield from (
                f"{name} names what is not there: {part}" for part in value.split() if part not in ids
            )


def texts(tree: html.HtmlElement) -> Iterator[tuple[html.HtmlElement, str]]:
    """Every text that is shown, with the element that it stands in."""
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in ("script", "style"):
            yield element, element.text or ""
            yield from ((element, child.tail or "") for child in element)


def attributes(tree: html.HtmlElement) -> Iterator[str]:
    """Every text that is heard, or shown on asking."""
    for name in SPOKEN_ATTRIBUTES:
        yield from tree.xpath(f"//@{name}")
    yield from tree.xpath("//meta/@content | //input[@type='submit' or @type='button']/@value")


def spoken_in(element: html.HtmlElement) -> str:
    """The language that an element says it is in."""
    return str(element.xpath("string(ancestor-or-self::*[@lang][1]/@lang)"))


def untranslated(tree: html.HtmlElement) -> Iterator[str]:
    """Chinese that is not user content, other than the name of the language, code, and what says that it is Chinese."""
    shown = (text for element, text in texts(tree) if element.tag != "code" and spoken_in(element) != "zh-CN")
    for text in (*shown, *attributes(tree)):
        if OURS.search(text) and text.strip() != OWN_NAME:
            yield f"not translated: {' '.join(text.split())[:80]}"


def unmarked(tree: html.HtmlElement) -> Iterator[str]:
    """A foreign sentence whose language is not said, which a screen reader would read as English.

    A title has no room to say it, and what stands in a field is the reader's own.
    """
    for element, text in texts(tree):
        is_foreign = len(DISGUISED.findall(text)) >= SENTENCE and spoken_in(element) != "zh-CN"
        if is_foreign and element.tag not in ("title", "textarea"):
            yield f"language not said: {element.tag}.{element.get('class', '')} {' '.join(text.split())[:40]}"
