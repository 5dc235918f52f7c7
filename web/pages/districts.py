"""Districts for operators: what lies in each, and the programmes of its own (区专项方案)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record, subject_events
from models.district_programme import DistrictProgramme, get_programme, list_programmes
from models.errors import InvalidInput, NotAllowed
from models.i18n import N_, gettext
from models.place import District, add_district, get_district, list_districts
from web.auth import requires
from web.forms.parsing import parse
from web.forms.places import DistrictForm, NewDistrictForm, ProgrammeForm
from web.forms.view import FormView, rejected
from web.frame import ADMITS
from web.tables import Columns, asked_table
from web.tallies import district_tallies

bp = Blueprint("districts", __name__, url_prefix="/districts")

LABELS = {"name": N_("名称"), "name_en": N_("英文名称"), "code": N_("代码"), "city": N_("城市")}
PROGRAMME_LABELS = {
    "title": N_("方案名称"),
    "document_number": N_("文号"),
    "summary": N_("支持什么"),
    "url": N_("原文网址"),
    "valid_from_on": N_("生效日期"),
    "valid_until_on": N_("失效日期"),
}
N_EVENTS = 20


@bp.get("")
@requires(*ADMITS)
def list_all() -> str | Response:
    """Every district with what lies in it and its programmes."""
    here = g.user.districts(*ADMITS)
    rows = [row for row in list_districts(g.session) if here is None or row.key in here]
    tallies, programmes = district_tallies(g.session), _by_district()
    columns: Columns = (
        (N_("代码"), lambda row: row.code),
        (N_("区"), lambda row: row.name),
        (N_("社区"), lambda row: tallies[row.key].n_communities),
        (N_("需求单位"), lambda row: tallies[row.key].n_publishers),
        (N_("企业"), lambda row: tallies[row.key].n_firms),
        (N_("公开的场景"), lambda row: tallies[row.key].n_scenarios),
        (N_("专项方案"), lambda row: "; ".join(each.title for each in programmes.get(row.key, []))),
    )
    if (file := asked_table("districts", columns, lambda: rows)) is not None:
        return file
    return render_template(
        "pages/districts/list.html",
        rows=rows,
        tallies=tallies,
        programmes=programmes,
        is_citywide=here is None,
    )


def _by_district() -> dict[int, list[DistrictProgramme]]:
    found: dict[int, list[DistrictProgramme]] = {}
    for row in list_programmes(g.session):
        found.setdefault(row.district_id, []).append(row)
    return found


@bp.get("/new")
@requires(*ADMITS)
def new() -> str:
    """The form of a new district."""
    return _district_page(None, FormView())


@bp.post("")
@requires(*ADMITS)
def add() -> Response:
    """Register a district."""
    _refuse_unless_citywide()
    try:
        form = parse(NewDistrictForm, request.form)
        if any(row.code == form.code for row in list_districts(g.session)):
            raise InvalidInput(N_("有几处要改。"), fields={"code": N_("这个代码已经登记过。")})
    except InvalidInput as error:
        return make_response(_district_page(None, rejected(error, request.form, _words(LABELS))), 422)
    row = add_district(g.session, code=form.code, name=form.name, name_en=form.name_en, city=form.city)
    record(g.session, actor=g.user, action="district.added", subject=row)
    return _done(row, N_("区已登记。"))


@bp.get("/<id:district_id>")
@requires(*ADMITS)
def show(district_id: int) -> str:
    """One district: its names, its programmes, what was done."""
    row = _mine(district_id)
    typed = {name: getattr(row, name) for name in LABELS}
    return _district_page(row, FormView(typed=typed))


@bp.post("/<id:district_id>")
@requires(*ADMITS)
def change(district_id: int) -> Response:
    """Write its names down, with what they were."""
    row = _mine(district_id)
    try:
        form = parse(DistrictForm, request.form)
    except InvalidInput as error:
        return make_response(_district_page(row, rejected(error, request.form, _words(LABELS))), 422)
    if changes := _apply(row, form.model_dump()):
        record(g.session, actor=g.user, action="district.changed", subject=row, details=changes)
    return _done(row, N_("已保存。"))


@bp.get("/<id:district_id>/programmes/new")
@requires(*ADMITS)
def new_programme(district_id: int) -> str:
    """The form of a new programme."""
    return _programme_page(_mine(district_id), None, FormView())


@bp.post("/<id:district_id>/programmes")
@requires(*ADMITS)
def add_programme(district_id: int) -> Response:
    """Write a programme of the district down."""
    return _write_programme(_mine(district_id), None)


@bp.get("/<id:district_id>/programmes/<id:programme_id>")
@requires(*ADMITS)
def edit_programme(district_id: int, programme_id: int) -> str:
    """One programme as a form."""
    district, row = _mine(district_id), _programme(district_id, programme_id)
    typed = {name: "" if (value := getattr(row, name)) is None else str(value) for name in PROGRAMME_LABELS}
    return _programme_page(district, row, FormView(typed=typed))


@bp.post("/<id:district_id>/programmes/<id:programme_id>")
@requires(*ADMITS)
def change_programme(district_id: int, programme_id: int) -> Response:
    """Write the changes down, with what was there before."""
    return _write_programme(_mine(district_id), _programme(district_id, programme_id))


def _write_programme(district: District, row: DistrictProgramme | None) -> Response:
    try:
        form = parse(ProgrammeForm, request.form)
    except InvalidInput as error:
        view = rejected(error, request.form, _words(PROGRAMME_LABELS))
        return make_response(_programme_page(district, row, view), 422)
    if row is None:
        row = DistrictProgramme(district_id=district.key, **form.model_dump())
        record(g.session, actor=g.user, action="programme.added", subject=row)
    elif changes := _apply(row, form.model_dump()):
        record(g.session, actor=g.user, action="programme.changed", subject=row, details=changes)
    return _done(district, N_("专项方案已保存。"))


def _apply(row: District | DistrictProgramme, values: dict[str, Any]) -> dict[str, list[str]]:
    """Set the values; old and new of what differs, as text, for the audit entry."""
    changes = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            changes[name] = ["" if each is None else str(each) for each in (before, value)]
            setattr(row, name, value)
    return changes


def _district_page(row: District | None, form: FormView) -> str:
    return render_template(
        "pages/districts/show.html",
        row=row,
        form=form,
        labels=_words(LABELS),
        programmes=[] if row is None else _by_district().get(row.key, []),
        tally=None if row is None else district_tallies(g.session)[row.key],
        events=[] if row is None else subject_events(g.session, "district", row.key)[: -N_EVENTS - 1 : -1],
    )


def _programme_page(district: District, row: DistrictProgramme | None, form: FormView) -> str:
    events = [] if row is None else subject_events(g.session, "district_programme", row.key)
    return render_template(
        "pages/districts/programme.html",
        district=district,
        row=row,
        form=form,
        labels=_words(PROGRAMME_LABELS),
        events=events[: -N_EVENTS - 1 : -1],
    )


def _mine(district_id: int) -> District:
    return get_district(g.session, district_id, within=g.user.districts(*ADMITS))


def _programme(district_id: int, programme_id: int) -> DistrictProgramme:
    return get_programme(g.session, programme_id, district_ids=[district_id])


def _refuse_unless_citywide() -> None:
    if g.user.districts(*ADMITS) is not None:
        raise NotAllowed(N_("新的区由全市的管理员登记。"))


def _words(labels: dict[str, str]) -> dict[str, str]:
    return {name: gettext(g.locale, words) for name, words in labels.items()}


def _done(district: District, said: str) -> Response:
    g.session.commit()
    flash({"words": gettext(g.locale, said)})
    return redirect(url_for("districts.show", district_id=district.key), code=303)  # type: ignore[return-value]
