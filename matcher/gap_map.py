"""The gap map (供需缺口图): what is asked and nobody can do, what is offered and nobody asks for.

Pure: it is given every requirement of the open scenarios with the best verdict a capable firm reaches, and every listed
capability with its best band. A requirement has supply when a firm that is strong or possible for its scenario meets it
at least partly; the few words a weak firm shares with it are no supply. A capability has demand when it is strong or
possible for some open scenario. What is without is grouped by meaning and named by its own words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

from matcher.clusters import MAX_ITEMS, cluster, medoid
from matcher.coverage import Verdict
from matcher.embedder import Vectors
from matcher.telling_words import WordLore
from models.match import Band

REQUIREMENT_THRESHOLD = 0.5
"""Mean cosine from which requirements, each taken half by itself and half by its scenario's topic, are one gap. On the
demo data pairs of one scenario have .66 in the median and hardly any less than .5; of pairs of two scenarios one in a
hundred has more than .41."""

CAPABILITY_THRESHOLD = 0.3
"""The same for whole capabilities, whose vectors are means of many sentences: 19 pairs of 20 in the demo have less."""

CAPABLE = (Band.STRONG, Band.POSSIBLE)
N_WORDS = 3
AMPLE = 3
"""From so many firms a scenario on, supply is ample."""


class Supply(StrEnum):
    """What a cell of the grid says about demand and supply."""

    NONE = "none"
    SHORT = "short"
    BALANCED = "balanced"
    AMPLE = "ample"


@dataclass(frozen=True)
class Asked:
    """A requirement of an open scenario. best: the best verdict of a capable firm, None where there is no such firm.

    topic: title of its scenario. vector: (dim,), a unit vector or zeros.
    """

    scenario_id: int
    position: int
    text: str
    topic: str
    lang: str
    must: bool
    domain: str
    district_id: int | None
    best: Verdict | None
    vector: Vectors

    @property
    def key(self) -> tuple[int, int]:
        """What tells it from all others."""
        return self.scenario_id, self.position

    @property
    def is_supplied(self) -> bool:
        """Whether some capable firm meets it, or a part of it."""
        return self.best in (Verdict.MET, Verdict.PARTLY)

    def to_json(self) -> dict[str, Any]:
        """One row behind a figure."""
        names = ("scenario_id", "position", "text", "lang", "must", "domain", "district_id")
        has_candidate = self.best is not None
        return {name: getattr(self, name) for name in names} | {"has_candidate": has_candidate}


@dataclass(frozen=True)
class Offered:
    """A listed capability. best: its best band over all open scenarios, None where it was never among the candidates.

    text: what it says of itself, for its words. nearest_id: the open scenario it comes nearest to, if any.
    """

    capability_id: int
    organisation_id: int
    title: str
    text: str
    lang: str
    domains: tuple[str, ...]
    district_id: int | None
    best: Band | None
    nearest_id: int | None
    vector: Vectors

    @property
    def key(self) -> tuple[int]:
        """What tells it from all others."""
        return (self.capability_id,)

    @property
    def is_wanted(self) -> bool:
        """Whether some open scenario asks for it."""
        return self.best in CAPABLE

    def to_json(self) -> dict[str, Any]:
        """One row behind a figure."""
        names = ("capability_id", "organisation_id", "title", "lang", "district_id", "nearest_id")
        best = None if self.best is None else str(self.best)
        return {name: getattr(self, name) for name in names} | {"domains": list(self.domains), "best": best}


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs together. name: the text in its middle; words: at most three that tell it from all others.

    domains, district_ids: where it is, most frequent first. rows: what is in it, by key.
    """

    name: str
    lang: str
    words: tuple[str, ...]
    domains: tuple[str, ...]
    district_ids: tuple[int | None, ...]
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the grid: ids of its open scenarios and of the firms with a capability in it. supply: the word."""

    domain: str
    district_id: int | None
    scenario_ids: tuple[int, ...]
    firm_ids: tuple[int, ...]
    n_unsupplied: int
    supply: Supply


@dataclass(frozen=True, slots=True)
class DomainTally:
    """A domain in figures: its requirements by best verdict, its capabilities by whether they are wanted."""

    domain: str
    n_met: int
    n_partly: int
    n_unsupplied: int
    n_wanted: int
    n_unwanted: int


@dataclass(frozen=True, slots=True)
class GapMap:
    """All of it. n_ungrouped: rows that stand alone because there are too many to compare."""

    unsupplied: tuple[Group, ...]
    undemanded: tuple[Group, ...]
    cells: tuple[Cell, ...]
    domains: tuple[DomainTally, ...]
    n_requirements: int
    n_capabilities: int
    n_ungrouped: int

    def to_json(self) -> dict[str, Any]:
        """Plain values, as stored."""
        return asdict(self)


def draw(asked: Sequence[Asked], offered: Sequence[Offered], lore: WordLore) -> GapMap:
    """The gap map; the order in which rows are given changes nothing."""
    asked = sorted(asked, key=lambda row: row.key)
    offered = sorted(offered, key=lambda row: row.key)
    wanting = [row for row in asked if not row.is_supplied]
    idle = [row for row in offered if not row.is_wanted]
    return GapMap(
        unsupplied=_group(wanting, REQUIREMENT_THRESHOLD, lambda rows, middle: _gap(rows, middle, lore)),
        undemanded=_group(idle, CAPABILITY_THRESHOLD, lambda rows, middle: _surplus(rows, middle, lore)),
        cells=tuple(grid(asked, offered)),
        domains=tuple(_tallies(asked, offered)),
        n_requirements=len(asked),
        n_capabilities=len(offered),
        n_ungrouped=sum(max(0, len(rows) - MAX_ITEMS) for rows in (wanting, idle)),
    )


Row = TypeVar("Row", Asked, Offered)


def _group(
    rows: Sequence[Row], threshold: float, describe: Callable[[Sequence[Row], Row], Group]
) -> tuple[Group, ...]:
    """The rows by meaning, the largest group first; each row in exactly one. Beyond MAX_ITEMS each is its own."""
    if not rows:
        return ()
    vectors = np.stack([row.vector for row in rows])
    compared = cluster(vectors[:MAX_ITEMS], threshold=threshold)
    groups = compared + [[at] for at in range(MAX_ITEMS, len(rows))]
    return tuple(describe([rows[at] for at in group], rows[medoid(vectors, group)]) for group in groups)


def _gap(rows: Sequence[Asked], middle: Asked, lore: WordLore) -> Group:
    return Group(
        name=middle.text,
        lang=middle.lang,
        words=tuple(lore.telling([f"{row.text}\n{row.topic}" for row in rows], n=N_WORDS)),
        domains=_by_frequency([row.domain for row in rows]),
        district_ids=_by_frequency([row.district_id for row in rows]),
        rows=tuple(row.to_json() for row in rows),
    )


def _surplus(rows: Sequence[Offered], middle: Offered, lore: WordLore) -> Group:
    return Group(
        name=middle.title,
        lang=middle.lang,
        words=tuple(lore.telling([row.text for row in rows], n=N_WORDS)),
        domains=_by_frequency([domain for row in rows for domain in row.domains]),
        district_ids=_by_frequency([row.district_id for row in rows]),
        rows=tuple(row.to_json() for row in rows),
    )


Value = TypeVar("Value", str, "int | None")


def _by_frequency(values: Sequence[Value]) -> tuple[Value, ...]:
    counts = Counter(values)
    return tuple(sorted(counts, key=lambda value: (-counts[value], str(value))))


def grid(asked: Sequence[Asked], offered: Sequence[Offered]) -> list[Cell]:
    """Demand and supply by domain and district; fields in which there is neither are left out.

    A firm counts once in each domain it names, in its own district.
    """
    scenarios: dict[tuple[str, int | None], set[int]] = {}
    firms: dict[tuple[str, int | None], set[int]] = {}
    for need in asked:
        scenarios.setdefault((need.domain, need.district_id), set()).add(need.scenario_id)
    for offer in offered:
        for domain in offer.domains:
            firms.setdefault((domain, offer.district_id), set()).add(offer.organisation_id)
    unsupplied = Counter((need.domain, need.district_id) for need in asked if not need.is_supplied)
    places = sorted(scenarios.keys() | firms.keys(), key=lambda place: (place[0], place[1] or 0))
    return [
        Cell(
            domain=place[0],
            district_id=place[1],
            scenario_ids=tuple(sorted(scenarios.get(place, ()))),
            firm_ids=tuple(sorted(firms.get(place, ()))),
            n_unsupplied=unsupplied[place],
            supply=supply_word(len(scenarios.get(place, ())), len(firms.get(place, ()))),
        )
        for place in places
    ]


def supply_word(n_scenarios: int, n_firms: int) -> Supply:
    """What a proportion is called: fewer firms than scenarios is short, AMPLE times as many is ample."""
    if n_firms >= AMPLE * n_scenarios:
        return Supply.AMPLE
    if not n_firms:
        return Supply.NONE
    return Supply.SHORT if n_firms < n_scenarios else Supply.BALANCED


def _tallies(asked: Sequence[Asked], offered: Sequence[Offered]) -> list[DomainTally]:
    needs = Counter((row.domain, row.best if row.is_supplied else None) for row in asked)
    offers = Counter((domain, row.is_wanted) for row in offered for domain in row.domains)
    return [
        DomainTally(
            domain=domain,
            n_met=needs[domain, Verdict.MET],
            n_partly=needs[domain, Verdict.PARTLY],
            n_unsupplied=needs[domain, None],
            n_wanted=offers[domain, True],
            n_unwanted=offers[domain, False],
        )
        for domain in sorted({domain for domain, _ in needs.keys() | offers.keys()})
    ]
