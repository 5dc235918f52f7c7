from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import TooManyRequests

from models import errors
from web.auth import public
from web.errors import GENERAL, PAGES, status_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound("x"), 404),
        (errors.NotAllowed("x"), 403),
        (errors.InvalidInput("x"), 422),
        (errors.InvalidTransition("x"), 409),
        (errors.NotReady("x"), 503),
        (errors.IndexNotReady("x"), 503),
        (errors.ModelUnavailable("x"), 503),
    ],
)
def test_each_error_has_its_status(error: errors.DomainError, status: int) -> None:
    assert status_of(error) == status


def test_every_page_has_a_general_sentence() -> None:
    assert set(GENERAL) == set(PAGES)


def raise_in(app: Flask, error: Exception) -> None:
    @public
    def fail() -> str:
        raise error

    app.add_url_rule("/fail", "fail", fail)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (errors.InvalidTransition("没有可以撤销的邀请。"), 409, "没有可以撤销的邀请。"),
        (errors.NotReady("没有这个试点。"), 503, "没有这个试点。"),
        (IntegrityError("insert", {}, ValueError("unique")), 409, "别人刚刚改过同一条记录"),
        (TooManyRequests(retry_after=60), 429, "试得太频繁"),
        (ValueError("secret detail"), 500, "我们已经记下"),
    ],
)
def test_pages_say_what_happened_and_nothing_else(app: Flask, client, error, status, words) -> None:
    raise_in(app, error)

    answer = client.get("/fail")

    page = answer.get_data(as_text=True)
    assert (answer.status_code, words in page) == (status, True)
    assert "secret detail" not in page and "Traceback" not in page
    assert answer.headers["X-Request-Id"] in page


def test_sentences_are_translated_and_unknown_ones_are_general(app: Flask, client) -> None:
    raise_in(app, errors.InvalidTransition("没有可以撤销的邀请。"))
    known = client.get("/fail?lang=en").get_data(as_text=True)
    raise_in_other = errors.NotReady("只有中文的句子")

    assert "There is no invitation to undo." in known
    assert raise_in_other.message not in known


def test_a_sentence_without_translation_is_not_shown_in_english(app: Flask, client) -> None:
    raise_in(app, errors.NotReady("只有中文的句子"))

    page = client.get("/fail?lang=en").get_data(as_text=True)

    assert "只有中文的句子" not in page
    assert "not ready yet" in page


def test_htmx_gets_a_sentence_instead_of_a_page(app: Flask, client) -> None:
    raise_in(app, errors.NotFound("没有这个试点。"))

    answer = client.get("/fail", headers={"HX-Request": "true"})

    assert answer.status_code == 404
    assert "<html" not in answer.get_data(as_text=True)
    assert "没有这个试点。" in answer.get_data(as_text=True)


def test_a_wrong_method_keeps_its_allow_header(client) -> None:
    answer = client.post("/scenarios")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_when_the_database_is_gone_there_is_still_a_page(app: Flask, client, session) -> None:
    from sqlalchemy.exc import OperationalError

    raise_in(app, OperationalError("select", {}, ValueError("gone")))

    answer = client.get("/fail")

    assert answer.status_code == 500
    assert "<h1>出错了</h1>" in answer.get_data(as_text=True)
