"""Who comes to an event, for those who hold it: invitations, answers, places and the queue, and who is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from models.audit import record
from models.errors import InvalidInput, NotAllowed
from models.event import Event
from models.i18n import N_, gettext, ngettext
from models.registration import (
    GUESTS,
    TAKES_REGISTRATIONS,
    AttendeeRole,
    Registration,
    RegistrationStatus,
    add_guest,
    approve,
    event_registrations,
    get_registration,
    invite,
    promote,
    wanted_organisations,
)
from models.texts import storable
from web.auth import requires
from web.labels import label
from web.pages.events import HOLDS, my_event
from web.tables import Columns, asked_table

bp = Blueprint("registrations", __name__, url_prefix="/events/<id:event_id>")

COLUMNS: Columns = (
    (N_("姓名"), lambda row: row.person_name),
    (N_("机构"), lambda row: row.guest_of if row.organisation is None else row.organisation.name),
    (N_("身份"), lambda row: label("attendee_role", row.role.value, g.locale)),
    (N_("状态"), lambda row: label("registration_status", row.status.value, g.locale)),
    (N_("报名时间"), lambda row: row.asked_at),
)


@bp.get("/registrations")
@requires(*HOLDS)
def list_all(event_id: int) -> str | Response:
    """Everybody, those who wait for an answer first; how many are in each state."""
    event = my_event(event_id)
    rows = event_registrations(g.session, event.key)
    if (file := asked_table("registrations", COLUMNS, lambda: rows)) is not None:
        return file
    wanted = request.args.get("status", "")
    counts = Counter(row.status.value for row in rows)
    order = list(RegistrationStatus)
    first = (RegistrationStatus.PENDING, RegistrationStatus.WAITLISTED)
    shown = [row for row in rows if wanted in ("", row.status.value)]
    invited = {row.organisation_id for row in rows}
    return render_template(
        "pages/events/registrations.html",
        event=event,
        rows=sorted(shown, key=lambda row: (row.status not in first, order.index(row.status), row.key)),
        n_rows=len(rows),
        counts=counts,
        wanted=wanted,
        statuses=order,
        n_to_invite=len(wanted_organisations(g.session, event.key).keys() - invited),
        takes=event.status in TAKES_REGISTRATIONS,
        is_the_day=g.today >= event.held_on,
        guest_roles=GUESTS,
    )


@bp.post("/registrations/invite")
@requires(*HOLDS)
def invite_all(event_id: int) -> Response:
    """Invite every organisation of the lists that has not been."""
    event = my_event(event_id)
    rows = invite(g.session, event, g.now)
    for row in rows:
        record(g.session, actor=g.user, action="registration.invited", subject=row)
    g.session.commit()
    flash({"words": ngettext(g.locale, "邀请了 %(num)s 家机构。", "邀请了 %(num)s 家机构。", len(rows))})
    return _back(event)


@bp.post("/registrations/guests")
@requires(*HOLDS)
def guest(event_id: int) -> Response:
    """Write down somebody who comes without an account: an investor, or one of the organizers."""
    event = my_event(event_id)
    typed = {name: storable(request.form.get(name, "")).strip() for name in ("name", "of", "role")}
    if not typed["name"] or len(typed["name"]) > 120 or len(typed["of"]) > 200:
        raise InvalidInput(N_("要写来宾的姓名，不超过 120 个字；单位不超过 200 个字。"))
    if typed["role"] not in {role.value for role in GUESTS}:
        raise InvalidInput(N_("请从列表中选一项。"))
    if request.form.get("consents") != "yes":
        raise InvalidInput(N_("先得到来宾的同意，再登记姓名。"))
    row = Registration(
        role=AttendeeRole(typed["role"]), guest_name=typed["name"], guest_of=typed["of"], event_id=event.key
    )
    add_guest(g.session, event, row, g.now)
    record(g.session, actor=g.user, action="registration.guest_added", subject=row)
    g.session.commit()
    return _back(event)


def _approve(event: Event, row: Registration) -> None:
    approve(g.session, event, row, g.now)
    if row.status is RegistrationStatus.WAITLISTED:
        flash({"words": gettext(g.locale, N_("名额已满，排进了候补。"))})


def _decline(_event: Event, row: Registration) -> None:
    row.decline(g.now, reason=storable(request.form.get("reason", ""))[:300])


def _check_in(event: Event, row: Registration) -> None:
    _refuse_before_the_day(event)
    row.check_in(g.now)


def _no_show(event: Event, row: Registration) -> None:
    _refuse_before_the_day(event)
    row.mark_no_show(g.now)


ACTS: dict[str, Callable[[Event, Registration], None]] = {
    "approve": _approve,
    "decline": _decline,
    "check-in": _check_in,
    "no-show": _no_show,
}


@bp.post("/registrations/<id:registration_id>/<any(approve, decline, 'check-in', 'no-show'):act>")
@requires(*HOLDS)
def answer(event_id: int, registration_id: int, act: str) -> Response:
    """Answer one registration; whoever waits longest gets a place that this frees."""
    event = my_event(event_id)
    row = get_registration(g.session, event, registration_id)
    ACTS[act](event, row)
    record(g.session, actor=g.user, action=f"registration.{row.status}", subject=row)
    record_promoted(promote(g.session, event, g.now))
    g.session.commit()
    return _back(event)


# ---------------------------------------------------------------- parts


def record_promoted(rows: list[Registration]) -> None:
    """Say on record who came up from the queue, and tell the person who made room for them."""
    for row in rows:
        record(g.session, actor=g.user, action="registration.promoted", subject=row)
    if rows:
        flash({"words": ngettext(g.locale, "候补补上 %(num)s 人。", "候补补上 %(num)s 人。", len(rows))})


def _refuse_before_the_day(event: Event) -> None:
    if g.today < event.held_on:
        raise NotAllowed(N_("活动当天才能签到。"))


def _back(event: Event) -> Response:
    return redirect(url_for("registrations.list_all", event_id=event.key), code=303)  # type: ignore[return-value]
