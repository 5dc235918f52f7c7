"""A pilot is accepted by a sitting whose checklist carries the conclusion."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.acceptance import CHECKLIST, Acceptance, Conclusion, hold_acceptance, pilot_acceptances
from models.errors import InvalidInput, InvalidTransition
from models.pilot import Pilot, PilotStatus
from tests.factories import make_pilot, make_pilot_in_use, save

TODAY = date(2026, 12, 20)
ALL_MET = dict.fromkeys(CHECKLIST, "met")
ONE_UNMET = {**ALL_MET, "handed_over": "unmet"}


def sitting(pilot: Pilot, **values: Any) -> Acceptance:
    defaults = {
        "pilot_id": pilot.key, "held_on": date(2026, 12, 18), "experts": ["钱工", "孙工"],
        "checklist": ALL_MET, "conclusion": Conclusion.PASSED,
    }  # fmt: skip
    return Acceptance(**{**defaults, **values})


def hold(session: Session, pilot: Pilot, now: datetime, **values: Any) -> None:
    hold_acceptance(session, pilot, sitting(pilot, **values), now=now, today=TODAY)


def test_passed_the_pilot_is_accepted(session: Session, now: datetime) -> None:
    pilot = make_pilot_in_use(session)

    hold(session, pilot, now, checklist={**ALL_MET, "data_settled": "not_applicable"})

    assert (pilot.status, pilot.accepted_at) == (PilotStatus.ACCEPTED, now)


@pytest.mark.parametrize("conclusion", [Conclusion.CONDITIONAL, Conclusion.FAILED])
def test_otherwise_it_stays_in_use_and_is_looked_at_again(
    session: Session, now: datetime, conclusion: Conclusion
) -> None:
    pilot = make_pilot_in_use(session)
    mends = date(2027, 1, 15) if conclusion is Conclusion.CONDITIONAL else None

    hold(session, pilot, now, checklist=ONE_UNMET, conclusion=conclusion, rectify_by_on=mends, note="补文档")
    assert pilot.status is PilotStatus.IN_USE
    hold(session, pilot, now)

    assert pilot.status is PilotStatus.ACCEPTED
    assert [row.conclusion for row in pilot_acceptances(session, pilot.key)] == [
        conclusion,
        Conclusion.PASSED,
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"held_on": date(2026, 12, 21)}, "held_on"),
        ({"held_on": date(2026, 11, 15)}, "held_on"),
        ({"checklist": ONE_UNMET}, "conclusion"),
        ({"rectify_by_on": date(2027, 1, 1)}, "rectify_by_on"),
        ({"conclusion": Conclusion.CONDITIONAL, "note": "x"}, "rectify_by_on"),
        (
            {"conclusion": Conclusion.CONDITIONAL, "note": "x", "rectify_by_on": date(2026, 12, 1)},
            "rectify_by_on",
        ),
        ({"conclusion": Conclusion.FAILED}, "note"),
    ],
)
def test_what_does_not_fit_together_is_refused_at_its_field(
    session: Session, now: datetime, values: dict[str, Any], field: str
) -> None:
    pilot = make_pilot_in_use(session)

    with pytest.raises(InvalidInput) as refused:
        hold(session, pilot, now, **values)

    assert set(refused.value.fields) == {field}
    assert (pilot.status, pilot_acceptances(session, pilot.key)) == (PilotStatus.IN_USE, [])


def test_only_what_is_in_use_is_accepted(session: Session, now: datetime) -> None:
    with pytest.raises(InvalidTransition):
        hold(session, make_pilot(session), now)


@pytest.mark.parametrize(
    "values",
    [
        {"conclusion": Conclusion.CONDITIONAL, "note": "x"},
        {"rectify_by_on": TODAY},
        {"conclusion": Conclusion.FAILED},
    ],
)
def test_the_database_refuses_what_makes_no_sense(session: Session, values: dict[str, Any]) -> None:
    pilot = make_pilot_in_use(session)

    with pytest.raises(IntegrityError):
        save(session, sitting(pilot, **values))
