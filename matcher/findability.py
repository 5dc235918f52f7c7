"""What an offer would find as it stands: in how many open scenarios it is strong or possible, and what is missing
for how many of them.

The same judgement as after listing, on a text that is still being written. Nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from matcher.completeness import is_below_floor, missing_fields
from matcher.documents import capability_document
from matcher.recommender import Recommender
from matcher.scoring import ScoredMatch
from models.capability import Capability
from models.match import Band

N_COMPARED = 20
"""Open scenarios that are told of: as many as are kept for a firm."""

PROMISING = (Band.STRONG, Band.POSSIBLE)


@dataclass(frozen=True, slots=True)
class Found:
    """One open scenario that the offer would be shown for."""

    scenario_id: int
    band: Band


@dataclass(frozen=True, slots=True)
class Findability:
    """enough: False where the text is too short to be held against anything; nothing is counted then.

    missing: gap codes of the profile, most helpful first. asked: in how many of the scenarios compared a gap of this
    code stands. found: strong and possible ones, best first.
    """

    enough: bool
    missing: Sequence[str]
    n_compared: int = 0
    n_bands: dict[Band, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    found: tuple[Found, ...] = ()


def find_scenarios(recommender: Recommender, draft: Capability) -> Findability:
    """What a capability that is not listed would find now. Its cases and its firm must be loaded; its id may be 0.

    Raises ModelUnavailable without an encoder.
    """
    document = capability_document(draft)
    missing = missing_fields(document, draft)
    if is_below_floor(document):
        return Findability(enough=False, missing=missing)
    matches = recommender.match_offer(document, draft, k=N_COMPARED)
    return Findability(
        enough=True,
        missing=missing,
        n_compared=len(matches),
        n_bands={band: sum(match.band is band for match in matches) for band in Band},
        asked=count_gaps(matches),
        found=tuple(Found(match.scenario_id, match.band) for match in matches if match.band in PROMISING),
    )


def count_gaps(matches: Sequence[ScoredMatch]) -> dict[str, int]:
    """In how many matches a gap of each code stands; a match counts once for a code."""
    counts: Counter[str] = Counter()
    for match in matches:
        counts.update({gap.code for gap in match.gaps})
    return dict(counts)
