from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from models.job_schedule import Line, write_job_schedule
from models.user import Role
from models.work import RunStatus, WorkKind, begin_run, open_work


@pytest.fixture
def operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


def add_check(session: Session, now, status: RunStatus, error: str = "", *, hours: int = 1) -> None:
    began = now - timedelta(hours=hours)
    run = begin_run(session, job="verify_index", key=str(hours), owner="a", now=began)
    run.finish(began, status=status, counts={}, n_items=1, error=error)
    session.flush()


def test_the_index_is_for_operators(client, as_agency) -> None:
    assert client.get("/search-index").status_code == 303
    assert as_agency.get("/search-index").status_code == 403
    assert as_agency.post("/search-index/verify").status_code == 403


def test_without_an_index_the_page_says_what_that_means(operator) -> None:
    page = operator.get("/search-index").text

    assert "页面只按词匹配" in page and "There is no search index yet." in page
    assert "还没有通过的校验" in page


def test_a_failed_check_stands_until_a_good_one(operator, session, now) -> None:
    add_check(session, now, RunStatus.FAILED, "The search index is damaged: 7-base.npy.", hours=2)
    failing = operator.get("/search-index").text
    add_check(session, now, RunStatus.OK, hours=1)
    sound = operator.get("/search-index").text

    assert "7-base.npy" in failing
    assert "7-base.npy" not in sound and "最近校验通过" in sound and "还没有通过的校验" not in sound


def test_a_check_is_asked_for(operator, session) -> None:
    assert operator.post("/search-index/verify").status_code == 404
    write_job_schedule(session, [Line("verify_index", 60, None, True)])

    answer = operator.post("/search-index/verify")

    assert (answer.status_code, answer.location) == (303, "/search-index")
    assert [wish.payload for wish in open_work(session, WorkKind.RUN_JOB)] == [{"job": "verify_index"}]
    assert "已要求校验" in operator.get("/search-index").text
