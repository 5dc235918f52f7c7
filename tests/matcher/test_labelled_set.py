"""Reading a labelled folder: packed or not, in any order, and every mistake named by file and line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from matcher.labelled_set import read_labelled_set
from models.errors import InvalidInput

QUERIES = '{"id": "q2", "text": "识别漏水", "lang": "zh"}\n\n{"id": "q1", "text": "find leaks"}\n'
DOCUMENTS = (
    '{"id": 7, "title": "Leak Ltd", "text": "leak sensors"}\n{"id": "d1", "title": "仅有标题", "text": ""}\n'
)


def test_texts_come_in_the_order_of_their_ids_with_their_language(folder: Path) -> None:
    labelled = read_labelled_set(folder)

    assert [(text.id, text.lang) for text in labelled.queries] == [("q1", "en"), ("q2", "zh")]
    assert [text.id for text in labelled.documents] == ["7", "d1"]
    assert labelled.name == folder.name


def test_a_title_stands_in_only_where_there_is_no_text(folder: Path) -> None:
    labelled = read_labelled_set(folder)

    assert [text.text for text in labelled.documents] == ["leak sensors", "仅有标题"]


def test_grades_of_nought_are_not_relevant_and_unknown_ids_are_counted(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("q1\t7\t1\nq1\td1\t0\nq1\tgone\t2\nq9\t7\t1\n")

    labelled = read_labelled_set(folder)

    assert labelled.grades == {"q1": {"7": 1.0, "gone": 2.0}}
    assert labelled.n_unknown == 2


def test_documents_may_be_packed(folder: Path) -> None:
    (folder / "docs.jsonl").unlink()
    with gzip.open(folder / "docs.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(DOCUMENTS)

    assert len(read_labelled_set(folder).documents) == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("queries.jsonl", b"not json\n", "queries.jsonl, line 1"),
        ("queries.jsonl", b'{"id": "q1"}\n', "`id` and `text`"),
        ("queries.jsonl", b"[1]\n", "`id` and `text`"),
        ("queries.jsonl", b'{"id": 1, "text": "a"}\n{"id": "1", "text": "b"}\n', "line 2: the id '1'"),
        ("queries.jsonl", b"\n", "queries.jsonl is empty"),
        ("queries.jsonl", b"\xff\xfe\n", "cannot be read"),
        ("qrels.tsv", b"q1 7 1\n", "qrels.tsv, line 1"),
        ("qrels.tsv", b"q1\t7\tmuch\n", "qrels.tsv, line 1"),
        ("qrels.tsv", b"q1\t7\tnan\n", "must be a number"),
        ("qrels.tsv", b"q9\t7\t1\n", "no relevant document"),
    ],
)
def test_what_cannot_be_used_is_named(folder: Path, name: str, content: bytes, said: str) -> None:
    (folder / name).write_bytes(content)

    with pytest.raises(InvalidInput) as caught:
        read_labelled_set(folder)

    assert said in caught.value.message


@pytest.mark.parametrize("name", ["queries.jsonl", "docs.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(InvalidInput, match=f"has no {name}"):
        read_labelled_set(folder)


def test_a_damaged_package_is_named(folder: Path) -> None:
    (folder / "docs.jsonl.gz").write_bytes(gzip.compress(DOCUMENTS.encode())[:-9])

    with pytest.raises(InvalidInput, match=r"docs\.jsonl\.gz cannot be read"):
        read_labelled_set(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queries.jsonl").write_text(QUERIES, encoding="utf-8")
    (tmp_path / "docs.jsonl").write_text(DOCUMENTS, encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("q1\t7\t1\nq2\td1\t1\n", encoding="utf-8")
    return tmp_path
