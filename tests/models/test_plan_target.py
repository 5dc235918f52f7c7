"""Figures of the plan: what counts, against what is wanted."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.organisation import OrganisationKind
from models.place import list_communities
from models.plan_target import (
    PlanMeasure,
    PlanTarget,
    Standing,
    counts_as_large,
    firms_by_community,
    plan_targets,
    standings,
)
from tests.factories import MONDAY, make_community, make_firm, make_organisation, save

RECOGNISED = {"recognised_on": date(2026, 3, 1)}


def standing(session: Session, measure: PlanMeasure) -> Standing:
    return next(each for each in standings(session, list_communities(session)) if each.measure is measure)


def test_a_community_counts_once_recognised_and_while_it_is_large_enough(session: Session) -> None:
    save(session, PlanTarget(measure=PlanMeasure.LEAST_AREA, wanted=10_000))
    save(session, PlanTarget(measure=PlanMeasure.COMMUNITIES, wanted=10, due_on=date(2027, 12, 31)))
    before = standing(session, PlanMeasure.COMMUNITIES).value
    make_community(session, area_m2=10_000, **RECOGNISED)
    make_community(session, area_m2=9_999, **RECOGNISED)
    make_community(session, area_m2=None, **RECOGNISED)
    make_community(session, area_m2=50_000)
    make_community(session, area_m2=50_000, revoked_on=date(2026, 6, 1), **RECOGNISED)

    found = standing(session, PlanMeasure.COMMUNITIES)

    assert found.value - before == 1
    assert (found.wanted, found.due_on) == (10, date(2027, 12, 31))


def test_without_a_least_area_every_recognised_community_counts(session: Session) -> None:
    assert counts_as_large(make_community(session, area_m2=None, **RECOGNISED), None)
    assert not counts_as_large(make_community(session, area_m2=20_000), None)


def test_area_is_that_of_recognised_communities(session: Session) -> None:
    before = standing(session, PlanMeasure.AREA).value
    make_community(session, area_m2=3_000, **RECOGNISED)
    make_community(session, area_m2=5_000)

    assert standing(session, PlanMeasure.AREA).value - before == 3_000


def test_firms_and_their_people_are_those_let_in_and_silence_is_nobody(session: Session) -> None:
    firms, people = (standing(session, each).value for each in (PlanMeasure.FIRMS, PlanMeasure.PEOPLE))
    make_firm(session, team_size=3)
    make_firm(session, team_size=None)
    make_firm(session, team_size=9, suspended_at=MONDAY)
    make_firm(session, team_size=9, approved_at=None)
    make_organisation(session, kind=OrganisationKind.ENTERPRISE, team_size=900)

    assert standing(session, PlanMeasure.FIRMS).value - firms == 2
    assert standing(session, PlanMeasure.PEOPLE).value - people == 3


def test_firms_are_counted_where_they_sit(session: Session) -> None:
    home, empty = make_community(session), make_community(session)
    make_firm(session, community_id=home.key)
    make_firm(session, community_id=home.key, suspended_at=MONDAY)

    counts = firms_by_community(session)

    assert (counts[home.key], empty.key in counts) == (1, False)


@pytest.mark.parametrize(
    ("value", "wanted", "percent"), [(5, 10, 50), (12, 10, 100), (3, None, 0), (1, 3, 33)]
)
def test_the_share_of_a_target_is_whole_and_never_above_all(
    value: int, wanted: int | None, percent: int
) -> None:
    assert Standing(PlanMeasure.FIRMS, value, wanted, None, "").percent == percent


def test_a_measure_has_one_target_above_nothing(session: Session) -> None:
    save(session, PlanTarget(measure=PlanMeasure.FIRMS, wanted=1_000))

    assert plan_targets(session)[PlanMeasure.FIRMS].wanted == 1_000
    for wrong in ({"measure": PlanMeasure.FIRMS, "wanted": 5}, {"measure": PlanMeasure.PEOPLE, "wanted": 0}):
        with pytest.raises(IntegrityError), session.begin_nested():
            save(session, PlanTarget(**wrong))
