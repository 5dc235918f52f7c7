from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask, g

from models.batch import Batch
from models.organisation import Organisation, OrganisationKind
from web import filters


@pytest.fixture
def in_language(app: Flask):
    with app.test_request_context("/"):
        app.preprocess_request()

        def choose(locale: str) -> None:
            g.locale = locale

        yield choose


def test_days_carry_a_machine_readable_date(in_language) -> None:
    in_language("zh")

    assert filters.weekday(date(2026, 12, 4)) == '<time datetime="2026-12-04">12-04 周五</time>'
    assert filters.day(None) == ""


def test_moments_are_days_of_the_installation(in_language) -> None:
    in_language("en")

    assert "20 Nov" in filters.day(datetime(2026, 11, 19, 17, tzinfo=UTC))
    assert "20 Nov 01:00" in filters.moment(datetime(2026, 11, 19, 17, tzinfo=UTC))


def test_money_is_never_broken(in_language) -> None:
    in_language("zh")

    assert filters.money(30_000_000) == '<span class="keep">30 万元</span>'
    assert filters.money_range(None, None) == ""


@pytest.mark.parametrize(
    ("locale", "days", "shown"),
    [("zh", 0.1, "当天"), ("zh", 2.1, "2.1 天"), ("en", 0.0, "same day"), ("en", 2.0, "2 days")],
)
def test_medians_are_said_in_words(in_language, locale: str, days: float, shown: str) -> None:
    in_language(locale)

    assert filters.median(days) == shown


def test_texts_in_another_language_say_so(in_language) -> None:
    in_language("zh")

    assert filters.lang_tag("en") == ' lang="en"'
    assert filters.lang_tag("zh") == "" and filters.lang_tag(None) == ""


def test_codes_become_words(in_language) -> None:
    in_language("en")

    assert filters.word("gov_cloud", "deployment") == "Government cloud"
    assert filters.word("made_up", "deployment") == "made_up"


def test_names_and_titles_are_those_of_the_readers_language_where_there_is_one(in_language) -> None:
    firm = Organisation(name="拾级智能", name_en="Shiji", kind=OrganisationKind.STARTUP)
    batch = Batch(number="2026Q4", title="第四季度", title_en="Fourth quarter")
    in_language("en")
    english = (filters.named(firm), filters.titled(batch))
    in_language("zh")

    assert english == ("Shiji", "Fourth quarter")
    assert (filters.named(firm), filters.titled(batch)) == ("拾级智能", "第四季度")


def test_a_text_says_its_language_where_it_is_not_that_of_the_page(in_language) -> None:
    in_language("en")

    assert filters.own_lang("识别率 91%") == ' lang="zh-CN"'
    assert [filters.own_lang(text) for text in ("Recall of 91%", "26 → 4", "")] == ["", "", ""]
