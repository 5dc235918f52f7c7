"""Keep the team that is proposed for a scenario in step with what it rests on; a part of reindex.

A scenario gets a proposal when no single firm is a strong match that covers all its musts. What is chosen from is
compared first, which needs no model; only where that has changed are candidates looked up, and only where these have
changed is a team searched. Nothing here touches what people decided.
"""

from collections.abc import Set as AbstractSet
from datetime import date

from sqlmodel import Session

from jobs.runner import Run
from jobs.score_news import score_news
from matcher.recommender import Recommender
from matcher.scoring import ENGINE_VERSION
from matcher.team_search import TeamAnswer
from matcher.teams import TEAM_VERSION
from models.match_queries import find_best_strong
from models.match_recording import append_scores
from models.team import (
    NewProposal,
    append_proposal,
    end_proposals,
    find_current,
    refused_firms,
    scenarios_with_stale_proposal,
)


def propose_team(run: Run, recommender: Recommender, scenario_id: int, in_step: AbstractSet[int]) -> None:
    """Propose a team for one open scenario, keep the one there is, or end it where one firm is enough.

    in_step: the capabilities whose newest view of the scenario has been recorded, which must come before.
    """
    with run.reading() as session:
        current = find_current(session, scenario_id)
        refused = refused_firms(session, [scenario_id])[scenario_id]
        is_needed = bool(recommender.musts(scenario_id)) and not _one_is_enough(session, scenario_id)
    if not is_needed:
        if current is not None:
            _end(run, [scenario_id])
        return
    pool_hash = recommender.team_pool_hash(scenario_id, without=refused)
    if current is not None and current.pool_hash == pool_hash:
        return
    pool = recommender.team_pool(scenario_id, without=refused)
    hashes = pool_hash, recommender.team_inputs_hash(scenario_id, pool)
    if current is not None and current.inputs_hash == hashes[1]:
        _renew(run, scenario_id, pool_hash)
    else:
        _write(run, recommender, recommender.team_of(scenario_id, pool), hashes, in_step)


def end_teams_of_closed(run: Run, *, on: date) -> None:
    """End what is proposed for scenarios that take no answers any more."""
    with run.reading() as session:
        closed = scenarios_with_stale_proposal(session, on=on)
    if closed:
        _end(run, closed)


def _one_is_enough(session: Session, scenario_id: int) -> bool:
    """Whether the best strong firm that nobody refused covers every must, at least partly."""
    best = find_best_strong(session, scenario_id)
    return best is not None and all(
        row["verdict"] in ("met", "partly") for row in best.coverage if row["must"]
    )


def _renew(run: Run, scenario_id: int, pool_hash: str) -> None:
    """Remember that the same firms came out of what there is to choose from now."""
    with run.transaction() as session:
        current = find_current(session, scenario_id)
        if current is not None:
            current.pool_hash = pool_hash
    run.counts.skip("team_unchanged")


def _write(
    run: Run,
    recommender: Recommender,
    answer: TeamAnswer,
    hashes: tuple[str, str],
    in_step: AbstractSet[int],
) -> None:
    """Record the proposal, and with it the pairs of its members, so that each of them has its page."""
    scenario_id = answer.scenario_id
    news = score_news(recommender, scenario_id, sorted(answer.capability_ids - in_step), {})
    proposal = NewProposal(
        scenario_id=scenario_id,
        versions=(f"{ENGINE_VERSION}/{TEAM_VERSION}", recommender.index_version),
        hashes=hashes,
        values=answer.values(),
        members=answer.members(),
    )
    with run.transaction() as session:
        versions = (ENGINE_VERSION, recommender.index_version)
        recorded = append_scores(session, scenario_id, news, versions=versions, now=run.now)
        append_proposal(session, proposal, now=run.now)
    run.counts.did("teams_proposed")
    if recorded.scores:
        run.counts.did("scores_added", recorded.scores)
    if recorded.matches:
        run.counts.did("matches_added", recorded.matches)


def _end(run: Run, scenario_ids: list[int]) -> None:
    with run.transaction() as session:
        n_ended = end_proposals(session, scenario_ids, now=run.now)
    run.counts.did("teams_ended", n_ended)
