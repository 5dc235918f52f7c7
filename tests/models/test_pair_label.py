from __future__ import annotations

from sqlmodel import Session

from models.pair_label import LabelGrade, label_names, newest_label_id, present_labels
from tests.factories import make_match
from tests.weightings import make_label


def test_the_newest_label_of_a_pair_counts_and_the_earlier_one_stays(session: Session) -> None:
    match = make_match(session)
    make_label(session, match)
    newer = make_label(session, match, grade=LabelGrade.DOES_NOT_FIT)
    other = make_label(session, make_match(session))

    found = present_labels(session)

    assert found[(match.scenario_id, match.organisation_id)].id == newer.id
    assert list(found.values()) == [newer, other]
    assert present_labels(session, [other.scenario_id]) == {(other.scenario_id, other.organisation_id): other}
    assert present_labels(session, []) == {}


def test_the_last_id_tells_that_somebody_labelled(session: Session) -> None:
    before = newest_label_id(session)

    label = make_label(session, make_match(session))

    assert newest_label_id(session) == label.id != before


def test_names_are_those_of_the_pair(session: Session) -> None:
    match = make_match(session)
    pair = (match.scenario_id, match.organisation_id)

    scenario, firm = label_names(session, [pair])[pair]

    assert (scenario.key, firm.key) == pair
