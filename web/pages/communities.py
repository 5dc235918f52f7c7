"""Communities (OPC社区) for those who recognise them: the register, one community, and how far the plan is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record, subject_events
from models.errors import InvalidInput, NotAllowed, NotFound
from models.i18n import N_, gettext
from models.place import (
    Community,
    District,
    RecognitionState,
    get_community,
    list_communities,
    list_districts,
    write_community,
)
from models.plan_target import (
    PlanMeasure,
    PlanTarget,
    counts_as_large,
    firms_by_community,
    plan_targets,
    standings,
)
from web.auth import requires
from web.forms.parsing import parse
from web.forms.places import CommunityForm, TargetsForm
from web.forms.view import FormView, rejected
from web.frame import ADMITS
from web.labels import label
from web.tables import Columns, asked_table

bp = Blueprint("communities", __name__, url_prefix="/communities")

LABELS = {
    "name": N_("名称"),
    "name_en": N_("英文名称"),
    "code": N_("代码"),
    "district_id": N_("所在区"),
    "area_m2": N_("面积（平方米）"),
    "capacity": N_("可容纳企业"),
    "applied_on": N_("申报日期"),
    "recognised_on": N_("认定日期"),
    "revoked_on": N_("取消日期"),
    "source": N_("依据"),
}
TARGET_LABELS = {
    "communities": N_("社区（个）"),
    "least_area": N_("一个社区至少（平方米）"),
    "area": N_("总面积（平方米）"),
    "firms": N_("企业（家）"),
    "people": N_("人才（人）"),
    "due_on": N_("到哪一天"),
    "source": N_("依据"),
}
N_EVENTS = 20


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A community as the register shows it. is_small: recognised, but below the area the plan asks for."""

    row: Community
    district: District
    n_firms: int
    is_small: bool


@bp.get("")
@requires(*ADMITS)
def list_all() -> str | Response:
    """The register, narrowed by state and district, under the figures of the plan."""
    everything = list_communities(g.session)
    lines = _lines(everything)
    state, district = request.args.get("state", ""), request.args.get("district", "")
    shown = [
        line
        for line in lines
        if state in ("", line.row.recognition.value) and district in ("", line.district.code)
    ]
    if (file := asked_table("communities", COLUMNS, lambda: shown)) is not None:
        return file
    return _page(FormView(), everything, lines, shown)


def _page(
    form: FormView, everything: list[Community], lines: list[CommunityLine], shown: list[CommunityLine]
) -> str:
    return render_template(
        "pages/communities/list.html",
        lines=shown,
        counts={state.value: _count(lines, state) for state in RecognitionState},
        n_all=len(lines),
        state=request.args.get("state", ""),
        district=request.args.get("district", ""),
        districts=list_districts(g.session),
        standings=standings(g.session, everything),
        least=plan_targets(g.session).get(PlanMeasure.LEAST_AREA),
        form=form,
        labels=_words(TARGET_LABELS),
        is_citywide=g.user.districts(*ADMITS) is None,
    )


def _lines(rows: list[Community]) -> list[CommunityLine]:
    """Communities with their districts and firms, by district and code."""
    districts = {row.key: row for row in list_districts(g.session)}
    firms, targets = firms_by_community(g.session), plan_targets(g.session)
    least = targets.get(PlanMeasure.LEAST_AREA)
    least_m2 = None if least is None else least.wanted
    lines = [
        CommunityLine(
            row,
            districts[row.district_id],
            firms.get(row.key, 0),
            row.recognition is RecognitionState.RECOGNISED and not counts_as_large(row, least_m2),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.district.code, line.row.code))


def _count(lines: list[CommunityLine], state: RecognitionState) -> int:
    return sum(line.row.recognition is state for line in lines)


COLUMNS: Columns = (
    (N_("代码"), lambda line: line.row.code),
    (N_("社区"), lambda line: line.row.name),
    (N_("英文名称"), lambda line: line.row.name_en),
    (N_("区"), lambda line: line.district.name),
    (N_("认定状态"), lambda line: label("recognition_state", line.row.recognition.value, g.locale)),
    (N_("申报日期"), lambda line: line.row.applied_on),
    (N_("认定日期"), lambda line: line.row.recognised_on),
    (N_("取消日期"), lambda line: line.row.revoked_on),
    (N_("面积（平方米）"), lambda line: line.row.area_m2),
    (N_("可容纳企业"), lambda line: line.row.capacity),
    (N_("入驻企业"), lambda line: line.n_firms),
    (N_("依据"), lambda line: line.row.source),
)


@bp.post("/targets")
@requires(*ADMITS)
def set_targets() -> Response:
    """Write the figures of the plan down; an empty one is taken away."""
    if g.user.districts(*ADMITS) is not None:
        raise NotAllowed(N_("计划目标由全市的管理员填写。"))
    try:
        form = parse(TargetsForm, request.form)
    except InvalidInput as error:
        everything = list_communities(g.session)
        lines = _lines(everything)
        view = rejected(error, request.form, _words(TARGET_LABELS))
        return make_response(_page(view, everything, lines, lines), 422)
    known = plan_targets(g.session)
    for measure in PlanMeasure:
        _set_target(known.get(measure), measure, getattr(form, measure.value), form)
    return _done(url_for("communities.list_all"), N_("计划目标已保存。"))


def _set_target(row: PlanTarget | None, measure: PlanMeasure, wanted: int | None, form: TargetsForm) -> None:
    """One figure as the form says, with an audit entry where it changes."""
    before = None if row is None else (row.wanted, row.due_on, row.source)
    after = None if wanted is None else (wanted, form.due_on, form.source)
    if before == after:
        return
    row = row or PlanTarget(measure=measure, wanted=1)
    if wanted is not None:
        row.wanted, row.due_on, row.source = wanted, form.due_on, form.source
    details = {"measure": measure.value, "wanted": [None if before is None else before[0], wanted]}
    record(g.session, actor=g.user, action="plan_target.set", subject=row, details=details)
    if wanted is None:
        g.session.delete(row)


@bp.get("/new")
@requires(*ADMITS)
def new() -> str:
    """The form of a new community."""
    return _form_page(None, FormView())


@bp.post("")
@requires(*ADMITS)
def add() -> Response:
    """Register a community."""
    return _write(None)


@bp.get("/<id:community_id>")
@requires(*ADMITS)
def edit(community_id: int) -> str:
    """One community as a form, and what was done to it."""
    row = get_community(g.session, community_id, district_ids=g.user.districts(*ADMITS))
    typed = {name: "" if (value := getattr(row, name)) is None else str(value) for name in LABELS}
    return _form_page(row, FormView(typed=typed))


@bp.post("/<id:community_id>")
@requires(*ADMITS)
def change(community_id: int) -> Response:
    """Write the changes down, with what was there before."""
    return _write(get_community(g.session, community_id, district_ids=g.user.districts(*ADMITS)))


def _write(row: Community | None) -> Response:
    here = g.user.districts(*ADMITS)
    try:
        form = parse(CommunityForm, request.form)
        if form.district_id not in {district.key for district in _districts()}:
            raise InvalidInput(N_("有几处要改。"), fields={"district_id": N_("请从列表中选一项。")})
        written, changes = write_community(g.session, form.fields(), row)
    except InvalidInput as error:
        g.session.rollback()
        view = rejected(error, request.form, _words(LABELS))
        known = None if row is None else get_community(g.session, row.key, district_ids=here)
        return make_response(_form_page(known, view), 422)
    if row is None or changes:
        action = "community.added" if row is None else "community.changed"
        record(g.session, actor=g.user, action=action, subject=written, details=changes)
    said = N_("社区已登记。") if row is None else N_("已保存。")
    return _done(url_for("communities.edit", community_id=written.key), said)


def _districts() -> list[District]:
    """Where this person may register communities."""
    here = g.user.districts(*ADMITS)
    return [row for row in list_districts(g.session) if here is None or row.key in here]


def _form_page(row: Community | None, form: FormView) -> str:
    districts = _districts()
    if not districts:
        raise NotFound(N_("还没有登记过区，先登记区再登记社区。"))
    zh = g.locale == "zh"
    return render_template(
        "pages/communities/edit.html",
        row=row,
        form=form,
        labels=_words(LABELS),
        districts=[(str(each.key), each.name if zh else each.name_en or each.name) for each in districts],
        n_firms=0 if row is None else firms_by_community(g.session).get(row.key, 0),
        events=[] if row is None else subject_events(g.session, "community", row.key)[: -N_EVENTS - 1 : -1],
    )


def _words(labels: dict[str, str]) -> dict[str, str]:
    return {name: gettext(g.locale, words) for name, words in labels.items()}


def _done(address: str, said: str) -> Response:
    g.session.commit()
    flash({"words": gettext(g.locale, said)})
    return redirect(address, code=303)  # type: ignore[return-value]
