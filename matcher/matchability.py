"""How matchable a need is as it stands: how many firms could take it, what nobody meets, and what is open already.

The same judgement as after publication, on a text that is still being written. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matcher.completeness import is_below_floor
from matcher.coverage import Verdict
from matcher.documents import Document, scenario_document
from matcher.judge import Need, judge_briefly
from matcher.recommender import SHORTLIST, Recommender
from matcher.relevance import likeness
from matcher.scoring import ScoredMatch
from matcher.title_likeness import N_SIMILAR, nearest
from models.match import Band
from models.scenario import Scenario

SIMILAR_MEANING = 4.5
"""Standard deviations from which another need is called similar. On the demo data, 2026-11-26: five needs told anew in
other words stand at 5.3 to 6.7 from the original, two for much the same help desk at 4.6 and 5.2, pairs that ask for
different things at most at 4.1."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the candidates say to one requirement. best: the best verdict among them, None without any candidate."""

    position: int
    text: str
    must: bool
    derived: bool
    best: Verdict | None
    n_met: int
    n_partly: int

    @property
    def finds_nobody(self) -> bool:
        """Whether no firm meets it, not even in part."""
        return not self.n_met and not self.n_partly


@dataclass(frozen=True, slots=True)
class Matchability:
    """The candidates of a need. n_firms: by the band of each firm's best capability; n_compared: capabilities judged.

    enough: False where the text is too short to be held against anything; nothing is counted then.
    """

    enough: bool
    n_firms: dict[Band, int]
    n_compared: int
    outlooks: tuple[Outlook, ...] = ()
    similar: tuple[int, ...] = ()


def assess(recommender: Recommender, draft: Scenario) -> Matchability:
    """What a scenario that is not published would find now. Its requirements must be loaded; its id may be 0.

    A firm counts once, with its best capability; the SHORTLIST nearest capabilities are judged.
    Raises ModelUnavailable without an encoder.
    """
    document = scenario_document(draft)
    if is_below_floor(document):
        return Matchability(enough=False, n_firms={}, n_compared=0)
    need = recommender.need_of(document, draft)
    matches = recommender.match_need(need, k=SHORTLIST, judging=judge_briefly)
    best = best_of_each_firm(matches)
    return Matchability(
        enough=True,
        n_firms={band: sum(match.band is band for match in best) for band in Band},
        n_compared=len(matches),
        outlooks=outlooks_of(document, matches),
        similar=similar_by_meaning(recommender, need, without=draft.id or 0),
    )


def best_of_each_firm(matches: Iterable[ScoredMatch]) -> list[ScoredMatch]:
    """The first match of each firm, in the order given."""
    found: dict[int, ScoredMatch] = {}
    for match in matches:
        found.setdefault(match.organisation_id, match)
    return list(found.values())


def outlooks_of(document: Document, matches: Sequence[ScoredMatch]) -> tuple[Outlook, ...]:
    """For each requirement, in order, the firms that meet it wholly and in part; a firm counts with its better word."""
    found = []
    for at, requirement in enumerate(document.requirements):
        by_firm: dict[int, set[Verdict]] = {}
        for match in matches:
            by_firm.setdefault(match.organisation_id, set()).add(match.coverage[at].verdict)
        verdicts = [_better(verdicts) for verdicts in by_firm.values()]
        found.append(
            Outlook(
                position=requirement.position,
                text=requirement.text,
                must=requirement.must,
                derived=requirement.derived,
                best=_better(set(verdicts)) if verdicts else None,
                n_met=verdicts.count(Verdict.MET),
                n_partly=verdicts.count(Verdict.PARTLY),
            )
        )
    return tuple(found)


def _better(verdicts: set[Verdict]) -> Verdict:
    order = (Verdict.MET, Verdict.PARTLY, Verdict.UNKNOWN, Verdict.UNMET)
    return next(verdict for verdict in order if verdict in verdicts)


def similar_by_meaning(
    recommender: Recommender, need: Need, *, without: int, at_least: float = SIMILAR_MEANING
) -> tuple[int, ...]:
    """Ids of at most N_SIMILAR open scenarios that ask for the same, most alike first; never `without`.

    Measured as against offers, with the other needs in the offers' place.
    """
    profile = need.profile
    ids, others = recommender.gauge.needs_as_offers()
    if not len(ids) or not len(profile.vectors):
        return ()
    mean, spread = profile.detail
    alike = likeness(profile.vectors, others.chunk_set, others.hubness[:, 0])
    strengths = dict(zip(ids.tolist(), ((alike - mean) / spread).tolist(), strict=True))
    strengths.pop(without, None)
    return nearest(strengths, at_least=at_least, n=N_SIMILAR)
