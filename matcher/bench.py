"""A labelled set made ready to be ranked by each system: cut, encoded, centred, against a background of its own.

Queries are treated as scenarios and documents as capabilities, through the modules that serve pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.centring import Centring
from matcher.chunks import chunk_text
from matcher.copies import own_words, shares_phrases, statements_of
from matcher.embedder import Embedder, Progress, TextRole, VectorStore
from matcher.gauge import EXAMINED_FROM
from matcher.labelled_set import LabelledSet, LabelledText
from matcher.lexical import LexicalIndex
from matcher.likeness import Floats
from matcher.passages import MAX_CHUNK_TOKENS, EncodedText, encode_texts
from matcher.relevance import BLEND, Blend, Offers, fit_background, profile_need, relevance
from matcher.word_strengths import word_spread, word_strengths

_RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


@dataclass(frozen=True, slots=True)
class EncodingCost:
    """What the texts amount to, and what encoding those that were not cached took. n_tokens: of the chunks."""

    n_chunks: int
    n_sections: int
    n_tokens: int
    n_encoded: int
    seconds: float


@dataclass(frozen=True)
class EncodedSet:
    """For each role the raw vectors of each text, in the order of the set, and how each document was cut.

    encode_again: the raw vectors of a document of other chunks.
    """

    vectors: Mapping[TextRole, Sequence[EncodedText]]
    chunks: Sequence[Sequence[str]]
    encode_again: Callable[[Sequence[str]], EncodedText]


def encode_set(
    labelled: LabelledSet, embedder: Embedder, store: VectorStore, *, progress: Progress | None = None
) -> tuple[EncodedSet, EncodingCost]:
    """Return the vectors of all queries and documents, encoding only what `store` does not know."""
    vectors: dict[TextRole, Sequence[EncodedText]] = {}
    n_encoded = [0]
    n_tokens = 0
    seconds = 0.0

    def counted(done: int, total: int) -> None:
        n_encoded[0] = n_before + done
        if progress is not None:
            progress(done, total)

    chunks: dict[TextRole, list[list[str]]] = {}
    for role, texts in ((TextRole.DEMAND, labelled.queries), (TextRole.SUPPLY, labelled.documents)):
        chunks[role] = [_chunks(text, role, embedder) for text in texts]
        n_tokens += sum(embedder.count_tokens([chunk for cut in chunks[role] for chunk in cut]))
        n_before, started = n_encoded[0], time.perf_counter()
        vectors[role] = encode_texts(chunks[role], embedder, store, role=role, progress=counted)
        seconds += time.perf_counter() - started
    encoded = [text for side in vectors.values() for text in side]
    n_chunks, n_sections = sum(len(t.chunks) for t in encoded), sum(len(t.sections) for t in encoded)
    cost = EncodingCost(n_chunks, n_sections, n_tokens, n_encoded[0], seconds)

    def again(texts: Sequence[str]) -> EncodedText:
        return encode_texts([texts], embedder, store, role=TextRole.SUPPLY)[0]

    return EncodedSet(vectors, chunks[TextRole.SUPPLY], again), cost


def _chunks(text: LabelledText, role: TextRole, embedder: Embedder) -> list[str]:
    whole = statements_of(text.text) if role is TextRole.SUPPLY else text.text
    chunks = chunk_text(text.id, whole, count_tokens=embedder.count_tokens, max_tokens=MAX_CHUNK_TOKENS)
    return [chunk.text for chunk in chunks]


@dataclass(frozen=True, slots=True)
class MakeUp:
    """What the engine is made of; other than by default only to see what an ingredient adds."""

    blend: Blend = BLEND
    is_centred: bool = True
    has_hubness: bool = True


class Bench:
    """The labelled set made ready: word index, centred vectors, background. One method a system.

    Each method gives (n_documents,) float64 for a query's row, higher is better, -inf where the system does
    not find the document. Documents are in the order of their ids, so that equal scores are ordered by id.
    """

    def __init__(
        self,
        labelled: LabelledSet,
        encoded: EncodedSet,
        make_up: MakeUp = MakeUp(),
        *,
        words: LexicalIndex | None = None,
    ) -> None:
        """words: the documents by words, where they have been indexed before."""
        self.labelled, self._make_up, self._encoded = labelled, make_up, encoded
        self._langs = np.array([document.lang for document in labelled.documents])
        self.words = _indexed(labelled) if words is None else words
        needs, offers = self._centred(encoded)
        dim = offers[0].chunks.shape[1]
        # Without needs in the background nothing is popular.
        background = fit_background(needs if make_up.has_hubness else [], offers, dim)
        self._background = background
        self.profiles = [profile_need(need, background) for need in needs]
        self.offers = Offers.of(offers, background, dim)

    def made_otherwise(self, make_up: MakeUp) -> Bench:
        """The same set for an engine of another make-up; words are not indexed again."""
        return Bench(self.labelled, self._encoded, make_up, words=self.words)

    def _centred(self, encoded: EncodedSet) -> tuple[list[EncodedText], list[EncodedText]]:
        sides = {TextRole.DEMAND: self.labelled.queries, TextRole.SUPPLY: self.labelled.documents}
        texts = {
            role: [(role, text.lang, raw) for text, raw in zip(side, encoded.vectors[role], strict=True)]
            for role, side in sides.items()
        }
        all_texts = [*texts[TextRole.DEMAND], *texts[TextRole.SUPPLY]]
        self._centring = Centring.fit(all_texts) if self._make_up.is_centred else Centring()
        needs, offers = (
            [self._centring.apply(raw, role=role, lang=lang) for role, lang, raw in texts[side]]
            for side in sides
        )
        return needs, offers

    def bm25(self, row: int) -> Floats:
        """BM25 over Chinese unigrams and bigrams and English stems, k1 2, b 1; documents of the query's
        language.
        """
        query = self.labelled.queries[row]
        found, scores = self.words.scores(query.text, lang=query.lang)
        return self._spread_out(found, scores, missing=-np.inf)

    def dense(self, row: int) -> Floats:
        """The cosine of one centred vector a text: of the whole text where it fits the model, else the mean of its
        sections.
        """
        cosines: Floats = (self.offers.documents @ self.profiles[row].document).astype(np.float64)
        return cosines

    def rrf(self, row: int) -> Floats:
        """Reciprocal rank fusion of the two, of equal weight; a document without a shared word gets nothing
        for words.
        """
        return _reciprocal_ranks(self.bm25(row)) + _reciprocal_ranks(self.dense(row))

    def engine(self, row: int) -> Floats:
        """Relevance, as pages order by it before gates and signals, which labelled sets do not have."""
        query = self.labelled.queries[row]
        found, scores = self.words.scores(query.text, lang=query.lang)
        n_documents = self.words.count(query.lang)
        words = self._spread_out(found, word_strengths(scores, n_documents), missing=0.0)
        words[self._langs != query.lang] = np.nan
        total = relevance(self.profiles[row], self.offers, words, blend=self._make_up.blend).total
        spread = word_spread(scores, n_documents)
        for at in np.flatnonzero(total >= EXAMINED_FROM):
            total[at] = min(total[at], self._of_its_own(row, int(at), spread, total[at]))
        return total

    def _of_its_own(self, row: int, at: int, spread: float, raw: float) -> float:
        """The relevance of a document without what it copied out of the query; `raw` where that is nothing."""
        query, document, chunks = (
            self.labelled.queries[row],
            self.labelled.documents[at],
            self._encoded.chunks[at],
        )
        if not shares_phrases(query.text, document.text):
            return raw
        texts = own_words(query.text, chunks).texts
        if texts == tuple(chunks) or not any(texts):
            return raw
        kept = [text for text in texts if text]
        vectors = self._centring.apply(
            self._encoded.encode_again(kept), role=TextRole.SUPPLY, lang=document.lang
        )
        left = LexicalIndex()
        left.add(at, "\n".join(kept), document.lang)
        _, scores = left.scores_by(self.words, query.text, lang=query.lang)
        words = scores / spread if scores.size and spread > 0 else np.zeros(1)
        words = words if document.lang == query.lang else np.full(1, np.nan)
        own = Offers.of([vectors], self._background, vectors.chunks.shape[1])
        return float(relevance(self.profiles[row], own, words, blend=self._make_up.blend).total[0])

    def _spread_out(self, found: np.typing.NDArray[np.int64], values: Floats, *, missing: float) -> Floats:
        spread = np.full(len(self.labelled.documents), missing)
        spread[found] = values
        return spread


def _indexed(labelled: LabelledSet) -> LexicalIndex:
    words = LexicalIndex()
    for row, document in enumerate(labelled.documents):
        words.add(row, statements_of(document.text), document.lang)
    return words


def _reciprocal_ranks(scores: Floats) -> Floats:
    order = np.argsort(-scores, kind="stable")
    fused = np.empty(len(scores))
    fused[order] = 1 / (_RRF_K + np.arange(1, len(scores) + 1))
    return np.where(np.isneginf(scores), 0.0, fused)
