import numpy as np
import pytest

from matcher.baseline import OUTDATED, baseline_of, fit_baseline
from matcher.documents import DocumentKind
from matcher.index_store import IndexStore
from models.capability import Capability
from models.errors import IndexNotReady
from tests.matcher.market import NOW, Chain, make_market, make_offers


@pytest.fixture
def engine(sqlite_engine):
    """One database is enough: nothing here asks it anything but for its rows."""
    return sqlite_engine


@pytest.fixture
def chain(session, tmp_path):
    make_market(session)
    chain = Chain(session, tmp_path)
    chain.update()
    return chain


def stored(chain):
    return baseline_of(IndexStore(chain.folder).open())


def test_it_comes_back_from_the_index_as_it_was_fitted(chain):
    found = stored(chain)

    assert found.model == "hashing"
    assert sum(len(ids) for ids, _ in found.stated.values()) == 40
    assert len(found.background.chunks.offers) == len(found.background.sections.offers) == 24
    assert found.words.frozen.count("zh") == 24


def test_the_same_documents_give_the_same_version(chain):
    before = stored(chain).version

    chain.update(rebuild=True)

    assert stored(chain).version == before


def test_a_delta_keeps_the_version_and_a_rebuild_with_news_renews_it(chain):
    before = stored(chain).version

    make_offers(chain.session, 1, seed=99)
    chain.update()
    with_delta = stored(chain).version
    chain.update(rebuild=True)

    assert with_delta == before
    assert stored(chain).version != before


def test_drift_counts_what_came_went_or_changed(chain):
    found = stored(chain)

    def drift():
        chain.update()
        return found.drift(IndexStore(chain.folder).open())

    assert drift() == 0
    offers = make_offers(chain.session, 2, seed=98)
    assert drift() == 2
    offers[0].organisation.suspended_at = NOW
    chain.session.flush()
    assert drift() == 1
    old = chain.session.get(Capability, 1)
    old.text += "也能识别沉降。"
    chain.session.flush()
    assert drift() == 2
    old.unlisted_at = NOW
    chain.session.flush()
    assert drift() == 2


def test_what_stands_as_it_stood_is_told_apart(chain):
    old = chain.session.get(Capability, 1)
    old.text += "也能识别沉降。"
    [new] = make_offers(chain.session, 1, seed=98)
    chain.update()
    snapshot, ids = IndexStore(chain.folder).open(), np.array([1, 2, new.key, 5_000])

    assert stored(chain).unchanged(snapshot, DocumentKind.CAPABILITY, ids).tolist() == [2]


@pytest.mark.parametrize("made_with", [{"format": np.array(["0/9-99"])}, {"model": np.array(["hashing"])}])
def test_an_index_of_another_format_is_outdated(tmp_path, made_with):
    extras, _ = fit_baseline([], model="hashing", dim=64)
    store = IndexStore(tmp_path, model_key="hashing-64:1", dim=64)
    store.write_base([], now=NOW, extras={**extras, "made_with": made_with})

    with pytest.raises(IndexNotReady) as raised:
        baseline_of(store.open())
    assert raised.value.code == OUTDATED


def test_an_index_without_baseline_is_outdated(tmp_path):
    IndexStore(tmp_path, model_key="hashing-64:1", dim=64).write_base([], now=NOW, extras={})

    with pytest.raises(IndexNotReady, match="rebuild"):
        baseline_of(IndexStore(tmp_path).open())


def test_nothing_at_all_has_a_baseline_too():
    extras, entries = fit_baseline([], model="hashing", dim=64)

    assert (extras["documents"]["scenario_ids"].size, entries) == (0, [])
