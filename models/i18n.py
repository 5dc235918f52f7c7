"""Language for pages and mails alike: one catalogue, and dates, money and numbers as each reader writes them.

Chinese is the source language, so the catalogue holds only translations from it. Nothing here knows Flask.
Unknown locales raise; a sentence without a translation comes back in Chinese.
"""

import gettext as stdlib_gettext
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from babel import dates, numbers

LOCALES = ("zh", "en")
DOMAIN = "messages"
TRANSLATIONS = Path(__file__).parent / "translations"

FEN_PER_YUAN = 100
WAN = 10_000
YI = 100_000_000


class Named(Protocol):
    """A row with a name in both languages; the English one may be empty."""

    name: str
    name_en: str


@lru_cache
def translations(locale: str) -> stdlib_gettext.NullTranslations:
    """The catalogue of a locale. ValueError for a locale that is not in LOCALES."""
    if locale not in LOCALES:
        raise ValueError(f"unknown locale {locale!r}, known: {', '.join(LOCALES)}")
    if locale == "zh":
        return stdlib_gettext.NullTranslations()
    return stdlib_gettext.translation(DOMAIN, localedir=TRANSLATIONS, languages=[locale])


def N_(message: str) -> str:
    """Mark a sentence for translation where it is written, and translate it where it is shown."""
    return message


def gettext(locale: str, message: str, **values: object) -> str:
    """`message` in the reader's language, with `%(name)s` places filled in."""
    found = translations(locale).gettext(message)
    return found % values if values else found


def pgettext(locale: str, context: str, message: str) -> str:
    """`message` in the reader's language where one Chinese word has several translations; context tells which."""
    return translations(locale).pgettext(context, message)


def ngettext(locale: str, singular: str, plural: str, n: int, **values: object) -> str:
    """Like gettext, with the plural form for `n`; `%(num)s` is the number itself, grouped in threes."""
    found = translations(locale).ngettext(singular, plural, n)
    return found % {"num": format_number(n, locale), **values}


def is_translated(locale: str, message: str) -> bool:
    """Whether the catalogue of this locale knows the sentence; always true for the source language."""
    return locale == "zh" or translations(locale).gettext(message) != message


def name_of(row: Named, locale: str) -> str:
    """What the row is called in the reader's language, or in Chinese where it has no other name."""
    return row.name if locale == "zh" else row.name_en or row.name


def pick_locale(wanted: Iterable[str], default: str) -> str:
    """The first wanted language we speak (`zh-Hans-CN` counts as zh), else `default`."""
    for tag in wanted:
        language = tag.strip().lower().replace("_", "-").split("-")[0]
        if language in LOCALES:
            return language
    return default


def format_day(on: date, locale: str, *, today: date) -> str:
    """`12-04` or `4 Dec`; with the year when it is not this year's."""
    same_year = on.year == today.year
    if locale == "zh":
        return dates.format_date(on, "MM-dd" if same_year else "yyyy-MM-dd", locale="zh")
    return dates.format_date(on, "d MMM" if same_year else "d MMM yyyy", locale="en")


def format_date(on: date, locale: str, *, today: date) -> str:
    """`12-04 周五` or `Fri 4 Dec`; with the year when it is not this year's."""
    day = format_day(on, locale, today=today)
    weekday = dates.format_date(on, "EEE", locale=locale)
    return f"{day} {weekday}" if locale == "zh" else f"{weekday} {day}"


def format_moment(at: datetime, locale: str, *, zone: tzinfo, today: date) -> str:
    """Day and clock time in `zone`: `11-23 06:10` or `23 Nov 06:10`."""
    local = at.astimezone(zone)
    return f"{format_day(local.date(), locale, today=today)} {local:%H:%M}"


def format_number(value: float, locale: str) -> str:
    """A number grouped in threes: `4,120`."""
    return numbers.format_decimal(value, locale=locale)


def format_money(fen: int, locale: str) -> str:
    """An amount of fen: `30 万元`, `8,000 元`, `1.2 亿元`; in English `CNY 300k`, `CNY 800`, `CNY 1.2m`."""
    figure, unit = _money_parts(fen, locale)
    return f"{figure} {unit}" if locale == "zh" else f"CNY {figure}{unit}"


def format_money_range(low: int | None, high: int | None, locale: str) -> str | None:
    """`30–60 万元` or `CNY 300–600k`, `CNY 700k–1.1m`; an open end in words; None when neither end is known."""
    if low is None or high is None:
        return _open_range(low, high, locale)
    if low == high:
        return format_money(low, locale)
    low_figure, low_unit = _money_parts(low, locale)
    high_figure, high_unit = _money_parts(high, locale)
    if low_unit != high_unit and low != 0:
        if locale == "en":
            return f"CNY {low_figure}{low_unit}–{high_figure}{high_unit}"
        return f"{format_money(low, locale)} – {format_money(high, locale)}"
    joined = f"{low_figure}–{high_figure}"
    return f"{joined} {high_unit}" if locale == "zh" else f"CNY {joined}{high_unit}"


def _open_range(low: int | None, high: int | None, locale: str) -> str | None:
    if high is not None:
        return gettext(locale, "不超过 %(amount)s", amount=format_money(high, locale))
    if low is not None:
        return gettext(locale, "%(amount)s起", amount=format_money(low, locale))
    return None


def _money_parts(fen: int, locale: str) -> tuple[str, str]:
    yuan = fen / FEN_PER_YUAN
    if locale == "zh":
        steps = ((YI, "亿元"), (WAN, "万元"), (1, "元"))
    else:
        steps = ((1_000_000, "m"), (1_000, "k"), (1, ""))
    size, unit = next(((size, unit) for size, unit in steps if abs(yuan) >= size), steps[-1])
    return numbers.format_decimal(yuan / size, format="#,##0.##", locale=locale), unit
