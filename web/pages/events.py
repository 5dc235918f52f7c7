"""Matchmaking events for those who hold them: made from nothing, a template or an earlier one, set up, and moved on."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.errors import InvalidInput, InvalidTransition, NotAllowed
from models.event import Event, EventStatus, EventType, get_event, list_events
from models.event_picks import (
    copy_picks,
    event_picks,
    idle_firms,
    promising,
    ranked_firms,
    refuse_unless_ready,
    uncovered,
)
from models.event_templates import NAMES, TEMPLATES, TemplateName
from models.i18n import N_, gettext
from models.place import list_districts
from models.registration import RegistrationStatus, event_registrations, promote
from models.scenario import open_scenarios
from models.timetable import Period, runs_of
from web.auth import requires
from web.forms.events import EventForm, halls_text, timetable_text, typed_event
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.frame import READS_BATCHES
from web.labels import EVENT_KINDS, label
from web.tables import Columns, asked_table

bp = Blueprint("events", __name__, url_prefix="/events")

HOLDS = READS_BATCHES
"""Who holds events."""
OFFERED = (EventStatus.OPEN,)
"""Steps that are taken on the page of an event; the others wait for what comes before them."""
N_RANKED = 8
BREAK_WORD = N_("休息")

LABELS = {
    "title": N_("名称"),
    "title_en": N_("英文名称"),
    "kind": N_("类型"),
    "held_on": N_("日期"),
    "place": N_("地点"),
    "district_id": N_("范围"),
    "halls": N_("厅和桌子"),
    "timetable": N_("时段"),
    "max_meetings": N_("每人最多几场"),
    "min_meetings": N_("每人至少几场"),
    "buffer_minutes": N_("前后至少空几分钟"),
    "capacity": N_("名额"),
}

COLUMNS: Columns = (
    (N_("名称"), lambda row: row.title),
    (N_("类型"), lambda row: label("event_kind", row.kind.value, g.locale)),
    (N_("日期"), lambda row: row.held_on),
    (N_("地点"), lambda row: row.place),
    (N_("状态"), lambda row: label("event_status", row.status.value, g.locale)),
    (N_("桌子"), lambda row: row.n_tables),
    (N_("会面时段"), lambda row: len(row.slots)),
)


@bp.get("")
@requires(*HOLDS)
def list_all() -> str | Response:
    """Every event of the districts one works for, the latest day first."""
    rows = list_events(g.session, district_ids=g.user.districts(*HOLDS))
    if (file := asked_table("events", COLUMNS, lambda: rows)) is not None:
        return file
    picks = {row.key: event_picks(g.session, row.key) for row in rows}
    return render_template("pages/events/list.html", events=rows, picks=picks)


@bp.get("/new")
@requires(*HOLDS)
def new() -> str:
    """An empty form, or one filled from a template or from an earlier event."""
    name, source_id = request.args.get("template", ""), request.args.get("clone", type=int)
    if source_id is not None:
        source = my_event(source_id)
        typed = {**typed_event(source, break_word=_break_word()), "held_on": "", "clone": str(source.key)}
        return _form_page(FormView(typed=typed), source=source)
    chosen = name if name in set(TemplateName) else ""
    return _form_page(FormView(typed=_from_template(TemplateName(chosen)) if chosen else {}), chosen=chosen)


@bp.post("")
@requires(*HOLDS)
def create() -> Response:
    """Make the event, with what the cloned one brings together, and go on to its page."""
    clone = request.form.get("clone", type=int)
    source = None if clone is None else my_event(clone)
    try:
        form = _parsed()
        event = Event(title=form.title, kind=form.kind, held_on=form.held_on, max_meetings=form.max_meetings)
        event.set_up(form.setting())
    except InvalidInput as error:
        return make_response(_form_page(rejected(error, request.form, _labels()), source=source), 422)
    details = {} if source is None else {"clone_of": source.key}
    record(g.session, actor=g.user, action="event.made", subject=event, details=details)
    if source is not None:
        open_ids = {row.key for row in open_scenarios(g.session, on=g.today)}
        copy_picks(g.session, source, event, open_ids=open_ids)
    g.session.commit()
    return _to_event(event)


@bp.get("/<id:event_id>")
@requires(*HOLDS)
def show(event_id: int) -> str:
    """One event: what is to be done, its gaps, whom to invite next, its day."""
    event = my_event(event_id)
    picks = event_picks(g.session, event.key)
    pairs = promising(g.session, picks.scenario_ids)
    ranked = ranked_firms(g.session, picks, pairs)
    came = Counter(row.status for row in event_registrations(g.session, event.key))
    return render_template(
        "pages/events/show.html",
        event=event,
        picks=picks,
        without_firm=uncovered(picks, pairs),
        without_scenario=idle_firms(picks, pairs),
        ranked=ranked[:N_RANKED],
        n_ranked=len(ranked),
        n_approved=came[RegistrationStatus.APPROVED] + came[RegistrationStatus.CHECKED_IN],
        n_waiting=came[RegistrationStatus.PENDING],
        next_step=event.next_status if event.next_status in OFFERED else None,
        statuses=list(EventStatus),
        runs=[(run, Period(run[0].start, run[-1].end, run[0].session)) for run in runs_of(event.periods)],
    )


@bp.get("/<id:event_id>/edit")
@requires(*HOLDS)
def edit(event_id: int) -> str:
    """The event as it was written."""
    event = my_event(event_id)
    if event.released_at is not None:
        raise InvalidTransition(N_("排期已经发布，不能再改活动的安排。"))
    return _form_page(FormView(typed=typed_event(event, break_word=_break_word())), event=event)


@bp.post("/<id:event_id>/edit")
@requires(*HOLDS)
def save(event_id: int) -> Response:
    """Change what was written. A table that a host has, and that would be gone, is refused."""
    event = my_event(event_id)
    try:
        form = _parsed()
        _keep_booths(event, form)
        _keep_slots(event, form)
        event.set_up(form.setting())
    except InvalidInput as error:
        g.session.rollback()
        return make_response(_form_page(rejected(error, request.form, _labels()), event=event), 422)
    record(g.session, actor=g.user, action="event.changed", subject=event)
    for row in promote(g.session, event, g.now):
        record(g.session, actor=g.user, action="registration.promoted", subject=row)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已保存。"))})
    return _to_event(event)


@bp.post("/<id:event_id>/step")
@requires(*HOLDS)
def step(event_id: int) -> Response:
    """Take the next step, if it is the one the page offered."""
    event = my_event(event_id)
    asked = request.form.get("to", "")
    if asked not in {status.value for status in OFFERED}:
        raise InvalidTransition(N_("这一步不能在这里走。"))
    if asked == EventStatus.OPEN and event.status is EventStatus.DRAFT:
        refuse_unless_ready(g.session, event)
        if event.held_on < g.today:
            raise InvalidTransition(N_("活动日期已经过了，先改日期。"))
    event.move_to(EventStatus(asked), g.now)
    record(g.session, actor=g.user, action=f"event.{asked}", subject=event)
    g.session.commit()
    return _to_event(event)


# ---------------------------------------------------------------- parts


def may_hold(district_id: int | None) -> bool:
    """Whether the person asking holds events of this district, or of the whole city for None."""
    mine = g.user.districts(*HOLDS)
    return mine is None or district_id in mine


def my_event(event_id: int) -> Event:
    """The event, if the person asking holds it."""
    event = get_event(g.session, event_id)
    if not may_hold(event.district_id):
        raise NotAllowed(N_("这个活动不归你管。"))
    return event


def _parsed() -> EventForm:
    form = parse(EventForm, request.form)
    known = {row.id for row in list_districts(g.session)} | {None}
    if form.district_id not in known or not may_hold(form.district_id):
        raise InvalidInput(N_("有几处要改。"), fields={"district_id": N_("请从列表中选一项。")})
    return form


def _keep_booths(event: Event, form: EventForm) -> None:
    picks = event_picks(g.session, event.key)
    booths = [row.booth_table or 0 for row in picks.rows]
    if max(booths, default=0) > sum(hall.n_tables for hall in form.halls):
        wrong = N_("减掉的桌子里有固定摊位，先在名单里改摊位。")
        raise InvalidInput(wrong, fields={"halls": wrong})


def _keep_slots(event: Event, form: EventForm) -> None:
    has_asked = any(row.asked_at is not None for row in event_registrations(g.session, event.key))
    if has_asked and list(form.timetable) != event.periods:
        wrong = N_("已经有人按这些时段报名，时段不能再改。")
        raise InvalidInput(wrong, fields={"timetable": wrong})


def _to_event(event: Event) -> Response:
    return redirect(url_for("events.show", event_id=event.key), code=303)  # type: ignore[return-value]


def _labels() -> dict[str, str]:
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


def _break_word() -> str:
    return gettext(g.locale, BREAK_WORD)


def _from_template(name: TemplateName) -> dict[str, str]:
    template = TEMPLATES[name]
    names = {each: gettext(g.locale, each) for each in NAMES}
    rules = template.rules
    return {
        "kind": template.kind.value,
        "halls": halls_text(template.made_halls(names)),
        "timetable": timetable_text(template.made_periods(names), break_word=_break_word()),
        "max_meetings": str(rules.max_meetings),
        "min_meetings": str(rules.min_meetings),
        "buffer_minutes": str(rules.buffer_minutes),
    }


def _form_page(
    form: FormView, *, event: Event | None = None, source: Event | None = None, chosen: str = ""
) -> str:
    city = [("", gettext(g.locale, N_("全市")))] if may_hold(None) else []
    districts = [
        (str(row.key), row.name if g.locale == "zh" else row.name_en or row.name)
        for row in list_districts(g.session)
        if may_hold(row.key)
    ]
    return render_template(
        "pages/events/edit.html",
        form=form,
        event=event,
        source=source,
        chosen=chosen,
        labels=_labels(),
        templates=TEMPLATES,
        districts=[*city, *districts],
        kinds=[(kind.value, gettext(g.locale, EVENT_KINDS[kind.value])) for kind in EventType],
    )
