"""Segments: what is written is what is read, and documents are means of sections."""

import numpy as np
import pytest

from matcher.grid import mean_rows, on_grid
from matcher.index_segment import IndexEntry, check_entries, load_segment, newest, write_segment
from models.errors import IndexNotReady

DIM = 6


def unit_rows(n, *, seed=0, dim=DIM):
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return on_grid(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def make_entry(entry_id, *, kind="scenario", n_chunks=2, lang="zh", **overrides):
    values = {
        "content_hash": f"hash{entry_id}",
        "chunks": unit_rows(n_chunks, seed=entry_id),
        "sections": unit_rows((n_chunks + 1) // 2, seed=-entry_id % 1000),
        "hubness": (entry_id / 8, -entry_id / 8),
    }
    return IndexEntry(kind, entry_id, lang, **{**values, **overrides})


def test_a_segment_is_read_as_it_was_written(tmp_path):
    entries = check_entries(
        [
            make_entry(1),
            make_entry(2, n_chunks=0),
            make_entry(4, n_chunks=1, lang="en"),
            make_entry(5, kind="capability", n_chunks=3, lang="en"),
        ],
        dim=DIM,
    )
    record = write_segment(tmp_path, "s", entries, [("capability", 9)])
    segment = load_segment(tmp_path, record, dim=DIM)
    needs = segment.sides["scenario"]

    assert (record.n_entries, record.n_removed, record.n_vectors) == (4, 1, 10)
    assert {kind: gone.tolist() for kind, gone in segment.removed.items()} == {
        "scenario": [],
        "capability": [9],
    }
    for entry in entries:
        side = segment.sides[entry.kind]
        read = side.entry(entry.kind, side.ids.tolist().index(entry.id))
        assert read == entry
        assert read.hubness == entry.hubness
        assert np.array_equal(read.chunks, entry.chunks)
        assert np.array_equal(read.sections, entry.sections)
    assert needs.n_vectors.tolist() == [3, 0, 2]
    assert np.array_equal(needs.chunks, np.concatenate([entry.chunks for entry in entries[1:]]))


def test_a_document_is_the_mean_of_its_sections(tmp_path):
    entries = [make_entry(1, n_chunks=3), make_entry(2, n_chunks=0), make_entry(3, n_chunks=1)]
    side = load_segment(tmp_path, write_segment(tmp_path, "s", entries, []), dim=DIM).sides["scenario"]

    mean = entries[0].sections.mean(axis=0)
    assert side.documents[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-3)
    assert side.documents[2] == pytest.approx(entries[2].sections[0], abs=1e-3)
    assert not side.documents[1].any()
    assert np.array_equal(side.documents, on_grid(side.documents))


def test_vectors_are_mapped_and_read_only(tmp_path):
    side = load_segment(tmp_path, write_segment(tmp_path, "s", [make_entry(1)], []), dim=DIM).sides[
        "scenario"
    ]

    assert isinstance(side.chunks.base.base, np.memmap)
    assert not side.chunks.flags.writeable


@pytest.mark.parametrize("entries", [[], [make_entry(1, n_chunks=0)]])
def test_a_segment_without_vectors_can_be_opened(tmp_path, entries):
    side = load_segment(tmp_path, write_segment(tmp_path, "s", entries, []), dim=DIM).sides["scenario"]

    assert (side.chunks.shape, side.sections.shape) == ((0, DIM), (0, DIM))
    assert side.documents.shape == (len(entries), DIM)
    assert not side.documents.any()


def test_many_entries_are_averaged_in_blocks(tmp_path):
    entries = [make_entry(n, n_chunks=1 + n % 3) for n in range(5_000)]
    side = load_segment(tmp_path, write_segment(tmp_path, "s", entries, []), dim=DIM).sides["scenario"]

    assert np.array_equal(side.documents, mean_rows(side.sections, side.section_starts))


def test_later_segments_replace_and_remove():
    ids = [np.array([1, 2, 3, 5]), np.array([2, 7]), np.array([3], np.int64)]
    removed = [np.array([], np.int64), np.array([3, 99]), np.array([5, 7])]

    places = newest(ids, removed)

    assert places.ids.tolist() == [1, 2, 3]
    assert places.segments.tolist() == [0, 1, 2]
    assert places.rows.tolist() == [0, 0, 0]
    assert len(newest([], [])) == 0
    assert newest([], []).find(np.array([1])).tolist() == [-1]


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        ({"kind": "firm"}, "unknown kind"),
        ({"chunks": unit_rows(2, dim=5)}, "not \\(n, 6\\)"),
        ({"chunks": unit_rows(2).astype(np.float64)}, "float64"),
        ({"chunks": unit_rows(1)[0]}, "not \\(n, 6\\)"),
        ({"chunks": unit_rows(2) * 2}, "not unit"),
        ({"sections": unit_rows(1, dim=5)}, "not \\(n, 6\\)"),
        ({"sections": np.full((1, DIM), np.nan, np.float32)}, "not unit"),
    ],
)
def test_entries_that_would_spoil_the_index_are_refused(overrides, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_entries([make_entry(1, **overrides)], dim=DIM)


def test_a_row_of_zeros_has_no_direction_and_is_no_error():
    entry = make_entry(1, chunks=np.zeros((1, DIM), np.float32))

    assert check_entries([entry], dim=DIM) == [entry]


def test_two_entries_of_one_key_are_refused():
    with pytest.raises(ValueError, match="two entries"):
        check_entries([make_entry(1), make_entry(1)], dim=DIM)


def test_entries_are_put_in_order():
    entries = [make_entry(3), make_entry(1), make_entry(2, kind="capability")]

    assert [e.key for e in check_entries(entries, dim=DIM)] == [
        ("capability", 2),
        ("scenario", 1),
        ("scenario", 3),
    ]


@pytest.mark.parametrize("end", ["npz", "npy"])
def test_a_damaged_or_missing_file_is_named_with_the_cure(tmp_path, end):
    record = write_segment(tmp_path, "s", [make_entry(1)], [])
    path = tmp_path / f"s.{end}"
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")

    with pytest.raises(IndexNotReady, match=f"s.{end}.*index rebuild"):
        load_segment(tmp_path, record, dim=DIM)
    path.unlink()
    with pytest.raises(IndexNotReady, match=f"s.{end}.*index rebuild"):
        load_segment(tmp_path, record, dim=DIM)


def test_counts_and_dimension_must_agree_with_the_record(tmp_path):
    record = write_segment(tmp_path, "s", [make_entry(1)], [])

    with pytest.raises(IndexNotReady):
        load_segment(tmp_path, record.model_copy(update={"n_entries": 2}), dim=DIM)
    with pytest.raises(IndexNotReady):
        load_segment(tmp_path, record, dim=DIM + 1)


def test_vectors_that_reach_the_disk_in_another_shape_are_an_error(tmp_path):
    def swap(step):
        if step == "sync folder of s.npy":
            np.save(tmp_path / "s.npy", unit_rows(1))

    with pytest.raises(OSError, match="another shape"):
        write_segment(tmp_path, "s", [make_entry(1)], [], on_step=swap)
