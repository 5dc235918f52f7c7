import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.chunks import split_sentences
from matcher.need_sentences import MAX_SENTENCES, MIN_SENTENCES, need_sentences

BACKGROUND = "辖区约312公里道路，主要靠巡查员目视。去年受理投诉1,140宗。"
NEED = "希望在现有车载视频上识别井盖病害，带坐标推到工单系统。"


def test_the_sentence_that_wants_something_is_chosen_and_the_background_left_out():
    assert need_sentences(BACKGROUND + NEED) == [NEED]


def test_a_need_goes_on_in_the_sentences_after_it():
    assert need_sentences(f"{BACKGROUND}{NEED}派单员一键确认或改派给别的单位。") == [
        NEED,
        "派单员一键确认或改派给别的单位。",
    ]


def test_rules_of_a_contest_are_left_out():
    text = (
        "The system must detect cracks in tunnel walls. Register before the deadline to download the rules. "
        "Winners share a prize of $50,000."
    )

    assert need_sentences(text) == ["The system must detect cracks in tunnel walls."]


def test_plain_descriptions_keep_their_first_sentences():
    text = "Sorts incoming letters by topic. Shows the clerk a short summary. Runs each night on our servers."

    assert need_sentences(text) == split_sentences(text)


def test_nothing_but_background_is_still_something_to_answer():
    assert need_sentences("目前主要靠人工巡查，长期以来效率不高。") == [
        "目前主要靠人工巡查，长期以来效率不高。"
    ]


@pytest.mark.parametrize("text", ["", "背景", "Overview:", "\n\n"])
def test_a_text_without_a_sentence_has_no_need(text):
    assert need_sentences(text) == []


def test_headings_are_not_needs():
    assert need_sentences("The objectives of this call are:\nThe system must read faded stamps.") == [
        "The system must read faded stamps."
    ]


def test_at_most_so_many_are_chosen_and_the_order_is_the_authors():
    text = "".join(f"系统须支持第{n}类业务的自动办理。" for n in "甲乙丙丁戊己庚辛壬癸")

    assert need_sentences(text) == split_sentences(text)[:MAX_SENTENCES]


@given(st.text(max_size=300))
def test_what_is_chosen_are_sentences_of_the_text_in_order(text):
    chosen = need_sentences(text)
    rest = iter(split_sentences(text))

    assert all(sentence in rest for sentence in chosen)
    assert len(chosen) <= max(MAX_SENTENCES, MIN_SENTENCES)
