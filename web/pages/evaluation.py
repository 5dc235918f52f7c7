"""Evaluation for those who run the market: how good the ranking is here, and which weights it goes by.

The page shows what the jobs measure_quality and learn_weights stored; a weighting is put in force, or taken back, by a
person's click here, with an audit row in the same commit.
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for

from matcher.comparisons import MAX_SHARE
from matcher.quality import TOP
from matcher.scoring import ENGINE_VERSION
from matcher.weight_trial import MARGIN, MIN_LABELLED
from models.audit import record
from models.evaluation import find_evaluation
from models.i18n import N_, gettext
from models.user import User
from models.weight_version import (
    activate_version,
    find_in_force,
    get_version,
    list_versions,
    revert_in_force,
)
from web.auth import requires
from web.frame import READS_EVALUATION
from web.presenters.evaluation import (
    check_rows,
    drift_charts,
    may_activate,
    needs,
    reason_table,
    shown_proposal,
    weight_rows,
)

bp = Blueprint("evaluation", __name__, url_prefix="/evaluation")

N_VERSIONS = 8


@bp.get("")
@requires(*READS_EVALUATION)
def show() -> str:
    """The figures of the newest evaluation, the weights, and the proposal that waits."""
    evaluation = find_evaluation(g.session)
    if evaluation is None:
        return render_template("pages/evaluation/missing.html")
    versions = list_versions(g.session, n=N_VERSIONS)
    in_force = find_in_force(g.session, engine_version=ENGINE_VERSION)
    proposal = shown_proposal(versions)
    figures = evaluation.figures
    domains, reasons = reason_table(figures["reasons"], g.locale)
    return render_template(
        "pages/evaluation/show.html",
        evaluation=evaluation,
        figures=figures,
        engine=ENGINE_VERSION,
        in_force=in_force,
        proposal=proposal,
        may_activate=may_activate(proposal, in_force, ENGINE_VERSION),
        weights=weight_rows(in_force, proposal, g.locale),
        checks=[] if proposal is None else check_rows(proposal, g.locale),
        lacking=needs(figures["lacking"], g.locale),
        versions=versions,
        people=_people({row.activated_by_user_id for row in versions}),
        domains=domains,
        reasons=reasons,
        charts=drift_charts(figures, g.locale),
        rules={
            "margin": MARGIN, "labelled": MIN_LABELLED, "share": round(100 * MAX_SHARE), "top": TOP,
        },
    )  # fmt: skip


def _people(ids: set[int | None]) -> dict[int, str]:
    people = (g.session.get(User, id_) for id_ in ids if id_ is not None)
    return {person.key: person.name for person in people if person is not None}


@bp.post("/weights/<id:serial>/activate")
@requires(*READS_EVALUATION)
def activate(serial: int) -> Response:
    """Put a proposal in force; refused where it did not pass or was compared with something else."""
    version = get_version(g.session, serial)
    activate_version(g.session, version, g.now, engine_version=ENGINE_VERSION, by=g.user)
    record(g.session, actor=g.user, action="weights.activated", subject=version, details={"serial": serial})
    g.session.commit()
    return _back(N_("已启用权重第 %(serial)s 版，一两分钟内按它重新评分。"), serial)


@bp.post("/weights/revert")
@requires(*READS_EVALUATION)
def revert() -> Response:
    """Take the weighting in force back; the one before stands again."""
    version = revert_in_force(g.session, g.now, engine_version=ENGINE_VERSION, by=g.user)
    record(
        g.session,
        actor=g.user,
        action="weights.reverted",
        subject=version,
        details={"serial": version.serial},
    )
    g.session.commit()
    return _back(N_("已撤回权重第 %(serial)s 版，一两分钟内按原来的重新评分。"), version.serial)


def _back(message: str, serial: int) -> Response:
    flash({"words": gettext(g.locale, message, serial=serial)})
    return redirect(url_for("evaluation.show"), code=303)  # type: ignore[return-value]
