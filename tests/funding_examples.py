"""Facts, conditions and rules for funding tests: a pilot about which everything is known and nothing is wrong."""

from datetime import date
from typing import Any

from models.funding_condition import Condition, SourceGrade
from models.funding_facts import EvidenceFact, FundingFacts, Spend
from models.funding_finding import Finding, Situation
from models.funding_rule import FundingKind, FundingRule, FundingTarget

ON = date(2026, 11, 23)
OWNER = 7
WAN = 1_000_000  # fen in 万元


def make_document(number: int, kind: str, **values: Any) -> EvidenceFact:
    """A checked document of the scenario's owner, issued in time, without an end."""
    defaults = {
        "file_hash": f"{number:064x}",
        "issuer": "市城管局",
        "issuer_id": OWNER,
        "issued_on": date(2026, 11, 18),
        "is_checked": True,
    }
    return EvidenceFact(id=number, kind=kind, **{**defaults, **values})


KINDS = (
    "test_report", "use_report", "contract", "invoice", "payment", "acceptance", "filing",
    "credit_report", "audit_report",
)  # fmt: skip
DOCUMENTS = tuple(make_document(number, kind) for number, kind in enumerate(KINDS, start=1))
"""One of each kind; ids from 1 in the order of KINDS."""


def make_facts(**values: Any) -> FundingFacts:
    """Everything known, every shipped condition that can be met by facts met, on 2026-11-23."""
    defaults: dict[str, Any] = {
        "pilot_id": 1,
        "scenario_kind": "government",
        "scenario_domain": "city_governance",
        "publisher_id": OWNER,
        "publisher_kind": "agency",
        "publisher_names": ("市城管局",),
        "published_on": date(2026, 8, 3),
        "go_live_on": date(2026, 11, 16),
        "accepted_on": date(2026, 11, 20),
        "applicant_kind": "startup",
        "applicant_city": "深圳",
        "applicant_founded_on": date(2026, 3, 2),
        "team_size": 2,
        "leader_born_on": date(1995, 5, 1),
        "filings": ("model_filing",),
        "evidence": DOCUMENTS,
        "spend_fen": {
            purpose: Spend(80 * WAN, is_complete=True)
            for purpose in ("compute", "model", "corpus", "investment")
        },
        "claims": (),
    }
    return FundingFacts(**{**defaults, **values})


UNKNOWN_FACTS = FundingFacts(pilot_id=1)


def make_condition(kind: str, *, code: str = "it", **params: Any) -> Condition:
    """An officially read condition of this kind."""
    return Condition(
        code=code, kind=kind, params=params, text_zh="条件", text_en="Condition", source="文件",
        source_grade=SourceGrade.A,
    )  # fmt: skip


def ask(kind: str, facts: FundingFacts, on: date = ON, *, terms: Any = None, **params: Any) -> Finding:
    """What a condition of this kind answers. terms: fields of Situation beyond facts and day."""
    return make_condition(kind, **params).check.answer(Situation(facts=facts, on=on, **(terms or {})))


def make_rule(*conditions: Condition, **values: Any) -> FundingRule:
    """A grade A rule in force from 2026-01-01 to 2026-12-31, not saved."""
    defaults: dict[str, Any] = {
        "programme": "test_grant",
        "version": 1,
        "title": "测试资助",
        "title_en": "Test grant",
        "issuer": "某局",
        "clause": "测试条款",
        "kind": FundingKind.GRANT,
        "target": FundingTarget.PILOT,
        "conditions": [condition.model_dump(mode="json") for condition in conditions],
        "valid_from_on": date(2026, 1, 1),
        "valid_until_on": date(2026, 12, 31),
        "source": "测试",
        "source_grade": SourceGrade.A,
        "checked_on": date(2026, 11, 1),
    }
    return FundingRule(**{**defaults, **values})
