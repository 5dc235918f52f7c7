"""My webhooks: subscribe an address to events, see what was delivered, send again, stop."""

from __future__ import annotations

import uuid

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
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_, gettext
from models.secret_key import get_secret_key
from models.webhook import (
    Event,
    EventKind,
    Webhook,
    add_webhook,
    get_delivery,
    get_webhook,
    list_deliveries,
    owe,
    replay,
    secret_of,
    user_webhooks,
)
from web.auth import requires
from web.forms.view import FormView, rejected
from web.forms.webhooks import parse_webhook
from web.labels import WEBHOOK_KINDS
from web.second_step import sensitive

bp = Blueprint("webhooks", __name__, url_prefix="/account/webhooks")

LABELS = {"url": N_("地址"), "kinds": N_("哪些事")}
N_SHOWN = 50


@bp.get("")
@requires()
def list_all() -> str:
    """My subscriptions and the form for a new one."""
    return _page(FormView(), set())


def _page(form: FormView, ticked: set[str]) -> str:
    return render_template(
        "pages/webhooks/list.html",
        form=form,
        ticked=ticked,
        labels={name: gettext(g.locale, words) for name, words in LABELS.items()},
        webhooks=user_webhooks(g.session, g.user.key),
        kinds=[(kind, gettext(g.locale, words)) for kind, words in WEBHOOK_KINDS.items() if kind != "ping"],
    )


@bp.post("")
@requires()
@sensitive
def make() -> Response:
    """Subscribe; 422 for what is no address of the internet, or without an event."""
    ticked = request.form.getlist("kinds")
    private = current_app.config["SETTINGS"].webhook_private
    try:
        url, kinds = parse_webhook(request.form, ticked, allows_private=private)
        row = add_webhook(g.session, g.user, url=url, kinds=kinds, now=g.now)
    except InvalidInput as error:
        labels = {name: gettext(g.locale, words) for name, words in LABELS.items()}
        return make_response(_page(rejected(error, request.form, labels), set(ticked)), 422)
    record(g.session, actor=g.user, action="webhook.made", subject=row, details={"kinds": row.kinds})
    g.session.commit()
    return _to(row, N_("已订阅。先发一次测试，看对方收不收得到。"))


@bp.get("/<id:webhook_id>")
@requires()
def show(webhook_id: int) -> str:
    """One subscription: its secret and what was delivered."""
    row = get_webhook(g.session, webhook_id, user_id=g.user.key)
    return render_template(
        "pages/webhooks/show.html",
        webhook=row,
        secret=secret_of(row, get_secret_key(current_app.config["SETTINGS"])),
        deliveries=list_deliveries(g.session, row.key, limit=N_SHOWN),
        n_shown=N_SHOWN,
    )


@bp.post("/<id:webhook_id>/ping")
@requires()
def ping(webhook_id: int) -> Response:
    """Owe it a delivery that tells of nothing, to try the way."""
    row = get_webhook(g.session, webhook_id, user_id=g.user.key)
    if row.ended_at is not None:
        raise InvalidTransition(N_("这个订阅已经停了。"))
    owe(g.session, row, EventKind.PING, Event(f"ping:{uuid.uuid4().hex}", g.now, {}), now=g.now)
    g.session.commit()
    return _to(row, N_("已排上队，一分钟内送出。"))


@bp.post("/<id:webhook_id>/deliveries/<id:delivery_id>/replay")
@requires()
def send_again(webhook_id: int, delivery_id: int) -> Response:
    """Deliver one event once more."""
    row = get_webhook(g.session, webhook_id, user_id=g.user.key)
    again = replay(g.session, get_delivery(g.session, delivery_id, row), now=g.now)
    record(g.session, actor=g.user, action="webhook.replayed", subject=again)
    g.session.commit()
    return _to(row, N_("已排上队，一分钟内送出。"))


@bp.post("/<id:webhook_id>/end")
@requires()
def end(webhook_id: int) -> Response:
    """Tell it nothing more."""
    row = get_webhook(g.session, webhook_id, user_id=g.user.key)
    row.end(g.now, reason="removed")
    record(g.session, actor=g.user, action="webhook.ended", subject=row)
    g.session.commit()
    return _to(row, N_("已停止订阅。"))


def _to(row: Webhook, words: str) -> Response:
    flash({"words": gettext(g.locale, words)})
    return redirect(url_for("webhooks.show", webhook_id=row.key), code=303)  # type: ignore[return-value]
