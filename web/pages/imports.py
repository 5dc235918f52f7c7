"""Lists from files: upload, columns, dry run, import, undo. The rows go the same way as those of the command.

Agencies bring their own scenarios, firms their own capabilities, operators anybody's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

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
from sqlmodel import col, select

from models.audit import record
from models.errors import InvalidInput, NotFound
from models.files import file_path, store_list
from models.i18n import N_, gettext, is_translated
from models.import_run import (
    ImportRun,
    ImportScope,
    get_import,
    list_imports,
    lock_import,
    remembered_columns,
)
from models.transfer_run import carry_out, options_of, read_columns, try_out, with_journal
from models.transfer_undo import CHANGED, GONE, USED, undo_import
from models.user import Role, User
from web.auth import my_organisation_id, requires
from web.forms.imports import ColumnsForm, UploadForm, chosen_fields
from web.forms.parsing import parse
from web.forms.view import FormView
from web.frame import READS_IMPORTS
from web.paging import page_number, paginate
from web.presenters.imports import field_choices, field_words, template_csv, template_workbook
from web.uploads import files_dir, get_sent, read_sent, upload_limit

bp = Blueprint("imports", __name__, url_prefix="/imports")

RUNS_MARKET = (Role.OPERATOR, Role.ADMIN)
IMPORTERS = READS_IMPORTS

KINDS = {"scenarios": N_("场景"), "capabilities": N_("能力")}
WHY_KEPT = {
    CHANGED: N_("导入以后改过"),
    USED: N_("已经有人用到（收藏、邀请、意向、标注或试点）"),
    GONE: N_("已经不在了"),
}
TEMPLATES = {
    "xlsx": (template_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (template_csv, "text/csv; charset=utf-8"),
}


@bp.get("")
@requires(*IMPORTERS)
def list_all() -> str:
    """The upload, and what was imported before."""
    return _list_page(FormView())


def _list_page(form: FormView) -> str:
    page = paginate(list_imports(g.session, my_scope()), page_number(request.args.get("page", "1")))
    people = {row.user_id for row in page.rows}
    statement = select(User).where(col(User.id).in_(people))
    return render_template(
        "pages/imports/list.html",
        page=page,
        people={person.key: person.name for person in g.session.exec(statement)},
        form=form,
        kinds=kinds_of_mine(),
        all_kinds=KINDS,
        is_operator=_runs_market(),
        may_release=any(map(may_release, kinds_of_mine())),
        megabytes=current_app.config["SETTINGS"].upload_max_bytes // 1_000_000,
    )


def _runs_market() -> bool:
    """Whether the person brings in lists of others, of the city or of a district."""
    return any(g.user.has_role(role) for role in RUNS_MARKET)


def my_scope() -> ImportScope:
    """Whose imports: my organisation's; all for those who run the city's market; for a district's, their own, of owners
    in the district.
    """
    if not _runs_market():
        return ImportScope(organisation_id=my_organisation_id())
    here = g.user.districts(*RUNS_MARKET)
    return ImportScope() if here is None else ImportScope(user_id=g.user.key, district_ids=here)


def kinds_of_mine() -> dict[str, str]:
    """The kinds of lists this person may bring in."""
    if _runs_market():
        return KINDS
    may = {"scenarios": Role.AGENCY, "capabilities": Role.STARTUP}
    return {kind: words for kind, words in KINDS.items() if g.user.has_role(may[kind])}


def may_release(kind: str) -> bool:
    """Whether a list may be published as it comes in; agencies look at each scenario before they publish it."""
    return _runs_market() or (kind == "capabilities" and g.user.has_role(Role.STARTUP))


@bp.post("")
@requires(*IMPORTERS)
def upload() -> Response:
    """Keep the file, guess its columns, try it out."""
    try:
        form = parse(UploadForm, request.form)
        if form.kind not in kinds_of_mine():
            raise InvalidInput(N_("这类清单不由你导入。"), fields={"kind": N_("这类清单不由你导入。")})
        run = _new_run(form)
        _read(run, folder := files_dir())
        report, problem = try_out(g.session, run, file_path(folder, run.file_hash), _options(run))
    except InvalidInput as error:
        return make_response(_list_page(_refused(error)), 422)
    run.report, run.problem = report, problem
    record(g.session, actor=g.user, action="import.uploaded", subject=run)
    g.session.commit()
    return _to(run)


def _new_run(form: UploadForm) -> ImportRun:
    sent = get_sent()
    stored = store_list(files_dir(), sent.filename or "", read_sent(sent), max_bytes=upload_limit())
    home = my_scope().organisation_id
    return ImportRun(
        user_id=g.user.key,
        organisation_id=home,
        owner_name=" ".join(form.owner.split()) if home is None else g.user.organisation.name,
        kind=form.kind,
        file_name=stored.name,
        file_hash=stored.digest,
        file_size=stored.size,
        release=form.release and may_release(form.kind),
        created_at=g.now,
    )


def _read(run: ImportRun, folder: Path) -> None:
    known = remembered_columns(g.session, run.kind, organisation_id=run.organisation_id)
    options = replace(_options(run), mapping=known)
    # Reading a file takes seconds; nobody else waits for the database meanwhile.
    g.session.rollback()
    read_columns(run, folder, remembered=known, options=options)


def _options(run: ImportRun) -> Any:
    return options_of(
        run,
        now=g.now,
        today=g.today,
        max_bytes=current_app.config["SETTINGS"].upload_max_bytes,
        district_ids=my_scope().district_ids,
    )


def _refused(error: InvalidInput) -> FormView:
    """The form again. A sentence about the file with values of its own in it has no translation and stays as it is."""
    errors = {name: gettext(g.locale, words) for name, words in error.fields.items()}
    return FormView(typed=dict(request.form), errors=errors or {"file": _said(error.message)})


def _said(sentence: str) -> str:
    # A catalogue keeps its own header under the empty sentence.
    known = sentence and is_translated(g.locale, sentence)
    return gettext(g.locale, sentence) if known else sentence


@bp.get("/<id:import_id>")
@requires(*IMPORTERS)
def show(import_id: int) -> str:
    """One list: its columns and what importing it would do; or what it did, and the way back."""
    run = get_import(g.session, import_id, my_scope())
    return render_template(
        "pages/imports/show.html",
        run=run,
        problem=_said(run.problem),
        kind_words=KINDS[run.kind],
        fields=field_choices(run.kind, g.locale),
        field_words=lambda name: field_words(name, g.locale),
        shown=_shown_fields(run),
        may_release=may_release(run.kind),
        may_import=not run.problem and _n_importable(run) > 0,
        why_kept=WHY_KEPT,
        who=g.session.get(User, run.user_id),
    )


def _shown_fields(run: ImportRun) -> list[str]:
    chosen = set(run.mapping.values())
    return [name for name, _ in field_choices(run.kind, g.locale) if name in chosen]


def _n_importable(run: ImportRun) -> int:
    counts = run.report.get("counts", {})
    return sum(counts.get(name, 0) for name in ("created", "updated", "unchanged"))


@bp.post("/<id:import_id>/columns")
@requires(*IMPORTERS)
def correct(import_id: int) -> Response:
    """Take the columns, the sheet and the release as chosen, and try the list out again."""
    run = get_import(g.session, import_id, my_scope())
    run.refuse_if_imported()
    form = parse(ColumnsForm, request.form)
    draft = ImportRun(**{name: getattr(run, name) for name in ImportRun.model_fields if name != "id"})
    draft.release = form.release and may_release(run.kind)
    if form.table in run.tables and form.table != run.table_name:
        draft.table_name = form.table
        _read(draft, files_dir())
    else:
        names = [column["name"] for column in run.columns]
        draft.mapping = chosen_fields(names, dict(request.form), run.kind)
    report, problem = try_out(g.session, draft, file_path(files_dir(), draft.file_hash), _options(draft))
    run = get_import(g.session, import_id, my_scope())
    lock_import(g.session, run)
    run.refuse_if_imported()
    for name in ("release", "table_name", "columns", "mapping"):
        setattr(run, name, getattr(draft, name))
    run.report, run.problem = report, problem
    record(g.session, actor=g.user, action="import.corrected", subject=run)
    g.session.commit()
    return _to(run)


@bp.post("/<id:import_id>/run")
@requires(*IMPORTERS)
def carry(import_id: int) -> Response:
    """Bring the rows in, all that can be, in one transaction."""
    run = get_import(g.session, import_id, my_scope())
    run.refuse_if_imported()
    if run.problem:
        raise InvalidInput(N_("先把列对好，再导入。"))
    options = with_journal(_options(run), g.session, run)
    carry_out(g.session, run, file_path(files_dir(), run.file_hash), options)
    record(g.session, actor=g.user, action="import.done", subject=run, details=run.report["counts"])
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已导入。"))})
    return _to(run)


@bp.post("/<id:import_id>/undo")
@requires(*IMPORTERS)
def undo(import_id: int) -> Response:
    """Take the whole import back, but for rows that somebody changed or used since."""
    run = get_import(g.session, import_id, my_scope())
    lock_import(g.session, run)
    run.refuse_if_not_undoable()
    report = undo_import(g.session, run, now=g.now)
    run.mark_undone(g.now, g.user, report)
    record(
        g.session, actor=g.user, action="import.undone", subject=run,
        details={**{name: report[name] for name in ("deleted", "restored", "taken_down")}, "kept": len(report["kept"])},
    )  # fmt: skip
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已撤销这次导入。"))})
    return _to(run)


@bp.get("/template-<kind>.<ending>")
@requires(*IMPORTERS)
def template(kind: str, ending: str) -> Response:
    """An empty list to fill in, in the reader's language."""
    if kind not in KINDS or ending not in TEMPLATES:
        raise NotFound(N_("没有这份模板。"))
    make, media_type = TEMPLATES[ending]
    answer = Response(make(kind, g.locale), content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}.{ending}"'
    return answer


def _to(run: ImportRun) -> Response:
    return redirect(url_for("imports.show", import_id=run.key), code=303)  # type: ignore[return-value]
