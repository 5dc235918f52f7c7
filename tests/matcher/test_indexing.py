from datetime import date

import numpy as np
import pytest

from matcher.index_store import MANIFEST, IndexStore
from matcher.indexing import REBUILD_SHARE, differences, load_documents
from tests.factories import make_capability
from tests.fakes import HashingEmbedder
from tests.matcher.market import NOW, TODAY, Chain, CountingEmbedder, make_market, make_offers


class OtherEmbedder(HashingEmbedder):
    """The same vectors under another model's name."""

    model_key = "hashing-64:2"


def refuse():
    raise AssertionError("the model is not to be loaded")


@pytest.fixture
def market(session):
    return make_market(session)


@pytest.fixture
def chain(session, tmp_path, market):
    chain = Chain(session, tmp_path / "index", CountingEmbedder())
    chain.update()
    return chain


def holding(chain):
    """What is findable, with vectors: by kind and id."""
    snapshot = IndexStore(chain.folder).open()
    return {
        entry.key: (entry.content_hash, entry.chunks.tolist(), entry.sections.tolist())
        for entry in snapshot.entries()
    }


def test_the_first_update_indexes_everything_and_says_why(session, tmp_path, market):
    report = Chain(session, tmp_path / "index").update()

    assert (report.n_documents, report.n_changed, report.rebuilt, report.reason) == (40, 40, True, "no_index")
    assert report.to_json()["reason"] == "no_index"


def test_without_news_nothing_is_written_and_no_model_loaded(chain):
    before = (chain.folder / MANIFEST).read_bytes()
    chain.embedder = property(refuse)
    n_encoded = len(chain.store.vectors)

    report = chain.update()

    assert (report.n_changed, report.n_removed, report.rebuilt) == (0, 0, False)
    assert (chain.folder / MANIFEST).read_bytes() == before
    assert len(chain.store.vectors) == n_encoded


def test_a_changed_text_is_encoded_once_and_only_what_is_new(chain, market):
    n_before = len(chain.embedder.encoded)
    market[1][0].text += "现在也能识别道路沉降和坍塌隐患，并推送到城管系统。"
    chain.session.flush()

    report = chain.update()
    again = chain.update()

    assert (report.n_changed, report.rebuilt, again.n_changed) == (1, False, 0)
    section, sentence = sorted(chain.embedder.encoded[n_before:], key=len, reverse=True)
    assert sentence == "现在也能识别道路沉降和坍塌隐患，并推送到城管系统。"
    assert sentence in section


def test_a_delta_holds_what_a_rebuild_would(chain, market):
    market[1][0].text += "也能识别沉降。"
    market[0][0].closed_at = NOW
    make_offers(chain.session, 2, seed=9)
    chain.session.flush()

    delta = chain.update()
    after_delta = holding(chain)
    rebuilt = chain.update(rebuild=True)
    after_rebuild = holding(chain)

    assert (delta.rebuilt, rebuilt.rebuilt, rebuilt.reason) == (False, True, "asked")
    # The means that vectors are centred by have been renewed, and nothing else.
    assert after_delta.keys() == after_rebuild.keys()
    for key, (digest, chunks, sections) in after_delta.items():
        assert (digest, len(chunks), len(sections)) == (
            after_rebuild[key][0],
            *map(len, after_rebuild[key][1:]),
        )
        assert np.sum(np.multiply(chunks, after_rebuild[key][1]), axis=1) == pytest.approx(1, abs=0.1)


def test_a_rebuild_encodes_nothing_that_was_encoded_before(chain):
    n_before = len(chain.embedder.encoded)

    chain.update(rebuild=True)

    assert len(chain.embedder.encoded) == n_before


@pytest.mark.parametrize(
    ("side", "values"),
    [
        (0, {"closed_at": NOW}),
        (0, {"withdrawn_at": NOW}),
        (0, {"deadline_on": date(2026, 11, 22)}),
        (1, {"unlisted_at": NOW}),
    ],
)
def test_what_may_not_be_matched_leaves_without_a_model(chain, market, side, values):
    row = market[side][0]
    for name, value in values.items():
        setattr(row, name, value)
    chain.session.flush()
    chain.embedder = property(refuse)

    report = chain.update()

    assert (report.n_changed, report.n_removed) == (0, 1)
    assert (("scenario", "capability")[side], row.key) not in holding(chain)


def test_what_comes_back_is_found_again_without_encoding(chain, market):
    capability, n_before = market[1][0], len(chain.embedder.encoded)
    capability.unlisted_at = NOW
    chain.session.flush()
    chain.update()
    capability.unlisted_at = None
    chain.session.flush()

    chain.update()

    assert ("capability", capability.key) in holding(chain)
    assert len(chain.embedder.encoded) == n_before


@pytest.mark.parametrize("ending", ["-base.npy", "-base.npz", "-extra-words.npz", "manifest.json"])
def test_a_damaged_file_means_a_rebuild_with_its_reason(chain, ending):
    [path] = [path for path in chain.folder.iterdir() if path.name.endswith(ending)]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))

    report = chain.update()

    assert (report.reason, report.rebuilt) == ("damaged", True)
    assert "damaged" in report.problem
    assert len(holding(chain)) == 40
    assert chain.update().reason == ""


def test_a_missing_file_means_a_rebuild(chain):
    next(path for path in chain.folder.iterdir() if path.name.endswith("-base.npy")).unlink()

    assert chain.update().reason == "damaged"


def test_another_model_setting_means_a_rebuild(chain):
    report = chain.update(model="another")

    assert (report.reason, report.rebuilt) == ("model_changed", True)
    assert chain.update(model="another").reason == ""


def test_other_weights_under_the_same_setting_are_never_mixed_in(chain):
    make_offers(chain.session, 1, seed=5)
    chain.embedder = OtherEmbedder()

    report = chain.update()

    assert report.reason == "model_changed"
    assert IndexStore(chain.folder).open().manifest.model_key == OtherEmbedder.model_key


def test_an_index_of_another_version_is_made_anew(session, tmp_path, market):
    folder = tmp_path / "index"
    IndexStore(folder, model_key="hashing-64:1", dim=64).write_base([], now=NOW, extras={"centring": {}})

    report = Chain(session, folder).update()

    assert report.reason == "outdated"
    assert "another version" in report.problem


def test_many_small_changes_together_renew_the_statistics(chain):
    n_allowed = int(REBUILD_SHARE * 40)
    reasons = []
    for seed in range(n_allowed + 8):
        make_offers(chain.session, 1, seed=100 + seed)
        reasons.append(chain.update().reason)

    assert reasons[0] == ""
    assert "many_changes" in reasons
    assert chain.update().reason == ""


def test_an_empty_market_has_an_index_too(session, tmp_path):
    chain = Chain(session, tmp_path / "index")

    first, second = chain.update(), chain.update()

    assert (first.n_documents, first.reason, second.reason) == (0, "no_index", "")
    assert chain.recommender().choose_pairs() == {}


def test_a_document_without_any_text_is_in_the_index(chain):
    empty = make_capability(chain.session, title=" ", text=" ")

    chain.update()

    assert holding(chain)["capability", empty.key][1] == []
    assert empty.key in chain.recommender().corpus.capabilities


def test_differences_name_what_to_encode_and_what_to_remove(chain, market):
    market[1][0].unlisted_at = NOW
    new = make_capability(chain.session)
    documents = load_documents(chain.session, on=TODAY)

    changed, removed = differences(documents, IndexStore(chain.folder).open())

    assert [document.id for document in changed] == [new.key]
    assert removed == [("capability", market[1][0].key)]
    assert differences(documents, None) == (documents, [])
