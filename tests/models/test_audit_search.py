"""Questions to the audit: each narrows, together they narrow further, and a district sees its own."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from models.audit import AuditEvent
from models.audit_search import AuditQuestion, count_events, find_events
from tests.factories import MONDAY, make_district, make_organisation, make_user, save

DAY = timedelta(days=1)


@pytest.fixture
def acts(session: Session) -> dict[str, AuditEvent]:
    """An invitation by 周敏 of the 南山 office, a suspension by 何川 of nobody's, and what a job did the day before."""
    office = make_organisation(
        session, name="南山区城管部门", name_en="Nanshan Office", district_id=make_district(session).key
    )
    minister = make_user(session, name="周敏", email="zhou@nanshan.example", organisation_id=office.key)
    operator = make_user(session, name="何川")
    common = {"subject_id": 7, "created_at": MONDAY}
    return {
        "invited": save(session, AuditEvent(
            action="match.invited", subject_kind="match", actor_user_id=minister.key, organisation_id=office.key,
            details={"reason": "政务云_50%"}, **common,
        )),
        "suspended": save(session, AuditEvent(
            action="organisation.suspended", subject_kind="organisation", actor_user_id=operator.key, **common
        )),
        "imported": save(session, AuditEvent(
            action="matchless.imported", subject_kind="scenario", **{**common, "created_at": MONDAY - DAY},
        )),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["suspended", "invited", "imported"]),
        ({"person": "周"}, ["invited"]),
        ({"person": "ZHOU@nan"}, ["invited"]),
        ({"person": "%"}, []),
        ({"organisation": "nanshan"}, ["invited"]),
        ({"organisation": "城管"}, ["invited"]),
        ({"action": "match.invited"}, ["invited"]),
        ({"action": "match"}, ["invited"]),
        ({"text": "suspend"}, ["suspended"]),
        ({"text": "scenario"}, ["imported"]),
        ({"text": "50%"}, ["invited"]),
        ({"since": MONDAY}, ["suspended", "invited"]),
        ({"until": MONDAY}, ["imported"]),
        ({"person": "何", "action": "match"}, []),
        ({"district_ids": []}, []),
    ],
)
def test_a_question_names_its_events_newest_first(
    session: Session, acts: dict[str, AuditEvent], asked: dict, expected: list[str]
) -> None:
    question = AuditQuestion(**asked)

    found = find_events(session, question, offset=0, limit=10)

    assert [row.event.id for row in found] == [acts[name].id for name in expected]
    assert count_events(session, question) == len(expected)


def test_names_stand_beside_the_ids_and_a_job_is_nobody(
    session: Session, acts: dict[str, AuditEvent]
) -> None:
    rows = find_events(session, AuditQuestion(), offset=1, limit=5)

    assert [(row.person, row.organisation) for row in rows] == [("周敏", "南山区城管部门"), (None, None)]


def test_a_district_sees_what_people_of_its_organisations_did(
    session: Session, acts: dict[str, AuditEvent]
) -> None:
    here = session.get_one(type(make_organisation(session)), acts["invited"].organisation_id).district_id

    found = find_events(session, AuditQuestion(district_ids=[here]), offset=0, limit=10)

    assert [row.event.id for row in found] == [acts["invited"].id]


def test_text_is_found_in_values_that_json_would_escape(
    session: Session, acts: dict[str, AuditEvent]
) -> None:
    found = find_events(session, AuditQuestion(text="政务云"), offset=0, limit=10)

    assert [row.event.id for row in found] == [acts["invited"].id]
