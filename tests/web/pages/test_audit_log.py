from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from models.audit import AuditEvent
from models.user import Role, UserRole
from tests.factories import make_organisation, make_user, save
from web.pages import audit_log


@pytest.fixture
def operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


@pytest.fixture
def acts(session: Session, city, now) -> None:
    """What 周敏 of the agency did just now, and what a job did two days ago."""
    person = city.users[Role.AGENCY]
    common = {"subject_kind": "match", "subject_id": 7}
    save(session, AuditEvent(
        action="match.declined", actor_user_id=person.key, organisation_id=city.agency.key, created_at=now,
        details={"reason": "=cmd|calc"}, **common,
    ))  # fmt: skip
    save(session, AuditEvent(action="batch.released", created_at=now - timedelta(days=2), **common))


def test_the_audit_is_for_operators(client, as_agency, as_officer) -> None:
    assert client.get("/audit").status_code == 303
    assert as_agency.get("/audit").status_code == as_officer.get("/audit").status_code == 403


@pytest.mark.usefixtures("acts")
def test_events_are_told_in_words_with_their_codes(operator) -> None:
    page = operator.get("/audit").text

    assert "周敏" in page and "南山区城管部门" in page and "谢绝企业" in page and "match.declined" in page
    assert "任务自动做的" in page


@pytest.mark.usefixtures("acts")
@pytest.mark.parametrize(
    ("query", "declined", "released"),
    [
        ("person=周敏", True, False),
        ("organisation=城管", True, False),
        ("action=batch.released", False, True),
        ("text=reason", True, False),
        ("since={today}", True, False),
        ("until={yesterday}", False, True),
        ("since={today}&until={today}", True, False),
        ("person=%00", True, True),
    ],
)
def test_the_address_narrows(operator, now, query: str, declined: bool, released: bool) -> None:
    today = now.date()
    days = {"today": today.isoformat(), "yesterday": (today - timedelta(days=1)).isoformat()}

    rows = operator.get("/audit?" + query.format(**days)).text.split("<tbody>")[-1]

    assert ("match.declined" in rows, "batch.released" in rows) == (declined, released)


@pytest.mark.usefixtures("acts")
def test_a_day_that_is_none_is_said_and_narrows_nothing(operator) -> None:
    for wrong in ("soon", "0001-01-01", "9999-12-31"):
        answer = operator.get(f"/audit?since={wrong}&until={wrong}")
        assert answer.status_code == 200
        assert "要写一个日期" in answer.text and "match.declined" in answer.text


@pytest.mark.usefixtures("acts")
def test_the_file_holds_what_is_found_and_runs_nothing(operator) -> None:
    rows = operator.get("/audit?person=周敏&as=csv").get_data(as_text=True).splitlines()

    assert len(rows) == 2 and "谢绝企业" in rows[1] and "batch.released" not in rows[1]
    assert not any(cell.startswith("=") for cell in rows[1].split(","))


@pytest.mark.usefixtures("acts")
def test_a_file_too_long_is_refused_with_a_sentence(operator, monkeypatch) -> None:
    monkeypatch.setattr(audit_log, "MAX_ROWS", 1)

    answer = operator.get("/audit?as=csv")

    assert answer.status_code == 422 and "请把期间缩短" in answer.text


def test_many_events_come_a_page_at_a_time(operator, session, now) -> None:
    for n in range(audit_log.PAGE_SIZE + 1):
        values = {"action": "user.logged_in", "subject_kind": "user", "subject_id": n + 1}
        save(session, AuditEvent(created_at=now + timedelta(seconds=n), **values))

    first, second, beyond = (operator.get(f"/audit?page={n}").text for n in ("1", "2", "99"))

    assert "第 1–50 个，共 51 个" in first and "#51<" in first and "#1<" not in first
    assert "#1<" in second and "第 51–51 个" in second
    assert "第 51–51 个" in beyond


@pytest.mark.usefixtures("acts")
def test_an_operator_of_a_district_sees_its_own_organisations(session, log_in, city, now) -> None:
    stranger = make_user(session, name="别处的人", organisation_id=make_organisation(session).key)
    save(session, AuditEvent(
        action="match.invited", subject_kind="match", subject_id=1, actor_user_id=stranger.key,
        organisation_id=stranger.organisation_id, created_at=now,
    ))  # fmt: skip
    person = make_user(session)
    person.roles.append(UserRole(user_id=person.key, role=Role.OPERATOR, district_id=city.agency.district_id))
    theirs = log_in(person)

    page, file = theirs.get("/audit").text, theirs.get("/audit?as=csv").get_data(as_text=True)

    assert "周敏" in page and "别处的人" not in page and "你看到的是本区机构的人做的" in page
    assert "周敏" in file and "别处的人" not in file


def test_english_readers_get_english(operator) -> None:
    page = operator.get("/audit?lang=en").text

    assert "One entry a change" in page and "Try other words, or a longer period." in page
