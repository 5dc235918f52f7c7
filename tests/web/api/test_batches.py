from __future__ import annotations

import hashlib

from models.batch_list import freeze_list
from tests.factories import make_batch


def test_a_released_batch_names_its_frozen_files_by_hash(client, session, city, now):
    freeze_list(session, city.scenario.batch, [city.scenario], now=now)

    read = client.get("/api/v1/batches/2026Q4").json

    assert [file["format"] for file in read["files"]] == ["json", "xlsx"]
    content = client.get(read["files"][0]["url"]).data
    assert hashlib.sha256(content).hexdigest() == read["files"][0]["sha256"]


def test_the_frozen_list_is_what_it_was_on_the_day_of_release(client, session, city, now):
    original = freeze_list(session, city.scenario.batch, [city.scenario], now=now)
    city.scenario.title = "后来改的标题"
    session.flush()

    answer = client.get("/api/v1/batches/2026Q4/list")

    assert answer.data == original.content
    assert answer.headers["ETag"] == f'"{original.sha256}"'
    again = client.get("/api/v1/batches/2026Q4/list", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_before_its_release_a_batch_shows_its_calendar_only(client, session, now):
    make_batch(session, number="2027Q1", released_at=None, releases_at=now)

    read = client.get("/api/v1/batches/2027Q1").json

    assert (read["status"], read["files"]) == ("collecting", [])
    assert client.get("/api/v1/batches/2027Q1/list").status_code == 404


def test_a_batch_that_is_not_there_is_a_problem(client):
    assert client.get("/api/v1/batches/none").json["code"] == "not_found"
