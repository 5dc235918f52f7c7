from __future__ import annotations

from models.place import District
from web.presenters.gaps import (
    FirmName,
    Names,
    ScenarioName,
    grid_view,
    listed,
    opened,
    sorted_domains,
    undemanded_groups,
    unsupplied_groups,
)

NAMES = Names(
    locale="zh",
    districts={
        1: District(id=1, code="FT", name="福田区", name_en="Futian"),
        2: District(id=2, code="NS", name="南山区"),
    },
    scenarios={5: ScenarioName("场景五", "zh", "FT-5"), 6: ScenarioName("场景六", "zh", None)},
    firms={7: FirmName("企业七", 1)},
)
ROW = {
    "scenario_id": 5, "position": 2, "text": "听懂方言", "lang": "zh", "must": True,
    "domain": "research", "district_id": 1, "has_candidate": False,
}  # fmt: skip
OFFER = {
    "capability_id": 9, "organisation_id": 7, "title": "能耗看板", "lang": "zh", "district_id": None,
    "domains": ["research", ""], "best": "weak", "nearest_id": 6,
}  # fmt: skip


def group(rows, **values):
    return {
        "name": "听懂方言", "lang": "zh", "words": [], "domains": ["research"], "district_ids": [1, None],
        "rows": rows, **values,
    }  # fmt: skip


def cell(domain, district_id, scenarios=(), firms=(), supply="balanced", n_unsupplied=0):
    return {
        "domain": domain, "district_id": district_id, "scenario_ids": list(scenarios), "firm_ids": list(firms),
        "supply": supply, "n_unsupplied": n_unsupplied,
    }  # fmt: skip


def test_the_next_step_depends_on_whether_anybody_stands_at_the_scenario() -> None:
    alone, candidate = unsupplied_groups(
        {"unsupplied": [group([ROW], words=["方言", "转写"]), group([ROW, {**ROW, "has_candidate": True}])]},
        NAMES,
    )

    assert alone.step.startswith("招一家能做“方言、转写”的企业")
    assert candidate.step.startswith("所在场景有候选企业")
    assert (alone.short_name, candidate.short_name) == ("方言·转写", "听懂方言")
    assert (alone.what, alone.where) == (["科学研究"], ["福田区", "没写区"])


def test_idle_capabilities_ask_for_a_scenario_and_unclear_ones_for_more_words_first() -> None:
    silent = {**OFFER, "best": "not_enough_information"}
    wanted, unclear = undemanded_groups({"undemanded": [group([OFFER, silent]), group([silent])]}, NAMES)

    assert wanted.step == "开一个用得上“听懂方言”的场景：先问福田区、没写区的单位有没有这件事。"
    assert unclear.step.startswith("先请企业补全资料")
    row = wanted.rows[0]
    assert (row.firm.name, row.domains, row.district, row.nearest) == (
        "企业七",
        "科学研究、没写领域",
        "没写区",
        ScenarioName("场景六", "zh", None),
    )


def test_the_grid_has_only_what_occurs_in_the_order_of_the_tables() -> None:
    view = grid_view(
        {
            "cells": [
                cell("", 1),
                cell("zoology", 1),
                cell("research", None),
                cell("city_governance", 2, [5], [7]),
            ]
        },
        NAMES,
    )

    assert view.districts == ["福田区", "南山区", "没写区"]
    assert [name for name, _ in view.rows] == ["城市治理", "科学研究", "zoology", "没写领域"]
    first = view.rows[0][1]
    assert first[0] is None
    assert first[1] is not None
    assert (first[1].domain, first[1].district, first[1].n_scenarios, first[1].n_firms) == (
        "city_governance",
        "NS",
        1,
        1,
    )


def test_a_field_opens_its_own_rows_and_an_unknown_one_none() -> None:
    gaps = {
        "cells": [cell("research", 1, [5], [7], n_unsupplied=1), cell("", None, [6])],
        "unsupplied": [group([ROW, {**ROW, "domain": ""}])],
    }

    found, nowhere = opened(gaps, NAMES, "research", "FT"), opened(gaps, NAMES, "-", "-")

    assert found is not None and nowhere is not None
    assert ([row.title for row in found.scenarios], len(found.firms), len(found.requirements)) == (
        ["场景五"],
        1,
        1,
    )
    assert ([row.title for row in nowhere.scenarios], len(nowhere.requirements)) == (["场景六"], 0)
    assert opened(gaps, NAMES, "research", "NS") is None


def test_domains_and_lists_of_words() -> None:
    assert sorted_domains(["", "zoology", "public_service", "city_governance"]) == [
        "city_governance",
        "public_service",
        "zoology",
        "",
    ]
    assert (listed(["甲", "乙"], "zh"), listed(["a", "b"], "en"), listed([], "zh")) == ("甲、乙", "a, b", "")
