"""The credit code: the standard's own arithmetic, and a sentence for every kind of mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.credit_code import ALPHABET, check_sign, checked_credit_code, normal_credit_code
from models.errors import InvalidInput

signs = st.sampled_from(ALPHABET)
digits = st.text("0123456789", min_size=6, max_size=6)


@st.composite
def codes(draw: st.DrawFn) -> str:
    first = draw(signs) + draw(signs) + draw(digits) + "".join(draw(signs) for _ in range(9))
    return first + check_sign(first)


def test_a_code_worked_out_by_hand() -> None:
    # 9 at weight 1, 1 at weight 3 and 1 at weight 28, the seventeenth: 9 + 3 + 28 = 40; 62 - 40 = 22, which is N.
    assert check_sign("91000000000000001") == ALPHABET[22] == "N"


@given(codes())
def test_a_right_code_is_taken_as_it_is(code: str) -> None:
    assert checked_credit_code(code) == code


@given(codes(), st.integers(0, 17), signs)
def test_one_wrong_sign_is_always_noticed(code: str, at: int, sign: str) -> None:
    wrong = code[:at] + sign + code[at + 1 :]
    if wrong == code:
        return

    with pytest.raises(InvalidInput):
        checked_credit_code(wrong)


@given(codes(), st.integers(0, 16))
def test_two_neighbours_changed_about_are_always_noticed(code: str, at: int) -> None:
    wrong = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if wrong == code:
        return

    with pytest.raises(InvalidInput):
        checked_credit_code(wrong)


@given(codes())
def test_full_width_small_letters_blanks_and_hyphens_are_forgiven(code: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code.lower())
    spaced = f" {wide[:8]}　{wide[8:12]}-{wide[12:]}\n"

    assert checked_credit_code(spaced) == code


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "要填写"),
        ("91440300MA5DEMO0", "18 位"),
        ("91440300MA5DEMO000", "没有 I、O"),
        ("91440300MA5DE_0000", "只有数字和大写字母"),
        ("914403A0MA5DEM0000", "行政区划"),
        ("91000000000000001P", "校验位"),
        ("91000000000000001码", "只有数字和大写字母"),
    ],
)
def test_each_mistake_has_a_sentence_of_its_own(typed: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as caught:
        checked_credit_code(typed)

    assert set(caught.value.fields) == {"credit_code"}


@given(st.text())
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        taken = checked_credit_code(text)
    except InvalidInput as error:
        taken = error.message

    assert taken == normal_credit_code(text) or taken.endswith("。")
