"""An offer without what it copied out of one need."""

from __future__ import annotations

from matcher.documents import Document, DocumentKind, Statement, text_document
from matcher.own_part import document_of, own_of
from matcher.passages import passages_of
from tests.fakes import HashingEmbedder
from tests.matcher.test_copies import ASKED, NEED, OWN, TITLE

EMBEDDER = HashingEmbedder()


def offer(*texts: str, title: str = "") -> Document:
    statements = [Statement("title", title)] * bool(title) + [Statement("text", text) for text in texts]
    return Document(kind=DocumentKind.CAPABILITY, id=7, lang="zh", statements=tuple(statements))


def test_copied_passages_are_left_out_and_the_rest_stands() -> None:
    need = text_document(NEED, kind=DocumentKind.SCENARIO)
    document = offer(*OWN, *ASKED)
    passages = passages_of(document, EMBEDDER)

    own = own_of(need, document, passages)

    left = document_of(document, passages, own.texts)
    assert [statement.text for statement in left.statements] == OWN
    assert [passages[at].text for at in own.copies] == ASKED
    assert (left.id, left.lang, left.facts) == (document.id, document.lang, document.facts)


def test_a_title_may_be_the_needs() -> None:
    need = text_document(NEED, kind=DocumentKind.SCENARIO)
    document = offer(*ASKED, title=TITLE)
    passages = passages_of(document, EMBEDDER)

    own = own_of(need, document, passages)

    assert own.texts[0] == TITLE
    assert 0 not in own.copies


def test_nothing_is_taken_from_who_copied_nothing() -> None:
    need = text_document(NEED, kind=DocumentKind.SCENARIO)
    document = offer(*OWN)
    passages = passages_of(document, EMBEDDER)

    own = own_of(need, document, passages)

    assert own.texts == tuple(passage.text for passage in passages)
    assert own.copies == ()
