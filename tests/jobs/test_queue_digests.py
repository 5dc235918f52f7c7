import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from jobs.queue_digests import (
    MAX_FIRMS_A_SCENARIO,
    MAX_SCENARIOS_FOR_A_FIRM,
    MAX_SCENARIOS_FOR_AN_AGENCY,
    queue_digests,
)
from jobs.runner import Run
from jobs.send_outbox import send_outbox
from models.db import transaction
from models.match import Band, DeclineReason, DismissReason, Match
from models.organisation import Organisation
from models.outbox import MailKind, OutboxMail, suppress_address
from models.subscription import DigestItem, Frequency, Subscription
from tests.factories import (
    MONDAY,
    make_capability,
    make_firm,
    make_match,
    make_organisation,
    make_scenario,
    make_score,
    make_user,
)
from tests.jobs.conftest import FixedClock
from tests.jobs.relay import Relay
from tests.jobs.rows import make_mail, make_subscription
from tests.jobs.sending import SHENZHEN, all_mails, make_post, make_run

WEEK = timedelta(days=7)


def queue(engine: Engine, clock: FixedClock, **values: Any) -> Run:
    run = make_run(engine, clock, **values)
    queue_digests(run, zone=SHENZHEN)
    return run


def add_firm(session: Session, n_matches: int = 1, **subscription: Any) -> tuple[Organisation, list[Match]]:
    """A firm with a weekly subscriber and strong pairs."""
    firm = make_firm(session)
    make_subscription(session, organisation_id=firm.key, **subscription)
    return firm, [add_match(session, firm) for _ in range(n_matches)]


def add_match(session: Session, firm: Organisation, *, band: Band = Band.STRONG, **values: Any) -> Match:
    match = make_match(session, organisation_id=firm.key, **values)
    make_score(session, match, band=band)
    return match


def mailed_matches(engine: Engine) -> list[list[int]]:
    return [mail.context["match_ids"] for mail in all_mails(engine)]


def test_a_firm_is_told_of_its_new_strong_and_possible_scenarios(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        firm, _ = add_firm(session, n_matches=0, email="me@example.org", locale="en")
        told = [add_match(session, firm, band=band).key for band in (Band.STRONG, Band.POSSIBLE)]
        [add_match(session, firm, band=band) for band in (Band.WEAK, Band.NOT_ENOUGH_INFORMATION)]

    run = queue(database, clock)

    (mail,) = all_mails(database)
    assert (mail.kind, mail.recipient, mail.locale) == (MailKind.DIGEST_STARTUP, "me@example.org", "en")
    assert (mail.subject_ref, mail.period) == (f"organisation:{firm.id}", "2026-W48")
    assert mail.context["match_ids"] == told
    assert run.counts.to_json() == {"done": {"queued": 1}}


def test_what_the_firm_put_out_of_sight_is_no_news_until_its_day(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        firm, _ = add_firm(session, n_matches=0)
        add_match(session, firm, hidden_at=MONDAY)
        back = add_match(session, firm, hidden_at=MONDAY, hidden_until_on=date(2026, 11, 20)).key

    queue(database, clock)

    (mail,) = all_mails(database)
    assert mail.context["match_ids"] == [back]


def test_an_agency_is_told_of_new_firms_by_scenario_the_nearest_deadline_first(
    database: Engine, clock: FixedClock
) -> None:
    with transaction(database) as session:
        agency = make_organisation(session)
        make_subscription(session, organisation_id=agency.key, kind=MailKind.DIGEST_AGENCY)
        late, soon = (
            make_scenario(session, organisation_id=agency.key, deadline_on=day)
            for day in (date(2027, 3, 1), date(2026, 12, 1))
        )
        pairs = [
            add_match(session, make_firm(session), scenario_id=scenario.key) for scenario in (late, soon)
        ]
        expected = [pairs[1].key, pairs[0].key]

    queue(database, clock)

    (mail,) = all_mails(database)
    assert mail.kind is MailKind.DIGEST_AGENCY
    assert mail.context == {"match_ids": expected, "scenario_ids": [soon.key, late.key], "searches": []}


def test_running_twice_changes_nothing(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session)
    queue(database, clock)

    again = queue(database, clock)

    assert len(all_mails(database)) == 1
    assert again.counts.to_json() == {"skipped": {"already_this_period": 1}}


def test_two_runs_at_once_ask_for_one_mail_a_reader(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        [add_firm(session) for _ in range(5)]

    threads = [threading.Thread(target=queue, args=(database, clock)) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert len(all_mails(database)) == 5
    with Session(database) as session:
        assert len(session.exec(select(DigestItem)).all()) == 5


def test_a_dry_run_counts_and_asks_for_nothing(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session)

    dry = queue(database, clock, dry_run=True)

    assert dry.counts.to_json() == {"done": {"queued": 1}}
    assert all_mails(database) == []


def test_one_bad_row_does_not_stop_the_rest(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session, email="first@example.org")
        add_firm(session, email="this is no address")
        add_firm(session, email="last@example.org")

    run = queue(database, clock)

    assert [mail.recipient for mail in all_mails(database)] == ["first@example.org", "last@example.org"]
    assert run.counts.to_json() == {"done": {"queued": 2}, "failed": {"InvalidInput": 1}}
    with Session(database) as session:
        assert len(session.exec(select(DigestItem)).all()) == 2


def test_the_next_week_tells_only_what_is_new(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        firm, first = add_firm(session)
    queue(database, clock)
    clock.advance(WEEK)
    assert queue(database, clock).counts.to_json() == {"skipped": {"nothing_new": 1}}
    with transaction(database) as session:
        second = add_match(session, firm).key

    queue(database, clock)

    assert mailed_matches(database) == [[first[0].key], [second]]
    assert [mail.period for mail in all_mails(database)] == ["2026-W48", "2026-W49"]


def test_nothing_new_means_no_mail(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session, n_matches=0)

    run = queue(database, clock)

    assert all_mails(database) == []
    assert run.counts.to_json() == {"skipped": {"nothing_new": 1}}


def test_a_daily_reader_may_hear_every_day(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        firm, _ = add_firm(session, frequency=Frequency.DAILY)
    queue(database, clock)
    clock.advance(timedelta(days=1))
    with transaction(database) as session:
        add_match(session, firm)

    queue(database, clock)

    assert [mail.period for mail in all_mails(database)] == ["2026-11-23", "2026-11-24"]


def test_a_day_begins_at_midnight_where_the_reader_is(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session, frequency=Frequency.DAILY)
    clock.now = clock.now.replace(hour=17)

    queue(database, clock)

    assert [mail.period for mail in all_mails(database)] == ["2026-11-24"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"consented_at": None}, "awaiting_consent"),
        ({"frequency": Frequency.OFF}, "off"),
        ({"unsubscribed_at": MONDAY}, "unsubscribed"),
    ],
)
def test_a_reader_who_did_not_ask_is_skipped_with_the_reason(
    database: Engine, clock: FixedClock, values: dict[str, Any], reason: str
) -> None:
    with transaction(database) as session:
        add_firm(session, **values)

    run = queue(database, clock)

    assert run.counts.to_json() == {"skipped": {reason: 1}}


def test_placeholders_of_a_trial_are_written_to(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session, consented_at=None, is_placeholder=True)

    assert queue(database, clock).counts.to_json() == {"done": {"queued": 1}}


@pytest.mark.parametrize(
    ("column", "reason"),
    [("suspended_at", "organisation_suspended"), ("approved_at", "organisation_pending")],
)
def test_an_organisation_that_is_not_active_gets_nothing(
    database: Engine, clock: FixedClock, column: str, reason: str
) -> None:
    with transaction(database) as session:
        firm, _ = add_firm(session)
        setattr(firm, column, MONDAY if column == "suspended_at" else None)
        session.add(firm)

    assert queue(database, clock).counts.to_json() == {"skipped": {reason: 1}}


def test_a_person_reads_in_the_language_of_the_persons_settings(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session, user_id=make_user(session, locale="en").key, locale="zh")

    queue(database, clock)

    assert [mail.locale for mail in all_mails(database)] == ["en"]


def test_a_person_who_may_not_log_in_gets_nothing(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session, user_id=make_user(session, locked_at=MONDAY).key)

    assert queue(database, clock).counts.to_json() == {"skipped": {"user_locked": 1}}


def test_a_dead_address_gets_nothing(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session, email="gone@example.org")
        suppress_address(session, make_mail(session, recipient="gone@example.org"), reason="550")

    assert queue(database, clock).counts.to_json() == {"skipped": {"address_suppressed": 1}}


def decline(match: Match) -> None:
    match.decline(MONDAY, reason=DeclineReason.PRICE)


def dismiss(match: Match) -> None:
    match.dismiss(MONDAY, reason=DismissReason.BUDGET)


def express_interest(match: Match) -> None:
    match.express_interest(MONDAY, note="")


def invite(match: Match) -> None:
    match.invite(MONDAY)


def close(match: Match) -> None:
    match.scenario.close(MONDAY)


def withdraw(match: Match) -> None:
    match.scenario.withdraw(MONDAY)


@pytest.mark.parametrize("act", [decline, dismiss, express_interest, invite, close, withdraw])
def test_a_pair_that_somebody_acted_on_or_that_ended_is_no_news(
    database: Engine, clock: FixedClock, act: Any
) -> None:
    with transaction(database) as session:
        _, (match,) = add_firm(session)
        make_subscription(
            session, organisation_id=match.scenario.organisation_id, kind=MailKind.DIGEST_AGENCY
        )
        act(match)
        session.add(match)

    assert queue(database, clock).counts.to_json() == {"skipped": {"nothing_new": 2}}


def test_the_newest_score_counts(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        firm = make_firm(session)
        make_subscription(session, organisation_id=firm.key)
        match = make_match(session, organisation_id=firm.key)
        capability = make_capability(session, organisation_id=firm.key)
        make_score(session, match, capability_id=capability.key, serial=1, band=Band.STRONG)
        make_score(session, match, capability_id=capability.key, serial=2, band=Band.WEAK)

    assert queue(database, clock).counts.to_json() == {"skipped": {"nothing_new": 1}}


def test_what_a_mail_has_no_room_for_is_told_next_time(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_firm(session, n_matches=MAX_SCENARIOS_FOR_A_FIRM + 2)
    queue(database, clock)
    clock.advance(WEEK)

    queue(database, clock)

    first, second = mailed_matches(database)
    assert (len(first), len(second)) == (MAX_SCENARIOS_FOR_A_FIRM, 2)
    assert not set(first) & set(second)


def test_an_agencys_mail_is_short_too(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        agency = make_organisation(session)
        make_subscription(session, organisation_id=agency.key, kind=MailKind.DIGEST_AGENCY)
        for n in range(MAX_SCENARIOS_FOR_AN_AGENCY + 1):
            scenario = make_scenario(session, organisation_id=agency.key)
            n_firms = MAX_FIRMS_A_SCENARIO + 1 if n == 0 else 1
            [add_match(session, make_firm(session), scenario_id=scenario.key) for _ in range(n_firms)]

    queue(database, clock)

    (mail,) = all_mails(database)
    assert len(mail.context["scenario_ids"]) == MAX_SCENARIOS_FOR_AN_AGENCY
    assert len(mail.context["match_ids"]) == MAX_FIRMS_A_SCENARIO + MAX_SCENARIOS_FOR_AN_AGENCY - 1


def test_two_readers_of_one_firm_are_told_each(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        firm, _ = add_firm(session)
        make_subscription(session, organisation_id=firm.key)

    queue(database, clock)

    assert len({mail.recipient for mail in all_mails(database)}) == 2


def test_a_queued_digest_arrives(database: Engine, clock: FixedClock, relay: Relay) -> None:
    with transaction(database) as session:
        firm = make_firm(session)
        make_subscription(session, organisation_id=firm.key, email="me@example.org")
        match = make_match(session, organisation_id=firm.key)
        make_score(session, match, reasons=[{"code": "case_missing", "values": {}}])
    queue(database, clock)

    send_outbox(make_run(database, clock), make_post(relay))

    assert [mail.recipient for mail in relay.taken] == ["me@example.org"]
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in relay.taken[0].data


def test_the_tables_know_what_was_told(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        _, (match,) = add_firm(session)

    queue(database, clock)

    with Session(database) as session:
        item, mail = session.exec(select(DigestItem)).one(), session.exec(select(OutboxMail)).one()
        subscription = session.exec(select(Subscription)).one()
    assert (item.match_id, item.mail_id) == (match.key, mail.key)
    assert item.subscription_id == mail.subscription_id == subscription.id
