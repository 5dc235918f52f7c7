"""Who did what: in the commit of the change, in order, for one thing at a time."""

from datetime import datetime

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from models.audit import AuditEvent, record, record_import, subject_events
from models.db import make_session, transaction
from models.organisation import Organisation, OrganisationKind
from models.user import Role
from tests.factories import make_organisation, make_scenario, make_user, save


def test_an_event_names_actor_organisation_action_and_subject(session: Session) -> None:
    agency = make_organisation(session)
    user = make_user(session, organisation_id=agency.key, roles=(Role.AGENCY,))
    scenario = make_scenario(session, organisation_id=agency.key)

    event = record(session, actor=user, action="scenario.closed", subject=scenario, details={"n": 3})
    session.flush()
    session.expire(event)

    assert (event.actor_user_id, event.organisation_id) == (user.id, agency.id)
    assert (event.action, event.subject_kind, event.subject_id) == (
        "scenario.closed",
        "scenario",
        scenario.id,
    )
    assert event.details == {"n": 3}


def test_a_job_is_nobody(session: Session) -> None:
    event = record(session, actor=None, action="scenario.closed", subject=make_scenario(session))

    assert (event.actor_user_id, event.organisation_id, event.details) == (None, None, {})


def test_a_new_row_is_saved_with_its_event(session: Session) -> None:
    organisation = Organisation(name="新单位", kind=OrganisationKind.AGENCY)

    event = record(session, actor=None, action="organisation.added", subject=organisation)

    assert event.subject_id == organisation.id


def test_the_change_and_its_event_are_one_commit(empty_engine: Engine) -> None:
    with pytest.raises(RuntimeError), transaction(empty_engine) as session:
        record(session, actor=None, action="organisation.added", subject=make_organisation(session))
        raise RuntimeError

    with make_session(empty_engine) as session:
        assert session.exec(select(AuditEvent)).all() == []
        assert session.exec(select(Organisation)).all() == []


def test_events_of_one_thing_come_oldest_first(session: Session) -> None:
    scenario, other = make_scenario(session), make_scenario(session)
    for action, subject in (("a.first", scenario), ("a.other", other), ("a.second", scenario)):
        record(session, actor=None, action=action, subject=subject)
    record(session, actor=None, action="a.third", subject=scenario.organisation)

    events = subject_events(session, "scenario", scenario.key)

    assert [event.action for event in events] == ["a.first", "a.second"]


def test_an_import_records_one_event_a_row(session: Session, now: datetime) -> None:
    rows = [make_scenario(session) for _ in range(3)]

    record_import(session, action="scenario.imported", subjects=rows, now=now)
    record_import(session, action="scenario.imported", subjects=[], now=now)

    events = [event for row in rows for event in subject_events(session, "scenario", row.key)]
    assert [(event.action, event.created_at, event.details) for event in events] == [
        ("scenario.imported", now, {})
    ] * 3


def test_an_actor_who_does_not_exist_is_refused(session: Session) -> None:
    with pytest.raises(IntegrityError):
        save(session, AuditEvent(actor_user_id=987_654, action="x.y", subject_kind="scenario", subject_id=1))
