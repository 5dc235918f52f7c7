"""Fairness of exposure for those who run the market: who is shown first, who never is, and what is done about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, render_template

from matcher.exposure import FIRST, NEW_DAYS
from models.i18n import N_, gettext
from models.market_survey import find_survey
from models.place import list_districts
from models.rotation import CROWDED_SHARE, MIN_CROWDED
from web.auth import requires
from web.charts import curve_points
from web.frame import READS_BATCHES
from web.labels import label
from web.pages.health import index_state
from web.presenters.exposure import share_rows
from web.presenters.gaps import Names, firm_names

bp = Blueprint("exposure", __name__, url_prefix="/exposure")

CURVE = {"left": 44.0, "bottom": 288.0, "size": 272.0}
"""Where the curve's square lies in its picture, in pixels."""


@bp.get("")
@requires(*READS_BATCHES)
def show() -> str:
    """The measures of the newest survey, the curve with its table, and the policy in force."""
    survey = find_survey(g.session)
    if survey is None:
        title, state = gettext(g.locale, N_("公平监测")), index_state(current_app.config["SETTINGS"])
        return render_template("pages/gaps/missing.html", title=title, index=state)
    measures = survey.exposure
    names = Names(g.locale, {row.key: row for row in list_districts(g.session)})
    return render_template(
        "pages/exposure/show.html",
        survey=survey,
        measures=measures,
        firms=firm_names(g.session, _named(measures), g.locale),
        by_size=share_rows(measures["by_size"], _kind),
        by_age=share_rows(measures["by_age"], _kind),
        by_district=share_rows(measures["by_district"], names.district),
        curve=curve_points(measures["lorenz"], **CURVE),
        rules={
            "first": FIRST,
            "new_days": NEW_DAYS,
            "share": round(100 * CROWDED_SHARE),
            "least": MIN_CROWDED,
        },
    )


def _kind(kind: str) -> str:
    return label("firm_kind", kind, g.locale)


def _named(measures: dict[str, Any]) -> set[int]:
    """The firms the page calls by name."""
    return {*measures["never"], *measures["crowded"], *(id_ for id_, _ in measures["most"])}
