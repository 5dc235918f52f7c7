"""Texts to vectors: unit length, own order, nothing cut silently, nothing encoded twice, no guessing about
models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from matcher.bundled_model import write_folder
from matcher.embedder import (
    Embedder,
    FileVectorStore,
    Progress,
    SentenceEmbedder,
    TextRole,
    Vectors,
    embedding_key,
    encode_cached,
    folder_fingerprint,
    has_bfloat16,
)
from models.config import Settings
from models.errors import ModelUnavailable
from tests.e5s1_file import DIM, write_e5s1
from tests.fakes import HashingEmbedder

MODEL_CACHE = Settings().cache
TEXTS = ["影像 leaks", "leaks", "8～10米", "leaks leaks leaks leaks", "影像"]


class CountingEmbedder(HashingEmbedder):
    """Remembers what it was asked to encode."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        self.asked += texts
        return super().encode(texts, role=role, progress=progress)


def test_vectors_are_unit_rows_in_the_order_of_the_texts(small: SentenceEmbedder) -> None:
    vectors = small.encode(TEXTS, role=TextRole.SUPPLY)

    assert vectors.shape == (5, DIM)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(vectors[1:2], small.encode(["leaks"], role=TextRole.SUPPLY), atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_the_batch_size_does_not_change_vectors(small: SentenceEmbedder, batch_size: int) -> None:
    expected = small.encode(TEXTS, role=TextRole.DEMAND)
    small.batch_size = batch_size

    np.testing.assert_allclose(small.encode(TEXTS, role=TextRole.DEMAND), expected, atol=1e-6)


def test_the_two_roles_give_different_vectors(small: SentenceEmbedder) -> None:
    demand = small.encode(["leaks"], role=TextRole.DEMAND)
    supply = small.encode(["leaks"], role=TextRole.SUPPLY)

    assert np.abs(demand - supply).max() > 1e-3


def test_a_text_that_does_not_fit_is_refused_rather_than_cut(small: SentenceEmbedder) -> None:
    with pytest.raises(ValueError, match="cut it into chunks"):
        small.encode(["leaks " * 100], role=TextRole.SUPPLY)


def test_the_longest_text_that_fits_is_encoded_whole(small: SentenceEmbedder) -> None:
    longest = "米" * (small.max_tokens - 1)
    changed = longest[:-1] + "8"

    vectors = small.encode([longest, changed], role=TextRole.DEMAND)

    assert small.count_tokens([longest]) == [small.max_tokens]
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-5


def test_invisible_characters_do_not_change_a_vector(small: SentenceEmbedder) -> None:
    vectors = small.encode(["leaks", "le\u200baks\x00"], role=TextRole.SUPPLY)

    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_progress_counts_to_the_end(small: SentenceEmbedder) -> None:
    small.batch_size = 2
    seen: list[tuple[int, int]] = []

    small.encode(TEXTS, role=TextRole.SUPPLY, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_nothing_in_gives_nothing_out(small: SentenceEmbedder) -> None:
    assert small.encode([], role=TextRole.SUPPLY).shape == (0, DIM)
    assert small.count_tokens([]) == []


def test_the_key_of_a_model_names_its_weights_and_number_format(
    small: SentenceEmbedder, model_folder: Path
) -> None:
    assert folder_fingerprint(model_folder) in small.model_key
    assert ":float32:" in small.model_key


def test_changed_weights_change_the_fingerprint(model_folder: Path) -> None:
    before = folder_fingerprint(model_folder)
    with (model_folder / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")

    assert folder_fingerprint(model_folder) != before


@pytest.mark.parametrize("spec", ["bundled:no-such-model", "/no/such/folder", "./nothing", "no-such-folder"])
def test_a_model_that_is_not_there_is_named(spec: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=spec.rsplit(":", maxsplit=1)[-1]):
        SentenceEmbedder(spec, tmp_path)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("{}")

    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        SentenceEmbedder(str(tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("fpu avx2", False), ("fpu avx512_bf16", True), ("fpu amx_bf16 avx", True), ("avx512_bf16x", False)],
)
def test_bfloat16_is_taken_where_the_processor_has_it(tmp_path: Path, flags: str, expected: bool) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text(f"processor : 0\nflags : {flags}\n")

    assert has_bfloat16(info) is expected


def test_where_the_kernel_does_not_list_flags_bfloat16_is_not_taken(tmp_path: Path) -> None:
    assert has_bfloat16(tmp_path / "absent") is False


def test_a_key_depends_on_model_role_and_text_but_not_on_invisible_characters() -> None:
    keys = {
        embedding_key("m", TextRole.DEMAND, "a"),
        embedding_key("n", TextRole.DEMAND, "a"),
        embedding_key("m", TextRole.SUPPLY, "a"),
        embedding_key("m", TextRole.DEMAND, "b"),
    }

    assert len(keys) == 4
    assert embedding_key("m", TextRole.DEMAND, " a\u200b ") in keys


def test_each_text_is_encoded_once_ever(tmp_path: Path) -> None:
    embedder, store = CountingEmbedder(), FileVectorStore(tmp_path / "vectors.sqlite3")
    first = encode_cached(embedder, ["a", "bb", "a"], role=TextRole.SUPPLY, store=store)

    again = encode_cached(embedder, ["bb", "ccc", "a"], role=TextRole.SUPPLY, store=store)

    assert sorted(embedder.asked) == ["a", "bb", "ccc"]
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(again[[0, 2]], first[[1, 0]])


def test_the_same_text_on_the_other_side_is_encoded_for_itself(tmp_path: Path) -> None:
    embedder, store = CountingEmbedder(), FileVectorStore(tmp_path / "vectors.sqlite3")
    encode_cached(embedder, ["a"], role=TextRole.SUPPLY, store=store)

    encode_cached(embedder, ["a"], role=TextRole.DEMAND, store=store)

    assert embedder.asked == ["a", "a"]


def test_an_interrupted_run_keeps_what_it_had(tmp_path: Path) -> None:
    store = FileVectorStore(tmp_path / "vectors.sqlite3")
    texts = [f"text {number}" for number in range(1200)]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode_cached(HashingEmbedder(), texts, role=TextRole.SUPPLY, store=store, progress=stop)
    embedder = CountingEmbedder()
    encode_cached(embedder, texts, role=TextRole.SUPPLY, store=store)

    assert 0 < len(embedder.asked) < 1200


def test_the_file_survives_closing(tmp_path: Path) -> None:
    store = FileVectorStore(tmp_path / "deep" / "vectors.sqlite3")
    store.put_many({"key": np.arange(3, dtype=np.float32)})
    store.close()

    found = FileVectorStore(tmp_path / "deep" / "vectors.sqlite3").get_many(["key", "other"])

    assert list(found) == ["key"]
    np.testing.assert_array_equal(found["key"], [0, 1, 2])


def test_no_texts_give_an_empty_array_of_the_right_width(tmp_path: Path) -> None:
    store = FileVectorStore(tmp_path / "vectors.sqlite3")

    assert encode_cached(HashingEmbedder(), [], role=TextRole.SUPPLY, store=store).shape == (0, 64)


@pytest.mark.model
def test_the_bundled_model_knows_what_belongs_together(bundled: Embedder) -> None:
    needs = bundled.encode(["医院需要自动识别肺部CT影像中的结节"], role=TextRole.DEMAND)
    offers = bundled.encode(
        ["面向放射科的胸部影像辅助诊断软件", "为餐饮门店提供排班与考勤管理"], role=TextRole.SUPPLY
    )

    near, far = (needs @ offers.T)[0]
    assert near > far + 0.03
    assert bundled.dim == 384
    assert bundled.max_tokens == 506


@pytest.mark.model
def test_the_bundled_tokenizer_gives_the_numbers_of_the_original(bundled: SentenceEmbedder) -> None:
    ids = bundled._model.tokenizer("query: 支持8～10米")["input_ids"]

    assert ids == [0, 41, 1294, 12, 6, 7499, 1019, 6087, 963, 5473, 2]


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> SentenceEmbedder:
    return SentenceEmbedder("bundled:e5-small", MODEL_CACHE, dtype="float32")


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny-model"
    folder.mkdir()
    write_folder(write_e5s1(tmp_path / "tiny.bin"), folder, origin="test")
    return folder


@pytest.fixture
def small(model_folder: Path, tmp_path: Path) -> SentenceEmbedder:
    return SentenceEmbedder(str(model_folder), tmp_path, dtype="float32", threads=1)
