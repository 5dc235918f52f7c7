from __future__ import annotations

import json
from typing import Annotated

import pytest
from flask import Flask
from pydantic import Field

from tests.factories import make_batch
from web.api.declared import Asked, Clean, Endpoint, Given, declares
from web.auth import public


class Letter(Asked):
    text: Annotated[str, Field(max_length=10), Clean]


class Echo(Given):
    text: str


@pytest.fixture
def echoing(app: Flask):
    @public
    @declares(Endpoint(summary="", body=Letter, answer=Echo, status=201))
    def echo(body: Letter) -> Echo:
        return Echo(text=body.text)

    app.add_url_rule("/api/v1/echo", "echo", echo, methods=["POST"])
    return app.test_client()


def test_a_body_is_checked_and_cleaned(echoing):
    answer = echoing.post("/api/v1/echo", data='{"text": " a\\u0000b "}', content_type="application/json")

    assert (answer.status_code, answer.json) == (201, {"text": "ab"})


@pytest.mark.parametrize(
    ("sent", "media_type", "status"),
    [
        ('{"text": "x"}', "text/plain", 415),
        ('{"text": "x"', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ('{"text": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        ("[]", "application/json", 422),
        ("7", "application/json", 422),
        ('{"text": 7}', "application/json", 422),
        ('{"text": "\\ud800"}', "application/json", 422),
        ('{"text": "x", "more": 1}', "application/json", 422),
        ('{"text": "12345678901"}', "application/json", 422),
    ],
)
def test_what_is_no_body_of_this_kind_is_refused(echoing, sent, media_type, status):
    answer = echoing.post("/api/v1/echo", data=sent, content_type=media_type)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_an_answer_that_has_not_changed_is_not_sent_again(client, session):
    make_batch(session)
    first = client.get("/api/v1/batches")
    again = client.get("/api/v1/batches", headers={"If-None-Match": first.headers["ETag"]})
    make_batch(session)
    changed = client.get("/api/v1/batches", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200


def test_a_list_says_how_long_it_is_and_where_its_neighbours_are(client, session):
    numbers = [make_batch(session, number=f"A{n}").number for n in range(5)]

    answer = client.get("/api/v1/batches?page=2&per_page=2")

    assert {name: answer.json[name] for name in ("total", "page", "n_pages")} == {
        "total": 5, "page": 2, "n_pages": 3,
    }  # fmt: skip
    assert [item["number"] for item in answer.json["items"]] == [numbers[2], numbers[1]]
    links = dict(reversed(link.split("; ")) for link in answer.headers["Link"].split(", "))
    assert sorted(links) == ['rel="first"', 'rel="last"', 'rel="next"', 'rel="prev"']
    assert links['rel="next"'] == "<http://localhost/api/v1/batches?page=3&per_page=2>"


def test_every_item_is_on_one_page_and_a_page_after_the_last_is_empty(client, session):
    for n in range(5):
        make_batch(session, number=f"A{n}")
    pages = [client.get(f"/api/v1/batches?page={n}&per_page=2").json for n in (1, 2, 3, 4)]

    assert [len(page["items"]) for page in pages] == [2, 2, 1, 0]
    assert len({item["number"] for page in pages for item in page["items"]}) == 5


def test_a_wish_that_means_nothing_is_not_silently_left_out(client):
    assert client.get("/api/v1/batches?pag=2").status_code == 422
    assert client.get("/api/v1/batches?page=1&page=2").status_code == 422


def test_the_language_is_the_askers_and_sets_no_cookie(client):
    answer = client.get("/api/v1/batches", headers={"Accept-Language": "en-GB,zh;q=0.5"})

    assert answer.headers["Content-Language"] == "en"
    assert "Set-Cookie" not in answer.headers
    assert "Accept-Language" in answer.headers["Vary"]
    assert json.loads(answer.data)["total"] == 0
