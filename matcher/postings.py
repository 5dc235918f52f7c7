"""Incremental BM25 over numpy postings, for the documents of one language.

Documents have slots, numbered as they come. A posting is (term, slot, count). Postings lie in two immutable
segments, a large base and a small tail, in the manner of a log-structured merge tree: an added document waits
in `_pending`, the next query folds it into the tail, and a tail that has grown too large is folded into the
base. Removing a document only marks its slot; document frequencies are counted among live postings when a
query reads them, so they are right without being kept. Dead slots and the terms only they held go away when
the base is next built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

# k1 and b were chosen on the labelled development sets (`python -m matcher evaluate`): a long need with many
# repeated words is helped by a slow saturation, and full length normalisation keeps long profiles from
# winning by length.
K1 = 2.0
B = 1.0

# A tail of this many postings is re-sorted in about a millisecond; past it (or an eighth of the base) it
# joins the base.
MIN_TAIL_POSTINGS = 20_000

MOST_COUNTED = 2**16 - 1
"""More of one word in one document changes its score no more."""

ASKED_BEFORE = 2

# The terms that most documents hold are laid out in full, which adds them five times as fast as posting by posting:
# those that so large a share holds, and no more than so many, at 4 bytes a document each.
LAID_OUT_SHARE = 1 / 8
MAX_LAID_OUT = 96

Number = TypeVar("Number", np.int64, np.float64)
Ints = NDArray[np.int64]
Slots = NDArray[np.int32]
Counts = NDArray[np.uint16]
Shares = NDArray[np.float32]
Floats = NDArray[np.float64]


class Segment:
    """Postings sorted by term, then slot; never changed once built.

    terms: (n_terms,) the terms present, ascending. starts: (n_terms + 1,) where each one's postings begin.
    slots, counts: (n_postings,) the documents and how often the term occurs there, MOST_COUNTED at most; 6 bytes a
    posting together.
    """

    def __init__(self, terms: Ints, starts: Ints, slots: Slots, counts: Counts) -> None:
        self.terms, self.starts, self.slots, self.counts = terms, starts, slots, counts

    @classmethod
    def build(cls, terms: Ints, slots: Slots, counts: Counts) -> Segment:
        """Sort loose postings, three arrays of one length, into a segment."""
        order = np.lexsort((slots, terms))
        terms = terms[order]
        distinct, starts = np.unique(terms, return_index=True)
        return cls(distinct, np.append(starts, terms.size).astype(np.int64), slots[order], counts[order])

    @classmethod
    def empty(cls) -> Segment:
        """A segment without postings."""
        return cls.build(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.uint16))

    def __len__(self) -> int:
        return int(self.slots.size)

    def loose(self) -> tuple[Ints, Slots, Counts]:
        """The postings as three arrays of one length, as `build` takes them."""
        return np.repeat(self.terms, np.diff(self.starts)), self.slots, self.counts

    def ranges(self, terms: Ints) -> tuple[list[int], list[int]]:
        """Where the postings of each term begin and end; an empty range for a term that is not here."""
        if not self.terms.size:
            return [0] * terms.size, [0] * terms.size
        at = np.minimum(np.searchsorted(self.terms, terms), self.terms.size - 1)
        found = self.terms[at] == terms
        return np.where(found, self.starts[at], 0).tolist(), np.where(found, self.starts[at + 1], 0).tolist()


class Span(NamedTuple):
    """The postings of one term in one segment: rows `begin` to `end` of it."""

    segment: Segment
    begin: int
    end: int


class Gathered(NamedTuple):
    """The postings of a query's terms, those of removed documents included.

    spans: for each term where its postings lie. frequencies: (n_terms,) how many live documents hold each term.
    """

    spans: list[list[Span]]
    frequencies: Ints


class Standards(NamedTuple):
    """What rarity and length are measured by: a number of documents, their mean length, and how many hold each term.

    frequencies: (n_terms,) for the terms of one query.
    """

    n_documents: int
    mean_length: float
    frequencies: Ints


class _Ready(NamedTuple):
    """A segment with what queries need of it computed for fixed norms.

    saturated: (n_postings,) count / (count + norm of the document). rows: by where a frequent term's postings begin,
    the same for every slot, 0 where the document does not hold it.
    """

    segment: Segment
    saturated: Shares
    rows: dict[int, Shares]

    @classmethod
    def of(cls, segment: Segment, norms: Floats) -> _Ready:
        saturated = _saturate(segment, 0, len(segment), norms)
        n_slots = int(segment.slots.max()) + 1 if len(segment) else 0
        held_by = np.diff(segment.starts)
        most_first = np.argsort(-held_by, kind="stable")[:MAX_LAID_OUT]
        rows: dict[int, Shares] = {}
        for at in most_first[held_by[most_first] >= LAID_OUT_SHARE * n_slots]:
            begin, end = int(segment.starts[at]), int(segment.starts[at + 1])
            row: Shares = np.zeros(n_slots, np.float32)
            row[segment.slots[begin:end]] = saturated[begin:end]
            rows[begin] = row
        return cls(segment, saturated, rows)


class Shelf:
    """The documents of one language and their BM25 scores. Not safe for threads by itself."""

    def __init__(self) -> None:
        self._vocabulary: dict[str, int] = {}
        self._slot_of: dict[int, int] = {}
        self._ids = np.empty(64, np.int64)
        self._lengths = np.empty(64, np.int64)
        self._live = np.zeros(64, np.bool_)
        self._n_slots = 0
        self._total_length = 0
        self._base, self._tail = Segment.empty(), Segment.empty()
        self._pending: list[tuple[int, Ints, Counts]] = []
        self._norms: tuple[float, Floats] | None = None
        self._n_asked = 0  # with these norms
        self._ready: _Ready | None = None

    def __len__(self) -> int:
        return len(self._slot_of)

    @property
    def ids(self) -> Ints:
        """Document ids by slot, those of removed documents included."""
        return self._ids[: self._n_slots]

    def add(self, doc_id: int, tokens: Sequence[str]) -> None:
        """Put a document on the shelf. The caller makes sure that its id is not there yet."""
        occurrences = Counter(tokens)
        terms = [self._vocabulary.setdefault(token, len(self._vocabulary)) for token in occurrences]
        slot = self._new_slot()
        self._ids[slot], self._lengths[slot], self._live[slot] = doc_id, len(tokens), True
        self._slot_of[doc_id] = slot
        self._total_length += len(tokens)
        counts = np.minimum(np.fromiter(occurrences.values(), np.int64, len(occurrences)), MOST_COUNTED)
        self._pending.append((slot, np.array(terms, np.int64), counts.astype(np.uint16)))
        self._norms = None

    def remove(self, doc_id: int) -> None:
        """Take a document off the shelf. Raises KeyError for an id that is not on it."""
        slot = self._slot_of.pop(doc_id)
        self._live[slot] = False
        self._total_length -= int(self._lengths[slot])
        self._norms = None

    def gather(self, terms: Iterable[str]) -> Gathered:
        """Find the postings, term by term in the given order, so that sums are the same each time."""
        self._settle()
        numbers = np.array([self._vocabulary.get(term, -1) for term in terms], np.int64)
        segments = [(segment, *segment.ranges(numbers)) for segment in (self._base, self._tail)]
        spans = [
            [
                Span(segment, begins[at], ends[at])
                for segment, begins, ends in segments
                if ends[at] > begins[at]
            ]
            for at in range(numbers.size)
        ]
        return Gathered(spans, np.array([sum(map(self._n_living, each)) for each in spans], np.int64))

    def standards(self, gathered: Gathered) -> Standards:
        """The standards that this shelf's own documents set for a query's terms."""
        return Standards(len(self), self._mean_length(), gathered.frequencies)

    def scores(self, gathered: Gathered, weights: Floats, *, by: Standards | None = None) -> Floats:
        """Return the BM25 score of every slot, 0 where no term matches.

        weights: (n_terms,) how often each gathered term occurs in the query. The frequency part is count /
        (count + k1 * (1 - b + b * length / mean length)), the weight of a term log(1 + (N - n + 1/2) / (n +
        1/2)): Lucene's form, above zero even for a term that every document holds. by: the standards of another
        shelf for the same terms, so that a score does not depend on what else stands on this one.
        """
        by = by or self.standards(gathered)
        rarity = np.log1p((by.n_documents - by.frequencies + 0.5) / (by.frequencies + 0.5))
        scores = np.zeros(self._n_slots)
        norms = self._length_norms(by.mean_length)
        self._n_asked += 1
        for weight, spans in zip((weights * rarity).tolist(), gathered.spans, strict=True):
            for span in spans:
                self._add(scores, span, weight, norms)
        return self._of_living(scores)

    def _add(self, scores: Floats, span: Span, weight: float, norms: Floats) -> None:
        """Add what one term gives to the scores of its documents."""
        segment, begin, end = span
        ready = self._made_ready(norms) if segment is self._base else None
        row = None if ready is None else ready.rows.get(begin)
        if row is not None:
            scores[: len(row)] += np.multiply(row, weight, dtype=np.float64)
            return
        found = _saturate(segment, begin, end, norms) if ready is None else ready.saturated[begin:end]
        # Half the time of taking, adding and putting back; with slots of another width numpy goes a slow way.
        np.add.at(
            scores, segment.slots[begin:end].astype(np.intp), np.multiply(found, weight, dtype=np.float64)
        )

    def n_matched(self, gathered: Gathered) -> Ints:
        """Return, for every slot, how many of the gathered terms it holds."""
        n_terms = np.zeros(self._n_slots, np.int64)
        for spans in gathered.spans:
            for segment, begin, end in spans:
                n_terms[segment.slots[begin:end]] += 1
        return self._of_living(n_terms)

    def to_arrays(self) -> tuple[list[str], dict[str, NDArray[Any]]]:
        """Return the vocabulary, in the order of its numbers, and the arrays that `from_arrays` takes."""
        self._rebuild()
        n = self._n_slots
        base = self._base
        arrays: dict[str, NDArray[Any]] = {"ids": self._ids[:n], "lengths": self._lengths[:n]}
        arrays |= {"terms": base.terms, "starts": base.starts, "slots": base.slots, "counts": base.counts}
        return list(self._vocabulary), arrays

    @classmethod
    def from_arrays(cls, vocabulary: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> Shelf:
        """Restore a shelf, which keeps the arrays themselves and changes none of them.

        Raises KeyError or ValueError where they do not fit together.
        """
        ids, lengths = arrays["ids"].astype(np.int64), arrays["lengths"].astype(np.int64)
        terms, starts = np.asarray(arrays["terms"], np.int64), np.asarray(arrays["starts"], np.int64)
        slots, counts = np.asarray(arrays["slots"], np.int32), np.asarray(arrays["counts"], np.uint16)
        if ids.shape != lengths.shape or slots.shape != counts.shape or ids.ndim != 1:
            raise ValueError("arrays of different lengths")
        if starts.shape != (terms.size + 1,) or starts[0] != 0 or starts[-1] != slots.size:
            raise ValueError("postings that belong to no term")
        if (np.diff(starts) <= 0).any() or (np.diff(terms) <= 0).any():
            raise ValueError("terms out of order")
        if slots.size and (slots.min() < 0 or slots.max() >= ids.size):
            raise ValueError("a posting of a document that is not there")
        if terms.size and (terms.min() < 0 or terms.max() >= len(vocabulary)):
            raise ValueError("a posting of a term that is not there")
        shelf = cls()
        shelf._vocabulary = {term: number for number, term in enumerate(vocabulary)}
        shelf._ids, shelf._lengths, shelf._live = ids, lengths, np.ones(ids.size, np.bool_)
        shelf._n_slots, shelf._total_length = ids.size, int(lengths.sum())
        shelf._slot_of = {int(doc_id): slot for slot, doc_id in enumerate(ids)}
        shelf._base = Segment(terms, starts, slots, counts)
        return shelf

    def _new_slot(self) -> int:
        if self._n_slots == self._ids.size:
            more = max(64, self._n_slots)
            self._ids = np.concatenate([self._ids, np.empty(more, np.int64)])
            self._lengths = np.concatenate([self._lengths, np.empty(more, np.int64)])
            self._live = np.concatenate([self._live, np.zeros(more, np.bool_)])
        self._n_slots += 1
        return self._n_slots - 1

    def _n_living(self, span: Span) -> int:
        if len(self) == self._n_slots:
            return span.end - span.begin
        return int(np.count_nonzero(self._live[span.segment.slots[span.begin : span.end]]))

    def _of_living(self, values: NDArray[Number]) -> NDArray[Number]:
        if len(self) < self._n_slots:
            values[~self._live[: self._n_slots]] = 0
        return values

    def _mean_length(self) -> float:
        return self._total_length / len(self) if self._total_length else 1.0

    def _length_norms(self, mean: float) -> Floats:
        """k1 times the length of every slot's document relative to `mean`, kept until one comes or goes."""
        if self._norms is None or self._norms[0] != mean:
            norms = K1 * (1 - B + B * self._lengths[: self._n_slots] / mean)
            self._norms = mean, np.asarray(norms, np.float64)
            self._n_asked, self._ready = 0, None
        return self._norms[1]

    def _made_ready(self, norms: Floats) -> _Ready | None:
        """The base with all its saturations, once it has been asked a few times without any change.

        A standing index is asked often; one that changes all the time never gets so far.
        """
        if self._n_asked <= ASKED_BEFORE:
            return None
        if self._ready is None or self._ready.segment is not self._base:
            self._ready = _Ready.of(self._base, norms)
        return self._ready

    def _settle(self) -> None:
        """Fold waiting documents into the tail, and all into a new base once tail or dead are many."""
        n_dead = self._n_slots - len(self)
        if n_dead > max(1_000, len(self)):
            self._rebuild()
        elif self._pending:
            self._tail = self._fold(self._tail)
            if len(self._tail) > max(MIN_TAIL_POSTINGS, len(self._base) // 8):
                self._rebuild()

    def _fold(self, *segments: Segment) -> Segment:
        """One segment of the given ones and the waiting documents."""
        loose = [segment.loose() for segment in segments]
        loose += [
            (terms, np.full(terms.size, slot, np.int32), counts) for slot, terms, counts in self._pending
        ]
        self._pending = []
        terms, slots, counts = (np.concatenate(column) for column in zip(*loose, strict=True))
        return Segment.build(terms, slots, counts)

    def _rebuild(self) -> None:
        """Make one base of all live documents; slots and terms are numbered anew without the dead ones."""
        terms, slots, counts = self._fold(self._base, self._tail).loose()
        live = self._live[: self._n_slots]
        keep = live[slots]
        terms, slots, counts = terms[keep], (np.cumsum(live) - 1).astype(np.int32)[slots[keep]], counts[keep]
        used = np.unique(terms)
        names = list(self._vocabulary)
        self._vocabulary = {names[number]: i for i, number in enumerate(used)}
        self._ids, self._lengths = self._ids[: self._n_slots][live], self._lengths[: self._n_slots][live]
        self._n_slots = self._ids.size
        self._live = np.ones(self._n_slots, np.bool_)
        self._slot_of = {int(doc_id): slot for slot, doc_id in enumerate(self._ids)}
        self._base, self._tail = Segment.build(np.searchsorted(used, terms), slots, counts), Segment.empty()
        self._norms = None


def _saturate(segment: Segment, begin: int, end: int, norms: Floats) -> Shares:
    counts = segment.counts[begin:end]
    saturated: Shares = (counts / (norms.take(segment.slots[begin:end]) + counts)).astype(np.float32)
    return saturated
