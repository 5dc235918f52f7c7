"""What to do about a gap today: the step that always holds, then a partner who has the part, and a voucher that pays.

The first is stored with the gap. Partners and vouchers are looked up when the gap is read: a rule that lapses, or a
team that is proposed no more, is named to nobody from then on, and no stored score goes stale. Pages and the command
line word them here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

from sqlmodel import Session, col, select

from matcher.coverage import Verdict
from matcher.explanation import Voice, word_step
from matcher.explanation_words import UNTIL
from models.capability import Capability
from models.funding_facts import facts_of_pair
from models.funding_route import open_routes
from models.funding_rule import FundingRule, rules_in_force
from models.match import Match
from models.scenario import Scenario
from models.team import TeamProposal, present_proposals
from models.voucher import Voucher, open_vouchers


@dataclass(frozen=True, slots=True)
class Partner:
    """A firm of the proposed team that meets a must. match_id: its own pair with the scenario, for the agency."""

    firm_id: int
    name: str
    match_id: int | None


@dataclass(frozen=True)
class Aids:
    """What there is for one pair and one reader. partners: by must's position; vouchers: by what they pay for."""

    partners: Mapping[int, Partner] = field(default_factory=dict)
    vouchers: Mapping[str, Voucher] = field(default_factory=dict)


NO_AIDS = Aids()


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step for one gap. code: key of STEPS; values: what its sentence needs; partner: whom it names."""

    code: str
    values: Mapping[str, Any]
    partner: Partner | None = None
    voucher: Voucher | None = None

    def words(self, locale: str, voice: Voice = Voice.AGENCY) -> str:
        """The sentence, in the reader's language."""
        values = dict(self.values)
        if self.partner is not None:
            values["partner"] = self.partner.name
        if self.voucher is not None:
            title = self.voucher.title if locale == "zh" else self.voucher.title_en.lower()
            until = self.voucher.until_on
            values |= {
                "voucher": title,
                "until": "" if until is None else UNTIL[locale].format(day=until.isoformat()),
            }
        return word_step(self.code, values, locale, voice)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as printed."""
        return {
            "code": self.code,
            "position": self.values.get("position"),
            "firm": None if self.partner is None else self.partner.firm_id,
            "programme": None if self.voucher is None else self.voucher.programme,
        }


def steps_for(gap: Mapping[str, Any], aids: Aids) -> list[NextStep]:
    """The steps for a stored gap, the one that always holds first; empty for a gap that nothing can move."""
    values = gap["values"]
    steps = [NextStep(gap["step"], values)] if "step" in gap else []
    partner = aids.partners.get(values.get("position", 0))
    if partner is not None:
        steps.append(NextStep("join_partner", values, partner=partner))
    paid = [spend for spend in values.get("spend", ()) if spend in aids.vouchers]
    return steps + [NextStep(f"voucher_{spend}", values, voucher=aids.vouchers[spend]) for spend in paid]


class AidLookup:
    """The proposed teams of some scenarios and the rules in force, as of a day; one look-up for many pairs."""

    def __init__(self, session: Session, scenario_ids: Collection[int], *, on: date, zone: tzinfo) -> None:
        self._session, self._on, self._zone = session, on, zone
        self._teams = present_proposals(session, scenario_ids, on=on)
        self._matches = _matches_of(session, self._teams.values())
        self._rules = rules_in_force(session, on)

    def aids(
        self,
        scenario: Scenario,
        capability: Capability,
        gaps: Sequence[Mapping[str, Any]],
        voice: Voice = Voice.AGENCY,
    ) -> Aids:
        """What there is for the gaps of one pair. A firm reads the names of a team only where it is a member of it."""
        partners = self._partners(scenario.key, capability.organisation_id, voice)
        if not any(gap["values"].get("spend") for gap in gaps):
            return Aids(partners)
        facts = facts_of_pair(self._session, scenario, capability, self._on, zone=self._zone)
        return Aids(partners, open_vouchers(self._rules, facts, self._on))

    def routes(self, scenario: Scenario, capability: Capability) -> list[FundingRule]:
        """The programmes this scenario could lead to for the firm, the largest sum first."""
        facts = facts_of_pair(self._session, scenario, capability, self._on, zone=self._zone)
        return open_routes(self._rules, facts, self._on)

    def _partners(self, scenario_id: int, firm_id: int, voice: Voice) -> dict[int, Partner]:
        team = self._teams.get(scenario_id)
        if team is None:
            return {}
        names = {member.organisation_id: member.organisation.name for member in team.members}
        if voice is Voice.FIRM and firm_id not in names:
            return {}
        return {
            must["position"]: Partner(taker, names[taker], self._matches.get((scenario_id, taker)))
            for must in team.musts
            if (taker := must["taken_by"]) not in (None, firm_id) and must["verdict"] == Verdict.MET
        }


def _matches_of(session: Session, teams: Iterable[TeamProposal]) -> dict[tuple[int, int], int]:
    """The pairs of the members of teams: ids by scenario and firm."""
    wanted = {(team.scenario_id, member.organisation_id) for team in teams for member in team.members}
    if not wanted:
        return {}
    scenarios, firms = zip(*wanted, strict=True)
    statement = select(Match.scenario_id, Match.organisation_id, Match.id).where(
        col(Match.scenario_id).in_(set(scenarios)), col(Match.organisation_id).in_(set(firms))
    )
    return {(scenario, firm): id_ for scenario, firm, id_ in session.exec(statement) if id_ is not None}
