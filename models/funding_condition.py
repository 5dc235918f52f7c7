"""Conditions of funding rules: typed, validated when a rule is loaded, each a pure check over known facts.

A condition is data (`Condition`); what it asks is one of the check classes below, chosen by `kind`.
`answer` gives met, unmet or unknown with a reason code and values, never with prose;
models/funding_wording.py words them. Two rules bind every check: data that is missing gives unknown, and
values never depend on today, so that an answer changes only when what it rests on changes. Checks about
documents are in models/funding_proof.py, about the applicant in models/funding_applicant.py.

A new kind of condition: a class here or there, its name in `AnyCheck`, its words, its test.
"""

import json
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, TypeAdapter, model_validator

from models.funding_applicant import (
    ApplicantAgeMaxDays,
    ApplicantInPlace,
    ApplicantKind,
    LeaderAgeMax,
    TeamSizeMin,
)
from models.funding_finding import Check, Finding, Situation, judge, met, unknown, unmet
from models.funding_proof import (
    EvidenceIssuedByScenarioOwner,
    EvidencePresent,
    FilingPresent,
    NotOnDishonestyList,
)
from models.organisation import OrganisationKind
from models.scenario import ScenarioKind


class SourceGrade(StrEnum):
    """A: the official page. B: news or consultancy restating it. C: a public repository quoting a copy."""

    A = "A"
    B = "B"
    C = "C"


class ScenarioPublishedBy(Check):
    """The scenario was published, by one of these kinds of organisation."""

    kind: Literal["scenario_published_by"]
    kinds: tuple[OrganisationKind, ...] = Field(min_length=1)

    def answer(self, at: Situation) -> Finding:
        """Unknown before publication: it may still come."""
        values: dict[str, Any] = {
            "kinds": [kind.value for kind in self.kinds],
            "publisher_kind": at.facts.publisher_kind,
        }
        if at.facts.published_on is None or at.facts.publisher_kind is None:
            return unknown("scenario_unpublished", missing="publication", where="scenario_owner")
        if at.facts.publisher_kind in self.kinds:
            return met("publisher_kind_fits", **values, published_on=at.facts.published_on)
        return unmet("publisher_kind_fails", **values)


class ScenarioKindIn(Check):
    """The scenario is of one of these kinds (政务, 产业, 揭榜)."""

    kind: Literal["scenario_kind_in"]
    kinds: tuple[ScenarioKind, ...] = Field(min_length=1)

    def answer(self, at: Situation) -> Finding:
        """The kind is written on every scenario; facts given from elsewhere may lack it."""
        values: dict[str, Any] = {
            "kinds": [kind.value for kind in self.kinds],
            "scenario_kind": at.facts.scenario_kind,
        }
        if at.facts.scenario_kind is None:
            return unknown("scenario_kind_unknown", missing="scenario_kind", where="scenario_owner")
        return judge(at.facts.scenario_kind in self.kinds, "scenario_kind", **values)


class ScenarioDomainIn(Check):
    """The scenario belongs to one of these fields; codes as in Scenario.domain."""

    kind: Literal["scenario_domain_in"]
    domains: tuple[str, ...] = Field(min_length=1)

    def answer(self, at: Situation) -> Finding:
        """A scenario filed under "other" has no known field."""
        if at.facts.scenario_domain is None:
            return unknown("scenario_domain_unknown", missing="scenario_domain", where="scenario_owner")
        values: dict[str, Any] = {"domains": list(self.domains), "scenario_domain": at.facts.scenario_domain}
        return judge(at.facts.scenario_domain in self.domains, "scenario_domain", **values)


class ScenarioPublishedBeforeDelivery(Check):
    """The scenario was public before the product went live in it; the same day counts as before."""

    kind: Literal["scenario_published_before_delivery"]

    def answer(self, at: Situation) -> Finding:
        """Needs both days."""
        published_on, go_live_on = at.facts.published_on, at.facts.go_live_on
        if published_on is None:
            return unknown("scenario_unpublished", missing="publication", where="scenario_owner")
        if go_live_on is None:
            return unknown("go_live_unknown", missing="go_live", where="pilot_record")
        return judge(
            published_on <= go_live_on,
            "publication_and_delivery",
            published_on=published_on,
            go_live_on=go_live_on,
        )


class PilotInUse(Check):
    """The product works in the real process."""

    kind: Literal["pilot_in_use"]

    def answer(self, at: Situation) -> Finding:
        """Unmet once the pilot was stopped, or while its go-live day lies ahead; unknown while no day is
        recorded.
        """
        if at.facts.stopped_on is not None:
            return unmet("pilot_stopped", stopped_on=at.facts.stopped_on)
        if at.facts.go_live_on is None:
            return unknown("go_live_unknown", missing="go_live", where="pilot_record")
        if at.facts.go_live_on > at.on:
            return unmet("in_use_later", go_live_on=at.facts.go_live_on)
        return met("in_use", go_live_on=at.facts.go_live_on)


class PilotAccepted(Check):
    """The work is finished and accepted (验收通过)."""

    kind: Literal["pilot_accepted"]

    def answer(self, at: Situation) -> Finding:
        """Unmet only when the pilot was stopped."""
        if at.facts.stopped_on is not None:
            return unmet("pilot_stopped", stopped_on=at.facts.stopped_on)
        if at.facts.accepted_on is None:
            return unknown("acceptance_unknown", missing="acceptance", where="scenario_owner")
        return met("accepted", accepted_on=at.facts.accepted_on)


class SpendMinFen(Check):
    """At least so much was spent on one purpose."""

    kind: Literal["spend_min_fen"]
    purpose: Literal["compute", "model", "corpus", "investment"]
    minimum_fen: PositiveInt

    def answer(self, at: Situation) -> Finding:
        """Unmet only when the account is complete: payments still to be shown may reach the floor."""
        values: dict[str, Any] = {"purpose": self.purpose, "minimum_fen": self.minimum_fen}
        spend = at.facts.spend_fen.get(self.purpose)
        if spend is None:
            return unknown("spend_unknown", missing="payments", where="applicant", **values)
        values["spend_fen"] = spend.amount_fen
        if spend.amount_fen >= self.minimum_fen:
            return met("spend_fits", **values)
        if spend.is_complete:
            return unmet("spend_fails", **values)
        return unknown("spend_so_far", missing="payments", where="applicant", **values)


class NoStacking(Check):
    """The same project gets no other money of the rule's stacking group (不重复享受)."""

    kind: Literal["no_stacking"]

    def answer(self, at: Situation) -> Finding:
        """Unknown until somebody has said what else was claimed."""
        if at.facts.claims is None:
            return unknown("claims_unknown", missing="other_claims", where="applicant")
        same_project = [claim for claim in at.facts.claims if claim.pilot_id == at.facts.pilot_id]
        clash = sorted(claim.programme for claim in same_project if claim.stacking_group == at.stacking_group)
        return unmet("claimed_elsewhere", programmes=clash) if clash else met("no_other_claim")


class YearlyCap(Check):
    """The applicant has not used up the rule's yearly cap; the year is that of the day asked about."""

    kind: Literal["yearly_cap"]

    def answer(self, at: Situation) -> Finding:
        """Unknown until somebody has said what was granted this year."""
        granted = at.granted_this_year_fen()
        if granted is None or at.yearly_cap_fen is None:
            return unknown("grants_unknown", missing="other_claims", where="applicant")
        values: dict[str, Any] = {"granted_fen": granted, "yearly_cap_fen": at.yearly_cap_fen}
        return judge(granted < at.yearly_cap_fen, "yearly_cap", **values)


class WindowOpen(Check):
    """Applications are being taken; the window is the rule's, first and last day included."""

    kind: Literal["window_open"]

    def answer(self, at: Situation) -> Finding:
        """Unknown while no window was announced, or while its end was not."""
        first, last = at.window_from_on, at.window_until_on
        if first is None:
            return unknown("window_unknown", missing="call", where="issuing_office")
        if at.on < first:
            return unmet("window_not_open", from_on=first)
        if last is None:
            return unknown("window_end_unknown", missing="call", where="issuing_office", from_on=first)
        if at.on > last:
            return unmet("window_closed", until_on=last)
        return met("window_open", from_on=first, until_on=last)


class BasisInForce(Check):
    """The document the rule rests on is still in force; its last day counts."""

    kind: Literal["basis_in_force"]
    document: str = Field(min_length=1)
    until_on: date

    def answer(self, at: Situation) -> Finding:
        """After the last day the answer is unknown, not no: the office may have prolonged it."""
        values: dict[str, Any] = {"document": self.document, "until_on": self.until_on}
        if at.on <= self.until_on:
            return met("basis_in_force", **values)
        return unknown("basis_lapsed", missing="office_ruling", where="issuing_office", **values)


class OfficerChecks(Check):
    """Something no table here can tell (experts' scores, related parties): for people to decide."""

    kind: Literal["officer_checks"]

    def answer(self, at: Situation) -> Finding:
        """Always unknown."""
        return unknown("officer_must_check", missing="office_ruling", where="issuing_office")


AnyCheck = Annotated[
    ScenarioPublishedBy
    | ScenarioKindIn
    | ScenarioDomainIn
    | ScenarioPublishedBeforeDelivery
    | PilotInUse
    | PilotAccepted
    | ApplicantInPlace
    | ApplicantKind
    | ApplicantAgeMaxDays
    | TeamSizeMin
    | LeaderAgeMax
    | EvidencePresent
    | EvidenceIssuedByScenarioOwner
    | NotOnDishonestyList
    | FilingPresent
    | SpendMinFen
    | NoStacking
    | YearlyCap
    | WindowOpen
    | BasisInForce
    | OfficerChecks,
    Field(discriminator="kind"),
]
_CHECKS: TypeAdapter[AnyCheck] = TypeAdapter(AnyCheck)


@lru_cache(maxsize=4096)
def _make_check(kind: str, params: str) -> AnyCheck:
    """The typed check; made once for as many pilots as are asked about. It is frozen, so all may share it."""
    return _CHECKS.validate_python({**json.loads(params), "kind": kind})


class Condition(BaseModel):
    """One condition of a rule as stored: which check with which parameters, its text, and how far to trust
    it.

    unverified: the clause itself was not read in an official text; shown as 待核 whatever the rule's grade.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")
    kind: str
    params: dict[str, Any] = Field(default_factory=dict)
    text_zh: str = Field(min_length=1)
    text_en: str = Field(min_length=1)
    source: str = Field(min_length=1)
    source_grade: SourceGrade
    unverified: bool = False

    @property
    def check(self) -> AnyCheck:
        """The typed check. Raises pydantic.ValidationError for an unknown kind or wrong parameters."""
        return _make_check(self.kind, json.dumps(self.params, default=str))

    @model_validator(mode="after")
    def _check_is_known(self) -> "Condition":
        _ = self.check
        return self

    def text(self, locale: str) -> str:
        """The condition's own words in Chinese, or in English for an English locale."""
        return self.text_en if locale.startswith("en") else self.text_zh
