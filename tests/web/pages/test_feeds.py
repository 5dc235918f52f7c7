from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

from tests.factories import make_batch, make_scenario
from web.pages.feeds import ATOM, CLOSED, N_ENTRIES, SITEMAP


def feed(client, **headers: str) -> ET.Element:
    answer = client.get("/scenarios.atom", headers=headers)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    return ET.fromstring(answer.data)


def texts(root: ET.Element, path: str, namespace: str = ATOM) -> list[str]:
    parts = "/".join(f"{{{namespace}}}{name}" for name in path.split("/"))
    return [found.text for found in root.findall(parts)]


def test_open_scenarios_are_in_the_feed_with_permanent_ids(client, city):
    root = feed(client)

    assert texts(root, "entry/id") == ["http://127.0.0.1:8000/scenarios/NS-2026Q4-017"]
    assert texts(root, "entry/title") == ["NS-2026Q4-017 用巡查车视频自动发现道路井盖病害并派单"]
    assert texts(root, "entry/author/name") == ["南山区城管部门"]
    assert "li@agency.example" not in ET.tostring(root, encoding="unicode")


def test_what_is_closed_withdrawn_over_or_a_draft_is_in_no_feed(client, session, city, now):
    make_scenario(session, number="A", deadline_on=now.date() - timedelta(days=1))
    make_scenario(session, number="B", published_at=None)
    city.scenario.close(now)

    assert texts(feed(client), "entry/id") == []


def test_the_newest_comes_first_and_the_feed_has_an_end(client, session, now):
    for n in range(N_ENTRIES + 2):
        make_scenario(session, number=f"S-{n}", published_at=now - timedelta(hours=n))

    titles = texts(feed(client), "entry/title")

    assert len(titles) == N_ENTRIES
    assert titles[0].startswith("S-0 ")


def test_texts_that_no_xml_may_hold_do_not_break_the_feed(client, session):
    make_scenario(session, number="X-1", title="<b>&amp; \ufffe]]>", text="“引号” & <script>" + "长" * 600)

    root = feed(client)

    assert texts(root, "entry/title") == ["X-1 <b>&amp; ]]>"]
    assert texts(root, "entry/summary")[0].endswith("…")


def test_the_feed_is_sent_again_only_when_it_changed(client, session, city):
    first = client.get("/scenarios.atom")
    again = client.get("/scenarios.atom", headers={"If-None-Match": first.headers["ETag"]})
    make_scenario(session, number="N-1")

    changed = client.get("/scenarios.atom", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data, changed.status_code) == (304, b"", 200)
    assert first.headers["Cache-Control"] == "public, max-age=300"


def test_its_own_words_are_in_the_readers_language(client, city):
    english = feed(client, **{"Accept-Language": "en"})

    assert texts(english, "title") == ["Duijie: open scenarios"]


def test_the_map_holds_every_public_page_and_no_other(client, session, city, now):
    make_scenario(session, number="D-1", published_at=None)
    make_batch(session, number="2027Q1", released_at=None)
    city.scenario.close(now)
    session.flush()

    addresses = texts(ET.fromstring(client.get("/sitemap.xml").data), "url/loc", SITEMAP)

    paths = [address.removeprefix("http://127.0.0.1:8000") for address in addresses]
    assert {"/scenarios", "/lists", "/lists/2026Q4", "/scenarios/NS-2026Q4-017"} <= set(paths)
    assert [path for path in paths if client.get(path).status_code != 200] == []
    assert not any("D-1" in path or "2027Q1" in path for path in paths)


def test_robots_find_the_map_and_stay_out_of_what_is_not_for_them(client, app):
    text = client.get("/robots.txt").text

    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in text
    assert all(f"Disallow: {beginning}\n" in text for beginning in CLOSED)


def test_nothing_public_is_closed_to_robots(client, city):
    addresses = texts(ET.fromstring(client.get("/sitemap.xml").data), "url/loc", SITEMAP)

    paths = [address.removeprefix("http://127.0.0.1:8000") for address in addresses]
    assert [path for path in paths if path.startswith(CLOSED)] == []


def test_pages_lead_to_the_feed(client):
    page = client.get("/scenarios").text

    assert 'type="application/atom+xml"' in page
    assert page.count('href="/scenarios.atom"') == 2
