"""Search by words: incremental BM25 over the tokens of matcher/tokens.py, for matching and for public search.

It is the second opinion beside the vectors, and the stated mode of an installation whose encoder is absent;
so this module needs neither torch nor faiss. Documents are kept apart by language: a document competes with
those of its own language for rarity and length, and a caller who names a language gets nothing from the
others, whatever product names they share. A document that shares no term with the query is not in the answer
at all.

The index holds no truth: it is filled from the database and can be thrown away.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.durable_files import write_file
from matcher.hits import Hit
from matcher.postings import Floats, Ints, Shelf
from matcher.tokens import TOKENS_VERSION, query_terms, query_words, tokenize
from models.errors import IndexNotReady

# Not called .npz, because a digest goes before the archive.
FILE_NAME = "lexical.index"


_LAYOUT = 2  # of what is saved


class Evidence(StrEnum):
    """How much of a query a document must hold to be an answer.

    TERM: any term, be it one Chinese character; what matching uses, where the score does the weighing.
    WORD: at least one whole word, that is a pair of Chinese characters or an English word or number.
    EVERY_WORD: all of them, so what was typed, for the public search.
    """

    TERM = "term"
    WORD = "word"
    EVERY_WORD = "every_word"


class LexicalIndex:
    """Documents by words. A change takes effect with the next query; safe to share between threads."""

    def __init__(self) -> None:
        self._shelves: dict[str, Shelf] = {}
        self._lang_of: dict[int, str] = {}
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._lang_of)

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._lang_of

    def languages(self) -> list[str]:
        """The languages of which there are documents, in alphabetical order."""
        with self._lock:
            return sorted(lang for lang, shelf in self._shelves.items() if len(shelf))

    def count(self, lang: str) -> int:
        """The number of documents in one language."""
        with self._lock:
            return len(self._shelves[lang]) if lang in self._shelves else 0

    def add(self, doc_id: int, text: str, lang: str) -> None:
        """Put a document in, in place of the one with the same id if there is one.

        A text without any token is kept too: it counts as a document, and no query finds it.
        """
        tokens = tokenize(text)
        with self._lock:
            if doc_id in self._lang_of:
                self.remove(doc_id)
            self._shelves.setdefault(lang, Shelf()).add(doc_id, tokens)
            self._lang_of[doc_id] = lang

    def remove(self, doc_id: int) -> None:
        """Take a document out. Raises KeyError for an id that is not in."""
        with self._lock:
            self._shelves[self._lang_of.pop(doc_id)].remove(doc_id)

    def scores(
        self, query_text: str, *, lang: str | None = None, evidence: Evidence = Evidence.TERM
    ) -> tuple[Ints, Floats]:
        """Return the ids, ascending, and the BM25 scores, above 0, of all documents that answer the query.

        lang: search this language only; None searches all. Scores of different languages are on their own
        scales: rarity and mean length are those of the language.
        """
        terms = query_terms(query_text)
        needed = [] if evidence is Evidence.TERM else query_words(query_text)
        n_needed = len(needed) if evidence is Evidence.EVERY_WORD else min(1, len(needed))
        with self._lock:
            shelves = [shelf for name, shelf in self._shelves.items() if lang in (None, name)]
            found = [_search(shelf, terms, needed, n_needed) for shelf in shelves]
        return _by_id(found)

    def scores_by(self, standard: LexicalIndex, query_text: str, *, lang: str) -> tuple[Ints, Floats]:
        """Return ids and scores of this index's documents in one language, rarity and length as in `standard`.

        So a document has the score it would have there without counting there. None answers where the standard
        holds no document of the language: nothing is then known of rarity.
        """
        terms = query_terms(query_text)
        with self._lock, standard._lock:
            if lang not in self._shelves or not standard.count(lang):
                return _by_id([])
            shelf, other = self._shelves[lang], standard._shelves[lang]
            gathered, standards = shelf.gather(terms), other.standards(other.gather(terms))
            weights = np.fromiter(terms.values(), np.float64, len(terms))
            scores = shelf.scores(gathered, weights, by=standards)
            slots = np.flatnonzero(scores)
            return _by_id([(shelf.ids[slots], scores[slots])])

    def top(
        self,
        query_text: str,
        n: int,
        *,
        lang: str | None = None,
        allowed: Collection[int] | NDArray[np.integer] | None = None,
        evidence: Evidence = Evidence.TERM,
    ) -> list[Hit]:
        """Return the `n` best documents, best first, equal scores by ascending id; fewer where fewer answer.

        allowed: only these ids may be in the answer; the filter comes before the cut, so it never shortens
        the list.
        """
        ids, scores = self.scores(query_text, lang=lang, evidence=evidence)
        if allowed is not None:
            keep = np.isin(ids, np.fromiter(allowed, np.int64, len(allowed)))
            ids, scores = ids[keep], scores[keep]
        if 0 < n < ids.size:
            # All that reach the n-th best score stay for the sort, or a tie at the edge would be cut by
            # chance.
            keep = scores >= np.partition(scores, ids.size - n)[ids.size - n]
            ids, scores = ids[keep], scores[keep]
        best = np.lexsort((ids, -scores))[: max(n, 0)]
        return [Hit(int(ids[i]), float(scores[i])) for i in best]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays without objects, as `from_arrays` takes them; names are "lang/part"."""
        arrays: dict[str, NDArray[Any]] = {"version": np.array([TOKENS_VERSION, _LAYOUT])}
        with self._lock:
            for lang in self.languages():
                vocabulary, parts = self._shelves[lang].to_arrays()
                words = np.frombuffer(json.dumps(vocabulary, ensure_ascii=True).encode(), np.uint8)
                arrays |= {f"{lang}/{name}": part for name, part in {**parts, "vocabulary": words}.items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> LexicalIndex:
        """Restore an index. Raises IndexNotReady for one made with other tokens."""
        if arrays["version"].tolist() != [TOKENS_VERSION, _LAYOUT]:
            raise IndexNotReady(
                "The saved word index was made by another version; build it from the database again."
            )
        index = cls()
        for lang in sorted({key.split("/")[0] for key in arrays if "/" in key}):
            parts = {
                key.removeprefix(f"{lang}/"): part
                for key, part in arrays.items()
                if key.startswith(f"{lang}/")
            }
            shelf = Shelf.from_arrays(json.loads(parts.pop("vocabulary").tobytes()), parts)
            index._shelves[lang] = shelf
            index._lang_of |= dict.fromkeys(shelf.ids.tolist(), lang)
        return index

    def save(self, folder: Path) -> None:
        """Write the index into `folder` as one file that replaces the old one in an instant.

        Raises OSError, and leaves the old file alone, when the disk refuses.
        """
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=False, **self.to_arrays())
        payload = stream.getvalue()
        folder.mkdir(parents=True, exist_ok=True)
        write_file(folder, FILE_NAME, [hashlib.sha256(payload).digest(), payload])

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote.

        Raises IndexNotReady where there is nothing, a damaged file, or one made with other tokens.
        """
        return cls.from_arrays(_read(folder / FILE_NAME))


def _read(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a saved index: 32 bytes of SHA-256, then an npz without objects."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as err:
        raise IndexNotReady("There is no saved word index yet; build it from the database.") from err
    digest, payload = content[:32], content[32:]
    if hashlib.sha256(payload).digest() != digest:
        raise IndexNotReady("The saved word index is damaged; build it from the database again.")
    with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
        return dict(stored)


def _by_id(found: list[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
    """The answers of all shelves in one pair of arrays, by ascending id."""
    if len(found) == 1:
        ids, scores = found[0]
    else:
        ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in found)])
        scores = np.concatenate([np.empty(0, np.float64), *(scores for _, scores in found)])
    # Documents mostly arrive in the order of their ids; looking is cheaper than sorting.
    if bool(np.all(ids[1:] > ids[:-1])):
        return ids, scores
    order = np.argsort(ids, kind="stable")
    return ids[order], scores[order]


def _search(shelf: Shelf, terms: dict[str, int], needed: list[str], n_needed: int) -> tuple[Ints, Floats]:
    """Ids and scores of the documents on one shelf that hold a term and enough of the needed words."""
    gathered = shelf.gather(terms)
    scores = shelf.scores(gathered, np.fromiter(terms.values(), np.float64, len(terms)))
    if needed:
        scores[shelf.n_matched(shelf.gather(needed)) < n_needed] = 0.0
    slots = np.flatnonzero(scores)
    return shelf.ids[slots], scores[slots]
