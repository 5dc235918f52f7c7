"""A text as it lies in a document: paragraphs in reading order, some of them headings."""

from dataclasses import dataclass

MAX_HEADING = 40
"""Longest heading, in characters; a longer line is a sentence."""

ENDS_SENTENCE = "。！？；…：.!?;:，,"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. text: on one line, never empty. heading: whether it names what follows. place: page, from 1."""

    text: str
    heading: bool = False
    place: int = 1


def paragraphs_of(text: str) -> list[Paragraph]:
    """The lines of a plain text; a short line without an end of sentence names what follows, if something does."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = [line for line in lines if line]
    return [
        Paragraph(
            line.lstrip("# "),
            heading=line.startswith("#") or (looks_like_heading(line) and at + 1 < len(kept)),
        )
        for at, line in enumerate(kept)
        if line.lstrip("# ")
    ]


def looks_like_heading(line: str) -> bool:
    """Whether a line standing alone is short and no sentence."""
    return (
        len(line) <= MAX_HEADING
        and line[-1] not in ENDS_SENTENCE
        and "://" not in line
        and not line.startswith(("-", "*", "•", "·"))
    )
