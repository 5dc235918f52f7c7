"""Shortlists and private notes: one row a pair, only while the pair lives."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.candidacy import Candidacy, candidacy_of, list_candidacies
from models.errors import InvalidTransition
from models.match import DeclineReason, DismissReason
from tests.factories import MONDAY, make_introduced_match, make_match, save


def test_a_candidate_is_held_and_let_go(session: Session) -> None:
    row = candidacy_of(session, make_match(session))

    row.hold(MONDAY)
    with pytest.raises(InvalidTransition):
        row.hold(MONDAY)
    assert row.held_at == MONDAY
    row.let_go()
    with pytest.raises(InvalidTransition):
        row.let_go()
    assert row.held_at is None


def test_an_introduced_pair_may_be_held_and_one_that_ended_not(session: Session) -> None:
    candidacy_of(session, make_introduced_match(session)).hold(MONDAY)
    declined = make_match(session, declined_at=MONDAY, decline_reason=DeclineReason.PRICE)
    dismissed = make_match(session, dismissed_at=MONDAY, dismiss_reason=DismissReason.BUDGET)

    for match in (declined, dismissed):
        with pytest.raises(InvalidTransition):
            candidacy_of(session, match).hold(MONDAY)


def test_a_note_is_replaced_and_the_row_is_one(session: Session) -> None:
    match = make_match(session)
    row = candidacy_of(session, match)
    row.write(" 先问价格 ", now=MONDAY)
    save(session, row)

    assert candidacy_of(session, match) is row
    assert (row.note, row.noted_at) == ("先问价格", MONDAY)
    assert list_candidacies(session, [match.key, 999]) == {match.key: row}
    with pytest.raises(IntegrityError):
        save(session, Candidacy(match_id=match.key))
