"""What the gap map and the exposure are made of: present views of pairs, with the documents and vectors behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby

from matcher.coverage import Verdict
from matcher.documents import Document, DocumentKind
from matcher.exposure import NEW_DAYS, Exposure, ListedFirm, measure
from matcher.gap_map import CAPABLE, Asked, GapMap, Offered, draw
from matcher.recommender import Recommender
from matcher.telling_words import WordLore
from models.capability import Capability
from models.market_survey import ScoreLine
from models.match import Band
from models.match_queries import BAND_ORDER
from models.organisation import Organisation

OTHER_DOMAIN = ""
"""Stands for the domain of a capability that names none; an unknown domain is not one of the others."""

N_NEAREST = 3
"""So many weak firms a page shows where it has nothing better."""

_BEST_FIRST = (Verdict.MET, Verdict.PARTLY, Verdict.UNMET, Verdict.UNKNOWN)


def survey_gaps(recommender: Recommender, lines: Sequence[ScoreLine]) -> GapMap:
    """The gap map of everything that is in the index. May load the model, to cut texts as they were encoded."""
    corpus = recommender.corpus
    verdicts, views = _best_verdicts(lines), _best_views(lines)
    asked = [row for id_ in corpus.scenarios for row in _asked(recommender, id_, verdicts)]
    offered = [_offered(recommender, row, views.get(row.key)) for row in corpus.capabilities.values()]
    documents = (document for rows in (corpus.scenarios, corpus.capabilities) for _, document in rows.pairs())
    lore = WordLore(document.keyword_text for document in documents)
    return draw(asked, offered, lore)


def survey_exposure(lines: Sequence[ScoreLine], firms: Iterable[Organisation], *, on: date) -> Exposure:
    """The exposure of these firms in what the pages of open scenarios show first, before any rotation."""
    facts = [ListedFirm(firm.key, firm.team_size, _is_new(firm, on), firm.district_id) for firm in firms]
    return measure(shown_first(lines), facts)


def shown_first(lines: Sequence[ScoreLine]) -> dict[int, list[int]]:
    """By scenario the firms its page shows unasked, best first: strong, possible or acted on, else the nearest few.

    The twin of `worth_showing` and `nearest_of` in web/presenters/matches.py.
    """
    shown: dict[int, list[int]] = {}
    for scenario_id, group in groupby(lines, key=lambda line: line.scenario_id):
        best: dict[int, ScoreLine] = {}
        for line in sorted(group, key=_rank_key):
            if line.may_be_shown:
                best.setdefault(line.match_id, line)
        rows = list(best.values())
        worth = [row for row in rows if row.band in CAPABLE or row.is_answered]
        nearest = [row for row in rows if row.band is not Band.NOT_ENOUGH_INFORMATION][:N_NEAREST]
        shown[scenario_id] = [row.organisation_id for row in worth or nearest]
    return shown


def _rank_key(line: ScoreLine) -> tuple[int, float, int, int]:
    return BAND_ORDER[line.band], -line.score, line.capability_id, line.scenario_id


def _is_new(firm: Organisation, on: date) -> bool:
    return firm.approved_at is not None and firm.approved_at.date() > on - timedelta(days=NEW_DAYS)


def _best_verdicts(lines: Sequence[ScoreLine]) -> dict[tuple[int, int], Verdict]:
    """By scenario and position the best verdict of a capable firm."""
    best: dict[tuple[int, int], Verdict] = {}
    for line in lines:
        if line.band not in CAPABLE:
            continue
        for item in line.coverage:
            key, verdict = (line.scenario_id, item["position"]), Verdict(item["verdict"])
            best[key] = min(best.get(key, verdict), verdict, key=_BEST_FIRST.index)
    return best


def _best_views(lines: Sequence[ScoreLine]) -> dict[int, ScoreLine]:
    """By capability its best view over all scenarios."""
    best: dict[int, ScoreLine] = {}
    for line in lines:
        before = best.get(line.capability_id)
        if before is None or _rank_key(line) < _rank_key(before):
            best[line.capability_id] = line
    return best


def _asked(
    recommender: Recommender, scenario_id: int, verdicts: dict[tuple[int, int], Verdict]
) -> list[Asked]:
    scenario = recommender.corpus.scenarios[scenario_id]
    document = recommender.corpus.document(DocumentKind.SCENARIO, scenario_id)
    vectors = recommender.requirement_vectors(scenario_id)
    return [
        Asked(
            scenario_id=scenario_id,
            position=requirement.position,
            text=requirement.text,
            topic=scenario.title,
            lang=document.lang,
            must=requirement.must,
            domain=scenario.domain,
            district_id=scenario.district_id,
            best=verdicts.get((scenario_id, requirement.position)),
            vector=vector,
        )
        for requirement, vector in zip(document.requirements, vectors, strict=True)
    ]


def _offered(recommender: Recommender, row: Capability, view: ScoreLine | None) -> Offered:
    document = recommender.corpus.document(DocumentKind.CAPABILITY, row.key)
    return Offered(
        capability_id=row.key,
        organisation_id=row.organisation_id,
        title=row.title,
        text=_own_words(document),
        lang=document.lang,
        domains=tuple(sorted(set(row.industries))) or (OTHER_DOMAIN,),
        district_id=row.organisation.district_id,
        best=None if view is None else view.band,
        nearest_id=None if view is None else view.scenario_id,
        vector=recommender.capability_vector(row.key),
    )


def _own_words(document: Document) -> str:
    """What a capability says of itself; its cases speak of customers."""
    return "\n".join(part.text for part in document.statements if part.source in ("title", "text"))
