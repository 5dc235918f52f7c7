"""What a member of a panel does: declare conflicts, score alone, hand in, change marks in the consensus step.

A member sees the proposals of a panel once the conflict is declared, others' marks once all are in, and nothing else.
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from models.audit import record
from models.base import find_row
from models.bid import Bid, find_version, standing_bids
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_, gettext
from models.jury import (
    Juror,
    JurorStatus,
    JuryStatus,
    find_mark,
    get_juror,
    give_mark,
    hand_in,
    juror_marks,
    missing_marks,
    recuse,
    revise_mark,
    seats_of,
)
from models.jury_conflict import declare_free, find_conflicts, is_barred
from models.notice import tell_of_marks
from models.rubric import SCORES
from models.user import Role
from web.auth import requires
from web.forms.juries import MAX_COMMENT, RecusalForm, ReviseForm, parse_marks
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.frame import my_owed
from web.presenters.bids import answer_lines, steps_of
from web.presenters.juries import conflict_words, present_results, seat_chip

bp = Blueprint("seats", __name__, url_prefix="/juries")


@bp.get("")
@requires(Role.EVALUATOR)
def list_mine() -> str:
    """My panels, what waits for me first."""
    seats = seats_of(g.session, g.user.key)
    order = {
        JurorStatus.APPOINTED: 0,
        JurorStatus.SCORING: 0,
        JurorStatus.HANDED_IN: 1,
        JurorStatus.RECUSED: 2,
    }
    rows = sorted(seats, key=lambda seat: order[seat.status])
    return render_template(
        "pages/seats/list.html", owed=my_owed(), seats=[(seat, seat_chip(seat)) for seat in rows]
    )


def _my_seat(jury_id: int) -> Juror:
    return get_juror(g.session, jury_id, user_id=g.user.key)


@bp.get("/<id:jury_id>")
@requires(Role.EVALUATOR)
def show(jury_id: int) -> str:
    """My seat: the declaration first, then the proposals, then everybody's marks."""
    return seat_page(_my_seat(jury_id))


def seat_page(seat: Juror, form: FormView | None = None, *, failed: str = "") -> str:
    """The page of a seat. form: what was typed when it was refused; failed: which form that was."""
    jury = seat.jury
    may_read = seat.declared_at is not None
    bids = standing_bids(g.session, jury.scenario_id)
    opened = may_read and seat.handed_in_at is not None
    ties = find_conflicts(g.session, seat) if seat.status is JurorStatus.APPOINTED else []
    found = conflict_words(ties)
    return render_template(
        "pages/seats/show.html",
        seat=seat,
        jury=jury,
        scenario=jury.scenario,
        status=seat.status.value,
        step=jury.status.value,
        chip=seat_chip(seat),
        bids=bids,
        conflicts=found,
        barred=is_barred(ties),
        missing=missing_marks(g.session, seat) if seat.status is JurorStatus.SCORING else {},
        results=present_results(jury, reader_id=g.user.key) if opened else [],
        scores=SCORES,
        form=form or FormView(typed={"reason": "；".join(found)}),
        failed=failed,
    )


@bp.post("/<id:jury_id>/declare")
@requires(Role.EVALUATOR)
def say_no_conflict(jury_id: int) -> Response:
    """I have no conflict of interest; from now on I may read the proposals."""
    seat = _my_seat(jury_id)
    found = [str(row.kind) for row in declare_free(g.session, seat, g.now)]
    record(g.session, actor=g.user, action="juror.declared", subject=seat, details={"found": found})
    g.session.commit()
    return _to_seat(seat, N_("已申报没有利益冲突，可以看方案和打分了。"))


@bp.post("/<id:jury_id>/recuse")
@requires(Role.EVALUATOR)
def step_aside(jury_id: int) -> Response:
    """I step aside, with the reason; the agency sees it."""
    seat = _my_seat(jury_id)
    try:
        reason = parse(RecusalForm, request.form).reason
    except InvalidInput as error:
        return _again(seat, error, "recuse")
    recuse(g.session, seat, reason=reason, now=g.now)
    record(g.session, actor=g.user, action="juror.recused", subject=seat)
    _tell_if_complete(seat)
    g.session.commit()
    return _to_seat(seat, N_("已回避，需求方看得到原因。"))


def _tell_if_complete(seat: Juror) -> None:
    if seat.jury.status is JuryStatus.CONSENSUS:
        tell_of_marks(g.session, seat.jury, now=g.now)


@bp.get("/<id:jury_id>/bids/<id:bid_id>")
@requires(Role.EVALUATOR)
def score(jury_id: int, bid_id: int) -> str:
    """One proposal beside the criteria."""
    seat = _my_seat(jury_id)
    bid = _judged(seat, bid_id)
    marks = {row.position: row for row in juror_marks(g.session, seat.key) if row.bid_id == bid.key}
    typed = {f"score_{n}": str(row.score) for n, row in marks.items()}
    typed |= {f"comment_{n}": row.comment for n, row in marks.items()}
    return _score_page(seat, bid, FormView(typed=typed))


def _judged(seat: Juror, bid_id: int) -> Bid:
    """A proposal that this member may read. NotFound before the declaration, after stepping aside, or for another."""
    bid = find_row(g.session, Bid, bid_id)
    here = standing_bids(g.session, seat.jury.scenario_id) if seat.declared_at is not None else []
    if bid is None or all(row.key != bid.key for row in here):
        raise NotFound(N_("没有这份方案。"))
    return bid


def _score_page(seat: Juror, bid: Bid, form: FormView) -> str:
    version = find_version(g.session, bid.key)
    assert version is not None, "only what was handed in is judged"
    bids = standing_bids(g.session, seat.jury.scenario_id)
    at = next(at for at, row in enumerate(bids) if row.key == bid.key)
    return render_template(
        "pages/seats/score.html",
        seat=seat,
        jury=seat.jury,
        scenario=seat.jury.scenario,
        bid=bid,
        number=at + 1,
        n_bids=len(bids),
        following=bids[at + 1] if at + 1 < len(bids) else None,
        content=version.content,
        answers=answer_lines(version.content),
        steps=steps_of(version.content),
        criteria=list(enumerate(seat.jury.rubric.lines, 1)),
        scores=SCORES,
        may_score=seat.status is JurorStatus.SCORING,
        form=form,
        max_comment=MAX_COMMENT,
    )


@bp.post("/<id:jury_id>/bids/<id:bid_id>")
@requires(Role.EVALUATOR)
def save_marks(jury_id: int, bid_id: int) -> Response:
    """Keep the marks given so far; act: "next" goes on to the next proposal."""
    seat = _my_seat(jury_id)
    bid = _judged(seat, bid_id)
    try:
        marks = parse_marks(request.form, len(seat.jury.rubric.criteria))
    except InvalidInput as error:
        labels = {f"score_{n}": row.name for n, row in enumerate(seat.jury.rubric.lines, 1)}
        labels |= {f"comment_{n}": row.name for n, row in enumerate(seat.jury.rubric.lines, 1)}
        return make_response(_score_page(seat, bid, rejected(error, request.form, labels)), 422)
    for position, (points, comment) in marks.items():
        give_mark(g.session, seat, bid, position, score=points, comment=comment, now=g.now)
    if not marks and seat.status is not JurorStatus.SCORING:
        raise InvalidTransition(N_("先申报利益冲突；交分以后不能再改。"))
    record(
        g.session,
        actor=g.user,
        action="juror.scored",
        subject=seat,
        details={"bid_id": bid.key, "n": len(marks)},
    )
    g.session.commit()
    flash({"words": gettext(g.locale, N_("分已存，交分之前可以改，别人看不到。"))})
    wanted = request.form.get("following", "")
    if request.form.get("act") == "next" and wanted.isdecimal() and len(wanted) < 10:
        return redirect(url_for("seats.score", jury_id=jury_id, bid_id=int(wanted)), code=303)  # type: ignore[return-value]
    return redirect(url_for("seats.show", jury_id=jury_id), code=303)  # type: ignore[return-value]


@bp.post("/<id:jury_id>/hand-in")
@requires(Role.EVALUATOR)
def finish(jury_id: int) -> Response:
    """Hand in my marks; the last one opens all marks to the panel, and the agency is told."""
    seat = _my_seat(jury_id)
    hand_in(g.session, seat, g.now)
    record(g.session, actor=g.user, action="juror.handed_in", subject=seat)
    _tell_if_complete(seat)
    g.session.commit()
    return _to_seat(seat, N_("已交分。都交了以后，互相看得到分，再合议。"))


@bp.post("/<id:jury_id>/bids/<id:bid_id>/revise")
@requires(Role.EVALUATOR)
def change_mind(jury_id: int, bid_id: int) -> Response:
    """Change one of my marks in the consensus step, with the reason; the first stays on record."""
    seat = _my_seat(jury_id)
    bid = _judged(seat, bid_id)
    try:
        form = parse(ReviseForm, request.form)
    except InvalidInput as error:
        return _again(seat, error, f"revise-{bid.key}-{request.form.get('position', '')}")
    mark = find_mark(g.session, seat.key, bid.key, form.position)
    if mark is None:
        raise NotFound(N_("没有这份方案。"))
    revise_mark(g.session, mark, score=form.score, reason=form.reason, now=g.now)
    record(g.session, actor=g.user, action="mark.revised", subject=mark, details={"score": form.score})
    g.session.commit()
    return _to_seat(seat, N_("分已改，原来的分和理由都留着。"))


def _again(seat: Juror, error: InvalidInput, failed: str) -> Response:
    labels = {"reason": gettext(g.locale, N_("原因")), "score": gettext(g.locale, N_("分数"))}
    return make_response(seat_page(seat, rejected(error, request.form, labels), failed=failed), 422)


def _to_seat(seat: Juror, words: str) -> Response:
    flash({"words": gettext(g.locale, words)})
    return redirect(url_for("seats.show", jury_id=seat.jury_id), code=303)  # type: ignore[return-value]
