"""What may be stored of a text, and which language it is in."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.texts import language_of, storable

# Every code point, lone surrogates included: what JSON and browsers can send.
ANYTHING = st.text(alphabet=st.characters(codec=None, exclude_categories=()))


@given(ANYTHING)
def test_what_is_storable_can_be_encoded_and_holds_no_control_character(text: str) -> None:
    cleaned = storable(text)

    cleaned.encode("utf-8")
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc" and c not in "\n\t"]


@given(ANYTHING)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert storable(storable(text)) == storable(text)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs")), min_size=1).map(lambda t: f"a{t}z"))
def test_only_the_form_of_printable_text_may_change(text: str) -> None:
    assert storable(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", ""),
        ("\x00", ""),
        ("a\x00b", "ab"),
        ("一行\r\n两行\r三行", "一行\n两行\n三行"),
        ("\t 缩进 \n", "缩进"),
        ("制表\t符", "制表\t符"),
        ("\ud800", "\ufffd"),
        ("a\udfffb", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),
        (json.loads('"\\ud800\\u5bf9"'), "\ufffd对"),
        ("e\u0301", "é"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("\u202eمرحبا\u202c", "\u202eمرحبا\u202c"),
        ("bell\x07 escape\x1b[31m", "bell escape[31m"),
        ("\x85\x9f", ""),
    ],
)
def test_what_is_kept_of_a_text(text: str, stored: str) -> None:
    assert storable(text) == stored


def test_a_hundred_thousand_characters_are_kept() -> None:
    text = "场景，" * 33_334

    assert storable(text) == text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("城市内涝预警", "zh"),
        ("基于 transformer 的 OCR 服务平台", "zh"),
        ("2026年12月31日 08:30—17:45，4096×2160", "zh"),
        ("𠀀𠀁𠀂", "zh"),
        ("An OCR service for 汉字", "en"),
        ("flood warning", "en"),
        ("مرحبا بالعالم", "en"),
        ("12345", "en"),
        ("😀😀", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_told_by_the_share_of_han_among_letters(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(("n_han", "language"), [(19, "en"), (20, "zh")])
def test_a_fifth_of_the_letters_makes_a_text_chinese(n_han: int, language: str) -> None:
    assert language_of("字" * n_han + "x" * (100 - n_han)) == language
