"""Import as a whole: upsert, refusals, contacts, one transaction, few queries."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from models import transfer
from models.audit import AuditEvent
from models.capability import Capability
from models.db import make_session, transaction
from models.errors import InvalidInput
from models.organisation import Organisation
from models.outbox import MailKind
from models.scenario import Scenario
from models.subscription import Subscription, SubscriptionStatus
from models.transfer import StrictImportRefused, placeholder_address
from tests.factories import MONDAY
from tests.import_rows import NEED, OFFER, Import, bring_file, counts, only_scenario, refusals, write_lines

LATER = timedelta(days=3)


def test_the_same_file_again_changes_nothing(session: Session, bring: Import, now: datetime) -> None:
    rows = [
        {**NEED, "requirements": ["甲", "乙"], "budget_min_fen": 5},
        {**NEED, "id": "S2", "deployment": ["any"]},
    ]
    bring("scenarios", *rows, release=True)

    report = bring("scenarios", *rows, release=True, at=now + LATER)

    assert counts(report) == (0, 0, 2, 0)
    assert set(
        session.exec(select(Scenario.updated_at).where(col(Scenario.external_id).in_(["S1", "S2"])))
    ) == {now}


def test_a_changed_text_is_an_update_and_moves_the_time(
    session: Session, bring: Import, now: datetime
) -> None:
    bring("capabilities", {**OFFER, "cases": ["甲", "乙"]}, {**OFFER, "id": "C2"})

    report = bring(
        "capabilities", {**OFFER, "cases": ["甲", "丙", "丁"]}, {**OFFER, "id": "C2"}, at=now + LATER
    )

    assert counts(report) == (0, 1, 1, 0)
    rows = session.exec(
        select(Capability).where(col(Capability.external_id).is_not(None)).order_by(Capability.id)
    )
    assert [(row.external_id, row.updated_at) for row in rows] == [("C1", now + LATER), ("C2", now)]


def test_a_repeated_id_is_refused_with_the_line_of_the_first(session: Session, bring: Import) -> None:
    report = bring("scenarios", NEED, "", NEED)

    assert counts(report) == (1, 0, 0, 1)
    assert (report.errors[0].line, report.errors[0].message) == (3, "编号 S1 在第 1 行已经出现过。")


@pytest.mark.parametrize(
    ("kind", "row", "field"),
    [
        ("scenarios", {**NEED, "publisher": ""}, "publisher"),
        ("capabilities", {**OFFER, "firm": "", "title": ""}, "firm"),
        ("capabilities", {**OFFER, "firm": "", "title": "x" * 201}, "firm"),
        ("scenarios", {**NEED, "district": "没有区"}, "district"),
        ("capabilities", {**OFFER, "district": "没有区"}, "district"),
        ("capabilities", {**OFFER, "community": "没有社区"}, "community"),
        ("scenarios", {**NEED, "text": ""}, "text"),
        ("scenarios", "[]", ""),
        ("scenarios", "{", ""),
    ],
)
def test_a_refused_row_is_named_by_line_and_field_and_the_others_go_in(
    session: Session, bring: Import, kind: str, row: dict[str, Any] | str, field: str
) -> None:
    good = NEED if kind == "scenarios" else OFFER

    report = bring(kind, {**good, "id": "good"}, row)

    assert counts(report) == (1, 0, 0, 1)
    assert refusals(report) == [(2, field)]


def test_refusals_come_in_the_order_of_the_file(session: Session, bring: Import) -> None:
    report = bring("scenarios", {**NEED, "publisher": ""}, "{", {**NEED, "kind": "war", "lang": "fr"}, "[]")

    assert [error.line for error in report.errors] == [1, 2, 3, 3, 4]
    assert report.rejected == 4


def test_strict_means_all_or_nothing(session: Session, bring: Import) -> None:
    with pytest.raises(StrictImportRefused, match="有 1 行不能导入") as caught:
        bring("scenarios", NEED, {**NEED, "id": "S2", "text": ""}, strict=True)

    assert counts(caught.value.report) == (0, 0, 0, 1)
    assert session.exec(select(Scenario).where(col(Scenario.external_id) == "S1")).all() == []


def test_unknown_columns_are_reported_and_ignored(session: Session, bring: Import) -> None:
    report = bring("scenarios", {**NEED, "备注": "x", "labels": ["a"]})

    assert report.unknown_columns == ["labels", "备注"]
    assert counts(report) == (1, 0, 0, 0)


def test_columns_may_be_mapped(session: Session, bring: Import) -> None:
    bring("scenarios", {"no": "S1", "what": "找井盖", "who": "某区城管"},
          mapping={"no": "id", "what": "text", "who": "publisher"})  # fmt: skip

    assert only_scenario(session).organisation.name == "某区城管"


def test_every_change_is_in_the_audit_trail(session: Session, bring: Import) -> None:
    bring("scenarios", NEED, release=True)
    bring("scenarios", NEED, release=True)
    bring("scenarios", {**NEED, "text": "换了说法"}, release=True)

    actions = session.exec(select(AuditEvent.action).order_by(col(AuditEvent.id))).all()
    assert actions == ["scenario.imported", "scenario.published", "scenario.imported"]


def test_a_contact_becomes_a_subscriber_awaiting_consent(session: Session, bring: Import) -> None:
    bring(
        "scenarios", {**NEED, "contact": "Li@Example.org"}, {**NEED, "id": "S2", "contact": "li@example.org"}
    )
    bring("capabilities", {**OFFER, "contact": "qi@example.org", "lang": "en"})

    rows = session.exec(select(Subscription).order_by(col(Subscription.id))).all()
    assert [(row.email, row.kind, row.locale, row.status) for row in rows] == [
        ("li@example.org", MailKind.DIGEST_AGENCY, "zh", SubscriptionStatus.AWAITING_CONSENT),
        ("qi@example.org", MailKind.DIGEST_STARTUP, "en", SubscriptionStatus.AWAITING_CONSENT),
    ]


def test_for_trials_every_organisation_gets_one_address_that_reaches_nobody(
    session: Session, bring: Import
) -> None:
    rows = [
        NEED,
        {**NEED, "id": "S2"},
        {**NEED, "id": "S3", "publisher": "另一区", "contact": "li@example.org"},
    ]

    for _ in range(2):
        bring("scenarios", *rows, placeholder_contacts=True)

    found = session.exec(select(Subscription).where(col(Subscription.is_placeholder))).all()
    assert sorted(row.email for row in found) == sorted(
        placeholder_address(row.organisation_id) for row in found
    )
    assert len({row.organisation_id for row in found}) == len(found) == 2
    assert placeholder_address(12) == "12@example.org"


def test_an_import_does_not_overrule_a_reader_who_said_no(session: Session, bring: Import) -> None:
    bring("scenarios", {**NEED, "contact": "li@example.org"})
    session.exec(select(Subscription)).one().unsubscribe(MONDAY)

    bring("scenarios", {**NEED, "contact": "li@example.org"})

    assert session.exec(select(Subscription)).one().status is SubscriptionStatus.UNSUBSCRIBED


def many(n_rows: int) -> list[dict[str, Any]]:
    return [
        {**OFFER, "id": n, "firm": f"第{n}家", "cases": ["甲", "乙"], "contact": f"f{n}@example.org"}
        for n in range(n_rows)
    ]


@pytest.fixture
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "ROWS_AT_ONCE", 3)


@pytest.mark.usefixtures("_few_at_once")
def test_a_failure_in_the_middle_leaves_nothing(empty_engine: Engine, tmp_path: Path, now: datetime) -> None:
    path = write_lines(tmp_path / "rows.jsonl", *many(7))

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), transaction(empty_engine) as session:
        bring_file(session, "capabilities", path, now=now, progress=stop)

    with make_session(empty_engine) as session:
        for table in (Organisation, Capability, Subscription, AuditEvent):
            assert session.exec(select(table)).all() == []


@pytest.mark.usefixtures("_few_at_once")
def test_progress_is_told_up_to_the_end(session: Session, tmp_path: Path, now: datetime) -> None:
    path = write_lines(tmp_path / "rows.jsonl", *many(8))
    told: list[tuple[int, int]] = []

    bring_file(
        session, "capabilities", path, now=now, progress=lambda done, total: told.append((done, total))
    )

    assert told == [(3, 8), (6, 8), (8, 8)]


@pytest.mark.usefixtures("_few_at_once")
def test_rows_of_every_batch_arrive_and_are_found_again(session: Session, bring: Import) -> None:
    report = bring("capabilities", *many(8), release=True, placeholder_contacts=True)
    again = bring("capabilities", *many(8), release=True, placeholder_contacts=True)

    assert (counts(report), counts(again)) == ((8, 0, 0, 0), (0, 0, 8, 0))
    assert len(session.exec(select(Subscription)).all()) == 16


def test_the_number_of_queries_does_not_grow_with_the_rows(bring: Import, statements: list[str]) -> None:
    sent = []
    for n_rows in (10, 60):
        bring("capabilities", *many(n_rows))
        statements.clear()
        bring("capabilities", *many(n_rows))
        sent.append(len(statements))

    assert sent[0] == sent[1] < 12


def test_a_file_that_cannot_be_read_touches_nothing(
    session: Session, tmp_path: Path, now: datetime, statements: list[str]
) -> None:
    with pytest.raises(InvalidInput):
        bring_file(session, "scenarios", tmp_path / "none.csv", now=now)

    assert statements == []


def test_an_owner_with_a_name_that_does_not_fit_is_refused(bring: Import) -> None:
    with pytest.raises(InvalidInput, match="--organisation 太长"):
        bring("scenarios", NEED, organisation="x" * 201)
