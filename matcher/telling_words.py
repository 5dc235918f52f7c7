"""The words that tell a group of texts from all others, whole words only.

Chinese has no blanks, and any two characters may be the end of one word and the beginning of the next. A run of two to
four characters counts as a word when the corpus uses it like one: between different neighbours on both sides, and more
often than its parts would meet by chance. English words are taken as they are written. What cannot be told to be a word
is left out: fewer words are better than half words.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from matcher.tokens import fold, is_stop_word

MIN_NEIGHBOURS = 3
"""A word stands between at least so many different neighbours on either side."""

MIN_BOND = 3.0
"""A word's weakest cut is at least so many times as frequent as chance would have it."""

MAX_TEXTS = 1000
"""The corpus is sampled evenly beyond this: what is a word shows in a thousand texts."""

_LONGEST = 4
_SHARE_OF_ALL = 0.12  # what every eighth text holds tells nothing
_FEW = 5  # so many texts are no crowd, however small the corpus
_EDGE = "\n"
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_WORD = re.compile(r"[a-z][a-z0-9\-]{2,}")


class WordLore:
    """What counts as a word in a corpus, and how rare each word is."""

    def __init__(self, texts: Iterable[str]) -> None:
        kept = sorted(set(map(fold, texts)))
        kept = kept[:: -(-len(kept) // MAX_TEXTS)] if kept else []
        self._n_texts = len(kept)
        self._counts: Counter[str] = Counter()
        self._holders: Counter[str] = Counter()
        self._before: defaultdict[str, set[str]] = defaultdict(set)
        self._after: defaultdict[str, set[str]] = defaultdict(set)
        for text in kept:
            self._holders.update(self._read(text))
        self._n_characters = sum(n for run, n in self._counts.items() if len(run) == 1)

    def telling(self, texts: Sequence[str], *, n: int) -> list[str]:
        """At most `n` words that the texts share and the corpus mostly lacks, the most telling first.

        A word must be in at least half of the texts, and in two of them; so one text has none. No word is part of
        another.
        """
        folded = [fold(text) for text in texts]
        n_holding = Counter(word for text in folded for word in set(self._words(text)))
        least = max(2, len(texts) / 2)
        worth = {
            word: n_in * math.log(self._n_texts / self._holders[word]) * math.sqrt(len(word))
            for word, n_in in n_holding.items()
            if n_in >= least and self._holders[word] <= max(_FEW, self._n_texts * _SHARE_OF_ALL)
        }
        chosen: list[str] = []
        for word in sorted(worth, key=lambda word: (-worth[word], word)):
            if len(chosen) < n and not any(set(_parts(word)) & set(_parts(other)) for other in chosen):
                chosen.append(word)
        return chosen

    def is_word(self, run: str) -> bool:
        """Whether the corpus uses a run of Chinese characters as a word."""
        if min(len(self._before[run]), len(self._after[run])) < MIN_NEIGHBOURS:
            return False
        if is_stop_word(run[0]) or is_stop_word(run[-1]):
            return False
        cuts = ((run[:at], run[at:]) for at in range(1, len(run)))
        chance = max(self._counts[left] * self._counts[right] for left, right in cuts)
        return self._counts[run] * self._n_characters >= MIN_BOND * chance

    def _words(self, text: str) -> Iterable[str]:
        for match in _HAN.finditer(text):
            stretch = match.group()
            yield from (
                run
                for at, run in _placed(stretch)
                if len(run) > 1 and self.is_word(run) and not self._cuts_a_word(stretch, at, at + len(run))
            )
        yield from (word for word in _WORD.findall(text) if word in self._holders and not is_stop_word(word))

    def _cuts_a_word(self, stretch: str, start: int, end: int) -> bool:
        """Whether a word of two characters lies across either end."""
        across = [stretch[at - 1 : at + 1] for at in (start, end) if 0 < at < len(stretch)]
        return any(self.is_word(pair) for pair in across)

    def _read(self, text: str) -> set[str]:
        """Count a text; the runs and words in it."""
        found = set(_WORD.findall(text))
        for match in _HAN.finditer(text):
            stretch = match.group()
            found.update(_runs(stretch))
            for start, run in _placed(stretch):
                end = start + len(run)
                self._counts[run] += 1
                # An edge is a neighbour that says "a word ends here", each time anew.
                self._before[run].add(stretch[start - 1] if start else f"{_EDGE}{self._counts[run]}")
                self._after[run].add(stretch[end] if end < len(stretch) else f"{_EDGE}{self._counts[run]}")
        return found


def _placed(stretch: str) -> Iterable[tuple[int, str]]:
    for length in range(1, _LONGEST + 1):
        yield from ((at, stretch[at : at + length]) for at in range(len(stretch) - length + 1))


def _runs(stretch: str) -> set[str]:
    return {run for _, run in _placed(stretch)}


def _parts(word: str) -> list[str]:
    """What two words may not share: pairs of Chinese characters, or the whole English word."""
    if not _HAN.match(word):
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]
