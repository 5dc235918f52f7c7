"""Filters of the public list: which entries pass, how many each choice would give, and what to drop when none does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
    shown = [entry for entry in entries if passes(entry, asked.chosen, today)]
    return shown, entries, found or {}


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of a group: its value, how many scenarios it would show, and whether it is ticked."""

    value: str
    n: int
    chosen: bool


def values_of(entry: Entry, group: str, today: date) -> frozenset[str]:
    """The choices of a group under which an entry is found. KeyError for a group that does not exist."""
    return _VALUES[group](entry, today)


def _deadline(entry: Entry, today: date) -> frozenset[str]:
    if entry.deadline_on is None:
        return frozenset({"none"})
    left = (entry.deadline_on - today).days
    return frozenset(name for name, days in (("week", SOON_DAYS), ("month", MONTH_DAYS)) if 0 <= left <= days)


_VALUES: dict[str, Callable[[Entry, date], frozenset[str]]] = {
    "domain": lambda entry, _today: frozenset({entry.domain}),
    "district": lambda entry, _today: frozenset({entry.district}),
    "budget": lambda entry, _today: frozenset({"none" if entry.budget_fen is None else "known"}),
    "deadline": _deadline,
    "deployment": lambda entry, _today: frozenset(entry.deployment or ("unsaid",)),
    "kind": lambda entry, _today: frozenset({entry.kind}),
    "state": lambda entry, today: frozenset({"open" if entry.is_open(today) else "ended"}),
}


def passes(entry: Entry, chosen: Chosen, today: date, *, but: str = "") -> bool:
    """Whether an entry passes every group in which something is chosen. but: a group left out of account."""
    return all(
        values_of(entry, group, today) & wanted for group, wanted in chosen.items() if wanted and group != but
    )


def choices(entries: Iterable[Entry], group: str, chosen: Chosen, today: date) -> dict[str, int]:
    """For each choice of a group, how many entries it would show under the other groups' choices."""
    counts: dict[str, int] = {}
    for entry in entries:
        shown = passes(entry, chosen, today, but=group)
        for value in values_of(entry, group, today):
            counts[value] = counts.get(value, 0) + shown
    return counts


def nearest(entries: Sequence[Entry], chosen: Chosen, today: date) -> tuple[str, int] | None:
    """Where nothing passes: the group to drop to see most, and how many that shows; None if none helps."""
    best: tuple[str, int] | None = None
    for group in GROUPS:
        if not chosen.get(group) or group == "state":
            continue
        n = sum(passes(entry, chosen, today, but=group) for entry in entries)
        if n and (best is None or n > best[1]):
            best = (group, n)
    return best


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
