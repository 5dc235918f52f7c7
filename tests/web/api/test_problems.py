from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from models import errors
from web.api.problems import CODES, DETAILS, TITLES
from web.auth import public


def raise_in(app, error: Exception) -> None:
    @public
    def fail() -> str:
        raise error

    app.add_url_rule("/api/v1/fail", "fail", fail)


def test_every_status_has_its_words():
    assert TITLES.keys() == DETAILS.keys() == CODES.keys()


@pytest.mark.parametrize(
    ("error", "status", "code", "words"),
    [
        (errors.NotFound("没有这个试点。"), 404, "not_found", "There is no such pilot."),
        (
            errors.NotReady("只有中文的句子"),
            503,
            "not_ready",
            "This part is not ready yet; please try again in a while.",
        ),
        (
            errors.IndexNotReady("x"),
            503,
            "index_not_ready",
            "This part is not ready yet; please try again in a while.",
        ),
        (OperationalError("select", {}, ValueError("gone")), 500, "internal_error", "nothing was written"),
        (ValueError("secret detail"), 500, "internal_error", "nothing was written"),
    ],
)
def test_every_error_is_a_problem_in_the_askers_language(app, client, error, status, code, words):
    raise_in(app, error)

    answer = client.get("/api/v1/fail", headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert words in answer.json["detail"]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert "secret" not in answer.text and "Traceback" not in answer.text


def test_what_is_wrong_is_said_field_by_field(client):
    answer = client.get("/api/v1/scenarios?state=never&page=0&colour=red", headers={"Accept-Language": "en"})

    assert answer.status_code == 422
    assert answer.json["fields"] == {
        "page": "Must not be below 0.",
        "state.0": "Choose one from the list.",
        "colour": "There is no such entry.",
    } or list(answer.json["fields"]) == ["page", "state.0", "colour"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2", "/api/"])
def test_an_address_that_is_not_there_is_no_page(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_wrong_method_says_which_are_right(client):
    answer = client.post("/api/v1/scenarios")

    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
