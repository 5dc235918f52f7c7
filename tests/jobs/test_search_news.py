"""News of saved searches: new, open, told once to a person, and gone from the mail where they no longer hold."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session

from jobs.mail_content import read_content
from jobs.mail_parts import Dropped
from jobs.queue_digests import queue_digests
from jobs.render import Letter
from jobs.search_news import MAX_A_SEARCH, SearchFind, find_search_news, read_search_news
from matcher.directory import Directory
from models.db import transaction
from models.organisation import Organisation
from models.outbox import MailKind
from models.saved_search import SavedSearch, add_search_news, save_search
from models.scenario import Scenario
from tests.factories import MONDAY, make_firm, make_match, make_scenario, make_score, make_user
from tests.jobs.conftest import FixedClock
from tests.jobs.rows import make_mail, make_subscription
from tests.jobs.sending import SHENZHEN, all_mails, make_renderer, make_run

ON = date(2026, 11, 23)


@pytest.fixture
def person(session: Session) -> int:
    return make_user(session).key


def keep(session: Session, user_id: int, name: str = "井盖", query: str = "q=井盖&state=open") -> SavedSearch:
    return save_search(session, user_id=user_id, name=name, query=query, now=MONDAY - timedelta(days=2))


def new_scenario(session: Session, **values: Any) -> Scenario:
    defaults = {"title": "井盖移位也要发现", "published_at": MONDAY - timedelta(days=1)}
    return make_scenario(session, **{**defaults, **values})


def news(session: Session, user_id: int, but: tuple[int, ...] = ()) -> list[SearchFind]:
    return find_search_news(session, Directory(), user_id, on=ON, but=but)


def test_what_was_published_since_the_owner_looked_is_news(session: Session, person: int) -> None:
    row = keep(session, person)
    new_scenario(session, published_at=MONDAY - timedelta(days=3))
    new_scenario(session, title="停车引导", text="停车引导屏。")
    fresh = new_scenario(session)

    assert news(session, person) == [SearchFind(row.key, (fresh.key,), 0)]


def test_what_the_owner_saw_or_was_told_or_reads_in_the_same_mail_is_no_news(
    session: Session, person: int
) -> None:
    row, fresh = keep(session, person), new_scenario(session)
    told = new_scenario(session)
    add_search_news(session, user_id=person, mail_id=make_mail(session).key, scenario_ids=[told.key])

    assert [find.scenario_ids for find in news(session, person)] == [(fresh.key,)]
    assert news(session, person, but=(fresh.key,)) == []
    row.seen_at = MONDAY
    assert news(session, person) == []


def test_two_searches_tell_one_scenario_once_under_the_first_name(session: Session, person: int) -> None:
    first, _ = keep(session, person, "a"), keep(session, person, "b", "q=移位")
    fresh = new_scenario(session)

    assert news(session, person) == [SearchFind(first.key, (fresh.key,), 0)]


def test_a_mail_has_room_for_a_few_and_counts_the_rest(session: Session, person: int) -> None:
    keep(session, person)
    for _ in range(MAX_A_SEARCH + 2):
        new_scenario(session)

    (find,) = news(session, person)

    assert (len(find.scenario_ids), find.n_more) == (MAX_A_SEARCH, 2)


def test_a_stopped_search_tells_nothing_and_closed_scenarios_are_no_news(
    session: Session, person: int
) -> None:
    row = keep(session, person, query="q=井盖&state=ended&state=open")
    new_scenario(session).close(MONDAY)
    new_scenario(session, deadline_on=ON - timedelta(days=1))
    assert news(session, person) == []

    new_scenario(session)
    assert len(news(session, person)) == 1
    row.stop_news(MONDAY)
    assert news(session, person) == []


def test_a_mail_reads_its_scenarios_again_and_leaves_out_what_no_longer_holds(
    session: Session, person: int
) -> None:
    row = keep(session, person)
    stays, goes = new_scenario(session), new_scenario(session)
    kept = [SearchFind(row.key, (stays.key, goes.key), 3).to_json()]
    goes.close(MONDAY)
    session.flush()

    (told,) = read_search_news(session, kept, on=ON)

    assert (told["name"], told["stop_token"], told["n_more"]) == ("井盖", row.token, 3)
    assert [each["number"] for each in told["scenarios"]] == [stays.number]


def test_a_stopped_or_deleted_search_is_left_out_of_the_mail(session: Session, person: int) -> None:
    row, scenario = keep(session, person), new_scenario(session)
    kept = [SearchFind(row.key, (scenario.key,), 0).to_json()]
    row.stop_news(MONDAY)
    session.flush()
    assert read_search_news(session, kept, on=ON) == []

    session.delete(row)
    session.flush()
    assert read_search_news(session, kept, on=ON) == []


def add_reader(session: Session, firm: Organisation) -> int:
    """A person of the firm who is its subscriber and keeps a search, from before MONDAY; the search's id."""
    person = make_user(session, organisation_id=firm.key, email="seeker@example.org").key
    make_subscription(session, organisation_id=firm.key, user_id=person, email="seeker@example.org")
    return save_search(
        session, user_id=person, name="井盖", query="q=井盖", now=MONDAY - timedelta(days=7)
    ).key


def test_a_reader_is_told_what_a_saved_search_shows_anew_and_once(
    database: Engine, clock: FixedClock
) -> None:
    with transaction(database) as session:
        search = add_reader(session, make_firm(session))
        fresh = make_scenario(session, title="井盖移位", published_at=MONDAY - timedelta(days=1)).key

    queue_digests(make_run(database, clock), zone=SHENZHEN)
    clock.advance(timedelta(days=7))
    queue_digests(make_run(database, clock), zone=SHENZHEN)

    (mail,) = all_mails(database)
    assert mail.context["match_ids"] == []
    assert mail.context["searches"] == [{"search_id": search, "scenario_ids": [fresh], "n_more": 0}]


def test_a_scenario_that_is_told_as_a_match_is_not_told_as_a_search_too(
    database: Engine, clock: FixedClock
) -> None:
    with transaction(database) as session:
        firm = make_firm(session)
        add_reader(session, firm)
        scenario = make_scenario(session, title="井盖移位", published_at=MONDAY - timedelta(days=1))
        make_score(session, make_match(session, scenario_id=scenario.key, organisation_id=firm.key))

    queue_digests(make_run(database, clock), zone=SHENZHEN)

    (mail,) = all_mails(database)
    assert (len(mail.context["match_ids"]), mail.context["searches"]) == (1, [])


def test_a_digest_of_searches_alone_is_sent_and_says_how_to_stop_each(session: Session) -> None:
    person = make_user(session)
    search = save_search(session, user_id=person.key, name="井盖", query="q=井盖", now=MONDAY)
    subscription = make_subscription(session, user_id=person.key)
    found = {"search_id": search.key, "scenario_ids": [make_scenario(session).key], "n_more": 0}
    context = {"match_ids": [], "scenario_ids": [], "searches": [found]}
    mail = make_mail(session, kind=MailKind.DIGEST_STARTUP, context=context, subscription_id=subscription.key)

    content = read_content(session, mail, on=ON, is_local=True)

    assert content.values["items"] == []
    assert [each["name"] for each in content.values["searches"]] == ["井盖"]
    letter = Letter(mail.kind, "en", "a@b.cn", "<x@y.cn>", content.values, ON, content.unsubscribe_token)
    written = make_renderer().write(letter)
    assert (
        f"/searches/stop/{search.token}" in written.text and f"/searches/stop/{search.token}" in written.html
    )
    assert written.subject == "1 new scenario in your saved searches"
    search.stop_news(MONDAY)
    session.flush()
    with pytest.raises(Dropped, match="nothing_left"):
        read_content(session, mail, on=ON, is_local=True)
