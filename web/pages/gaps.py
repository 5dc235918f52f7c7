"""The gap map for those who run the market: what is asked and nobody can do, what is offered and nobody asks for.

The page shows the newest survey that the job survey_market has stored; nothing is compared or counted anew here.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, request

from matcher.exposure import FIRST
from matcher.gap_map import AMPLE
from models.errors import NotFound
from models.i18n import N_, gettext
from models.market_survey import MarketSurvey, find_survey
from web.auth import requires
from web.charts import balance_rows
from web.frame import READS_BATCHES
from web.labels import label
from web.pages.health import index_state
from web.presenters.gaps import (
    CapabilityRow,
    RequirementRow,
    grid_view,
    load_names,
    opened,
    sorted_domains,
    undemanded_groups,
    unsupplied_groups,
)
from web.tables import file_answer

bp = Blueprint("gaps", __name__, url_prefix="/gaps")

REQUIREMENT_COLUMNS = (
    N_("归类"), N_("场景编号"), N_("场景"), N_("第几条"), N_("要求"), N_("必须"), N_("领域"), N_("区"),
    N_("所在场景有候选"),
)  # fmt: skip
CAPABILITY_COLUMNS = (
    N_("归类"), N_("能力"), N_("企业"), N_("人数"), N_("领域"), N_("区"), N_("最好的匹配"), N_("最接近的场景"),
)  # fmt: skip
N_GROUPS = 8
"""Groups shown at once; the rest are one click away."""


@bp.get("")
@requires(*READS_BATCHES)
def show() -> str:
    """The finding, the grid with the rows behind a chosen field, and both lists by group."""
    survey = find_survey(g.session)
    if survey is None:
        title, state = gettext(g.locale, N_("供需图")), index_state(current_app.config["SETTINGS"])
        return render_template("pages/gaps/missing.html", title=title, index=state)
    names = load_names(g.session, survey.gaps, g.locale)
    domain, district = request.args.get("domain", ""), request.args.get("district", "")
    order = sorted_domains(tally["domain"] for tally in survey.gaps["domains"])
    tallies = sorted(survey.gaps["domains"], key=lambda tally: order.index(tally["domain"]))
    return render_template(
        "pages/gaps/show.html",
        survey=survey,
        names=names,
        grid=grid_view(survey.gaps, names),
        chosen=(domain, district),
        opened=opened(survey.gaps, names, domain, district) if domain or district else None,
        balance=balance_rows(tallies),
        unsupplied=unsupplied_groups(survey.gaps, names),
        undemanded=undemanded_groups(survey.gaps, names),
        n_groups=N_GROUPS,
        ample=AMPLE,
        first=FIRST,
    )


@bp.get("/unsupplied.<ending>")
@requires(*READS_BATCHES)
def unsupplied_file(ending: str) -> Response:
    """Requirements without supply as a file, with the group of each."""
    gaps, names = _stored()
    header = _words(
        N_("归类"),
        N_("场景编号"),
        N_("场景"),
        N_("第几条"),
        N_("要求"),
        N_("必须"),
        N_("领域"),
        N_("区"),
        N_("所在场景有候选"),
    )
    rows = [
        [group.short_name, *_requirement_cells(row)]
        for group in unsupplied_groups(gaps, names)
        for row in group.rows
    ]
    return file_answer("unsupplied", ending, header, rows)


def _requirement_cells(row: RequirementRow) -> list[object]:
    scenario = row.scenario
    return [
        scenario.number, scenario.title, row.position, row.text, row.must, row.domain, row.district, row.has_candidate,
    ]  # fmt: skip


@bp.get("/undemanded.<ending>")
@requires(*READS_BATCHES)
def undemanded_file(ending: str) -> Response:
    """Capabilities without demand as a file, with the group of each."""
    gaps, names = _stored()
    header = _words(
        N_("归类"),
        N_("能力"),
        N_("企业"),
        N_("人数"),
        N_("领域"),
        N_("区"),
        N_("最好的匹配"),
        N_("最接近的场景"),
    )
    rows = [
        [group.short_name, *_capability_cells(row)]
        for group in undemanded_groups(gaps, names)
        for row in group.rows
    ]
    return file_answer("undemanded", ending, header, rows)


def _capability_cells(row: CapabilityRow) -> list[object]:
    best = None if row.best is None else label("band", row.best, g.locale)
    nearest = None if row.nearest is None else row.nearest.number
    return [row.title, row.firm.name, row.firm.team_size, row.domains, row.district, best, nearest]


def _stored() -> tuple[dict[str, Any], Any]:
    survey: MarketSurvey | None = find_survey(g.session)
    if survey is None:
        raise NotFound(N_("还没有盘点过，没有可以导出的内容。"))
    return survey.gaps, load_names(g.session, survey.gaps, g.locale)


def _words(*messages: str) -> list[str]:
    return [gettext(g.locale, message) for message in messages]
