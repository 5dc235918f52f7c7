"""Text to keyword tokens: Chinese characters and pairs of characters, English stems, numbers and model names.

The same tokens serve matching and the public search, so that both find the same words. Chinese needs no
dictionary: every character and every pair of neighbours is a token, so a two-character word is always found
and a new word is never cut wrongly. English words are reduced to Snowball stems. Numbers and product names
stay as they are written.

Stop words are kept in documents and dropped from queries only, unless a query holds nothing else. So a long
need is not ranked by its "the" and "的", and a person who searches for exactly such a word still finds it.
On the labelled development sets the dropping moves nDCG@10 by +.008 (long English needs) and -.002 (short
Chinese questions): it is there for speed and for the reader's trust more than for quality.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from threading import Lock

import snowballstemmer

# Raise it with any change of the tokens, so that a word index saved under the old ones is rebuilt instead of
# half matching.
TOKENS_VERSION = 2

# Longer strings are keys, hashes or base64, never words; the cut keeps one hostile text from filling the
# vocabulary.
MAX_TOKEN_CHARACTERS = 40

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PART = rf"[^\W_{_HAN}]+"
_TOKEN = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)+)"
    r"|(?P<language>(?<![^\W_])[cfj](?:\+\+|\#))(?![^\W_])"
    rf"|(?P<word>{_PART}(?:['\-./_]{_PART})*)"
    r"|(?P<percent>%)"
)
_SPLIT = re.compile(r"[\-./_]")
# Zero-width and soft-hyphen characters are invisible: left in, they would split a word that a reader sees
# whole.
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")

# Small Cyrillic and Greek letters that look like a Latin one. A word is folded when it mixes them with Latin
# letters, or holds three of them and nothing else: "μm" and "β" stay what they are, and nearly all Russian and Greek.
_LOOKALIKES = "аеорсхуіѕјԁһвкмнт" + "οανικρτυχ"
_SEEN_AS = str.maketrans(_LOOKALIKES, "aeopcxyisjdhbkmht" + "oavikptux")
_DISGUISED = re.compile(
    rf"(?<![^\W\d_])(?:(?=[a-z]*[{_LOOKALIKES}])(?=[{_LOOKALIKES}]*[a-z])[a-z{_LOOKALIKES}]+|[{_LOOKALIKES}]{{3,}})"
    r"(?![^\W\d_])"
)

# Function words only: articles, prepositions, pronouns, conjunctions, auxiliaries. No noun or verb of our
# subject ("system", "data", "use") is here, because inverse document frequency already weighs those by the
# collection at hand. Neither are "can", "it" and "us": a bus, a trade and a country once case is folded.
_ENGLISH_STOP_WORDS = (
    "a about above after again against all also am an and any are as at be because been before being "
    "below between both but by could did do does doing down during each few for from further had has "
    "have having he her here hers him his how i if in into is its itself may me might more most must my "
    "no nor not of off on once only or other our ours out over own per same shall she should so some "
    "such than that the their theirs them then there these they this those through to too under until "
    "up upon very via was we were what when where whether which while who whom why will with within "
    "without would you your yours"
)
# Single characters that are grammar rather than content. Pairs of characters are never dropped, because
# 目的 and 参与 are words.
_CHINESE_STOP_CHARACTERS = "的了和与及或在是为对等被把将从以其并而也于之各该此则且但由所"
_STOP_TERMS = frozenset(_ENGLISH_STOP_WORDS.split()) | frozenset(_CHINESE_STOP_CHARACTERS) | {"%"}


def fold(text: str) -> str:
    """Return `text` in the one spelling that is compared: NFKC, lower case, without invisible characters.

    NFKC makes full-width letters, digits and signs ordinary ones (ＡＩ becomes ai, ％ becomes %). A word in which
    Cyrillic or Greek letters stand for the Latin ones they look like becomes the word that is seen.
    """
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower().replace("’", "'")
    return folded if folded.isascii() else _DISGUISED.sub(_undisguised, folded)


def seen_as(text: str) -> str:
    """`fold`, with each letter that looks like a Latin one as that: for comparing what a reader sees, not for words."""
    return fold(text).translate(_SEEN_AS)


def _undisguised(match: re.Match[str]) -> str:
    return match.group().translate(_SEEN_AS)


def tokenize(text: str) -> list[str]:
    """Return the tokens of a document in reading order, repeated as often as they occur."""
    tokens: list[str] = []
    for match in _TOKEN.finditer(fold(text)):
        if match.lastgroup == "han":
            tokens.extend(_han_tokens(match.group()))
        else:
            tokens.extend(_plain_tokens(match.lastgroup or "", match.group()))
    return tokens


def query_terms(text: str) -> dict[str, int]:
    """Return the terms of a query with the number of times each occurs, in order of first occurrence.

    Stop words are left out, unless nothing else is there. Empty for a text without any letter, digit or
    percent sign.
    """
    counts = Counter(tokenize(text))
    kept = {term: n for term, n in counts.items() if not is_stop_word(term)}
    return kept or dict(counts)


def query_words(text: str) -> list[str]:
    """Return the terms that stand for a query's whole words: a document with all of them holds what was
    typed.

    A run of Chinese characters is represented by its pairs (a lone character by itself), a product name that
    is written with a joiner by its joined form. Stop words are left out, unless nothing else is there.
    """
    words: list[str] = []
    for match in _TOKEN.finditer(fold(text)):
        token = match.group()
        if match.lastgroup == "han":
            words.extend(_pairs(token) or [token])
        else:
            plain = _plain_tokens(match.lastgroup or "", token)
            words.extend(plain[-1:] if _is_model_name(_SPLIT.split(token)) else plain)
    unique = list(dict.fromkeys(words))
    return [word for word in unique if not is_stop_word(word)] or unique


def is_stop_word(term: str) -> bool:
    """Tell whether a term is dropped from queries."""
    return term in _STOP_TERMS


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _han_tokens(run: str) -> list[str]:
    return [*run, *_pairs(run)]


def _plain_tokens(group: str, token: str) -> list[str]:
    """Tokens of a run without Chinese: a number, a programming language, a word or a joined name."""
    if group == "number":
        return [token.replace(",", "")[:MAX_TOKEN_CHARACTERS]]
    if group != "word":
        return [token]
    parts = _SPLIT.split(token)
    tokens = [_stem(part) for part in parts]
    # GPT-4, GPT4 and gpt_4 are one product: the joined form lets each spelling find the others.
    if _is_model_name(parts):
        tokens.append("".join(parts)[:MAX_TOKEN_CHARACTERS])
    return tokens


def _is_model_name(parts: list[str]) -> bool:
    """A name of several parts with letters and digits, such as ISO-9001 or v1.2; never a date or a range."""
    joined = "".join(parts)
    return len(parts) > 1 and not joined.isdigit() and any(c.isdigit() for c in joined)


# The Snowball object keeps the word it works on in itself, so two threads must not use it at once.
_STEMMER = snowballstemmer.stemmer("english")
_STEMMER_LOCK = Lock()


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    """The stem of an English word; stop words and all that is not plain a-z stay as they are.

    Stemming stop words would fold "its" into "it", and so into IT.
    """
    if word in _STOP_TERMS or not word.isascii() or any(c.isdigit() for c in word):
        return word[:MAX_TOKEN_CHARACTERS]
    with _STEMMER_LOCK:
        return str(_STEMMER.stemWord(word[:MAX_TOKEN_CHARACTERS]))
