"""Segments: what is written is what is read, and documents are means of sections."""

import numpy as np
import pytest

from matcher.index_segment import IndexEntry, check_entries, load_segment, mean_vectors, write_segment
from models.errors import IndexNotReady

DIM = 6


def unit_rows(n, *, seed=0, dim=DIM):
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_entry(entry_id, *, kind="scenario", n_chunks=2, lang="zh", **overrides):
    values = {
        "content_hash": f"hash{entry_id}",
        "chunks": unit_rows(n_chunks, seed=entry_id),
        "sections": unit_rows((n_chunks + 1) // 2, seed=-entry_id % 1000),
    }
    return IndexEntry(kind, entry_id, lang, **{**values, **overrides})


def unchanged(vectors, kind, lang):
    return vectors


def test_a_segment_is_read_as_it_was_written(tmp_path):
    entries = [
        make_entry(1),
        make_entry(2, n_chunks=0),
        make_entry(5, kind="capability", n_chunks=3, lang="en"),
    ]
    record = write_segment(tmp_path, "s", entries, [("capability", 9)])
    segment = load_segment(tmp_path, record, dim=DIM)

    assert (record.n_entries, record.n_removed, record.n_vectors) == (3, 1, 8)
    assert [(i.kind, i.id, i.lang, i.content_hash) for i in segment.items] == [
        ("scenario", 1, "zh", "hash1"),
        ("scenario", 2, "zh", "hash2"),
        ("capability", 5, "en", "hash5"),
    ]
    assert segment.removed == [("capability", 9)]
    both = [block for entry in entries for block in (entry.chunks, entry.sections)]
    assert np.array_equal(segment.vectors, np.concatenate(both))
    assert [(i.start, i.middle, i.end) for i in segment.items] == [(0, 2, 3), (3, 3, 3), (3, 6, 8)]


def test_vectors_are_mapped_and_read_only(tmp_path):
    segment = load_segment(tmp_path, write_segment(tmp_path, "s", [make_entry(1)], []), dim=DIM)

    assert isinstance(segment.vectors, np.memmap)
    assert not segment.vectors.flags.writeable


@pytest.mark.parametrize("entries", [[], [make_entry(1, n_chunks=0)]])
def test_a_segment_without_vectors_can_be_opened(tmp_path, entries):
    segment = load_segment(tmp_path, write_segment(tmp_path, "s", entries, []), dim=DIM)

    assert segment.vectors.shape == (0, DIM)
    assert segment.documents(unchanged).shape == (len(entries), DIM)
    assert not segment.documents(unchanged).any()


def test_a_document_is_the_normalised_mean_of_its_transformed_sections(tmp_path):
    entries = [make_entry(1, n_chunks=3), make_entry(2, n_chunks=1, lang="en")]
    segment = load_segment(tmp_path, write_segment(tmp_path, "s", entries, []), dim=DIM)
    documents = segment.documents(lambda vectors, kind, lang: vectors[:, ::-1] if lang == "en" else vectors)

    mean = entries[0].sections.mean(axis=0)
    assert documents[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert documents[1] == pytest.approx(entries[1].sections[0, ::-1], abs=1e-6)


def test_the_transform_is_told_kind_and_language(tmp_path):
    entries = [make_entry(1), make_entry(2, lang="en"), make_entry(3, kind="capability", lang="en")]
    segment = load_segment(tmp_path, write_segment(tmp_path, "s", entries, []), dim=DIM)
    told = set()
    segment.documents(lambda vectors, kind, lang: told.add((kind, lang)) or vectors)

    assert told == {("scenario", "zh"), ("scenario", "en"), ("capability", "en")}


def test_many_entries_are_averaged_in_blocks(tmp_path):
    entries = [make_entry(n, n_chunks=1 + n % 3) for n in range(5_000)]
    segment = load_segment(tmp_path, write_segment(tmp_path, "s", entries, []), dim=DIM)
    block, starts = segment.gather(range(5_000))

    assert np.array_equal(segment.documents(unchanged), mean_vectors(block, starts))


def test_vectors_that_cancel_out_have_no_direction():
    opposite = np.array([[1, 0], [-1, 0]], np.float32)

    assert not mean_vectors(opposite, np.array([0, 2])).any()


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


@pytest.mark.parametrize("end", ["json", "npy"])
def test_a_damaged_or_missing_file_is_named_with_the_cure(tmp_path, end):
    record = write_segment(tmp_path, "s", [make_entry(1)], [])
    path = tmp_path / f"s.{end}"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")

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
