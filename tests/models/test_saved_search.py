from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from models.errors import InvalidInput, NotFound
from models.saved_search import (
    MAX_SEARCHES,
    SavedSearch,
    SearchNews,
    add_search_news,
    get_search,
    get_search_by_token,
    published_since,
    save_search,
    told_scenario_ids,
    user_searches,
)
from tests.factories import MONDAY, make_scenario, make_user
from tests.jobs.rows import make_mail


def keep(session, user_id: int, name: str = "井盖") -> SavedSearch:
    return save_search(session, user_id=user_id, name=name, query="q=井盖", now=MONDAY)


def test_a_search_is_kept_under_its_name_and_read_by_name(session):
    person = make_user(session).key
    keep(session, person, "乙")
    keep(session, person, "丙")

    assert [row.name for row in user_searches(session, person)] == sorted(["乙", "丙"])
    assert user_searches(session, person)[0].seen_at == MONDAY


def test_a_name_is_taken_once_by_each_person(session):
    person = make_user(session).key
    keep(session, person)
    keep(session, make_user(session).key)

    with pytest.raises(InvalidInput) as refused:
        keep(session, person)
    assert list(refused.value.fields) == ["name"]


def test_nobody_keeps_more_than_one_can_look_at(session):
    person = make_user(session).key
    for n in range(MAX_SEARCHES):
        keep(session, person, f"第 {n} 个")

    with pytest.raises(InvalidInput):
        keep(session, person)


def test_anothers_search_is_not_there(session):
    row = keep(session, make_user(session).key)
    assert get_search(session, row.key, user_id=row.user_id) is row

    with pytest.raises(NotFound):
        get_search(session, row.key, user_id=make_user(session).key)


def test_new_is_what_was_published_after_the_moment(session):
    later = MONDAY + timedelta(hours=1)
    make_scenario(session, published_at=MONDAY)
    new = make_scenario(session, published_at=later)
    make_scenario(session, published_at=None)
    make_scenario(session, published_at=later, withdrawn_at=later)

    assert published_since(session, MONDAY) == {new.key: later}


def test_news_are_stopped_by_a_token_of_the_search_and_resumed(session):
    row = keep(session, make_user(session).key)

    found = get_search_by_token(session, row.token)
    found.stop_news(MONDAY)
    found.stop_news(MONDAY + timedelta(days=1))

    assert found == row and row.stopped_at == MONDAY
    row.resume_news()
    assert row.stopped_at is None
    with pytest.raises(NotFound):
        get_search_by_token(session, "forged")


def test_a_scenario_is_told_to_a_person_once_whatever_search_shows_it(session):
    person, scenario, mail = make_user(session).key, make_scenario(session).key, make_mail(session).key
    add_search_news(session, user_id=person, mail_id=mail, scenario_ids=[scenario])

    assert told_scenario_ids(session, person) == {scenario}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(SearchNews(user_id=person, scenario_id=scenario, mail_id=mail))
        session.flush()
