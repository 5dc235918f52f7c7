"""Changes of funding rules: one officer writes, tries and submits; another reads it and approves or sends back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.errors import InvalidInput, InvalidTransition
from models.funding_rule import list_rules
from models.funding_rule_change import (
    ChangeStatus,
    RuleChange,
    approve_change,
    get_change,
    make_change,
    newest_version,
    terms_of,
)
from models.funding_rule_flags import Flag, find_flags, word_flag
from models.funding_rule_trial import try_rule
from models.i18n import N_, gettext
from models.revision import claim_revision
from models.user import User
from web.auth import requires
from web.chips import Chip
from web.forms.parsing import parse
from web.forms.rules import ApproveForm, ProgrammeForm, ReturnForm, SubmitForm, parse_terms, typed_terms
from web.forms.view import FormView, rejected
from web.labels import CONDITION_KINDS, FUNDING_KINDS, FUNDING_TARGETS, SPEND_PURPOSES, label
from web.pages.rules import WRITES_RULES, get_version
from web.presenters.rules import TERM_LABELS, condition_lines, shift_lines, term_lines
from web.second_step import sensitive

bp = Blueprint("rule_changes", __name__)

CHIPS = {
    ChangeStatus.WRITING: ("live", N_("起草中")),
    ChangeStatus.SUBMITTED: ("them", N_("等另一位批")),
    ChangeStatus.APPROVED: ("good", N_("已批准")),
    ChangeStatus.WITHDRAWN: ("end", N_("已撤回")),
}
NEW_PROGRAMME = {"kind": "grant", "target": "pilot", "source_grade": "C"}


@bp.post("/rules/<programme>/<id:version>/change")
@requires(*WRITES_RULES)
def begin(programme: str, version: int) -> Response:
    """A change that begins with the terms of the newest version."""
    rule = get_version(programme, version)
    if rule.version != newest_version(g.session, programme):
        raise InvalidTransition(N_("这不是最新的版本，请从最新的一版起草。"))
    change = make_change(programme, by=g.user, based_on=rule, terms=terms_of(rule))
    return done(change, "rule_change.begun", N_("已照现行版本起了一份草案。改好再送审。"))


@bp.get("/rule-changes/new")
@requires(*WRITES_RULES)
def new() -> str:
    """The form for a programme that is not here yet."""
    return terms_page(None, FormView(typed={**NEW_PROGRAMME, "checked_on": g.today.isoformat()}))


@bp.post("/rule-changes/new")
@requires(*WRITES_RULES)
def create() -> Response:
    """A change that would bring a new programme."""
    try:
        programme = parse(ProgrammeForm, request.form).programme
        if newest_version(g.session, programme):
            raise InvalidInput(
                N_("有几处要改。"), fields={"programme": N_("已有这个代号，请从它的最新版本起草。")}
            )
        change = make_change(programme, by=g.user, based_on=None, terms=parse_terms(request.form))
    except InvalidInput as error:
        return make_response(terms_page(None, rejected(error, request.form, labels())), 422)
    return done(change, "rule_change.begun", N_("草案已存。接着写条件。"))


@bp.get("/rule-changes/<id:change_id>")
@requires(*WRITES_RULES)
def show(change_id: int) -> str:
    """What would change: terms, conditions, what to see, and which pilots would be judged otherwise."""
    return change_page(get_change(g.session, change_id))


def change_page(change: RuleChange, form: FormView | None = None, *, failed: str = "") -> str:
    """The page of a change. form: what was typed, when it was refused; failed: which form that was."""
    before = None if change.based_on is None else terms_of(change.based_on)
    trial = try_rule(g.session, change.rule(), g.today, zone=g.zone) if is_open(change) else None
    terms = term_lines(before, change.terms, g.locale)
    return render_template(
        "pages/rule_changes/show.html",
        change=change,
        status=change.status.value,
        mine=change.written_by_user_id == g.user.key,
        writer=g.session.get(User, change.written_by_user_id),
        approver=None
        if change.approved_by_user_id is None
        else g.session.get(User, change.approved_by_user_id),
        chip=Chip(CHIPS[change.status][0], gettext(g.locale, CHIPS[change.status][1])),
        title=change.terms["title"] if g.locale == "zh" else change.terms["title_en"],
        version=newest_version(g.session, change.programme) + 1,
        terms=[line for line in terms if line.changed or (before is None and line.after)],
        n_same=sum(not line.changed for line in terms if line.after) if before else 0,
        conditions=condition_lines(before, change.terms, g.locale),
        condition_kinds=[(code, label("condition_kind", code, g.locale)) for code in CONDITION_KINDS],
        flags=[(flag, word_flag(flag, g.locale)) for flag in flags_of(change)] if is_open(change) else [],
        trial=trial,
        shifts=[] if trial is None else shift_lines(trial, change.terms, g.locale),
        form=form or FormView(typed={"why": change.why}),
        failed=failed,
    )


def is_open(change: RuleChange) -> bool:
    """Whether it may still become a version."""
    return change.status in (ChangeStatus.WRITING, ChangeStatus.SUBMITTED)


def flags_of(change: RuleChange) -> list[Flag]:
    """What to see before it is approved."""
    return find_flags(change.rule(), list_rules(g.session), g.today)


@bp.get("/rule-changes/<id:change_id>/terms")
@requires(*WRITES_RULES)
def edit(change_id: int) -> str:
    """The terms as a form."""
    change = my_change(change_id)
    return terms_page(change, FormView(typed=typed_terms(change.terms)))


@bp.post("/rule-changes/<id:change_id>/terms")
@requires(*WRITES_RULES)
def save(change_id: int) -> Response:
    """Keep the terms; the conditions stay as they are."""
    change = my_change(change_id)
    try:
        rewrite(change, parse_terms(request.form))
    except InvalidInput as error:
        return make_response(terms_page(change, rejected(error, request.form, labels())), 422)
    return done(change, "rule_change.edited", N_("已保存。"))


def my_change(change_id: int) -> RuleChange:
    """A change of mine that is being written. NotAllowed for another's; InvalidTransition once it is submitted."""
    change = get_change(g.session, change_id)
    change.require_writer(g.user)
    if change.status is not ChangeStatus.WRITING:
        raise InvalidTransition(N_("已经送审的变更不能再改，请先撤回。"))
    return change


def rewrite(change: RuleChange, terms: Mapping[str, Any]) -> None:
    """Put these terms over those there are; refused where another window saved meanwhile."""
    change.write({**change.terms, **terms}, by=g.user)
    sent = request.form.get("revision", "")
    revision = int(sent) if sent.isdigit() and len(sent) < 9 else 0
    claim_revision(g.session, change, revision)
    change.revision = revision + 1


def labels() -> dict[str, str]:
    """The labels of the forms in the reader's language."""
    return {name: gettext(g.locale, words) for name, words in TERM_LABELS.items()}


def terms_page(change: RuleChange | None, form: FormView) -> str:
    """The form of the terms; of a new programme where there is no change yet."""
    tables = {"kind": FUNDING_KINDS, "target": FUNDING_TARGETS}
    choices = {
        name: [(code, gettext(g.locale, words)) for code, words in table.items()]
        for name, table in tables.items()
    }
    choices["spend_purpose"] = [("", gettext(g.locale, N_("不按支出算")))]
    choices["spend_purpose"] += [(code, gettext(g.locale, words)) for code, words in SPEND_PURPOSES.items()]
    return render_template(
        "pages/rule_changes/terms.html", change=change, form=form, labels=labels(), choices=choices
    )


@bp.post("/rule-changes/<id:change_id>/submit")
@requires(*WRITES_RULES)
def submit(change_id: int) -> Response:
    """Hand it to a second officer; refused while something must be mended first."""
    change = my_change(change_id)
    try:
        form = parse(SubmitForm, request.form)
        refusing = [flag for flag in flags_of(change) if flag.refuses]
        if refusing:
            raise InvalidInput(N_("“要看清楚的”里有必须先改的，改好再送审。"))
        change.submit(g.now, by=g.user, why=form.why, text_compared=form.text_compared)
    except InvalidInput as error:
        return again(change, error, "submit")
    return done(change, "rule_change.submitted", N_("已送审，要另一位资金管理人员来批。"))


@bp.post("/rule-changes/<id:change_id>/approve")
@requires(*WRITES_RULES)
@sensitive
def approve(change_id: int) -> Response:
    """The second officer agrees to what they read: it becomes the next version."""
    change = get_change(g.session, change_id)
    form = parse(ApproveForm, request.form)
    rule = approve_change(g.session, change, g.now, by=g.user, terms_hash=form.terms_hash)
    details = {"programme": rule.programme, "version": rule.version, "terms_sha256": change.terms_hash}
    record(g.session, actor=g.user, action="rule.approved", subject=rule, details=details)
    return done(change, "rule_change.approved", N_("已批准为新版本。到施行日按它预审，旧记录仍用旧版本。"))


@bp.post("/rule-changes/<id:change_id>/return")
@requires(*WRITES_RULES)
def send_back(change_id: int) -> Response:
    """The second officer wants it otherwise."""
    change = get_change(g.session, change_id)
    try:
        change.send_back(g.now, by=g.user, note=parse(ReturnForm, request.form).note)
    except InvalidInput as error:
        return again(change, error, "return")
    return done(change, "rule_change.returned", N_("已退回起草人。"))


@bp.post("/rule-changes/<id:change_id>/withdraw")
@requires(*WRITES_RULES)
def withdraw(change_id: int) -> Response:
    """The writer gives it up."""
    change = get_change(g.session, change_id)
    change.withdraw(g.now, by=g.user)
    return done(change, "rule_change.withdrawn", N_("已撤回这份变更。"))


def again(change: RuleChange, error: InvalidInput, failed: str) -> Response:
    """The page with what was typed and what is wrong with it."""
    words = {"why": gettext(g.locale, N_("为什么改")), "note": gettext(g.locale, N_("退回原因"))}
    return make_response(change_page(change, rejected(error, request.form, words), failed=failed), 422)


def done(change: RuleChange, action: str, message: str) -> Response:
    """Keep the change with its audit entry, and show it."""
    record(g.session, actor=g.user, action=action, subject=change)
    g.session.commit()
    flash({"words": gettext(g.locale, message)})
    return redirect(url_for("rule_changes.show", change_id=change.key), code=303)  # type: ignore[return-value]
