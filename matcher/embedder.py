"""Texts become vectors: the Embedder protocol, the one real implementation, and the cache in front of it.

torch and sentence-transformers are imported inside the class that needs them, so that pages and tests start
without them. Vectors leave here raw; `matcher/centring.py` takes the language out of them afterwards.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.bundled_model import BUNDLED_MODELS, bundled_model_folder
from matcher.chunks import clean_text
from models.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
"""(n, dim) float32."""

Progress = Callable[[int, int], None]
"""Told (texts done, texts in all) as encoding goes on."""

Dtype = Literal["auto", "float32", "bfloat16"]

_BATCH = 16
"""Small: texts of one batch then hardly differ in length, and the processor gains nothing from large ones."""

_STORE_EVERY = 512
"""Texts encoded between two writes to the store: what an interruption may cost."""


class TextRole(StrEnum):
    """Which side of a match a text is on: what is needed, or what is offered."""

    DEMAND = "demand"
    SUPPLY = "supply"


class Embedder(Protocol):
    """Turns texts into unit vectors whose inner product says how near their meanings are."""

    model_key: str
    """Identity of everything that shapes a vector: weights, their number format, prompts."""
    dim: int
    max_tokens: int
    """The longest text `encode` takes, as `count_tokens` counts."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, prompt and special tokens not counted."""

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        """Return (n, dim) float32 with rows of length 1, in the order of `texts`.

        Raises ValueError if a text is longer than `max_tokens`: nothing is cut silently.
        """


@dataclass(frozen=True, slots=True)
class Prompts:
    """What a model wants to read before a text of each role."""

    demand: str
    supply: str

    def of(self, role: TextRole) -> str:
        """Return the prompt for `role`."""
        return self.demand if role is TextRole.DEMAND else self.supply


NO_PROMPTS = Prompts("", "")
PROMPTS_BY_FAMILY: dict[str, Prompts] = {
    "multilingual-e5": Prompts("query: ", "passage: "),
    "e5-small": Prompts("query: ", "passage: "),
    "e5-base": Prompts("query: ", "passage: "),
    "e5-large": Prompts("query: ", "passage: "),
    "bge-m3": NO_PROMPTS,
    "bge-small-zh": Prompts("为这个句子生成表示以用于检索相关文章：", ""),
    "bge-base-zh": Prompts("为这个句子生成表示以用于检索相关文章：", ""),
    "bge-large-zh": Prompts("为这个句子生成表示以用于检索相关文章：", ""),
}
"""Prompts of models whose folder does not declare them, by a part of the name (from their model cards)."""


class SentenceEmbedder:
    """An Embedder over a sentence-transformers model on the processor.

    model_spec: "bundled:e5-small", a local folder, or a hub id (`owner/name` or `owner/name@revision`). The
    model is loaded when the object is made (about ten seconds). Raises ModelUnavailable if that fails, with
    what to do.
    """

    def __init__(
        self,
        model_spec: str,
        cache_dir: Path,
        *,
        dtype: Dtype = "auto",
        threads: int | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        source = _find_source(model_spec, cache_dir, progress=progress)
        self.dtype = _choose_dtype(dtype)
        self.batch_size = _BATCH
        self._model = _load(source, dtype=self.dtype, threads=threads)
        self._prompts = _prompts_of(self._model, name=source.name)
        self.model_key = ":".join(
            [source.identity or _commit(self._model), self.dtype, _short_hash(repr(self._prompts))]
        )
        self.dim = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = self._room_for_text()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, prompt and special tokens not counted."""
        if not texts:
            return []
        encoded = self._model.tokenizer(
            list(texts), add_special_tokens=False, truncation=False, verbose=False
        )
        return [len(ids) for ids in encoded["input_ids"]]

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        """Return (n, dim) float32 with rows of length 1, in the order of `texts`.

        Texts are cleaned first. Texts of like length share a batch, so little is computed on padding.
        Raises ValueError if a text is longer than `max_tokens`.
        """
        cleaned = [clean_text(text) for text in texts]
        lengths = np.asarray(self.count_tokens(cleaned), dtype=np.int64)
        if lengths.size and int(lengths.max()) > self.max_tokens:
            raise ValueError(
                f"A text has {lengths.max()} tokens where {self.max_tokens} fit; cut it into chunks first."
            )
        vectors = np.empty((len(cleaned), self.dim), dtype=np.float32)
        # Longest first: if memory does not suffice it shows at once. The stable sort keeps batches
        # reproducible.
        order = np.argsort(-lengths, kind="stable")
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            vectors[rows] = self._encode_batch([cleaned[row] for row in rows], role=role)
            if progress is not None:
                progress(min(start + self.batch_size, len(order)), len(order))
        return vectors

    def _encode_batch(self, texts: list[str], *, role: TextRole) -> Vectors:
        raw = self._model.encode(
            texts,
            prompt=self._prompts.of(role) or None,
            batch_size=len(texts),
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        vectors = np.asarray(raw, dtype=np.float32)
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def _room_for_text(self) -> int:
        """Return how many tokens of text fit beside the longer prompt and the special tokens."""
        limit = self._model.get_max_seq_length()
        if limit is None:
            raise ModelUnavailable(
                "The model does not say how long a text may be; set max_seq_length in its folder."
            )
        longest = max(self.count_tokens([self._prompts.demand, self._prompts.supply]))
        specials = len(self._model.tokenizer("")["input_ids"])
        return int(limit) - longest - specials


@dataclass(frozen=True)
class _Source:
    """A model as the loader wants it: `location` is a folder or a hub id; `identity` is None until loaded."""

    name: str
    location: str
    revision: str | None
    is_local: bool
    identity: str | None


def _find_source(model_spec: str, cache_dir: Path, *, progress: Callable[[str], None] | None) -> _Source:
    """Resolve a setting to a model. Raises ModelUnavailable if it names nothing there is."""
    if model_spec.startswith("bundled:"):
        if model_spec not in BUNDLED_MODELS:
            raise ModelUnavailable(
                f"There is no model {model_spec!r}; bundled are: {', '.join(BUNDLED_MODELS)}."
            )
        model = BUNDLED_MODELS[model_spec]
        folder = bundled_model_folder(model, cache_dir=cache_dir, progress=progress)
        return _Source(model.name, str(folder), None, True, model.key)
    folder = Path(model_spec).expanduser()
    if folder.is_dir():
        return _Source(folder.name, str(folder), None, True, f"{folder.name}-{folder_fingerprint(folder)}")
    if folder.is_absolute() or model_spec.startswith((".", "~")) or model_spec.count("/") != 1:
        raise ModelUnavailable(
            f"There is no model folder {model_spec}; give bundled:e5-small, a folder or a hub id."
        )
    name, _, revision = model_spec.partition("@")
    return _Source(name, name, revision or None, False, None)


def folder_fingerprint(folder: Path) -> str:
    """Return 16 hex digits that change when a model folder's files do.

    Of each file the path, the size, and up to a megabyte at either end are read, so gigabytes take
    milliseconds.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder)}\0{size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(1 << 20))
            file.seek(max(0, size - (1 << 20)))
            digest.update(file.read())
    return digest.hexdigest()[:16]


def _load(source: _Source, *, dtype: str, threads: int | None) -> SentenceTransformer:
    """Load the model. A local one never asks the network, and no code out of a model's folder is run."""
    try:
        import torch
        import transformers
        from sentence_transformers import SentenceTransformer
    except ImportError as err:
        raise ModelUnavailable("torch and sentence-transformers are not installed; run make setup.") from err
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(threads or len(os.sched_getaffinity(0)))
    try:
        return SentenceTransformer(
            source.location,
            device="cpu",
            revision=source.revision,
            local_files_only=source.is_local,
            trust_remote_code=False,
            model_kwargs={"dtype": torch.bfloat16 if dtype == "bfloat16" else torch.float32},
        )
    except (OSError, ValueError, KeyError, RuntimeError) as err:
        raise ModelUnavailable(f"The embedding model {source.name} cannot be loaded: {err}") from err


def _choose_dtype(dtype: Dtype, *, cpu_info: Path = Path("/proc/cpuinfo")) -> str:
    """Resolve "auto": bfloat16 doubles the speed where the processor computes in it and only slows it
    elsewhere.
    """
    if dtype != "auto":
        return dtype
    return "bfloat16" if has_bfloat16(cpu_info) else "float32"


def has_bfloat16(cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Tell whether the processor multiplies bfloat16 natively; where the kernel does not say, it does not."""
    try:
        flags = {
            flag
            for line in cpu_info.read_text().splitlines()
            if line.startswith("flags")
            for flag in line.split()
        }
    except OSError:
        return False
    return bool(flags & {"avx512_bf16", "amx_bf16"})


def _prompts_of(model: SentenceTransformer, *, name: str) -> Prompts:
    """Return the prompts a model's folder declares, else those known for its family, else none."""
    declared = {key: value for key, value in (model.prompts or {}).items() if value}
    if declared:
        return Prompts(declared.get("query", ""), declared.get("document", declared.get("passage", "")))
    family = next((family for family in PROMPTS_BY_FAMILY if family in name.lower()), None)
    return PROMPTS_BY_FAMILY[family] if family else NO_PROMPTS


def _commit(model: SentenceTransformer) -> str:
    """Return the identity of a model that came from a hub: its name and the commit it was fetched at."""
    config = model[0].auto_model.config
    commit = getattr(config, "_commit_hash", None)
    if not commit:
        raise ModelUnavailable("The hub model has no commit; name a local folder or an id with @revision.")
    return f"{config.name_or_path}@{commit}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def embedding_key(model_key: str, role: TextRole, text: str) -> str:
    """Return the key under which the vector of `text` is remembered: sha256 over model, role and cleaned
    text.
    """
    return hashlib.sha256("\0".join([model_key, role.value, clean_text(text)]).encode()).hexdigest()


class VectorStore(Protocol):
    """Remembers vectors by key, so that unchanged text is never encoded twice."""

    def get_many(self, keys: Sequence[str]) -> dict[str, Vectors]:
        """Return the (dim,) vectors of those keys that are known."""

    def put_many(self, vectors: Mapping[str, Vectors]) -> None:
        """Remember (dim,) vectors; a key that is known already is left alone."""


def encode_cached(
    embedder: Embedder,
    texts: Sequence[str],
    *,
    role: TextRole,
    store: VectorStore,
    progress: Progress | None = None,
) -> Vectors:
    """Return what `embedder.encode` would, encoding only texts that `store` does not know, each once.

    New vectors reach the store in portions, so an interrupted run goes on where it stopped. `progress` counts
    only the texts that have to be encoded.
    """
    keys = [embedding_key(embedder.model_key, role, text) for text in texts]
    known = store.get_many(list(dict.fromkeys(keys)))
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    # Sorted by length here too: portions of like length make batches of like length.
    todo = sorted(missing.items(), key=lambda item: -len(item[1]))
    for start in range(0, len(todo), _STORE_EVERY):
        portion = todo[start : start + _STORE_EVERY]
        vectors = embedder.encode([text for _, text in portion], role=role)
        fresh = {key: vector for (key, _), vector in zip(portion, vectors, strict=True)}
        store.put_many(fresh)
        known |= fresh
        if progress is not None:
            progress(start + len(portion), len(todo))
    return np.stack([known[key] for key in keys]) if keys else np.empty((0, embedder.dim), np.float32)


class FileVectorStore:
    """A VectorStore in one SQLite file, for evaluation and other work without the database."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=60)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS vector (key TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID"
        )

    def get_many(self, keys: Sequence[str]) -> dict[str, Vectors]:
        """Return the (dim,) vectors of those keys that are known."""
        found: dict[str, Vectors] = {}
        for portion in _portions(keys, 500):
            marks = ",".join("?" * len(portion))
            rows = self._connection.execute(f"SELECT key, data FROM vector WHERE key IN ({marks})", portion)  # noqa: S608
            found.update((key, np.frombuffer(data, dtype="<f4")) for key, data in rows)
        return found

    def put_many(self, vectors: Mapping[str, Vectors]) -> None:
        """Remember (dim,) vectors; a key that is known already is left alone."""
        rows = [(key, np.asarray(vector, dtype="<f4").tobytes()) for key, vector in vectors.items()]
        with self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _portions(keys: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
