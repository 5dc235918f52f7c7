"""What stands around every page: the places this person may go, what they owe, the other language, the demo mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask, g, request, url_for
from sqlmodel import Session, col, select

from models.i18n import N_, gettext
from models.organisation import Organisation, OrganisationStatus, count_organisations
from models.proof import waiting_proofs
from models.user import Role, User
from web.labels import DECLINE_REASONS, DISMISS_REASONS
from web.owed import Asking, Owed, owed
from web.owed_bids import owed_bids
from web.reader import address_in, address_with
from web.second_step import is_confined, is_required
from web.tables import file_address

READS_BATCHES = (Role.ORGANIZER, Role.OPERATOR, Role.ADMIN)
READS_EVALUATION = (Role.OPERATOR, Role.ADMIN)
READS_IMPORTS = (Role.AGENCY, Role.STARTUP, Role.OPERATOR, Role.ADMIN)
ADMITS = (Role.OPERATOR, Role.ADMIN)
"""Who lets organisations in."""
READS_FUNDING = (Role.FUNDING_OFFICER, Role.OPERATOR, Role.ADMIN)

# (endpoint, words, glyph, roles); the order is that of the top bar.
PLACES: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("home.show", N_("今天"), "sun", (Role.AGENCY, Role.STARTUP)),
    ("matches.my_scenarios", N_("我的场景"), "collection", (Role.AGENCY,)),
    ("matches.recommended", N_("推荐场景"), "grid", (Role.STARTUP,)),
    ("matches.applications", N_("我的意向"), "inbox", (Role.STARTUP,)),
    ("seats.list_mine", N_("我的评审"), "journal-check", (Role.EVALUATOR,)),
    ("capabilities.list_all", N_("我的能力"), "file-earmark-text", (Role.STARTUP,)),
    ("reviews.list_all", N_("场景审核"), "journal-check", (Role.REVIEWER,)),
    ("batches.list_all", N_("批次"), "collection", READS_BATCHES),
    # Operators, whose bar is full, come to it from the batches.
    ("events.list_all", N_("活动"), "calendar3", (Role.ORGANIZER, Role.ADMIN)),
    # Firms, whose bar is full, come to it from what they were asked.
    ("attendance.list_mine", N_("活动邀请"), "calendar3", (Role.AGENCY,)),
    ("gaps.show", N_("供需图"), "grid", READS_BATCHES),
    ("exposure.show", N_("公平监测"), "bar-chart", READS_BATCHES),
    ("evaluation.show", N_("评估"), "journal-check", READS_EVALUATION),
    ("pilots.list_all", N_("试点"), "flag", (Role.AGENCY, Role.STARTUP, *READS_FUNDING)),
    ("funding.list_all", N_("资助"), "cash-stack", (Role.STARTUP, Role.AGENCY, *READS_FUNDING)),
    ("imports.list_all", N_("导入"), "upload", (Role.AGENCY, Role.OPERATOR, Role.ADMIN)),
)
COUNTED = ("home.show", "seats.list_mine")
"""Places that show how much the reader owes."""

STANDS_IN = {
    "labels": "evaluation",
    "capability_edits": "capabilities",
    "profile_imports": "capabilities",
    "proofs": "capabilities",
    "funding_options": "funding",
    "pilot_steps": "pilots",
    "pilot_records": "pilots",
    "pilot_ends": "pilots",
    "use_reports": "pilots",
    "rules": "funding",
    "rule_changes": "funding",
    "rule_conditions": "funding",
    "saved_searches": "scenarios",
    "reviews": "batches",
    "batch_plans": "batches",
    "panels": "batches",
    "event_picks": "events",
    "registrations": "events",
    "lists": "scenarios",
    "questions": "scenarios",
}
"""Pages without a place of their own, and the place they belong to."""

# What a person looks after beside the work itself: the tabs of their account. (endpoint, words, roles)
DESK: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("members.list_all", N_("成员"), (Role.AGENCY, Role.STARTUP)),
    ("organisations.list_all", N_("机构"), ADMITS),
    ("communities.list_all", N_("社区与区"), ADMITS),
    ("proofs.queue", N_("证明"), ADMITS),
    ("users.list_all", N_("用户"), (Role.ADMIN,)),
    ("job_runs.show", N_("运行"), ADMITS),
    ("tokens.list_all", N_("令牌"), tuple(Role)),
    ("webhooks.list_all", N_("事件推送"), tuple(Role)),
)

# Pages that share one tab of the desk, by the tab's section: a row of tabs below it. (endpoint, words)
SIDES: dict[str, tuple[tuple[str, str], ...]] = {
    "communities": (("communities.list_all", N_("社区登记")), ("districts.list_all", N_("各区"))),
    "job_runs": (
        ("job_runs.show", N_("任务")),
        ("search_index.show", N_("检索索引")),
        ("mails.list_all", N_("邮件样例")),
        ("taxonomies.show", N_("词表")),
        ("audit_log.search", N_("审计")),
    ),
}
TAB_OF = {endpoint.split(".")[0]: section for section, entries in SIDES.items() for endpoint, _ in entries}
"""The tab of the desk in which a section stands, where it has none of its own."""

SNOOZE = timedelta(days=14)
"""For how long a scenario is put out of sight, unless the firm names another day."""

PUBLIC_PLACE = ("scenarios.list_published", N_("公开场景"), "globe")
TRY_PLACE = ("tryout.show", N_("试一试"), "arrow-right")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the top bar. count: what the reader owes there."""

    address: str
    words: str
    glyph: str
    current: bool
    count: int = 0


def register(app: Flask) -> None:
    """Give every template the frame."""
    app.context_processor(frame_values)
    app.jinja_env.globals.update(
        decline_reasons=tuple(DECLINE_REASONS), dismiss_reasons=tuple(DISMISS_REASONS), snooze=SNOOZE
    )


def frame_values() -> dict[str, object]:
    """The values base.html needs; also for error pages, where some of them may be missing."""
    user: User | None = g.get("user")
    locale = g.get("locale", "zh")
    items = my_owed()
    return {
        "viewer": user,
        "locale": locale,
        "theme": g.get("theme", "light"),
        "places": places(user, locale, n_owed=len(items)),
        "desk": desk(user, locale),
        "sides": sides(user, locale),
        "public_place": _place(PUBLIC_PLACE, locale),
        "try_place": _place(TRY_PLACE, locale),
        "other_locale": "en" if locale == "zh" else "zh",
        "other_address": address_in("en" if locale == "zh" else "zh"),
        "today": g.get("today"),
        "file_address": file_address,
        "page_address": lambda number: address_with(page=number),
        "has_demo": has_demo(g.session) if "session" in g else False,
        "without_second_factor": not is_required(),
    }


def my_owed() -> list[Owed]:
    """What the person asking owes; computed once per request, so that every count on a page is the same."""
    if "owed" not in g:
        user: User | None = g.get("user")
        if user is None or "session" not in g or is_confined():
            return []
        asking = Asking(user=user, locale=g.locale, now=g.now, today=g.today)
        found = [*owed(g.session, asking), *owed_bids(g.session, asking)]
        g.owed = sorted(found, key=lambda item: item.urgency)
    items: list[Owed] = g.owed
    return items


def places(user: User | None, locale: str, *, n_owed: int) -> list[Place]:
    """Where this person may go, in the order of the top bar."""
    if user is None or is_confined():
        return []
    shown = []
    for endpoint, words, glyph, roles in PLACES:
        if any(user.has_role(role) for role in roles):
            place = _place((endpoint, words, glyph), locale)
            count = n_owed if endpoint in COUNTED else 0
            shown.append(Place(place.address, place.words, glyph, place.current, count))
    return shown


def desk(user: User | None, locale: str) -> list[Place]:
    """The tabs of this person's account, the settings first; where requests wait, how many."""
    if user is None or "session" not in g or is_confined():
        return []
    shown = [_tab("account.settings", N_("我的设置"), locale)]
    for endpoint, words, roles in DESK:
        if any(user.has_role(role) for role in roles):
            count = WAITING[endpoint](user) if endpoint in WAITING else 0
            shown.append(_tab(endpoint, words, locale, count))
    return shown


def sides(user: User | None, locale: str) -> list[Place]:
    """The pages beside this one under the same tab of the desk, for whoever may see them; mostly none."""
    here = request.blueprint or ""
    if user is None or here not in TAB_OF:
        return []
    entries = SIDES[TAB_OF[here]]
    return [
        Place(url_for(endpoint), gettext(locale, words), "person", here == endpoint.split(".")[0])
        for endpoint, words in entries
    ]


def _tab(endpoint: str, words: str, locale: str, count: int = 0) -> Place:
    here = request.blueprint or ""
    current = endpoint.split(".")[0] in (here, TAB_OF.get(here, here))
    return Place(url_for(endpoint), gettext(locale, words), "person", current, count)


def _n_waiting(user: User) -> int:
    here = user.districts(*ADMITS)
    waiting: int = count_organisations(g.session, district_ids=here)[OrganisationStatus.PENDING]
    return waiting


def _n_proofs(user: User) -> int:
    return len(waiting_proofs(g.session, district_ids=user.districts(*ADMITS)))


WAITING = {"organisations.list_all": _n_waiting, "proofs.queue": _n_proofs}
"""Tabs of what waits for a decision, and how many do."""


def _place(spec: tuple[str, str, str], locale: str) -> Place:
    endpoint, words, glyph = spec
    section, here = endpoint.split(".")[0], request.blueprint or ""
    current = request.endpoint == endpoint or (
        section not in ("matches", "home") and section in (here, STANDS_IN.get(here, here))
    )
    return Place(url_for(endpoint), gettext(locale, words), glyph, current)


def has_demo(session: Session) -> bool:
    """Whether demo rows exist, so that nobody takes them for real ones."""
    return bool(session.execute(select(sa.exists().where(col(Organisation.is_demo)))).scalar())
