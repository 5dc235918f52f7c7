"""An evaluator: conflict first, scores alone, hands in, then reads the others and may change with a reason."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import subject_events
from models.bid import Bid
from models.jury import Juror, Jury, Mark, juror_marks
from models.outbox import MailKind, OutboxMail
from models.rubric import find_locked
from models.user import Role
from tests.factories import MONDAY, make_user
from tests.judging import make_bid, make_juror, make_jury, make_marks, make_rubric

ALL = {f"score_{n}": "2" for n in range(1, 6)}


@pytest.fixture
def bid(session: Session, city) -> Bid:
    city.scenario.deadline_on = date(2026, 11, 20)
    make_rubric(session, scenario_id=city.scenario.key)
    return make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)


@pytest.fixture
def jury(session: Session, city, bid: Bid) -> Jury:
    rubric = find_locked(session, city.scenario.key)
    return make_jury(session, scenario_id=city.scenario.key, rubric_id=rubric.key)


@pytest.fixture
def seat(session: Session, city, jury: Jury) -> Juror:
    """Of the evaluator of the city, not answered yet."""
    return make_juror(session, jury, user_id=city.users[Role.EVALUATOR].key)


@pytest.fixture
def me(city, log_in, seat: Juror) -> FlaskClient:
    return log_in(city.users[Role.EVALUATOR])


@pytest.fixture
def address(jury: Jury) -> str:
    return f"/juries/{jury.key}"


def stored(session: Session, seat: Juror) -> Juror:
    session.expire_all()
    return session.get_one(Juror, seat.key)


def declare(session: Session, seat: Juror) -> None:
    seat.declared_at = MONDAY
    session.flush()


def test_home_is_the_list_of_seats(me, city, address):
    assert me.get("/home").headers["Location"] == "/juries"
    page = me.get("/juries").text

    assert city.scenario.title in page
    assert "轮到你：申报利益冲突" in page


def test_before_the_declaration_only_names_are_shown(me, bid, address):
    page = me.get(address).text

    assert "井然巡检工作室" in page
    assert "记录里没有查到关系" in page
    assert me.get(f"{address}/bids/{bid.key}").status_code == 404
    assert me.post(f"{address}/bids/{bid.key}", data=ALL).status_code == 404


def test_a_tie_on_record_is_named_and_stepping_aside_proposed(session, city, me, seat, address):
    city.users[Role.EVALUATOR].organisation_id = city.firm.key

    page = me.get(address).text
    claimed = me.post(f"{address}/declare").status_code
    answer = me.post(f"{address}/recuse", data={"reason": "我在这家企业任职"})

    assert "你属于投标的井然巡检工作室" in page
    assert claimed == 409
    assert "只能回避" in page
    assert "没有利益冲突，开始评审" not in page
    assert answer.status_code == 303
    assert stored(session, seat).recusal_reason == "我在这家企业任职"
    assert "你已回避" in me.get(address).text


def test_stepping_aside_says_why(session, me, seat, address):
    answer = me.post(f"{address}/recuse", data={"reason": " "})

    assert answer.status_code == 422
    assert stored(session, seat).recused_at is None


def test_marks_are_kept_one_by_one_and_handed_in_when_all_are_there(session, me, seat, bid, address):
    me.post(f"{address}/declare")
    page = me.get(f"{address}/bids/{bid.key}").text
    me.post(f"{address}/bids/{bid.key}", data={"score_1": "3", "comment_1": "都有依据"})
    halfway = me.get(address).text
    early = me.post(f"{address}/hand-in").status_code
    me.post(f"{address}/bids/{bid.key}", data={**ALL, "comment_1": "都有依据"})
    done = me.post(f"{address}/hand-in").status_code

    assert "必须满足的要求全部满足，每条都有可核对的依据。" in page
    assert "35 万元" in page
    assert "还差 4 项" in halfway
    assert (early, done) == (409, 303)
    assert stored(session, seat).handed_in_at is not None
    assert next((mark.score, mark.comment) for mark in juror_marks(session, seat.key)) == (2, "都有依据")
    assert me.post(f"{address}/bids/{bid.key}", data=ALL).status_code == 409
    assert subject_events(session, "juror", seat.key)[0].details == {"found": []}


@pytest.mark.parametrize(
    "sent",
    [{"score_1": "4"}, {"score_1": "x"}, {"comment_1": "没有分"}, {"score_1": "1", "comment_1": "长" * 2001}],
)
def test_a_wrong_mark_is_said_at_its_criterion(session, me, seat, bid, address, sent):
    declare(session, seat)

    answer = me.post(f"{address}/bids/{bid.key}", data=sent)

    assert answer.status_code == 422
    assert "逐条满足要求：" in answer.text
    assert session.exec(select(Mark)).all() == []


def test_saving_may_go_on_to_the_next(session, city, me, seat, bid, address):
    declare(session, seat)
    other = make_bid(session, scenario_id=city.scenario.key)

    page = me.get(f"{address}/bids/{bid.key}").text
    sent = {**ALL, "act": "next", "following": str(other.key)}
    answer = me.post(f"{address}/bids/{bid.key}", data=sent)

    assert "第 1 份，共 2 份" in page
    assert answer.headers["Location"] == f"{address}/bids/{other.key}"


def test_others_are_not_seen_until_all_are_in(session, me, seat, jury, bid, address):
    declare(session, seat)
    other = make_juror(session, jury, declared_at=MONDAY)
    make_marks(session, other, bid, (0, 0, 0, 0, 0))
    other.handed_in_at = MONDAY
    other.user.name = "另一位评委"
    me.post(f"{address}/bids/{bid.key}", data=ALL)

    before = me.get(address).text
    me.post(f"{address}/hand-in")
    after = me.get(address).text

    assert "另一位评委" not in before
    assert "另一位评委" in after
    assert "相差 2 分" in after
    mails = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.MARKS_COMPLETE)).all()
    assert len(mails) == 1


def test_a_mark_is_changed_with_a_reason_and_the_first_stays(session, me, seat, jury, bid, address):
    declare(session, seat)
    other = make_juror(session, jury, declared_at=MONDAY, handed_in_at=MONDAY)
    for juror, score in ((seat, 3), (other, 1)):
        make_marks(session, juror, bid, (score,) * 5)
    seat.handed_in_at = jury.scored_at = MONDAY
    session.flush()

    without = me.post(f"{address}/bids/{bid.key}/revise", data={"position": "1", "score": "2", "reason": ""})
    me.post(
        f"{address}/bids/{bid.key}/revise", data={"position": "1", "score": "2", "reason": "案例不在夜间"}
    )
    page = me.get(address).text

    session.expire_all()
    mark = juror_marks(session, seat.key)[0]
    assert without.status_code == 422
    assert (mark.score, mark.final) == (3, 2)
    assert "<s>3</s> <b>2</b>" in page
    assert "案例不在夜间" in page
    again = {"position": "9", "score": "2", "reason": "没有这条"}
    assert me.post(f"{address}/bids/{bid.key}/revise", data=again).status_code == 404


def test_another_evaluator_finds_nothing(session, log_in, seat, bid, address):
    other = log_in(make_user(session, roles=(Role.EVALUATOR,)))

    assert other.get(address).status_code == 404
    assert other.get(f"{address}/bids/{bid.key}").status_code == 404
    assert other.post(f"{address}/declare").status_code == 404
    assert "还没有人请你评审" in other.get("/juries").text


def test_who_stepped_aside_reads_nothing_more(session, me, seat, bid, address):
    declare(session, seat)
    me.post(f"{address}/recuse", data={"reason": "刚想起来"})

    assert me.get(f"{address}/bids/{bid.key}").status_code == 404
