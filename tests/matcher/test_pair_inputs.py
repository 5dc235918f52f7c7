import pytest

from matcher.pair_inputs import PairInputs, digest
from tests.matcher.market import NOW, Chain, make_market


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


def test_facts_of_either_side_change_its_digest_and_no_other(chain, market):
    before = PairInputs(chain.recommender().corpus)
    need, other = market[0][:2]
    offer, still = market[1][:2]
    known = {
        "need": before.scenario(need.key),
        "other": before.scenario(other.key),
        "offer": before.capability(offer.key),
        "still": before.capability(still.key),
    }

    need.district_id, offer.cases[0].confirmed_at = None, NOW
    need.deployment = ["edge"]
    chain.session.flush()
    after = PairInputs(chain.recommender().corpus)

    assert after.scenario(need.key) != known["need"]
    assert after.capability(offer.key) != known["offer"]
    assert after.scenario(other.key) == known["other"]
    assert after.capability(still.key) == known["still"]


def test_all_at_once_are_those_one_by_one_without_what_has_changed(chain, market):
    market[1][3].text += "现在也能识别道路沉降。"
    chain.session.flush()
    inputs = PairInputs(chain.recommender().corpus)

    found = {row.key: side for row, side in inputs.capabilities()}

    assert set(found) == {row.key for row in market[1]} - {market[1][3].key}
    assert all(inputs.capability(id_) == side for id_, side in found.items())
    with pytest.raises(KeyError):
        inputs.capability(market[1][3].key)


def test_a_digest_tells_order_and_type():
    assert len({digest([1, 2]), digest([2, 1]), digest(["1", 2])}) == 3
