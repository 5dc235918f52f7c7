"""Text is cut into chunks: the unit that is encoded, matched and quoted.

A chunk is about a sentence: small enough to be shown as evidence, large enough to mean something. Nothing is
lost on the way: apart from the list of references at the end of a document, every visible character of the
cleaned text is in exactly one chunk, however long the text is. What comes next is `matcher/embedder.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.texts import language_of

MIN_CHUNK_TOKENS = 10
"""A shorter piece (a heading, a list label) says too little alone and joins a neighbour."""

CountTokens = Callable[[Sequence[str]], list[int]]
"""Gives the number of tokens of each text, as `Embedder.count_tokens` does."""

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")

_CLOSERS = "\"'”’」』）)】》\\]"
_CHINESE_END = re.compile(rf"[。！？；…]+[{_CLOSERS}]*")
_LATIN_END = re.compile(rf"[.!?]+[{_CLOSERS}]*(?=\s|$|[\u3400-\u9fff])")
# Text pasted from forms often loses the blank: "... of the solicitation.OBJECTIVE: ..." or "aviation.The
# system".
_GLUED_END = re.compile(r"(?<=[a-z)]{2})[.!?](?=[A-Z][a-z]*\s)")
_HEADING = re.compile(r"(?<![A-Z0-9&/-])(?<![A-Z] )[A-Z][A-Z0-9/&,()\- ]{3,60}:(?=\s|[A-Z(\d])")
_LIST_MARK = re.compile(
    r"(?:(?<=[;:；：。,，、\n])|(?<=[.;:,] ))\s*"
    r"(?:[(（]\d{1,2}[)）]|\d{1,2}[)）、]|\d{1,2}\.(?=\s+[^\s\d]|[\u3400-\u9fff])|[(（][一二三四五六七八九十]{1,3}[)）])"
)
_BULLET = re.compile(r"[①-⑳•●▪◆■►✓]|(?<=\n)[-*–—·][^\S\n]")
_NEWLINES = re.compile(r"\s*\n\s*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|al|approx|Dr|Mr|Mrs|Ms|Prof|St|Fig|Figs|Eq|Eqs|No|Nos|Sec|Ref|Refs|Vol|pp|Inc|Ltd|Co|Corp"
    r"|Dept|Gen|Col|Lt|Sgt|Gov|Rep|Sen|Jr|Sr|Ph\.D|U\.S\.A|U\.S|U\.K|E\.U|a\.m|p\.m)|(?<![A-Za-z0-9])[A-Z])$"
)
_BARE_NUMBER = re.compile(r"(?:^|[\s;:；：。])\(?\d{1,2}$")

_CLAUSE_END = re.compile(r"[，,；;：:、。.!?！？]+\s*")
_WORD_END = re.compile(r"\s+")

_REFERENCES = re.compile(
    r"(?:(?<![A-Za-z])REFERENCES\s*:|(?:^|\n)\s*(?:References\s*:|参考文献\s*[:：]?|参考资料\s*[:：])(?=\s))"
)
_KEYWORDS = re.compile(r"(?:(?<![A-Za-z])KEYWORDS\s*:|(?:^|\n)\s*(?:Keywords\s*:|关键词\s*[:：]))")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of one text. `position` counts from 0 in reading order; `text` is stripped and never
    empty.
    """

    owner: str
    position: int
    text: str


def clean_text(text: str) -> str:
    """Return `text` as it may safely be encoded, compared and shown: never raises.

    Line ends become newlines, other white space one blank; control and invisible format characters (NUL,
    zero-width, bidirectional marks, soft hyphens) go, since they hide text from a reader or split words; lone
    surrogates become U+FFFD; the rest is NFC, stripped. Cleaning twice changes nothing.
    """
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = unicodedata.normalize("NFC", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", text)
    if not text.isprintable():
        text = "".join(
            mark for mark in text if mark == "\n" or unicodedata.category(mark) not in ("Cc", "Cf")
        )
    # Characters that vanished may have held blanks or combining marks apart.
    return unicodedata.normalize("NFC", _SPACES.sub(" ", text)).strip()


def detect_lang(text: str) -> str:
    """Return "zh" or "en", as `models.texts.language_of` tells them apart."""
    return language_of(text)


def without_references(text: str) -> str:
    """Return `text` without the list of references at its end; keywords that follow the list stay.

    Titles of cited papers are near everything in the field, so they spoil sentence-wise matching. Only a
    heading past the first fifth of the text counts: "References:" at the top of a firm's profile introduces
    its customers.
    """
    found = [match for match in _REFERENCES.finditer(text) if match.start() > len(text) / 5]
    if not found:
        return text
    start = found[-1].start()
    keywords = _KEYWORDS.search(text, start)
    return text[:start].rstrip() + ("\n" + text[keywords.start() :].lstrip() if keywords else "")


def split_sentences(text: str) -> list[str]:
    """Return the sentences, list items and headings of `text`, cleaned, in order, none empty, references left
    out.

    >>> split_sentences("系统须支持3.5米识别；响应低于2秒。See Fig. 2 for details. It works.")
    ['系统须支持3.5米识别；', '响应低于2秒。', 'See Fig. 2 for details.', 'It works.']
    """
    text = without_references(clean_text(text))
    cuts = [0, *sorted({cut for cut in _cuts(text) if 0 < cut < len(text)}), len(text)]
    pieces = (text[start:end].strip() for start, end in pairwise(cuts))
    return [piece for piece in pieces if piece]


def chunk_text(owner: str, text: str, *, count_tokens: CountTokens, max_tokens: int) -> list[Chunk]:
    """Return the chunks of `text`: sentences, the tiny ones merged, the long ones cut, each at most
    `max_tokens`.

    Raises ValueError if `max_tokens` is too small to hold any text.
    """
    if max_tokens < MIN_CHUNK_TOKENS:
        raise ValueError(f"max_tokens must be at least {MIN_CHUNK_TOKENS}, not {max_tokens}.")
    pieces = _fitting(split_sentences(text), count_tokens=count_tokens, max_tokens=max_tokens)
    known = dict(pieces)
    final: list[str] = []
    for piece in _merged(pieces, max_tokens=max_tokens):
        # Joined text may tokenise into a token or two more than its parts; the limit is a promise, so look
        # again.
        again = [] if piece in known else _fitting([piece], count_tokens=count_tokens, max_tokens=max_tokens)
        final += [part for part, _ in again] or [piece]
    return [Chunk(owner, position, piece) for position, piece in enumerate(final)]


def _cuts(text: str) -> Iterator[int]:
    """Yield the positions before which a new sentence may begin, in no order."""
    yield from (match.end() for match in _CHINESE_END.finditer(text))
    yield from (match.end() for match in _LATIN_END.finditer(text) if _ends_sentence(text, match))
    yield from (match.end() for match in _GLUED_END.finditer(text))
    yield from (match.start() for match in _HEADING.finditer(text))
    yield from (match.start() for match in _LIST_MARK.finditer(text))
    yield from (match.start() for match in _BULLET.finditer(text))
    yield from (match.end() for match in _NEWLINES.finditer(text) if not _is_soft_wrap(text, match))


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Tell whether a full stop (or !, ?) ends a sentence, rather than an abbreviation, an initial or a list
    number.
    """
    if match.group()[0] != ".":
        return True
    before = text[max(0, match.start() - 12) : match.start()]
    follower = text[match.end() : match.end() + 2].strip()
    if follower[:1].islower():
        return False
    return not (_ABBREVIATION.search(before) or _BARE_NUMBER.search(before))


def _is_soft_wrap(text: str, match: re.Match[str]) -> bool:
    """Tell whether a single line end merely wraps an English sentence: lower case goes on after no full
    stop.
    """
    return (
        match.group().count("\n") == 1
        and text[match.end() : match.end() + 1].islower()
        and text[match.start() - 1 : match.start()] not in ".!?:;。！？；："
    )


def _fitting(texts: Sequence[str], *, count_tokens: CountTokens, max_tokens: int) -> list[tuple[str, int]]:
    """Return the texts with their token counts, those over the limit cut until none is."""
    sized: list[tuple[str, int]] = []
    if not texts:
        return sized
    for text, n_tokens in zip(texts, count_tokens(texts), strict=True):
        if n_tokens <= max_tokens or len(text) == 1:
            sized.append((text, n_tokens))
            continue
        parts = _cut_long(text, count_tokens=count_tokens, max_tokens=max_tokens)
        sized.extend(_fitting(parts, count_tokens=count_tokens, max_tokens=max_tokens))
    return sized


def _cut_long(text: str, *, count_tokens: CountTokens, max_tokens: int) -> list[str]:
    """Cut one long text at clause ends, else at blanks, else in the middle, into parts of about the limit."""
    for boundary in (_CLAUSE_END, _WORD_END):
        ends = [match.end() for match in boundary.finditer(text) if match.end() < len(text)]
        if not ends:
            continue
        cuts = [0, *ends, len(text)]
        parts = [text[start:end] for start, end in pairwise(cuts)]
        packed = _packed(parts, count_tokens(parts), max_tokens=max_tokens)
        if len(packed) > 1:
            return packed
    middle = len(text) // 2
    return [part for part in (text[:middle].strip(), text[middle:].strip()) if part]


def _packed(parts: Sequence[str], counts: Sequence[int], *, max_tokens: int) -> list[str]:
    """Join neighbouring parts while their counted tokens stay within the limit."""
    packed: list[str] = []
    held, n_held = "", 0
    for part, n_tokens in zip(parts, counts, strict=True):
        if held and n_held + n_tokens > max_tokens:
            packed.append(held.strip())
            held, n_held = "", 0
        held, n_held = held + part, n_held + n_tokens
    packed.append(held.strip())
    return [part for part in packed if part]


def _merged(pieces: Sequence[tuple[str, int]], *, max_tokens: int) -> list[str]:
    """Join each piece that is too small with a neighbour, the one before first, where the two fit
    together.
    """
    merged: list[tuple[str, int]] = []
    for text, n_tokens in pieces:
        if (
            merged
            and min(merged[-1][1], n_tokens) < MIN_CHUNK_TOKENS
            and _may_join(merged, n_tokens, max_tokens)
        ):
            last, n_last = merged.pop()
            merged.append((join_texts(last, text), n_last + n_tokens))
        else:
            merged.append((text, n_tokens))
    return [text for text, _ in merged]


def _may_join(merged: Sequence[tuple[str, int]], n_tokens: int, max_tokens: int) -> bool:
    return merged[-1][1] + n_tokens < max_tokens


def join_texts(left: str, right: str) -> str:
    """Two neighbouring pieces as one text, neither empty: with a blank, or with nothing between Han text and
    punctuation.
    """
    return left + ("" if ord(left[-1]) > 0x2E7F or ord(right[0]) > 0x2E7F else " ") + right
