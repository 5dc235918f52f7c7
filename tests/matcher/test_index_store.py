"""The folder of the index: what is written is found, what is damaged is refused."""

from dataclasses import replace

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.index_manifest import MAX_DELTAS
from matcher.index_segment import IndexEntry, load_segment, write_segment
from matcher.index_store import LOCK, MANIFEST, PREVIOUS, IndexStore
from models.errors import IndexNotReady, NotReady
from tests.matcher.index_entries import DIM, LATER, NOW, hashes, make_entry, make_store, names, unit_rows


@pytest.fixture
def store(tmp_path):
    """Capabilities 1-3 and scenario 1, generation 1."""
    store = make_store(tmp_path)
    store.write_base([make_entry(1, kind="scenario"), *map(make_entry, (1, 2, 3))], now=NOW)
    return store


def test_what_was_written_is_found(store):
    snapshot = store.open()
    entry = make_entry(2)
    (hits,) = snapshot.search("capability", entry.sections, 2)

    assert snapshot.generation == 1
    assert hits[0].id == 2
    assert hits[0].score == pytest.approx(1.0, abs=1e-3)
    assert snapshot.entry_ids("capability") == [1, 2, 3]
    assert snapshot.entry_ids("scenario") == [1]
    assert snapshot.languages("scenario") == {1: "zh"}
    assert np.array_equal(snapshot.entry("capability", 2).chunks, entry.chunks)
    assert np.array_equal(snapshot.entry("capability", 2).sections, entry.sections)
    assert snapshot.manifest.counts == {"scenario": 1, "capability": 3}
    assert snapshot.manifest.built_at == NOW


def test_kinds_are_searched_apart(store):
    (hits,) = store.open().search("scenario", unit_rows(1), 10)

    assert [hit.id for hit in hits] == [1]
    with pytest.raises(ValueError, match="unknown kind"):
        store.open().search("firm", unit_rows(1), 10)


def test_a_delta_adds_replaces_and_removes(store):
    store.write_delta([make_entry(2, version=2), make_entry(9)], [("capability", 1)], now=LATER)
    snapshot = store.open()

    assert snapshot.content_hashes("capability") == {
        2: "capability2v2",
        3: "capability3v1",
        9: "capability9v1",
    }
    assert np.array_equal(snapshot.entry("capability", 2).chunks, make_entry(2, version=2).chunks)
    assert {hit.id for hit in snapshot.search("capability", unit_rows(1), 10)[0]} == {2, 3, 9}
    assert (snapshot.manifest.built_at, snapshot.manifest.changed_at) == (NOW, LATER)
    assert snapshot.entry_ids("scenario") == [1]


def test_removing_what_is_not_there_does_no_harm(store):
    manifest = store.write_delta([], [("capability", 77)], now=LATER)

    assert manifest.counts == {"scenario": 1, "capability": 3}


def test_a_delta_without_changes_makes_no_generation(store):
    before = names(store.folder)

    assert store.write_delta([], now=LATER).generation == 1
    assert names(store.folder) == before


@pytest.mark.parametrize(
    ("upserts", "removals", "complaint"),
    [
        ([make_entry(1)], [("capability", 1)], "both kept and removed"),
        ([], [("firm", 1)], "unknown kind"),
        ([make_entry(1), make_entry(1)], [], "two entries"),
    ],
)
def test_contradictory_deltas_are_refused(store, upserts, removals, complaint):
    with pytest.raises(ValueError, match=complaint):
        store.write_delta(upserts, removals, now=LATER)


def test_an_entry_without_vectors_is_known_but_not_found(store):
    store.write_delta([make_entry(4, n_chunks=0)], now=LATER)
    snapshot = store.open()

    assert snapshot.entry_ids("capability") == [1, 2, 3, 4]
    assert {hit.id for hit in snapshot.search("capability", unit_rows(1), 10)[0]} == {1, 2, 3}
    assert snapshot.entry("capability", 4).chunks.shape == (0, DIM)


def test_an_empty_index_can_be_written_and_searched(tmp_path):
    store = make_store(tmp_path)
    store.write_base([], now=NOW)

    assert store.open().search("capability", unit_rows(2), 5) == [[], []]
    assert store.verify().n_live_vectors == 0


def test_what_is_known_of_all_entries_comes_in_columns(store):
    store.write_delta([make_entry(2, version=2, lang="en"), make_entry(9)], now=LATER)
    snapshot = store.open()

    assert snapshot.places("capability").ids.tolist() == [1, 2, 3, 9]
    assert snapshot.places("capability").find(np.array([9, 4, 1])).tolist() == [3, -1, 0]
    assert snapshot.column("capability", "langs").tolist() == [b"zh", b"en", b"zh", b"zh"]
    assert snapshot.column("capability", "hashes")[1] == b"capability2v2"
    assert snapshot.content_hash("capability", 4) is None
    with pytest.raises(KeyError):
        snapshot.entry("capability", 4)


def test_extras_come_back_with_the_hubness_of_each_entry(tmp_path):
    store = make_store(tmp_path)
    store.write_base(
        [replace(make_entry(1), hubness=(0.25, 0.5))],
        now=NOW,
        extras={"background": {"scores": np.arange(3.0)}},
    )
    snapshot = store.open()

    assert snapshot.extras["background"]["scores"].tolist() == [0, 1, 2]
    assert snapshot.entry("capability", 1).hubness == (0.25, 0.5)


def test_the_name_of_an_extra_must_fit_a_file_name(tmp_path):
    with pytest.raises(ValueError, match="file name"):
        make_store(tmp_path).write_base([], now=NOW, extras={"../means": {}})


def test_an_older_snapshot_lends_what_it_has_to_the_next(store):
    first = store.open()
    store.write_delta([make_entry(9)], now=LATER)
    second = store.open(reuse=first)

    assert second.segments[0] is first.segments[0]
    assert second.extras is first.extras
    assert hashes(second) == hashes(store.open())


def test_a_snapshot_outlives_the_files_it_was_opened_from(store):
    snapshot = store.open()
    before = snapshot.search("capability", unit_rows(1), 3)
    for version in range(3):
        store.write_base([make_entry(50 + version)], now=LATER)

    assert "00000001-base.npy" not in names(store.folder)
    assert snapshot.search("capability", unit_rows(1), 3) == before
    assert np.array_equal(snapshot.entry("capability", 1).chunks, make_entry(1).chunks)


def test_compaction_keeps_entries_and_extras_and_drops_the_dead(tmp_path):
    store = make_store(tmp_path)
    store.write_base(map(make_entry, range(20)), now=NOW, extras={"means": {"zh": np.ones(DIM)}})
    store.write_delta([make_entry(n, version=2) for n in range(8)], [("capability", 19)], now=LATER)
    assert store.status().needs_compaction
    before = store.open()
    manifest = store.compact(now=LATER)
    after = store.open()

    assert (manifest.generation, manifest.deltas, manifest.needs_compaction) == (3, (), False)
    assert hashes(after) == hashes(before)
    assert after.search("capability", unit_rows(4), 30) == before.search("capability", unit_rows(4), 30)
    assert after.extras["means"]["zh"].tolist() == [1.0] * DIM
    assert manifest.base.n_vectors == manifest.n_live_vectors == 57


def test_small_deltas_are_folded_into_one_beside_a_large_base(tmp_path):
    store = make_store(tmp_path)
    base = store.write_base(map(make_entry, range(200)), now=NOW).base
    for number in range(MAX_DELTAS):
        store.write_delta([make_entry(300 + number)], [("capability", number)], now=LATER)
    store.write_delta([make_entry(2), make_entry(301, version=2)], [("capability", 300)], now=LATER)
    before = store.open()
    assert store.status().needs_compaction

    manifest = store.compact(now=LATER)

    assert (manifest.base, len(manifest.deltas), manifest.needs_compaction) == (base, 1, False)
    assert manifest.deltas[0].n_entries == MAX_DELTAS
    assert hashes(store.open()) == hashes(before)
    assert manifest.counts == before.manifest.counts
    assert manifest.n_live_vectors == before.manifest.n_live_vectors


def test_the_generation_before_stays_and_older_ones_go(store):
    for version in range(2, 5):
        store.write_base([make_entry(1, version=version)], now=LATER)

    assert names(store.folder) == [
        "00000003-base.npy",
        "00000003-base.npz",
        "00000004-base.npy",
        "00000004-base.npz",
        MANIFEST,
        PREVIOUS,
        LOCK,
    ]


def test_files_of_others_are_never_swept(store):
    (store.folder / "lexical.index").write_bytes(b"mine")
    store.write_base([], now=LATER)

    assert (store.folder / "lexical.index").exists()


def test_without_an_index_the_reader_is_told_what_to_run(tmp_path):
    for folder in (tmp_path, tmp_path / "not there"):
        with pytest.raises(IndexNotReady, match=r"no search index yet.*python -m matcher index rebuild"):
            make_store(folder).open()
        assert make_store(folder).status().problem.startswith("There is no search index")


@pytest.mark.parametrize("other", [{"model_key": "another"}, {"dim": DIM + 1}])
def test_an_index_of_another_model_is_refused_for_reading_and_adding(store, other):
    with pytest.raises(IndexNotReady, match=r"another embedding model\. Run"):
        make_store(store.folder, **other).open()
    with pytest.raises(IndexNotReady, match="another embedding model"):
        make_store(store.folder, **other).write_delta([], [("capability", 1)], now=LATER)
    assert store.open().generation == 1


def test_a_new_base_of_another_model_takes_the_place_of_the_old(store):
    other = make_store(store.folder, model_key="another")
    other.write_base([make_entry(7)], now=LATER)

    assert other.open().entry_ids("capability") == [7]
    with pytest.raises(IndexNotReady, match="another embedding model"):
        store.open()


def test_nothing_is_written_for_an_unstated_model(tmp_path):
    with pytest.raises(ValueError, match="model"):
        IndexStore(tmp_path).write_base([], now=NOW)
    with pytest.raises(ValueError, match="model"):
        IndexStore(tmp_path).write_delta([make_entry(1)], now=NOW)


def test_any_damaged_byte_of_any_file_is_an_error_with_the_cure(tmp_path):
    store = make_store(tmp_path)
    store.write_base([make_entry(1)], now=NOW, extras={"means": {"zh": np.ones(DIM)}})
    store.write_delta([make_entry(2)], [("capability", 1)], now=LATER)
    silent = []
    for name in [MANIFEST, *(file.name for file in store.read_manifest().files)]:
        whole = (tmp_path / name).read_bytes()
        for at in range(0, len(whole), 11):
            (tmp_path / name).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            try:
                store.open()
                answer = "opened without a word"
            except IndexNotReady as err:
                answer = err.message
            if "python -m matcher index rebuild" not in answer:
                silent.append((name, at, answer))
        (tmp_path / name).write_bytes(whole)

    assert silent == []
    assert store.verify().generation == 2


def test_a_missing_or_short_file_is_seen_by_status_open_and_verify(store):
    path = store.folder / "00000001-base.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert path.name in store.status().problem
    path.unlink()

    assert path.name in store.status().problem
    for look in (store.open, store.verify):
        with pytest.raises(IndexNotReady, match=path.name):
            look()


def test_verify_looks_at_the_vectors_themselves(store):
    crooked = IndexEntry("capability", 1, "zh", "hash", unit_rows(2) * 3, unit_rows(1))
    base = write_segment(store.folder, "00000001-base", [crooked], [])
    manifest = store.read_manifest().model_copy(update={"base": base})
    (store.folder / MANIFEST).write_bytes(manifest.to_bytes())

    with pytest.raises(IndexNotReady, match="not unit vectors"):
        store.verify()


def test_verify_counts_the_entries(store):
    manifest = store.read_manifest().model_copy(update={"counts": {"scenario": 1, "capability": 4}})
    (store.folder / MANIFEST).write_bytes(manifest.to_bytes())

    with pytest.raises(IndexNotReady, match="holds 4 entries"):
        store.verify()


def test_a_reader_overtaken_by_two_generations_opens_the_newest(store, monkeypatch):
    def overtaken(folder, record, *, dim):
        monkeypatch.setattr("matcher.index_store.load_segment", load_segment)
        store.write_base([make_entry(1, version=2)], now=LATER)
        store.write_base([make_entry(1, version=3)], now=LATER)
        return load_segment(folder, record, dim=dim)

    monkeypatch.setattr("matcher.index_store.load_segment", overtaken)

    assert store.open().content_hashes("capability") == {1: "capability1v3"}


def test_a_damaged_index_is_not_added_to_but_can_be_rebuilt(store):
    (store.folder / "00000001-base.npz").write_bytes(b"{}")
    with pytest.raises(IndexNotReady):
        store.write_delta([make_entry(5)], now=LATER)
    (store.folder / MANIFEST).write_bytes(b"?")
    with pytest.raises(IndexNotReady):
        store.write_delta([make_entry(5)], now=LATER)
    manifest = store.write_base([make_entry(5)], now=LATER)

    assert manifest.generation > 1
    assert store.verify().counts == {"scenario": 0, "capability": 1}
    assert store.status().leftovers == ()


def test_a_second_writer_is_told_to_wait(store, monkeypatch):
    monkeypatch.setattr("matcher.index_store.LOCK_SECONDS", 0.1)
    with FileLock(store.folder / LOCK), pytest.raises(NotReady) as caught:
        store.write_base([], now=LATER)

    assert caught.value.code == "index_busy"
    assert store.open().generation == 1


KEYS = st.tuples(st.sampled_from(["scenario", "capability"]), st.integers(1, 6))
CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("delta"),
            st.dictionaries(KEYS, st.integers(1, 9), max_size=3),
            st.sets(KEYS, max_size=3),
        ),
        st.just(("compact", {}, set())),
        st.just(("rebuild", {}, set())),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(changes=CHANGES)
def test_any_history_of_changes_equals_a_plain_dictionary(tmp_path_factory, changes):
    store, model, snapshot = make_store(tmp_path_factory.mktemp("index")), {}, None
    store.write_base([], now=NOW)
    for action, upserts, removals in changes:
        if action == "delta":
            store.write_delta(
                [make_entry(key[1], kind=key[0], version=version) for key, version in upserts.items()],
                removals - set(upserts),
                now=LATER,
            )
            model = {key: version for key, version in model.items() if key not in removals} | upserts
        elif action == "compact":
            store.compact(now=LATER)
        else:
            rebuilt = [make_entry(key[1], kind=key[0], version=version) for key, version in model.items()]
            store.write_base(rebuilt, now=LATER)
        snapshot = store.open(reuse=snapshot)

        assert hashes(snapshot) == {
            kind: {
                key[1]: f"{key[0]}{key[1]}v{version}"
                for key, version in sorted(model.items())
                if key[0] == kind
            }
            for kind in ("scenario", "capability")
        }
        assert snapshot.manifest.n_live_vectors == 3 * len(model)
        for (kind, entry_id), version in model.items():
            expected = make_entry(entry_id, kind=kind, version=version)
            assert np.array_equal(snapshot.entry(kind, entry_id).chunks, expected.chunks)
            (best,) = snapshot.search(kind, expected.sections, 1)[0]
            assert best.id == entry_id
