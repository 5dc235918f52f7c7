"""Rows of learning for tests: labels, and weightings with their figures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from matcher.proposal import gather_material
from matcher.quality import figures_of
from matcher.scoring import ENGINE_VERSION, WEIGHTS, score_of
from matcher.weight_trial import CHECKS
from models.evaluation import Evaluation, record_evaluation
from models.match import DeclineReason, Match
from models.pair_label import LabelGrade, LabelSource, PairLabel
from models.weight_version import WeightVersion, append_version
from tests.factories import MONDAY, make_match, make_scenario, make_score, save


def make_label(session: Session, match: Match, **values: Any) -> PairLabel:
    """A label of the pair of a match: it fits, unless told otherwise."""
    defaults = {
        "scenario_id": match.scenario_id,
        "organisation_id": match.organisation_id,
        "grade": LabelGrade.FITS,
        "source": LabelSource.PAGE,
        "labelled_at": MONDAY,
    }
    return save(session, PairLabel(**{**defaults, **values}))


def make_weights(session: Session, *, proven: float = 0.3, **values: Any) -> WeightVersion:
    """A weighting that passed and is not in force, unless told otherwise."""
    lead = {"mean": 0.1, "low": 0.05, "high": 0.15, "p": 0.01}
    defaults = {
        "serial": 0,
        "engine_version": ENGINE_VERSION,
        "based_on": 0,
        "weights": {**asdict(WEIGHTS), "proven": proven},
        "evidence": {
            "n_answers": 80, "n_about_fit": 70, "n_compared": 60, "n_seen": 40, "n_lists": 20, "n_deciders": 12,
            "deviations": dict.fromkeys(asdict(WEIGHTS), 0.1),
        },
        "gate": {
            "n_lists": 20, "n_labelled": 8, "held_out": lead, "choices_ndcg": lead, "choices_before": 0.8,
            "choices_after": 0.9, "labels_ndcg": lead, "labels_before": 0.7, "labels_after": 0.8, "margin": 0.02,
            "checks": [
                {"code": code, "passed": values.get("passed", True), "n": 8}
                for code in CHECKS
            ],
        },
        "passed": True,
        "evidence_hash": "0" * 64,
        "fitted_at": MONDAY,
    }  # fmt: skip
    return append_version(session, WeightVersion(**{**defaults, **values}))


def make_learnable(session: Session, *, n: int = 26, n_labelled: int = 6) -> list[int]:
    """Scenarios of agencies of their own that all invite the firm with proven use and decline one without it, a little
    nearer; the first few are labelled the same way. Enough of them to learn from; returns the ids of the scenarios.
    """
    ids = []
    for at in range(n):
        scenario = make_scenario(session)
        matches = [
            decided(session, scenario.key, relevance=4.0 + at % 3 / 10, proven=1.0),
            decided(session, scenario.key, relevance=4.35 + at % 5 / 10, proven=None),
        ]
        matches[0].invite(MONDAY)
        matches[1].decline(MONDAY, reason=DeclineReason.EVIDENCE_MISSING)
        if at < n_labelled:
            make_label(session, matches[0])
            make_label(session, matches[1], grade=LabelGrade.DOES_NOT_FIT)
        ids.append(scenario.key)
    session.flush()
    return ids


def decided(session: Session, scenario_id: int, **signals: float | None) -> Match:
    """A pair of a new firm with a strong view that was there before MONDAY."""
    match = make_match(session, scenario_id=scenario_id)
    values = {"coverage": 0.5, "unmet_musts": 0.0, "maturity": 0.7, "same_district": 0.0, **signals}
    make_score(
        session,
        match,
        signals=values,
        score=score_of(values),
        engine_version=ENGINE_VERSION,
        created_at=MONDAY - timedelta(days=2),
    )
    return match


def make_evaluation(session: Session, *, on: date = date(2026, 11, 23)) -> Evaluation:
    """What the job measure_quality stores of what the session holds."""
    zone = ZoneInfo("Asia/Shanghai")
    material = gather_material(session, on=on, zone=zone)
    row = Evaluation(
        on=on, computed_at=MONDAY, inputs_hash="test", engine_version=material.version[0],
        weights_serial=material.version[1], figures=figures_of(material, zone),
    )  # fmt: skip
    return record_evaluation(session, row)
