"""What in a text states nothing: sentences copied out of the need it answers, what is said twice, lists of labels.

A copy of a requirement says nothing about the firm that pasted it. So copied statements are no evidence for that need,
neither for relevance nor for any requirement. Texts are compared as readers see them: folded, without marks and blanks,
in units of one Han character or one word.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matcher.chunks import detect_lang, split_sentences
from matcher.tokens import is_stop_word, seen_as

Codes = NDArray[np.uint64]
Marks = NDArray[np.bool_]

WINDOW = 6
"""Units in a row that make a phrase: six Han characters or six words, seldom in common by chance."""

COPIED_SHARE = 0.6
"""A statement is a copy when this share of its units stands in phrases of the need. Who quotes a requirement and then
answers it in words of their own stays below."""

RUN = 8
"""Units in a row out of the need that are counted as copied within a statement that is not a copy as a whole."""

ESTABLISHED = 36
"""Copied units, over all statements, from which there is copying: one short sentence in common is chance, five are not.
"""

NEED_SHARE = 0.08
"""There is copying only where so much of the need has been copied: an honest text may repeat what a long need says of
the problem. On sbir_topic_award 6 of 231 winners repeat more of their topic than that."""

LONG_RUN = 28
"""Units in a row, word for word, that nobody writes by chance: copying by themselves, however long the need is. None of
the labelled winners of sbir_topic_award has such a run and stays below NEED_SHARE."""

ROUNDS = 3
"""Or where the same words of the need stand so often in the text, as its title in front of every sentence. A phrase
that comes so often counts as copied however short the run is that it stands in."""

MIN_NEED = 120
"""Units of a need that is long enough to be copied from. A question of one sentence is asked in the words of its field,
and who answers it must use them."""

REPEATED_SHARE = 0.9
"""A sentence repeats the ones before it when this share of its units stands in their phrases, its figures included."""

LIST_ITEMS = 10
"""So many short items in a row, and nothing else, are a list of labels and no statement."""

WORDS_IN_LINE = 20
GRAMMAR_SHARE = 0.15
"""So many English words without any mark, and with fewer function words than this share, are a list too: prose has a
third."""

CIRCLES_SHARE = 0.5
"""A sentence goes round in circles when fewer of its phrases than this share are new ones."""

_BETWEEN_ITEMS = {"zh": re.compile(r"[\s,，、;；/|·。.]+"), "en": re.compile(r"\s*[,，、;；/|·.\n]+\s*")}
_SHORT = {"zh": 6, "en": 3}  # characters, words

_UNIT = re.compile(r"[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_\u3005\u3007\u3400-\u9fff]+")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def units_of(text: str) -> list[str]:
    """The Han characters and words of a text in reading order, as they are seen."""
    return _UNIT.findall(seen_as(text))


@lru_cache(maxsize=8192)
def phrases_of(text: str) -> Codes:
    """A code for each run of WINDOW units, in reading order; the same in every process. Not to be changed."""
    codes = np.array([zlib.crc32(unit.encode()) for unit in units_of(text)], np.uint64)
    n_windows = len(codes) - WINDOW + 1
    if n_windows <= 0:
        return np.zeros(0, np.uint64)
    found = np.zeros(n_windows, np.uint64)
    for at in range(WINDOW):
        found = found * _FACTOR + codes[at : at + n_windows]
    found.flags.writeable = False
    return found


def shares_phrases(need: str, offer: str) -> bool:
    """Whether two texts have so much in common that something of the offer could be a copy; cheap."""
    asked = _sorted_phrases(need)
    if len(asked) <= MIN_NEED - WINDOW:
        return False
    own = phrases_of(offer)
    nearest = asked[np.minimum(np.searchsorted(asked, own), len(asked) - 1)]
    return int(np.count_nonzero(nearest == own)) >= RUN - WINDOW + 1


@lru_cache(maxsize=64)
def _sorted_phrases(text: str) -> Codes:
    return np.sort(phrases_of(text))


@dataclass(frozen=True, slots=True)
class Own:
    """What is left of an offer's statements for one need. texts: of each, "" where all is copied; copies: positions of
    the statements that are copies as a whole.
    """

    texts: tuple[str, ...]
    copies: tuple[int, ...]


def own_words(need: str, statements: Sequence[str]) -> Own:
    """The statements without what is copied out of the need's text; unchanged where there is no copying."""
    phrases = phrases_of(need)
    marked = [_in_phrases(statement, phrases) for statement in statements]
    copies = [at for at, marks in enumerate(marked) if marks.any() and marks.mean() >= COPIED_SHARE]
    again = _said_again(statements, phrases)
    runs = [
        marks if at in copies else _long_runs(marks) | _in_phrases(statements[at], again)
        for at, marks in enumerate(marked)
    ]
    touched = [statements[at] for at, run in enumerate(runs) if run.any()]
    if not _is_copying(need, touched, runs):
        return Own(tuple(statements), ())
    # Who copies copies the short pieces too ("60 seconds a line"), which are no phrase by themselves.
    copies = [at for at, text in enumerate(statements) if at in copies or _stands_in(text, need)]
    pairs = zip(statements, runs, strict=True)
    texts = ["" if at in copies else _cut_out(text, run) for at, (text, run) in enumerate(pairs)]
    return Own(tuple(texts), tuple(copies))


def _said_again(statements: Sequence[str], phrases: Codes) -> Codes:
    """The phrases of the need that stand ROUNDS times in the statements."""
    own = np.concatenate([np.zeros(0, np.uint64), *(phrases_of(statement) for statement in statements)])
    found, times = np.unique(own[np.isin(own, phrases)], return_counts=True)
    return found[times >= ROUNDS]


def _stands_in(statement: str, need: str) -> bool:
    """Whether a statement of several units stands in the need word for word."""
    units = units_of(statement)
    return len(units) > 1 and f" {' '.join(units)} " in _spaced(need)


@lru_cache(maxsize=64)
def _spaced(text: str) -> str:
    return f" {' '.join(units_of(text))} "


def _is_copying(need: str, touched: Sequence[str], runs: Sequence[Marks]) -> bool:
    """Whether much is copied in one go, or the same of the need often enough, or enough and enough of the need."""
    n_copied = sum(int(run.sum()) for run in runs)
    if not n_copied or len(units_of(need)) < MIN_NEED:
        return False
    if max(map(_longest, runs)) >= LONG_RUN:
        return True
    said = np.concatenate([phrases_of(statement) for statement in touched])
    taken = _in_phrases(need, said)
    n_taken = int(taken.sum())
    if n_copied >= ROUNDS * n_taken or (n_copied >= ESTABLISHED and n_taken >= NEED_SHARE * len(taken)):
        return True
    return _goes_round(need, touched, said)


def _goes_round(need: str, touched: Sequence[str], said: Codes) -> bool:
    """Whether there is much of what the need says but once, and each of it ROUNDS times.

    What the need itself says again is a term of its field, which anybody may use often. Counted wherever it stands in
    the need, such a term within the title would outweigh the rounds of the title.
    """
    found, times = np.unique(phrases_of(need), return_counts=True)
    once = found[times == 1]
    n_taken = int(_in_phrases(need, once[np.isin(once, said)]).sum())
    n_copied = sum(int(_in_phrases(statement, once).sum()) for statement in touched)
    return n_copied >= max(ESTABLISHED, ROUNDS * n_taken)


def _in_phrases(text: str, phrases: Codes) -> Marks:
    """(n_units,) whether each unit stands in any of the phrases."""
    own = phrases_of(text)
    marks = np.zeros(len(own) + WINDOW - 1 if len(own) else len(units_of(text)), np.bool_)
    for at in np.flatnonzero(np.isin(own, phrases)):
        marks[at : at + WINDOW] = True
    return marks


def _long_runs(marks: Marks) -> Marks:
    """The marks that stand in runs of at least RUN."""
    kept = np.zeros(len(marks), np.bool_)
    for start, end in _runs_of(marks):
        kept[start:end] = end - start >= RUN
    return kept


def _longest(marks: Marks) -> int:
    return max((end - start for start, end in _runs_of(marks)), default=0)


def _runs_of(marks: Marks) -> list[tuple[int, int]]:
    """Begin and end of each run of marks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks.astype(np.int8), [0]]))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _cut_out(text: str, marks: Marks) -> str:
    """The text without the marked units and what stands between them; itself where none is.

    In its own letters where they can be told apart from those that are compared: capitals matter to the encoder.
    """
    if not marks.any():
        return text
    whole = seen_as(text)
    starts = [match.start() for match in _UNIT.finditer(whole)]
    ends = [*starts[1:], len(whole)]
    shown = text if len(text) == len(whole) else whole
    kept = [shown[start:end] for start, end, gone in zip(starts, ends, marks, strict=True) if not gone]
    return "".join(kept).strip()


def statements_of(text: str) -> str:
    """The text without what states nothing: sentences said before, and bare lists of labels; itself where all is well.

    Said before: word for word, or but for marks and a word or two. A sentence with another figure says something else
    and stays. A sentence that goes round in circles is kept up to where it starts again. Where nothing but lists would
    be left out of a text, they stay: they are all that is known.
    """
    kept: list[str] = []
    lists: set[str] = set()
    units_seen: set[str] = set()
    phrases_seen: set[int] = set()
    sentences = split_sentences(text)
    for sentence in sentences:
        once = _first_round(sentence)
        units, phrases = units_of(once), phrases_of(once)
        if once and not _is_repeated(units, phrases.tolist(), units_seen, phrases_seen):
            kept.append(once)
            # What is left of a list that goes round in circles may be too short to be known as one.
            lists.update({once} if is_bare_list(sentence) or is_bare_list(once) else ())
        units_seen.update(units)
        phrases_seen.update(phrases.tolist())
    kept = [sentence for sentence in kept if sentence not in lists] or kept
    return text if kept == sentences else "\n".join(kept)


def is_bare_list(sentence: str) -> bool:
    """Whether a sentence is but a list of labels, as tags are: "水务 交通 医疗 …", or English words without grammar."""
    lang = detect_lang(sentence)
    items = [units_of(item) for item in _BETWEEN_ITEMS[lang].split(sentence)]
    items = [item for item in items if item]
    if len(items) >= LIST_ITEMS and max(map(len, items)) <= _SHORT[lang]:
        return True
    words = [word for item in items for word in item]
    if lang != "en" or len(items) > 1 or len(words) < WORDS_IN_LINE:
        return False
    ends = sentence.rstrip().endswith((".", "!", "?"))
    return not ends and sum(map(is_stop_word, words)) < GRAMMAR_SHARE * len(words)


def _is_repeated(units: Sequence[str], phrases: list[int], seen: set[str], phrases_seen: set[int]) -> bool:
    """Whether all figures and nearly all phrases were there before; too short a sentence repeats nothing."""
    if not phrases or any(unit not in seen for unit in units if any(c.isdigit() for c in unit)):
        return False
    marks = np.zeros(len(units), np.bool_)
    for at, phrase in enumerate(phrases):
        if phrase in phrases_seen:
            marks[at : at + WINDOW] = True
    return int(marks.sum()) >= REPEATED_SHARE * len(units)


def _first_round(sentence: str) -> str:
    """The sentence, or, where most of its phrases come again and again, the part in which each comes first."""
    phrases = phrases_of(sentence)
    _, first = np.unique(phrases, return_index=True)
    if len(first) >= CIRCLES_SHARE * len(phrases):
        return sentence
    repeats = np.ones(len(phrases) + WINDOW - 1, np.bool_)
    for at in first:
        repeats[at : at + WINDOW] = False
    return _cut_out(sentence, repeats)
