from __future__ import annotations

import pytest
from flask import g

from matcher.findability import Findability, Found
from models.match import Band
from tests.factories import MONDAY, make_capability, make_scenario
from web.live import Mode
from web.presenters.capabilities import (
    ANCHORS,
    UNLOCKS,
    capability_chip,
    capability_labels,
    case_lines,
    present_by_words,
    present_found,
    present_lacks,
)


@pytest.fixture(params=["zh", "en"])
def locale(app, request):
    with app.test_request_context("/"):
        app.preprocess_request()
        g.locale = request.param
        yield request.param


def test_every_gap_of_a_profile_says_what_it_would_unlock(locale):
    lacks = present_lacks(list(UNLOCKS)[:6], {})

    assert [lack.anchor for lack in lacks] == [f"field-{ANCHORS[code]}" for code in list(UNLOCKS)[:6]]
    assert all(lack.words and lack.unlocks and lack.n == 0 for lack in lacks)


def test_what_scenarios_ask_beyond_the_profile_comes_last_with_its_count(locale):
    lacks = present_lacks(
        ["case_missing"], {"case_missing": 9, "filing_missing": 4, "requirement_unknown": 7}
    )

    assert [(lack.anchor, lack.n) for lack in lacks] == [("field-case_text_1", 9), ("field-filings", 4)]


def test_labels_of_cases_name_their_number(locale):
    assert "2" in capability_labels()["case_on_2"]


@pytest.mark.parametrize(
    ("values", "turn"),
    [
        ({"listed_at": None}, "idle"),
        ({}, "live"),
        ({"unlisted_at": MONDAY}, "soon"),
        ({"unlisted_at": MONDAY, "withdrawn_at": MONDAY}, "end"),
    ],
)
def test_each_state_has_its_chip(session, locale, values, turn):
    assert capability_chip(make_capability(session, **values)).turn == turn


def test_there_is_always_one_empty_case_to_go_on_with():
    assert [line.number for line in case_lines({}, [], [])] == [1]
    lines = case_lines({"case_text_2": "甲", "case_text_7": "乙"}, [2, 7], [True])
    assert [(line.number, line.is_confirmed) for line in lines] == [(2, True), (7, False), (8, False)]
    assert [line.number for line in case_lines({"case_text_3": " "}, [3], [])] == [3]


def test_the_panel_shows_only_scenarios_that_are_still_open(session, locale):
    row = make_scenario(session)
    found = Findability(
        enough=True,
        missing=[],
        n_compared=20,
        n_bands={Band.STRONG: 1, Band.POSSIBLE: 1, Band.WEAK: 18},
        found=(Found(row.key, Band.STRONG), Found(row.key + 1, Band.POSSIBLE)),
    )

    panel = present_found(found, {row.key: row})

    assert (panel.bands, panel.rows) == ([("strong", 1), ("possible", 1)], [("strong", row)])
    assert present_found(Findability(enough=False, missing=[]), {}).bands is None


@pytest.mark.parametrize("mode", [Mode.NO_ENCODER, Mode.BUSY, Mode.NO_INDEX])
def test_by_words_nothing_is_counted_and_the_reason_is_said(session, locale, mode):
    row = make_scenario(session)

    panel = present_by_words(["text_too_short"], mode, [row])

    assert (panel.bands, panel.enough, panel.rows) == (None, False, [("", row)])
    assert panel.mode_words
