"""What is held about the person asking: read it, take it along, see who saw one's contact, be forgotten."""

from __future__ import annotations

import io
import json
import zipfile

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
from models.contact_release import accesses_of
from models.erasure import erase
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_, gettext
from models.personal_data import Held, count_held, held_about
from models.second_factor import WRONG_CODE, find_second_factor
from web import auth
from web.auth import requires
from web.forms.account import EraseForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.second_step import CODE_FIELD, sensitive, take_counted_code

bp = Blueprint("my_data", __name__, url_prefix="/account/data")

LABELS = {"password": N_("密码"), "sure": N_("确认注销"), CODE_FIELD: N_("验证码")}


@bp.get("")
@requires()
def show() -> str:
    """How much is held, who saw the contact of my organisation, and the two acts."""
    return _page(FormView())


def _page(form: FormView) -> str:
    home_id = g.user.organisation_id
    return render_template(
        "pages/my_data/show.html",
        form=form,
        held=count_held(g.session, g.user),
        accesses=[] if home_id is None else accesses_of(g.session, home_id),
        has_factor=find_second_factor(g.session, g.user.key) is not None,
        labels=_labels(),
        code_field=CODE_FIELD,
    )


def _labels() -> dict[str, str]:
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


@bp.post("/export")
@requires()
@sensitive
def export() -> Response:
    """Everything, as an archive of one JSON file and one page to read."""
    record(g.session, actor=g.user, action="user.data_exported", subject=g.user)
    archive = _archive(held_about(g.session, g.user))
    g.session.commit()
    answer = make_response(archive)
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = f"attachment; filename=duijie-{g.today:%Y%m%d}.zip"
    return answer


def _archive(held: list[Held]) -> bytes:
    content = {
        "exported_at": g.now.isoformat(),
        "version": current_app.config["VERSION"],
        "tables": {part.table: part.rows for part in held},
    }
    page = render_template("pages/my_data/export.html", held=held, exported_at=g.now)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my-data.json", json.dumps(content, ensure_ascii=False, indent=1))
        archive.writestr("my-data.html", page)
    return buffer.getvalue()


@bp.post("/erase")
@requires()
def forget_me() -> Response:
    """Erase the person asking, by whoever knows the password and, where there is one, has the device."""
    try:
        form = parse(EraseForm, request.form)
    except InvalidInput as error:
        return make_response(_page(rejected(error, {}, _labels())), 422)
    if (wrong := _refused(form)) is not None:
        g.session.commit()
        return make_response(_page(wrong), 422)
    # A code that fits is used up, whatever becomes of the wish.
    g.session.commit()
    try:
        erase(g.session, g.user, by=g.user, now=g.now)
    except InvalidTransition as error:
        g.session.rollback()
        return make_response(_page(FormView(errors={"sure": gettext(g.locale, error.message)})), 409)
    g.session.commit()
    answer = make_response(redirect(url_for("scenarios.list_published"), code=303))
    g.login = None
    auth.log_out(answer)
    flash({"words": gettext(g.locale, N_("已注销。你的姓名和邮箱不在我们这里了。"))})
    return answer


def _refused(form: EraseForm) -> FormView | None:
    if auth.check_password(g.session, g.user.email, form.password) is None:
        return FormView(errors={"password": gettext(g.locale, N_("密码不对。"))})
    if find_second_factor(g.session, g.user.key) is None:
        return None
    if take_counted_code(g.session, g.user, request.form.get(CODE_FIELD, "")):
        return None
    return FormView(errors={CODE_FIELD: gettext(g.locale, WRONG_CODE)})
