"""Files of a proposal: put there and taken off by the firm, read by whoever may read the proposal."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    url_for,
)

from models.audit import record
from models.base import find_row
from models.bid import Bid, find_version, is_opened, refuse_unless_open
from models.bid_file import BidFile, add_file, get_file, remove_file
from models.errors import InvalidInput, NotFound
from models.i18n import N_, gettext
from models.jury import find_jury, get_juror
from models.user import Role
from web.auth import requires
from web.forms.bids import typed_of
from web.forms.view import rejected
from web.pages.bids import form_page, my_bid
from web.uploads import as_download, get_sent, store_sent

bp = Blueprint("bid_files", __name__, url_prefix="/bids/<id:bid_id>/files")


@bp.post("")
@requires(Role.STARTUP)
def add(bid_id: int) -> Response:
    """Keep a file: size and kind checked, stored by its hash, never by the name it came with."""
    bid = my_bid(bid_id)
    refuse_unless_open(bid.scenario, on=g.today)
    try:
        row = _store(bid)
    except InvalidInput as error:
        view = rejected(error, typed_of(bid.content), {"file": gettext(g.locale, N_("文件"))})
        return make_response(form_page(bid, view), 422)
    record(g.session, actor=g.user, action="bid.file_added", subject=row, details={"bid_id": bid.key})
    g.session.commit()
    flash({"words": gettext(g.locale, N_("文件已放进方案，提交时一起交。"))})
    return _back(bid)


def _store(bid: Bid) -> BidFile:
    return add_file(g.session, bid.key, store_sent(get_sent()), by=g.user, now=g.now)


@bp.post("/<id:file_id>/remove")
@requires(Role.STARTUP)
def remove(bid_id: int, file_id: int) -> Response:
    """Take a file off; what was handed in with it keeps it."""
    bid = my_bid(bid_id)
    refuse_unless_open(bid.scenario, on=g.today)
    row = get_file(g.session, file_id, bid_id=bid.key)
    remove_file(row, g.now)
    record(g.session, actor=g.user, action="bid.file_removed", subject=row, details={"bid_id": bid.key})
    g.session.commit()
    flash({"words": gettext(g.locale, N_("文件已拿掉。"))})
    return _back(bid)


@bp.get("/<id:file_id>")
@requires(Role.STARTUP, Role.AGENCY, Role.EVALUATOR)
def download(bid_id: int, file_id: int) -> Response:
    """A file as it was uploaded: always a download, never shown by the browser as a page of ours."""
    bid = _readable(bid_id, file_id)
    row = get_file(g.session, file_id, bid_id=bid.key)
    return as_download(row.file_hash, row.file_name)


def _readable(bid_id: int, file_id: int) -> Bid:
    """The proposal, if the reader may have this file of it: its firm; after the opening, agency and panel, what was
    handed in last.
    """
    bid = find_row(g.session, Bid, bid_id)
    if bid is None:
        raise NotFound(N_("没有这份方案。"))
    if g.user.organisation_id == bid.organisation_id and g.user.has_role(Role.STARTUP):
        return bid
    version = find_version(g.session, bid.key)
    handed_in = version is not None and any(row["id"] == file_id for row in version.content["files"])
    if not handed_in or not is_opened(bid.scenario, g.today) or not _judges(bid):
        raise NotFound(N_("没有这份方案。"))
    return bid


def _judges(bid: Bid) -> bool:
    if g.user.has_role(Role.AGENCY) and g.user.organisation_id == bid.scenario.organisation_id:
        return True
    jury = find_jury(g.session, bid.scenario_id)
    if jury is None or bid.withdrawn_at is not None:
        return False
    return get_juror(g.session, jury.key, user_id=g.user.key).declared_at is not None


def _back(bid: Bid) -> Response:
    return redirect(url_for("bids.edit", bid_id=bid.key) + "#files", code=303)  # type: ignore[return-value]
