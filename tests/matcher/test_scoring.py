import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.coverage import CoveredRequirement, Verdict
from matcher.explanation import Reason
from matcher.gates import Gate
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
    moved_relevance,
    score_of,
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
    return CoveredRequirement(position, "误报率不高于5%", must, False, "zh", verdict)


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
    full = [covered(verdict, must=must) for verdict, must in before]
    stripped = [covered(verdict, must=must) for verdict, (_, must) in zip(poorer, before, strict=True)]

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
        (STRONG_RELEVANCE, [Verdict.MET, Verdict.UNKNOWN], Band.STRONG),
        (STRONG_RELEVANCE - 0.01, [Verdict.MET, Verdict.MET], Band.POSSIBLE),
        (STRONG_RELEVANCE, [Verdict.PARTLY, Verdict.UNKNOWN], Band.POSSIBLE),
        (STRONG_RELEVANCE, [Verdict.MET, Verdict.MET, Verdict.UNMET], Band.POSSIBLE),
        (STRONG_RELEVANCE, [Verdict.MET, Verdict.UNMET, Verdict.UNMET], Band.WEAK),
        (STRONG_RELEVANCE, [], Band.POSSIBLE),
        (POSSIBLE_RELEVANCE, [Verdict.UNKNOWN], Band.POSSIBLE),
        (POSSIBLE_RELEVANCE - 0.01, [Verdict.MET], Band.WEAK),
    ],
)
def test_a_band_follows_from_relevance_and_coverage(relevance, rows, band):
    assert band_of(relevance, [covered(verdict) for verdict in rows]) is band


def test_a_contradicted_wish_does_not_keep_a_pair_from_strong():
    rows = [covered(Verdict.MET), covered(Verdict.MET), covered(Verdict.UNMET, must=False)]

    assert band_of(STRONG_RELEVANCE, rows) is Band.STRONG


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
