"""What a stored view of a pair rests on: equal hashes promise equal views, and every change that matters shows."""

import pytest

from tests.matcher.market import NOW, Chain, make_market, make_offers


@pytest.fixture
def engine(sqlite_engine):
    """One database is enough: nothing here asks it anything but for its rows."""
    return sqlite_engine


@pytest.fixture
def market(session):
    return make_market(session)


@pytest.fixture
def chain(session, tmp_path, market):
    chain = Chain(session, tmp_path)
    chain.update()
    return chain


def test_the_same_inputs_give_the_same_hash_and_the_same_view(chain):
    before, after = chain.recommender(), None
    make_offers(chain.session, 3, seed=55)
    after = chain.updated()

    pairs = [(s, c) for s in before.corpus.scenarios for c in before.corpus.capabilities]
    assert [before.inputs_hash(*pair) for pair in pairs] == [after.inputs_hash(*pair) for pair in pairs]
    assert len({before.inputs_hash(*pair) for pair in pairs}) == len(pairs)


@pytest.mark.parametrize(
    "change",
    [
        lambda need, offer: setattr(need, "text", need.text + "要快。"),
        lambda need, offer: setattr(need, "deployment", ["edge"]),
        lambda need, offer: setattr(need.requirements[0], "must", False),
        lambda need, offer: setattr(offer, "title", "换了名字"),
        lambda need, offer: setattr(offer, "capacity", 9),
        lambda need, offer: setattr(offer, "maturity", None),
        lambda need, offer: setattr(offer, "deployment", []),
        lambda need, offer: setattr(offer, "filings", ["algorithm_filing"]),
        lambda need, offer: setattr(offer.cases[0], "confirmed_at", NOW),
        lambda need, offer: setattr(offer.cases[0], "customer", "某街道办"),
    ],
)
def test_a_change_of_anything_a_view_rests_on_changes_the_hash_of_its_pairs_only(chain, market, change):
    need, offer = market[0][0], market[1][0]
    before = chain.recommender()
    pairs = [(s, c) for s in before.corpus.scenarios for c in before.corpus.capabilities]
    hashes = {pair: before.inputs_hash(*pair) for pair in pairs}
    change(need, offer)
    chain.session.flush()

    after = chain.updated()

    changed = {pair for pair in pairs if after.inputs_hash(*pair) != hashes[pair]}
    assert (need.key, offer.key) in changed
    assert changed <= {pair for pair in pairs if need.key == pair[0] or offer.key == pair[1]}


def test_a_new_baseline_changes_every_hash(chain):
    pair = (
        next(iter(chain.recommender().corpus.scenarios)),
        next(iter(chain.recommender().corpus.capabilities)),
    )
    before = chain.recommender().inputs_hash(*pair)
    make_offers(chain.session, 1, seed=56)

    chain.update(rebuild=True)

    assert chain.recommender().inputs_hash(*pair) != before
