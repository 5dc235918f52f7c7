"""What `python -m matcher weights` does and says: list, fit, activate, revert. The page does the same with a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from matcher.comparisons import Evidence
from matcher.proposal import gather_grounds, propose
from matcher.scoring import BUILT_IN, ENGINE_VERSION
from matcher.weighting import weighting_in_force
from matcher.workshop import Workshop
from models.audit import record
from models.db import transaction
from models.weight_version import (
    WeightVersion,
    activate_version,
    append_version,
    find_in_force,
    get_version,
    list_versions,
    revert_in_force,
)

NO_VERSION = "没有学过权重，用的是内置的。"


def answer_weights(
    workshop: Workshop, act: str, serial: int, *, now: datetime
) -> list[dict[str, Any]] | Evidence:
    """What a command says: every weighting for `list`, else the one it made or moved; KeyError for another act."""
    acts: dict[str, Callable[[], list[dict[str, Any]] | dict[str, Any] | Evidence]] = {
        "list": lambda: list_weights(workshop),
        "fit": lambda: fit_weights(workshop, now=now),
        "activate": lambda: activate_weights(workshop, serial, now=now),
        "revert": lambda: revert_weights(workshop, now=now),
    }
    found = acts[act]()
    return [found] if isinstance(found, dict) else found


def list_weights(workshop: Workshop) -> list[dict[str, Any]]:
    """Every weighting there was, newest first."""
    with workshop.reading() as session:
        in_force = weighting_in_force(session).serial
        return [row_of(version, in_force) for version in list_versions(session)]


def fit_weights(workshop: Workshop, *, now: datetime) -> dict[str, Any] | Evidence:
    """Fit to all decisions and store the proposal, news or not; where there is too little, what there is."""
    with workshop.reading() as session:
        grounds = gather_grounds(session)
    if grounds.evidence.lacking:
        return grounds.evidence
    version = propose(grounds, now=now)
    with transaction(workshop.engine) as session:
        append_version(session, version)
        return row_of(version, grounds.in_force.serial)


def activate_weights(workshop: Workshop, serial: int, *, now: datetime) -> dict[str, Any]:
    """Put a proposal in force. Raises NotFound, or InvalidTransition with the reason."""
    with transaction(workshop.engine) as session:
        version = get_version(session, serial)
        activate_version(session, version, now, engine_version=ENGINE_VERSION, by=None)
        _audit(session, version, "weights.activated")
        return row_of(version, serial)


def revert_weights(workshop: Workshop, *, now: datetime) -> dict[str, Any]:
    """Take the weighting in force back; what stood before stands again. InvalidTransition for the built-in one."""
    with transaction(workshop.engine) as session:
        version = revert_in_force(session, now, engine_version=ENGINE_VERSION, by=None)
        _audit(session, version, "weights.reverted")
        session.flush()
        before = find_in_force(session, engine_version=ENGINE_VERSION)
        return row_of(version, BUILT_IN.serial if before is None else before.serial)


def _audit(session: Session, version: WeightVersion, action: str) -> None:
    record(session, actor=None, action=action, subject=version, details={"serial": version.serial})


def row_of(version: WeightVersion, in_force: int) -> dict[str, Any]:
    """One weighting as plain values. in_force: the serial of the one in force."""
    moments = {name: getattr(version, name) for name in ("fitted_at", "activated_at", "reverted_at")}
    return {
        "serial": version.serial,
        "status": str(version.status),
        "in_force": version.serial == in_force,
        "engine": version.engine_version,
        "based_on": version.based_on,
        "weights": version.weights,
        "evidence": version.evidence,
        "gate": version.gate,
        "passed": version.passed,
        **{name: None if at is None else at.isoformat() for name, at in moments.items()},
    }


def to_text(rows: Sequence[dict[str, Any]]) -> str:
    """Lines for a terminal."""
    if not rows:
        return NO_VERSION
    return "\n".join(line for row in rows for line in _lines(row))


def _lines(row: dict[str, Any]) -> list[str]:
    mark = "*" if row["in_force"] else " "
    weights = "  ".join(f"{name} {value:+.2f}" for name, value in row["weights"].items())
    checks = "  ".join(
        f"{'✓' if check['passed'] else '✕'} {check['code']} (n={check['n']})"
        for check in row["gate"]["checks"]
    )
    return [
        f"{mark} {row['serial']:>3}  {row['status']:<9} {row['fitted_at'][:16]}  > {row['based_on']}",
        f"       {weights}",
        f"       {checks}",
    ]


def lacking_text(evidence: Evidence) -> str:
    """One line: what there is too little of."""
    return "证据还不够，没有拟合：" + "，".join(
        f"{name} {has}/{needs}" for name, has, needs in evidence.lacking
    )
