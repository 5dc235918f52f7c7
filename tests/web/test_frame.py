from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from models.user import Role
from tests.factories import make_organisation


def navigation(client: FlaskClient, address: str) -> str:
    page = client.get(address).get_data(as_text=True)
    return page.split('<nav class="places"')[1].split("</nav>")[0]


def test_a_stranger_has_the_list_and_a_text_to_try(client) -> None:
    shown = navigation(client, "/scenarios")

    assert (shown.count("<a "), "试一试" in shown) == (2, True)


@pytest.mark.parametrize(
    ("role", "places"),
    [
        (
            Role.AGENCY,
            ["/home", "/my/scenarios", "/my-events", "/pilots", "/funding", "/imports", "/scenarios"],
        ),
        (
            Role.STARTUP,
            ["/home", "/recommended", "/applications", "/capabilities", "/pilots", "/funding", "/scenarios"],
        ),
        (Role.ORGANIZER, ["/batches", "/events", "/gaps", "/exposure", "/scenarios"]),
        (
            Role.OPERATOR,
            [
                "/batches",
                "/gaps",
                "/exposure",
                "/evaluation",
                "/pilots",
                "/funding",
                "/imports",
                "/scenarios",
            ],
        ),
        (Role.FUNDING_OFFICER, ["/pilots", "/funding", "/scenarios"]),
    ],
)
def test_each_role_has_its_places_and_at_most_seven(city, log_in, role: Role, places: list[str]) -> None:
    shown = navigation(log_in(city.users[role]), "/scenarios")

    assert [part.split('"')[0] for part in shown.split('href="')[1:]] == places


def test_the_present_place_is_marked(as_agency) -> None:
    shown = navigation(as_agency, "/my/scenarios")

    assert shown.count('aria-current="page"') == 1
    assert 'href="/my/scenarios" aria-current="page"' in shown


def test_demo_rows_are_marked_on_every_page(client, session: Session, city) -> None:
    before = client.get("/login").get_data(as_text=True)
    make_organisation(session, is_demo=True)

    assert "演示数据" not in before
    assert "演示数据" in client.get("/login").get_data(as_text=True)


def test_the_other_language_keeps_the_page_and_its_filters(client) -> None:
    page = client.get("/scenarios?domain=research&page=1").get_data(as_text=True)

    assert 'href="/scenarios?domain=research&amp;page=1&amp;lang=en"' in page


ADMITTING = ("/organisations", "/communities", "/proofs")


@pytest.mark.parametrize(
    ("role", "tabs"),
    [
        (Role.AGENCY, ["/account", "/members", "/account/tokens", "/account/webhooks"]),
        (Role.OPERATOR, ["/account", *ADMITTING, "/jobs", "/account/tokens", "/account/webhooks"]),
        (Role.ADMIN, ["/account", *ADMITTING, "/users", "/jobs", "/account/tokens", "/account/webhooks"]),
        (Role.FUNDING_OFFICER, ["/account", "/account/tokens", "/account/webhooks"]),
    ],
)
def test_the_account_has_tabs_for_what_one_looks_after(city, log_in, role: Role, tabs: list[str]) -> None:
    page = log_in(city.users[role]).get("/account").get_data(as_text=True)
    shown = page.split('<nav class="tabs"')[1].split("</nav>")[0] if '<nav class="tabs"' in page else ""

    assert [part.split('"')[0] for part in shown.split('href="')[1:]] == tabs


def test_pages_that_share_a_tab_stand_below_it_and_mark_where_one_is(city, log_in) -> None:
    page = log_in(city.users[Role.OPERATOR]).get("/search-index").get_data(as_text=True)
    elsewhere = log_in(city.users[Role.OPERATOR]).get("/organisations").get_data(as_text=True)

    assert '<a href="/jobs" aria-current="page">运行</a>' in page
    assert '<a href="/search-index" aria-current="page">检索索引</a>' in page
    assert '<a href="/audit">审计</a>' in page
    assert "side-tabs" not in elsewhere
