"""What a mail says, read when it is sent.

An outbox row holds ids. Here its rows are read again, and a mail whose news no longer holds (an invitation taken
back, a scenario closed, a reader who unsubscribed) is dropped with the reason. Values are plain: codes are worded by
jobs/render.py, in the reader's language.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlmodel import Session

from jobs import bid_mail, pilot_mail, proof_mail, scenario_mail
from jobs.account_content import ACCOUNT_READERS
from jobs.mail_parts import Content, Dropped, active, subject_id
from jobs.search_news import read_search_news
from models.contact_release import mailed_contact
from models.errors import NotFound
from models.funding_finding import Verdict
from models.funding_record import FundingRecord, find_current_record
from models.funding_rule import FundingTarget
from models.match import Match, MatchStatus
from models.match_queries import ScoredPair, organisation_matches, scenario_matches
from models.organisation import Organisation, get_organisation
from models.outbox import MailKind, OutboxMail, is_suppressed
from models.pilot import Pilot, PilotStatus
from models.subscription import SubscriptionStatus, read_subscription

MAX_REASONS = 3
MAX_GAPS = 2
MAX_MISSING = 3
_VERDICT_ORDER = {Verdict.MET: 0, Verdict.UNKNOWN: 1, Verdict.UNMET: 2}
# RFC 2606 and RFC 6761: domains that lead nowhere; demo data and trials use them.
RESERVED_DOMAINS = ("example", "test", "invalid", "localhost", "example.org", "example.com", "example.net")


def read_content(session: Session, mail: OutboxMail, *, on: date, is_local: bool) -> Content:
    """What this mail says as of a day. Raises Dropped if it should not be sent.

    is_local: whether mails stay on this machine, so that reserved domains can be mailed to.
    """
    if is_suppressed(session, mail.recipient):
        raise Dropped("address_suppressed")
    if not is_local and is_reserved(mail.recipient):
        raise Dropped("address_reserved")
    return READERS[mail.kind](session, mail, on)


def is_reserved(address: str) -> bool:
    """Whether an address lies in a domain that leads nowhere by definition."""
    domain = address.rpartition("@")[2]
    return any(domain == reserved or domain.endswith(f".{reserved}") for reserved in RESERVED_DOMAINS)


def digest_item(pair: ScoredPair) -> dict[str, Any]:
    """What a digest says about one pair; both digests show from it what their reader does not know yet."""
    scenario, firm = pair.match.scenario, pair.match.organisation
    return {
        "match_id": pair.match.key,
        "scenario_id": scenario.key,
        "scenario_number": scenario.number,
        "scenario_title": scenario.title,
        "scenario_lang": scenario.lang,
        "agency_name": scenario.organisation.name,
        "deadline_on": scenario.deadline_on,
        "firm_name": firm.name,
        "team_size": firm.team_size,
        "capability_title": pair.score.capability.title,
        "capability_lang": pair.score.capability.lang,
        "band": str(pair.score.band),
        "reasons": pair.score.reasons[:MAX_REASONS],
        "gaps": pair.score.gaps[:MAX_GAPS],
        "is_demo": scenario.is_demo or firm.is_demo,
    }


def _startup_digest(session: Session, mail: OutboxMail, on: date) -> Content:
    organisation, token = _digest_reader(session, mail)
    wanted = set(mail.context["match_ids"])
    pairs = [
        pair
        for pair in organisation_matches(session, organisation.key, on=on)
        if pair.match.key in wanted and pair.match.status is MatchStatus.SUGGESTED
    ]
    return _digest(organisation, token, pairs, _searches(session, mail, on))


def _agency_digest(session: Session, mail: OutboxMail, on: date) -> Content:
    organisation, token = _digest_reader(session, mail)
    wanted = set(mail.context["match_ids"])
    pairs = [
        pair
        for scenario_id in mail.context["scenario_ids"]
        for pair in scenario_matches(session, scenario_id)
        if pair.match.key in wanted
        and pair.match.status is MatchStatus.SUGGESTED
        and pair.match.scenario.is_open(on)
    ]
    return _digest(organisation, token, pairs, _searches(session, mail, on))


def _searches(session: Session, mail: OutboxMail, on: date) -> list[dict[str, Any]]:
    # Mails that were asked for before searches had news say nothing of them.
    return read_search_news(session, mail.context.get("searches", []), on=on)


def _digest_reader(session: Session, mail: OutboxMail) -> tuple[Organisation, str]:
    try:
        subscription, organisation = read_subscription(session, mail.subscription_id or 0)
    except NotFound as err:
        raise Dropped("subscription_gone") from err
    if subscription.status is not SubscriptionStatus.ACTIVE:
        raise Dropped(str(subscription.status))
    return active(organisation), subscription.token


def _digest(
    organisation: Organisation, token: str, pairs: list[ScoredPair], searches: list[dict[str, Any]]
) -> Content:
    if not pairs and not searches:
        raise Dropped("nothing_left")
    items = [digest_item(pair) for pair in pairs]
    scenarios = list(dict.fromkeys(item["scenario_id"] for item in items))
    groups = [[item for item in items if item["scenario_id"] == scenario_id] for scenario_id in scenarios]
    values = {
        "organisation_name": organisation.name,
        "items": items,
        "groups": groups,
        "searches": searches,
        "is_demo": any(item["is_demo"] for item in [*items, *_scenarios(searches)]),
    }
    return Content(values, unsubscribe_token=token)


def _scenarios(searches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [scenario for search in searches for scenario in search["scenarios"]]


def _invitation(session: Session, mail: OutboxMail, on: date) -> Content:
    match = _match(session, mail)
    if match.status is not MatchStatus.INVITED:
        raise Dropped(f"match_{match.status}")
    if not match.scenario.is_open(on):
        raise Dropped("scenario_closed")
    pairs = organisation_matches(session, match.organisation_id, on=on)
    scored = next((digest_item(pair) for pair in pairs if pair.match.key == match.key), None)
    return Content({**_pair_values(match), "scored": scored})


def _interest(session: Session, mail: OutboxMail, on: date) -> Content:
    match = _match(session, mail)
    if match.status is not MatchStatus.INTERESTED:
        raise Dropped(f"match_{match.status}")
    notes = {
        "interest_note": match.interest_note,
        "interest_start": match.interest_start,
        "interest_question": match.interest_question,
    }
    return Content({**_pair_values(match), **notes})


def _introduction(session: Session, mail: OutboxMail, on: date) -> Content:
    match = _match(session, mail)
    if match.status is not MatchStatus.INTRODUCED:
        raise Dropped(f"match_{match.status}")
    scenario = match.scenario
    is_firm = mail.context["organisation_id"] == match.organisation_id
    found = mailed_contact(session, match, mail.context["organisation_id"])
    name, email = ("", "") if found is None else (found.name, found.email)
    other_name = scenario.organisation.name if is_firm else match.organisation.name
    contact = {"other_name": other_name, "contact_name": name, "contact_email": email, "is_firm": is_firm}
    return Content({**_pair_values(match), **contact})


def _pilot_in_use(session: Session, mail: OutboxMail, on: date) -> Content:
    pilot = session.get(Pilot, subject_id(mail))
    if pilot is None:
        raise Dropped("pilot_gone")
    if pilot.status not in (PilotStatus.IN_USE, PilotStatus.ACCEPTED):
        raise Dropped(f"pilot_{pilot.status}")
    active(pilot.organisation)
    return Content({**_pilot_values(pilot), "go_live_on": pilot.go_live_on, "n_users": pilot.n_users})


def _funding_recorded(session: Session, mail: OutboxMail, on: date) -> Content:
    records = [session.get(FundingRecord, record_id) for record_id in mail.context["record_ids"]]
    current = [record for record in records if record is not None and _is_current(session, record)]
    if not current:
        raise Dropped("funding_record_replaced")
    pilot = current[0].pilot
    active(pilot.organisation)
    # Money for this very pilot first; then what is met, what is open, what is out of reach.
    current.sort(
        key=lambda record: (record.rule.target != FundingTarget.PILOT, _VERDICT_ORDER[record.verdict])
    )
    within_reach = [record for record in current if record.verdict is not Verdict.UNMET]
    values = {
        "records": [_record_values(record) for record in within_reach],
        "n_unmet": len(current) - len(within_reach),
        "assessed_on": max(record.assessed_on for record in current),
        "is_correction": any(record.replaces_id is not None for record in current),
    }
    return Content({**_pilot_values(pilot), **values})


def _is_current(session: Session, record: FundingRecord) -> bool:
    current = find_current_record(session, record.pilot_id, record.programme)
    return current is not None and current.key == record.key


def _record_values(record: FundingRecord) -> dict[str, Any]:
    verdicts = [clause["verdict"] for clause in record.clauses if clause["decides"]]
    return {
        "record_id": record.key,
        "rule_title": {"zh": record.rule.title, "en": record.rule.title_en},
        "verdict": str(record.verdict),
        "n_met": verdicts.count(Verdict.MET.value),
        "n_unknown": verdicts.count(Verdict.UNKNOWN.value),
        "missing": record.missing[:MAX_MISSING],
        "amount_min_fen": record.amount_min_fen,
        "amount_max_fen": record.amount_max_fen,
        "rule_version": record.rule_version,
        "unverified": record.unverified,
    }


def _match(session: Session, mail: OutboxMail) -> Match:
    match = session.get(Match, subject_id(mail))
    if match is None:
        raise Dropped("match_gone")
    if match.scenario.withdrawn_at is not None:
        raise Dropped("scenario_withdrawn")
    active(get_organisation(session, mail.context["organisation_id"]))
    return match


def _pair_values(match: Match) -> dict[str, Any]:
    scenario, firm = match.scenario, match.organisation
    return {
        "match_id": match.key,
        "scenario_number": scenario.number,
        "scenario_title": scenario.title,
        "scenario_lang": scenario.lang,
        "agency_name": scenario.organisation.name,
        "firm_name": firm.name,
        "deadline_on": scenario.deadline_on,
        "is_demo": scenario.is_demo or firm.is_demo,
    }


def _pilot_values(pilot: Pilot) -> dict[str, Any]:
    return {
        "pilot_id": pilot.key,
        "pilot_title": pilot.title,
        "agency_name": pilot.scenario.organisation.name,
        "firm_name": pilot.organisation.name,
        "is_demo": pilot.is_demo,
    }


READERS: dict[MailKind, Callable[[Session, OutboxMail, date], Content]] = {
    MailKind.DIGEST_STARTUP: _startup_digest,
    MailKind.DIGEST_AGENCY: _agency_digest,
    MailKind.INVITATION: _invitation,
    MailKind.INTEREST: _interest,
    MailKind.INTRODUCTION: _introduction,
    MailKind.PILOT_IN_USE: _pilot_in_use,
    MailKind.FUNDING_RECORDED: _funding_recorded,
    **scenario_mail.READERS,
    **bid_mail.READERS,
    **proof_mail.READERS,
    **pilot_mail.READERS,
    **ACCOUNT_READERS,
}
