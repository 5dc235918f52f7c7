"""Who gets a digest now, and with which matches: one outbox row a subscriber and period, and only if there is news.

News is a pair with band strong or possible on which nobody has acted, in a scenario that is open, and which this
subscriber has not been told about; and what the reader's saved searches show anew (jobs/search_news.py). What a mail
has no room for is news again next time. The mail and the rows of what it tells are one commit, and all have keys in the
database: running this twice, or in two places, mails nothing twice.
"""

from collections.abc import Callable
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.runner import Run
from jobs.search_news import find_search_news
from matcher.directory import Directory
from models.match import Band, MatchStatus
from models.match_queries import ScoredPair, organisation_matches, scenario_matches
from models.organisation import Organisation, OrganisationStatus
from models.outbox import MailKind, enqueue, find_mail, is_suppressed
from models.saved_search import add_search_news
from models.scenario import organisation_scenarios
from models.subscription import (
    Subscription,
    SubscriptionStatus,
    add_digest_items,
    digest_subscription_ids,
    mailed_match_ids,
    read_subscription,
)
from models.user import User, get_user

# A digest is read in a minute or not at all; the page has the rest.
MAX_SCENARIOS_FOR_A_FIRM = 10
MAX_SCENARIOS_FOR_AN_AGENCY = 5
MAX_FIRMS_A_SCENARIO = 5

NEWSWORTHY = (Band.STRONG, Band.POSSIBLE)


def queue_digests(run: Run, *, zone: ZoneInfo) -> None:
    """Ask for the digests of every subscriber whose period (day or week in `zone`) has none yet."""
    with run.reading() as session:
        subscription_ids = digest_subscription_ids(session)
    on = run.now.astimezone(zone).date()
    # Read once for all subscribers: it is made anew only when a scenario changes meanwhile.
    directory = Directory()

    def act(session: Session, subscription_id: int) -> str | None:
        return queue_digest(session, subscription_id, now=run.now, on=on, directory=directory)

    run.each(subscription_ids, act, what="queued")


def queue_digest(
    session: Session, subscription_id: int, *, now: datetime, on: date, directory: Directory
) -> str | None:
    """Ask for one subscriber's digest. None when it was asked for now, else the reason why not."""
    subscription, organisation = read_subscription(session, subscription_id)
    user = None if subscription.user_id is None else get_user(session, subscription.user_id)
    reason = _reason_against(session, subscription, organisation, user)
    if reason is not None:
        return reason
    key: dict[str, Any] = {
        "kind": subscription.kind,
        "recipient": subscription.email,
        "subject_ref": f"organisation:{organisation.key}",
        "period": subscription.frequency.period(on),
    }
    if find_mail(session, **key) is not None:
        return "already_this_period"
    told = mailed_match_ids(session, subscription_id)
    news = NEWS[subscription.kind](session, organisation, on, lambda pair: _is_news(pair, told))
    scenario_ids = list(dict.fromkeys(pair.match.scenario_id for pair in news))
    searches = [] if user is None else find_search_news(session, directory, user.key, on=on, but=scenario_ids)
    if not news and not searches:
        return "nothing_new"
    context = {
        "match_ids": [pair.match.key for pair in news],
        "scenario_ids": scenario_ids,
        "searches": [find.to_json() for find in searches],
    }
    mail = enqueue(
        session,
        **key,
        locale=user.locale if user else subscription.locale,
        context=context,
        subscription_id=subscription_id,
        now=now,
    )
    add_digest_items(
        session, subscription_id=subscription_id, mail_id=mail.key, match_ids=context["match_ids"]
    )
    if user is not None:
        named = [scenario_id for find in searches for scenario_id in find.scenario_ids]
        add_search_news(session, user_id=user.key, mail_id=mail.key, scenario_ids=named)
    return None


def _reason_against(
    session: Session, subscription: Subscription, organisation: Organisation, user: User | None
) -> str | None:
    if subscription.status is not SubscriptionStatus.ACTIVE:
        return str(subscription.status)
    if organisation.status is not OrganisationStatus.ACTIVE:
        return f"organisation_{organisation.status}"
    if user is not None and user.locked_at is not None:
        return "user_locked"
    return "address_suppressed" if is_suppressed(session, subscription.email) else None


def _is_news(pair: ScoredPair, told: set[int]) -> bool:
    is_untouched = pair.match.status is MatchStatus.SUGGESTED
    return pair.score.band in NEWSWORTHY and is_untouched and pair.match.key not in told


IsNews = Callable[[ScoredPair], bool]


def _news_for_a_firm(session: Session, firm: Organisation, on: date, is_news: IsNews) -> list[ScoredPair]:
    """The best new scenarios of a firm, best first."""
    pairs = organisation_matches(session, firm.key, on=on)
    seen = [pair for pair in pairs if not pair.match.is_hidden(on)]
    return [pair for pair in seen if is_news(pair)][:MAX_SCENARIOS_FOR_A_FIRM]


def _news_for_an_agency(
    session: Session, agency: Organisation, on: date, is_news: IsNews
) -> list[ScoredPair]:
    """The best new firms of an agency's open scenarios, by scenario, those with the nearest deadline first."""
    scenarios = [row for row in organisation_scenarios(session, agency.key) if row.is_open(on)]
    scenarios.sort(key=lambda scenario: (scenario.deadline_on or date.max, scenario.key))
    news: list[ScoredPair] = []
    for scenario in scenarios:
        pairs = [pair for pair in scenario_matches(session, scenario.key) if is_news(pair)]
        news.extend(pairs[:MAX_FIRMS_A_SCENARIO])
        if len(list(groupby(news, key=lambda pair: pair.match.scenario_id))) >= MAX_SCENARIOS_FOR_AN_AGENCY:
            break
    return news


NEWS = {MailKind.DIGEST_STARTUP: _news_for_a_firm, MailKind.DIGEST_AGENCY: _news_for_an_agency}
