from __future__ import annotations

from datetime import timedelta

import pytest
from flask import g

from models.audit import record
from models.user import Role
from tests.factories import make_capability, make_user
from web.autosave import SITTING, Difference, differences, is_same_sitting, save_state, sent_revision, worded


@pytest.fixture
def page(app, session, city, now):
    """A request of the firm's person, in Chinese."""
    with app.test_request_context("/", method="POST", data={"revision": "7"}):
        app.preprocess_request()
        g.session, g.user, g.locale, g.now = session, city.users[Role.STARTUP], "zh", now
        yield


@pytest.mark.parametrize(
    ("sent", "revision"), [("7", 7), ("", 0), ("-1", 0), ("12345678901", 0), ("x", 0), ("٣", 3)]
)
def test_the_version_is_a_number_or_none_that_any_row_has(app, sent, revision):
    with app.test_request_context("/", method="POST", data={"revision": sent}):
        assert sent_revision() == revision


def test_the_state_tells_what_became_of_the_save(page):
    assert "已自动保存" in save_state("8", saved=True)
    assert 'value="8"' in save_state("8", saved=True)
    assert "刚在别处改过" in save_state("8", conflict="刚在别处改过")
    assert 'href="#field-weeks"' in save_state("8", errors={"weeks": "要写一个整数。"})


def test_saves_of_one_person_within_half_an_hour_are_one_sitting(session, page, city, now):
    row = make_capability(session)
    event = record(session, actor=g.user, action="capability.draft_changed", subject=row)
    event.created_at = now - SITTING + timedelta(seconds=1)
    session.flush()
    assert is_same_sitting(row, "capability", "capability.draft_changed")
    assert not is_same_sitting(row, "capability", "capability.listed")

    event.created_at = now - SITTING
    session.flush()

    assert not is_same_sitting(row, "capability", "capability.draft_changed")


def test_another_persons_save_is_another_sitting(session, page):
    row = make_capability(session)
    record(session, actor=make_user(session), action="capability.draft_changed", subject=row)

    assert not is_same_sitting(row, "capability", "capability.draft_changed")


def test_fields_that_differ_are_named_with_both_readings(page):
    labels = {"title": "标题", "text": "说明", "deployment": "部署"}
    stored = {"title": "甲", "text": "同样\r\n两行 ", "deployment": "gov_cloud,edge"}
    typed = {"title": "乙", "text": "同样\n两行", "deployment": "", "csrf_token": "x"}

    assert differences(stored, typed, labels) == [
        Difference("标题", "甲", "乙", "field-title"),
        Difference("部署", "政务云、端侧", "", "field-deployment"),
    ]


def test_a_sentence_is_in_the_readers_language(page):
    assert worded("没有改动，不用更新。") == "没有改动，不用更新。"
