"""A proposal in one line, and its answers as the pages show them."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask, g
from sqlmodel import Session

from models.bid_stage import BidStage
from tests.factories import MONDAY
from tests.judging import bid_content, make_bid, make_jury
from web.chips import Side
from web.presenters.bids import (
    agency_lines,
    answer_lines,
    due_on,
    firm_lines,
    labels_of,
    standing_of,
    steps_of,
    tally,
)


@pytest.fixture
def page(app: Flask):
    with app.test_request_context("/"):
        app.preprocess_request()
        yield


def test_the_line_says_what_happened_and_whose_step_is_next(session: Session, page) -> None:
    bid = make_bid(session)

    firm, agency = (standing_of(bid, None, side) for side in (Side.FIRM, Side.AGENCY))

    assert firm.line == "11-16 周一 提交；12-31 周四 截止前可以改，之后由需求方评审"
    assert "之后由你组织评审" in agency.line
    assert (firm.chip.turn, firm.late) == ("live", False)


def test_after_the_promised_day_the_line_is_late(session: Session, page) -> None:
    jury = make_jury(session, answer_due_on=date(2026, 11, 20))
    bid = make_bid(session, scenario_id=jury.scenario_id)

    standing = standing_of(bid, jury, Side.AGENCY)

    assert (standing.stage, standing.late, standing.chip.turn) == (BidStage.JUDGED, True, "late")
    assert "11-20" in standing.line


def test_every_stage_has_words_for_its_readers(session: Session, page) -> None:
    decided = make_bid(session, not_selected_at=MONDAY, reason_text="理由")
    selected = make_bid(session, selected_at=MONDAY)
    withdrawn = make_bid(session, withdrawn_at=MONDAY)

    for bid in (decided, selected, withdrawn):
        for side in (Side.FIRM, Side.AGENCY):
            assert standing_of(bid, None, side).line.startswith("11-16")


def test_twenty_working_days_after_the_last_day_are_promised(session: Session, page) -> None:
    bid = make_bid(session)

    assert due_on(bid.scenario, None) == date(2027, 1, 28)


def test_answers_keep_their_order_and_add_up() -> None:
    content = bid_content()

    assert [(line.position, line.verdict, line.need_lang) for line in answer_lines(content)] == [
        (1, "met", "zh"),
        (2, "unknown", "zh"),
    ]
    assert [(step.position, step.verdict) for step in steps_of(content)] == [(1, "met"), (2, "unknown")]
    assert tally(content) == [("met", 1), ("unknown", 1)]


def test_lists_hold_what_their_reader_may_read(session: Session, page) -> None:
    bid = make_bid(session)
    draft = make_bid(session, organisation_id=bid.organisation_id, submitted_at=None)

    (line,) = agency_lines(bid.scenario, None)

    assert "price_fen" not in line.content
    assert line.tally == [("met", 1), ("unknown", 1)]
    assert [row.bid for row in firm_lines(bid.organisation_id)] == [draft, bid]
    assert g.today == date(2026, 11, 23)


def test_every_field_has_a_label(page) -> None:
    labels = labels_of(bid_content(), {"milestone": 3, "partner": 1})

    assert labels["answer_2"] == "第 2 条：怎么做到"
    assert {"weeks_3", "part_1", "price_fen", "verdict_1", "quote_1"} <= labels.keys()
