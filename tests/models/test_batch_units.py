"""Who is reminded that a batch collects: units with a person, in its district, that posted nothing in its window."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from models.batch import Batch
from models.batch_units import collecting_batches, has_posted, silent_units
from models.organisation import Organisation, OrganisationKind
from models.user import Role
from tests.factories import MONDAY, make_batch, make_district, make_organisation, make_scenario, make_user

TODAY = date(2026, 11, 23)


def unit(session: Session, **values: object) -> Organisation:
    row = make_organisation(session, **values)
    make_user(session, roles=(Role.AGENCY,), organisation_id=row.key)
    return row


@pytest.mark.parametrize(
    ("start", "end", "reminded"),
    [(-20, 0, True), (-20, 7, True), (-20, 8, False), (1, 5, False), (-9, -1, False)],
)
def test_the_last_week_of_an_open_window_is_when_to_remind(
    session: Session, start: int, end: int, reminded: bool
) -> None:
    batch = make_batch(
        session,
        released_at=None,
        collects_from_on=TODAY + timedelta(days=start),
        collects_until_on=TODAY + timedelta(days=end),
    )

    assert (batch in collecting_batches(session, on=TODAY)) is reminded


def test_a_batch_without_a_window_or_already_out_reminds_nobody(session: Session) -> None:
    make_batch(session, released_at=None)
    make_batch(session, collects_from_on=TODAY, collects_until_on=TODAY)

    assert collecting_batches(session, on=TODAY) == []


def test_who_posted_in_the_window_is_not_silent(session: Session) -> None:
    batch: Batch = make_batch(session, released_at=None)
    silent, posted, long_ago = unit(session), unit(session), unit(session)
    before = MONDAY - timedelta(days=9)
    make_scenario(session, organisation_id=posted.key, published_at=None, number=None, submitted_at=MONDAY)
    make_scenario(session, organisation_id=long_ago.key, published_at=before)
    make_scenario(session, organisation_id=silent.key, published_at=None, number=None)

    found = silent_units(session, batch, since=MONDAY)

    assert [row for row in found if row in (silent, posted, long_ago)] == [silent, long_ago]
    assert has_posted(session, posted.key, since=MONDAY)


def test_only_units_that_can_post_here_are_asked(session: Session) -> None:
    district = make_district(session)
    batch = make_batch(session, released_at=None, district_id=district.key)
    here = unit(session, district_id=district.key)
    unit(session)
    make_organisation(session, district_id=district.key)
    unit(session, district_id=district.key, kind=OrganisationKind.STARTUP)
    unit(session, district_id=district.key, suspended_at=MONDAY)
    unit(session, district_id=district.key, approved_at=None)

    assert silent_units(session, batch, since=MONDAY) == [here]
