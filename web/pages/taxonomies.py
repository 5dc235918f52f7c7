"""Taxonomies (词表): the codes that lists and filters share, their words in both languages, and what uses them.

They are looked at here and changed in the program: filters, gates of the matching and the words of three places rest
on each code, so a code that a page could add would mean nothing to any of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, render_template
from sqlmodel import col, select

from matcher.asked_facts import FILINGS as ASKED_FILINGS
from matcher.asked_facts import PLACES
from models.capability import Capability, listed
from models.i18n import N_, gettext
from models.organisation import Organisation
from models.scenario import Scenario, published
from web.auth import requires
from web.frame import ADMITS
from web.labels import TABLES, label
from web.tables import Columns, asked_table

bp = Blueprint("taxonomies", __name__, url_prefix="/taxonomies")


@dataclass(frozen=True, slots=True)
class Term:
    """One code. n_scenarios: None for a list that scenarios do not use. spellings: what a text is read as it by.

    is_known: False for a code that an import brought and no list of ours holds.
    """

    list_words: str
    code: str
    zh: str
    en: str
    n_scenarios: int | None
    n_capabilities: int
    spellings: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class TermList:
    """One list of codes. filter: the group of the public list that narrows by it; empty for none."""

    table: str
    words: str
    used_by: str
    filter: str
    terms: list[Term]


Spellings = Sequence[tuple[str, re.Pattern[str]]]


@bp.get("")
@requires(*ADMITS)
def show() -> str | Response:
    """Every list of codes with how often each is used."""
    lists = _lists()
    terms = [term for each in lists for term in each.terms]
    if (file := asked_table("taxonomies", COLUMNS, lambda: terms)) is not None:
        return file
    n_unknown = sum(not term.is_known for term in terms)
    return render_template("pages/taxonomies/show.html", lists=lists, n_unknown=n_unknown)


COLUMNS: Columns = (
    (N_("词表"), lambda term: term.list_words),
    (N_("代码"), lambda term: term.code),
    (N_("中文"), lambda term: term.zh),
    (N_("英文"), lambda term: term.en),
    (N_("公开的场景"), lambda term: term.n_scenarios),
    (N_("入库的能力"), lambda term: term.n_capabilities),
    (N_("原文里认作它的写法"), lambda term: term.spellings),
    (N_("词表里有"), lambda term: term.is_known),
)


def _lists() -> list[TermList]:
    columns = (Capability.industries, Capability.deployment, Capability.filings, Capability.maturity)
    industries, places, filings, maturities = _used(
        select(*map(col, columns)).join(Organisation).where(listed())
    )
    domains, wanted = _used(select(Scenario.domain, Scenario.deployment).where(published()))
    specs: tuple[tuple[str, str, str, str, Counter[str] | None, Counter[str], Spellings], ...] = (
        ("domain", N_("行业领域"), N_("公开列表的筛选、供需图的行"), "domain", domains, industries, ()),
        (
            "deployment",
            N_("部署方式"),
            N_("部署的硬条件、公开列表的筛选"),
            "deployment",
            wanted,
            places,
            PLACES,
        ),
        ("filing", N_("备案与登记"), N_("备案的硬条件、证明"), "", None, filings, ASKED_FILINGS),
        ("maturity", N_("成熟度"), N_("能力清单"), "", None, maturities, ()),
    )
    return [
        TermList(
            table, gettext(g.locale, words), gettext(g.locale, used_by), group, _terms(table, words, *counts)
        )
        for table, words, used_by, group, *counts in specs
    ]


def _used(statement: Any) -> list[Counter[str]]:
    """For each column of the rows how many of them hold each code, once a row."""
    rows = g.session.exec(statement).all()
    n_columns = len(statement.selected_columns)
    return [Counter(code for row in rows for code in _codes(row[place])) for place in range(n_columns)]


def _codes(value: Any) -> set[str]:
    if isinstance(value, list):
        return {str(code) for code in value}
    return set() if value is None else {str(value)}


def _terms(
    table: str, words: str, scenarios: Counter[str] | None, capabilities: Counter[str], spellings: Spellings
) -> list[Term]:
    """The codes of the list in its order, then those that rows hold beside them."""
    known, patterns = TABLES[table], dict(spellings)
    strange = sorted((set(scenarios or ()) | set(capabilities)) - set(known) - {""})
    return [
        Term(
            list_words=gettext(g.locale, words),
            code=code,
            zh=label(table, code, "zh"),
            en=label(table, code, "en"),
            n_scenarios=None if scenarios is None else scenarios[code],
            n_capabilities=capabilities[code],
            spellings=patterns[code].pattern if code in patterns else "",
            is_known=code in known,
        )
        for code in (*known, *strange)
    ]
