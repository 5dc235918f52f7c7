"""Review for those who do it: what waits, oldest first; one text field by field; and where review is asked for."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.base import find_row
from models.batch import Batch, planned_batches
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_, gettext
from models.notice import tell_of_review
from models.place import District, list_districts
from models.review import (
    MAX_REMARK,
    REVIEWS,
    ReviewRound,
    approve_round,
    get_reviewed,
    open_rounds,
    reopen,
    return_round,
)
from models.rubric import find_rubric
from models.scenario import Scenario, ScenarioStatus
from models.user import Role
from web.auth import requires
from web.chips import Side, scenario_chip
from web.filters import titled
from web.forms.parsing import parse
from web.forms.reviews import MAX_NOTE, ApprovalForm, NoteForm, parse_return
from web.forms.view import FormView, rejected
from web.presenters.reviews import LABELS, field_label, field_views

bp = Blueprint("reviews", __name__, url_prefix="/reviews")

PLANS = (Role.OPERATOR, Role.ADMIN)


@bp.get("")
@requires(*REVIEWS)
def list_all() -> str:
    """What waits in my districts, oldest first; for those who run the city, where review is asked for."""
    rows = open_rounds(g.session, g.user)
    mine = g.user.districts(*PLANS)
    return render_template(
        "pages/reviews/list.html",
        rows=rows,
        ages={row.key: max(0, (g.now - row.created_at).days) for row in rows},
        districts=[row for row in list_districts(g.session) if mine is None or row.id in mine],
    )


@bp.get("/<id:scenario_id>")
@requires(*REVIEWS)
def show(scenario_id: int) -> str:
    """One text with every field, what changed since it was returned, and the two answers."""
    scenario, rounds = get_reviewed(g.session, scenario_id, reader=g.user)
    return _page(scenario, rounds, FormView())


@bp.post("/<id:scenario_id>/return")
@requires(*REVIEWS)
def send_back(scenario_id: int) -> Response:
    """Send the text back with what to change."""
    scenario, rounds = get_reviewed(g.session, scenario_id, reader=g.user)
    row = _answerable(rounds)
    try:
        note, remarks = parse_return(request.form)
        return_round(g.session, row, by=g.user, note=note, remarks=remarks, now=g.now)
    except InvalidInput as error:
        view = rejected(error, request.form, _labels())
        return make_response(_page(scenario, rounds, view), 422)
    record(
        g.session, actor=g.user, action="scenario.returned", subject=scenario, details={"round": row.serial}
    )
    return _done(row, N_("已退回，对方收到邮件。"))


@bp.post("/<id:scenario_id>/approve")
@requires(*REVIEWS)
def approve(scenario_id: int) -> Response:
    """Let the text wait for its batch."""
    scenario, rounds = get_reviewed(g.session, scenario_id, reader=g.user)
    row = _answerable(rounds)
    try:
        form = parse(ApprovalForm, request.form)
        batch = _planned(scenario, form.batch_id)
    except InvalidInput as error:
        return make_response(_page(scenario, rounds, rejected(error, request.form, _labels())), 422)
    approve_round(g.session, row, by=g.user, batch=batch, note=form.note, now=g.now)
    record(
        g.session, actor=g.user, action="scenario.approved", subject=scenario, details={"round": row.serial}
    )
    return _done(row, N_("已通过，等批次发布。"))


@bp.post("/<id:scenario_id>/reopen")
@requires(*REVIEWS)
def take_back(scenario_id: int) -> Response:
    """Take an approval back while the text waits for its batch."""
    scenario, rounds = get_reviewed(g.session, scenario_id, reader=g.user)
    try:
        note = parse(NoteForm, request.form).note
        row = reopen(g.session, scenario, by=g.user, note=note, now=g.now)
    except InvalidInput as error:
        return make_response(_page(scenario, rounds, rejected(error, request.form, _labels())), 422)
    record(
        g.session, actor=g.user, action="scenario.reopened", subject=scenario, details={"round": row.serial}
    )
    return _done(row, N_("已撤回通过，对方收到邮件。"))


@bp.post("/districts/<id:district_id>")
@requires(*PLANS)
def set_district(district_id: int) -> Response:
    """Ask for review in a district, or no more."""
    district = find_row(g.session, District, district_id)
    mine = g.user.districts(*PLANS)
    if district is None or not (mine is None or district_id in mine):
        raise NotFound(N_("没有这个区，或者它不归你管。"))
    wanted = request.form.get("review") == "on"
    if district.reviews_scenarios != wanted:
        district.reviews_scenarios = wanted
        record(
            g.session,
            actor=g.user,
            action="district.review_set",
            subject=district,
            details={"review": wanted},
        )
        g.session.commit()
    flash({"words": gettext(g.locale, N_("已保存。"))})
    return redirect(url_for("reviews.list_all"), code=303)  # type: ignore[return-value]


# ---------------------------------------------------------------- parts


def _labels() -> dict[str, str]:
    return {f"remark_{name}": field_label(name) for name in LABELS}


def _answerable(rounds: list[ReviewRound]) -> ReviewRound:
    """The hand-in that waits. InvalidTransition where the newest was answered."""
    row = rounds[-1]
    if row.returned_at is not None or row.approved_at is not None:
        raise InvalidTransition(N_("这份已经有了答复，请刷新页面。"))
    return row


def _planned(scenario: Scenario, batch_id: int | None) -> Batch | None:
    """The batch asked for. InvalidInput for one that this scenario cannot wait for."""
    if batch_id is None:
        return None
    found = next((row for row in fitting_batches(scenario) if row.id == batch_id), None)
    if found is None:
        raise InvalidInput(N_("有几处要改。"), fields={"batch_id": N_("请从列表中选一项。")})
    return found


def fitting_batches(scenario: Scenario) -> list[Batch]:
    """The planned batches that take a scenario of this district, the earliest release first."""
    return [row for row in planned_batches(g.session) if row.district_id in (None, scenario.district_id)]


def _done(row: ReviewRound, words: str) -> Response:
    tell_of_review(g.session, row, now=g.now)
    g.session.commit()
    flash({"words": gettext(g.locale, words)})
    return redirect(url_for("reviews.list_all"), code=303)  # type: ignore[return-value]


def _page(scenario: Scenario, rounds: list[ReviewRound], form: FormView) -> str:
    before = next((row for row in reversed(rounds[:-1]) if row.returned_at is not None), None)
    batches = fitting_batches(scenario)
    choices = [(str(row.key), f"{row.number}·{titled(row)}") for row in batches]
    typed = {"batch_id": choices[0][0] if choices else "", **form.typed}
    return render_template(
        "pages/reviews/show.html",
        scenario=scenario,
        chip=scenario_chip(scenario, g.locale, today=g.today, side=Side.OFFICER),
        current=rounds[-1],
        before=before,
        earlier=list(reversed(rounds[:-1])),
        fields=field_views(rounds[-1].content, before),
        waits=scenario.status is ScenarioStatus.IN_REVIEW,
        is_approved=scenario.status is ScenarioStatus.APPROVED,
        batches=[*choices, ("", gettext(g.locale, N_("先不定批次")))],
        form=FormView(typed=typed, errors=form.errors),
        field_label=field_label,
        rubric=find_rubric(g.session, scenario.key),
        max_remark=MAX_REMARK,
        max_note=MAX_NOTE,
    )
