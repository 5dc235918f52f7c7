from __future__ import annotations

import pytest

from matcher.coverage import Verdict
from matcher.matchability import Matchability, Outlook
from matcher.vagueness import UNMEASURABLE, Wording, find_vague
from models.match import Band
from models.scenario import Requirement, Scenario
from web.live import Mode
from web.presenters.matchability import FINDINGS, MAX_FINDINGS, MODE_WORDS, present_panel, wording_of


def scenario(*requirements: str, **values: str) -> Scenario:
    rows = [Requirement(scenario_id=0, position=n, text=text) for n, text in enumerate(requirements, 1)]
    return Scenario(organisation_id=1, **{"title": "甲", "text": "", **values}, requirements=rows)


def found(**values: object) -> Matchability:
    outlook = Outlook(1, "甲", True, False, Verdict.MET, 2, 1)
    counts = {Band.STRONG: 2, Band.POSSIBLE: 1, Band.WEAK: 5}
    return Matchability(
        **{"enough": True, "n_firms": counts, "n_compared": 9, "outlooks": (outlook,), **values}
    )


def test_bands_are_counted_and_weak_ones_not_shown() -> None:
    view = present_panel(scenario(), found(), Mode.FULL, [], locale="zh")

    assert view.bands == [("strong", 2), ("possible", 1)]
    assert (view.mode_words, view.n_compared, view.outlooks[0].n_met) == ("", 9, 2)


@pytest.mark.parametrize("mode", list(MODE_WORDS))
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_words_alone_count_nobody_and_say_so(mode: Mode, locale: str) -> None:
    view = present_panel(scenario(), None, mode, [], locale=locale)

    assert view.bands is None
    assert view.mode_words
    assert view.enough


def test_every_mode_but_the_full_one_has_words() -> None:
    assert set(MODE_WORDS) == set(Mode) - {Mode.FULL}


def test_too_little_text_counts_nobody() -> None:
    nothing = Matchability(enough=False, n_firms={}, n_compared=0)

    view = present_panel(scenario(), nothing, Mode.FULL, [], locale="zh")

    assert (view.enough, view.bands) == (False, None)


def test_every_finding_has_a_sentence() -> None:
    empty = {finding.code for finding in find_vague(Wording(text="甲"))}
    worded = {
        finding.code
        for finding in find_vague(Wording(baseline="甲", target="乙", requirements=("品牌：丙",)))
    }

    assert empty | worded | set(UNMEASURABLE) == set(FINDINGS)


@pytest.mark.parametrize(("locale", "where"), [("zh", "第 2 条要求"), ("en", "Requirement 2")])
def test_a_finding_quotes_the_words_and_leads_to_the_field(locale: str, where: str) -> None:
    row = scenario(
        "准确率90%",
        "召回率高于80%，采用先进算法",
        "界面友好",
        text="每天3件",
        metric="m",
        baseline="1",
        target="2",
    )

    view = present_panel(row, found(), Mode.FULL, [], locale=locale)

    assert [(item.anchor, "界面友好" in item.words) for item in view.findings] == [("field-req_3", True)]
    assert (
        present_panel(scenario("甲1", "高效"), None, Mode.BUSY, [], locale=locale).findings[-1].where == where
    )


def test_percent_signs_survive() -> None:
    view = present_panel(scenario("先进"), None, Mode.BUSY, [], locale="zh")

    assert "90%”" in view.findings[-1].words


def test_no_more_findings_than_one_can_read() -> None:
    row = scenario(*["高效"] * 12)

    view = present_panel(row, None, Mode.BUSY, [], locale="zh")

    assert len(view.findings) == MAX_FINDINGS
    assert view.n_more == len(find_vague(wording_of(row))) - MAX_FINDINGS
