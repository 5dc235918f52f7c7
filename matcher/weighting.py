"""The weighting in force as the engine uses it: the row of models/weight_version.py made into weights."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from matcher.scoring import BUILT_IN, ENGINE_VERSION, Weighting, Weights
from models.weight_version import WeightVersion, find_in_force


def weighting_in_force(session: Session) -> Weighting:
    """The weighting that people have put in force for this engine, or the built-in one."""
    found = find_in_force(session, engine_version=ENGINE_VERSION)
    return BUILT_IN if found is None else weighting_of(found)


def weighting_of(version: WeightVersion) -> Weighting:
    """A stored weighting. TypeError where it names a signal that this engine does not weigh."""
    return Weighting(version.serial, weights_of(version.weights))


def weights_of(stored: Mapping[str, float]) -> Weights:
    """Weights from their stored form. TypeError for a signal there is not."""
    return Weights(**stored)
