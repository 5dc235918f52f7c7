"""Funding records: what the city's rules could give to a pilot, clause by clause. Read-only; a job writes them."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request

from models.errors import NotFound
from models.evidence import pilot_evidence
from models.funding_record import FundingRecord, record_history
from models.funding_replay import replay
from models.i18n import N_
from models.user import Role
from web.auth import my_organisation_id, requires
from web.frame import READS_FUNDING
from web.list_columns import FUNDING_COLUMNS
from web.pages.pilots import pilot_chain
from web.paging import page_number, paginate
from web.presenters.funding import present_line, present_lines, present_record
from web.tables import asked_table
from web.tallies import load_records, loaded_records

bp = Blueprint("funding", __name__)

READERS = (Role.AGENCY, Role.STARTUP, *READS_FUNDING)


@bp.get("/funding")
@requires(*READERS)
def list_all() -> str | Response:
    """The records nothing replaces: mine, or every one for officers."""
    verdict = request.args.get("verdict", "")
    lines = present_lines(loaded_records(g.session, organisation_id=_scope()), g.locale)
    sizes = [(name, sum(line.verdict == name for line in lines)) for name in ("met", "unknown", "unmet")]
    shown = [line for line in lines if verdict in ("", line.verdict)]
    if (file := asked_table("funding", FUNDING_COLUMNS, lambda: shown)) is not None:
        return file
    page = paginate(shown, page_number(request.args.get("page", "1")))
    return render_template(
        "pages/funding/list.html",
        page=page,
        verdict=verdict,
        sizes=[(name, n) for name, n in sizes if n],
        n_all=len(lines),
        officer=_scope() is None,
    )


def _scope() -> int | None:
    """Whose records: the organisation of a party, None for officers, who see all."""
    if any(g.user.has_role(role) for role in READS_FUNDING):
        return None
    return my_organisation_id()


@bp.get("/funding/<id:record_id>")
@requires(*READERS)
def show(record_id: int) -> str:
    """One record: the chain, every clause with its evidence and source, the sum as a range."""
    found = load_records(g.session, [record_id])
    if not found or not _may_read(found[0]):
        raise NotFound(N_("没有这条资金记录。"))
    row = found[0]
    evidence = pilot_evidence(g.session, row.pilot_id)
    view = present_record(row, g.locale, today=g.today)
    return render_template(
        "pages/funding/show.html",
        view=view,
        pilot=row.pilot,
        replayed=replay(row),
        chain=pilot_chain(row.pilot, evidence, [view.line]),
        evidence={item.key: item for item in evidence},
        history=[present_line(item, g.locale) for item in _history(row)],
    )


def _may_read(row: FundingRecord) -> bool:
    scope = _scope()
    return scope is None or scope in (row.pilot.organisation_id, row.pilot.scenario.organisation_id)


def _history(row: FundingRecord) -> list[FundingRecord]:
    others = [
        item.key for item in record_history(g.session, row.pilot_id, row.programme) if item.id != row.id
    ]
    return load_records(g.session, others)
