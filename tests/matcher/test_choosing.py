import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import choosing
from matcher.choosing import STORED_PER_FIRM, STORED_PER_SCENARIO, Choice, strongest, strongest_settled

N_NEEDS, N_OFFERS, N_FIRMS = 24, 70, 2


def chosen(table, firms):
    """table: (n_scenarios, n_offers); scenarios are numbered from 1, capabilities from 101."""
    ids = np.arange(101, 101 + table.shape[1])
    choice = Choice(ids, firms)
    for at, row in enumerate(table, start=1):
        choice.add(at, row, as_it_is)
    return choice.finish()


def as_it_is(_, bound):
    return bound


def chosen_plainly(table, firms):
    """The same by sorting everything."""
    cells = [
        (-value, scenario, offer) for (scenario, offer), value in np.ndenumerate(table) if value > -np.inf
    ]
    picked = set()
    for scenario in range(len(table)):
        picked |= set(sorted(cell for cell in cells if cell[1] == scenario)[:STORED_PER_SCENARIO])
    for firm in set(firms):
        picked |= set(sorted(cell for cell in cells if firms[cell[2]] == firm)[:STORED_PER_FIRM])
    return {at + 1: {cell[2] + 101 for cell in picked if cell[1] == at} for at in range(len(table))}


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.booleans())
def test_it_chooses_what_sorting_everything_would(seed, has_ties):
    rng = np.random.default_rng(seed)
    table = (
        rng.integers(0, 6, (N_NEEDS, N_OFFERS)).astype(float) if has_ties else rng.random((N_NEEDS, N_OFFERS))
    )
    table[rng.random(table.shape) < 0.1] = -np.inf
    firms = rng.integers(0, N_FIRMS, N_OFFERS).tolist()

    assert chosen(table, firms) == chosen_plainly(table, firms)


def test_a_firm_that_is_nobodys_first_choice_keeps_its_best():
    table = np.zeros((2, STORED_PER_SCENARIO + 1))
    table[:, -1] = -5.0
    table[1, -1] = -4.0
    firms = [1] * STORED_PER_SCENARIO + [2]

    found = chosen(table, firms)

    assert 101 + STORED_PER_SCENARIO in found[1] & found[2]


def test_who_may_not_meet_is_never_chosen():
    found = chosen(np.array([[1.0, -np.inf]]), [1, 2])

    assert found == {1: {101}}


def test_without_capabilities_every_scenario_has_none():
    assert chosen(np.zeros((2, 0)), []) == {1: set(), 2: set()}


def test_the_strongest_come_first_and_equal_ones_by_id():
    ids = np.array([7, 3, 5, 9])

    assert strongest(ids, np.array([1.0, 2.0, 2.0, -np.inf]), 4) == [3, 5, 7]
    assert strongest(ids, np.array([1.0, 2.0, 2.0, -np.inf]), 1) == [3]


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(0, 90), st.booleans())
def test_what_settles_lower_is_chosen_as_if_all_had_been_settled(seed, n, has_ties):
    rng = np.random.default_rng(seed)
    ids = rng.permutation(80) + 1
    bounds = rng.integers(0, 6, 80).astype(float) if has_ties else rng.random(80)
    bounds[rng.random(80) < 0.2] = -np.inf
    true = {int(id_): bound - rng.integers(0, 3) for id_, bound in zip(ids, bounds, strict=True)}
    plainly = sorted((-value, id_) for id_, value in true.items() if value > -np.inf)[:n]

    found = strongest_settled(ids, bounds, n, lambda id_, _: true[id_])

    assert found == [(id_, -value) for value, id_ in plainly]


def test_only_what_may_matter_is_settled():
    asked = []
    bounds = np.linspace(1, 0, 10_000)

    strongest_settled(np.arange(10_000), bounds, 5, lambda id_, bound: asked.append(id_) or bound)

    assert asked == [0, 1, 2, 3, 4]


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_choosing_pairs_settles_them_first(seed):
    rng = np.random.default_rng(seed)
    table = rng.random((N_NEEDS, N_OFFERS))
    true = table - rng.random(table.shape) * (rng.random(table.shape) < 0.3)
    firms = rng.integers(0, N_FIRMS, N_OFFERS).tolist()
    choice = Choice(np.arange(101, 101 + N_OFFERS), firms)
    for at, row in enumerate(table, start=1):
        choice.add(at, row, lambda id_, _, at=at: true[at - 1, id_ - 101])

    assert choice.finish() == chosen_plainly(true, firms)


def test_what_is_held_does_not_grow_with_the_scenarios():
    choice = Choice(np.arange(5), [1] * 5)
    for scenario_id in range(1, 100):
        choice.add(scenario_id, np.arange(5) + float(scenario_id), as_it_is)

    assert choice._best.shape == (5, choosing.STORED_PER_FIRM)
