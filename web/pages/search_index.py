"""Health of the search index: which generation is in use, how far it is behind the database, when it was verified."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, url_for

from models.config import Settings
from models.job_schedule import find_scheduled_job
from models.work import RunStatus, WorkKind, latest_runs, open_work
from web.auth import requires
from web.frame import ADMITS
from web.pages.job_runs import ask_for_run, may_ask

bp = Blueprint("search_index", __name__, url_prefix="/search-index")

VERIFY = "verify_index"


@bp.get("")
@requires(*ADMITS)
def show() -> str:
    """What is on disk beside what the database holds, and what the last look inside found."""
    runs, failed = latest_runs(g.session), latest_runs(g.session, status=(RunStatus.FAILED,))
    verified = latest_runs(g.session, status=(RunStatus.OK,)).get(VERIFY)
    update = runs.get("reindex")
    wishes = open_work(g.session, WorkKind.RUN_JOB)
    return render_template(
        "pages/search_index/show.html",
        health=_health(current_app.config["SETTINGS"]),
        verified=verified,
        damaged=_after(failed.get(VERIFY), verified),
        updated_at=None if update is None else update.finished_at,
        is_asked=any(wish.payload.get("job") == VERIFY for wish in wishes),
        may_check=may_ask() and find_scheduled_job(g.session, VERIFY) is not None,
    )


@bp.post("/verify")
@requires(*ADMITS)
def verify() -> Response:
    """Ask for every file to be read and compared now."""
    ask_for_run(VERIFY)
    return redirect(url_for("search_index.show"), code=303)  # type: ignore[return-value]


def _health(settings: Settings) -> dict[str, Any]:
    from matcher.indexing import (  # here, because it brings the vector index with it
        index_health,
        load_documents,
    )
    from matcher.opened_index import OpenedIndex

    index = OpenedIndex(settings.index_dir, f"{settings.model}:{settings.model_dtype}")
    found = index_health(load_documents(g.session, on=g.today), index)
    for name in ("built_at", "changed_at"):
        if name in found:
            found[name] = datetime.fromisoformat(found[name])
    return found


def _after(failed: Any, verified: Any) -> Any:
    """The failed run, where no good one came after it."""
    return None if failed is None or (verified is not None and verified.key > failed.key) else failed
