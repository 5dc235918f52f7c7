"""Fairness of exposure for those who run the market: who is shown first, who never is, and what is done about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, render_template

from matcher.exposure import FIRST, NEW_DAYS
from models.errors import NotFound
from models.i18n import N_, gettext
from models.market_survey import find_survey
from models.place import list_districts
from models.rotation import CROWDED_SHARE, MIN_CROWDED
from web.auth import requires
from web.charts import curve_points
from web.frame import READS_BATCHES
from web.labels import label
from web.pages.health import index_state
from web.presenters.exposure import ShareRow, share_rows
from web.presenters.gaps import Names, firm_names
from web.tables import Columns, asked_table, file_answer

bp = Blueprint("exposure", __name__, url_prefix="/exposure")

CURVE = {"left": 44.0, "bottom": 288.0, "size": 272.0}
"""Where the curve's square lies in its picture, in pixels."""


@bp.get("")
@requires(*READS_BATCHES)
def show() -> str | Response:
    """The measures of the newest survey, the curve with its table, and the policy in force."""
    survey = find_survey(g.session)
    if survey is None:
        title, state = gettext(g.locale, N_("公平监测")), index_state(current_app.config["SETTINGS"])
        return render_template("pages/gaps/missing.html", title=title, index=state)
    measures = survey.exposure
    names = Names(g.locale, {row.key: row for row in list_districts(g.session)})
    shares = {
        "size": share_rows(measures["by_size"], _kind),
        "age": share_rows(measures["by_age"], _kind),
        "district": share_rows(measures["by_district"], names.district),
    }
    if (file := asked_table("exposure", COLUMNS, lambda: _lines(shares))) is not None:
        return file
    return render_template(
        "pages/exposure/show.html",
        survey=survey,
        measures=measures,
        firms=firm_names(g.session, _named(measures), g.locale),
        by_size=shares["size"],
        by_age=shares["age"],
        by_district=shares["district"],
        curve=curve_points(measures["lorenz"], **CURVE),
        rules={
            "first": FIRST,
            "new_days": NEW_DAYS,
            "share": round(100 * CROWDED_SHARE),
            "least": MIN_CROWDED,
        },
    )


GROUPS = {"size": N_("按人数"), "age": N_("按入库时间"), "district": N_("按区")}

COLUMNS: Columns = (
    (N_("归类"), lambda line: gettext(g.locale, GROUPS[line[0]])),
    (N_("企业类别"), lambda line: line[1].words),
    (N_("企业"), lambda line: line[1].n_firms),
    (N_("曝光"), lambda line: line[1].n_impressions),
    (N_("占企业（%）"), lambda line: line[1].firm_percent),
    (N_("占曝光（%）"), lambda line: line[1].shown_percent),
)


def _lines(shares: dict[str, list[ShareRow]]) -> list[tuple[str, ShareRow]]:
    return [(group, row) for group, rows in shares.items() for row in rows]


@bp.get("/firms.<ending>")
@requires(*READS_BATCHES)
def firms_file(ending: str) -> Response:
    """The firms that the page names, as a file: never shown, shown most, and above the share of the policy."""
    survey = find_survey(g.session)
    if survey is None:
        raise NotFound(N_("还没有盘点过，没有可以导出的内容。"))
    measures = survey.exposure
    firms = firm_names(g.session, _named(measures), g.locale)
    never, most = gettext(g.locale, N_("一次也没有列出")), gettext(g.locale, N_("列出最多"))
    crowded = gettext(g.locale, N_("超过轮换规则的份额"))
    rows = [
        *([never, firms[id_].name, 0] for id_ in measures["never"]),
        *([most, firms[id_].name, n] for id_, n in measures["most"]),
        *([crowded, firms[id_].name, None] for id_ in measures["crowded"]),
    ]
    header = [gettext(g.locale, words) for words in (N_("归类"), N_("企业"), N_("列出它的场景"))]
    return file_answer("exposure-firms", ending, header, rows)


def _kind(kind: str) -> str:
    return label("firm_kind", kind, g.locale)


def _named(measures: dict[str, Any]) -> set[int]:
    """The firms the page calls by name."""
    return {*measures["never"], *measures["crowded"], *(id_ for id_, _ in measures["most"])}
