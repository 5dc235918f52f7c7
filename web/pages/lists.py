"""Batches for everybody: the calendar, each released list, and its frozen files with their hashes."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template
from sqlalchemy.orm import joinedload
from sqlmodel import col, select

from models.batch import get_batch, list_batches
from models.batch_list import MEDIA_TYPES, ListFormat, get_file, list_files
from models.rubric import locked_hashes
from models.scenario import Scenario, published
from models.texts import storable
from web.auth import public
from web.chips import scenario_chip

bp = Blueprint("lists", __name__, url_prefix="/lists")


@bp.get("")
@public
def list_all() -> str:
    """Every batch: those to come with their calendar, those that are out with their list."""
    batches = list_batches(g.session)
    return render_template(
        "pages/lists/list.html",
        coming=[row for row in batches if row.released_at is None],
        released=[row for row in batches if row.released_at is not None],
    )


@bp.get("/<number>")
@public
def show(number: str) -> str:
    """One batch. Before its release its calendar only: nobody sees what is in it."""
    batch = get_batch(g.session, storable(number))
    released = batch.released_at is not None
    rows = _scenarios(batch.key) if released else []
    stored = list_files(g.session, batch.key)
    return render_template(
        "pages/lists/show.html",
        batch=batch,
        scenarios=rows,
        chips={row.key: scenario_chip(row, g.locale, today=g.today) for row in rows},
        files=stored,
        hashes=locked_hashes(g.session, [row.key for row in rows]),
        lacks_pdf=bool(stored) and all(row.format is not ListFormat.PDF for row in stored),
    )


@bp.get("/<number>/list.<kind>")
@public
def download(number: str, kind: str) -> Response:
    """The frozen list in one form, byte for byte as it was kept; its hash is the ETag."""
    batch = get_batch(g.session, storable(number))
    row = get_file(g.session, batch, kind)
    answer = Response(row.content, content_type=MEDIA_TYPES[row.format])
    answer.set_etag(row.sha256)
    answer.headers["Content-Disposition"] = f'attachment; filename="{batch.number}.{row.format.value}"'
    return answer


def _scenarios(batch_id: int) -> list[Scenario]:
    statement = (
        select(Scenario)
        .where(col(Scenario.batch_id) == batch_id, published())
        .options(joinedload(Scenario.organisation))
        .order_by(col(Scenario.number))
    )
    return list(g.session.exec(statement).all())
