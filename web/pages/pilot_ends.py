"""How a pilot ends: acceptance with its checklist, and the decision to scale, extend or stop."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from models.acceptance import Acceptance, Conclusion, hold_acceptance
from models.audit import record
from models.errors import InvalidInput
from models.i18n import N_
from models.pilot_decision import PilotDecision, decide_pilot
from models.user import Role
from web.auth import requires
from web.chips import Side
from web.forms.parsing import parse
from web.forms.pilot_records import DecisionForm, parse_acceptance
from web.pages.pilot_steps import again, to_pilot
from web.pages.pilots import my_pilot

bp = Blueprint("pilot_ends", __name__, url_prefix="/pilots/<id:pilot_id>")

SAID = {
    Conclusion.PASSED: N_("验收通过。"),
    Conclusion.CONDITIONAL: N_("已记有条件通过。整改好了再验收一次。"),
    Conclusion.FAILED: N_("已记不通过。可以整改后再验收，或终止。"),
}


@bp.post("/accept")
@requires(Role.AGENCY)
def accept(pilot_id: int) -> Response:
    """The scenario's owner held an acceptance; where it passed, the pilot is accepted."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    try:
        sitting = Acceptance(
            pilot_id=pilot.key, recorded_by_user_id=g.user.key, **parse_acceptance(request.form)
        )
        hold_acceptance(g.session, pilot, sitting, now=g.now, today=g.today)
    except InvalidInput as error:
        return again(pilot, error, "accept")
    record(g.session, actor=g.user, action=f"acceptance.{sitting.conclusion.value}", subject=sitting)
    if sitting.conclusion is Conclusion.PASSED:
        record(g.session, actor=g.user, action="pilot.accepted", subject=pilot)
    return to_pilot(pilot, SAID[sitting.conclusion])


@bp.post("/decide")
@requires(Role.AGENCY)
def decide(pilot_id: int) -> Response:
    """The decision owner's word, as the agency writes it down."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    try:
        form = parse(DecisionForm, request.form)
        values = form.model_dump(exclude={"decision_note"})
        decision = PilotDecision(
            pilot_id=pilot.key, note=form.decision_note, recorded_by_user_id=g.user.key, **values
        )
        decide_pilot(g.session, pilot, decision, now=g.now, today=g.today)
    except InvalidInput as error:
        return again(pilot, error, "decide")
    details = {"outcome": decision.outcome.value}
    record(g.session, actor=g.user, action="pilot.decided", subject=pilot, details=details)
    return to_pilot(pilot, N_("决定已记下。"))
