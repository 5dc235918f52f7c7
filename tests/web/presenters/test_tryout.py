from __future__ import annotations

from dataclasses import replace

import pytest
from flask import g

from matcher.coverage import CoveredRequirement, Verdict
from matcher.scoring import ScoredMatch
from models.match import Band
from models.scenario import Scenario
from web.live import Mode
from web.presenters.tryout import present_tried, present_words

COVERED = CoveredRequirement(
    position=1, text="召回率90%", must=True, derived=False, lang="zh", verdict=Verdict.MET, evidence="召回率91%",
    evidence_lang="zh", evidence_source="text",
)  # fmt: skip
MATCH = ScoredMatch(
    scenario_id=0, capability_id=7, organisation_id=3, score=0.7, band=Band.STRONG, coverage=(COVERED,)
)


@pytest.fixture(autouse=True)
def reader(app):
    with app.test_request_context():
        g.locale = "zh"
        yield


def test_of_a_firm_there_is_a_title_and_no_sentence():
    (shown,) = present_tried("need", [MATCH], {}, {7: "车载识别"}, n=5).matches

    assert (shown.title, shown.band, shown.scenario, list(shown.pairs)) == ("车载识别", "strong", None, [])
    assert shown.tally == [("met", 1)]


def test_a_firm_is_shown_once_with_its_best():
    second = replace(MATCH, capability_id=8, band=Band.POSSIBLE)

    shown = present_tried("need", [MATCH, second], {}, {7: "甲", 8: "乙"}, n=5).matches

    assert [match.title for match in shown] == ["甲"]


def test_of_a_scenario_everything_published_is_shown():
    row = Scenario(id=4, organisation_id=1, title="找井盖", text="")
    match = replace(MATCH, scenario_id=4, capability_id=0, organisation_id=0)

    (shown,) = present_tried("offer", [match], {4: row}, {}, n=5).matches

    assert (shown.title, shown.scenario) == ("找井盖", row)
    assert [(pair.need, pair.evidence) for pair in shown.pairs] == [("召回率90%", "召回率91%")]


def test_scenarios_that_may_not_be_shown_are_left_out():
    match = replace(MATCH, scenario_id=4, capability_id=0, organisation_id=0)

    assert present_tried("offer", [match], {}, {}, n=5).matches == []


def test_weak_ones_are_shown_only_where_there_is_nothing_better():
    weak = replace(MATCH, capability_id=8, organisation_id=4, band=Band.WEAK)
    thin = replace(MATCH, capability_id=9, organisation_id=5, band=Band.NOT_ENOUGH_INFORMATION)
    titles = {7: "甲", 8: "乙", 9: "丙"}

    better, worse = (
        present_tried("need", found, {}, titles, n=5) for found in ([MATCH, weak, thin], [weak, thin])
    )

    assert ([match.title for match in better.matches], better.weak) == (["甲"], False)
    assert ([match.title for match in worse.matches], worse.weak) == (["乙"], True)


def test_no_more_than_asked_for():
    many = [replace(MATCH, organisation_id=n) for n in range(1, 9)]

    assert len(present_tried("need", many, {}, {7: "甲"}, n=5).matches) == 5


def test_words_alone_have_a_mode_and_no_bands():
    row = Scenario(id=4, organisation_id=1, title="找井盖", text="")

    view = present_words("offer", Mode.NO_ENCODER, [row])

    assert (list(view.matches), view.by_words) == ([], [row])
    assert "按词模式" in view.mode_words
