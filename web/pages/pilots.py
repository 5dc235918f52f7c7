"""Pilots: the list, one pilot with its chain and documents, and the plan the agency writes."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
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
from models.capability import Capability
from models.errors import InvalidInput, NotAllowed, NotFound
from models.evidence import Evidence, pilot_evidence
from models.files import ACCEPTED_SUFFIXES
from models.funding_rule import FundingKind, rules_in_force
from models.i18n import N_, gettext
from models.match import Match
from models.match_queries import get_match
from models.pilot import Pilot, PilotStatus, find_pilot, get_pilot, make_pilot, organisation_pilots
from models.user import Role, User
from web.auth import my_organisation_id, requires
from web.chain import ChainFacts, ChainStep, build_chain
from web.chips import Side, pilot_chip
from web.forms.parsing import FEN_PER_WAN, parse
from web.forms.pilots import PilotForm
from web.forms.view import FormView, rejected
from web.frame import READS_FUNDING
from web.labels import EVIDENCE_KINDS, label
from web.list_columns import PILOT_COLUMNS
from web.owed import evidence_kinds
from web.pages.home import load_pilots
from web.paging import page_number, paginate
from web.presenters.funding import RecordLine, present_lines, rule_title
from web.presenters.pilots import pilot_records
from web.tables import asked_table
from web.tallies import loaded_records
from web.uploads import upload_limit

bp = Blueprint("pilots", __name__)

PARTIES = (Role.AGENCY, Role.STARTUP)
READERS = (*PARTIES, *READS_FUNDING)

LABELS = {
    "title": N_("试点名称"),
    "capability_id": N_("用哪项能力"),
    "scope": N_("范围"),
    "success_metric": N_("成效指标"),
    "baseline": N_("现在是多少"),
    "target": N_("想做到多少"),
    "decision_owner": N_("决定人"),
    "decision_on": N_("决定日期"),
    "data_terms": N_("数据约定"),
    "budget_fen": N_("预算（万元）"),
    "voucher_programmes": N_("打算用哪些券"),
    "starts_on": N_("开始"),
    "ends_on": N_("结束"),
    "go_live_on": N_("上线日期"),
    "n_users": N_("使用人数"),
    "usage_note": N_("怎么用、用了多少"),
    "reason": N_("原因"),
    "kind": N_("材料类型"),
    "issuer": N_("出具单位"),
    "number": N_("编号"),
    "issued_on": N_("出具日期"),
    "valid_until_on": N_("有效期至"),
    "period_from_on": N_("所述期间从"),
    "period_to_on": N_("所述期间到"),
    "file": N_("文件"),
    "note": N_("说明"),
    "milestone_title": N_("要看到什么"),
    "due_on": N_("哪天前"),
    "n_using": N_("使用人数"),
    "from_on": N_("从哪天"),
    "to_on": N_("到哪天"),
    "volume": N_("用量"),
    "unit": N_("单位"),
    "metric_value": N_("成效指标当时是多少"),
    "issues": N_("发现的问题"),
    "held_on": N_("验收日期"),
    "conclusion": N_("结论"),
    "rectify_by_on": N_("整改到哪天"),
    "outcome": N_("决定"),
    "decided_on": N_("哪天决定的"),
    "decided_by": N_("谁决定的"),
    "decision_note": N_("理由"),
    "next_decision_on": N_("新的决定日期"),
}


def form_labels() -> dict[str, str]:
    """The labels of all pilot forms in the reader's language."""
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


def my_pilot(pilot_id: int, *, side: Side | None = None) -> tuple[Pilot, Side]:
    """The pilot and the reader's side. NotFound for strangers; NotAllowed when `side` is named and is not theirs.

    Officers read every pilot; parties only their own.
    """
    if any(g.user.has_role(role) for role in READS_FUNDING):
        pilot = get_pilot(g.session, pilot_id, organisation_id=None)
    else:
        pilot = get_pilot(g.session, pilot_id, organisation_id=my_organisation_id())
    mine = side_of(pilot)
    if side is not None and mine is not side:
        raise NotAllowed(N_("这一步由另一方来做。"))
    return pilot, mine


def side_of(pilot: Pilot) -> Side:
    """On which side of a pilot the reader is."""
    organisation_id = g.user.organisation_id
    if organisation_id is not None and pilot.scenario.organisation_id == organisation_id:
        return Side.AGENCY
    if organisation_id is not None and pilot.organisation_id == organisation_id:
        return Side.FIRM
    return Side.OFFICER


@bp.get("/pilots")
@requires(*READERS)
def list_all() -> str | Response:
    """My pilots, newest first; every pilot for officers."""
    ids = readable_ids()
    if (file := asked_table("pilots", PILOT_COLUMNS, lambda: load_pilots(ids))) is not None:
        return file
    page = paginate(ids, page_number(request.args.get("page", "1")))
    pilots = load_pilots(list(page.rows))
    kinds = evidence_kinds(g.session, [pilot.key for pilot in pilots])
    chips = {
        pilot.key: pilot_chip(pilot, side_of(pilot), g.locale, today=g.today, kinds=kinds[pilot.key])
        for pilot in pilots
    }
    return render_template("pages/pilots/list.html", page=page, pilots=pilots, chips=chips)


def readable_ids() -> list[int]:
    """The pilots the reader may see, newest first."""
    if any(g.user.has_role(role) for role in READS_FUNDING):
        return list(g.session.exec(select(Pilot.id).order_by(col(Pilot.id).desc())).all())
    return [pilot.key for pilot in organisation_pilots(g.session, my_organisation_id())]


@bp.get("/pilots/<id:pilot_id>")
@requires(*READERS)
def show(pilot_id: int) -> str:
    """One pilot: chain, plan, documents, what can be done next."""
    return pilot_page(pilot_id)


def pilot_page(pilot_id: int, form: FormView | None = None, *, failed: str = "") -> str:
    """The page of a pilot. form: what was typed, when it was refused; failed: which form that was."""
    pilot, side = my_pilot(pilot_id)
    evidence = pilot_evidence(g.session, pilot.key)
    lines = funding_lines(pilot)
    return render_template(
        "pages/pilots/show.html",
        pilot=pilot,
        side=side.value,
        chip=pilot_chip(
            pilot, side, g.locale, today=g.today, kinds=evidence_kinds(g.session, [pilot.key])[pilot.key]
        ),
        chain=pilot_chain(pilot, evidence, lines),
        evidence=evidence,
        voucher_titles=[title for code, title in _vouchers() if code in pilot.voucher_programmes],
        accepted_suffixes=",".join(ACCEPTED_SUFFIXES),
        max_megabytes=upload_limit() // 1_000_000,
        lines=lines,
        missing=_missing_words(pilot),
        **pilot_records(g.session, pilot, g.locale, today=g.today, zone=g.zone),
        checkable=_checkable(evidence),
        evidence_kinds=[(code, label("evidence_kind", code, g.locale)) for code in EVIDENCE_KINDS],
        form=form or FormView(),
        failed=failed,
    )


def _checkable(evidence: list[Evidence]) -> set[int]:
    """The documents the reader may check: those nobody of their own organisation uploaded."""
    uploaders = {item.uploaded_by_user_id for item in evidence if item.uploaded_by_user_id is not None}
    statement = select(User.id).where(
        col(User.id).in_(uploaders), col(User.organisation_id) == g.user.organisation_id
    )
    ours = set(g.session.exec(statement).all())
    return {item.key for item in evidence if item.uploaded_by_user_id not in ours}


def funding_lines(pilot: Pilot) -> list[RecordLine]:
    """The funding records of a pilot, as lines."""
    return present_lines(loaded_records(g.session, organisation_id=None, pilot_id=pilot.key), g.locale)


def pilot_chain(pilot: Pilot, evidence: list[Evidence], lines: list[RecordLine]) -> list[ChainStep]:
    """The chain from the scenario to the money, for one pilot."""
    facts = ChainFacts(
        scenario=pilot.scenario,
        matched_at=pilot.match.created_at,
        match=pilot.match,
        pilot=pilot,
        evidence=evidence,
        funded_at=min((line.recorded_at for line in lines), default=None),
    )
    return build_chain(facts, g.locale, zone=g.zone)


def _missing_words(pilot: Pilot) -> list[str]:
    """What keeps a planned pilot from being agreed."""
    if pilot.status is not PilotStatus.PLANNED:
        return []
    present = {
        "success_metric": bool(pilot.success_metric),
        "decision_owner": bool(pilot.decision_owner),
        "decision_on": pilot.decision_on is not None,
    }
    return [gettext(g.locale, LABELS[name]) for name, there in present.items() if not there]


@bp.get("/matches/<id:match_id>/pilot")
@requires(Role.AGENCY)
def new(match_id: int) -> str | Response:
    """The plan of a new pilot, with what the scenario already says filled in."""
    match = get_match(g.session, match_id, agency_id=my_organisation_id())
    if (pilot := find_pilot(g.session, match.key)) is not None:
        return redirect(url_for("pilots.show", pilot_id=pilot.key))  # type: ignore[return-value]
    scenario = match.scenario
    values = {
        "title": scenario.title,
        "success_metric": scenario.metric,
        "baseline": scenario.baseline,
        "target": scenario.target,
        "starts_on": "" if scenario.pilot_from_on is None else scenario.pilot_from_on.isoformat(),
        "ends_on": "" if scenario.pilot_to_on is None else scenario.pilot_to_on.isoformat(),
    }
    return _plan_page(match, None, FormView(typed=values))


@bp.post("/matches/<id:match_id>/pilot")
@requires(Role.AGENCY)
def create(match_id: int) -> Response:
    """Save the plan of a new pilot."""
    match = get_match(g.session, match_id, agency_id=my_organisation_id())
    try:
        form = parse(PilotForm, _sent())
        pilot = make_pilot(match, _capability(match, form.capability_id), title=form.title)
    except InvalidInput as error:
        return make_response(_plan_page(match, None, rejected(error, _sent(), form_labels())), 422)
    _fill(pilot, form)
    record(g.session, actor=g.user, action="pilot.planned", subject=pilot)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("试点已建。签订前还可以改。"))})
    return redirect(url_for("pilots.show", pilot_id=pilot.key), code=303)  # type: ignore[return-value]


@bp.get("/pilots/<id:pilot_id>/edit")
@requires(Role.AGENCY)
def edit(pilot_id: int) -> str:
    """The plan again, while it is planned."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    return _plan_page(pilot.match, pilot, FormView(typed=_values(pilot)))


@bp.post("/pilots/<id:pilot_id>/edit")
@requires(Role.AGENCY)
def save(pilot_id: int) -> Response:
    """Save the changed plan. What has been agreed is not changed any more."""
    pilot, _ = my_pilot(pilot_id, side=Side.AGENCY)
    if pilot.status is not PilotStatus.PLANNED:
        raise NotAllowed(N_("已签的试点不能再改计划。"))
    try:
        form = parse(PilotForm, _sent())
        pilot.capability_id = _capability(pilot.match, form.capability_id).key
    except InvalidInput as error:
        view = rejected(error, _sent(), form_labels())
        return make_response(_plan_page(pilot.match, pilot, view), 422)
    pilot.title = form.title
    _fill(pilot, form)
    record(g.session, actor=g.user, action="pilot.plan_changed", subject=pilot)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已保存。"))})
    return redirect(url_for("pilots.show", pilot_id=pilot.key), code=303)  # type: ignore[return-value]


def _sent() -> dict[str, str]:
    """What the form sent; the boxes that were ticked as one text."""
    return {name: ",".join(request.form.getlist(name)) for name in request.form}


def _vouchers() -> list[tuple[str, str]]:
    """The vouchers in force today, by code and title."""
    rules = rules_in_force(g.session, g.today)
    return [
        (rule.programme, rule_title(rule, g.locale)) for rule in rules if rule.kind is FundingKind.VOUCHER
    ]


def _plan_page(match: Match, pilot: Pilot | None, form: FormView) -> str:
    return render_template(
        "pages/pilots/edit.html",
        match=match,
        pilot=pilot,
        form=form,
        labels=form_labels(),
        vouchers=_vouchers(),
        capabilities=[(str(row.key), row.title) for row in _capabilities(match)],
    )


def _capabilities(match: Match) -> list[Capability]:
    statement = select(Capability).where(
        col(Capability.organisation_id) == match.organisation_id, col(Capability.listed_at).is_not(None)
    )
    return list(g.session.exec(statement.order_by(col(Capability.id))).all())


def _capability(match: Match, capability_id: int) -> Capability:
    found = next((row for row in _capabilities(match) if row.id == capability_id), None)
    if found is None:
        raise NotFound(N_("这家企业没有这项能力。"))
    return found


def _fill(pilot: Pilot, form: PilotForm) -> None:
    pilot.scope, pilot.data_terms, pilot.budget_fen = form.scope, form.data_terms, form.budget_fen
    pilot.success_metric, pilot.baseline, pilot.target = form.success_metric, form.baseline, form.target
    pilot.decision_owner, pilot.decision_on = form.decision_owner, form.decision_on
    pilot.starts_on, pilot.ends_on = form.starts_on, form.ends_on
    pilot.voucher_programmes = form.voucher_programmes


def _values(pilot: Pilot) -> Mapping[str, str]:
    names = ("title", "scope", "success_metric", "baseline", "target", "decision_owner", "data_terms")
    days = ("decision_on", "starts_on", "ends_on")
    values = {name: getattr(pilot, name) for name in names}
    values |= {name: "" if (on := getattr(pilot, name)) is None else on.isoformat() for name in days}
    values["voucher_programmes"] = ",".join(pilot.voucher_programmes)
    values["capability_id"] = str(pilot.capability_id)
    values["budget_fen"] = "" if pilot.budget_fen is None else f"{pilot.budget_fen / FEN_PER_WAN:g}"
    return values
