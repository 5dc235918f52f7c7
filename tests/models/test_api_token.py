from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models.api_token import (
    MAX_OPEN,
    PREFIX,
    ApiToken,
    Scope,
    TokenStatus,
    TokenWish,
    add_token,
    find_token,
    get_token,
    note_used,
    user_tokens,
)
from models.errors import InvalidInput, InvalidTransition, NotFound
from tests.factories import make_token, make_user

WISH = TokenWish(name="平台同步", scopes=(Scope.MATCH, Scope.READ), days=30)


def test_the_database_never_holds_the_token(session, now):
    row, token = add_token(session, make_user(session), WISH, now=now)

    stored = session.exec(select(ApiToken)).one()
    assert token.startswith(PREFIX) and len(token) > 40
    assert token not in str(stored.model_dump())
    assert (stored.hint, stored.scopes) == (token[-4:], ["read", "match"])
    assert find_token(session, token, now=now) is row


def test_a_token_ends_with_its_day(session, now):
    token = make_token(session, make_user(session), now=now, expires_at=now + timedelta(days=1))
    row = find_token(session, token, now=now)

    assert find_token(session, token, now=now + timedelta(days=1)) is None
    assert row.status_at(now + timedelta(days=1)) is TokenStatus.EXPIRED


def test_a_revoked_token_is_nobody_and_stays_revoked(session, now):
    row, token = add_token(session, make_user(session), WISH, now=now)
    row.revoke(now)
    session.flush()

    assert find_token(session, token, now=now) is None
    assert row.status_at(now) is TokenStatus.REVOKED
    with pytest.raises(InvalidTransition):
        row.revoke(now)


def test_a_token_allows_what_it_was_made_for(session, now):
    row, _ = add_token(session, make_user(session), WISH, now=now)

    assert [scope for scope in Scope if row.allows(scope)] == [Scope.READ, Scope.MATCH]


def test_a_token_for_nothing_is_refused(session, now):
    with pytest.raises(InvalidInput) as refused:
        add_token(session, make_user(session), TokenWish("x", (), 30), now=now)

    assert "scopes" in refused.value.fields


def test_one_token_too_many_is_refused_until_one_is_revoked(session, now):
    person = make_user(session)
    rows = [add_token(session, person, WISH, now=now)[0] for _ in range(MAX_OPEN)]
    with pytest.raises(InvalidInput):
        add_token(session, person, WISH, now=now)
    rows[0].revoke(now)

    add_token(session, person, WISH, now=now)

    assert len(user_tokens(session, person.key)) == MAX_OPEN + 1


def test_a_token_of_another_is_not_found(session, now):
    row, _ = add_token(session, make_user(session), WISH, now=now)

    with pytest.raises(NotFound):
        get_token(session, row.key, user_id=make_user(session).key)
    assert get_token(session, row.key, user_id=row.user_id) is row


def test_it_is_written_down_when_a_token_was_used(session, now):
    row, _ = add_token(session, make_user(session), WISH, now=now)

    note_used(session, row.key, now=now)

    session.refresh(row)
    assert row.used_at == now


def test_a_token_has_a_name(session, now):
    with pytest.raises(IntegrityError):
        make_token(session, make_user(session), now=now, name="")
