"""The public page of a batch: its calendar before, its list after, and files that never change."""

from __future__ import annotations

import hashlib

import pytest
from sqlmodel import Session

from models.batch_list import freeze_list
from tests.factories import make_approved, make_batch
from tests.judging import make_rubric


@pytest.fixture
def frozen(session: Session, city, now):
    return freeze_list(session, city.scenario.batch, [city.scenario], now=now)


def test_before_its_release_only_the_calendar_is_seen(session, client, now):
    batch = make_batch(session, number="2027Q1", title="一季度清单", released_at=None, releases_at=now)
    make_approved(session, batch_id=batch.key, title="还看不到的场景")

    page = client.get("/lists/2027Q1").text

    assert "一季度清单" in page
    assert "还看不到的场景" not in page
    assert "一季度清单" in client.get("/lists").text
    assert client.get("/lists/2027Q1/list.json").status_code == 404


def test_after_its_release_the_list_and_its_files_are_there_for_everybody(client, city, frozen):
    page = client.get("/lists/2026Q4").text

    assert city.scenario.title in page
    assert frozen.sha256 in page
    assert "PDF 还没有排好" in page
    assert "/lists/2026Q4" in client.get("/lists").text
    assert "/lists/2026Q4" in client.get(f"/scenarios/{city.scenario.number}").text


@pytest.mark.parametrize("kind", ["json", "xlsx"])
def test_a_file_is_given_as_it_was_kept(client, frozen, kind):
    answer = client.get(f"/lists/2026Q4/list.{kind}")

    assert answer.status_code == 200
    assert answer.get_etag()[0] == hashlib.sha256(answer.data).hexdigest()
    assert f'filename="2026Q4.{kind}"' in answer.headers["Content-Disposition"]


def test_what_is_changed_later_is_seen_on_the_page_and_not_in_the_file(session, client, city, frozen):
    city.scenario.withdraw(city.scenario.published_at)
    session.flush()

    assert city.scenario.title not in client.get("/lists/2026Q4").text
    assert city.scenario.title in client.get("/lists/2026Q4/list.json").text


@pytest.mark.parametrize("address", ["/lists/nothing", "/lists/2026Q4/list.pdf", "/lists/2026Q4/list.exe"])
def test_what_is_not_there_is_not_found(client, frozen, address):
    assert client.get(address).status_code == 404


def test_the_page_is_there_in_english(client, frozen):
    assert "Frozen list" in client.get("/lists/2026Q4?lang=en").text


def test_the_hash_of_the_criteria_stands_in_the_list(session, city, client):
    rubric = make_rubric(session, scenario_id=city.scenario.key)

    assert f"SHA-256 {rubric.sha256[:16]}…" in client.get("/lists/2026Q4").text
