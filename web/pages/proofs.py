"""Proofs of a capability: the firm gives them, operators of its district read and decide."""

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
from models.base import find_row
from models.capability import Capability
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_, gettext
from models.notice import tell_of_refused_proof
from models.proof import Proof, ProofStatus, get_proof, settle_lapsed, waiting_proofs
from models.user import Role
from web.auth import requires
from web.forms.parsing import parse
from web.forms.proofs import DecisionForm, ProofForm
from web.forms.view import FormView, rejected
from web.frame import ADMITS
from web.labels import FILINGS, PROOF_KINDS, label
from web.pages.capabilities import my_capability
from web.uploads import as_download, find_sent, store_sent

bp = Blueprint("proofs", __name__)

LABELS = {
    "kind": N_("是什么"),
    "filing": N_("哪种备案"),
    "title": N_("名称"),
    "issuer": N_("出具单位"),
    "number": N_("编号"),
    "url": N_("网址"),
    "issued_on": N_("出具日期"),
    "valid_until_on": N_("有效期到"),
    "file": N_("文件"),
    "note": N_("说明"),
}


def proof_labels() -> dict[str, str]:
    """The labels of the forms in the reader's language."""
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


@bp.get("/capabilities/<id:capability_id>/proofs")
@requires(Role.STARTUP)
def list_mine(capability_id: int) -> str:
    """The proofs of one of my capabilities, and the form for another."""
    return _list_page(my_capability(capability_id), FormView())


@bp.post("/capabilities/<id:capability_id>/proofs")
@requires(Role.STARTUP)
def add(capability_id: int) -> Response:
    """Give a proof: a document, or the address of a public record."""
    row = my_capability(capability_id)
    try:
        form = parse(ProofForm, request.form)
        proof = _with_document(Proof(capability_id=row.key, created_at=g.now, **form.model_dump()))
    except InvalidInput as error:
        return make_response(_list_page(row, rejected(error, request.form, proof_labels())), 422)
    proof.given_by_user_id = g.user.key
    record(g.session, actor=g.user, action="proof.given", subject=proof, details={"capability_id": row.key})
    _tick(row, proof)
    return _done(url_for("proofs.list_mine", capability_id=row.key), N_("证明已存，等运营核对。"))


def _with_document(proof: Proof) -> Proof:
    sent = find_sent()
    if sent is None:
        if proof.url is None:
            words = N_("传一个文件，或写一个能公开查到的网址。")
            raise InvalidInput(N_("没有选文件。"), fields={"file": words})
        return proof
    stored = store_sent(sent)
    proof.file_name, proof.file_hash = stored.name, stored.digest
    proof.file_size, proof.media_type = stored.size, stored.media_type
    return proof


def _tick(row: Capability, proof: Proof) -> None:
    """A filing that is proved is declared as well; one that had lapsed counts again."""
    g.session.flush()
    g.session.refresh(row)
    if proof.filing and proof.filing not in row.filings:
        row.filings = [*row.filings, proof.filing]
        row.revision += 1
    settle_lapsed(g.session, row)


@bp.post("/capabilities/<id:capability_id>/proofs/<id:proof_id>/remove")
@requires(Role.STARTUP)
def remove(capability_id: int, proof_id: int) -> Response:
    """Take a proof away again, while nobody has checked it."""
    row = my_capability(capability_id)
    proof = get_proof(g.session, proof_id, capability_id=row.key)
    if proof.status is ProofStatus.CHECKED:
        raise InvalidTransition(N_("核过的证明不能撤回。"))
    record(g.session, actor=g.user, action="proof.removed", subject=proof)
    g.session.delete(proof)
    g.session.flush()
    g.session.refresh(row)
    settle_lapsed(g.session, row)
    return _done(url_for("proofs.list_mine", capability_id=row.key), N_("证明已撤回。"))


@bp.get("/capabilities/<id:capability_id>/proofs/<id:proof_id>/file")
@requires(Role.STARTUP, *ADMITS)
def download(capability_id: int, proof_id: int) -> Response:
    """The document as it was given: always a download, never shown by the browser as a page of ours."""
    proof = _readable(capability_id, proof_id)
    if proof.file_hash is None:
        raise NotFound(N_("没有文件，只有网址。"))
    return as_download(proof.file_hash, proof.file_name or "")


def _readable(capability_id: int, proof_id: int) -> Proof:
    if any(g.user.has_role(role) for role in ADMITS):
        proof = _decidable(proof_id)
        if proof.capability_id == capability_id:
            return proof
    return get_proof(g.session, proof_id, capability_id=my_capability(capability_id).key)


@bp.get("/proofs")
@requires(*ADMITS)
def queue() -> str:
    """The proofs that wait for me, oldest first."""
    return _queue_page(FormView(), 0)


@bp.post("/proofs/<id:proof_id>/decide")
@requires(*ADMITS)
def decide(proof_id: int) -> Response:
    """Say that a document is in order, or refuse it with the reason the firm will read."""
    proof = _decidable(proof_id)
    try:
        form = parse(DecisionForm, request.form)
    except InvalidInput as error:
        return make_response(_queue_page(rejected(error, request.form, proof_labels()), proof.key), 422)
    move = proof.check if form.verdict == "checked" else proof.refuse
    move(g.now, by_user_id=g.user.key, note=form.note)
    record(g.session, actor=g.user, action=f"proof.{form.verdict}", subject=proof)
    settle_lapsed(g.session, proof.capability)
    if form.verdict == "refused":
        tell_of_refused_proof(g.session, proof, now=g.now)
    said = N_("已核过。") if form.verdict == "checked" else N_("已退回，原因会寄给企业。")
    return _done(url_for("proofs.queue"), said)


def _decidable(proof_id: int) -> Proof:
    """A proof of a firm that lies where the person decides. NotFound otherwise."""
    proof, here = find_row(g.session, Proof, proof_id), g.user.districts(*ADMITS)
    if proof is None or (here is not None and proof.capability.organisation.district_id not in here):
        raise NotFound(N_("没有这份证明。"))
    return proof


def _list_page(row: Capability, form: FormView) -> str:
    return render_template(
        "pages/proofs/list.html",
        row=row,
        form=form,
        labels=proof_labels(),
        kinds=[(code, label("proof_kind", code, g.locale)) for code in PROOF_KINDS],
        filings=[
            ("", gettext(g.locale, N_("不是备案"))),
            *((code, label("filing", code, g.locale)) for code in FILINGS),
        ],
        megabytes=current_app.config["SETTINGS"].upload_max_bytes // 2**20,
    )


def _queue_page(form: FormView, failed: int) -> str:
    rows = waiting_proofs(g.session, district_ids=g.user.districts(*ADMITS))
    return render_template(
        "pages/proofs/queue.html", rows=rows, form=form, failed=failed, labels=proof_labels()
    )


def _done(address: str, said: str) -> Response:
    g.session.commit()
    flash({"words": gettext(g.locale, said)})
    return redirect(address, code=303)  # type: ignore[return-value]
