"""Cutting text: nothing is lost, nothing is too long, and a cut falls where a reader would make it."""

from __future__ import annotations

import doctest
import re
import time
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import matcher.chunks
from matcher.chunks import Chunk, chunk_text, clean_text, detect_lang, split_sentences, without_references

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=400)
"""Any string Python can hold, lone surrogates included."""

PROSE = st.lists(
    st.sampled_from(
        [
            "系统须支持3.5米识别",
            "响应时间低于2秒",
            "It detects leaks",
            "e.g. in Fig. 2",
            "OBJECTIVE: find",
            "（1）",
            "1. ",
            "；",
            "。",
            ". ",
            "\n",
            "，",
            " ",
            "A" * 90,
        ]
    ),
    max_size=60,
).map("".join)


def count_tokens(texts: Sequence[str]) -> list[int]:
    """About what a real tokenizer counts: a token for three Latin characters or for one other."""
    return [len(re.findall(r"[!-~]{1,3}|[^\x00-~\s]", text)) for text in texts]


def visible(text: str) -> str:
    return "".join(text.split())


@given(ANY_TEXT)
def test_cleaning_never_raises_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)

    assert clean_text(cleaned) == cleaned


@given(ANY_TEXT)
def test_cleaned_text_can_be_encoded_and_holds_nothing_invisible(text: str) -> None:
    cleaned = clean_text(text)

    cleaned.encode("utf-8")
    assert {unicodedata.category(mark) for mark in cleaned.replace("\n", "")} & {"Cc", "Cf", "Cs"} == set()
    assert cleaned == cleaned.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("影\x00像", "影像"),
        ("key\u200bword\ufeff", "keyword"),
        ("left\u202eright", "leftright"),
        ("a\t b\u3000c", "a b c"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("😀", "😀"),
        ("", ""),
    ],
)
def test_cleaning(text: str, expected: str) -> None:
    assert clean_text(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("城市内涝预警", "zh"),
        ("基于 transformer 的 OCR 服务平台", "zh"),
        ("An OCR service for 汉字", "en"),
        ("flood warning", "en"),
        ("", "en"),
        (" \n", "en"),
        ("12345", "en"),
    ],
)
def test_language_is_told_by_the_share_of_han_characters(text: str, expected: str) -> None:
    assert detect_lang(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "系统上线。响应低于2秒！可行吗？可行；支持3.5米",
            ["系统上线。", "响应低于2秒！", "可行吗？", "可行；", "支持3.5米"],
        ),
        ("他说：“可以。”随后签字。", ["他说：“可以。”", "随后签字。"]),
        (
            "It works. It costs $3.5 million, e.g. in Fig. 2 by Dr. Li of the U.S. Army.",
            ["It works.", "It costs $3.5 million, e.g. in Fig. 2 by Dr. Li of the U.S. Army."],
        ),
        ("J. Smith wrote it in 2015. The end.", ["J. Smith wrote it in 2015.", "The end."]),
        (
            "of the solicitation.OBJECTIVE: Find leaks. PHASE II: Build it.",
            ["of the solicitation.", "OBJECTIVE: Find leaks.", "PHASE II: Build it."],
        ),
        ("It serves aviation.The system is new.", ["It serves aviation.", "The system is new."]),
        (
            "Needs:\n1. Speed below 2 s\n2. Accuracy above 95.5%\n- Privacy",
            ["Needs:", "1. Speed below 2 s", "2. Accuracy above 95.5%", "- Privacy"],
        ),
        ("要求：（1）识别准确率；（2）国产化部署", ["要求：", "（1）识别准确率；", "（2）国产化部署"]),
        ("要求：1、快。2、准。", ["要求：", "1、快。", "2、准。"]),
        ("the platform is\nwrapped by a mail program.", ["the platform is\nwrapped by a mail program."]),
        ("支持：①离线 ②在线", ["支持：", "①离线", "②在线"]),
        ("see www.example.com or v1.2.3", ["see www.example.com or v1.2.3"]),
        ("", []),
        ("。。。", ["。。。"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


def test_the_list_of_references_at_the_end_is_left_out_but_keywords_stay() -> None:
    text = "OBJECTIVE: Find leaks in long pipes. REFERENCES: 1. Li, Leaks, 2019. 2. Wu. KEYWORDS: leak, pipe"

    assert split_sentences(text) == ["OBJECTIVE: Find leaks in long pipes.", "KEYWORDS: leak, pipe"]


def test_references_at_the_top_are_customers_and_stay() -> None:
    text = "References: City of X, Port of Y.\n" + "We build sensors for ports. " * 10

    assert without_references(text) == text


@given(PROSE, st.integers(10, 60))
def test_every_visible_character_is_in_exactly_one_chunk(text: str, max_tokens: int) -> None:
    chunks = chunk_text("capability:1", text, count_tokens=count_tokens, max_tokens=max_tokens)

    assert visible("".join(chunk.text for chunk in chunks)) == visible(without_references(clean_text(text)))


@given(PROSE, st.integers(10, 60))
def test_no_chunk_is_empty_or_too_long_and_positions_count_up(text: str, max_tokens: int) -> None:
    chunks = chunk_text("capability:1", text, count_tokens=count_tokens, max_tokens=max_tokens)

    assert all(0 < n <= max_tokens for n in count_tokens([chunk.text for chunk in chunks]))
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))


def test_a_tiny_piece_joins_its_neighbour() -> None:
    text = "概述\n本系统用于城市内涝的实时监测与预警，已在两个区试点。好。"

    chunks = chunk_text("scenario:7", text, count_tokens=count_tokens, max_tokens=128)

    assert chunks == [Chunk("scenario:7", 0, "概述本系统用于城市内涝的实时监测与预警，已在两个区试点。好。")]


def test_a_long_sentence_is_cut_at_its_clauses() -> None:
    text = "支持视频识别，" * 10 + "完。"

    chunks = chunk_text("scenario:7", text, count_tokens=count_tokens, max_tokens=30)

    assert {chunk.text for chunk in chunks[:-1]} == {"支持视频识别，" * 4}


@pytest.mark.parametrize(
    "text", ["影像" * 50_000, "word " * 20_000, "A" * 100_000, "好。" * 50_000, "a. \n" * 25_000]
)
def test_a_hundred_thousand_characters_are_cut_whole_and_fast(text: str) -> None:
    started = time.process_time()

    chunks = chunk_text("capability:1", text, count_tokens=count_tokens, max_tokens=128)

    assert time.process_time() - started < 5
    assert visible("".join(chunk.text for chunk in chunks)) == visible(text)


def test_a_limit_that_holds_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="max_tokens"):
        chunk_text("capability:1", "text", count_tokens=count_tokens, max_tokens=2)


def test_the_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(matcher.chunks).failed == 0
