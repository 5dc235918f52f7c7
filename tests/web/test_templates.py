"""What every page owes its readers: one heading, a title, labels, no script or style of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from models.bid import find_bid
from models.draft import make_draft
from models.user import Role, User
from tests.factories import MONDAY, make_capability, make_firm, make_team, save
from tests.judging import make_bid, make_judged
from tests.web.pages.test_funding import city_record
from web.security import CONTENT_SECURITY_POLICY

PUBLIC = [
    "/scenarios",
    "/scenarios?q=视频",
    "/scenarios?q=zzz",
    "/scenarios/NS-2026Q4-017",
    "/login",
    "/try",
    "/api",
    "/nothing-here",
]
PAGES = {
    Role.AGENCY: [
        "/home", "/my/scenarios", "/my/scenarios/{scenario}/candidates", "/matches/{match}", "/pilots",
        "/pilots/{pilot}", "/funding", "/funding/{record}", "/account", "/scenarios/NS-2026Q4-017",
        "/my/scenarios/{judged}/bids", "/my/scenarios/{judged}/bids/{bid}", "/my/scenarios/{judged}/jury",
        "/my/scenarios/{scenario}/rubric", "/my/scenarios/{draft}/rubric",
        "/drafts/new", "/drafts/{draft}", "/drafts/{draft}/preview", "/drafts/{draft}/delete", "/try",
    ],
    Role.STARTUP: [
        "/home", "/recommended", "/recommended?band=all", "/applications", "/matches/{match}", "/pilots/{pilot}",
        "/funding", "/account", "/account/tokens", "/capabilities", "/capabilities/new",
        "/capabilities/{capability}", "/capabilities/{capability}/preview", "/capabilities/{capability}/withdraw",
        "/bids/{bid}", "/bids/{begun}", "/bids/{begun}/edit",
    ],
    Role.EVALUATOR: ["/juries", "/juries/{jury}", "/juries/{jury}/bids/{bid}"],
    Role.ORGANIZER: ["/batches", "/batches/2026Q4", "/gaps", "/gaps?domain=city_governance&district=NS", "/exposure"],
    Role.FUNDING_OFFICER: ["/pilots", "/pilots/{pilot}", "/funding", "/funding/{record}"],
}  # fmt: skip


class Page(HTMLParser):
    """What the checks below ask of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings, self.titles, self.ids = 0, 0, []
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.unnamed: list[str] = []
        self._inside_label = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs) -> None:
        values = dict(attrs)
        self.headings += tag == "h1"
        self.titles += tag == "title"
        self._inside_label += tag == "label"
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "label" and "for" in values:
            self.labelled.add(values["for"])
        fillable = tag in ("input", "select", "textarea") and values.get("type") not in ("hidden", "submit")
        if fillable and not self._inside_label:
            self.inputs.append(values)
        if (
            "style" in values
            or any(name.startswith("on") for name in values)
            or (tag == "script" and "src" not in values)
        ):
            self.inline.append(tag)
        if tag == "svg" and values.get("aria-hidden") != "true" and "aria-label" not in values:
            self.unnamed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._inside_label -= tag == "label"

    @property
    def unlabelled(self) -> list[dict[str, str | None]]:
        return [v for v in self.inputs if v.get("id") not in self.labelled and not v.get("aria-label")]


@pytest.fixture
def clients(
    session: Session, city, client, log_in: Callable[[User], FlaskClient]
) -> Iterator[tuple[FlaskClient, str]]:
    record = city_record(session, city)
    make_team(session, city.scenario, {city.firm.key: (1,), make_firm(session).key: (2,)})
    draft = save(session, make_draft(city.agency, title="夜间噪声来源", now=MONDAY))
    capability = make_capability(session, organisation_id=city.firm.key, cases=("用过",))
    ids = {
        "draft": draft.key, "scenario": city.scenario.key, "match": city.match_id, "pilot": record.pilot_id,
        "record": record.key, "capability": capability.key, **judged_ids(session, city),
    }  # fmt: skip
    pages = [(client, address) for address in PUBLIC]
    for role, addresses in PAGES.items():
        person = log_in(city.users[role])
        pages += [(person, address.format(**ids)) for address in addresses]
    return pages


def judged_ids(session: Session, city) -> dict[str, int]:
    """A panel in consensus over a proposal of the firm, and a proposal that the firm is writing."""
    evaluator = city.users[Role.EVALUATOR].key
    jury = make_judged(session, city.firm.key, evaluator, organisation_id=city.agency.key)
    begun = make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key, submitted_at=None)
    bid = find_bid(session, jury.scenario_id, city.firm.key)
    return {"judged": jury.scenario_id, "jury": jury.key, "bid": bid.key, "begun": begun.key}


def with_language(address: str, locale: str) -> str:
    """The query of an address with a language asked for."""
    return "&".join(filter(None, [address.partition("?")[2], f"lang={locale}"]))


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_page_has_one_heading_a_title_labels_and_nothing_inline(clients, locale: str) -> None:
    faults = {}
    for client, address in clients:
        text = client.get(address.partition("?")[0], query_string=with_language(address, locale)).get_data(
            as_text=True
        )
        page = Page(text)
        found = {
            "headings": page.headings != 1,
            "titles": page.titles != 1,
            "unlabelled": page.unlabelled,
            "inline": page.inline,
            "unnamed pictures": page.unnamed,
            "double ids": len(page.ids) != len(set(page.ids)),
            "no language": f'<html lang="{"zh-CN" if locale == "zh" else "en"}"' not in text,
        }
        if any(found.values()):
            faults[address] = {name: value for name, value in found.items() if value}

    assert faults == {}


def test_every_page_carries_the_policy(clients) -> None:
    policies = {client.get(address).headers["Content-Security-Policy"] for client, address in clients}

    assert policies == {CONTENT_SECURITY_POLICY}


def test_every_form_that_changes_something_carries_a_token(app: Flask, clients) -> None:
    without = {}
    for client, address in clients:
        for form in re.findall(
            r"<form[^>]*method=\"post\".*?</form>", client.get(address).get_data(as_text=True), re.S
        ):
            if 'name="csrf_token"' not in form:
                without[address] = form[:80]

    assert without == {}


def test_no_page_shows_a_score_or_a_percentage_of_a_match(clients) -> None:
    shown = [
        address
        for client, address in clients
        if re.search(r"匹配度|0\.8\b|\b80%", client.get(address).get_data(as_text=True))
    ]

    assert shown == []


def test_english_pages_hold_no_chinese_of_ours(app: Flask, clients) -> None:
    from web.catalogue import gather

    messages = {
        m for _, message, _ in gather() for m in (message if isinstance(message, tuple) else (message,))
    }
    long_enough = [m for m in messages if len(m) >= 4 and re.search("[\u4e00-\u9fff]", m) and "%" not in m]
    left = {}
    for client, address in clients:
        text = client.get(address.partition("?")[0], query_string=with_language(address, "en")).get_data(
            as_text=True
        )
        body = re.sub(r"<[^>]*lang=\"zh-CN\"[^>]*>[^<]*", "", text)
        found = [m for m in long_enough if f">{m}<" in body]
        if found:
            left[address] = found

    assert left == {}


def test_every_template_is_used(app: Flask) -> None:
    from pathlib import Path

    folder = Path(app.root_path) / "templates"
    code = "".join(path.read_text() for path in Path(app.root_path).rglob("*.py"))
    every = "".join(path.read_text() for path in folder.rglob("*.html")) + code
    names = [str(path.relative_to(folder)) for path in folder.rglob("*.html") if path.parent.name != "errors"]

    assert [name for name in names if f'"{name}"' not in every] == []
