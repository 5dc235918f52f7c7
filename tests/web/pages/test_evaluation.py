from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from matcher.proposal import gather_grounds, propose
from matcher.scoring import ENGINE_VERSION
from models.audit import AuditEvent
from models.match import MatchScore
from models.user import Role
from models.weight_version import append_version, find_in_force, list_versions
from tests.factories import MONDAY
from tests.weightings import make_evaluation, make_learnable, make_weights


@pytest.fixture
def as_operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


def page_of(client: FlaskClient, address: str = "/evaluation") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def in_force(session: Session) -> int | None:
    found = find_in_force(session, engine_version=ENGINE_VERSION)
    return None if found is None else found.serial


def test_before_the_first_evaluation_the_page_says_what_to_do(as_operator) -> None:
    assert "还没有评估过" in page_of(as_operator)


def test_with_little_the_page_says_what_is_missing(as_operator, session: Session) -> None:
    make_learnable(session, n=5, n_labelled=0)
    make_evaluation(session)

    page = page_of(as_operator)

    assert "还没有标注合适的企业" in page
    assert "证据还不够" in page
    assert "启用第" not in page


def test_the_figures_the_proposal_and_its_test_are_shown(as_operator, session: Session) -> None:
    make_learnable(session)
    append_version(session, propose(gather_grounds(session), now=MONDAY))
    make_evaluation(session)

    page = page_of(as_operator)

    assert "前 10 家里找到了 100%" in page
    assert "第 1 版的检验" in page
    assert "启用第 1 版" in page
    assert "没参加拟合的机构，它们的决定更可能了" in page
    # Reasons by domain, and which of them are learnt from.
    assert "缺证据：案例、测试或备案不够" in page
    assert "style=" not in page
    assert page.count('role="img"') == 4


def test_english_readers_get_english(as_operator, session: Session) -> None:
    make_learnable(session)
    append_version(session, propose(gather_grounds(session), now=MONDAY))
    make_evaluation(session)

    page = page_of(as_operator, "/evaluation?lang=en")

    assert "Test of version 1" in page
    assert "Put version 1 in force" in page
    assert "Month by month" in page


def test_one_click_puts_in_force_and_one_takes_back_with_an_audit_row_each(
    as_operator, session: Session, city
) -> None:
    make_evaluation(session)
    serial = make_weights(session).serial

    assert as_operator.post(f"/evaluation/weights/{serial}/activate").status_code == 303
    assert in_force(session) == serial
    page = page_of(as_operator)
    assert f"撤回第 {serial} 版" in page
    assert f"启用第 {serial} 版" not in page
    assert as_operator.post("/evaluation/weights/revert").status_code == 303

    assert in_force(session) is None
    events = session.exec(select(AuditEvent).where(AuditEvent.subject_kind == "weight_version")).all()
    assert [(event.action, event.actor_user_id, event.details) for event in events] == [
        ("weights.activated", city.users[Role.OPERATOR].key, {"serial": serial}),
        ("weights.reverted", city.users[Role.OPERATOR].key, {"serial": serial}),
    ]
    version = list_versions(session)[0]
    assert version.activated_by_user_id == version.reverted_by_user_id == city.users[Role.OPERATOR].key


def test_what_did_not_pass_has_no_button_and_is_refused(as_operator, session: Session) -> None:
    make_evaluation(session)
    serial = make_weights(session, passed=False).serial

    page = page_of(as_operator)
    answer = as_operator.post(f"/evaluation/weights/{serial}/activate")

    assert "未通过，不能启用" in page
    assert f"/weights/{serial}/activate" not in page
    assert answer.status_code == 409
    assert "没有通过检验" in answer.get_data(as_text=True)
    assert in_force(session) is None


def test_an_older_proposal_is_shown_as_overtaken(as_operator, session: Session) -> None:
    make_evaluation(session)
    make_weights(session)
    make_weights(session)

    page = page_of(as_operator)

    assert (page.count("有了新的一版"), page.count("待启用")) == (1, 1)


def test_a_version_there_is_not_is_not_found_and_nothing_in_force_is_not_taken_back(as_operator) -> None:
    assert as_operator.post("/evaluation/weights/999/activate").status_code == 404
    assert as_operator.post("/evaluation/weights/revert").status_code == 409


@pytest.mark.parametrize("role", [Role.AGENCY, Role.STARTUP, Role.ORGANIZER, Role.FUNDING_OFFICER])
def test_others_see_nothing_of_it(city, log_in, role: Role) -> None:
    client = log_in(city.users[role])

    for address in ("/evaluation", "/evaluation/labels", "/evaluation/labels.csv"):
        assert client.get(address).status_code == 403


def test_the_page_of_a_pair_says_which_weights_made_its_score(as_agency, session: Session, city) -> None:
    assert "权重：内置。" in as_agency.get(f"/matches/{city.match_id}").get_data(as_text=True)

    session.exec(select(MatchScore).where(MatchScore.match_id == city.match_id)).one().weights_serial = 7
    session.flush()

    assert "权重：第 7 版。" in as_agency.get(f"/matches/{city.match_id}").get_data(as_text=True)
