"""What is left of an offer for one need when all that is copied out of that need is left out.

The rest is measured as if the firm had written no more: it is encoded anew, so that no section holds a copy. That is
rare, and vectors are remembered by text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from matcher.chunks import detect_lang
from matcher.copies import Own, own_words, shares_phrases
from matcher.documents import Document, Statement
from matcher.passages import EncodedText, Passage


class Reader(Protocol):
    """Reads capabilities with the model, which is loaded when it is first needed."""

    def cut(self, document: Document) -> Sequence[Passage]:
        """A capability's passages, as they were cut for the index."""

    def encode(self, texts: Sequence[str], lang: str) -> EncodedText:
        """The centred vectors of a capability that consists of these chunks."""


def own_of(need: Document, offer: Document, passages: Sequence[Passage]) -> Own:
    """What the offer's passages say in words of the firm's own; a title names a thing, and may be anybody's."""
    texts = [passage.text for passage in passages]
    if not shares_phrases(need.keyword_text, offer.keyword_text):
        return Own(tuple(texts), ())
    asked = ["" if passage.source == "title" else passage.text for passage in passages]
    own = own_words(need.keyword_text, asked)
    pairs = zip(passages, own.texts, strict=True)
    return Own(tuple(each.text if each.source == "title" else text for each, text in pairs), own.copies)


def document_of(document: Document, passages: Sequence[Passage], texts: Sequence[str]) -> Document:
    """The document as if its passages read like this; those without text are left out.

    Its language is that of what is left: a long need pasted in can be in another.
    """
    pairs = zip(passages, texts, strict=True)
    kept = tuple(Statement(each.source, text) for each, text in pairs if text)
    lang = detect_lang("\n".join(statement.text for statement in kept)) if kept else document.lang
    return replace(document, statements=kept, lang=lang)
