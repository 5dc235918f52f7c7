"""Examples of mails: one of each kind and language, renewed where it differs."""

import pytest
from sqlmodel import Session

from models.errors import NotFound
from models.mail_example import MailExample, get_example, keep_example, list_examples


def example(locale: str = "zh", text: str = "正文") -> MailExample:
    return MailExample(kind="invitation", locale=locale, subject="主题", text=text, html=f"<p>{text}</p>")


def test_an_example_is_kept_once_and_renewed_where_it_differs(session: Session) -> None:
    kept = [keep_example(session, example()) for _ in range(2)]
    changed = keep_example(session, example(text="新的"))

    assert (kept, changed) == ([True, False], True)
    assert get_example(session, "invitation", "zh").html == "<p>新的</p>"


def test_examples_are_read_in_one_language(session: Session) -> None:
    keep_example(session, example("zh"))
    keep_example(session, example("en", "text"))

    assert [row.text for row in list_examples(session, "en").values()] == ["text"]
    with pytest.raises(NotFound):
        get_example(session, "invitation", "fr")
