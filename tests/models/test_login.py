"""Log-ins, one-time links and counted failures, at chosen moments."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from models.db import make_session, transaction
from models.errors import NotFound
from models.login import (
    LINK_HOURS,
    LoginAttempt,
    OneTimeLink,
    UserSession,
    clear_attempts,
    count_attempts,
    end_links,
    end_sessions,
    find_session,
    get_link,
    hash_token,
    make_link,
    make_mailed_link,
    note_seen,
    open_sessions,
    start_session,
)
from models.secret_key import link_token
from tests.factories import make_user, save

HOUR = timedelta(hours=1)


def test_a_token_opens_its_session_until_it_expires(session: Session, now: datetime) -> None:
    user = make_user(session)
    token = start_session(session, user, now=now, hours=12)

    just_in_time = find_session(session, token, now=now + 12 * HOUR - timedelta(seconds=1))

    assert just_in_time is not None
    assert just_in_time.user_id == user.id
    assert find_session(session, token, now=now + 12 * HOUR) is None


def test_the_database_does_not_hold_the_token(session: Session, now: datetime) -> None:
    token = start_session(session, make_user(session), now=now, hours=12, user_agent="x" * 500)
    row = session.exec(select(UserSession).where(UserSession.token_hash == hash_token(token))).one()

    assert token not in str(row.model_dump())
    assert len(row.user_agent) == 200


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "\u5bf9\u63a5", "a" * 10_000])
def test_a_made_up_token_opens_nothing(session: Session, now: datetime, token: str) -> None:
    start_session(session, make_user(session), now=now, hours=12)

    assert find_session(session, token, now=now) is None


def test_two_sessions_of_a_person_have_different_tokens(session: Session, now: datetime) -> None:
    user = make_user(session)

    assert start_session(session, user, now=now, hours=1) != start_session(session, user, now=now, hours=1)


def test_ending_ends_every_session_of_the_person_and_of_nobody_else(session: Session, now: datetime) -> None:
    user, other = make_user(session), make_user(session)
    mine = [start_session(session, user, now=now, hours=12) for _ in range(2)]
    theirs = start_session(session, other, now=now, hours=12)

    n_ended = end_sessions(session, user.key, now=now)

    assert n_ended == 2
    assert [find_session(session, token, now=now) for token in mine] == [None, None]
    assert find_session(session, theirs, now=now) is not None
    assert end_sessions(session, user.key, now=now) == 0


def test_a_link_works_until_it_expires(session: Session, now: datetime) -> None:
    user = make_user(session)
    token = make_link(session, user, now=now)
    last_moment = now + LINK_HOURS * HOUR - timedelta(seconds=1)

    assert get_link(session, token, now=last_moment).user_id == user.id
    with pytest.raises(NotFound):
        get_link(session, token, now=now + LINK_HOURS * HOUR)


def test_a_used_link_does_not_work_again(session: Session, now: datetime) -> None:
    token = make_link(session, make_user(session), now=now)
    get_link(session, token, now=now).used_at = now
    session.flush()

    with pytest.raises(NotFound, match="已经用过或已过期"):
        get_link(session, token, now=now)


def test_a_made_up_link_is_answered_like_a_used_one(session: Session, now: datetime) -> None:
    with pytest.raises(NotFound, match="已经用过或已过期"):
        get_link(session, "made-up", now=now)


def test_a_new_link_ends_the_earlier_ones_of_that_person(session: Session, now: datetime) -> None:
    user, other = make_user(session), make_user(session)
    earlier, others = make_link(session, user, now=now), make_link(session, other, now=now)

    newer = make_link(session, user, now=now + HOUR)

    with pytest.raises(NotFound):
        get_link(session, earlier, now=now + HOUR)
    assert get_link(session, newer, now=now + HOUR).user_id == user.id
    assert get_link(session, others, now=now + HOUR).user_id == other.id


def test_the_database_does_not_hold_the_link(session: Session, now: datetime) -> None:
    token = make_link(session, make_user(session), now=now)
    row = session.exec(select(OneTimeLink).where(OneTimeLink.token_hash == hash_token(token))).one()

    assert token not in str(row.model_dump())


def test_of_two_requests_at_once_one_uses_the_link(empty_engine: Engine, now: datetime) -> None:
    with transaction(empty_engine) as session:
        token = make_link(session, make_user(session), now=now)

    def use() -> bool:
        try:
            with transaction(empty_engine) as session:
                get_link(session, token, now=now).used_at = now
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(future.result(timeout=60) for future in [pool.submit(use) for _ in range(4)])

    assert outcomes == [False, False, False, True]


def test_failures_are_counted_by_key_since_a_moment(session: Session, now: datetime) -> None:
    for minutes in (0, 5, 20):
        save(session, LoginAttempt(attempt_key="li", created_at=now - timedelta(minutes=minutes)))
    save(session, LoginAttempt(attempt_key="wang", created_at=now))

    assert count_attempts(session, "li", since=now - timedelta(minutes=15)) == 2
    assert count_attempts(session, "li", since=now - timedelta(minutes=20)) == 3
    assert count_attempts(session, "nobody", since=now - timedelta(days=1)) == 0


def test_a_success_forgets_the_failures_under_its_key(session: Session, now: datetime) -> None:
    save(session, LoginAttempt(attempt_key="li", created_at=now))
    save(session, LoginAttempt(attempt_key="wang", created_at=now))

    clear_attempts(session, "li")

    assert count_attempts(session, "li", since=now) == 0
    assert count_attempts(session, "wang", since=now) == 1


def test_sessions_survive_the_session_that_made_them(empty_engine: Engine, now: datetime) -> None:
    with transaction(empty_engine) as session:
        token = start_session(session, make_user(session), now=now, hours=1)

    with make_session(empty_engine, read_only=True) as session:
        assert find_session(session, token, now=now) is not None


def test_a_mailed_link_is_made_from_its_row_and_the_key_and_lives_as_long_as_said(
    session: Session, now: datetime
) -> None:
    user = make_user(session)
    printed = make_link(session, user, now=now)

    link = make_mailed_link(session, user, key="k", now=now, hours=2)

    token = link_token("k", link.nonce)
    assert get_link(session, token, now=now + HOUR) is link
    for gone, at in ((token, now + 2 * HOUR), (printed, now), (link_token("other", link.nonce), now)):
        with pytest.raises(NotFound):
            get_link(session, gone, now=at)
    assert token not in str(link.model_dump())


def test_links_of_a_person_can_be_ended_without_a_new_one(session: Session, now: datetime) -> None:
    user = make_user(session)
    token = make_link(session, user, now=now)

    end_links(session, user, now=now)

    with pytest.raises(NotFound):
        get_link(session, token, now=now)


def test_open_sessions_are_those_that_neither_ended_nor_expired_last_seen_first(
    session: Session, now: datetime
) -> None:
    user = make_user(session)
    for hours in (1, 12, 24):
        start_session(session, user, now=now, hours=hours)
    start_session(session, make_user(session), now=now, hours=24)
    brief, half, long = session.exec(
        select(UserSession).where(UserSession.user_id == user.key).order_by(UserSession.id)
    ).all()
    note_seen(session, half.key, now=now + 2 * HOUR)
    session.refresh(half)

    assert open_sessions(session, user.key, now=now + 2 * HOUR) == [half, long]
    half.ended_at = now
    session.flush()
    assert open_sessions(session, user.key, now=now) == [long, brief]
