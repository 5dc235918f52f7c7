from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from jobs.mail_content import is_reserved, read_content
from jobs.mail_examples import ITEM
from jobs.mail_parts import Content, Dropped
from jobs.render import Letter
from models.funding_record import FundingRecord
from models.funding_rule import FundingTarget
from models.match import Band, DeclineReason, DismissReason, Match
from models.outbox import MailKind, OutboxMail, suppress_address
from models.pilot import Pilot
from tests.factories import (
    MONDAY,
    make_firm,
    make_introduced_match,
    make_match,
    make_pilot_in_use,
    make_scenario,
    make_score,
    make_user,
)
from tests.jobs.funding import TESTED, add_test_report, keep_record, save_rule
from tests.jobs.rows import make_mail, make_subscription
from tests.jobs.sending import make_renderer

TODAY = date(2026, 11, 23)
AFTER_THE_DEADLINE = date(2027, 2, 1)


def read(session: Session, mail: OutboxMail, *, on: date = TODAY, is_local: bool = True) -> Content:
    session.flush()
    return read_content(session, mail, on=on, is_local=is_local)


def drop_reason(session: Session, mail: OutboxMail, *, on: date = TODAY, is_local: bool = True) -> str:
    with pytest.raises(Dropped) as dropped:
        read(session, mail, on=on, is_local=is_local)
    return dropped.value.reason


def render(mail: OutboxMail, content: Content) -> bytes:
    """Proof that the values fit the templates of the kind."""
    letter = Letter(mail.kind, "zh", "a@b.cn", "<x@y.cn>", content.values, TODAY, content.unsubscribe_token)
    return make_renderer().render(letter, now=MONDAY).data


def make_scored_match(session: Session, *, band: Band = Band.STRONG, **values: Any) -> Match:
    match = make_match(session, **values)
    make_score(session, match, band=band, reasons=ITEM["reasons"], gaps=ITEM["gaps"])
    return match


def make_firm_digest(session: Session, matches: list[Match]) -> OutboxMail:
    firm_id = matches[0].organisation_id
    subscription = make_subscription(session, organisation_id=firm_id)
    return digest(session, MailKind.DIGEST_STARTUP, matches, subscription.key)


def make_agency_digest(session: Session, matches: list[Match]) -> OutboxMail:
    agency_id = matches[0].scenario.organisation_id
    subscription = make_subscription(session, organisation_id=agency_id, kind=MailKind.DIGEST_AGENCY)
    return digest(session, MailKind.DIGEST_AGENCY, matches, subscription.key)


def digest(session: Session, kind: MailKind, matches: list[Match], subscription_id: int) -> OutboxMail:
    context = {
        "match_ids": [match.key for match in matches],
        "scenario_ids": sorted({match.scenario_id for match in matches}),
    }
    return make_mail(session, kind=kind, context=context, subscription_id=subscription_id)


def make_notice(session: Session, kind: MailKind, match: Match, organisation_id: int) -> OutboxMail:
    return make_mail(
        session,
        kind=kind,
        subject_ref=f"match:{match.key}",
        context={"organisation_id": organisation_id},
    )


def test_a_firms_digest_tells_the_pairs_it_was_asked_for(session: Session) -> None:
    firm = make_firm(session)
    told, other = (make_scored_match(session, organisation_id=firm.key) for _ in range(2))
    mail = make_firm_digest(session, [told])

    content = read(session, mail)

    (item,) = content.values["items"]
    assert (item["match_id"], item["band"]) == (told.key, "strong")
    assert item["match_id"] != other.key
    assert content.unsubscribe_token
    assert render(mail, content)


def test_an_agencys_digest_groups_firms_by_scenario(session: Session) -> None:
    scenario = make_scenario(session)
    pairs = [make_scored_match(session, scenario_id=scenario.key) for _ in range(2)]
    mail = make_agency_digest(session, pairs)

    content = read(session, mail)

    assert [[item["match_id"] for item in group] for group in content.values["groups"]] == [
        [pair.key for pair in pairs]
    ]
    assert render(mail, content)


def withdraw(match: Match) -> None:
    match.scenario.withdraw(MONDAY)


def close(match: Match) -> None:
    match.scenario.close(MONDAY)


def decline(match: Match) -> None:
    match.decline(MONDAY, reason=DeclineReason.PRICE)


def dismiss(match: Match) -> None:
    match.dismiss(MONDAY, reason=DismissReason.BUDGET)


@pytest.mark.parametrize("make_digest", [make_firm_digest, make_agency_digest])
@pytest.mark.parametrize("end", [withdraw, close, decline, dismiss])
def test_what_ended_since_leaves_the_digest(
    session: Session,
    make_digest: Callable[[Session, list[Match]], OutboxMail],
    end: Callable[[Match], None],
) -> None:
    match = make_scored_match(session)
    mail = make_digest(session, [match])

    end(match)

    assert drop_reason(session, mail) == "nothing_left"


@pytest.mark.parametrize("make_digest", [make_firm_digest, make_agency_digest])
def test_after_the_deadline_there_is_nothing_to_tell(
    session: Session, make_digest: Callable[[Session, list[Match]], OutboxMail]
) -> None:
    mail = make_digest(session, [make_scored_match(session)])

    assert drop_reason(session, mail, on=AFTER_THE_DEADLINE) == "nothing_left"


def test_a_reader_who_unsubscribed_gets_no_digest(session: Session) -> None:
    match = make_scored_match(session)
    subscription = make_subscription(session, organisation_id=match.organisation_id, unsubscribed_at=MONDAY)

    assert (
        drop_reason(session, digest(session, MailKind.DIGEST_STARTUP, [match], subscription.key))
        == "unsubscribed"
    )


def test_a_digest_without_subscription_is_dropped(session: Session) -> None:
    mail = make_mail(session, kind=MailKind.DIGEST_STARTUP, context={"match_ids": [], "scenario_ids": []})

    assert drop_reason(session, mail) == "subscription_gone"


def test_a_suspended_firm_gets_no_mail(session: Session) -> None:
    match = make_scored_match(session)
    mail = make_firm_digest(session, [match])

    match.organisation.suspend(MONDAY)

    assert drop_reason(session, mail) == "organisation_suspended"


def test_an_invitation_is_told_with_reasons(session: Session) -> None:
    match = make_scored_match(session, invited_at=MONDAY)
    mail = make_notice(session, MailKind.INVITATION, match, match.organisation_id)

    content = read(session, mail)

    assert content.values["scenario_number"] == match.scenario.number
    assert content.values["scored"]["reasons"]
    assert content.unsubscribe_token is None
    assert render(mail, content)


def test_an_invitation_by_hand_needs_no_score(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY)
    mail = make_notice(session, MailKind.INVITATION, match, match.organisation_id)

    content = read(session, mail)

    assert content.values["scored"] is None
    assert render(mail, content)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda match: match.undo_invite(), "match_suggested"),
        (lambda match: match.dismiss(MONDAY, reason=DismissReason.OTHER), "match_dismissed"),
        (lambda match: match.express_interest(MONDAY, note=""), "match_introduced"),
        (lambda match: match.scenario.close(MONDAY), "scenario_closed"),
        (lambda match: match.scenario.withdraw(MONDAY), "scenario_withdrawn"),
        (lambda match: match.organisation.suspend(MONDAY), "organisation_suspended"),
    ],
)
def test_an_invitation_that_no_longer_holds_is_dropped(
    session: Session, change: Callable[[Match], None], reason: str
) -> None:
    match = make_match(session, invited_at=MONDAY)
    mail = make_notice(session, MailKind.INVITATION, match, match.organisation_id)

    change(match)

    assert drop_reason(session, mail) == reason


def test_interest_is_told_with_the_firms_words(session: Session) -> None:
    match = make_match(session)
    match.express_interest(MONDAY, note="先接两路视频", start="十二月", question="视频能否出域？")
    mail = make_notice(session, MailKind.INTEREST, match, match.scenario.organisation_id)

    content = read(session, mail)

    assert content.values["interest_note"] == "先接两路视频"
    assert render(mail, content)


def test_interest_that_was_taken_back_is_dropped(session: Session) -> None:
    match = make_match(session, interested_at=MONDAY)
    mail = make_notice(session, MailKind.INTEREST, match, match.scenario.organisation_id)

    match.withdraw_interest()

    assert drop_reason(session, mail) == "match_suggested"


def test_an_introduction_gives_each_side_the_other(session: Session) -> None:
    match = make_introduced_match(session)
    agency = make_user(session, organisation_id=match.scenario.organisation_id, name="王科长")
    firm = make_user(session, organisation_id=match.organisation_id, name="李工")
    to_agency = make_notice(session, MailKind.INTRODUCTION, match, match.scenario.organisation_id)
    to_firm = make_notice(session, MailKind.INTRODUCTION, match, match.organisation_id)

    for_agency, for_firm = read(session, to_agency).values, read(session, to_firm).values

    assert (for_agency["contact_name"], for_agency["contact_email"]) == ("李工", firm.email)
    assert (for_firm["contact_name"], for_firm["contact_email"]) == ("王科长", agency.email)
    assert for_agency["other_name"] == match.organisation.name
    assert render(to_firm, read(session, to_firm))


def test_the_scenarios_own_contact_goes_before_the_people_of_the_agency(session: Session) -> None:
    scenario = make_scenario(session, contact_name="赵主任", contact_email="zhao@example.org")
    make_user(session, organisation_id=scenario.organisation_id)
    match = make_introduced_match(session, scenario_id=scenario.key)
    mail = make_notice(session, MailKind.INTRODUCTION, match, match.organisation_id)

    assert read(session, mail).values["contact_email"] == "zhao@example.org"


def test_an_introduction_without_any_contact_says_so(session: Session) -> None:
    match = make_introduced_match(session)
    mail = make_notice(session, MailKind.INTRODUCTION, match, match.organisation_id)

    content = read(session, mail)

    assert content.values["contact_email"] == ""
    assert render(mail, content)


def test_a_mail_about_a_pair_that_is_gone_is_dropped(session: Session) -> None:
    mail = make_mail(session, kind=MailKind.INTEREST, subject_ref="match:999999", context={})

    assert drop_reason(session, mail) == "match_gone"


def make_pilot_mail(session: Session, pilot: Pilot) -> OutboxMail:
    context = {"organisation_id": pilot.organisation_id}
    return make_mail(session, subject_ref=f"pilot:{pilot.key}", context=context)


def test_a_pilot_in_use_is_told_with_its_figures(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    mail = make_pilot_mail(session, pilot)

    content = read(session, mail)

    assert (content.values["n_users"], content.values["go_live_on"]) == (12, date(2026, 11, 16))
    assert render(mail, content)


def test_a_pilot_that_was_stopped_since_is_not_told(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    mail = make_pilot_mail(session, pilot)

    pilot.stop(MONDAY, reason="换了办法")

    assert drop_reason(session, mail) == "pilot_stopped"


def make_funding_mail(session: Session, records: list[FundingRecord]) -> OutboxMail:
    context = {
        "organisation_id": records[0].pilot.organisation_id,
        "record_ids": [record.key for record in records],
    }
    return make_mail(
        session,
        kind=MailKind.FUNDING_RECORDED,
        subject_ref=f"funding_record:{records[0].key}",
        context=context,
    )


def test_funding_is_told_with_what_is_within_reach_first(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    unknown_for_firms = save_rule(session, TESTED, target=FundingTarget.FIRM)
    unknown_for_pilots = save_rule(session, TESTED)
    met = save_rule(session)
    lapsed = save_rule(session, valid_until_on=date(2026, 10, 31))
    rules = [unknown_for_firms, unknown_for_pilots, met, lapsed]
    mail = make_funding_mail(session, [keep_record(session, pilot, rule) for rule in rules])

    content = read(session, mail)

    titles = [item["rule_title"]["zh"] for item in content.values["records"]]
    assert titles == [rule.title for rule in (met, unknown_for_pilots, unknown_for_firms)]
    assert (content.values["n_unmet"], content.values["is_correction"]) == (1, False)
    assert render(mail, content)


def test_a_record_that_was_replaced_is_told_no_more(session: Session) -> None:
    pilot, rule = make_pilot_in_use(session), save_rule(session, TESTED)
    first = keep_record(session, pilot, rule)
    mail = make_funding_mail(session, [first])
    add_test_report(session, pilot)

    second = keep_record(session, pilot, rule)

    assert drop_reason(session, mail) == "funding_record_replaced"
    assert read(session, make_funding_mail(session, [second])).values["is_correction"] is True


def test_an_address_the_relay_does_not_know_gets_nothing(session: Session) -> None:
    mail = make_pilot_mail(session, make_pilot_in_use(session))

    suppress_address(session, mail, reason="550 5.1.1")

    assert drop_reason(session, mail) == "address_suppressed"


def test_an_example_address_is_mailed_to_on_this_machine_only(session: Session) -> None:
    mail = make_pilot_mail(session, make_pilot_in_use(session))

    assert read(session, mail, is_local=True)
    assert drop_reason(session, mail, is_local=False) == "address_reserved"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("a@example.org", True),
        ("a@demo.example", True),
        ("a@example", True),
        ("a@x.test", True),
        ("a@localhost", True),
        ("a@notexample.org", False),
        ("a@sz.gov.cn", False),
        ("example.org@sz.gov.cn", False),
    ],
)
def test_reserved_domains_are_known(address: str, expected: bool) -> None:
    assert is_reserved(address) is expected
