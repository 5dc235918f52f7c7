import threading
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from models.db import make_session, transaction
from models.errors import InvalidTransition, NotFound
from models.work import (
    JobRun,
    RunStatus,
    WorkKind,
    WorkRequest,
    WorkStatus,
    acquire_lease,
    ask_for_work,
    begin_run,
    find_lease,
    find_run,
    forget_empty_runs,
    get_work,
    latest_run,
    latest_runs,
    open_work,
    release_lease,
    renew_lease,
    restart_run,
)
from tests.factories import MONDAY, make_user, save

TTL = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


def acquire(session: Session, owner: str, **values: object) -> int | None:
    defaults: dict[str, object] = {"now": MONDAY, "ttl": TTL}
    return acquire_lease(session, "scheduler", owner=owner, **{**defaults, **values})  # type: ignore[arg-type]


def begin(session: Session, *, job: str = "send_outbox", key: str = "2026-W48", owner: str = "a") -> JobRun:
    run = begin_run(session, job=job, key=key, owner=owner, now=MONDAY)
    assert run is not None
    return run


def ask(session: Session, **payload: object) -> WorkRequest:
    return ask_for_work(session, WorkKind.REINDEX, payload=payload, requested_by_user_id=None)


def test_the_first_to_ask_gets_the_lease(session: Session) -> None:
    assert acquire(session, "a") == 1
    assert acquire(session, "b") is None


def test_a_lease_that_ran_out_changes_hands_and_its_token_grows(session: Session) -> None:
    acquire(session, "a")

    assert acquire(session, "b", now=MONDAY + TTL - SECOND) is None
    assert acquire(session, "b", now=MONDAY + TTL) == 2


def test_a_holder_renews_for_another_term(session: Session) -> None:
    token = acquire(session, "a")
    assert token is not None

    assert renew_lease(session, "scheduler", token=token, now=MONDAY + TTL - SECOND, ttl=TTL)

    lease = find_lease(session, "scheduler")
    assert lease is not None
    assert (lease.heartbeat_at, lease.expires_at) == (MONDAY + TTL - SECOND, MONDAY + 2 * TTL - SECOND)
    assert acquire(session, "b", now=MONDAY + TTL) is None


def test_an_overtaken_holder_can_neither_renew_nor_release(session: Session) -> None:
    old = acquire(session, "a")
    assert old is not None
    new = acquire(session, "b", now=MONDAY + TTL)

    assert not renew_lease(session, "scheduler", token=old, now=MONDAY + TTL, ttl=TTL)
    release_lease(session, "scheduler", token=old, now=MONDAY + TTL)

    lease = find_lease(session, "scheduler")
    assert lease is not None
    assert (lease.owner, lease.token) == ("b", new)


def test_a_released_lease_is_free_at_once_and_cannot_be_renewed(session: Session) -> None:
    token = acquire(session, "a")
    assert token is not None

    release_lease(session, "scheduler", token=token, now=MONDAY)

    assert not renew_lease(session, "scheduler", token=token, now=MONDAY, ttl=TTL)
    assert acquire(session, "b") == 2


def test_a_dead_holder_is_replaced_at_once(session: Session) -> None:
    acquire(session, "a")

    assert acquire(session, "b", dead_owner="c") is None
    assert acquire(session, "b", dead_owner="a") == 2


def test_asking_again_fences_off_the_earlier_self(session: Session) -> None:
    first = acquire(session, "a")
    assert first is not None

    assert acquire(session, "a") == 2
    assert not renew_lease(session, "scheduler", token=first, now=MONDAY, ttl=TTL)


def test_leases_of_different_names_do_not_meet(session: Session) -> None:
    acquire(session, "a")

    assert acquire_lease(session, "job:reindex", owner="b", now=MONDAY, ttl=TTL) == 1


@pytest.mark.parametrize("is_taken", [False, True])
def test_of_many_who_ask_at_once_one_gets_the_lease(empty_engine: Engine, is_taken: bool) -> None:
    with transaction(empty_engine) as session:
        earlier = acquire(session, "dead", now=MONDAY - TTL) if is_taken else 0
    assert earlier is not None
    ready = threading.Barrier(6)
    tokens: list[int | None] = []

    def asking(owner: str) -> None:
        ready.wait()
        with transaction(empty_engine) as session:
            tokens.append(acquire(session, owner))

    threads = [threading.Thread(target=asking, args=(str(n),)) for n in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert [token for token in tokens if token is not None] == [earlier + 1]


def test_a_takeover_waits_for_the_commit_that_a_renewal_guards(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        token = acquire(session, "a")
    assert token is not None
    guarded, overtaken = threading.Event(), threading.Event()
    order: list[str] = []

    def take_over() -> None:
        guarded.wait()
        with transaction(empty_engine) as session:
            acquire(session, "b", now=MONDAY + 3 * TTL)
            order.append("taken over")
        overtaken.set()

    thread = threading.Thread(target=take_over)
    thread.start()
    with transaction(empty_engine) as session:
        assert renew_lease(session, "scheduler", token=token, now=MONDAY, ttl=TTL)
        guarded.set()
        overtaken.wait(0.3)
        order.append("committed")
    thread.join()

    assert order == ["committed", "taken over"]


def test_a_period_is_begun_once(session: Session) -> None:
    begin(session)

    assert begin_run(session, job="send_outbox", key="2026-W48", owner="b", now=MONDAY) is None
    assert begin_run(session, job="send_outbox", key="2026-W49", owner="b", now=MONDAY) is not None
    assert begin_run(session, job="reindex", key="2026-W48", owner="b", now=MONDAY) is not None


def test_schedulers_at_once_begin_a_period_once(empty_engine: Engine) -> None:
    ready = threading.Barrier(4)
    begun: list[str] = []

    def beginning(owner: str) -> None:
        ready.wait()
        for n in range(10):
            with transaction(empty_engine) as session:
                if begin_run(session, job="digest", key=str(n), owner=owner, now=MONDAY):
                    begun.append(str(n))

    threads = [threading.Thread(target=beginning, args=(str(n),)) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(begun) == [str(n) for n in range(10)]


def test_a_finished_run_keeps_its_outcome(session: Session) -> None:
    run = begin(session)

    run.finish(MONDAY + SECOND, status=RunStatus.PARTIAL, counts={"failed": 1}, n_items=1, error="x" * 900)

    found = find_run(session, job="send_outbox", key="2026-W48")
    assert found is run
    assert (run.status, run.counts, len(run.error)) == (RunStatus.PARTIAL, {"failed": 1}, 500)


def test_a_run_is_finished_once(session: Session) -> None:
    run = begin(session)
    run.finish(MONDAY, status=RunStatus.OK, counts={}, n_items=0)

    with pytest.raises(InvalidTransition):
        run.finish(MONDAY, status=RunStatus.FAILED, counts={}, n_items=0)


def test_a_run_cannot_end_as_running(session: Session) -> None:
    with pytest.raises(InvalidTransition):
        begin(session).finish(MONDAY, status=RunStatus.RUNNING, counts={}, n_items=0)


def test_the_database_refuses_a_finished_run_without_outcome(session: Session) -> None:
    with pytest.raises(IntegrityError, match="finished_has_outcome"):
        save(session, JobRun(job="x", run_key="y", started_at=MONDAY, finished_at=MONDAY))


def test_a_run_is_restarted_by_one_of_those_who_saw_it_fail(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        run_id = begin(session).key
    with make_session(empty_engine) as late:
        seen = late.get(JobRun, run_id)
        assert seen is not None
        late.commit()
        with transaction(empty_engine) as session:
            run = session.get(JobRun, run_id)
            assert run is not None
            assert restart_run(session, run, owner="b", now=MONDAY + SECOND)

        assert not restart_run(late, seen, owner="c", now=MONDAY + SECOND)

        assert (seen.owner, seen.n_attempts, seen.status) == ("b", 2, RunStatus.RUNNING)


def test_empty_runs_are_forgotten_but_for_the_last(session: Session) -> None:
    ends = {
        "1": (RunStatus.OK, 0, ""),
        "2": (RunStatus.OK, 1, ""),
        "3": (RunStatus.FAILED, 0, "no relay"),
        "4": (RunStatus.OK, 0, ""),
    }
    runs = {key: begin(session, key=key) for key in ends}
    [
        runs[key].finish(MONDAY, status=status, counts={}, n_items=n, error=error)
        for key, (status, n, error) in ends.items()
    ]
    session.flush()

    forget_empty_runs(session, runs["4"])

    assert session.exec(select(JobRun.run_key)).all() == ["2", "3", "4"]


def test_a_run_that_did_something_forgets_nothing(session: Session) -> None:
    empty, full = begin(session, key="1"), begin(session, key="2")
    empty.finish(MONDAY, status=RunStatus.OK, counts={}, n_items=0)
    full.finish(MONDAY, status=RunStatus.OK, counts={}, n_items=1)
    session.flush()

    forget_empty_runs(session, full)

    assert session.exec(select(JobRun.run_key)).all() == ["1", "2"]


def test_the_latest_run_is_the_one_begun_last(session: Session) -> None:
    begin(session, key="1")
    last = begin(session, key="2")

    assert latest_run(session, "send_outbox") is last
    assert latest_run(session, "reindex") is None


def test_a_request_runs_and_finishes(session: Session) -> None:
    request = ask(session, scenario_id=1)
    assert request.status is WorkStatus.WAITING

    request.claim(MONDAY)
    request.advance(0.5)
    assert (request.status, request.progress) == (WorkStatus.RUNNING, 0.5)

    request.finish(MONDAY, result={"n": 1})
    assert (request.status, request.progress, request.result) == (WorkStatus.FINISHED, 1.0, {"n": 1})


def test_a_request_fails_with_a_sentence(session: Session) -> None:
    request = ask(session)
    request.claim(MONDAY)

    request.fail(MONDAY, error="模型不在。")

    assert (request.status, request.error) == (WorkStatus.FAILED, "模型不在。")


def test_a_request_that_ended_is_not_moved(session: Session) -> None:
    request = ask(session)
    request.claim(MONDAY)
    request.finish(MONDAY, result={})

    with pytest.raises(InvalidTransition):
        request.claim(MONDAY)
    with pytest.raises(InvalidTransition):
        request.fail(MONDAY, error="x")


def test_a_request_that_nobody_claimed_cannot_advance(session: Session) -> None:
    with pytest.raises(InvalidTransition):
        ask(session).advance(0.1)


def test_a_request_whose_job_died_is_claimed_again(session: Session) -> None:
    request = ask(session)
    request.claim(MONDAY)

    request.claim(MONDAY + SECOND)

    assert open_work(session, WorkKind.REINDEX) == [request]
    assert request.claimed_at == MONDAY + SECOND


def test_the_same_wish_joins_the_one_that_waits(session: Session) -> None:
    first = ask(session, scenario_id=1)

    assert ask(session, scenario_id=1) is first
    assert ask(session, scenario_id=2) is not first


def test_a_wish_does_not_join_one_that_is_running(session: Session) -> None:
    first = ask(session)
    first.claim(MONDAY)

    assert ask(session) is not first


def test_a_request_belongs_to_whoever_asked(session: Session) -> None:
    user = make_user(session)
    mine = ask_for_work(session, WorkKind.REINDEX, payload={}, requested_by_user_id=user.key)

    assert get_work(session, mine.key, requested_by_user_id=user.key) is mine
    with pytest.raises(NotFound):
        get_work(session, mine.key, requested_by_user_id=user.key + 1)


def test_the_last_run_of_each_job_is_told_and_dry_runs_are_not(session: Session) -> None:
    for key, status in (("1", RunStatus.FAILED), ("2", RunStatus.OK), ("3", RunStatus.DRY_RUN)):
        begin(session, key=key).finish(MONDAY, status=status, counts={}, n_items=0)
    running = begin(session, job="reindex", key="1")
    session.flush()

    runs = latest_runs(session)
    failed = latest_runs(session, status=(RunStatus.FAILED,))

    assert (runs["send_outbox"].run_key, runs["reindex"]) == ("2", running)
    assert {job: run.run_key for job, run in failed.items()} == {"send_outbox": "1"}
