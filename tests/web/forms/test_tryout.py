import pytest

from models.errors import InvalidInput
from web.forms.parsing import parse
from web.forms.tryout import MAX_TEXT, MIN_TEXT, TryForm


@pytest.mark.parametrize("length", [MIN_TEXT, MAX_TEXT])
def test_both_ends_of_the_length_are_taken(length: int) -> None:
    assert len(parse(TryForm, {"side": "need", "text": "字" * length}).text) == length


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("字" * (MIN_TEXT - 1), "太短"),
        ("字" * (MAX_TEXT + 1), "太长"),
        (" " * 100, "要填写"),
        ("\x00" * 50, "要填写"),
    ],
)
def test_beyond_them_a_sentence_says_so(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(TryForm, {"side": "need", "text": text})

    assert sentence in caught.value.fields["text"]
