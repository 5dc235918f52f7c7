"""A firm's proposal (方案) for a scenario: begun from the matched evidence, saved as it is typed, handed in, withdrawn.

What is read of proposals by agencies and evaluators is in web/pages/bid_list.py and web/pages/juries.py.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from sqlmodel import col

from models.audit import record, subject_events
from models.bid import (
    Bid,
    BidStatus,
    change_bid,
    find_bid,
    find_version,
    frozen_content,
    get_bid,
    list_versions,
    start_bid,
    submit_bid,
    withdraw_bid,
)
from models.bid_file import list_files
from models.errors import InvalidInput, InvalidTransition
from models.files import ACCEPTED_SUFFIXES
from models.i18n import N_, gettext
from models.jury import find_jury
from models.match import Match, MatchScore
from models.match_queries import find_match, present_scores, rank_key
from models.notice import tell_of_bid
from models.rubric import find_locked
from models.scenario import Scenario, get_published_scenario
from models.texts import storable
from models.user import Role
from web.auth import my_organisation_id, requires
from web.chips import Side
from web.forms.bids import (
    MAX_ANSWER,
    MAX_MILESTONES,
    MAX_PARTNERS,
    MAX_PLAN,
    MAX_QUOTE,
    MAX_SUMMARY,
    check_submittable,
    n_shown,
    parse_bid,
    typed_of,
)
from web.forms.view import FormView, rejected
from web.labels import VERDICTS, label
from web.presenters.bids import answer_lines, labels_of, standing_of, steps_of, tally
from web.uploads import upload_limit

bp = Blueprint("bids", __name__)

SITTING = timedelta(minutes=30)
"""Saves of one person within so long are one entry of the audit trail, as with drafts of scenarios."""
LISTS = {"milestone": (3, MAX_MILESTONES), "partner": (1, MAX_PARTNERS)}


@bp.post("/scenarios/<number>/bid")
@requires(Role.STARTUP)
def start(number: str) -> Response:
    """Begin a proposal; a firm that has one is led to it."""
    scenario = get_published_scenario(g.session, storable(number))
    there = find_bid(g.session, scenario.key, my_organisation_id())
    if there is not None:
        return _to("bids.show", there)
    bid = start_bid(
        g.session, scenario, g.user.organisation, coverage=_coverage(scenario), now=g.now, on=g.today
    )
    record(g.session, actor=g.user, action="bid.begun", subject=bid)
    g.session.commit()
    return _to("bids.edit", bid)


def _coverage(scenario: Scenario) -> list[dict[str, object]]:
    """What matching found for the firm by its best capability; nothing where the pair was never scored."""
    match = find_match(g.session, scenario.key, my_organisation_id())
    if match is None:
        return []
    rows: list[tuple[Match, MatchScore]] = list(
        g.session.exec(present_scores(col(Match.id) == match.key)).all()
    )
    best = min((score for _, score in rows), key=rank_key, default=None)
    return [] if best is None else best.coverage


def my_bid(bid_id: int) -> Bid:
    """A proposal of my firm. NotFound for another's."""
    return get_bid(g.session, bid_id, firm_id=my_organisation_id())


@bp.get("/bids/<id:bid_id>")
@requires(Role.STARTUP)
def show(bid_id: int) -> str:
    """My proposal: where it stands, what was handed in, what is missing, and what came of it."""
    return show_page(my_bid(bid_id))


def show_page(bid: Bid, missing: FormView | None = None) -> str:
    """The page of a proposal for its firm. missing: what kept it from being handed in."""
    versions = list_versions(g.session, bid.key)
    jury = find_jury(g.session, bid.scenario_id)
    may_write = bid.scenario.is_open(g.today) and not bid.is_decided
    content = versions[-1].content if versions and not may_write else frozen_content(g.session, bid)
    return render_template(
        "pages/bids/show.html",
        bid=bid,
        scenario=bid.scenario,
        standing=standing_of(bid, jury, Side.FIRM),
        content=content,
        answers=answer_lines(content),
        steps=steps_of(content),
        tally=tally(content),
        versions=versions,
        changed=_has_changed(bid),
        may_write=may_write,
        may_withdraw=bid.status is BidStatus.SUBMITTED,
        missing=missing or FormView(),
        match=find_match(g.session, bid.scenario_id, bid.organisation_id),
    )


def _has_changed(bid: Bid) -> bool:
    """Whether there is something to hand in that was not handed in."""
    version = find_version(g.session, bid.key)
    if version is None or bid.withdrawn_at is not None:
        return True
    return version.content != frozen_content(g.session, bid)


@bp.get("/bids/<id:bid_id>/edit")
@requires(Role.STARTUP)
def edit(bid_id: int) -> str:
    """The form, while the scenario takes answers."""
    bid = _writable(bid_id)
    return form_page(bid, FormView(typed=typed_of(bid.content)))


def _writable(bid_id: int) -> Bid:
    bid = my_bid(bid_id)
    if bid.is_decided:
        raise InvalidTransition(N_("这份方案已有结果，不能再改。"))
    if not bid.scenario.is_open(g.today):
        raise InvalidTransition(N_("场景已结束征集，不能再写、改或提交方案。"))
    return bid


@bp.post("/bids/<id:bid_id>/edit")
@requires(Role.STARTUP)
def save(bid_id: int) -> Response:
    """Save what is written; act: "more" for another empty line, "done" to go on to handing in."""
    bid = _writable(bid_id)
    try:
        _take_over(bid)
    except InvalidInput as error:
        return make_response(form_page(bid, _rejected(bid, error)), 422)
    except InvalidTransition as error:
        view = FormView(typed=request.form.to_dict())
        return make_response(form_page(bid, view, conflict=gettext(g.locale, error.message)), 409)
    g.session.commit()
    act = request.form.get("act", "")
    if act == "more":
        return redirect(url_for("bids.edit", bid_id=bid.key) + "#plan", code=303)  # type: ignore[return-value]
    flash({"words": gettext(g.locale, N_("方案已保存。"))})
    return _to("bids.show" if act == "done" else "bids.edit", bid)


@bp.post("/bids/<id:bid_id>/autosave")
@requires(Role.STARTUP)
def autosave(bid_id: int) -> Response:
    """Save what has been typed so far; the answer says so, or what is in the way. Sent again, it changes nothing."""
    bid = _writable(bid_id)
    revision = request.form.get("revision", "")
    try:
        _take_over(bid)
    except InvalidInput as error:
        return make_response(_save_state(revision, errors=_rejected(bid, error).errors), 422)
    except InvalidTransition as error:
        return make_response(_save_state(revision, conflict=gettext(g.locale, error.message)), 409)
    g.session.commit()
    return make_response(_save_state(str(bid.revision), saved=True))


@bp.post("/bids/<id:bid_id>/submit")
@requires(Role.STARTUP)
def submit(bid_id: int) -> Response:
    """Hand in what is written, if it says enough and is what was looked at; the agency is told of the first time."""
    bid = my_bid(bid_id)
    if request.form.get("revision") != str(bid.revision):
        raise InvalidTransition(N_("方案刚刚又改过，看过最新的再提交。"))
    try:
        check_submittable(bid.content)
    except InvalidInput as error:
        return make_response(show_page(bid, rejected(error, {}, _labels(bid, {}))), 422)
    version = submit_bid(g.session, bid, by=g.user, now=g.now, on=g.today)
    details = {"serial": version.serial, "sha256": version.sha256}
    record(g.session, actor=g.user, action="bid.submitted", subject=bid, details=details)
    tell_of_bid(g.session, bid, now=g.now)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("方案已提交。截止前还可以改，再提交一次才算数。"))})
    return _to("bids.show", bid)


@bp.post("/bids/<id:bid_id>/withdraw")
@requires(Role.STARTUP)
def withdraw(bid_id: int) -> Response:
    """Take the proposal back; before the last day it may be handed in again."""
    bid = my_bid(bid_id)
    withdraw_bid(bid, g.now)
    record(g.session, actor=g.user, action="bid.withdrawn", subject=bid)
    g.session.commit()
    flash({"words": gettext(g.locale, N_("方案已撤回，不会再评审。"))})
    return _to("bids.show", bid)


# ---------------------------------------------------------------- parts


def _take_over(bid: Bid) -> None:
    """Put what was sent into the proposal, with its entry in the audit trail; the caller commits."""
    content = parse_bid(request.form, bid.content["answers"])
    sent = request.form.get("revision", "")
    revision = int(sent) if sent.isdecimal() and len(sent) < 10 else 0
    if change_bid(g.session, bid, content, revision=revision, now=g.now) and not _same_sitting(bid):
        record(g.session, actor=g.user, action="bid.changed", subject=bid)


def _same_sitting(bid: Bid) -> bool:
    last = subject_events(g.session, "bid", bid.key)[-1:]
    return any(
        event.action == "bid.changed"
        and event.actor_user_id == g.user.key
        and g.now - event.created_at < SITTING
        for event in last
    )


def _rejected(bid: Bid, error: InvalidInput) -> FormView:
    return rejected(error, request.form, _labels(bid, request.form.to_dict()))


def _labels(bid: Bid, typed: dict[str, str]) -> dict[str, str]:
    return labels_of(bid.content, _lists(typed))


def _lists(typed: dict[str, str]) -> dict[str, int]:
    return {name: n_shown(typed, name, least=least, most=most) for name, (least, most) in LISTS.items()}


def form_page(bid: Bid, form: FormView, *, conflict: str = "") -> str:
    """The form of a proposal with its files. form: what was typed, and what is wrong with it."""
    typed = dict(form.typed)
    return render_template(
        "pages/bids/edit.html",
        bid=bid,
        scenario=bid.scenario,
        form=form,
        conflict=conflict,
        revision=typed.get("revision", str(bid.revision)),
        labels=_labels(bid, typed),
        answers=answer_lines(bid.content),
        lists=_lists(typed),
        verdicts=[(code, label("verdict", code, g.locale)) for code in VERDICTS],
        rubric=find_locked(g.session, bid.scenario_id),
        files=list_files(g.session, bid.key),
        accepted_suffixes=",".join(ACCEPTED_SUFFIXES),
        max_megabytes=upload_limit() // 1_000_000,
        limits={"summary": MAX_SUMMARY, "plan": MAX_PLAN, "answer": MAX_ANSWER, "quote": MAX_QUOTE},
    )


def _save_state(revision: str, *, saved: bool = False, conflict: str = "", errors: object = None) -> str:
    return render_template(
        "pages/drafts/save_state.html", revision=revision, saved=saved, conflict=conflict, errors=errors or {}
    )


def _to(endpoint: str, bid: Bid) -> Response:
    return redirect(url_for(endpoint, bid_id=bid.key), code=303)  # type: ignore[return-value]
