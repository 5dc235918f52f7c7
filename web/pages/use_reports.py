"""The use report of a pilot, by the scenario's owner: drawn up from the log, corrected by a person, signed off."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.errors import InvalidInput, InvalidTransition
from models.files import store_file
from models.i18n import N_, gettext
from models.pilot import Pilot
from models.usage_entry import pilot_usage
from models.use_report import (
    UseReport,
    check_period,
    draw_up,
    earlier_report,
    find_draft,
    next_serial,
    require_reportable,
    to_text,
)
from models.user import Role
from web.auth import requires
from web.chips import Side
from web.forms.parsing import parse
from web.forms.pilot_records import SignForm, UseReportForm
from web.forms.view import FormView, rejected
from web.pages.pilot_steps import to_pilot
from web.pages.pilots import my_pilot
from web.second_step import sensitive
from web.uploads import files_dir, upload_limit

bp = Blueprint("use_reports", __name__, url_prefix="/pilots/<id:pilot_id>/use-report")

LABELS = {
    "period_from_on": N_("所述期间从"),
    "period_to_on": N_("所述期间到"),
    "n_users": N_("使用人数"),
    "usage": N_("用了多少"),
    "reached": N_("成效指标达到"),
    "issues": N_("发现的问题"),
    "signed_by": N_("签发人"),
}


def reportable(pilot_id: int) -> Pilot:
    """A pilot of mine whose product is in use."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    require_reportable(pilot)
    return pilot


@bp.get("")
@requires(Role.AGENCY)
def edit(pilot_id: int) -> str:
    """The draft there is, or one drawn up from the log."""
    pilot = reportable(pilot_id)
    draft = find_draft(g.session, pilot.key)
    if draft is None:
        return report_page(
            pilot, None, FormView(typed=draw_up(pilot, pilot_usage(g.session, pilot.key), today=g.today))
        )
    return report_page(pilot, draft, FormView(typed=typed_of(draft)))


def typed_of(draft: UseReport) -> dict[str, str]:
    """A draft as the form's fields hold it."""
    return {name: str(getattr(draft, name)) for name in UseReportForm.model_fields}


def report_page(pilot: Pilot, draft: UseReport | None, form: FormView) -> str:
    """The form, and once it is saved the text that is to be signed."""
    return render_template(
        "pages/use_reports/edit.html",
        pilot=pilot,
        draft=draft,
        form=form,
        labels=_labels(),
        text=None if draft is None else to_text(draft, name="＿＿＿＿", on=g.today),
        log=pilot_usage(g.session, pilot.key),
        earlier=earlier_report(g.session, pilot),
    )


def _labels() -> dict[str, str]:
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


@bp.post("")
@requires(Role.AGENCY)
def save(pilot_id: int) -> Response:
    """Keep the draft."""
    pilot = reportable(pilot_id)
    draft = find_draft(g.session, pilot.key)
    try:
        form = parse(UseReportForm, request.form)
        check_period(pilot, form.period_from_on, form.period_to_on, today=g.today, zone=g.zone)
    except InvalidInput as error:
        return make_response(report_page(pilot, draft, rejected(error, request.form, _labels())), 422)
    if draft is None:
        draft = UseReport(pilot_id=pilot.key, serial=next_serial(g.session, pilot.key), **form.model_dump())
    for name, value in form.model_dump().items():
        setattr(draft, name, value)
    draft.written_by_user_id = g.user.key
    record(g.session, actor=g.user, action="use_report.written", subject=draft)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("草稿已存。看过下面的全文再签发。"))})
    return redirect(url_for("use_reports.edit", pilot_id=pilot.key) + "#text", code=303)  # type: ignore[return-value]


@bp.post("/sign")
@requires(Role.AGENCY)
@sensitive
def sign(pilot_id: int) -> Response:
    """The owner signs: the text is kept by its hash and replaces the report before it."""
    pilot = reportable(pilot_id)
    draft = find_draft(g.session, pilot.key)
    if draft is None:
        raise InvalidTransition(N_("还没有存下的使用报告。"))
    try:
        name = parse(SignForm, request.form).signed_by
    except InvalidInput as error:
        form = rejected(error, {**typed_of(draft), **request.form}, _labels())
        return make_response(report_page(pilot, draft, form), 422)
    content = to_text(draft, name=name, on=g.today).encode()
    stored = store_file(
        files_dir(), f"use-report-{pilot.key}-{draft.serial}.txt", content, max_bytes=upload_limit()
    )
    before = earlier_report(g.session, pilot)
    evidence = draft.make_evidence(by=g.user, stored=stored, on=g.today)
    evidence.replaces_id = None if before is None else before.key
    g.session.add(evidence)
    g.session.flush()
    draft.sign(g.now, name=name, evidence=evidence)
    details = {"pilot_id": pilot.key, "sha256": evidence.file_hash}
    record(g.session, actor=g.user, action="use_report.signed", subject=evidence, details=details)
    return to_pilot(pilot, N_("使用报告已签发，存为证明材料，等对方核对。"))
