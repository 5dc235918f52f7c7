"""Conditions about documents. A document counts when it is checked, issued and not run out on the day asked
about.

One that is uploaded but not yet checked by the other side or an officer is unknown: an upload is a claim,
not a proof.
"""

from typing import Literal

from pydantic import Field

from models.funding_facts import EvidenceFact
from models.funding_finding import Check, Finding, Situation, met, unknown

# Who issues what, so that a missing document can be asked for at the right door.
SOURCES = {
    "test_report": "test_lab",
    "use_report": "scenario_owner",
    "acceptance": "scenario_owner",
    "audit_report": "auditor",
    "credit_report": "credit_site",
    "filing": "filing_office",
}


class EvidencePresent(Check):
    """A document of this kind is there."""

    kind: Literal["evidence_present"]
    evidence: str = Field(min_length=1)

    def answer(self, at: Situation) -> Finding:
        """Met with the ids of all documents that count."""
        return _proof(at, self.evidence, _of_kind(at, self.evidence))


class EvidenceIssuedByScenarioOwner(Check):
    """A document of this kind was issued by the organisation that owns the scenario."""

    kind: Literal["evidence_issued_by_scenario_owner"]
    evidence: str = Field(min_length=1)

    def answer(self, at: Situation) -> Finding:
        """By the issuer's row where one is linked, else by its name as printed. Another's document proves
        nothing.
        """
        held = _of_kind(at, self.evidence)
        from_owner = [document for document in held if _is_from_owner(document, at)]
        if held and not from_owner:
            return unknown(
                "issuer_not_owner",
                missing=self.evidence,
                where="scenario_owner",
                evidence=_ids(held),
                document=self.evidence,
            )
        return _proof(at, self.evidence, from_owner, reason="issued_by_owner")


class NotOnDishonestyList(Check):
    """The applicant is not on the list of seriously dishonest parties, by a credit report (信用报告)."""

    kind: Literal["not_on_dishonesty_list"]

    def answer(self, at: Situation) -> Finding:
        """Only a checked credit report answers; without one it is unknown."""
        return _proof(at, "credit_report", _of_kind(at, "credit_report"))


class FilingPresent(Check):
    """The firm states this filing (备案) and a checked filing document is there."""

    kind: Literal["filing_present"]
    filing: str = Field(min_length=1)

    def answer(self, at: Situation) -> Finding:
        """A filing that is not stated says nothing: many profiles are incomplete."""
        if self.filing not in at.facts.filings:
            return unknown("filing_not_stated", missing="filing", where="firm_profile", filing=self.filing)
        return _proof(at, "filing", _of_kind(at, "filing"))


def _proof(
    at: Situation, kind: str, documents: list[EvidenceFact], *, reason: str = "evidence_present"
) -> Finding:
    """The finding for a list of documents of one kind: counting, waiting for a check, run out, or absent."""
    current = [document for document in documents if document.is_current(at.on)]
    checked = [document for document in current if document.is_checked]
    if checked:
        return met(reason, evidence=_ids(checked), document=kind)
    if current:
        return unknown(
            "evidence_unchecked", missing="check", where="checker", evidence=_ids(current), document=kind
        )
    where = SOURCES.get(kind, "applicant")
    expired = [document for document in documents if document.has_expired(at.on)]
    if expired:
        last = max(document.valid_until_on for document in expired if document.valid_until_on is not None)
        return unknown(
            "evidence_expired",
            missing=kind,
            where=where,
            evidence=_ids(expired),
            document=kind,
            valid_until_on=last,
        )
    return unknown("evidence_missing", missing=kind, where=where, document=kind)


def _of_kind(at: Situation, kind: str) -> list[EvidenceFact]:
    return [document for document in at.facts.evidence if document.kind == kind]


def _is_from_owner(document: EvidenceFact, at: Situation) -> bool:
    if document.issuer_id is not None:
        return document.issuer_id == at.facts.publisher_id
    return document.issuer != "" and document.issuer in at.facts.publisher_names


def _ids(documents: list[EvidenceFact]) -> tuple[int, ...]:
    return tuple(sorted(document.id for document in documents))
