import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.excerpt import excerpt

LONG = (
    "夜间照度很低时仍可用，同一井盖按位置和外观去重，一天只报一次，"
    "四类病害召回率91.3%，误报率8.7%，结果推送到工单系统。"
)


def test_a_short_text_stays_whole_but_for_its_full_stop():
    assert excerpt("误报率8.7%；", limit=60) == "误报率8.7%"


def test_the_beginning_is_kept_where_nothing_else_matters():
    assert excerpt(LONG, limit=26) == "夜间照度很低时仍可用，同一井盖按位置和外观去重…"


def test_the_clause_that_answers_the_need_is_kept():
    assert excerpt(LONG, limit=22, near="误报率不高于5%") == "…误报率8.7%，结果推送到工单系统"


def test_room_behind_the_best_clause_that_is_not_needed_goes_to_what_is_before():
    assert excerpt(LONG, limit=30, near="结果推送") == "…四类病害召回率91.3%，误报率8.7%，结果推送到工单系统"


def test_an_english_sentence_is_cut_between_clauses():
    text = "In a large hall we saw most encounters, with 1.2 false alarms per crossing, and the buzzer works offline."

    assert (
        excerpt(text, limit=50, near="No more than 3 false alarms") == "…with 1.2 false alarms per crossing…"
    )


def test_a_clause_that_is_too_long_is_cut_hard():
    assert excerpt("没有标点的很长很长的一句话", limit=6) == "没有标点的很…"


@pytest.mark.parametrize("text", ["", "。", "……"])
def test_nothing_stays_nothing(text):
    assert excerpt(text, limit=10).strip("…") == ""


@given(st.text(max_size=200), st.integers(min_value=5, max_value=60), st.text(max_size=20))
def test_an_excerpt_keeps_the_limit_and_is_part_of_the_text(text, limit, near):
    found = excerpt(text, limit=limit, near=near)

    assert len(found) <= limit + 2
    assert found.removeprefix("…").removesuffix("…") in text
