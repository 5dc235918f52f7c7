import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.coverage import CoveredRequirement, Verdict
from matcher.explanation import Reason
from matcher.gates import Gate
from matcher.relevance import MIN_BACKGROUND, N_OFFERS
from matcher.scoring import (
    BUILT_IN,
    ENGINE_VERSION,
    POSSIBLE_RELEVANCE,
    STRONG_RELEVANCE,
    WEIGHTS,
    ScoredMatch,
    Weighting,
    Weights,
    band_of,
    engine_tag,
    limit_at,
    moved_relevance,
    score_of,
    statements_quoted,
)
from models.match import Band
from models.match_queries import BAND_ORDER

SIGNALS = ("unmet_musts", "proven", "maturity", "same_district", "coverage")
# What a requirement may become when a firm takes away what speaks for it. Contradictions are another matter.
POORER = {
    Verdict.MET: (Verdict.MET, Verdict.PARTLY, Verdict.UNKNOWN),
    Verdict.PARTLY: (Verdict.PARTLY, Verdict.UNKNOWN),
    Verdict.UNKNOWN: (Verdict.UNKNOWN,),
    Verdict.UNMET: (Verdict.UNMET,),
}


def covered(verdict, *, must=True, position=1):
    quote = f"capability:1#{position}" if verdict in (Verdict.MET, Verdict.PARTLY) else None
    return CoveredRequirement(position, "误报率不高于5%", must, False, "zh", verdict, evidence_id=quote)


def all_covered(*verdicts):
    """A row a verdict, each answered by a statement of its own."""
    return [covered(verdict, position=at) for at, verdict in enumerate(verdicts, start=1)]


verdicts = st.lists(st.tuples(st.sampled_from(Verdict), st.booleans()), max_size=8)
shares = st.none() | st.floats(0, 1)
signal_sets = st.fixed_dictionaries(
    {"relevance": st.floats(-1e6, 1e6)}, optional=dict.fromkeys(SIGNALS, shares)
)


@given(signal_sets)
def test_a_score_lies_between_0_and_1(signals):
    assert 0 <= score_of(signals) <= 1


@given(signal_sets, st.sampled_from(SIGNALS))
def test_a_missing_signal_moves_nothing(signals, name):
    without = {key: value for key, value in signals.items() if key != name}

    assert score_of({**without, name: None}) == score_of(without)


@given(st.floats(-20, 20), st.floats(0.01, 20))
def test_more_relevance_never_scores_less(relevance, more):
    assert score_of({"relevance": relevance + more}) >= score_of({"relevance": relevance})


def test_a_score_is_the_logistic_of_what_its_parts_add_up_to():
    weights = Weights(unmet_musts=-1.0, proven=0.5, maturity=0.0, same_district=0.0)

    score = score_of({"relevance": 3.4, "unmet_musts": 0.5, "proven": 1.0}, weights)

    assert score == pytest.approx(1 / (1 + math.exp(-(3.4 - 0.5 + 0.5 - 2.4) / 1.2)))


def test_a_score_without_relevance_is_a_mistake():
    with pytest.raises(ValueError, match="relevance"):
        score_of({"relevance": None})


def test_together_the_facts_settle_near_ties_only():
    assert WEIGHTS.proven + WEIGHTS.maturity + WEIGHTS.same_district < 1


@given(
    st.floats(-5, 10),
    st.floats(0, 5),
    verdicts.flatmap(
        lambda rows: st.tuples(
            st.just(rows),
            st.tuples(*(st.sampled_from(POORER[verdict]) for verdict, _ in rows)),
        )
    ),
    st.booleans(),
)
def test_taking_away_what_speaks_for_a_firm_never_raises_its_band(relevance, less, rows, short):
    before, poorer = rows
    full = [covered(verdict, must=must, position=at) for at, (verdict, must) in enumerate(before)]
    stripped = [
        covered(verdict, must=must, position=at)
        for at, (verdict, (_, must)) in enumerate(zip(poorer, before, strict=True))
    ]

    was = band_of(relevance, full)
    now = band_of(relevance - less, stripped, enough_information=not short)

    assert BAND_ORDER[now] >= BAND_ORDER[was]


@given(st.floats(-5, 10), verdicts)
def test_a_failed_gate_leaves_a_pair_weak(relevance, rows):
    gates = [Gate("deployment_conflict", closed=False)]

    assert band_of(relevance, [covered(v, must=m) for v, m in rows], gates=gates) is Band.WEAK


@pytest.mark.parametrize(
    ("relevance", "rows", "band"),
    [
        (STRONG_RELEVANCE, [Verdict.MET, Verdict.PARTLY, Verdict.UNKNOWN], Band.STRONG),
        (STRONG_RELEVANCE, [Verdict.MET, Verdict.UNKNOWN], Band.POSSIBLE),
        (STRONG_RELEVANCE, [Verdict.MET], Band.POSSIBLE),
        (STRONG_RELEVANCE - 0.01, [Verdict.MET, Verdict.MET], Band.POSSIBLE),
        (STRONG_RELEVANCE, [Verdict.PARTLY, Verdict.UNKNOWN], Band.POSSIBLE),
        (STRONG_RELEVANCE, [Verdict.MET, Verdict.MET, Verdict.UNMET], Band.POSSIBLE),
        (STRONG_RELEVANCE, [Verdict.MET, Verdict.UNMET, Verdict.UNMET], Band.WEAK),
        (STRONG_RELEVANCE, [], Band.WEAK),
        (POSSIBLE_RELEVANCE, [Verdict.UNKNOWN], Band.WEAK),
        (POSSIBLE_RELEVANCE, [Verdict.PARTLY], Band.POSSIBLE),
        (POSSIBLE_RELEVANCE - 0.01, [Verdict.MET], Band.WEAK),
    ],
)
def test_a_band_follows_from_relevance_and_coverage(relevance, rows, band):
    assert band_of(relevance, all_covered(*rows)) is band


def test_a_contradicted_wish_does_not_keep_a_pair_from_strong():
    rows = [*all_covered(Verdict.MET, Verdict.MET), covered(Verdict.UNMET, must=False, position=3)]

    assert band_of(STRONG_RELEVANCE, rows) is Band.STRONG


def test_one_sentence_that_answers_everything_is_not_strong():
    slogan = [covered(Verdict.MET) for _ in range(5)]

    assert band_of(9.0, slogan) is Band.POSSIBLE
    assert band_of(9.0, [*slogan, covered(Verdict.PARTLY, position=2)]) is Band.STRONG


def test_ticked_fields_are_no_statements():
    facts = [replace(covered(Verdict.MET), evidence_id=None) for _ in range(3)]

    assert statements_quoted(facts) == 0
    assert band_of(9.0, facts) is Band.WEAK


@given(st.floats(2, 12), st.integers(MIN_BACKGROUND, N_OFFERS), st.integers(MIN_BACKGROUND, N_OFFERS))
def test_the_fewer_offers_the_lower_the_limit_and_never_above_the_full_one(limit, some, more):
    few, many = sorted((some, more))

    assert limit_at(limit, few) <= limit_at(limit, many) + 1e-9
    assert limit_at(limit, many) <= limit + 1e-9


def test_a_limit_is_what_an_outlier_reaches_in_a_small_market():
    """The same offer, so many deviations from the others, measured among few and among many."""
    rng = np.random.default_rng(5)
    reached = []
    for n in (60, N_OFFERS):
        others = rng.standard_normal(n - 1)
        others = (others - others.mean()) / others.std()
        values = np.append(others, 6.0)
        reached.append((values[-1] - values.mean()) / values.std())
    few, many = reached

    assert limit_at(many, 60) == pytest.approx(few, rel=0.01)
    assert few < 5 < many


@pytest.mark.parametrize("n_offers", [0, MIN_BACKGROUND - 1, N_OFFERS, 10 * N_OFFERS])
def test_without_a_background_of_its_own_or_with_a_full_one_the_limit_stands(n_offers):
    assert limit_at(STRONG_RELEVANCE, n_offers) == STRONG_RELEVANCE


def test_too_little_text_is_never_judged_whatever_else_is_known():
    assert band_of(9.0, [covered(Verdict.MET)], enough_information=False) is Band.NOT_ENOUGH_INFORMATION


def test_a_payload_is_plain_values():
    match = ScoredMatch(
        1, 2, 3, 0.5, Band.WEAK,
        coverage=(covered(Verdict.MET),),
        reasons=(Reason("case_confirmed", {"customer": "某街道办"}),),
        gaps=(Reason("case_missing", step="add_case"),),
        signals={"relevance": 2.0},
    )  # fmt: skip

    payload = match.payload()

    assert payload["coverage"][0]["verdict"] == "met"
    assert payload["reasons"] == [{"code": "case_confirmed", "values": {"customer": "某街道办"}}]
    assert payload["gaps"] == [{"code": "case_missing", "values": {}, "step": "add_case"}]
    assert payload["signals"] == {"relevance": 2.0}


def test_coverage_weighs_nothing_unless_it_was_learnt():
    signals = {"relevance": 3.0, "coverage": 1.0}

    assert score_of(signals) == score_of({"relevance": 3.0})
    assert moved_relevance(signals, Weights(coverage=0.4)) == pytest.approx(3.4)


def test_the_built_in_weights_are_the_engine_itself_and_learnt_ones_are_not():
    assert engine_tag(BUILT_IN) == ENGINE_VERSION
    assert len({engine_tag(Weighting(serial, WEIGHTS)) for serial in range(4)}) == 4
