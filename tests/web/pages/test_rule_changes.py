from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from models.audit import AuditEvent
from models.funding import assess
from models.funding_facts import facts_of
from models.funding_record import FundingRecord, append_record, current_records
from models.funding_rule import FundingRule, FundingTarget, find_rule, rules_in_force
from models.funding_rule_change import ChangeStatus, RuleChange
from models.pilot import Pilot
from models.user import Role, User
from tests.factories import make_pilot_in_use, make_user, save
from tests.funding_examples import WAN, make_condition, make_rule

TODAY, NEXT_YEAR = date(2026, 11, 23), date(2027, 2, 1)
ZONE = ZoneInfo("Asia/Shanghai")
IN_USE = make_condition("pilot_in_use", code="in_use")

TERMS = {
    "title": "新资助", "title_en": "New grant", "issuer": "某局", "clause": "投入使用的给钱。（第一条）",
    "kind": "grant", "target": "pilot", "cap_fen": "80", "valid_from_on": "2027-01-01",
    "valid_until_on": "2027-12-31", "source": "某文件第一条", "source_grade": "A", "checked_on": "2026-11-20",
}  # fmt: skip


@pytest.fixture
def writer(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.FUNDING_OFFICER])


@pytest.fixture
def second(session: Session, log_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return log_in(make_user(session, roles=(Role.FUNDING_OFFICER,), name="温书"))


@pytest.fixture
def rule(session: Session) -> FundingRule:
    return save(session, make_rule(IN_USE, cap_fen=50 * WAN, title="测试资助"))


def page_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def send(client: FlaskClient, address: str, status: int = 303, **fields: str) -> str:
    answer = client.post(address, data=fields)
    assert answer.status_code == status, unescape(answer.get_data(as_text=True))[-3000:]
    return answer.headers["Location"] if status == 303 else unescape(answer.get_data(as_text=True))


def begun(writer: FlaskClient) -> str:
    return send(writer, "/rules/test_grant/1/change")


def the_change(session: Session) -> RuleChange:
    session.expire_all()
    return session.exec(select(RuleChange)).one()


def submit(client: FlaskClient, address: str, status: int = 303) -> str:
    return send(client, f"{address}/submit", status, why="新文件印发")


def approve(client: FlaskClient, session: Session, address: str, status: int = 303) -> str:
    return send(client, f"{address}/approve", status, terms_hash=the_change(session).terms_hash)


def job(session: Session, pilot: Pilot, on: date) -> list[FundingRecord]:
    """What the job does for one pilot on a day."""
    facts = facts_of(session, pilot, on, zone=ZONE)
    found = rules_in_force(session, on, target=FundingTarget.PILOT)
    return [row for rule in found if (row := append_record(session, assess(facts, rule, on))) is not None]


def test_a_changed_figure_goes_from_the_form_to_the_records_without_code(
    session: Session, city, writer, second, rule
) -> None:
    pilot = make_pilot_in_use(session)
    before = job(session, pilot, TODAY)
    address = begun(writer)
    send(writer, f"{address}/terms", revision="1", **{**TERMS, "cap_fen": "80"})

    page = page_of(writer, address)
    assert "50万元" in page and "80万元" in page
    assert "从2027年1月1日起接替第1版" not in page  # the versions do not overlap: the old one ends before
    assert pilot.title in page and "最高80万元" in page
    submit(writer, address)
    approve(second, session, address)
    after = job(session, session.get_one(Pilot, pilot.key), NEXT_YEAR)

    assert [row.amount_max_fen for row in before + after] == [50 * WAN, 80 * WAN]
    assert (after[0].replaces_id, after[0].rule_version) == (before[0].key, 2)


def test_a_new_programme_of_known_conditions_needs_no_code(session: Session, city, writer, second) -> None:
    pilot = make_pilot_in_use(session)
    address = send(writer, "/rule-changes/new", programme="brand_new", **TERMS)
    fields = {"text_zh": "已投入使用", "text_en": "In use", "source": "第一条", "source_grade": "A"}
    send(writer, f"{address}/condition", revision="1", kind="pilot_in_use", code="in_use", **fields)
    send(
        writer, f"{address}/condition", revision="2", kind="evidence_present", code="report",
        evidence="test_report", **fields,
    )  # fmt: skip
    submit(writer, address)
    approve(second, session, address)

    job(session, session.get_one(Pilot, pilot.key), NEXT_YEAR)

    (record,) = current_records(session, organisation_id=None)
    verdicts = {clause["code"]: clause["verdict"] for clause in record.clauses}
    assert (record.programme, verdicts) == (
        "brand_new",
        {"rule_in_force": "met", "in_use": "met", "report": "unknown"},
    )


def test_the_writer_cannot_approve_and_sees_no_button(session: Session, city, writer, rule) -> None:
    address = begun(writer)
    submit(writer, address)

    assert "我看过了，批准" not in page_of(writer, address)
    assert "自己起草的变更" in approve(writer, session, address, 403)
    assert the_change(session).status is ChangeStatus.SUBMITTED


def test_what_moved_since_it_was_read_is_not_approved(session: Session, city, writer, second, rule) -> None:
    address = begun(writer)
    submit(writer, address)
    read = the_change(session).terms_hash
    send(second, f"{address}/return", note="上限不对")
    send(writer, f"{address}/terms", revision="1", **TERMS)
    submit(writer, address)

    answer = send(second, f"{address}/approve", 409, terms_hash=read)

    assert "请重新看一遍" in answer
    assert find_rule(session, "test_grant", 2) is None


def test_two_windows_do_not_overwrite_each_other(session: Session, city, writer, rule) -> None:
    address = begun(writer)
    send(writer, f"{address}/terms", revision="1", **TERMS)

    send(writer, f"{address}/terms", 409, revision="1", **{**TERMS, "cap_fen": "99"})

    assert the_change(session).terms["cap_fen"] == 80 * WAN


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cap_fen": "0"}, "要大于 0；没有就不填。"),
        ({"cap_fen": "-5"}, "要写万元数"),
        ({"cap_fen": "2000000"}, "超过 100 亿元"),
        ({"pool_fen": "0"}, "要大于 0；没有就不填。"),
        ({"valid_until_on": "2026-01-01"}, "有效期的末日早于首日。"),
        ({"rate_bp": "130"}, "要写百分之几"),
        ({"tiers": "五百"}, "档次要写万元数"),
        ({"title": ""}, "要填写。"),
    ],
)
def test_terms_that_make_no_sense_come_back_with_a_sentence_and_what_was_typed(
    session: Session, city, writer, rule, fields: dict[str, str], words: str
) -> None:
    address = begun(writer)

    page = send(writer, f"{address}/terms", 422, revision="1", **{**TERMS, "issuer": "打过的字", **fields})

    assert words in page and "打过的字" in page
    assert the_change(session).terms["cap_fen"] == 50 * WAN


def test_a_rule_without_conditions_is_not_submitted_and_one_without_end_is_flagged(
    session: Session, city, writer
) -> None:
    terms = {**TERMS, "valid_until_on": ""}
    address = send(writer, "/rule-changes/new", programme="brand_new", **terms)

    page = page_of(writer, address)
    assert "一个条件也没有" in page and "没有截止日期" in page
    assert "必须先改的" in submit(writer, address, 422)


def test_overlaps_are_flagged(session: Session, city, writer, rule) -> None:
    save(session, make_rule(IN_USE, programme="other", title="另一项", stacking_group="city_ai"))
    address = begun(writer)
    send(
        writer, f"{address}/terms", revision="1",
        **{**TERMS, "valid_from_on": "2026-12-01", "stacking_group": "city_ai"},
    )  # fmt: skip

    page = page_of(writer, address)

    assert "从2026年12月1日起接替第1版" in page
    assert "和《另一项》同组" in page


def test_a_code_that_exists_and_an_old_version_are_refused(session: Session, city, writer, rule) -> None:
    assert "已有这个代号" in send(writer, "/rule-changes/new", 422, programme="test_grant", **TERMS)
    assert "要" in send(writer, "/rule-changes/new", 422, programme="Bad Code", **TERMS)
    save(session, make_rule(IN_USE, version=2))
    assert "不是最新的版本" in send(writer, "/rules/test_grant/1/change", 409)


def test_another_officer_cannot_edit_and_the_writer_may_withdraw(
    session: Session, city, writer, second, rule
) -> None:
    address = begun(writer)
    assert second.get(f"{address}/terms").status_code == 403
    assert "还在写" in page_of(second, address)
    assert "没办完的变更" in page_of(second, "/rules")

    send(writer, f"{address}/withdraw")

    assert the_change(session).status is ChangeStatus.WITHDRAWN
    assert "没办完的变更" not in page_of(second, "/rules")


def test_every_step_is_in_the_audit(session: Session, city, writer, second, rule) -> None:
    address = begun(writer)
    submit(writer, address)
    approve(second, session, address)

    statement = select(AuditEvent.action).where(col(AuditEvent.action).startswith("rule"))
    assert list(session.exec(statement.order_by(col(AuditEvent.id)))) == [
        "rule_change.begun",
        "rule_change.submitted",
        "rule.approved",
        "rule_change.approved",
    ]


def test_pages_speak_english(session: Session, city, writer, rule) -> None:
    make_pilot_in_use(session)
    address = begun(writer)

    page = page_of(writer, f"{address}?lang=en")

    assert "Dry run" in page and "Being written" in page
    assert "Programme code" in page_of(writer, "/rule-changes/new?lang=en")
