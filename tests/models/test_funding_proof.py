from datetime import date
from typing import Any

import pytest

from models.funding_finding import Verdict
from tests.funding_examples import ON, UNKNOWN_FACTS, ask, make_document, make_facts

MET, UNKNOWN = Verdict.MET, Verdict.UNKNOWN
PARAMS: dict[str, dict[str, Any]] = {
    "evidence_present": {"evidence": "test_report"},
    "evidence_issued_by_scenario_owner": {"evidence": "use_report"},
    "not_on_dishonesty_list": {},
    "filing_present": {"filing": "model_filing"},
}


@pytest.mark.parametrize("kind", PARAMS)
def test_a_document_that_is_missing_is_unknown_and_names_who_issues_it(kind: str) -> None:
    finding = ask(kind, UNKNOWN_FACTS, **PARAMS[kind])

    assert finding.verdict is UNKNOWN
    assert finding.missing
    assert finding.where


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("evidence_present", (1,)),
        ("evidence_issued_by_scenario_owner", (2,)),
        ("filing_present", (7,)),
        ("not_on_dishonesty_list", (8,)),
    ],
)
def test_a_checked_document_answers_and_is_named(kind: str, ids: tuple[int, ...]) -> None:
    finding = ask(kind, make_facts(), **PARAMS[kind])

    assert (finding.verdict, finding.evidence) == (MET, ids)


@pytest.mark.parametrize("kind", PARAMS)
def test_an_upload_nobody_checked_proves_nothing(kind: str) -> None:
    documents = tuple(
        make_document(number, name, is_checked=False)
        for number, name in enumerate(("test_report", "use_report", "filing", "credit_report"), start=1)
    )

    finding = ask(kind, make_facts(evidence=documents), **PARAMS[kind])

    assert (finding.verdict, finding.reason, finding.where) == (UNKNOWN, "evidence_unchecked", "checker")


@pytest.mark.parametrize(
    ("valid_until_on", "verdict", "reason"),
    [
        (date(2026, 11, 24), MET, "evidence_present"),
        (date(2026, 11, 23), MET, "evidence_present"),
        (date(2026, 11, 22), UNKNOWN, "evidence_expired"),
    ],
)
def test_a_document_counts_through_its_last_day(valid_until_on: date, verdict: Verdict, reason: str) -> None:
    document = make_document(3, "test_report", valid_until_on=valid_until_on)

    finding = ask("evidence_present", make_facts(evidence=(document,)), ON, evidence="test_report")

    assert (finding.verdict, finding.reason) == (verdict, reason)


def test_a_document_issued_after_the_day_asked_about_is_not_there_yet() -> None:
    document = make_document(3, "test_report", issued_on=date(2026, 11, 24))

    finding = ask("evidence_present", make_facts(evidence=(document,)), ON, evidence="test_report")

    assert (finding.verdict, finding.reason) == (UNKNOWN, "evidence_missing")


def test_the_last_day_of_the_latest_expired_document_is_told() -> None:
    old = make_document(3, "test_report", valid_until_on=date(2026, 1, 1))
    newer = make_document(4, "test_report", valid_until_on=date(2026, 10, 1))

    finding = ask("evidence_present", make_facts(evidence=(old, newer)), ON, evidence="test_report")

    assert (finding.evidence, finding.values["valid_until_on"]) == ((3, 4), "2026-10-01")


@pytest.mark.parametrize(
    ("issuer", "issuer_id", "verdict"),
    [
        ("市城管局", None, MET),  # as printed
        ("城管局", 7, MET),  # linked
        ("市城管局", 8, UNKNOWN),  # linked to somebody else
        ("某科技公司", None, UNKNOWN),
        ("", None, UNKNOWN),
    ],
)
def test_only_the_owners_report_counts_as_the_owners(
    issuer: str, issuer_id: int | None, verdict: Verdict
) -> None:
    document = make_document(5, "use_report", issuer=issuer, issuer_id=issuer_id)
    facts = make_facts(evidence=(document,))

    assert ask("evidence_issued_by_scenario_owner", facts, evidence="use_report").verdict is verdict


def test_anothers_report_is_shown_but_asks_for_the_owners() -> None:
    document = make_document(5, "use_report", issuer="某科技公司", issuer_id=None)

    finding = ask(
        "evidence_issued_by_scenario_owner", make_facts(evidence=(document,)), evidence="use_report"
    )

    assert (finding.reason, finding.evidence, finding.where) == ("issuer_not_owner", (5,), "scenario_owner")


def test_a_filing_needs_both_the_statement_and_the_paper() -> None:
    unstated = ask("filing_present", make_facts(filings=()), filing="model_filing")
    unproved = ask("filing_present", make_facts(evidence=()), filing="model_filing")

    assert (unstated.verdict, unstated.reason) == (UNKNOWN, "filing_not_stated")
    assert (unproved.verdict, unproved.reason) == (UNKNOWN, "evidence_missing")
