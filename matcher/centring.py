"""Taking role and language out of vectors: each group's mean is subtracted, and the rest is made a unit
vector again.

multilingual-e5 puts texts of one language, and of one role, so close together that an English document never
comes before a Chinese one for a Chinese need. Removing the mean of each (role, language) group repairs that
(measured on development data: recall of the right text across languages from .55 to .98) and sharpens the
order within a language. The means come from the stored texts themselves; they belong to an index version and
are saved with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.embedder import TextRole, Vectors
from matcher.grid import unit_rows
from matcher.passages import EncodedText

MIN_GROUP_TEXTS = 12
"""A mean over fewer texts says more about those texts than about their language (measured: 12 to 30 already
do)."""

Group = tuple[TextRole, str]
"""Role and language code, e.g. (TextRole.SUPPLY, "zh")."""


@dataclass(frozen=True)
class TextVectors:
    """The vectors of one text at one grain, raw: (n, dim)."""

    role: TextRole
    lang: str
    vectors: Vectors


@dataclass(frozen=True)
class CentringMeans:
    """The mean raw vector of each group at one grain, and how many texts it rests on."""

    means: Mapping[Group, Vectors] = field(default_factory=dict)
    n_texts: Mapping[Group, int] = field(default_factory=dict)

    def mean_for(self, role: TextRole, lang: str) -> Vectors | None:
        """Return the (dim,) mean to subtract: the group's, else that of the language's other role, else None.

        A group counts from MIN_GROUP_TEXTS texts on. None means that vectors stay as they are.
        """
        other = TextRole.SUPPLY if role is TextRole.DEMAND else TextRole.DEMAND
        for group in ((role, lang), (other, lang)):
            if self.n_texts.get(group, 0) >= MIN_GROUP_TEXTS:
                return self.means[group]
        return None

    def apply(self, vectors: Vectors, *, role: TextRole, lang: str) -> Vectors:
        """Return (n, dim) centred unit vectors; `vectors` are raw and are not changed."""
        mean = self.mean_for(role, lang)
        return unit_rows(vectors if mean is None else vectors - mean)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the means as arrays for `numpy.savez`: groups "role/lang", n_texts, means (n_groups,
        dim).
        """
        groups = sorted(self.means)
        return {
            "groups": np.array([f"{role.value}/{lang}" for role, lang in groups], dtype="U16"),
            "n_texts": np.array([self.n_texts[group] for group in groups], dtype=np.int64),
            "means": np.array([self.means[group] for group in groups], dtype=np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> CentringMeans:
        """Return what `to_arrays` was called on."""
        groups = [_parse_group(str(name)) for name in arrays["groups"]]
        means = np.asarray(arrays["means"], dtype=np.float32)
        return cls(
            dict(zip(groups, means, strict=True)),
            dict(zip(groups, (int(n) for n in arrays["n_texts"].astype(np.int64)), strict=True)),
        )


def fit_means(texts: Iterable[TextVectors]) -> CentringMeans:
    """Return the means over the vectors of each group's texts, whatever their number; texts without any are
    skipped.
    """
    sums: dict[Group, NDArray[np.float64]] = {}
    n_vectors: dict[Group, int] = {}
    n_texts: dict[Group, int] = {}
    for text in texts:
        if len(text.vectors) == 0:
            continue
        group = (text.role, text.lang)
        total = text.vectors.sum(axis=0, dtype=np.float64)
        sums[group] = sums[group] + total if group in sums else total
        n_vectors[group] = n_vectors.get(group, 0) + len(text.vectors)
        n_texts[group] = n_texts.get(group, 0) + 1
    means = {group: (sums[group] / n_vectors[group]).astype(np.float32) for group in sums}
    return CentringMeans(means, n_texts)


@dataclass(frozen=True)
class Centring:
    """The means of chunks and those of sections: long texts lie elsewhere than short ones. Frozen with an index
    version.
    """

    chunks: CentringMeans = field(default_factory=CentringMeans)
    sections: CentringMeans = field(default_factory=CentringMeans)

    @classmethod
    def fit(cls, texts: Iterable[tuple[TextRole, str, EncodedText]]) -> Centring:
        """The means of raw texts, each with its role and language."""
        all_texts = list(texts)
        return cls(
            fit_means(TextVectors(role, lang, text.chunks) for role, lang, text in all_texts),
            fit_means(TextVectors(role, lang, text.sections) for role, lang, text in all_texts),
        )

    def apply(self, text: EncodedText, *, role: TextRole, lang: str) -> EncodedText:
        """The text with centred unit vectors; `text` is raw and is not changed."""
        return EncodedText(
            self.chunks.apply(text.chunks, role=role, lang=lang),
            self.sections.apply(text.sections, role=role, lang=lang),
        )

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Arrays to be stored with an index."""
        grains = {"chunk": self.chunks, "section": self.sections}
        return {
            f"{grain}_{name}": array
            for grain, means in grains.items()
            for name, array in means.to_arrays().items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Centring:
        """What `to_arrays` was called on."""
        names = ("groups", "n_texts", "means")
        return cls(
            *(
                CentringMeans.from_arrays({name: arrays[f"{grain}_{name}"] for name in names})
                for grain in ("chunk", "section")
            )
        )


def _parse_group(name: str) -> Group:
    role, _, lang = name.partition("/")
    return TextRole(role), lang
