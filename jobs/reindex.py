"""Bring the index in step with the database, then add new matches and new views of old ones.

Nothing here touches what people decided: machines insert matches and append scores. A scenario that fails does not stop
the others. Run again without news, the job writes nothing and does not even load the model; the scheduler's process
remembers what its last complete run rested on, so that a quiet minute costs one look at the rows.
"""

from collections.abc import Iterable
from functools import partial

from jobs.runner import Run
from matcher.recommender import Recommender
from matcher.scoring import ENGINE_VERSION
from matcher.workshop import Workshop
from models.match_queries import touched_pairs
from models.match_recording import NewScore, append_scores, newest_views


def reindex(run: Run, *, workshop: Workshop) -> None:
    """Update the index (not in a dry run), choose the pairs worth keeping, and record what is new about them."""
    with workshop.turn:
        _reindex(run, workshop)


def _reindex(run: Run, workshop: Workshop) -> None:
    rows = workshop.rows_now()
    if not run.dry_run:
        if workshop.settled and workshop.inputs(rows) == workshop.settled:
            return
        workshop.settled = ""
        _bring_in_step(run, workshop)
    with run.reading() as session:
        recommender = workshop.recommender(session)
    n_stale = recommender.corpus.n_stale
    if n_stale:
        run.counts.skip("document_not_indexed", n_stale)
    for scenario_id, chosen in sorted(recommender.choose_pairs().items()):
        if run.is_stopping():
            return
        run.attempt(scenario_id, partial(_match, run, recommender, scenario_id, chosen))
    if not (run.dry_run or n_stale or run.counts.failed):
        # The rows as they were before anything was read: whatever changed since is looked at next time.
        workshop.settled = workshop.inputs(rows)


def _bring_in_step(run: Run, workshop: Workshop) -> None:
    report = workshop.update_index(now=run.now)
    counts = {"documents_indexed": report.n_changed, "documents_removed": report.n_removed}
    if report.reason:
        counts[f"index_rebuilt_{report.reason}"] = 1
    for what, n in counts.items():
        if n:
            run.counts.did(what, n)


def _match(run: Run, recommender: Recommender, scenario_id: int, chosen: set[int]) -> None:
    """Record what is new about one scenario's pairs. Judged before the transaction, which only writes."""
    with run.reading() as session:
        known = newest_views(session, scenario_id)
        touched = touched_pairs(session, scenario_id)
    # What is shown anywhere stays up to date, whatever its rank now; what people acted on is shown in any case.
    shown = {id_ for id_ in known if id_ in recommender.corpus.capabilities}
    wanted = chosen | shown | recommender.best_of_firms(scenario_id, sorted(touched))
    news = _news(
        recommender, scenario_id, sorted(wanted), {id_: digest for id_, (_, digest) in known.items()}
    )
    if not news:
        run.counts.skip("nothing_new")
        return
    versions = (ENGINE_VERSION, recommender.index_version)
    with run.transaction() as session:
        recorded = append_scores(session, scenario_id, news, versions=versions, now=run.now)
    run.counts.did("scenarios_matched")
    run.counts.did("scores_added", recorded.scores)
    if recorded.matches:
        run.counts.did("matches_added", recorded.matches)


def _news(
    recommender: Recommender, scenario_id: int, wanted: Iterable[int], known: dict[int, str]
) -> list[NewScore]:
    """Views of the wanted capabilities that rest on something else than the known ones."""
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
            )
        )
    return news
