"""Vectors are kept by content: stored once, found in one go, never changed."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from models.embedding import QUERY_BATCH, Embedding, store_vectors, stored_vectors
from tests.factories import save

VECTOR = b"\x00\x00\x80\x3f" * 4


def test_stored_vectors_are_found_and_others_left_out(session: Session) -> None:
    n_stored = store_vectors(session, {"a" * 64: VECTOR, "b" * 64: VECTOR[::-1]}, model_key="m", dim=4)

    assert n_stored == 2
    assert stored_vectors(session, ["b" * 64, "c" * 64, "b" * 64]) == {"b" * 64: VECTOR[::-1]}


def test_a_vector_that_is_there_is_not_stored_again_nor_changed(session: Session) -> None:
    store_vectors(session, {"a" * 64: VECTOR}, model_key="m", dim=4)

    n_stored = store_vectors(session, {"a" * 64: VECTOR[::-1], "d" * 64: VECTOR}, model_key="m", dim=4)

    assert n_stored == 1
    assert stored_vectors(session, ["a" * 64]) == {"a" * 64: VECTOR}


def test_nothing_is_stored_for_nothing(session: Session) -> None:
    assert store_vectors(session, {}, model_key="m", dim=4) == 0
    assert stored_vectors(session, []) == {}


def test_more_keys_than_one_query_takes_are_all_found(session: Session) -> None:
    vectors = {f"{n:064x}": n.to_bytes(16, "little") for n in range(QUERY_BATCH * 2 + 3)}

    store_vectors(session, vectors, model_key="m", dim=4)

    assert stored_vectors(session, reversed(vectors)) == vectors


def test_the_row_says_which_model_made_it_and_when(session: Session) -> None:
    store_vectors(session, {"a" * 64: VECTOR}, model_key="bundled:e5-small@float32", dim=4)

    row = session.exec(select(Embedding).where(Embedding.text_hash == "a" * 64)).one()

    assert (row.model_key, row.dim, row.created_at.tzinfo is not None) == (
        "bundled:e5-small@float32",
        4,
        True,
    )


def test_a_key_has_one_vector(session: Session) -> None:
    save_twice = [Embedding(text_hash="a" * 64, model_key="m", dim=4, vector=VECTOR) for _ in range(2)]
    save(session, save_twice[0])  # type: ignore[type-var]
    session.expunge(save_twice[0])

    with pytest.raises(IntegrityError):
        save(session, save_twice[1])  # type: ignore[type-var]


@pytest.mark.parametrize("dim", [0, -1])
def test_a_vector_has_a_length(session: Session, dim: int) -> None:
    with pytest.raises(IntegrityError):
        store_vectors(session, {"a" * 64: VECTOR}, model_key="m", dim=dim)
