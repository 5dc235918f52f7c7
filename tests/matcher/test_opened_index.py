import pytest

from matcher.opened_index import OpenedIndex
from models.errors import IndexNotReady
from tests.factories import make_capability
from tests.matcher.market import Chain, make_market


def test_what_is_open_stays_open_until_there_is_a_newer_generation(session, tmp_path):
    make_market(session, 4, 4)
    chain = Chain(session, tmp_path)
    chain.update()
    index = OpenedIndex(tmp_path, "hashing")
    first, baseline = index.opened()

    again, _ = index.opened()
    make_capability(session, title="新来的能力")
    chain.update()
    newer, same_baseline = index.opened()

    assert again is first
    assert newer.generation == first.generation + 1
    assert same_baseline is baseline


def test_without_an_index_it_says_what_to_do(tmp_path):
    with pytest.raises(IndexNotReady, match="rebuild"):
        OpenedIndex(tmp_path, "hashing").opened()


def test_an_index_of_another_model_is_refused(session, tmp_path):
    make_market(session, 4, 4)
    Chain(session, tmp_path).update(model="another")

    with pytest.raises(IndexNotReady, match="another embedding model"):
        OpenedIndex(tmp_path, "hashing").opened()
