from __future__ import annotations

from html import unescape

from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import AuditEvent
from models.milestone import Milestone
from models.pilot import Pilot
from models.usage_entry import UsageEntry
from models.user import Role
from tests.factories import MONDAY
from tests.web.pages.test_pilots import city_pilot

RUNNING = {"agreed_at": MONDAY, "started_at": MONDAY}
USAGE = {
    "from_on": "2026-11-23", "to_on": "2026-11-23", "n_using": "12", "volume": "340", "unit": "件工单",
    "metric_value": "3.8 小时",
}  # fmt: skip


def page_of(client: FlaskClient, pilot: Pilot, lang: str = "zh") -> str:
    answer = client.get(f"/pilots/{pilot.key}?lang={lang}")
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_either_side_writes_milestones_and_marks_them_done(
    as_agency, as_firm, session: Session, city
) -> None:
    pilot = city_pilot(session, city)
    address = f"/pilots/{pilot.key}/milestones"
    assert (
        as_agency.post(address, data={"milestone_title": "样机上车", "due_on": "2026-11-20"}).status_code
        == 303
    )
    page = page_of(as_firm, pilot)
    assert "样机上车" in page and "已过" in page
    row = session.exec(select(Milestone)).one()

    assert as_firm.post(f"{address}/{row.key}/done").status_code == 303
    assert as_firm.post(f"{address}/{row.key}/done").status_code == 409

    assert "里程碑完成" in page_of(as_agency, pilot)
    actions = session.exec(select(AuditEvent.action).where(AuditEvent.subject_kind == "milestone")).all()
    assert list(actions) == ["milestone.added", "milestone.done"]


def test_usage_is_logged_and_shown(as_firm, session: Session, city) -> None:
    pilot = city_pilot(session, city, **RUNNING)

    assert as_firm.post(f"/pilots/{pilot.key}/usage", data=USAGE).status_code == 303

    page = page_of(as_firm, pilot)
    assert "340 件工单" in page and "3.8 小时" in page
    assert "Usage log" in page_of(as_firm, pilot, "en")


def test_what_is_wrong_comes_back_with_what_was_typed(as_firm, session: Session, city) -> None:
    pilot = city_pilot(session, city, **RUNNING)

    early = as_firm.post(f"/pilots/{pilot.key}/usage", data={**USAGE, "from_on": "2026-11-01"})
    empty = as_firm.post(
        f"/pilots/{pilot.key}/milestones", data={"milestone_title": "", "due_on": "2026-13-01"}
    )

    assert (early.status_code, empty.status_code) == (422, 422)
    page = unescape(early.get_data(as_text=True))
    assert "早于试点开始的那天" in page and "件工单" in page
    assert session.exec(select(UsageEntry)).all() == []


def test_before_it_runs_there_is_nothing_to_log(as_firm, session: Session, city) -> None:
    pilot = city_pilot(session, city)

    assert as_firm.post(f"/pilots/{pilot.key}/usage", data=USAGE).status_code == 409
    assert "记一段使用" not in page_of(as_firm, pilot)


def test_officers_read_and_do_not_write(log_in, session: Session, city) -> None:
    pilot = city_pilot(session, city, **RUNNING)
    officer = log_in(city.users[Role.FUNDING_OFFICER])

    assert "加里程碑" not in page_of(officer, pilot)
    assert officer.post(f"/pilots/{pilot.key}/usage", data=USAGE).status_code == 403
