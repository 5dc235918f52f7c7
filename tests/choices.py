"""Made-up views, decisions and lists for the tests of learning: no database, and a seed that says all."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from matcher.comparisons import ChoiceList
from matcher.learning import SIGNALS
from matcher.scoring import SPREAD, WEIGHTS, Weights, moved_relevance, score_of
from models.match import Band
from models.match_decisions import Decider, Decision, View

MADE_AT = datetime(2026, 11, 1, tzinfo=UTC)
LATER = MADE_AT + timedelta(days=3)


def make_view(scenario_id: int = 1, firm_id: int = 1, **values: Any) -> View:
    """A strong view; signals that are not named are those of an average pair."""
    signals = {
        "relevance": 4.0, "coverage": 0.5, "unmet_musts": 0.0, "proven": 0.5, "maturity": 0.7, "same_district": 0.0,
        **values.pop("signals", {}),
    }  # fmt: skip
    defaults = {
        "match_id": 1000 * scenario_id + firm_id,
        "scenario_id": scenario_id,
        "organisation_id": firm_id,
        "capability_id": firm_id,
        "serial": 1,
        "made_at": MADE_AT,
        "band": Band.STRONG,
        "score": score_of(signals),
        "signals": signals,
        "engine_version": "test",
        "weights_serial": 0,
    }
    return View(**{**defaults, **values})


def make_decision(view: View | None, *, wanted: bool | None = True, **values: Any) -> Decision:
    """An agency's answer to the pair of a view; each scenario is of an agency of its own."""
    scenario_id = 1 if view is None else view.scenario_id
    firm_id = 1 if view is None else view.organisation_id
    defaults = {
        "match_id": 1 if view is None else view.match_id,
        "scenario_id": scenario_id,
        "organisation_id": firm_id,
        "domain": "city_governance",
        "side": Decider.AGENCY,
        "decider_id": 500 + scenario_id,
        "list_id": scenario_id,
        "wanted": wanted,
        "reason": {True: "", False: "out_of_scope", None: "price"}[wanted],
        "decided_at": LATER,
        "view": view,
    }
    return Decision(**{**defaults, **values})


def make_choice(
    list_id: int, *, decider_id: int, wanted: list[View], refused: list[View], side: Decider = Decider.AGENCY
) -> ChoiceList:
    return ChoiceList(side, list_id, decider_id, tuple(wanted), tuple(refused))


def random_view(rng: random.Random, scenario_id: int, firm_id: int) -> View:
    signals = {
        "relevance": rng.gauss(3.5, 0.7),
        "coverage": rng.choice((0.25, 0.5, 0.75, 1.0)),
        "unmet_musts": rng.choice((0.0, 0.0, 0.0, 0.25, 0.5)),
        "proven": rng.choice((None, 0.5, 1.0)),
        "maturity": rng.choice((0.0, 0.35, 0.7, 1.0)),
        "same_district": rng.choice((0.0, 1.0)),
    }
    return make_view(scenario_id, firm_id, signals=signals)


def make_choices(
    n: int,
    *,
    seed: int = 1,
    truth: Weights = WEIGHTS,
    n_deciders: int = 12,
    first: int = 1,
    noise: float = 1.0,
) -> list[ChoiceList]:
    """Lists of organisations that decide as `truth` says: each wants the one of two that it draws by their log odds,
    with so many times the noise of the model. Organisations take turns, from id `first` on.
    """
    rng = random.Random(seed)
    lists = []
    for at in range(n):
        pair = [random_view(rng, at + 1, 10 * at + place) for place in (1, 2)]
        utilities = [moved_relevance(view.signals, truth) / SPREAD + noise * _gumbel(rng) for view in pair]
        wanted, refused = pair if utilities[0] > utilities[1] else reversed(pair)
        decider_id = first + at % n_deciders
        lists.append(make_choice(at + 1, decider_id=decider_id, wanted=[wanted], refused=[refused]))
    return lists


def _gumbel(rng: random.Random) -> float:
    """Noise that makes the better of two win with the probability of a logistic model."""
    return -math.log(-math.log(rng.random()))


def distance(one: Weights, other: Weights) -> float:
    """The largest difference between two weightings in any signal."""
    return max(abs(getattr(one, name) - getattr(other, name)) for name in SIGNALS)
