"""What moves a pilot on: signing, starting, real use or an early end; and its documents."""

from __future__ import annotations

from datetime import date

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    request,
    url_for,
)

from models.audit import record
from models.errors import InvalidInput, NotAllowed
from models.evidence import Evidence, EvidenceKind, get_evidence
from models.i18n import N_, gettext
from models.notice import tell_of_pilot_in_use
from models.pilot import Pilot
from models.user import Role, User
from web.auth import requires
from web.chips import Side
from web.forms.parsing import parse
from web.forms.pilots import CheckForm, EvidenceForm, InUseForm, StopForm
from web.forms.view import rejected
from web.pages.pilots import PARTIES, READERS, form_labels, my_pilot, pilot_page
from web.second_step import sensitive
from web.uploads import as_download, get_sent, store_sent

bp = Blueprint("pilot_steps", __name__, url_prefix="/pilots/<id:pilot_id>")


@bp.post("/agree")
@requires(Role.AGENCY)
def agree(pilot_id: int) -> Response:
    """Both sides signed; refused without metric, decision owner and decision date."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    try:
        pilot.agree(g.now)
    except InvalidInput as error:
        return again(pilot, error, "agree")
    return _done(pilot, "pilot.agreed", N_("试点已签。"))


@bp.post("/start")
@requires(Role.AGENCY)
def start(pilot_id: int) -> Response:
    """Work begins."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    pilot.start(g.now)
    return _done(pilot, "pilot.started", N_("试点已开始。"))


@bp.post("/in-use")
@requires(Role.AGENCY)
def put_in_use(pilot_id: int) -> Response:
    """The product works in the real process, with users."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    try:
        form = parse(InUseForm, request.form)
        pilot.put_in_use(g.now, go_live_on=form.go_live_on, n_users=form.n_users, usage_note=form.usage_note)
    except InvalidInput as error:
        return again(pilot, error, "in_use")
    tell_of_pilot_in_use(g.session, pilot, now=g.now)
    return _done(pilot, "pilot.in_use", N_("已登记投入使用。下一步：传使用报告和测试报告。"))


@bp.post("/stop")
@requires(Role.AGENCY)
def stop(pilot_id: int) -> Response:
    """The end before acceptance, with the reason."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    try:
        pilot.stop(g.now, reason=parse(StopForm, request.form).reason)
    except InvalidInput as error:
        return again(pilot, error, "stop")
    return _done(pilot, "pilot.stopped", N_("试点已终止。"))


@bp.post("/evidence")
@requires(*PARTIES)
def add_evidence(pilot_id: int) -> Response:
    """Keep a document: size and kind checked, stored by its hash, never by the name it came with."""
    pilot, side = my_pilot(pilot_id)
    try:
        form = parse(EvidenceForm, request.form)
        evidence = _store(pilot, form, side)
    except InvalidInput as error:
        return again(pilot, error, "evidence")
    record(
        g.session, actor=g.user, action="evidence.added", subject=evidence, details={"pilot_id": pilot.key}
    )
    return to_pilot(pilot, N_("材料已存，等对方核对。"))


def check_report_day(pilot: Pilot, issued_on: date) -> None:
    """InvalidInput for a report about the use that is older than the pilot."""
    begun = pilot.started_at or pilot.agreed_at
    if begun is not None and issued_on < begun.astimezone(g.zone).date():
        raise InvalidInput(N_("有几处要改。"), fields={"issued_on": N_("使用报告不能早于试点开始的那天。")})


def _store(pilot: Pilot, form: EvidenceForm, side: Side) -> Evidence:
    if form.kind is EvidenceKind.USE_REPORT:
        check_report_day(pilot, form.issued_on)
    stored = store_sent(get_sent())
    # A use report counts only when the scenario's owner gave it; who uploads it is who vouches for it.
    issued_by_owner = form.kind is EvidenceKind.USE_REPORT and side is Side.AGENCY
    return Evidence(
        pilot_id=pilot.key,
        **form.model_dump(),
        issuer_organisation_id=g.user.organisation_id if issued_by_owner else None,
        file_name=stored.name,
        file_hash=stored.digest,
        file_size=stored.size,
        media_type=stored.media_type,
        uploaded_by_user_id=g.user.key,
    )


@bp.get("/evidence/<id:evidence_id>")
@requires(*READERS)
def download(pilot_id: int, evidence_id: int) -> Response:
    """A document as it was uploaded: always a download, never shown by the browser as a page of ours."""
    pilot, _ = my_pilot(pilot_id)
    evidence = get_evidence(g.session, evidence_id, pilot_id=pilot.key)
    return as_download(evidence.file_hash, evidence.file_name)


@bp.post("/evidence/<id:evidence_id>/check")
@requires(*READERS)
@sensitive
def check_evidence(pilot_id: int, evidence_id: int) -> Response:
    """The other side, or an officer, read a document and found it in order or wanting."""
    pilot, _ = my_pilot(pilot_id)
    evidence = get_evidence(g.session, evidence_id, pilot_id=pilot.key)
    _refuse_own(evidence)
    try:
        form = parse(CheckForm, request.form)
    except InvalidInput as error:
        return again(pilot, error, "check")
    if form.verdict == "checked":
        evidence.check(g.now, note=form.note)
    else:
        evidence.reject(g.now, note=form.note)
    record(g.session, actor=g.user, action=f"evidence.{form.verdict}", subject=evidence)
    return to_pilot(pilot, N_("已记下核对结果。"))


def _refuse_own(evidence: Evidence) -> None:
    uploader = (
        None if evidence.uploaded_by_user_id is None else g.session.get(User, evidence.uploaded_by_user_id)
    )
    if uploader is not None and uploader.organisation_id == g.user.organisation_id:
        raise NotAllowed(N_("自己传的材料要由另一方或资金管理人员来核。"))


def again(pilot: Pilot, error: InvalidInput, failed: str) -> Response:
    """The page with what was typed and what is wrong with it; the row goes back to what the database holds."""
    g.session.rollback()
    g.session.refresh(pilot)
    form = rejected(error, request.form, form_labels())
    return make_response(pilot_page(pilot.key, form, failed=failed), 422)


def _done(pilot: Pilot, action: str, message: str) -> Response:
    record(g.session, actor=g.user, action=action, subject=pilot)
    return to_pilot(pilot, message)


def to_pilot(pilot: Pilot, message: str) -> Response:
    """Keep what was done, say so, and go back to the pilot."""
    g.session.commit()
    flash({"words": gettext(g.locale, message)})
    return redirect(url_for("pilots.show", pilot_id=pilot.key), code=303)  # type: ignore[return-value]
