from __future__ import annotations

import pytest
from flask import Flask, g

from models.errors import InvalidInput
from web.forms.view import rejected

LABELS = {"name": "名称"}


@pytest.fixture(autouse=True)
def request_context(app: Flask):
    with app.test_request_context("/"):
        app.preprocess_request()
        yield


def test_the_label_stands_before_the_sentence() -> None:
    view = rejected(InvalidInput("x", fields={"name": "要填写。"}), {"name": ""}, LABELS)

    assert view.errors == {"name": "名称：要填写。"}


def test_a_sentence_that_names_its_field_is_left_alone() -> None:
    error = InvalidInput("x", fields={"decision_owner": "决定人：要写清谁来决定去留。"})

    assert (
        rejected(error, {}, {"decision_owner": "决定人"}).errors["decision_owner"]
        == "决定人：要写清谁来决定去留。"
    )


def test_what_was_typed_is_shown_again() -> None:
    assert rejected(InvalidInput("x", fields={"name": "要填写。"}), {"note": "写过的"}, {}).typed == {
        "note": "写过的"
    }


def test_an_error_without_a_field_is_shown_too() -> None:
    assert rejected(InvalidInput("没有选文件。"), {}, {}).errors == {"form": "没有选文件。"}


def test_sentences_without_translation_become_general_ones() -> None:
    g.locale = "en"

    errors = rejected(InvalidInput("x", fields={"name": "只有中文"}), {}, {"name": "Title"}).errors

    assert errors == {"name": "Title: This entry is not right; please check."}
