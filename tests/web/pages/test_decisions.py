"""The decision: every proposal answered, signed, told with reasons, carried into matches; a record for paper."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.bid import Bid, BidStatus
from models.jury import Jury
from models.match import Match, MatchStatus
from models.match_queries import find_match
from models.outbox import MailKind, OutboxMail
from models.rubric import find_locked
from models.user import Role
from tests.factories import MONDAY, make_firm, make_organisation, make_user
from tests.judging import make_bid, make_jury, make_marks, make_rubric


@pytest.fixture
def jury(session: Session, city) -> Jury:
    """Settled: the firm of the city before another."""
    city.scenario.deadline_on = date(2026, 11, 20)
    make_rubric(session, scenario_id=city.scenario.key)
    rubric = find_locked(session, city.scenario.key)
    moments = {"scored_at": MONDAY, "settled_at": MONDAY}
    jury = make_jury(session, scenario_id=city.scenario.key, rubric_id=rubric.key, n_jurors=2, **moments)
    other = make_firm(session, name="拾级智能")
    make_user(session, roles=(Role.STARTUP,), organisation_id=other.key, email="other@firm.example")
    for firm, scores in ((city.firm, (3, 3, 3, 2, 3)), (other, (1, 1, 2, 2, 2))):
        bid = make_bid(session, scenario_id=city.scenario.key, organisation_id=firm.key)
        for juror in jury.jurors:
            make_marks(session, juror, bid, scores)
    return jury


@pytest.fixture
def bids(session: Session, jury: Jury) -> tuple[Bid, Bid]:
    first, second = session.exec(select(Bid).order_by(Bid.id)).all()
    return first, second


@pytest.fixture
def address(city) -> str:
    return f"/my/scenarios/{city.scenario.key}/jury"


def answers(bids: tuple[Bid, Bid]) -> dict[str, object]:
    better, worse = bids
    return {
        f"outcome_{better.key}": "selected",
        f"outcome_{worse.key}": "not_selected",
        f"reasons_{worse.key}": ["evidence_missing", "price"],
        f"text_{worse.key}": "没有夜间的案例，补上以后欢迎再来。",
    }


def test_the_decision_is_signed_told_and_carried_on(session, city, as_agency, as_firm, jury, bids, address):
    as_firm.post(f"/matches/{city.match_id}/interest", data={"note": "能做。", "start": "下月"})
    form = as_agency.get(f"{address}/decision").text
    answer = as_agency.post(f"{address}/decision", data=answers(bids))

    session.expire_all()
    better, worse = bids
    assert "签署决定，通知 2 家" in form
    assert answer.headers["Location"] == f"{address}/record"
    assert (better.status, worse.status) == (BidStatus.SELECTED, BidStatus.NOT_SELECTED)
    mails = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.BID_DECIDED)).all()
    assert {mail.recipient for mail in mails} == {city.users[Role.STARTUP].email, "other@firm.example"}
    assert session.get_one(Match, city.match_id).status is MatchStatus.INTRODUCED
    assert find_match(session, city.scenario.key, worse.organisation_id) is None
    introductions = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.INTRODUCTION)).all()
    assert len(introductions) == 2
    assert subject_events(session, "jury", jury.key)[-1].details == {"sha256": jury.record_sha256}
    assert subject_events(session, "bid", worse.key)[-1].action == "bid.not_selected"
    assert "没有夜间的案例，补上以后欢迎再来。" not in as_firm.get(f"/bids/{better.key}").text


def test_what_is_missing_is_said_firm_by_firm_and_nothing_is_decided(session, as_agency, jury, bids, address):
    better, worse = bids
    sent = {f"outcome_{worse.key}": "not_selected", f"reasons_{worse.key}": "price"}

    answer = as_agency.post(f"{address}/decision", data=sent)

    session.expire_all()
    assert answer.status_code == 422
    assert "井然巡检工作室：请选一项。" in answer.text
    assert "拾级智能：写一两句，企业会看到。" in answer.text
    assert 'value="price" checked' in answer.text
    assert all(bid.status is BidStatus.SUBMITTED for bid in bids)
    assert session.get_one(Jury, jury.key).decided_at is None
    assert better.reasons == []


def test_an_unknown_reason_is_refused(as_agency, jury, bids, address):
    sent = {**answers(bids), f"reasons_{bids[1].key}": ["because"]}

    assert as_agency.post(f"{address}/decision", data=sent).status_code == 422


def test_it_is_decided_once(as_agency, jury, bids, address):
    as_agency.post(f"{address}/decision", data=answers(bids))

    assert as_agency.post(f"{address}/decision", data=answers(bids)).status_code == 409
    assert as_agency.get(f"{address}/decision").headers["Location"] == f"{address}/record"


def test_before_the_marks_are_settled_nothing_can_be_decided(session, as_agency, jury, bids, address):
    jury.settled_at = None
    session.flush()

    assert as_agency.get(f"{address}/decision").status_code == 409
    assert as_agency.post(f"{address}/decision", data=answers(bids)).status_code == 409
    assert as_agency.get(f"{address}/record").status_code == 404


def test_the_record_shows_who_what_and_its_hash(session, city, as_agency, jury, bids, address):
    as_agency.post(f"{address}/decision", data=answers(bids))

    page = as_agency.get(f"{address}/record").text

    session.expire_all()
    for words in ("周敏", "拾级智能", "没有夜间的案例", "缺证据", jury.record_sha256, jury.rubric.sha256):
        assert words in page


def test_the_document_is_there_once_it_is_set(session, city, as_agency, jury, bids, address):
    as_agency.post(f"{address}/decision", data=answers(bids))
    before = as_agency.get(f"{address}/record.pdf").status_code
    session.expire_all()
    jury.record_pdf = b"%PDF-1.7"
    session.flush()

    answer = as_agency.get(f"{address}/record.pdf")

    assert before == 404
    assert answer.data == b"%PDF-1.7"
    assert "NS-2026Q4-017.pdf" in answer.headers["Content-Disposition"]


def test_the_firm_reads_the_reason_on_its_proposal(as_agency, log_in, session, jury, bids, address):
    as_agency.post(f"{address}/decision", data=answers(bids))
    person = make_user(session, roles=(Role.STARTUP,), organisation_id=bids[1].organisation_id)

    page = log_in(person).get(f"/bids/{bids[1].key}").text

    assert "没有夜间的案例，补上以后欢迎再来。" in page
    assert "缺证据" in page


def test_another_agency_finds_nothing(session, log_in, jury, bids, address):
    other = log_in(make_user(session, roles=(Role.AGENCY,), organisation_id=make_organisation(session).key))

    for path in ("decision", "record", "record.pdf"):
        assert other.get(f"{address}/{path}").status_code == 404
    assert other.post(f"{address}/decision", data=answers(bids)).status_code == 404
