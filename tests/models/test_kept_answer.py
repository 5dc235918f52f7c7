from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models.api_token import find_token
from models.kept_answer import KEPT_FOR, KeptAnswer, find_kept, keep
from tests.factories import make_token, make_user


@pytest.fixture
def token_id(session, now) -> int:
    return find_token(session, make_token(session, make_user(session), now=now), now=now).key


def answer(token_id: int, now, key: str = "k1") -> KeptAnswer:
    return KeptAnswer(
        created_at=now, token_id=token_id, request_key=key, request_hash="a" * 64, status=200, content="{}"
    )


def test_an_answer_is_found_by_its_token_and_key_for_a_day(session, token_id, now):
    keep(session, answer(token_id, now), now=now)

    assert find_kept(session, token_id, "k1", now=now).content == "{}"
    assert find_kept(session, token_id, "k2", now=now) is None
    assert find_kept(session, token_id + 1, "k1", now=now) is None
    assert find_kept(session, token_id, "k1", now=now + KEPT_FOR) is None


def test_a_key_stands_for_one_answer(session, token_id, now):
    keep(session, answer(token_id, now), now=now)

    with pytest.raises(IntegrityError):
        keep(session, answer(token_id, now), now=now)


def test_old_answers_are_forgotten_and_their_keys_are_free(session, token_id, now):
    keep(session, answer(token_id, now - KEPT_FOR - timedelta(seconds=1)), now=now - KEPT_FOR)

    keep(session, answer(token_id, now), now=now)

    assert len(session.exec(select(KeptAnswer)).all()) == 1
