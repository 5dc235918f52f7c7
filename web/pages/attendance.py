"""Events for agencies and firms that are invited: register, say when one can meet, withdraw."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.errors import InvalidInput, NotFound
from models.event import Event
from models.i18n import N_, gettext
from models.registration import (
    ON_THE_LIST,
    TAKES_REGISTRATIONS,
    Answer,
    RegistrationStatus,
    find_mine,
    get_invited_event,
    invited_events,
    promote,
    register,
)
from models.user import Role
from web.auth import my_organisation_id, requires
from web.forms.view import FormView, rejected

bp = Blueprint("attendance", __name__)

ATTENDS = (Role.AGENCY, Role.STARTUP)


@bp.get("/my-events")
@requires(*ATTENDS)
def list_mine() -> str:
    """The events to which my organisation is invited, with where I stand."""
    events = invited_events(g.session, my_organisation_id())
    mine = {event.key: find_mine(g.session, event, g.user) for event in events}
    return render_template("pages/events/mine.html", events=events, mine=mine)


@bp.get("/events/<id:event_id>/registration")
@requires(*ATTENDS)
def show(event_id: int) -> str:
    """One event, and my registration for it."""
    return _page(_invited_event(event_id), FormView())


@bp.post("/events/<id:event_id>/registration")
@requires(*ATTENDS)
def save(event_id: int) -> Response:
    """Register, or say anew when I can."""
    event = _invited_event(event_id)
    present = {int(value) for value in request.form.getlist("slot") if value.isascii() and value.isdecimal()}
    away = frozenset(slot.number for slot in event.slots) - present
    consents = request.form.get("consents") == "yes"
    before = find_mine(g.session, event, g.user)
    is_new = before is None or before.status not in ON_THE_LIST
    try:
        row = register(g.session, event, g.user, Answer(consents or not is_new, away), now=g.now)
    except InvalidInput as error:
        g.session.rollback()
        return make_response(_page(_invited_event(event_id), rejected(error, {}, {})), 422)
    action = "registration.asked" if is_new else "registration.times_changed"
    record(g.session, actor=g.user, action=action, subject=row)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已报名，等主办方确认。") if is_new else N_("已保存。"))})
    return redirect(url_for("attendance.show", event_id=event.key), code=303)  # type: ignore[return-value]


@bp.post("/events/<id:event_id>/registration/withdraw")
@requires(*ATTENDS)
def withdraw(event_id: int) -> Response:
    """Say no; whoever waits longest gets the place."""
    event = _invited_event(event_id)
    row = find_mine(g.session, event, g.user)
    if row is None:
        raise NotFound(N_("你没有报这场活动。"))
    row.withdraw(g.now)
    record(g.session, actor=g.user, action="registration.withdrawn", subject=row)
    for up in promote(g.session, event, g.now):
        record(g.session, actor=g.user, action="registration.promoted", subject=up)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已退出，主办方看得到。"))})
    return redirect(url_for("attendance.list_mine"), code=303)  # type: ignore[return-value]


def _invited_event(event_id: int) -> Event:
    return get_invited_event(g.session, event_id, my_organisation_id())


def _page(event: Event, form: FormView) -> str:
    row = find_mine(g.session, event, g.user)
    status = RegistrationStatus.INVITED if row is None else row.status
    return render_template(
        "pages/events/registration.html",
        event=event,
        row=row,
        status=status,
        form=form,
        on_the_list=status in ON_THE_LIST,
        may_withdraw=row is not None and status in (RegistrationStatus.INVITED, *ON_THE_LIST),
        may_register=event.status in TAKES_REGISTRATIONS
        and status in (RegistrationStatus.INVITED, RegistrationStatus.WITHDRAWN, *ON_THE_LIST),
        away=set() if row is None else set(row.away),
    )
