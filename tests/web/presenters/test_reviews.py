from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.review import REVIEWED, ReviewRemark
from tests.factories import MONDAY, make_round
from web.presenters.reviews import LABELS, compared, field_views, worded


@pytest.fixture(params=["zh", "en"])
def reader(app, request):
    with app.test_request_context():
        from flask import g

        g.locale = request.param
        yield request.param


def test_every_reviewed_field_has_a_label() -> None:
    assert set(REVIEWED) <= set(LABELS)


def test_stored_codes_are_shown_in_words(reader: str) -> None:
    assert worded("kind", "government") == {"zh": "政务场景", "en": "Government"}[reader]
    assert worded("deployment", ["gov_cloud", "saas"]).count("SaaS") == 1
    assert worded("budget_min_fen", 12_500_000) == "12.5"
    assert worded("deadline_on", "2026-12-31") == "2026-12-31"
    assert worded("site", "") == worded("opens_on", None) == ""
    assert (
        worded("requirements", [{"text": "甲", "must": True}, {"text": "乙", "must": False}]).count("\n") == 1
    )


def test_a_change_is_shown_where_it_is(reader: str, session) -> None:
    before = make_round(session, returned_at=MONDAY)
    before.remarks = [ReviewRemark(round_id=before.key, field="target", text="写成数")]
    now = {**before.content, "target": "4 小时"}

    views = {view.name: view for view in field_views(now, before)}

    assert (views["target"].changed, views["target"].asked, views["target"].text) == (
        True,
        "写成数",
        "4 小时",
    )
    assert [piece.kind for piece in views["target"].pieces] == ["new"]
    assert (views["title"].changed, views["title"].pieces) == (False, None)
    assert not any(view.changed for view in field_views(now, None))


@given(st.text(), st.text())
def test_the_pieces_are_both_texts_whole(before: str, after: str) -> None:
    pieces = compared(before, after)

    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after
