from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from models.capability import Capability
from models.import_run import ImportRun
from models.pilot import Pilot
from models.saved_search import add_search_news
from models.scenario import Scenario, ScenarioStatus
from models.transfer_undo import KeptJournal, fingerprint, snapshot, undo_import
from tests.factories import make_match, make_question, make_round, make_score, make_user
from tests.import_rows import NEED, OFFER, Import, make_import, only_scenario
from tests.jobs.rows import make_mail
from tests.judging import make_bid

LATER = timedelta(days=3)
FULL = {**NEED, "requirements": ["甲", "乙"], "deadline_on": "2026-12-31", "budget_max_fen": 500}


@pytest.fixture
def bring_kept(session: Session, bring: Import, now: datetime) -> Any:
    """Import rows so that they can be undone: the run."""
    person = make_user(session)

    def run(kind: str, *rows: dict[str, Any], at: datetime = now, **options: Any) -> ImportRun:
        row = make_import(session, user_id=person.key, kind=kind)
        bring(kind, *rows, at=at, journal=KeptJournal(session, row.key), **options)
        row.mark_imported(at, {})
        session.flush()
        return row

    return run


def counts(report: dict[str, Any]) -> tuple[int, int, int, list[str]]:
    reasons = [row["reason"] for row in report["kept"]]
    return report["deleted"], report["restored"], report["taken_down"], reasons


def test_rows_that_were_made_are_deleted_with_their_parts(
    session: Session, bring_kept: Any, now: datetime
) -> None:
    scenarios = bring_kept("scenarios", FULL, release=True)
    capabilities = bring_kept("capabilities", {**OFFER, "cases": ["甲"]}, release=True)

    assert counts(undo_import(session, scenarios, now=now + LATER)) == (1, 0, 0, [])
    assert counts(undo_import(session, capabilities, now=now + LATER)) == (1, 0, 0, [])
    assert session.exec(select(Scenario.id)).all() == session.exec(select(Capability.id)).all() == []


def test_a_row_that_was_changed_gets_back_all_it_held(
    session: Session, bring_kept: Any, now: datetime
) -> None:
    bring_kept("scenarios", FULL)
    before = snapshot(only_scenario(session))
    changed = {
        **FULL,
        "text": "另一段",
        "requirements": ["丙"],
        "deadline_on": None,
        "budget_max_fen": 7,
        "kind": "产业",
    }
    second = bring_kept("scenarios", changed, at=now + LATER, release=True)

    report = undo_import(session, second, now=now + 2 * LATER)

    session.expire_all()
    after = snapshot(only_scenario(session))
    assert counts(report) == (0, 1, 0, [])
    free = {"updated_at": "", "revision": 0}
    assert {**after, **free} == {**before, **free}
    assert only_scenario(session).revision == 3  # once for the import, once for taking it back
    assert only_scenario(session).updated_at == now + 2 * LATER


def test_unchanged_rows_are_no_part_of_it(session: Session, bring_kept: Any, now: datetime) -> None:
    bring_kept("scenarios", FULL)
    second = bring_kept("scenarios", FULL, at=now + LATER)

    assert counts(undo_import(session, second, now=now + LATER)) == (0, 0, 0, [])
    assert only_scenario(session).title == NEED["title"]


def test_what_somebody_changed_or_deleted_since_is_left_alone(
    session: Session, bring_kept: Any, now: datetime
) -> None:
    run = bring_kept("scenarios", NEED, {**NEED, "id": "S2"}, {**NEED, "id": "S3"})
    rows = {row.external_id: row for row in session.exec(select(Scenario))}
    rows["S1"].metric = "改过"
    session.delete(rows["S2"])
    session.flush()

    report = undo_import(session, run, now=now + LATER)

    assert counts(report) == (1, 0, 0, ["changed", "gone"])


def test_what_the_machine_scored_is_withdrawn_and_the_list_may_come_again(
    session: Session, bring_kept: Any, now: datetime
) -> None:
    run = bring_kept("scenarios", NEED, release=True)
    row = only_scenario(session)
    make_score(session, make_match(session, scenario_id=row.key))

    report = undo_import(session, run, now=now + LATER)
    bring_kept("scenarios", NEED, at=now + LATER, release=True)

    statuses = session.exec(select(Scenario).order_by(Scenario.id)).all()
    assert counts(report) == (0, 0, 1, [])
    assert [each.status for each in statuses if each.title == NEED["title"]] == [
        ScenarioStatus.WITHDRAWN,
        ScenarioStatus.PUBLISHED,
    ]


def test_what_a_mail_told_of_is_withdrawn_and_not_deleted(
    session: Session, bring_kept: Any, now: datetime
) -> None:
    run = bring_kept("scenarios", NEED, release=True)
    row, reader, mail = only_scenario(session), make_user(session), make_mail(session)
    add_search_news(session, user_id=reader.key, mail_id=mail.key, scenario_ids=[row.key])

    assert counts(undo_import(session, run, now=now + LATER)) == (0, 0, 1, [])
    assert row.status is ScenarioStatus.WITHDRAWN


def test_what_somebody_acted_on_since_is_left_alone(session: Session, bring_kept: Any, now: datetime) -> None:
    run = bring_kept("scenarios", NEED, release=True)
    match = make_match(session, scenario_id=only_scenario(session).key, interested_at=now + LATER)
    make_score(session, match)

    assert counts(undo_import(session, run, now=now + 2 * LATER)) == (0, 0, 0, ["used"])
    assert session.exec(select(Pilot)).all() == []


def test_a_fingerprint_tells_parts_apart(session: Session, bring_kept: Any) -> None:
    bring_kept("scenarios", FULL)
    row = only_scenario(session)
    before = fingerprint(row)
    row.requirements[1].must = False

    assert fingerprint(row) != before


def test_what_was_asked_about_or_handed_in_since_stays(
    session: Session, bring_kept: Any, now: datetime
) -> None:
    others = ({**FULL, "id": key} for key in ("S2", "S3", "S4"))
    run = bring_kept("scenarios", FULL, *others, release=True)
    rows = {row.external_id: row for row in session.exec(select(Scenario))}
    make_question(session, scenario_id=rows["S1"].key, created_at=now + LATER)
    make_round(session, scenario_id=rows["S2"].key, created_at=now + LATER)
    make_bid(session, scenario_id=rows["S4"].key, created_at=now + LATER)

    report = undo_import(session, run, now=now + 2 * LATER)

    assert counts(report) == (1, 0, 0, ["used", "used", "used"])
    assert {row.external_id for row in session.exec(select(Scenario))} == {"S1", "S2", "S4"}
