"""Facts about a pair that likeness of text cannot tell: one pure function each; None where the data is missing.

Missing data is never agreement: None adds nothing and takes nothing away.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcher.coverage import CoveredRequirement, Verdict
from models.capability import Capability, Maturity
from models.scenario import Scenario

_MATURITY = {Maturity.IDEA: 0.0, Maturity.PROTOTYPE: 0.35, Maturity.PILOT: 0.7, Maturity.COMMERCIAL: 1.0}


def unmet_musts(covered: Sequence[CoveredRequirement]) -> float | None:
    """Share of the must requirements that evidence contradicts, in [0, 1]. None where nobody wrote any."""
    musts = [item for item in covered if item.must]
    if not musts:
        return None
    return sum(item.verdict is Verdict.UNMET for item in musts) / len(musts)


def proven(capability: Capability) -> float | None:
    """How well use is proven, in [0, 1]: a confirmed case 1, an unconfirmed one one half. None without any case."""
    if not capability.cases:
        return None
    return 1.0 if any(case.confirmed_at is not None for case in capability.cases) else 0.5


def maturity(capability: Capability) -> float | None:
    """From an idea (0) to commercial use (1); None where the firm did not say."""
    return None if capability.maturity is None else _MATURITY[capability.maturity]


def same_district(scenario: Scenario, capability: Capability) -> float | None:
    """1 when the firm sits in the scenario's district, else 0; None where either is not known."""
    home = capability.organisation.district_id
    if scenario.district_id is None or home is None:
        return None
    return float(scenario.district_id == home)
