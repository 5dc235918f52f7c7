from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import gap_map
from matcher.coverage import Verdict
from matcher.gap_map import Asked, Offered, Supply, draw, grid, supply_word
from matcher.telling_words import WordLore
from models.match import Band

LORE = WordLore([])
DIM = 8


def vector(seed: int) -> np.ndarray:
    """One of a few directions, so that some texts mean the same."""
    found = np.zeros(DIM, np.float32)
    found[seed % DIM] = 1.0
    return found


def asked(scenario_id: int = 1, position: int = 1, best: Verdict | None = None, **values) -> Asked:
    return Asked(
        **{
            "scenario_id": scenario_id,
            "position": position,
            "text": f"要求{scenario_id}-{position}",
            "topic": f"场景{scenario_id}",
            "lang": "zh",
            "must": True,
            "domain": "public_service",
            "district_id": 1,
            "best": best,
            "vector": vector(scenario_id),
            **values,
        }
    )


def offered(capability_id: int = 1, best: Band | None = None, **values) -> Offered:
    return Offered(
        **{
            "capability_id": capability_id,
            "organisation_id": capability_id,
            "title": f"能力{capability_id}",
            "text": f"能力{capability_id}",
            "lang": "zh",
            "domains": ("public_service",),
            "district_id": 1,
            "best": best,
            "nearest_id": None,
            "vector": vector(capability_id),
            **values,
        }
    )


domains = st.sampled_from(("public_service", "research", ""))
districts = st.sampled_from((None, 1, 2))
needs = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 4), st.sampled_from((*Verdict, None)), domains, districts),
    unique_by=lambda row: row[:2],
    max_size=14,
).map(lambda rows: [asked(s, p, best, domain=d, district_id=at) for s, p, best, d, at in rows])
offers = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.sampled_from((*Band, None)),
        st.lists(domains, min_size=1, max_size=2, unique=True),
        districts,
    ),
    unique_by=lambda row: row[0],
    max_size=12,
).map(
    lambda rows: [
        offered(id_, best, organisation_id=id_ % 4 + 1, domains=tuple(ds), district_id=at)
        for id_, best, ds, at in rows
    ]
)


@given(needs, offers)
def test_every_row_without_is_in_exactly_one_group_and_no_other_row_is(wants, has):
    found = draw(wants, has, LORE)

    gaps = [(row["scenario_id"], row["position"]) for group in found.unsupplied for row in group.rows]
    idle = [row["capability_id"] for group in found.undemanded for row in group.rows]
    assert sorted(gaps) == sorted(row.key for row in wants if row.best not in (Verdict.MET, Verdict.PARTLY))
    assert sorted(idle) == sorted(
        row.capability_id for row in has if row.best not in (Band.STRONG, Band.POSSIBLE)
    )
    assert (found.n_requirements, found.n_capabilities) == (len(wants), len(has))


@given(needs, offers, st.integers())
def test_the_order_of_rows_changes_nothing(wants, has, seed):
    rng = random.Random(seed)
    again = draw(rng.sample(wants, len(wants)), rng.sample(has, len(has)), LORE)

    assert json.dumps(again.to_json()) == json.dumps(draw(wants, has, LORE).to_json())


@given(needs, offers)
def test_every_figure_of_the_grid_is_the_number_of_its_rows(wants, has):
    cells = grid(wants, has)

    for cell in cells:
        here = [row for row in wants if (row.domain, row.district_id) == (cell.domain, cell.district_id)]
        assert set(cell.scenario_ids) == {row.scenario_id for row in here}
        assert cell.n_unsupplied == sum(not row.is_supplied for row in here)
        assert set(cell.firm_ids) == {
            row.organisation_id
            for row in has
            if cell.domain in row.domains and row.district_id == cell.district_id
        }
        assert cell.supply is supply_word(len(cell.scenario_ids), len(cell.firm_ids))
    assert sum(cell.n_unsupplied for cell in cells) == sum(not row.is_supplied for row in wants)


@given(needs, offers)
def test_the_figures_of_all_domains_add_up(wants, has):
    tallies = draw(wants, has, LORE).domains

    assert sum(tally.n_met + tally.n_partly + tally.n_unsupplied for tally in tallies) == len(wants)
    assert sum(tally.n_wanted + tally.n_unwanted for tally in tallies) == sum(len(row.domains) for row in has)


@pytest.mark.parametrize(
    ("n_scenarios", "n_firms", "word"),
    [
        (2, 0, Supply.NONE),
        (3, 2, Supply.SHORT),
        (2, 2, Supply.BALANCED),
        (2, 5, Supply.BALANCED),
        (2, 6, Supply.AMPLE),
        (0, 1, Supply.AMPLE),
    ],
)
def test_the_word_of_a_proportion(n_scenarios, n_firms, word):
    assert supply_word(n_scenarios, n_firms) is word


def test_what_means_alike_is_one_group_named_by_its_middle():
    between = (vector(1) + vector(2)) / np.sqrt(2, dtype=np.float32)
    rows = [
        asked(1, 1, text="左"),
        asked(2, 1, text="右", district_id=2),
        asked(9, 1, text="中", vector=between),
        asked(4, 1, text="远", domain="research"),
    ]

    first, second, third = draw(rows, [], LORE).unsupplied

    # The mean cosine of left and right to the middle is .71, of the pair (left, middle) to right .35.
    assert [row["text"] for row in first.rows] == ["左", "中"]
    assert (first.name, first.domains, first.district_ids) == ("左", ("public_service",), (1,))
    assert [row["text"] for row in (*second.rows, *third.rows)] == ["右", "远"]


def test_a_group_is_named_by_words_its_texts_share_and_others_lack():
    corpus = [f"排口{a}告警，{b}排口" for a, b in zip("甲乙丙丁", "戊己庚辛", strict=True)] + [
        "工单分派",
        "会议纪要",
    ]
    rows = [asked(1, n, text=f"排口{text}") for n, text in enumerate("甲乙丙", start=1)]

    (group,) = draw(rows, [], WordLore(corpus)).unsupplied

    assert group.words == ("排口",)


def test_a_requirement_knows_whether_its_scenario_has_a_candidate_at_all():
    (group,) = draw([asked(1, 1, None), asked(1, 2, Verdict.UNKNOWN)], [], LORE).unsupplied

    assert [row["has_candidate"] for row in group.rows] == [False, True]


def test_beyond_what_can_be_compared_each_row_stands_alone_and_is_counted(monkeypatch):
    monkeypatch.setattr(gap_map, "MAX_ITEMS", 2)
    rows = [asked(1, position) for position in range(1, 5)]

    found = draw(rows, [], LORE)

    assert [len(group.rows) for group in found.unsupplied] == [2, 1, 1]
    assert found.n_ungrouped == 2


def test_nothing_gives_an_empty_map():
    found = draw([], [], LORE)

    assert (found.unsupplied, found.undemanded, found.cells, found.domains) == ((), (), (), ())


def test_a_text_without_a_vector_stays_alone():
    blank = replace(asked(1, 2), vector=np.zeros(DIM, np.float32))

    assert [len(group.rows) for group in draw([asked(1, 1), blank], [], LORE).unsupplied] == [1, 1]
