"""Bring the index in step with the database, then add new matches, new views of old ones, and proposals of teams.

Nothing here touches what people decided: machines insert matches and append scores. A scenario that fails does not stop
the others. Run again without news, the job writes nothing and does not even load the model; the scheduler's process
remembers what its last complete run rested on, so that a quiet minute costs one look at the rows.
"""

from functools import partial

from jobs.propose_teams import end_teams_of_closed, propose_team
from jobs.runner import Run
from jobs.score_news import score_news
from matcher.recommender import Recommender
from matcher.scoring import ENGINE_VERSION
from matcher.workshop import Workshop
from models.match_queries import touched_pairs
from models.match_recording import append_scores, newest_views


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
    recommender = workshop.recommender()
    for scenario_id, chosen in sorted(recommender.choose_pairs().items()):
        if run.is_stopping():
            return
        run.attempt(scenario_id, partial(_answer, run, recommender, scenario_id, chosen))
    end_teams_of_closed(run, on=workshop.today())
    n_stale = recommender.corpus.n_stale
    if n_stale:
        run.counts.skip("document_not_indexed", n_stale)
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


def _answer(run: Run, recommender: Recommender, scenario_id: int, chosen: set[int]) -> None:
    """All that is new about one scenario: its pairs, then the team, which is for whom no pair is enough."""
    in_step = _match(run, recommender, scenario_id, chosen)
    propose_team(run, recommender, scenario_id, in_step)


def _match(run: Run, recommender: Recommender, scenario_id: int, chosen: set[int]) -> set[int]:
    """Record what is new about one scenario's pairs; the capabilities whose newest view is on record then.

    Judged before the transaction, which only writes.
    """
    with run.reading() as session:
        known = newest_views(session, scenario_id)
        touched = touched_pairs(session, scenario_id)
    # What is shown anywhere stays up to date, whatever its rank now; what people acted on is shown in any case.
    best = recommender.best_of_firms(scenario_id, sorted(touched))
    # Those that have left, or changed since the index was brought in step, are not among the rows.
    wanted = set(recommender.corpus.capabilities.load(sorted(chosen | known.keys() | best)))
    news = score_news(
        recommender, scenario_id, sorted(wanted), {id_: digest for id_, (_, digest) in known.items()}
    )
    if not news:
        run.counts.skip("nothing_new")
        return wanted
    versions = (ENGINE_VERSION, recommender.index_version)
    with run.transaction() as session:
        recorded = append_scores(session, scenario_id, news, versions=versions, now=run.now)
    run.counts.did("scenarios_matched")
    run.counts.did("scores_added", recorded.scores)
    if recorded.matches:
        run.counts.did("matches_added", recorded.matches)
    return wanted
