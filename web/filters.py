"""Jinja filters: stored values in the reader's language, as of the request's day."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask, g
from markupsafe import Markup, escape

from models import i18n
from models.batch import Batch
from models.texts import language_of
from web.labels import label


def register(app: Flask) -> None:
    """Give templates the filters below, and `_` and `ngettext` in the reader's language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(translate, translate_plural, newstyle=True)
    for function in (
        day,
        weekday,
        moment,
        money,
        money_range,
        number,
        median,
        word,
        lang_tag,
        own_lang,
        named,
        titled,
    ):
        app.jinja_env.filters[function.__name__] = function


def translate(message: str) -> str:
    """`message` in the language of this request; the places in it are filled by Jinja."""
    return i18n.gettext(g.locale, message)


def translate_plural(singular: str, plural: str, n: int) -> str:
    """The plural form for `n` in the language of this request; the places in it are filled by Jinja."""
    return i18n.translations(g.locale).ngettext(singular, plural, n)


def day(on: date | datetime | None) -> Markup:
    """`<time>` with the day (`12-04`, `4 Dec`); nothing for None."""
    return _time(on, weekday=False)


def weekday(on: date | datetime | None) -> Markup:
    """`<time>` with day and weekday (`12-04 周五`, `Fri 4 Dec`); nothing for None."""
    return _time(on, weekday=True)


def _time(on: date | datetime | None, *, weekday: bool) -> Markup:
    if on is None:
        return Markup()
    if isinstance(on, datetime):
        on = on.astimezone(g.zone).date()
    show = i18n.format_date if weekday else i18n.format_day
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), show(on, g.locale, today=g.today))


def moment(at: datetime | None) -> Markup:
    """`<time>` with day and clock time; nothing for None."""
    if at is None:
        return Markup()
    text = i18n.format_moment(at, g.locale, zone=g.zone, today=g.today)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), text)


def money(fen: int) -> Markup:
    """An amount of fen, never broken: `30 万元`, `CNY 300k`."""
    return Markup('<span class="keep">{}</span>').format(i18n.format_money(fen, g.locale))


def money_range(low: int | None, high: int | None) -> Markup:
    """A range of fen, or nothing when both ends are unknown."""
    text = i18n.format_money_range(low, high, g.locale)
    return Markup() if text is None else Markup('<span class="keep">{}</span>').format(text)


def number(value: float) -> str:
    """A number grouped in threes."""
    return i18n.format_number(value, g.locale)


def median(days: float) -> str:
    """A median of days: `当天`, `2.1 天`; in English `same day`, `2.1 days`."""
    if days < 0.5:
        return i18n.gettext(g.locale, i18n.N_("当天"))
    shown = i18n.format_number(days, g.locale)
    return i18n.ngettext(g.locale, "%(days)s 天", "%(days)s 天", 1 if days == 1 else 2, days=shown)


def word(code: str, table: str) -> str:
    """The reader's word for a stored code (see labels.TABLES)."""
    return label(table, code, g.locale)


def own_lang(text: str) -> Markup:
    """A `lang` attribute for a text of which nobody wrote down the language; nothing where it has no words."""
    return lang_tag(language_of(text) if any(c.isalpha() for c in text) else None)


def named(row: i18n.Named) -> str:
    """The name of an organisation, a district or a community, in the reader's language if it has one there."""
    return i18n.name_of(row, g.locale)


def titled(batch: Batch) -> str:
    """The title of a batch, in the reader's language if it has one there."""
    return batch.title if g.locale == "zh" else batch.title_en or batch.title


def lang_tag(lang: str | None) -> Markup:
    """A `lang` attribute where a text is not in the page's language, so that fonts and readers switch."""
    if lang is None or lang == g.locale:
        return Markup()
    return Markup(' lang="{}"').format("zh-CN" if lang == "zh" else escape(lang))
