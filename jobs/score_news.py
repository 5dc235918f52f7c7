"""The pairs of a scenario whose present view rests on something else than the one on record, judged anew."""

from collections.abc import Iterable, Mapping

from matcher.recommender import Recommender
from models.match_recording import NewScore


def score_news(
    recommender: Recommender, scenario_id: int, wanted: Iterable[int], known: Mapping[int, str]
) -> list[NewScore]:
    """Views of the wanted capabilities that are news. known: inputs hash of the newest view, by capability."""
    news = []
    for capability_id in wanted:
        inputs_hash = recommender.inputs_hash(scenario_id, capability_id)
        if known.get(capability_id) == inputs_hash:
            continue
        match = recommender.judge(scenario_id, capability_id)
        news.append(
            NewScore(
                capability_id=capability_id,
                organisation_id=match.organisation_id,
                inputs_hash=inputs_hash,
                score=match.score,
                band=match.band,
                payload=match.payload(),
                weights_serial=match.weights_serial,
            )
        )
    return news
