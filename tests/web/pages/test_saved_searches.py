from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.saved_search import SavedSearch, save_search
from models.user import Role
from tests.factories import make_scenario, make_user
from tests.jobs.rows import make_subscription


def mine(session: Session, city) -> list[SavedSearch]:
    return list(session.exec(select(SavedSearch).where(SavedSearch.user_id == city.users[Role.STARTUP].key)))


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", ""), ("POST", "/1/open"), ("POST", "/1/delete")]
)
def test_strangers_keep_nothing(client, method, path):
    assert client.open(f"/searches{path}", method=method).status_code == 303


def test_the_list_offers_to_save_what_it_shows_to_those_who_are_logged_in(client, as_firm):
    address = "/scenarios?q=井盖&deployment=gov_cloud&page=2"

    assert "存下这个搜索" not in client.get(address).text
    page = as_firm.get(address).text
    assert "存下这个搜索" in page
    assert 'name="query" value="q=%E4%BA%95%E7%9B%96&amp;deployment=gov_cloud&amp;state=open"' in page


def test_a_search_is_kept_without_its_page_and_told_in_words(session, as_firm, city):
    query = "q=井盖&deployment=gov_cloud&page=7&evil=1"

    answer = as_firm.post("/searches", data={"name": "我的井盖", "query": query}, follow_redirects=True)

    (row,) = mine(session, city)
    assert row.query == "q=%E4%BA%95%E7%9B%96&deployment=gov_cloud&state=open"
    assert "我的井盖" in answer.text and "“井盖”、政务云" in answer.text and "现在 1 个" in answer.text


def test_a_name_is_needed_and_taken_once(session, as_firm, city):
    as_firm.post("/searches", data={"name": "井盖"})

    nameless = as_firm.post("/searches", data={"name": " ", "query": "q=井盖"})
    taken = as_firm.post("/searches", data={"name": "井盖", "query": "q=井盖"})

    assert (nameless.status_code, taken.status_code) == (422, 422)
    assert 'href="#field-name"' in taken.text and 'value="q=井盖"' in taken.text
    assert len(mine(session, city)) == 1


def test_new_ones_are_counted_until_it_is_opened(session, as_firm, city, now):
    person = city.users[Role.STARTUP].key
    row = save_search(session, user_id=person, name="井盖", query="q=井盖", now=now - timedelta(days=1))
    make_scenario(session, title="井盖移位也要发现", published_at=now - timedelta(hours=1))
    make_scenario(session, title="老人跌倒", text="毫米波雷达。", published_at=now - timedelta(hours=1))
    assert "1 个新的" in as_firm.get("/searches").text

    answer = as_firm.post(f"/searches/{row.key}/open")

    assert answer.headers["Location"].startswith("/scenarios?q=")
    assert "个新的" not in as_firm.get("/searches").text


def test_a_search_is_deleted_and_anothers_is_not_there(session, as_firm, city, now):
    person = city.users[Role.STARTUP].key
    row = save_search(session, user_id=person, name="井盖", query="", now=now).key
    theirs = save_search(session, user_id=make_user(session).key, name="井盖", query="", now=now).key

    assert as_firm.post(f"/searches/{row}/delete").status_code == 303
    for act in ("open", "delete"):
        assert as_firm.post(f"/searches/{theirs}/{act}").status_code == 404
    session.expire_all()
    assert [session.get(SavedSearch, key) is None for key in (row, theirs)] == [True, False]


def test_without_any_it_says_how_to_begin(as_firm):
    assert "还没有存过搜索" in as_firm.get("/searches").text


def test_an_address_with_a_thousand_parts_is_refused(as_firm):
    query = "&".join(f"domain={n}" for n in range(101))

    assert as_firm.post("/searches", data={"name": "很多", "query": query}).status_code == 422


def test_news_of_a_search_are_stopped_and_resumed_by_its_owner(session, as_firm, as_agency, city, now):
    person = city.users[Role.STARTUP].key
    row = save_search(session, user_id=person, name="井盖", query="q=井盖", now=now)
    make_subscription(session, organisation_id=city.firm.key, user_id=person)
    assert "同一个场景只寄一次" in as_firm.get("/searches").text

    stopped = as_firm.post(f"/searches/{row.key}/news", follow_redirects=True).text
    session.refresh(row)
    assert row.stopped_at == now and "新结果不寄邮件" in stopped
    assert as_agency.post(f"/searches/{row.key}/news").status_code == 404

    as_firm.post(f"/searches/{row.key}/news")
    session.refresh(row)
    assert row.stopped_at is None
    actions = [event.action for event in subject_events(session, "saved_search", row.key)]
    assert actions == ["search.news_stopped", "search.news_resumed"]


def test_without_a_digest_no_mail_is_promised(session, as_firm, city, now):
    save_search(session, user_id=city.users[Role.STARTUP].key, name="井盖", query="q=井盖", now=now)

    assert "随摘要" not in as_firm.get("/searches").text


def test_the_link_of_a_mail_asks_first_and_stops_then(session, client, city, now):
    person = city.users[Role.STARTUP].key
    row = save_search(session, user_id=person, name="井盖", query="q=井盖", now=now)
    address = f"/searches/stop/{row.token}"

    asked = client.get(address)
    session.refresh(row)
    assert asked.status_code == 200 and "井盖" in asked.text and row.stopped_at is None

    answers = [client.post(address) for _ in range(2)]
    session.refresh(row)
    assert [answer.status_code for answer in answers] == [200, 200] and "已停止" in answers[1].text
    assert row.stopped_at == now
    assert len(subject_events(session, "saved_search", row.key)) == 1
    assert client.get("/searches/stop/forged").status_code == 404
