"""My API tokens: make one, which is shown once, and revoke it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.api_token import Scope, add_token, get_token, user_tokens
from models.audit import record
from models.errors import InvalidInput
from models.i18n import N_, gettext
from web.auth import requires
from web.forms.tokens import LIFETIMES, parse_wish
from web.forms.view import FormView, rejected
from web.second_step import sensitive

bp = Blueprint("tokens", __name__, url_prefix="/account/tokens")

LABELS = {"name": N_("名称"), "scopes": N_("用途"), "days": N_("有效期")}

SCOPES = {
    Scope.READ: N_("读：我能看的匹配、能力和试点"),
    Scope.WRITE: N_("写：导入场景或能力"),
    Scope.MATCH: N_("匹配：拿一段文字或一个编号去找"),
}
DAYS = {"30": N_("30 天"), "90": N_("90 天"), "365": N_("一年")}


@bp.get("")
@requires()
def list_all() -> str:
    """My tokens and the form for a new one."""
    return _page(FormView(typed={"days": "90"}), {Scope.READ.value})


def _page(form: FormView, ticked: set[str], token: str = "") -> str:
    """token: the one just made, which only this answer holds."""
    return render_template(
        "pages/tokens/list.html",
        form=form,
        ticked=ticked,
        token=token,
        labels={name: gettext(g.locale, words) for name, words in LABELS.items()},
        tokens=user_tokens(g.session, g.user.key),
        scopes=[(scope.value, gettext(g.locale, words)) for scope, words in SCOPES.items()],
        days=[(days, gettext(g.locale, DAYS[days])) for days in LIFETIMES],
        now=g.now,
    )


@bp.post("")
@requires()
@sensitive
def make() -> Response:
    """Make a token and show it, this once; 422 without a name or a purpose, or for one too many."""
    ticked = request.form.getlist("scopes")
    try:
        row, token = add_token(g.session, g.user, parse_wish(request.form, ticked), now=g.now)
    except InvalidInput as error:
        labels = {name: gettext(g.locale, words) for name, words in LABELS.items()}
        return make_response(_page(rejected(error, request.form, labels), set(ticked)), 422)
    record(g.session, actor=g.user, action="token.made", subject=row, details={"scopes": row.scopes})
    g.session.commit()
    return make_response(_page(FormView(typed={"days": "90"}), {Scope.READ.value}, token))


@bp.post("/<id:token_id>/revoke")
@requires()
def revoke(token_id: int) -> Response:
    """The token stops working at once."""
    row = get_token(g.session, token_id, user_id=g.user.key)
    row.revoke(g.now)
    record(g.session, actor=g.user, action="token.revoked", subject=row)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("令牌已吊销。"))})
    return redirect(url_for("tokens.list_all"), code=303)  # type: ignore[return-value]
