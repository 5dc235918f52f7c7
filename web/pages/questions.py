"""Asking about a published scenario, without a name, and answering, to everybody or to the firm that asked."""

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
from models.config import Settings
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_, gettext
from models.notice import tell_of_answer, tell_of_question
from models.question import (
    MAX_ANSWER,
    MAX_QUESTION,
    Question,
    ask,
    asked_by,
    get_question,
    public_answers,
    unanswered,
)
from models.scenario import Scenario, get_published_scenario
from models.texts import storable
from models.user import Role
from models.working_days import working_days_after
from web.auth import my_organisation_id, public, requires
from web.forms.parsing import parse
from web.forms.questions import AnswerForm, QuestionForm
from web.forms.view import FormView, rejected

bp = Blueprint("questions", __name__)


@bp.get("/scenarios/<number>/questions")
@public
def show(number: str) -> str:
    """What was asked about a scenario and answered to everybody; my own questions; what I have to answer."""
    return _page(get_published_scenario(g.session, storable(number)), FormView())


@bp.post("/scenarios/<number>/questions")
@requires(Role.STARTUP)
def create(number: str) -> Response:
    """Ask."""
    scenario = get_published_scenario(g.session, storable(number))
    my_organisation_id()
    if not scenario.is_open(g.today):
        raise InvalidTransition(N_("这个场景已经结束，不再收问题。"))
    try:
        form = parse(QuestionForm, request.form)
    except InvalidInput as error:
        view = rejected(error, request.form, {"question": gettext(g.locale, N_("问题"))})
        return make_response(_page(scenario, view), 422)
    settings: Settings = current_app.config["SETTINGS"]
    due_on = working_days_after(g.today, settings.answer_working_days, holidays=settings.holidays)
    row = ask(g.session, scenario, by=g.user, text=form.question, due_on=due_on, now=g.now)
    record(g.session, actor=g.user, action="question.asked", subject=row)
    tell_of_question(g.session, row, now=g.now)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已提问，不署名。答复后你会收到邮件。"))})
    return _to(scenario)


@bp.post("/questions/<id:question_id>/answer")
@requires(Role.AGENCY)
def answer(question_id: int) -> Response:
    """Answer a question about a scenario of mine."""
    row = get_question(g.session, question_id, agency_id=my_organisation_id())
    try:
        form = parse(AnswerForm, request.form)
    except InvalidInput as error:
        view = rejected(error, request.form, {"answer": gettext(g.locale, N_("答复"))})
        return make_response(_page(row.scenario, view, failed=row.key), 422)
    row.reply(form.answer, is_public=form.visible == "public", by=g.user, now=g.now, on=g.today)
    record(
        g.session, actor=g.user, action="question.answered", subject=row, details={"visible": form.visible}
    )
    tell_of_answer(g.session, row, now=g.now)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已答复，提问的企业收到邮件。"))})
    return _to(row.scenario)


def _to(scenario: Scenario) -> Response:
    return redirect(url_for("questions.show", number=scenario.number), code=303)  # type: ignore[return-value]


def _page(scenario: Scenario, form: FormView, *, failed: int = 0) -> str:
    """The page. failed: the question whose answer could not be taken."""
    mine = g.user is not None and g.user.organisation_id == scenario.organisation_id
    asks = g.user is not None and g.user.has_role(Role.STARTUP) and not mine
    waiting = _waiting(scenario) if mine and g.user.has_role(Role.AGENCY) else []
    own = asked_by(g.session, scenario.key, g.user.organisation_id or 0) if asks else []
    return render_template(
        "pages/scenarios/questions.html",
        scenario=scenario,
        is_open=scenario.is_open(g.today),
        answers=public_answers(g.session, scenario.key),
        waiting=waiting,
        ages={row.key: max(0, (g.now - row.created_at).days) for row in waiting},
        own=[(row, row.status_on(g.today).value) for row in own],
        asks=asks,
        form=form,
        failed=failed,
        max_question=MAX_QUESTION,
        max_answer=MAX_ANSWER,
        n_days=current_app.config["SETTINGS"].answer_working_days,
    )


def _waiting(scenario: Scenario) -> list[Question]:
    rows = unanswered(g.session, on=g.today, organisation_id=scenario.organisation_id)
    return [row for row in rows if row.scenario_id == scenario.key]
