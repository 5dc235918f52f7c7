import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.coverage import Verdict
from matcher.teams import EXACT_FIRMS, Contender, Member, ProposedTeam, closeness_of, propose_team
from models.team import Closeness

MET, PARTLY, UNMET = Verdict.MET, Verdict.PARTLY, Verdict.UNMET
MUSTS = (1, 2, 4, 5)


def contender(firm_id: int, verdicts: dict[int, Verdict], place: int = 0, **values: object) -> Contender:
    """A firm; places 1 and 2 are communities of one district, 3 another district, 4 another city, 0 unknown."""
    known = {
        0: {},
        1: {"community_id": 1, "district_id": 1, "city": "深圳"},
        2: {"community_id": 2, "district_id": 1, "city": "深圳"},
        3: {"district_id": 2, "city": "深圳"},
        4: {"community_id": 9, "district_id": 9, "city": "广州"},
    }[place]
    return Contender(firm_id, verdicts, **{"strength": 1.0, **known, **values})  # type: ignore[arg-type]


@st.composite
def markets(draw: st.DrawFn) -> list[Contender]:
    """At most six firms, with few places and few strengths, so that every tie-break decides now and then."""
    verdicts = st.dictionaries(st.sampled_from(MUSTS), st.sampled_from(list(Verdict)))
    firms = draw(st.lists(st.tuples(verdicts, st.integers(0, 4), st.integers(0, 2)), max_size=6))
    return [
        contender(n, found, place, strength=strength / 2)
        for n, (found, place, strength) in enumerate(firms, 1)
    ]


def rank_of(chosen: tuple[Contender, ...]) -> tuple[object, ...]:
    """What is optimised, in order, straight from the words of docs/teams.md."""
    best = {must: [firm.verdicts.get(must) for firm in chosen] for must in MUSTS}
    return (
        sum(not {MET, PARTLY} & set(found) for found in best.values()),
        2 * len(chosen) - sum(MET in found for found in best.values()),
        -sum(MET in found for found in best.values()),
        list(Closeness).index(closeness_of(chosen)),
        -sum(firm.strength for firm in chosen),
        tuple(sorted(firm.firm_id for firm in chosen)),
    )


def ids(team: ProposedTeam) -> tuple[int, ...]:
    return tuple(sorted(member.firm_id for member in team.members))


@given(markets())
def test_the_team_is_what_trying_every_team_finds(market: list[Contender]) -> None:
    every = [chosen for size in range(len(market) + 1) for chosen in combinations(market, size)]
    best = min(every, key=rank_of)

    team = propose_team(MUSTS, market)

    assert ids(team) == tuple(firm.firm_id for firm in best)
    assert team.closeness is closeness_of(best)
    assert len(team.uncovered) == rank_of(best)[0]
    assert (team.is_exact, team.gap) == (True, 0)


@given(markets(), st.randoms(use_true_random=False))
def test_the_order_in_which_firms_are_given_changes_nothing(
    market: list[Contender], rng: random.Random
) -> None:
    shuffled = rng.sample(market, len(market))

    assert propose_team(rng.sample(MUSTS, len(MUSTS)), shuffled) == propose_team(MUSTS, market)


@given(markets(), st.dictionaries(st.sampled_from(MUSTS), st.sampled_from(list(Verdict))))
def test_one_more_firm_never_makes_a_team_worse(
    market: list[Contender], verdicts: dict[int, Verdict]
) -> None:
    before = propose_team(MUSTS, market)

    after = propose_team(MUSTS, [*market, contender(99, verdicts, 1)])

    assert set(after.uncovered) <= set(before.uncovered)
    if after.uncovered == before.uncovered:
        assert 2 * len(after.members) + len(after.partly) <= 2 * len(before.members) + len(before.partly)


@given(markets())
def test_the_parts_are_all_that_is_covered_and_nobody_is_without_one(market: list[Contender]) -> None:
    by_id = {firm.firm_id: firm for firm in market}

    team = propose_team(MUSTS, market)

    taken = [part for member in team.members for part in member.parts]
    assert sorted([*taken, *team.uncovered]) == list(MUSTS)
    assert all(member.parts for member in team.members)
    verdicts = {
        part: by_id[member.firm_id].verdicts[part] for member in team.members for part in member.parts
    }
    assert set(verdicts.values()) <= {MET, PARTLY}
    assert team.partly == tuple(part for part in MUSTS if verdicts.get(part) is PARTLY)


@given(markets())
def test_without_nodes_the_answer_still_covers_and_the_gap_is_told(market: list[Contender]) -> None:
    exact = propose_team(MUSTS, market)

    team = propose_team(MUSTS, market, node_limit=0)

    assert team.uncovered == exact.uncovered
    assert team.lower_bound <= min(len(exact.members), len(team.members))
    assert team.is_exact is (not exact.members)


def test_each_takes_what_it_does_best_and_the_smallest_team_wins() -> None:
    market = [
        contender(1, {1: MET, 2: MET}),
        contender(2, {4: MET, 5: PARTLY, 2: PARTLY}),
        contender(3, {1: MET}),
        contender(4, {2: MET, 4: MET}),
    ]

    team = propose_team(MUSTS, market)

    assert team.members == (Member(1, (1, 2)), Member(2, (4, 5)))
    assert (team.partly, team.uncovered) == ((5,), ())


def test_neighbours_come_first_then_the_district_then_the_city() -> None:
    first = contender(1, {1: MET, 2: MET}, 1)
    rest = {4: MET, 5: MET}
    far, same_city, same_district, same_community = (contender(9 - p, rest, p) for p in (4, 3, 2, 1))

    found = [
        propose_team(MUSTS, [first, *others])
        for others in (
            [far, same_city, same_district, same_community],
            [far, same_city, same_district],
            [far, same_city],
            [far],
        )
    ]

    assert [team.closeness for team in found] == [
        Closeness.SAME_COMMUNITY, Closeness.SAME_DISTRICT, Closeness.SAME_CITY, Closeness.APART,
    ]  # fmt: skip
    assert [ids(team) for team in found] == [(1, 8), (1, 7), (1, 6), (1, 5)]


def test_being_met_outranks_being_near_and_two_more_met_outrank_size() -> None:
    near = [contender(1, {1: MET, 2: MET}, 1), contender(2, {4: MET, 5: PARTLY}, 1)]
    far = contender(3, {4: MET, 5: MET}, 4)
    alone = contender(4, dict.fromkeys(MUSTS, PARTLY), 4)
    almost = contender(5, {1: MET, 2: MET, 4: MET, 5: PARTLY}, 4)

    assert ids(propose_team(MUSTS, [*near, far])) == (1, 3)
    assert ids(propose_team(MUSTS, [*near, far, alone])) == (1, 3)
    assert ids(propose_team(MUSTS, [*near, far, almost])) == (5,)


def test_the_stronger_firm_is_chosen_among_equals_then_the_smaller_id() -> None:
    market = [contender(n, {1: MET}, strength=strength) for n, strength in ((5, 2.0), (3, 2.5), (2, 2.5))]

    assert ids(propose_team((1,), market)) == (2,)


def test_unknown_places_are_not_taken_for_the_same() -> None:
    market = [contender(1, {1: MET}), contender(2, {2: MET})]

    assert propose_team((1, 2), market).closeness is Closeness.APART


def test_what_nobody_covers_is_named_and_contradictions_inside_the_team_too() -> None:
    market = [contender(1, {1: MET, 2: UNMET}), contender(2, {2: MET, 4: UNMET}), contender(3, {5: UNMET})]

    team = propose_team(MUSTS, market)

    assert team.uncovered == (4, 5)
    assert team.conflicts == ((1, 2),)


@pytest.mark.parametrize(("musts", "market"), [((), [contender(1, {1: MET})]), (MUSTS, [])])
def test_without_musts_or_firms_there_is_no_member(musts: tuple[int, ...], market: list[Contender]) -> None:
    team = propose_team(musts, market)

    assert (team.members, team.uncovered, team.closeness) == ((), musts, Closeness.ALONE)


def test_a_firm_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        propose_team(MUSTS, [contender(1, {1: MET}), contender(1, {2: MET})])


def test_beyond_the_stated_size_greed_answers_and_says_so() -> None:
    rng = random.Random(1)
    musts = tuple(range(1, 25))
    market = [
        contender(n, dict.fromkeys(rng.sample(musts, 5), MET), n % 5, strength=n)
        for n in range(1, 2 * EXACT_FIRMS)
    ]

    team = propose_team(musts, market)

    assert not team.is_exact
    assert 0 < team.lower_bound <= len(team.members)
    assert team.gap == len(team.members) - team.lower_bound
    assert sorted(part for member in team.members for part in member.parts) == list(musts)
