"""The decision on a panel's proposals: every one answered with its reasons, signed, printed, and told to the firms."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.bid import Bid, standing_bids
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_, gettext, name_of
from models.jury import Jury, JuryStatus
from models.jury_decision import MAX_TEXT, carry_on, decide
from models.match import DeclineReason
from models.notice import tell_of_introduction, tell_of_outcome
from models.user import Role
from web.auth import requires
from web.forms.juries import parse_answers
from web.forms.view import FormView, rejected
from web.labels import label
from web.pages.juries import my_jury
from web.presenters.juries import points_words, present_results

bp = Blueprint("decisions", __name__, url_prefix="/my/scenarios/<id:scenario_id>/jury")


@bp.get("/decision")
@requires(Role.AGENCY)
def edit(scenario_id: int) -> str | Response:
    """The proposals in order of points, each waiting for an answer; once decided, the record."""
    jury = my_jury(scenario_id)
    if jury.decided_at is not None:
        return redirect(url_for("decisions.show", scenario_id=scenario_id))  # type: ignore[return-value]
    if jury.status is not JuryStatus.SETTLED:
        raise InvalidTransition(N_("评审组定稿以后才能作决定，决定只有一次。"))
    return _page(jury, FormView())


def _page(jury: Jury, form: FormView) -> str:
    return render_template(
        "pages/decisions/edit.html",
        jury=jury,
        scenario=jury.scenario,
        results=present_results(jury, reader_id=g.user.key),
        reasons=[(str(code), label("decline_reason", code, g.locale)) for code in DeclineReason],
        ticked={name: request.form.getlist(name) for name in request.form if name.startswith("reasons_")},
        form=form,
        max_text=MAX_TEXT,
    )


@bp.post("/decision")
@requires(Role.AGENCY)
def save(scenario_id: int) -> Response:
    """Decide: sign the record, carry it into matches, tell every firm, in one."""
    jury = my_jury(scenario_id)
    bids = standing_bids(g.session, scenario_id)
    try:
        answers = parse_answers(request.form, [bid.key for bid in bids])
        decide(g.session, jury, answers, by=g.user, now=g.now)
    except InvalidInput as error:
        return make_response(_page(jury, rejected(error, request.form, _labels(jury))), 422)
    details = {"sha256": jury.record_sha256}
    record(g.session, actor=g.user, action="jury.decided", subject=jury, details=details)
    for bid in bids:
        _tell(bid)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("决定已签，企业收到结果和原因。"))})
    return redirect(url_for("decisions.show", scenario_id=scenario_id), code=303)  # type: ignore[return-value]


def _tell(bid: Bid) -> None:
    """Carry one answer on, and tell the firm."""
    outcome = "bid.selected" if bid.selected_at is not None else "bid.not_selected"
    record(g.session, actor=g.user, action=outcome, subject=bid, details={"reasons": bid.reasons})
    match, introduced = carry_on(g.session, bid, now=g.now)
    tell_of_outcome(g.session, bid, now=g.now)
    if match is not None and introduced:
        record(g.session, actor=g.user, action="match.introduced", subject=match)
        tell_of_introduction(g.session, match, now=g.now)


def _labels(jury: Jury) -> dict[str, str]:
    labels = {}
    for bid in standing_bids(g.session, jury.scenario_id):
        for name in ("outcome", "reasons", "text"):
            labels[f"{name}_{bid.key}"] = name_of(bid.organisation, g.locale)
    return labels


@bp.get("/record")
@requires(Role.AGENCY)
def show(scenario_id: int) -> str:
    """The record as it was signed, for reading and printing."""
    jury = _decided(scenario_id)
    return render_template(
        "pages/decisions/show.html",
        jury=jury,
        scenario=jury.scenario,
        record=jury.record,
        points_words=points_words,
    )


def _decided(scenario_id: int) -> Jury:
    jury = my_jury(scenario_id)
    if jury.record is None:
        raise NotFound(N_("还没有决定。"))
    return jury


@bp.get("/record.pdf")
@requires(Role.AGENCY)
def download(scenario_id: int) -> Response:
    """The record as a document; a job sets it after the decision."""
    jury = _decided(scenario_id)
    if jury.record_pdf is None:
        raise NotFound(N_("PDF 还没有排好，请过一会儿再来。"))
    answer = Response(jury.record_pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="decision-{jury.scenario.number}.pdf"'
    return answer
