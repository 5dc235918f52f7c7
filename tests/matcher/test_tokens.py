"""Which words a text is cut into."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.tokens import MAX_TOKEN_CHARACTERS, fold, query_terms, query_words, tokenize


def test_chinese_becomes_characters_and_pairs():
    assert tokenize("智慧养老") == ["智", "慧", "养", "老", "智慧", "慧养", "养老"]


def test_pairs_do_not_reach_across_punctuation_or_latin_words():
    assert "老A" not in tokenize("养老AI助手")
    assert "老助" not in tokenize("养老AI助手")
    assert "老助" not in tokenize("养老，助手")


def test_english_words_become_stems():
    assert tokenize("Connected connections connecting") == ["connect", "connect", "connect"]


def test_possessives_in_either_apostrophe_have_one_stem():
    assert tokenize("company's") == tokenize("company’s") == tokenize("company")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("YOLOv8", ["yolov8"]),
        ("GPT-4", ["gpt", "4", "gpt4"]),
        ("GB/T 22239-2019", ["gb", "t", "22239", "2019"]),
        ("3.5mm", ["3.5", "mm"]),
        ("1,000元", ["1000", "元"]),
        ("12,345.6", ["12345.6"]),
        ("2026-10-01", ["2026", "10", "01"]),
        ("5G", ["5g"]),
        ("C++ and C#", ["c++", "and", "c#"]),
        ("95％", ["95", "%"]),
        ("一百〇一", ["一", "百", "〇", "一", "一百", "百〇", "〇一"]),
    ],
)
def test_numbers_and_product_names_stay_whole(text, expected):
    assert tokenize(text) == expected


def test_full_width_and_zero_width_spellings_are_folded():
    assert fold("ＡＩ＋人\u200b工\ufeff智能") == "ai+人工智能"


def test_case_does_not_matter():
    assert tokenize("OCR Engine") == tokenize("ocr ENGINE")


@pytest.mark.parametrize("text", ["", "   \n\t", "，。！？", "\x00\x07", "\ud800\udfff", "🙂🚀", "___---..."])
def test_a_text_without_words_has_no_tokens(text):
    assert tokenize(text) == []
    assert query_terms(text) == {}
    assert query_words(text) == []


def test_a_query_counts_its_terms_and_drops_stop_words():
    assert query_terms("the drone and the drones") == {"drone": 2}


def test_a_query_of_nothing_but_stop_words_keeps_them():
    assert query_terms("的") == {"的": 1}
    assert query_terms("the") == {"the": 1}
    assert query_words("%") == ["%"]


def test_words_that_are_names_in_capitals_are_not_stop_words():
    assert set(query_terms("IT, US and CAN bus")) == {"it", "us", "can", "bus"}


def test_the_words_of_a_chinese_query_are_its_pairs():
    assert query_words("智慧养老") == ["智慧", "慧养", "养老"]
    assert query_words("老") == ["老"]


def test_the_word_of_a_joined_name_is_found_in_every_spelling():
    assert query_words("GPT-4") == ["gpt4"]
    assert "gpt4" in tokenize("GPT4")
    assert "gpt4" in tokenize("gpt_4")


def test_an_endless_string_is_cut_short():
    assert tokenize("a" * 100_000) == ["a" * MAX_TOKEN_CHARACTERS]


@pytest.mark.parametrize("unit", ["1,000", "1.", "a-", "9" * 50 + ".", "养", "1,", "a1."])
def test_hostile_repetition_is_cut_in_time(unit):
    assert tokenize(unit * (100_000 // len(unit)))


def test_threads_get_the_same_stems():
    words = [stem + end for stem in ("connect", "detect", "inspect") for end in ("ing", "ions", "ed")]
    text = " ".join(f"{word}{'x' * n}" for n in range(200) for word in words)
    alone, together = tokenize(text), []
    threads = [threading.Thread(target=lambda: together.append(tokenize(text))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert together == [alone] * 4


@given(st.text())
def test_any_text_can_be_cut_and_a_query_has_no_term_the_document_lacks(text):
    tokens = tokenize(text)

    assert set(query_terms(text)) <= set(tokens)
    assert set(query_words(text)) <= set(tokens)
    assert all(len(token) > 0 for token in tokens)


@given(st.text(), st.text())
def test_a_document_has_the_words_of_each_of_its_paragraphs(first, second):
    assert tokenize(f"{first}\n{second}") == tokenize(first) + tokenize(second)
