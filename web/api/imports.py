"""Scenarios and capabilities brought in by programs: a dry run first, an error for each row, upsert by the row's id.

The rows go the way of every list (models/transfer.py), so what may be brought in, changed and published is the same as
on the page, and so is taking it back there.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from flask import Blueprint, current_app, g, url_for
from pydantic import Field, StrictBool, StringConstraints

from models.api_token import Scope
from models.audit import record
from models.errors import InvalidInput, NotAllowed
from models.files import file_path, store_list
from models.i18n import N_
from models.import_run import ImportRun
from models.transfer import ImportOptions, ImportReport, import_file
from models.transfer_run import bring_in, options_of, read_columns
from web.api.declared import Asked, Clean, Endpoint, Given, declares
from web.auth import requires
from web.pages.imports import IMPORTERS, kinds_of_mine, may_release, my_scope
from web.uploads import files_dir

bp = Blueprint("api_imports", __name__, url_prefix="/api/v1/imports")

MAX_ROWS = 500
FILE_NAME = "api.jsonl"


class Rows(Asked):
    """Rows to bring in. Fields of a row are called as in the templates of the import page, in Chinese or English."""

    kind: Literal["scenarios", "capabilities"] = Field(description=N_("场景还是能力。"))
    rows: Annotated[list[dict[str, Any]], Clean] = Field(
        min_length=1,
        max_length=MAX_ROWS,
        description=N_("1 到 500 行；每行至少有 id 和 text，同一个 id 再来就是更新。字段名见导入页的模板。"),
    )
    dry_run: StrictBool = Field(default=False, description=N_("只试，不写入。"))
    release: StrictBool = Field(
        default=False, description=N_("写入后直接发布或上架；单位自己的场景要先看过再发布，不能这样写。")
    )
    owner: Annotated[str, StringConstraints(max_length=200), Clean] = Field(
        default="", description=N_("所有行是哪家的；只有运营方要写，别人的都算自己机构的。")
    )


class RowProblem(Given):
    """What is wrong with one row."""

    row: int = Field(description=N_("第几行，从 1 开始。"))
    field: str = Field(description=N_("哪个字段；空着是整行。"))
    message: str = Field(description=N_("哪里不对，用中文写。"))


class ImportRead(Given):
    """What was done, or would be."""

    dry_run: bool = Field(description=N_("是不是只试了一下。"))
    import_id: int | None = Field(description=N_("这次导入的编号；只试的没有。"))
    url: str | None = Field(description=N_("在哪里看这次导入、撤销它；只试的没有。"))
    created: int = Field(description=N_("新建几条。"))
    updated: int = Field(description=N_("更新几条。"))
    unchanged: int = Field(description=N_("没有变化的几条。"))
    rejected: int = Field(description=N_("没有写入的几条。"))
    errors: list[RowProblem] = Field(description=N_("每一行哪里不对。"))
    unknown_columns: list[str] = Field(description=N_("认不出来、没有用到的字段名。"))


@bp.post("")
@requires(*IMPORTERS)
@declares(
    Endpoint(
        summary=N_("导入场景或能力"),
        scope=Scope.WRITE,
        body=Rows,
        answer=ImportRead,
        problems=(400, 409, 415, 422),
        changes=True,
    )
)
def bring(body: Rows) -> ImportRead:
    """Bring rows in, all that can be; the others are listed with what is wrong."""
    if body.kind not in kinds_of_mine():
        raise NotAllowed(N_("这类清单不由你导入。"))
    return _tried(body) if body.dry_run else _brought(body)


def _tried(body: Rows) -> ImportRead:
    """What would happen; nothing stays, on disk neither."""
    with tempfile.TemporaryDirectory() as folder:
        run = _new_run(body, Path(folder))
        report = import_file(g.session, body.kind, file_path(Path(folder), run.file_hash), _options(run))
    answer = _answer(report)
    g.session.rollback()
    return answer


def _brought(body: Rows) -> ImportRead:
    folder = files_dir()
    run = _new_run(body, folder)
    report = bring_in(g.session, run, file_path(folder, run.file_hash), _options(run))
    record(g.session, actor=g.user, action="import.done", subject=run, details=run.report["counts"])
    return _answer(report, run)


def _new_run(body: Rows, folder: Path) -> ImportRun:
    """The run of these rows, its columns understood; the rows are in the folder."""
    limit = current_app.config["SETTINGS"].upload_max_bytes
    content = "\n".join(json.dumps(row) for row in body.rows).encode()
    stored = store_list(folder, FILE_NAME, content, max_bytes=limit)
    home = my_scope().organisation_id
    run = ImportRun(
        created_at=g.now,
        user_id=g.user.key,
        organisation_id=home,
        owner_name=" ".join(body.owner.split()) if home is None else g.user.organisation.name,
        kind=body.kind,
        file_name=FILE_NAME,
        file_hash=stored.digest,
        file_size=stored.size,
        release=body.release and may_release(body.kind),
    )
    if body.release and not run.release:
        words = N_("单位自己的场景要先看过再发布。")
        raise InvalidInput(words, fields={"release": words})
    read_columns(run, folder, remembered={}, options=_options(run))
    missing = {"id", "text"} - set(run.mapping.values())
    if missing:
        words = N_("没有一行写了 id 和 text，字段名对不上。")
        raise InvalidInput(words, fields={f"rows.{name}": words for name in sorted(missing)})
    return run


def _options(run: ImportRun) -> ImportOptions:
    return options_of(
        run,
        now=g.now,
        today=g.today,
        max_bytes=current_app.config["SETTINGS"].upload_max_bytes,
        district_ids=my_scope().district_ids,
    )


def _answer(report: ImportReport, run: ImportRun | None = None) -> ImportRead:
    return ImportRead(
        dry_run=run is None,
        import_id=None if run is None else run.key,
        url=None if run is None else url_for("imports.show", import_id=run.key, _external=True),
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        rejected=report.rejected,
        errors=[
            RowProblem(row=error.line, field=error.field, message=error.message) for error in report.errors
        ],
        unknown_columns=report.unknown_columns,
    )
