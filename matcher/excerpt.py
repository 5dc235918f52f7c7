"""Long sentences shortened at clause ends: a quote inside a sentence keeps the clause that matters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcher.figures import figures_in
from matcher.tokens import query_words

_CLAUSE_END = re.compile(r"(?<=[，；：。、！？])|(?<=[,;:.!?])(?=\s)")
_TRAILING = "，；：。、！？,;:.!? "


def excerpt(text: str, *, limit: int, near: str = "") -> str:
    """The text, or of a longer one the run of clauses that shares most words with `near`, with … where it was cut.

    At most `limit` characters, marks of omission not counted. Without `near` the beginning is kept. The full stop is
    dropped, since the quote stands inside another sentence.
    """
    text = text.strip().rstrip(_TRAILING)
    if len(text) <= limit:
        return text
    clauses = [clause for clause in _CLAUSE_END.split(text) if clause]
    start, end = _best_run(clauses, limit, set(query_words(near)) if near else set())
    kept = "".join(clauses[start:end]).strip().rstrip(_TRAILING)
    cut = kept[:limit].rstrip(_TRAILING)
    return ("…" if start else "") + cut + ("…" if end < len(clauses) or cut != kept else "")


def _best_run(clauses: Sequence[str], limit: int, wanted: set[str]) -> tuple[int, int]:
    """The clauses [start, end) to keep: around the one with most in common, grown while there is room."""
    start = max(range(len(clauses)), key=lambda at: (_weight(clauses[at], wanted), -at)) if wanted else 0
    end = start + 1
    room = limit - len(clauses[start])
    while end < len(clauses) and len(clauses[end].rstrip(_TRAILING)) <= room:
        room -= len(clauses[end])
        end += 1
    while start > 0 and len(clauses[start - 1]) <= room:
        start -= 1
        room -= len(clauses[start])
    return start, end


def _weight(clause: str, wanted: set[str]) -> float:
    # A figure weighs like two words: it is what is compared.
    return len(wanted & set(query_words(clause))) + 2 * bool(figures_in(clause))
