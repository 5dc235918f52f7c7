"""Bring the index in step with the database, then add new matches and new views of old ones.

Nothing here touches what people decided: machines insert matches and append scores. A scenario that fails does not stop
the others; run again without news, the job writes nothing and does not even load the model.
"""

from sqlmodel import Session

from jobs.runner import Run
from matcher.recommender import Recommender
from matcher.scoring import ENGINE_VERSION
from matcher.workshop import Workshop
from models.match_recording import NewScore, append_scores, scored_hashes


def reindex(run: Run, *, workshop: Workshop) -> None:
    """Update the index (not in a dry run), choose the pairs worth keeping, and record what is new about them."""
    if not run.dry_run:
        report = workshop.update_index(now=run.now)
        run.counts.did("documents_indexed", report.n_changed)
        run.counts.did("documents_removed", report.n_removed)
    with run.reading() as session:
        recommender = workshop.recommender(session)
        run.counts.skip("document_not_indexed", recommender.corpus.n_stale)
        chosen = recommender.choose_pairs()

        def record(own: Session, scenario_id: int) -> str | None:
            return _record(run, own, recommender, scenario_id, chosen[scenario_id])

        run.each(sorted(chosen), record, what="scenarios_matched")


def _record(
    run: Run, session: Session, recommender: Recommender, scenario_id: int, strengths: dict[int, float]
) -> str | None:
    """Judge the chosen pairs whose inputs changed, and those recorded before that are no longer among the chosen."""
    known = scored_hashes(session, scenario_id)
    everything = recommender.scenario_strengths(scenario_id)
    wanted = {**{id_: everything[id_] for id_ in known if id_ in everything}, **strengths}
    news = []
    for capability_id, strength in sorted(wanted.items()):
        inputs_hash = recommender.inputs_hash(scenario_id, capability_id)
        if known.get(capability_id) == inputs_hash:
            continue
        match = recommender.judge(scenario_id, capability_id, strength)
        news.append(
            NewScore(
                capability_id=capability_id,
                organisation_id=match.organisation_id,
                inputs_hash=inputs_hash,
                score=match.score,
                band=match.band,
                payload=match.payload(),
            )
        )
    if not news:
        return "nothing_new"
    versions = (ENGINE_VERSION, recommender.index_version)
    recorded = append_scores(session, scenario_id, news, versions=versions, now=run.now)
    run.counts.did("matches_added", recorded.matches)
    run.counts.did("scores_added", recorded.scores)
    return None
