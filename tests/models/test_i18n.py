from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from models.i18n import (
    format_date,
    format_day,
    format_moment,
    format_money,
    format_money_range,
    format_number,
    gettext,
    is_translated,
    name_of,
    ngettext,
    pgettext,
    pick_locale,
    translations,
)
from models.place import District

TODAY = date(2026, 11, 23)
WAN = 1_000_000


@pytest.mark.parametrize(
    ("on", "locale", "shown"),
    [
        (date(2026, 12, 4), "zh", "12-04 周五"),
        (date(2026, 12, 4), "en", "Fri 4 Dec"),
        (date(2027, 4, 10), "zh", "2027-04-10 周六"),
        (date(2027, 4, 10), "en", "Sat 10 Apr 2027"),
    ],
)
def test_dates_carry_the_year_only_when_it_is_another(on: date, locale: str, shown: str) -> None:
    assert format_date(on, locale, today=TODAY) == shown


def test_days_are_short() -> None:
    assert (format_day(TODAY, "zh", today=TODAY), format_day(TODAY, "en", today=TODAY)) == ("11-23", "23 Nov")


def test_moments_are_shown_in_the_zone_of_the_city() -> None:
    at = datetime(2026, 11, 22, 22, 10, tzinfo=UTC)

    assert format_moment(at, "zh", zone=ZoneInfo("Asia/Shanghai"), today=TODAY) == "11-23 06:10"


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (30 * WAN, "30 万元", "CNY 300k"),
        (1250 * 10_000, "12.5 万元", "CNY 125k"),
        (800_000, "8,000 元", "CNY 8k"),
        (12_000 * WAN, "1.2 亿元", "CNY 120m"),
        (0, "0 元", "CNY 0"),
    ],
)
def test_money_is_in_each_languages_units(fen: int, zh: str, en: str) -> None:
    assert (format_money(fen, "zh"), format_money(fen, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("low", "high", "zh", "en"),
    [
        (30 * WAN, 60 * WAN, "30–60 万元", "CNY 300–600k"),
        (40 * WAN, 40 * WAN, "40 万元", "CNY 400k"),
        (None, 60 * WAN, "不超过 60 万元", "up to CNY 600k"),
        (30 * WAN, None, "30 万元起", "from CNY 300k"),
        (0, 500 * WAN, "0–500 万元", "CNY 0–5m"),
        (80 * WAN, 120 * WAN, "80–120 万元", "CNY 800k–1.2m"),
        (None, None, None, None),
    ],
)
def test_ranges_share_a_unit_where_they_can(low, high, zh, en) -> None:
    assert (format_money_range(low, high, "zh"), format_money_range(low, high, "en")) == (zh, en)


def test_chinese_is_the_source_and_english_is_translated() -> None:
    assert gettext("zh", "没有这个场景。") == "没有这个场景。"
    assert gettext("en", "没有这个场景。") == "There is no such scenario."


def test_what_nobody_translated_stays_as_it_is() -> None:
    assert gettext("en", "没有人译过这一句") == "没有人译过这一句"
    assert not is_translated("en", "没有人译过这一句")
    assert is_translated("zh", "没有人译过这一句")


def test_plurals_follow_the_language() -> None:
    one, many = (ngettext("en", "%(num)s 个场景", "%(num)s 个场景", n) for n in (1, 1200))

    assert (one, many) == ("1 scenario", "1,200 scenarios")


def test_context_tells_two_meanings_of_a_word_apart() -> None:
    assert (gettext("en", "试点"), pgettext("en", "chain", "试点")) == ("Pilots", "Pilot")


def test_an_unknown_locale_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown locale"):
        translations("fr")


@pytest.mark.parametrize(
    ("wanted", "picked"),
    [(["fr", "en-GB"], "en"), (["zh_Hans_CN"], "zh"), (["fr"], "zh"), ([], "zh"), (["ZH-tw", "en"], "zh")],
)
def test_the_first_language_we_speak_is_picked(wanted: list[str], picked: str) -> None:
    assert pick_locale(wanted, "zh") == picked


def test_numbers_are_grouped() -> None:
    assert format_number(4120, "zh") == "4,120"


@pytest.mark.parametrize(
    ("locale", "name_en", "called"),
    [("zh", "Nanshan", "南山区"), ("en", "Nanshan", "Nanshan"), ("en", "", "南山区")],
)
def test_names_are_those_of_the_readers_language_where_there_is_one(
    locale: str, name_en: str, called: str
) -> None:
    assert name_of(District(code="NS", name="南山区", name_en=name_en), locale) == called
