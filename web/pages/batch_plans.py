"""Planning a batch: its calendar, and which approved scenarios wait for it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from sqlmodel import col, select

from models.audit import record
from models.base import MAX_ID, find_row
from models.batch import Batch, get_batch
from models.batch_release import is_late, place_scenario, take_out, waiting_scenarios
from models.errors import InvalidInput, NotAllowed, NotFound
from models.i18n import N_, gettext, name_of
from models.place import list_districts
from models.scenario import Scenario
from models.texts import storable
from models.user import Role
from web.auth import requires
from web.forms.batches import BatchForm, CalendarForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected

bp = Blueprint("batch_plans", __name__, url_prefix="/batches")

PLANS = (Role.OPERATOR, Role.ADMIN)

LABELS = {
    "number": N_("编号"),
    "title": N_("名称"),
    "title_en": N_("英文名称"),
    "district_id": N_("范围"),
    "collects_from_on": N_("从哪天征集"),
    "collects_until_on": N_("征集到哪天"),
    "releases_at": N_("发布时间"),
    "closes_on": N_("清单截止"),
}


@bp.get("/new")
@requires(*PLANS)
def new() -> str:
    """An empty calendar."""
    return _form_page(FormView())


@bp.post("")
@requires(*PLANS)
def create() -> Response:
    """Make the batch and go on to its plan."""
    try:
        form = parse(BatchForm, request.form)
        _check_new(form)
    except InvalidInput as error:
        return make_response(_form_page(rejected(error, request.form, _labels())), 422)
    batch = Batch(number=form.number, title=form.title, title_en=form.title_en, district_id=form.district_id)
    batch.plan(form.dates(g.zone))
    record(g.session, actor=g.user, action="batch.planned", subject=batch)
    g.session.commit()
    return redirect(url_for("batch_plans.show", number=batch.number), code=303)  # type: ignore[return-value]


@bp.get("/<number>/plan")
@requires(*PLANS)
def show(number: str) -> str:
    """The calendar, what waits for this batch, and what still waits for any."""
    batch = _my_batch(number)
    return _plan_page(batch, FormView(typed=_typed(batch)))


@bp.post("/<number>/plan")
@requires(*PLANS)
def save(number: str) -> Response:
    """Change name and calendar."""
    batch = _my_batch(number)
    try:
        form = parse(CalendarForm, request.form)
    except InvalidInput as error:
        return make_response(_plan_page(batch, rejected(error, request.form, _labels())), 422)
    batch.plan(form.dates(g.zone))
    batch.title, batch.title_en = form.title, form.title_en
    record(g.session, actor=g.user, action="batch.planned", subject=batch)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已保存。"))})
    return redirect(url_for("batch_plans.show", number=batch.number), code=303)  # type: ignore[return-value]


@bp.post("/<number>/scenarios")
@requires(*PLANS)
def move(number: str) -> Response:
    """Put an approved scenario into this batch, or take it out."""
    batch = _my_batch(number)
    scenario = _scenario(request.form.get("scenario_id", ""))
    if request.form.get("act") == "out":
        take_out(scenario, batch)
        action = "scenario.taken_out"
    else:
        place_scenario(scenario, batch)
        action = "scenario.placed"
    record(g.session, actor=g.user, action=action, subject=scenario, details={"batch": batch.number})
    g.session.commit()
    return redirect(url_for("batch_plans.show", number=batch.number), code=303)  # type: ignore[return-value]


# ---------------------------------------------------------------- parts


def _may_plan(district_id: int | None) -> bool:
    mine = g.user.districts(*PLANS)
    return mine is None or district_id in mine


def _my_batch(number: str) -> Batch:
    batch = get_batch(g.session, storable(number))
    if not _may_plan(batch.district_id):
        raise NotAllowed(N_("这个批次不归你管。"))
    return batch


def _check_new(form: BatchForm) -> None:
    taken = g.session.exec(select(Batch).where(col(Batch.number) == form.number)).first()
    wrong = {}
    if taken is not None or form.number == "new":
        wrong["number"] = N_("这个编号已经有了。")
    known = {row.id for row in list_districts(g.session)} | {None}
    if form.district_id not in known or not _may_plan(form.district_id):
        wrong["district_id"] = N_("请从列表中选一项。")
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)


def _scenario(sent: str) -> Scenario:
    row_id = int(sent) if sent.isdecimal() and len(sent) < len(str(MAX_ID)) else 0
    row = find_row(g.session, Scenario, row_id)
    if row is None or not _may_plan(row.district_id):
        raise NotFound(N_("没有这个场景。"))
    return row


def _labels() -> dict[str, str]:
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


def _typed(batch: Batch) -> dict[str, str]:
    days = {
        name: "" if (on := getattr(batch, name)) is None else on.isoformat()
        for name in ("collects_from_on", "collects_until_on", "closes_on")
    }
    at = batch.releases_at
    moment = "" if at is None else at.astimezone(g.zone).strftime("%Y-%m-%dT%H:%M")
    return {"title": batch.title, "title_en": batch.title_en, "releases_at": moment, **days}


def _form_page(form: FormView) -> str:
    city = [("", gettext(g.locale, N_("全市")))] if _may_plan(None) else []
    districts = [
        (str(row.key), name_of(row, g.locale)) for row in list_districts(g.session) if _may_plan(row.key)
    ]
    return render_template(
        "pages/batches/new.html", form=form, labels=_labels(), districts=[*city, *districts]
    )


def _plan_page(batch: Batch, form: FormView) -> str:
    inside = waiting_scenarios(g.session, batch.key)
    outside = [
        row
        for row in waiting_scenarios(g.session, None)
        if batch.district_id in (None, row.district_id) and _may_plan(batch.district_id)
    ]
    release_on = g.today if batch.releases_at is None else batch.releases_at.astimezone(g.zone).date()
    return render_template(
        "pages/batches/plan.html",
        batch=batch,
        form=form,
        labels=_labels(),
        inside=inside,
        outside=outside,
        late={row.key for row in inside if is_late(row, release_on)},
        is_due=batch.released_at is None and batch.releases_at is not None and batch.releases_at <= g.now,
    )
