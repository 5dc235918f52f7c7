"""Files of a proposal: checked by content, shut until the opening, then for agency and panel only."""

from __future__ import annotations

import io
from datetime import date

import pytest
from sqlmodel import select

from models.bid import Bid, submit_bid
from models.bid_file import BidFile, list_files
from models.user import Role
from tests.factories import MONDAY, make_firm, make_organisation, make_user
from tests.judging import make_bid, make_juror, make_jury

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def bid(session, city) -> Bid:
    return make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)


def upload(client, bid: Bid, name: str = "案例.pdf", content: bytes = PDF):
    return client.post(f"/bids/{bid.key}/files", data={"file": (io.BytesIO(content), name)})


def the_file(session) -> BidFile:
    return session.exec(select(BidFile)).one()


def test_a_file_is_kept_by_its_hash_and_given_back(session, as_firm, bid):
    answer = upload(as_firm, bid)

    row = the_file(session)
    assert answer.status_code == 303
    assert row.file_name in as_firm.get(f"/bids/{bid.key}/edit").text
    given = as_firm.get(f"/bids/{bid.key}/files/{row.key}")
    assert given.data == PDF
    assert given.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("案例.pdf", b"MZ not a pdf", "只收 PDF"), ("案例.exe", PDF, "只收 PDF"), ("空.pdf", b"", "文件是空的")],
)
def test_what_is_not_what_its_name_says_is_refused(session, as_firm, bid, name, content, words):
    answer = upload(as_firm, bid, name, content)

    assert answer.status_code == 422
    assert words in answer.text
    assert session.exec(select(BidFile)).all() == []


def test_no_file_and_the_same_file_again_are_said(session, as_firm, bid):
    upload(as_firm, bid)

    assert "请选一个文件" in as_firm.post(f"/bids/{bid.key}/files", data={}).text
    assert "已经放过" in upload(as_firm, bid).text


def test_a_file_is_taken_off(session, as_firm, bid):
    upload(as_firm, bid)

    as_firm.post(f"/bids/{bid.key}/files/{the_file(session).key}/remove")

    session.expire_all()
    assert list_files(session, bid.key) == []


def test_after_the_last_day_files_stay_as_they_are(session, city, as_firm, bid):
    upload(as_firm, bid)
    city.scenario.deadline_on = date(2026, 11, 22)
    row = the_file(session)

    assert upload(as_firm, bid, "另.pdf", PDF + b"2").status_code == 409
    assert as_firm.post(f"/bids/{bid.key}/files/{row.key}/remove").status_code == 409
    assert as_firm.get(f"/bids/{bid.key}/files/{row.key}").status_code == 200


def test_the_agency_reads_what_was_handed_in_after_the_opening_and_strangers_nothing(
    session, city, log_in, as_firm, as_agency, bid, now
):
    upload(as_firm, bid)
    row = the_file(session)
    address = f"/bids/{bid.key}/files/{row.key}"
    submit_bid(session, bid, by=city.users[Role.STARTUP], now=now, on=date(2026, 11, 23))
    other_firm = log_in(make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key))
    other_agency = log_in(
        make_user(session, roles=(Role.AGENCY,), organisation_id=make_organisation(session).key)
    )
    before = as_agency.get(address).status_code
    city.scenario.deadline_on = date(2026, 11, 22)

    assert (before, as_agency.get(address).status_code) == (404, 200)
    assert other_firm.get(address).status_code == 404
    assert other_agency.get(address).status_code == 404
    assert as_agency.get(f"/bids/{bid.key}/files/{row.key + 1}").status_code == 404
    assert as_agency.get(f"/bids/{bid.key + 1}/files/{row.key}").status_code == 404


def test_what_was_not_handed_in_is_the_firms_alone(session, city, as_firm, as_agency, bid):
    upload(as_firm, bid)
    city.scenario.deadline_on = date(2026, 11, 22)

    assert as_agency.get(f"/bids/{bid.key}/files/{the_file(session).key}").status_code == 404


def test_evaluators_read_files_once_they_declared(session, city, log_in, as_firm, bid, now):
    upload(as_firm, bid)
    submit_bid(session, bid, by=city.users[Role.STARTUP], now=now, on=date(2026, 11, 23))
    city.scenario.deadline_on = date(2026, 11, 22)
    jury = make_jury(session, scenario_id=city.scenario.key)
    seat = make_juror(session, jury, user_id=city.users[Role.EVALUATOR].key)
    evaluator = log_in(city.users[Role.EVALUATOR])
    stranger = log_in(make_user(session, roles=(Role.EVALUATOR,)))
    address = f"/bids/{bid.key}/files/{the_file(session).key}"
    undeclared = evaluator.get(address).status_code
    seat.declared_at = MONDAY

    assert (undeclared, evaluator.get(address).status_code, stranger.get(address).status_code) == (
        404,
        200,
        404,
    )
