from __future__ import annotations

from matcher.explanation_words import SENTENCES
from web.chips import Side
from web.wording import _TONES, sentences

REASON = {"code": "requirement_met", "values": {"position": 1, "quote": "召回率91%", "quote_lang": "zh"}}
GAP = {"code": "requirement_unknown", "values": {"position": 2, "need": "对接工单"}, "step": "ask_question"}


def test_each_sentence_has_its_mark_place_and_next_step() -> None:
    gap = sentences([GAP], Side.AGENCY, "zh", otherwise="unknown")[0]

    assert (gap.tone, gap.position, gap.words) == ("unknown", 2, "第 2 条没有提到：“对接工单”")
    assert gap.step.startswith("没写不等于做不到")


def test_the_firm_is_addressed_and_everybody_else_is_told_about_it() -> None:
    firm = sentences([GAP], Side.FIRM, "zh", otherwise="unknown")[0]
    officer = sentences([GAP], Side.OFFICER, "zh", otherwise="unknown")[0]

    assert firm.words != officer.words
    assert "你" in firm.words


def test_a_foreign_quote_is_marked_in_english() -> None:
    assert "(in Chinese)" in sentences([REASON], Side.AGENCY, "en", otherwise="met")[0].words


def test_what_has_no_step_shows_none() -> None:
    assert sentences([REASON], Side.AGENCY, "zh", otherwise="met")[0].step == ""


def test_every_mark_belongs_to_a_code_that_exists() -> None:
    assert set(_TONES) <= set(SENTENCES)
