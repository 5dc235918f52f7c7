"""A panel on its pages: nothing before all is in, then every mark beside its name; states in words."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlmodel import Session

from models.jury import Jury
from models.jury_conflict import Conflict, ConflictKind
from tests.factories import MONDAY
from tests.judging import make_bid, make_juror, make_jury, make_marks
from web.presenters.juries import (
    conflict_words,
    juror_chip,
    panel_chip,
    points_words,
    present_results,
    seat_chip,
)


@pytest.fixture
def page(app: Flask):
    with app.test_request_context("/"):
        app.preprocess_request()
        yield


@pytest.fixture
def jury(session: Session) -> Jury:
    jury = make_jury(session, n_jurors=2, scored_at=MONDAY)
    bid = make_bid(session, scenario_id=jury.scenario_id)
    first, second = jury.jurors
    make_marks(session, first, bid, (3, 3, 3, 3, 3))
    make_marks(session, second, bid, (1, 3, 3, 3, 2))
    return jury


def test_marks_are_shown_once_all_are_in_with_the_readers_own_marked(session, page, jury) -> None:
    (row,) = present_results(jury, reader_id=jury.jurors[1].user_id)

    assert (row.rank, row.points, row.n_flagged) == (1, "86.7", 1)
    line = row.criteria[0]
    assert (line.mean, line.spread, line.flagged, line.weight) == ("2", 2, True, 35)
    assert line.own is line.cells[1].mark
    assert [cell.name for cell in line.cells] == [seat.user.name for seat in jury.jurors]


def test_before_that_there_is_nothing(session, page, jury) -> None:
    jury.scored_at = None

    assert present_results(jury, reader_id=1) == []


def test_states_say_whose_turn_it_is(session, page, jury) -> None:
    waiting = make_juror(session, jury)

    assert (juror_chip(waiting).turn, seat_chip(waiting).turn) == ("them", "you")
    assert seat_chip(jury.jurors[0]).words == "轮到你：打分"
    jury.jurors[0].handed_in_at = MONDAY
    assert seat_chip(jury.jurors[0]).words == "合议中"
    jury.scored_at = None
    assert seat_chip(jury.jurors[0]).words == "已交分，等其他评委"


def test_ties_are_sentences(page) -> None:
    found = [Conflict(kind, "甲公司") for kind in ConflictKind]

    assert len(set(conflict_words(found))) == len(found)
    assert all("甲公司" in words for words in conflict_words(found))


def test_points_are_in_tenths(page) -> None:
    assert (points_words(817), points_words(900)) == ("81.7", "90")


def test_a_panel_that_has_not_begun_waits_for_its_agency(page, jury) -> None:
    assert (panel_chip(None).words, panel_chip(None, late=True).turn) == ("等需求方组织评审", "late")
    assert panel_chip(jury).words == "合议中"
