"""What both sides write while a pilot runs: milestones and the usage log."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from models.audit import record
from models.errors import InvalidInput
from models.i18n import N_
from models.milestone import get_milestone, make_milestone
from models.usage_entry import UsageEntry, add_usage
from web.auth import requires
from web.forms.parsing import parse
from web.forms.pilot_records import MilestoneForm, UsageForm
from web.pages.pilot_steps import again, to_pilot
from web.pages.pilots import PARTIES, my_pilot

bp = Blueprint("pilot_records", __name__, url_prefix="/pilots/<id:pilot_id>")


@bp.post("/milestones")
@requires(*PARTIES)
def add_milestone(pilot_id: int) -> Response:
    """One more milestone, by either side."""
    pilot, _ = my_pilot(pilot_id)
    try:
        form = parse(MilestoneForm, request.form)
    except InvalidInput as error:
        return again(pilot, error, "milestone")
    row = make_milestone(pilot, title=form.milestone_title, due_on=form.due_on)
    record(g.session, actor=g.user, action="milestone.added", subject=row)
    return to_pilot(pilot, N_("里程碑已加上。"))


@bp.post("/milestones/<id:milestone_id>/done")
@requires(*PARTIES)
def finish_milestone(pilot_id: int, milestone_id: int) -> Response:
    """It is reached."""
    pilot, _ = my_pilot(pilot_id)
    row = get_milestone(g.session, milestone_id, pilot_id=pilot.key)
    row.finish(g.now, by=g.user)
    record(g.session, actor=g.user, action="milestone.done", subject=row)
    return to_pilot(pilot, N_("已记为完成。"))


@bp.post("/usage")
@requires(*PARTIES)
def log_usage(pilot_id: int) -> Response:
    """One more period of the log."""
    pilot, _ = my_pilot(pilot_id)
    try:
        form = parse(UsageForm, request.form)
        values = form.model_dump(exclude={"n_using"})
        entry = UsageEntry(pilot_id=pilot.key, n_users=form.n_using, **values)
        row = add_usage(g.session, pilot, entry, by=g.user, today=g.today, zone=g.zone)
    except InvalidInput as error:
        return again(pilot, error, "usage")
    record(g.session, actor=g.user, action="usage.logged", subject=row)
    return to_pilot(pilot, N_("使用情况已记下。"))
