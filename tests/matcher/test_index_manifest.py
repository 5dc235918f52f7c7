"""The manifest: what it says and that damage is noticed."""

import pytest

from matcher.durable_files import FileRecord
from matcher.index_manifest import MAX_DELTAS, IndexManifest, SegmentRecord


def make_segment(name, *, n_vectors=10):
    files = [FileRecord(name=f"{name}.{end}", sha256="0" * 64, size=100) for end in ("json", "npy")]
    return SegmentRecord(contents=files[0], vectors=files[1], n_entries=2, n_removed=0, n_vectors=n_vectors)


def make_manifest(**overrides):
    values = {
        "generation": 7,
        "model_key": "model",
        "dim": 4,
        "built_at": "2026-11-23T08:00:00Z",
        "changed_at": "2026-11-23T08:00:00.123456Z",
        "base": make_segment("base"),
        "extras": {"means": FileRecord(name="means.npz", sha256="1" * 64, size=5)},
        "counts": {"scenario": 1, "capability": 1},
        "n_live_vectors": 10,
    }
    return IndexManifest(**{**values, **overrides})


def test_it_comes_back_from_its_bytes():
    manifest = make_manifest(deltas=(make_segment("delta"),))

    assert IndexManifest.from_bytes(manifest.to_bytes()) == manifest


def test_every_changed_byte_is_noticed():
    content = make_manifest().to_bytes()
    silent = []
    for at in range(len(content)):
        try:
            IndexManifest.from_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            silent.append(at)
        except (ValueError, KeyError, TypeError):
            pass

    assert silent == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"manifest": {}}'])
def test_what_is_no_manifest_is_refused(content):
    with pytest.raises((ValueError, KeyError, TypeError)):
        IndexManifest.from_bytes(content)


def test_it_lists_the_files_of_base_deltas_and_extras():
    manifest = make_manifest(deltas=(make_segment("delta"),))

    names = [file.name for file in manifest.files]
    assert names == ["base.json", "base.npy", "delta.json", "delta.npy", "means.npz"]
    assert manifest.n_bytes == 405


def test_many_deltas_or_many_dead_vectors_ask_for_compaction():
    full = (make_segment("delta", n_vectors=0),) * MAX_DELTAS

    assert not make_manifest(deltas=full).needs_compaction
    assert make_manifest(deltas=(*full, make_segment("one more", n_vectors=0))).needs_compaction
    assert not make_manifest(n_live_vectors=8).needs_compaction
    assert make_manifest(n_live_vectors=7).needs_compaction


def test_an_empty_index_needs_no_compaction():
    assert not make_manifest(base=make_segment("base", n_vectors=0), n_live_vectors=0).needs_compaction
