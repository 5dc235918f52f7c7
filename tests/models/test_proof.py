from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from models.errors import InvalidTransition, NotFound
from models.proof import (
    ProofKind,
    ProofStatus,
    ended_proof_ids,
    ending_proof_ids,
    get_proof,
    settle_lapsed,
    waiting_proofs,
)
from tests.factories import MONDAY, make_capability, make_district, make_firm, make_proof, make_user

ON = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, ProofStatus.DECLARED),
        ({"checked_at": MONDAY}, ProofStatus.CHECKED),
        ({"checked_at": MONDAY, "expired_at": MONDAY}, ProofStatus.EXPIRED),
        ({"expired_at": MONDAY}, ProofStatus.EXPIRED),
        ({"refused_at": MONDAY, "check_note": "看不清"}, ProofStatus.REFUSED),
    ],
)
def test_how_far_a_proof_is_trusted(session, values, status):
    assert make_proof(session, **values).status is status


def test_a_proof_is_decided_once(session):
    by = make_user(session).key
    checked, refused = make_proof(session), make_proof(session)
    checked.check(MONDAY, by_user_id=by)
    refused.refuse(MONDAY, by_user_id=by, note="看不清编号")

    assert (checked.status, refused.status) == (ProofStatus.CHECKED, ProofStatus.REFUSED)
    assert refused.check_note == "看不清编号"
    for proof in (checked, refused):
        with pytest.raises(InvalidTransition):
            proof.check(MONDAY, by_user_id=by)
        with pytest.raises(InvalidTransition):
            proof.refuse(MONDAY, by_user_id=by, note="不")


@pytest.mark.parametrize(
    "values",
    [
        {"checked_at": MONDAY, "refused_at": MONDAY, "check_note": "不"},
        {"refused_at": MONDAY},
        {"file_hash": "x"},
        {"file_hash": None},
        {"expired_at": MONDAY, "valid_until_on": None},
    ],
)
def test_what_makes_no_sense_is_not_stored(session, values):
    with pytest.raises(IntegrityError):
        make_proof(session, **values)


def test_an_address_is_enough_for_a_public_record(session):
    proof = make_proof(
        session, kind=ProofKind.OPEN_SOURCE, filing="", file_hash=None, url="https://code.example/a"
    )

    assert proof.status is ProofStatus.DECLARED


def test_the_last_day_itself_counts(session):
    proof = make_proof(session, valid_until_on=ON)

    assert not proof.has_ended(ON)
    assert proof.has_ended(ON + timedelta(days=1))
    assert not make_proof(session, valid_until_on=None).has_ended(ON)


def test_what_is_over_and_what_ends_within_a_month_is_found_once(session):
    days = {-1: "over", 0: "last", 30: "soon", 31: "later"}
    rows = {name: make_proof(session, valid_until_on=ON + timedelta(days=n)).key for n, name in days.items()}
    make_proof(session, valid_until_on=ON - timedelta(days=9), expired_at=MONDAY)
    make_proof(session, valid_until_on=ON, refused_at=MONDAY, check_note="不")
    make_proof(session, valid_until_on=None)

    assert ended_proof_ids(session, ON) == [rows["over"]]
    assert ending_proof_ids(session, ON) == [rows["last"], rows["soon"]]


def test_those_that_wait_are_in_order_of_arrival_and_of_the_districts(session):
    here, there = make_district(session).key, make_district(session).key
    firms = [make_firm(session, district_id=district).key for district in (here, there)]
    first, second = (
        make_proof(session, capability_id=make_capability(session, organisation_id=firm).key)
        for firm in firms
    )
    make_proof(session, checked_at=MONDAY)
    make_proof(session, expired_at=MONDAY)
    gone = make_capability(session, unlisted_at=MONDAY, withdrawn_at=MONDAY)
    make_proof(session, capability_id=gone.key)

    assert [row.key for row in waiting_proofs(session, district_ids=None)] == [first.key, second.key]
    assert [row.key for row in waiting_proofs(session, district_ids=[there])] == [second.key]


def test_a_proof_of_another_capability_is_not_there(session):
    proof = make_proof(session)
    assert get_proof(session, proof.key, capability_id=proof.capability_id) is proof

    with pytest.raises(NotFound):
        get_proof(session, proof.key, capability_id=make_capability(session).key)


def test_a_filing_lapses_when_its_only_proof_is_over_and_comes_back_with_a_new_one(session):
    row = make_capability(session, filings=["algorithm_filing", "mlps_2"])
    old = make_proof(session, capability_id=row.key, expired_at=MONDAY)
    session.refresh(row)

    assert settle_lapsed(session, row)
    assert (row.lapsed_filings, row.standing_filings) == (["algorithm_filing"], ["mlps_2"])
    assert not settle_lapsed(session, row)

    make_proof(session, capability_id=row.key)
    session.refresh(row)
    assert settle_lapsed(session, row)
    assert (row.lapsed_filings, old.status) == ([], ProofStatus.EXPIRED)


def test_a_filing_without_any_proof_is_the_firms_own_word(session):
    row = make_capability(session, filings=["mlps_3"])

    assert not settle_lapsed(session, row)
    assert row.standing_filings == ["mlps_3"]
