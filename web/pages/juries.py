"""The panel of one of my scenarios: begun, its members appointed, watched while it scores, settled. Deciding is in
web/pages/decisions.py, what members do in web/pages/seats.py.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from models.audit import record
from models.bid import is_opened, standing_bids
from models.errors import InvalidInput, NotFound
from models.i18n import N_, gettext, name_of
from models.jury import (
    MIN_JURORS,
    Juror,
    JurorStatus,
    Jury,
    JuryStatus,
    appoint_juror,
    begin_jury,
    dismiss_juror,
    find_jury,
    recuse,
)
from models.jury_decision import settle
from models.notice import tell_of_appointment, tell_of_marks
from models.rubric import find_locked
from models.scenario import Scenario, get_scenario
from models.user import Role, User, get_user, role_holders
from models.working_days import working_days_after
from web.auth import my_organisation_id, requires
from web.forms.juries import RecusalForm, SettleForm, parse_seat
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.presenters.bids import due_on
from web.presenters.juries import juror_chip, present_results

bp = Blueprint("juries", __name__, url_prefix="/my/scenarios/<id:scenario_id>/jury")

LABELS = {"user_id": N_("评委"), "note": N_("为什么可以这样定"), "reason": N_("原因")}


@bp.get("")
@requires(Role.AGENCY)
def show(scenario_id: int) -> str:
    """The panel: who stands where, and once all marks are in, how proposals stand."""
    return jury_page(_mine(scenario_id))


def _mine(scenario_id: int) -> Scenario:
    return get_scenario(g.session, scenario_id, organisation_id=my_organisation_id())


def my_jury(scenario_id: int) -> Jury:
    """The panel of one of my scenarios. NotFound where there is none, or it is another's."""
    jury = find_jury(g.session, _mine(scenario_id).key)
    if jury is None:
        raise NotFound(N_("没有这个评审组。"))
    return jury


def jury_page(scenario: Scenario, form: FormView | None = None, *, failed: str = "") -> str:
    """The page of a panel. form: what was typed when it was refused; failed: which form that was."""
    jury = find_jury(g.session, scenario.key)
    seats = [] if jury is None else jury.jurors
    found = [] if jury is None else present_results(jury, reader_id=g.user.key)
    return render_template(
        "pages/juries/show.html",
        scenario=scenario,
        jury=jury,
        status="" if jury is None else jury.status.value,
        seats=[(seat, juror_chip(seat)) for seat in seats],
        n_acting=sum(seat.recused_at is None for seat in seats),
        n_in=sum(seat.handed_in_at is not None for seat in seats),
        min_jurors=MIN_JURORS,
        candidates=candidates(scenario, jury),
        results=found,
        n_flagged=sum(row.n_flagged for row in found),
        due_on=due_on(scenario, jury),
        opened=is_opened(scenario, g.today),
        closes=scenario.deadline_on is None and scenario.is_open(g.today),
        n_bids=len(standing_bids(g.session, scenario.key)),
        rubric=find_locked(g.session, scenario.key) if jury is None else jury.rubric,
        form=form or FormView(),
        failed=failed,
    )


def candidates(scenario: Scenario, jury: Jury | None) -> list[tuple[str, str]]:
    """Evaluators of the city and of the district who have no seat yet: (id, name and organisation)."""
    if jury is None or jury.scored_at is not None:
        return []
    seated = {seat.user_id for seat in jury.jurors}
    people = role_holders(g.session, Role.EVALUATOR, district_id=scenario.district_id)
    return [(str(person.key), _named(person)) for person in people if person.key not in seated]


def _named(person: User) -> str:
    home = person.organisation
    return person.name if home is None else f"{person.name}·{name_of(home, g.locale)}"


@bp.post("")
@requires(Role.AGENCY)
def begin(scenario_id: int) -> Response:
    """Begin judging; a call without a last day is closed by it."""
    scenario = _mine(scenario_id)
    settings = current_app.config["SETTINGS"]
    promised = due_on(scenario, None) or working_days_after(
        g.today, settings.decision_working_days, holidays=settings.holidays
    )
    jury = begin_jury(g.session, scenario, by=g.user, answer_due_on=promised, now=g.now, on=g.today)
    record(g.session, actor=g.user, action="jury.begun", subject=jury)
    g.session.commit()
    return _back(scenario, N_("评审开始了。先请评委，至少两位。"))


@bp.post("/jurors")
@requires(Role.AGENCY)
def appoint(scenario_id: int) -> Response:
    """Make somebody a member, who is told by mail."""
    jury = my_jury(scenario_id)
    try:
        appoint_chosen(jury)
    except InvalidInput as error:
        return _again(jury.scenario, error, "appoint")
    g.session.commit()
    return _back(jury.scenario, N_("已请评委，对方收到邮件。"))


def appoint_chosen(jury: Jury) -> None:
    """Appoint the person the form names, who is told by mail; the caller commits. InvalidInput where it names nobody,
    NotFound for one who is no choice.
    """
    user_id = parse_seat(request.form)
    person = get_user(g.session, user_id)
    if not any(code == str(user_id) for code, _ in candidates(jury.scenario, jury)):
        raise NotFound(N_("没有这位评委。"))
    seat = appoint_juror(g.session, jury, person, now=g.now)
    record(g.session, actor=g.user, action="juror.appointed", subject=seat, details={"user_id": person.key})
    tell_of_appointment(g.session, seat, now=g.now)


@bp.post("/jurors/<id:juror_id>/dismiss")
@requires(Role.AGENCY)
def dismiss(scenario_id: int, juror_id: int) -> Response:
    """Take back an appointment; a member who has begun leaves with a reason, which is on record."""
    jury = my_jury(scenario_id)
    seat = _seat(jury, juror_id)
    if seat.status is JurorStatus.APPOINTED:
        record(
            g.session, actor=g.user, action="juror.dismissed", subject=seat, details={"user_id": seat.user_id}
        )
        dismiss_juror(g.session, seat)
        g.session.commit()
        return _back(jury.scenario, N_("已撤下这位评委。"))
    try:
        reason = parse(RecusalForm, request.form).reason
    except InvalidInput as error:
        return _again(jury.scenario, error, f"dismiss-{juror_id}")
    recuse(g.session, seat, reason=reason, now=g.now)
    record(g.session, actor=g.user, action="juror.released", subject=seat)
    if jury.status is JuryStatus.CONSENSUS:
        tell_of_marks(g.session, jury, now=g.now)
    g.session.commit()
    return _back(jury.scenario, N_("这位评委退出了，原因已记录。"))


def _seat(jury: Jury, juror_id: int) -> Juror:
    found = next((seat for seat in jury.jurors if seat.key == juror_id), None)
    if found is None:
        raise NotFound(N_("没有这位评委。"))
    return found


@bp.post("/settle")
@requires(Role.AGENCY)
def end_consensus(scenario_id: int) -> Response:
    """Marks change no more; where some are still far apart, with the reason why that may stand."""
    jury = my_jury(scenario_id)
    try:
        settle(g.session, jury, note=parse(SettleForm, request.form).note, now=g.now)
    except InvalidInput as error:
        return _again(jury.scenario, error, "settle")
    record(g.session, actor=g.user, action="jury.settled", subject=jury)
    g.session.commit()
    return _back(jury.scenario, N_("打分定稿了，下一步由你决定。"))


def _again(scenario: Scenario, error: InvalidInput, failed: str) -> Response:
    labels = {name: gettext(g.locale, words) for name, words in LABELS.items()}
    page = jury_page(scenario, rejected(error, request.form, labels), failed=failed)
    return make_response(page, 422)


def _back(scenario: Scenario, words: str) -> Response:
    flash({"words": gettext(g.locale, words)})
    return redirect(url_for("juries.show", scenario_id=scenario.key), code=303)  # type: ignore[return-value]
