"""The demo's proposals: every state is there, marks far apart in one panel, reasons in another."""

from collections import Counter

from sqlmodel import Session, select

from models.bid import Bid, BidStatus, find_version
from models.demo import records
from models.jury import Juror, JurorStatus, Jury, JuryStatus
from models.jury_decision import hash_of, results
from models.match import MatchStatus
from models.match_queries import find_match
from models.rubric import find_locked
from models.scenario import published_scenarios
from models.user import find_user, organisation_users


def jury(session: Session, status: JuryStatus) -> Jury:
    return next(row for row in session.exec(select(Jury)) if row.status is status)


def test_proposals_stand_in_every_state_but_withdrawn(seeded: Session) -> None:
    states = Counter(bid.status for bid in seeded.exec(select(Bid)))

    assert set(states) == {
        BidStatus.DRAFT,
        BidStatus.SUBMITTED,
        BidStatus.SELECTED,
        BidStatus.NOT_SELECTED,
    }
    assert all(bid.is_demo for bid in seeded.exec(select(Bid)))


def test_one_panel_is_in_consensus_with_marks_far_apart_and_one_stepped_aside(seeded: Session) -> None:
    row = jury(seeded, JuryStatus.CONSENSUS)

    assert sum(result.n_flagged for result in results(seeded, row)) == 2
    assert [seat.status for seat in row.jurors].count(JurorStatus.RECUSED) == 1
    agency = find_user(seeded, "agency@demo.example")
    assert agency is not None and row.scenario.organisation_id == agency.organisation_id


def test_one_panel_waits_for_a_declaration_and_for_marks(seeded: Session) -> None:
    states = {seat.status for seat in jury(seeded, JuryStatus.SCORING).jurors}

    assert states == {JurorStatus.APPOINTED, JurorStatus.SCORING}


def test_one_decision_is_signed_and_carried_on_and_a_demo_firm_reads_why_not(seeded: Session) -> None:
    row = jury(seeded, JuryStatus.DECIDED)

    assert row.record is not None and row.record_sha256 == hash_of(row.record)
    bids = {bid.status: bid for bid in seeded.exec(select(Bid).where(Bid.scenario_id == row.scenario_id))}
    chosen, refused = bids[BidStatus.SELECTED], bids[BidStatus.NOT_SELECTED]
    match = find_match(seeded, row.scenario_id, chosen.organisation_id)
    assert match is not None and match.status is MatchStatus.INTRODUCED
    assert refused.reasons and refused.reason_text
    readers = [person.email for person in organisation_users(seeded, refused.organisation_id)]
    assert readers == ["startup2@demo.example"]


def test_every_published_scenario_has_fixed_criteria(seeded: Session) -> None:
    assert [row.number for row in published_scenarios(seeded) if find_locked(seeded, row.key) is None] == []


def test_what_was_handed_in_says_enough_and_in_time(seeded: Session) -> None:
    for bid in seeded.exec(select(Bid)):
        version = find_version(seeded, bid.key)
        assert (version is None) is (bid.submitted_at is None)
        if version is None:
            continue
        assert len(version.content["answers"]) == len(bid.scenario.requirements)
        assert all(row["answer"] for row in version.content["answers"] if row["must"])
        assert version.content["price_fen"] > 0 and version.content["milestones"]
        assert bid.scenario.deadline_on is not None
        assert bid.submitted_at.date() <= bid.scenario.deadline_on


def test_every_seat_is_of_an_evaluator_of_the_demo(seeded: Session) -> None:
    assert {seat.user.email.split("@")[0] for seat in seeded.exec(select(Juror))} == {
        "evaluator",
        "evaluator2",
        "evaluator3",
    }


def test_the_file_names_no_scenario_number_twice() -> None:
    own = [row["scenario"] for row in records("proposals.jsonl") if isinstance(row["scenario"], dict)]
    numbers = [row["number"] for row in own]

    assert len(set(numbers)) == len(numbers) == 3
