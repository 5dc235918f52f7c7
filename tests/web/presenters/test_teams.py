from __future__ import annotations

import pytest
from sqlmodel import Session

from models.capability import Capability
from models.match_queries import find_match
from models.place import Community, District
from models.team import Closeness
from tests.factories import MONDAY, make_community, make_district, make_firm, make_scenario, make_team
from web.chips import Side
from web.presenters.teams import Surroundings, TeamView, place_name, present_team


@pytest.fixture
def district(session: Session) -> District:
    return make_district(session, name="福田区", name_en="Futian", city="深圳")


@pytest.fixture
def community(session: Session, district: District) -> Community:
    return make_community(session, name="灯塔社区", name_en="", district_id=district.key)


def team_view(session: Session, community: Community, locale: str = "zh", **values: object) -> TeamView:
    place = {"district_id": community.district_id, "community_id": community.key}
    firms = make_firm(session, name="甲", **place), make_firm(session, name="乙", **place)
    scenario = make_scenario(session, requirements=("归并", "出处", "政务云"))
    proposal = make_team(session, scenario, {firms[0].key: (1,), firms[1].key: (3,)}, **values)
    used = {id_ for member in proposal.members for id_ in member.capability_ids}
    matches = {firm.key: find_match(session, scenario.key, firm.key) for firm in firms}
    around = Surroundings(
        matches={key: match for key, match in matches.items() if match is not None},
        capabilities={id_: row for id_ in used if (row := session.get(Capability, id_)) is not None},
        communities={community.key: community},
        districts={row.key: row for row in [session.get(District, community.district_id)] if row is not None},
    )
    return present_team(proposal, around, Side.AGENCY, locale)


def test_rows_are_the_musts_and_cells_the_members(session: Session, community: Community) -> None:
    view = team_view(session, community)

    assert [(row.position, row.taker, [cell.takes for cell in row.cells]) for row in view.rows] == [
        (1, "甲", [True, False]),
        (2, None, [False, False]),
        (3, "乙", [False, True]),
    ]
    assert (view.n_covered, view.n_partly, [row.position for row in view.uncovered]) == (2, 0, [2])
    assert view.against == []


def test_members_carry_only_the_quotes_of_their_parts(session: Session, community: Community) -> None:
    first, second = team_view(session, community).members

    assert [pair.position for pair in first.pairs] == [1]
    assert [pair.position for pair in second.pairs] == [3]
    assert (first.place, first.capacity) == ("福田区·灯塔社区", 1)


@pytest.mark.parametrize(
    ("closeness", "shared"),
    [
        (Closeness.SAME_COMMUNITY, "灯塔社区"),
        (Closeness.SAME_DISTRICT, "福田区"),
        (Closeness.SAME_CITY, "深圳"),
        (Closeness.APART, ""),
    ],
)
def test_the_shared_place_is_named(
    session: Session, community: Community, closeness: Closeness, shared: str
) -> None:
    assert team_view(session, community, closeness=closeness).shared == shared


def test_a_place_has_its_own_name_where_it_has_no_other(community: Community, district: District) -> None:
    assert [place_name(place, "en") for place in (district, community, None)] == ["Futian", "灯塔社区", ""]


def test_parts_and_the_others_are_told_by_firm(session: Session, community: Community) -> None:
    view = team_view(session, community)
    first = view.members[0].firm

    assert (list(view.part_of(first.key)), view.others(first.key)) == ([1], ["乙"])
    assert list(view.part_of(0)) == []


def test_the_gap_and_who_is_still_to_be_asked(session: Session, community: Community) -> None:
    view = team_view(session, community, lower_bound=1)
    before = view.n_to_invite
    view.members[0].match.invite(MONDAY)

    again = present_team(
        view.proposal,
        Surroundings(
            {member.firm.key: member.match for member in view.members},
            {capability.key: capability for member in view.members for capability in member.capabilities},
            {},
            {},
        ),
        Side.AGENCY,
        "zh",
    )

    assert (view.gap, before, again.n_to_invite) == (1, 2, 1)
    assert (again.shared, again.members[0].place) == ("", "")
