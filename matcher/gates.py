"""Hard conditions: may this pair meet at all, and if not, why. A failed gate keeps its reason.

Two kinds. *Closed* gates take the pair out of every list at once (scenario over, capability taken down, firm full).
*Blocking* gates leave it visible as weak, because either side could still change the fact (where it may run).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.capability import Capability, CapabilityStatus
from models.organisation import OrganisationStatus
from models.scenario import Scenario

_SERVED_BY = {"gov_cloud": {"gov_cloud", "on_premise"}, "on_premise": {"on_premise", "edge"}}
"""What may be offered for a place to run: a product that installs on premises also installs in a 政务云, and a box at
the edge stands in the buyer's own rooms. Any other place is served by itself only."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that failed. code: for explanation.word; closed: the pair disappears; else it is capped at weak."""

    code: str
    closed: bool
    values: dict[str, Any] = field(default_factory=dict)


def failed_gates(scenario: Scenario, capability: Capability, *, on: date) -> list[Gate]:
    """Every gate the pair fails on that day, closed ones first; empty when the two may meet."""
    return [*closed_gates(scenario, capability, on=on), *blocking_gates(scenario, capability)]


def closed_gates(scenario: Scenario, capability: Capability, *, on: date) -> list[Gate]:
    """Reasons why the pair may be in no list on that day."""
    gates = [] if scenario.is_open(on) else [Gate("scenario_closed", closed=True)]
    gates += capability_gates(capability)
    if capability.organisation_id == scenario.organisation_id:
        gates.append(Gate("same_organisation", closed=True))
    return gates


def capability_gates(capability: Capability) -> list[Gate]:
    """Reasons why a capability may be in no list, whatever the scenario; its firm must be loaded."""
    gates = []
    if capability.status is not CapabilityStatus.LISTED:
        gates.append(Gate("capability_unlisted", closed=True))
    if capability.organisation.status is not OrganisationStatus.ACTIVE:
        gates.append(Gate("firm_inactive", closed=True))
    if capability.capacity == 0:
        gates.append(Gate("firm_full", closed=True))
    return gates


def blocking_gates(scenario: Scenario, capability: Capability) -> list[Gate]:
    """Reasons why the pair cannot work as both sides stand now; unknown facts never block."""
    fits = deployment_fits(scenario.deployment, capability.deployment)
    if fits is False:
        values = {"wanted": list(scenario.deployment), "offered": list(capability.deployment)}
        return [Gate("deployment_conflict", closed=False, values=values)]
    return []


def deployment_fits(wanted: Sequence[str], offered: Sequence[str]) -> bool | None:
    """Whether some wanted place to run is offered; None when either side did not say. "any" suits everything."""
    if "any" in wanted or (wanted and "any" in offered):
        return True
    if not wanted or not offered:
        return None
    return any(_SERVED_BY.get(place, {place}) & set(offered) for place in wanted)
