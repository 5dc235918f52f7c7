from dataclasses import replace

import numpy as np
import pytest

from matcher.coverage import PARTLY_STRENGTH, CoveredRequirement, Verdict
from matcher.documents import Facts, RequirementText
from matcher.scoring import ScoredMatch
from matcher.team_search import (
    MEMBER_RELEVANCE,
    PER_MUST,
    Coverage,
    Place,
    answers_by_facts,
    choose_candidates,
    put_together,
    worth_a_part,
)
from models.match import Band
from models.scenario import Scenario
from models.team import Closeness

MET, PARTLY, UNMET, UNKNOWN = Verdict.MET, Verdict.PARTLY, Verdict.UNMET, Verdict.UNKNOWN
MUSTS = tuple(
    RequirementText(position, f"第{position}件事", must=True, derived=False) for position in (1, 2, 4)
)
NOWHERE = Place(None, None, "")


def row(position: int, verdict: Verdict, source: str = "text") -> CoveredRequirement:
    return CoveredRequirement(
        position,
        f"第{position}件事",
        must=True,
        derived=False,
        lang="zh",
        verdict=verdict,
        evidence_source=source,
    )


def match(
    capability_id: int, *verdicts: Verdict, firm: int = 0, band: Band = Band.POSSIBLE, **values
) -> ScoredMatch:
    """A judged capability of a firm of its own, unless told otherwise; verdicts on musts 1, 2, 4."""
    sources = values.pop("sources", ("text",) * 3)
    rows = tuple(map(row, (1, 2, 4), verdicts, sources))
    return ScoredMatch(
        scenario_id=7, capability_id=capability_id, organisation_id=firm or capability_id + 100,
        score=values.pop("score", 0.5), band=band, coverage=rows, signals={"relevance": values.pop("relevance", 2.0)},
    )  # fmt: skip


def answer(*judged: ScoredMatch, places: dict[int, Place] | None = None):
    scenario = Scenario(id=7, organisation_id=1, title="需求", text="", lang="zh")
    known = {one.organisation_id: NOWHERE for one in judged} | (places or {})
    return put_together(scenario, MUSTS, judged, known, n_available=len(known))


def parts(found) -> dict[int, tuple[int, ...]]:
    return {member.firm_id: member.parts for member in found.team.members}


def test_who_covers_what_is_put_together() -> None:
    found = answer(
        match(1, MET, MET, UNKNOWN), match(2, UNKNOWN, PARTLY, MET), match(3, MET, UNKNOWN, UNKNOWN)
    )

    assert parts(found) == {101: (1, 2), 102: (4,)}
    assert [must["taken_by"] for must in found.values()["musts"]] == [101, 101, 102]
    assert (found.n_examined, found.n_available) == (3, 3)


def test_a_firm_stands_to_each_must_through_its_best_capability_for_it() -> None:
    found = answer(
        match(1, MET, UNKNOWN, UNKNOWN, firm=50, score=0.4),
        match(2, PARTLY, MET, UNKNOWN, firm=50, score=0.9),
        match(3, UNKNOWN, UNKNOWN, MET, firm=50, score=0.1),
    )

    assert parts(found) == {50: (1, 2, 4)}
    assert [item.capability_id for item in found.coverage[50]] == [1, 2, 3]
    assert found.team.closeness is Closeness.ALONE


def test_what_another_capability_does_not_mention_does_not_hide_a_contradiction() -> None:
    found = answer(
        match(1, MET, UNKNOWN, UNKNOWN, firm=50),
        match(2, UNKNOWN, UNMET, UNKNOWN, firm=50),
        match(3, UNKNOWN, MET, UNKNOWN),
    )

    assert found.team.conflicts == ((50, 2),)
    assert found.n_unmet == {1: 0, 2: 1, 4: 0}


@pytest.mark.parametrize(
    ("verdict", "source", "fits", "counts"),
    [
        (MET, "text", False, True),
        (MET, "case", False, True),
        (MET, "deployment", False, False),
        (MET, "filings", False, False),
        (MET, "filings", True, True),
        (PARTLY, "text", False, False),
        (PARTLY, "text", True, True),
        (UNKNOWN, "text", True, False),
        (UNMET, "text", True, False),
    ],
)
def test_half_likeness_and_ticked_fields_count_in_the_field_only(
    verdict: Verdict, source: str, fits: bool, counts: bool
) -> None:
    assert Coverage(1, row(1, verdict, source), fits).counts is counts


def test_what_counts_is_preferred_to_what_only_looks_better() -> None:
    elsewhere = match(1, MET, UNKNOWN, UNKNOWN, firm=50, band=Band.WEAK, sources=("deployment",) * 3)
    in_field = match(2, PARTLY, UNKNOWN, UNKNOWN, firm=50)

    found = answer(elsewhere, in_field)

    assert parts(found) == {50: (1,)}
    assert found.team.partly == (1,)
    assert found.coverage[50][0].capability_id == 2


def test_whoever_says_too_little_takes_no_part_but_was_looked_at() -> None:
    found = answer(match(1, MET, MET, MET, band=Band.NOT_ENOUGH_INFORMATION))

    assert (found.team.members, found.team.uncovered, found.n_examined) == ((), (1, 2, 4), 1)


def test_uncovered_musts_tell_whether_anybody_contradicts() -> None:
    found = answer(match(1, MET, UNMET, UNKNOWN))

    musts = found.values()["musts"]
    assert [(m["verdict"], m["taken_by"], m["n_unmet"]) for m in musts] == [
        ("met", 101, 0), ("unmet", None, 1), ("unknown", None, 0),
    ]  # fmt: skip


def test_partly_is_shown_as_partly() -> None:
    assert [must["verdict"] for must in answer(match(1, PARTLY, MET, PARTLY)).values()["musts"]] == [
        "partly", "met", "partly",
    ]  # fmt: skip


def test_neighbours_are_preferred() -> None:
    home, away = Place(1, 1, "深圳"), Place(2, 1, "深圳")

    found = answer(
        match(1, MET, MET, UNKNOWN), match(2, UNKNOWN, UNKNOWN, MET), match(3, UNKNOWN, UNKNOWN, MET),
        places={101: home, 102: away, 103: home},
    )  # fmt: skip

    assert set(parts(found)) == {101, 103}
    assert found.team.closeness is Closeness.SAME_COMMUNITY


def test_the_strength_of_a_firm_is_that_of_what_it_takes_part_with() -> None:
    strong_but_silent = match(1, UNKNOWN, UNKNOWN, UNKNOWN, firm=50, relevance=9.0)
    quiet = match(2, MET, UNKNOWN, UNKNOWN, firm=50, relevance=1.6)

    assert set(parts(answer(strong_but_silent, quiet, match(3, MET, UNKNOWN, UNKNOWN, relevance=2.0)))) == {
        103
    }


def test_the_members_are_stored_with_every_must_and_the_capability() -> None:
    found = answer(match(1, MET, UNMET, PARTLY))

    [(firm_id, coverage)] = found.members()
    assert firm_id == 101
    assert [(item["position"], item["verdict"], item["capability_id"]) for item in coverage] == [
        (1, "met", 1), (2, "unmet", 1), (4, "partly", 1),
    ]  # fmt: skip
    assert found.capability_ids == {1}


def test_the_order_of_the_judged_changes_nothing() -> None:
    judged = [
        match(n, *([MET, PARTLY, UNKNOWN][n % 3 :] + [MET, PARTLY, UNKNOWN][: n % 3]), firm=40 + n // 2)
        for n in range(1, 9)
    ]

    assert answer(*judged) == answer(*reversed(judged))
    assert answer(*judged) != answer(*(replace(one, band=Band.WEAK) for one in judged))


def test_the_best_overall_and_the_best_for_each_must_are_looked_at() -> None:
    ids = np.arange(1, 7)
    strengths = np.array([5.0, 4.0, 3.0, 2.0, 2.0, -np.inf])
    evidence = np.full((6, 2), -np.inf)
    evidence[3, 0] = PARTLY_STRENGTH
    evidence[4, 1] = PARTLY_STRENGTH - 0.1
    evidence[5, 0] = 9.0

    assert choose_candidates(ids, strengths, evidence, [], n_best=2) == [1, 2, 4]
    assert choose_candidates(ids, strengths, evidence, [[5, 6], []], n_best=2) == [1, 2, 4, 5]


def test_for_one_must_no_more_than_the_stated_number_is_looked_at() -> None:
    n = PER_MUST + 5
    evidence = np.linspace(9.0, 3.0, n)[:, None]

    chosen = choose_candidates(np.arange(1, n + 1), np.full(n, 2.0), evidence, [], n_best=0)

    assert chosen == list(range(1, PER_MUST + 1))


def test_whatever_has_nothing_to_do_with_the_need_takes_no_part() -> None:
    found = worth_a_part(np.array([MEMBER_RELEVANCE, MEMBER_RELEVANCE - 0.01, -np.inf]))

    assert found.tolist() == [MEMBER_RELEVANCE, -np.inf, -np.inf]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("整套部署在政务云", [1]),
        ("所用大模型已完成备案", [2]),
        ("达到等保二级", [3]),
        ("误报率不高于5%", []),
    ],
)
def test_ticked_fields_answer_musts_about_places_and_filings(text: str, found: list[int]) -> None:
    facts = {
        1: Facts(deployment=("gov_cloud",)),
        2: Facts(filings=("model_filing",)),
        3: Facts(deployment=("saas",), filings=("mlps_3",)),
        4: Facts(),
    }

    assert answers_by_facts(RequirementText(1, text, must=True, derived=False), facts) == found
