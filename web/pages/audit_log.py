"""The audit for those who may read it: who did what to what, found by person, organisation, kind, period and words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, g, render_template, request

from models.audit_search import AuditQuestion, FoundEvent, count_events, find_events
from models.errors import InvalidInput
from models.i18n import N_, gettext
from models.texts import storable
from web.audit_labels import AUDIT_ACTIONS
from web.auth import requires
from web.frame import ADMITS
from web.labels import label
from web.paging import Page, page_number
from web.tables import Columns, asked_table

bp = Blueprint("audit_log", __name__, url_prefix="/audit")

PAGE_SIZE = 50
MAX_ROWS = 50_000
"""Of one file: more than a spreadsheet is read in, and than one answer should hold in memory."""
MAX_WORDS = 100
FIELDS = ("person", "organisation", "action", "text", "since", "until")


@bp.get("")
@requires(*ADMITS)
def search() -> str | Response:
    """The events that the address asks for; an operator of a district sees those of its organisations."""
    errors: dict[str, str] = {}
    asked = _asked(errors)
    n_rows = count_events(g.session, asked)
    if (file := asked_table("audit", COLUMNS, lambda: _all(asked, n_rows))) is not None:
        return file
    n_pages = max(1, -(-n_rows // PAGE_SIZE))
    number = min(page_number(request.args.get("page", "1")), n_pages)
    rows = find_events(g.session, asked, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return render_template(
        "pages/audit_log/search.html",
        page=Page(rows, number, n_pages, n_rows, PAGE_SIZE),
        typed={
            name: request.args.get(name, "")
            for name in ("person", "organisation", "action", "text", "since", "until")
        },
        errors=errors,
        actions=sorted((code, label("audit_action", code, g.locale)) for code in AUDIT_ACTIONS),
        values=values_text,
        is_citywide=asked.district_ids is None,
    )


def _asked(errors: dict[str, str]) -> AuditQuestion:
    """The question in the address; a day that is none is left out, and said to be wrong in `errors`."""
    since, until = _day("since", errors), _day("until", errors)
    return AuditQuestion(
        person=_words("person"),
        organisation=_words("organisation"),
        action=_words("action"),
        text=_words("text"),
        since=None if since is None else _begins(since),
        until=None if until is None else _begins(until + timedelta(days=1)),
        district_ids=g.user.districts(*ADMITS),
    )


def _words(name: str) -> str:
    return storable(request.args.get(name, ""))[:MAX_WORDS].strip()


def _day(name: str, errors: dict[str, str]) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    # The last days of the calendar have no next one.
    if found is None or not date(1900, 1, 1) <= found <= date(9000, 1, 1):
        errors[name] = gettext(g.locale, N_("要写一个日期，例如 2027-04-10。"))
        return None
    return found


def _begins(on: date) -> datetime:
    """The first moment of a day on the reader's clock."""
    return datetime.combine(on, time(), tzinfo=g.zone).astimezone(UTC)


def _all(asked: AuditQuestion, n_rows: int) -> list[FoundEvent]:
    if n_rows > MAX_ROWS:
        raise InvalidInput(N_("超过 5 万条，一个文件放不下；请把期间缩短。"))
    return find_events(g.session, asked, offset=0, limit=MAX_ROWS)


def values_text(details: dict[str, object]) -> str:
    """The values kept with an event, as one line."""
    return json.dumps(details, ensure_ascii=False) if details else ""


COLUMNS: Columns = (
    (N_("时间"), lambda row: row.event.created_at),
    (N_("人"), lambda row: row.person),
    (N_("机构"), lambda row: row.organisation),
    (N_("做了什么"), lambda row: label("audit_action", row.event.action, g.locale)),
    (N_("代码"), lambda row: row.event.action),
    (N_("对什么"), lambda row: label("audit_subject", row.event.subject_kind, g.locale)),
    (N_("编号"), lambda row: row.event.subject_id),
    (N_("值"), lambda row: values_text(row.event.details)),
)
