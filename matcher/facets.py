"""Filters of the public list: which entries pass, how many each choice would give, and what to drop when none does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlmodel import Session

from matcher.directory import Directory, Entry
from models.texts import storable

# Choices within one group widen the list, groups narrow it.
GROUPS = ("domain", "district", "budget", "deadline", "deployment", "kind", "state")
SOON_DAYS, MONTH_DAYS = 7, 30
MAX_QUERY = 200

Chosen = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is asked for: words, and the ticked values by group."""

    query: str
    chosen: Chosen


def filter_from(parts: Mapping[str, Sequence[str]]) -> Filter:
    """The filter in the parts of an address of the list; without a state, the open ones."""
    query = storable(next(iter(parts.get("q", ())), ""))[:MAX_QUERY]
    chosen = {group: frozenset(parts.get(group, ())) for group in GROUPS}
    if "state" not in parts:
        chosen["state"] = frozenset({"open"})
    return Filter(query, chosen)


def shown_entries(
    directory: Directory, session: Session, asked: Filter, today: date
) -> tuple[list[Entry], list[Entry], dict[int, float]]:
    """What the list shows, what its filters count over, and the relevance where something is searched."""
    found = directory.find(session, asked.query) if asked.query else None
    entries = [entry for entry in directory.entries(session) if found is None or entry.id in found]
    return narrowed(entries, asked.chosen, today), entries, found or {}


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of a group: its value, how many scenarios it would show, and whether it is ticked."""

    value: str
    n: int
    chosen: bool


Profile = tuple[frozenset[str], ...]
"""The choices under which an entry is found, group by group in the order of GROUPS."""


def profile_of(entry: Entry, today: date) -> Profile:
    """Under which choices an entry is found on that day. Thousands of entries have a few hundred different ones."""
    facts = (entry.domain, entry.district, entry.budget_fen is None, entry.deployment, entry.kind)
    return _profile(*facts, entry.deadline_on, entry.ended, today)


@lru_cache(maxsize=20_000)
def _profile(  # noqa: PLR0913  (what an entry is told apart by)
    domain: str,
    district: str,
    without_budget: bool,
    deployment: tuple[str, ...],
    kind: str,
    deadline_on: date | None,
    ended: bool,
    today: date,
) -> Profile:
    is_open = not ended and (deadline_on is None or deadline_on >= today)
    return (
        frozenset({domain}),
        frozenset({district}),
        frozenset({"none" if without_budget else "known"}),
        _deadline(deadline_on, today),
        frozenset(deployment or ("unsaid",)),
        frozenset({kind}),
        frozenset({"open" if is_open else "ended"}),
    )


def _deadline(deadline_on: date | None, today: date) -> frozenset[str]:
    if deadline_on is None:
        return frozenset({"none"})
    left = (deadline_on - today).days
    return frozenset(name for name, days in (("week", SOON_DAYS), ("month", MONTH_DAYS)) if 0 <= left <= days)


def _failing(profile: Profile, chosen: Chosen) -> list[str]:
    """The groups in which something is chosen that this is not found under."""
    return [
        group
        for group, values in zip(GROUPS, profile, strict=True)
        if chosen.get(group) and not values & chosen[group]
    ]


def narrowed(entries: Iterable[Entry], chosen: Chosen, today: date) -> list[Entry]:
    """The entries that pass every group in which something is chosen, in their order."""
    passes: dict[Profile, bool] = {}
    shown = []
    for entry in entries:
        profile = profile_of(entry, today)
        if profile not in passes:
            passes[profile] = not _failing(profile, chosen)
        if passes[profile]:
            shown.append(entry)
    return shown


def count_choices(entries: Iterable[Entry], chosen: Chosen, today: date) -> dict[str, dict[str, int]]:
    """By group and choice, how many entries it would show under the choices of the other groups; 0 for none."""
    counts: dict[str, dict[str, int]] = {group: {} for group in GROUPS}
    for profile, n in Counter(profile_of(entry, today) for entry in entries).items():
        failing = _failing(profile, chosen)
        for group, values in zip(GROUPS, profile, strict=True):
            shown = n if not failing or failing == [group] else 0
            for value in values:
                counts[group][value] = counts[group].get(value, 0) + shown
    return counts


def nearest(entries: Iterable[Entry], chosen: Chosen, today: date) -> tuple[str, int] | None:
    """Where nothing passes: the group to drop to see most, and how many that shows; None if none helps."""
    gained: Counter[str] = Counter()
    for profile, n in Counter(profile_of(entry, today) for entry in entries).items():
        failing = _failing(profile, chosen)
        if len(failing) == 1 and failing != ["state"]:
            gained[failing[0]] += n
    # The first group of those that show as many.
    return max(
        ((group, gained[group]) for group in GROUPS if gained[group]),
        key=lambda found: found[1],
        default=None,
    )


def in_order(entries: Iterable[Entry], sort: str, found: Mapping[int, float]) -> list[Entry]:
    """Entries in an order of SORTS, or by relevance to what was searched. found: the relevance of each, by id."""
    if sort == "relevance":
        return sorted(entries, key=lambda entry: (-found[entry.id], entry.number))
    return sorted(entries, key=SORTS[sort])


SORTS: dict[str, Callable[[Entry], tuple[object, ...]]] = {
    "deadline": lambda entry: (entry.ended, entry.deadline_on or date.max, entry.number),
    "newest": lambda entry: (-entry.published_on.toordinal(), entry.number),
    "budget": lambda entry: (-(entry.budget_fen or -1), entry.number),
}
