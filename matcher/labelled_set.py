"""A labelled set read from a folder: needs, documents, and which of them people or records say belong
together.

The folder holds queries.jsonl, docs.jsonl or docs.jsonl.gz (`{id, title?, text, lang?}`, one object a line)
and qrels.tsv (query id, document id, grade). Whatever is wrong is said with the file and the line.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from matcher.chunks import clean_text, detect_lang
from models.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One query or document. A title counts only where there is no text: in labelled sets titles repeat or
    leak.
    """

    id: str
    text: str
    lang: str


@dataclass(frozen=True)
class LabelledSet:
    """Queries and documents in the order of their ids, and for each query the grades of its relevant
    documents.

    grades: query id to document id to grade above 0; a query without any has no entry. n_unknown: rows of
    qrels.tsv that name a query or document that is not in the folder. Such a document still counts as one to
    be found.
    """

    name: str
    queries: tuple[LabelledText, ...]
    documents: tuple[LabelledText, ...]
    grades: Mapping[str, Mapping[str, float]]
    n_unknown: int


def read_labelled_set(folder: Path) -> LabelledSet:
    """Read the folder. Raises InvalidInput, naming file and line, if anything in it cannot be used."""
    queries = _read_texts(folder / "queries.jsonl")
    packed = folder / "docs.jsonl.gz"
    documents = _read_texts(packed if packed.is_file() else folder / "docs.jsonl")
    query_ids = {text.id for text in queries}
    document_ids = {text.id for text in documents}
    grades: dict[str, dict[str, float]] = {}
    n_unknown = 0
    for query_id, document_id, grade in _read_grades(folder / "qrels.tsv"):
        n_unknown += query_id not in query_ids or document_id not in document_ids
        if grade > 0 and query_id in query_ids:
            grades.setdefault(query_id, {})[document_id] = grade
    if not grades:
        raise InvalidInput(f"{folder.name}/qrels.tsv names no relevant document for any query in the folder.")
    return LabelledSet(folder.resolve().name, queries, documents, grades, n_unknown)


def _read_texts(path: Path) -> tuple[LabelledText, ...]:
    texts: dict[str, LabelledText] = {}
    for number, line in _lines(path):
        where = f"{path.name}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as err:
            raise InvalidInput(f"{where}: this is not a JSON object.") from err
        text = _labelled_text(row, where=where)
        if text.id in texts:
            raise InvalidInput(f"{where}: the id {text.id!r} is there twice.")
        texts[text.id] = text
    if not texts:
        raise InvalidInput(f"{path.name} is empty.")
    return tuple(texts[key] for key in sorted(texts))


def _labelled_text(row: Any, *, where: str) -> LabelledText:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or "id" not in row:
        raise InvalidInput(f"{where}: an object with `id` and `text` is needed.")
    text = clean_text(row["text"]) or clean_text(str(row.get("title") or ""))
    return LabelledText(str(row["id"]), text, str(row.get("lang") or detect_lang(text)))


def _read_grades(path: Path) -> Iterator[tuple[str, str, float]]:
    for number, line in _lines(path):
        fields = line.rstrip("\r\n").split("\t")
        try:
            query_id, document_id, grade = fields[0], fields[1], float(fields[2])
        except (IndexError, ValueError) as err:
            raise InvalidInput(
                f"{path.name}, line {number}: query id, document id and grade are needed."
            ) from err
        if not math.isfinite(grade):
            raise InvalidInput(f"{path.name}, line {number}: the grade must be a number.")
        yield query_id, document_id, grade


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, line) of a text file, packed or not, blank lines left out."""
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except FileNotFoundError as err:
        raise InvalidInput(f"{path.parent} has no {path.name}.") from err
    except (OSError, EOFError, UnicodeDecodeError) as err:
        raise InvalidInput(f"{path.name} cannot be read: {err}.") from err


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")
