"""Exposure (曝光): which firms are shown first to those who look for one, and how evenly.

An impression is a firm's place among the first ten that the page of an open scenario shows unasked. Pure measures over
these lists and the listed firms; what is done about them is rotation (models/rotation.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from models.rotation import CROWDED_SHARE, MIN_CROWDED

FIRST = 10
"""Places of a list that count as shown first."""

NEW_DAYS = 90
"""A firm is new for so many days after it was let in."""

N_MOST = 10


@dataclass(frozen=True, slots=True)
class ListedFirm:
    """A firm with something listed. team_size: None where it is unknown."""

    id: int
    team_size: int | None
    is_new: bool
    district_id: int | None

    @property
    def size(self) -> str:
        """one_person, larger or unknown."""
        if self.team_size is None:
            return "unknown"
        return "one_person" if self.team_size == 1 else "larger"


@dataclass(frozen=True, slots=True)
class Share:
    """A kind of firm: how many there are, and how many impressions they have together."""

    kind: Any
    n_firms: int
    n_impressions: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """All measures. gini: None without an impression. lorenz: points (share of firms, of impressions), least first.

    never: ids of the firms shown nowhere. most: (id, impressions), most first. crowded, favoured: for rotation.
    """

    n_scenarios: int
    n_firms: int
    n_impressions: int
    gini: float | None
    lorenz: tuple[tuple[float, float], ...]
    by_size: tuple[Share, ...]
    by_age: tuple[Share, ...]
    by_district: tuple[Share, ...]
    never: tuple[int, ...]
    most: tuple[tuple[int, int], ...]
    crowded: tuple[int, ...]
    favoured: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, as stored."""
        return asdict(self)


def measure(shown: Mapping[int, Sequence[int]], firms: Sequence[ListedFirm]) -> Exposure:
    """The measures. shown: by scenario, the firms its page shows, best first. No order of the rest changes anything."""
    firms = sorted(firms, key=lambda firm: firm.id)
    seen = Counter(firm_id for ids in shown.values() for firm_id in ids[:FIRST])
    counts = {firm.id: seen[firm.id] for firm in firms}
    crowded = crowded_firms(counts, n_scenarios=len(shown))
    favoured = (firm.id for firm in firms if firm.is_new or firm.size == "one_person")
    return Exposure(
        n_scenarios=len(shown),
        n_firms=len(firms),
        n_impressions=sum(counts.values()),
        gini=gini(list(counts.values())),
        lorenz=tuple(lorenz(list(counts.values()))),
        by_size=_shares(firms, counts, lambda firm: firm.size),
        by_age=_shares(firms, counts, lambda firm: "new" if firm.is_new else "established"),
        by_district=_shares(firms, counts, lambda firm: firm.district_id),
        never=tuple(id_ for id_, n in counts.items() if not n),
        most=tuple(
            sorted(((id_, n) for id_, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0]))[
                :N_MOST
            ]
        ),
        crowded=tuple(crowded),
        favoured=tuple(id_ for id_ in favoured if id_ not in crowded),
    )


def crowded_firms(counts: Mapping[int, int], *, n_scenarios: int) -> list[int]:
    """Firms among the first of more than CROWDED_SHARE of the scenarios, and of MIN_CROWDED at least, by id."""
    limit = max(CROWDED_SHARE * n_scenarios, MIN_CROWDED - 1)
    return sorted(id_ for id_, n in counts.items() if n > limit)


def gini(counts: Sequence[int]) -> float | None:
    """The Gini coefficient: 0 where all have the same, near 1 where one has all; None where nobody has anything."""
    total = sum(counts)
    if not total:
        return None
    n = len(counts)
    return sum((2 * place - n - 1) * count for place, count in enumerate(sorted(counts), start=1)) / (
        n * total
    )


def lorenz(counts: Sequence[int]) -> list[tuple[float, float]]:
    """The Lorenz curve from (0, 0) to (1, 1), a point wherever its slope changes; empty where nobody has anything."""
    total = sum(counts)
    if not total:
        return []
    points, running = [(0.0, 0.0)], 0
    ordered = sorted(counts)
    for at, count in enumerate(ordered, start=1):
        running += count
        if at == len(ordered) or ordered[at] != count:
            points.append((at / len(ordered), running / total))
    return points


def _shares(
    firms: Sequence[ListedFirm], counts: Mapping[int, int], kind_of: Callable[[ListedFirm], Any]
) -> tuple[Share, ...]:
    n_firms = Counter(kind_of(firm) for firm in firms)
    n_shown: Counter[Any] = Counter()
    for firm in firms:
        n_shown[kind_of(firm)] += counts[firm.id]
    kinds = sorted(n_firms, key=lambda kind: (-n_firms[kind], str(kind)))
    return tuple(Share(kind, n_firms[kind], n_shown[kind]) for kind in kinds)
