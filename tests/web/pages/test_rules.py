from __future__ import annotations

from datetime import date
from html import unescape

from flask.testing import FlaskClient
from sqlmodel import Session

from models.funding_condition import SourceGrade
from models.funding_rule_file import load_rules
from models.user import Role
from tests.factories import save
from tests.funding_examples import WAN, make_condition, make_rule

IN_USE = make_condition("pilot_in_use", code="in_use")


def page_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.get_data(as_text=True))


def test_every_programme_is_listed_once_with_what_it_gives_and_until_when(
    as_firm, session: Session, city
) -> None:
    save(session, make_rule(IN_USE, version=1, valid_until_on=date(2026, 12, 17), cap_fen=200 * WAN))
    save(session, make_rule(IN_USE, programme="voucher", title="模型券", rate_bp=3000, spend_purpose="model"))

    page = page_of(as_firm, "/rules")

    assert "最多 200万元" in page and "模型的 30%" in page
    assert "快到期 2" in page
    assert page.count("data-row") == 2


def test_the_list_is_that_of_the_day_asked_for(as_firm, session: Session, city) -> None:
    save(session, make_rule(IN_USE, version=1))
    save(session, make_rule(IN_USE, version=2, valid_from_on=date(2027, 1, 1), valid_until_on=None))

    assert "第 1 版" in page_of(as_firm, "/rules?on=2026-06-01")
    assert "第 2 版" in page_of(as_firm, "/rules?on=2027-06-01")
    assert "第 1 版" in page_of(as_firm, "/rules?on=yesterday")


def test_it_can_be_narrowed_to_what_is_not_verified(as_firm, session: Session, city) -> None:
    save(session, make_rule(IN_USE, title="读过的"))
    save(session, make_rule(IN_USE, programme="doubtful", title="抄来的", source_grade=SourceGrade.C))

    page = page_of(as_firm, "/rules?status=unverified")

    assert "抄来的" in page and "读过的" not in page
    assert "没有这样的政策" in page_of(as_firm, "/rules?status=expired")


def test_a_version_shows_conditions_terms_and_the_versions_beside_it(as_firm, session: Session, city) -> None:
    load_rules(session)

    page = page_of(as_firm, "/rules/training_voucher/2")

    assert "年度租用算力" in page or "年度算力租用费不少于50万元" in page
    assert "满足时比例为 60%" in page
    assert "50,000 万元" in page or "5 亿元" in page
    assert "第 1 版" in page and "起草新版本" not in page


def test_pages_speak_english(as_firm, session: Session, city) -> None:
    load_rules(session)

    page = page_of(as_firm, "/rules/model_voucher/1?lang=en")

    assert "Model voucher" in page and "Applications" in page and "条件" not in page.split("<main")[1]


def test_officers_of_funding_alone_may_write(as_firm, log_in, session: Session, city) -> None:
    save(session, make_rule(IN_USE))
    officer, operator = log_in(city.users[Role.FUNDING_OFFICER]), log_in(city.users[Role.OPERATOR])

    assert "新增政策" in page_of(officer, "/rules")
    assert "起草新版本" in page_of(officer, "/rules/test_grant/1")
    assert "新增政策" not in page_of(operator, "/rules")


def test_what_is_not_there_is_404(as_firm, city) -> None:
    page_of(as_firm, "/rules/test_grant/1", 404)
    page_of(as_firm, "/rules/test_grant/0", 404)
