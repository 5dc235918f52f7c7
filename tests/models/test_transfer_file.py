"""Import files as people have them: encodings, broken lines, packed, cut off, not what their name says."""

import codecs
import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from models import transfer_file
from models.errors import InvalidInput
from models.transfer_file import Limits, RawRow, read_sheet

HEADER = "编号,标题,正文\n"


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def values(path: Path) -> list[dict[str, Any] | None]:
    return [row.values for row in read_sheet(path).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_table_is_read_in_utf8_and_gbk(tmp_path: Path, encoding: str) -> None:
    text = HEADER + "1,井盖病害识别,“巡查车”每天拍摄路面视频；人工回看太慢。\n"
    path = write(tmp_path, "a.csv", text.encode(encoding))

    sheet = read_sheet(path)

    assert sheet.columns == {"编号", "标题", "正文"}
    assert sheet.rows == [
        RawRow(2, {"编号": "1", "标题": "井盖病害识别", "正文": "“巡查车”每天拍摄路面视频；人工回看太慢。"})
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_lines_of_json_are_read_in_utf8_and_gbk(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "a.jsonl", json.dumps({"标题": "井盖病害"}, ensure_ascii=False).encode(encoding))

    assert values(path) == [{"标题": "井盖病害"}]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "A.JSONL.GZ"])
def test_packed_lines_are_unpacked(tmp_path: Path, name: str) -> None:
    assert values(write(tmp_path, name, gzip.compress(b'{"id": 1}\n{"id": 2}\n'))) == [{"id": 1}, {"id": 2}]


def test_a_packed_table_is_unpacked(tmp_path: Path) -> None:
    assert values(write(tmp_path, "a.csv.gz", gzip.compress(b"id,text\n1,x\n"))) == [{"id": "1", "text": "x"}]


def test_damaged_utf8_is_not_taken_for_gbk(tmp_path: Path) -> None:
    text = (HEADER + "1,井盖,路面病害识别需要提速\n").encode()

    with pytest.raises(InvalidInput, match="第 2 行有损坏的 UTF-8"):
        read_sheet(write(tmp_path, "a.csv", text[:-5] + text[-4:]))


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF16_LE + b"\x00\xd8\x00",
        b"id,text\n1,\xff\xff\xff\xff\n",
        bytes(range(128, 256)),
    ],
)
def test_another_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"既不是 UTF-8 也不是 GBK|损坏的 UTF-8|损坏的 UTF-16"):
        read_sheet(write(tmp_path, "a.csv", content))


PACKED = gzip.compress(b'{"id": 1, "text": "' + b"x" * 5000 + b'"}\n')


@pytest.mark.parametrize(
    "content",
    [
        b"plain text",
        PACKED[:-9],
        PACKED[: len(PACKED) // 2],
        PACKED[:20] + b"\x00\xff" * 4 + PACKED[28:],
    ],
    ids=["not packed", "tail missing", "half", "damaged"],
)
def test_a_packed_file_that_is_cut_off_or_damaged_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="不完整或已损坏"):
        read_sheet(write(tmp_path, "a.jsonl.gz", content))


def test_a_file_without_a_line_has_no_rows(tmp_path: Path) -> None:
    assert read_sheet(write(tmp_path, "a.jsonl", "")).rows == []


@pytest.mark.parametrize("name", ["a.xls", "a.json", "a.txt", "a", "a.gz", "csv", ".csv.zip"])
def test_other_kinds_of_files_are_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match=r"只收 \.xlsx"):
        read_sheet(write(tmp_path, name, "id,text\n"))


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()

    for name in ("missing.csv", "folder.csv"):
        with pytest.raises(InvalidInput, match=f"读不了文件 {name}"):
            read_sheet(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl.gz"])
def test_a_file_larger_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(transfer_file, "MAX_FILE_BYTES", 1_000)
    content = b"x" * 1_001

    with pytest.raises(InvalidInput, match="太大"):
        read_sheet(write(tmp_path, name, gzip.compress(content) if name.endswith(".gz") else content))


BAD_LINES = {
    "half a line": '{"id": 1',
    "a list": "[1, 2]",
    "a number": "12",
    "a text": '"id"',
    "null": "null",
    "not json": "id: 1",
    "single quotes": "{'id': 1}",
    "a number of ten thousand digits": '{"id": ' + "9" * 10_000 + "}",
    "nested without end": "[" * 100_000,
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_reported_with_its_number_and_the_others_are_read(tmp_path: Path, bad: str) -> None:
    path = write(tmp_path, "a.jsonl", f'{{"id": 1}}\n\n{bad}\n{{"id": 2}}\n')

    good, refused, last = read_sheet(path).rows

    assert (good.values, last.values, last.line) == ({"id": 1}, {"id": 2}, 4)
    assert (refused.line, refused.values) == (3, None)
    assert refused.error.startswith("这一行")


def test_the_columns_of_lines_are_those_of_all_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"id": 1, "text": "x"}\n[]\n{"id": 2, "url": null}\n')

    assert read_sheet(path).columns == {"id", "text", "url"}


def test_line_separators_inside_a_text_do_not_end_the_line(tmp_path: Path) -> None:
    row = {"id": 1, "text": "a\u2028b\x85c\x0bd"}
    path = write(tmp_path, "a.jsonl", json.dumps(row, ensure_ascii=False) + "\r\n")

    assert values(path) == [row]


@pytest.mark.parametrize("content", ["", "\n\n", " , ,\n1,2,3\n"])
def test_a_table_without_header_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(InvalidInput, match="没有表头"):
        read_sheet(write(tmp_path, "a.csv", content))


def test_a_header_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="“标题”出现了不止一次"):
        read_sheet(write(tmp_path, "a.csv", "编号,标题, 标题 \n1,甲,乙\n"))


def test_a_column_without_a_name_is_called_by_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "编号,,正文\n1,备注,文\n")

    assert values(path) == [{"编号": "1", "第2列": "备注", "正文": "文"}]


def test_rows_may_be_shorter_and_may_end_in_blanks_but_not_be_longer(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "编号,标题,正文\n1,甲\n2,乙,文, ,\n3,丙,文,多出来\n\n , ,\n4,丁,文\n")

    rows = read_sheet(path).rows

    assert [row.values for row in rows] == [
        {"编号": "1", "标题": "甲"},
        {"编号": "2", "标题": "乙", "正文": "文"},
        None,
        {"编号": "4", "标题": "丁", "正文": "文"},
    ]
    assert (rows[2].line, rows[2].error) == (4, "这一行有 4 格，表头只有 3 格。")


def test_a_row_is_known_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'id,text\n1,"第一行\n第二行\n第三行"\n2,x\n')

    assert [row.line for row in read_sheet(path).rows] == [2, 5]


@pytest.mark.parametrize("content", ['id,text\n1,"没有收尾\n2,x\n', 'id,text\n1,"甲"乙\n', '"id,text\n'])
def test_quotes_that_do_not_end_are_refused_as_a_whole(tmp_path: Path, content: str) -> None:
    with pytest.raises(InvalidInput, match="引号不成对"):
        read_sheet(write(tmp_path, "a.csv", content))


def test_a_cell_of_two_hundred_thousand_characters_is_read(tmp_path: Path) -> None:
    text = "字" * 200_000

    assert values(write(tmp_path, "a.csv", f"id,text\n1,{text}\n")) == [{"id": "1", "text": text}]


def test_null_characters_in_a_table_are_left_out(tmp_path: Path) -> None:
    assert values(write(tmp_path, "a.csv", "id,te\x00xt\n1,a\x00b\n")) == [{"id": "1", "text": "ab"}]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_ends_a_line(tmp_path: Path, line_end: str) -> None:
    path = write(tmp_path, "a.csv", line_end.join(["id,text", "1,x", "2,y"]))

    assert values(path) == [{"id": "1", "text": "x"}, {"id": "2", "text": "y"}]


@pytest.mark.parametrize(
    ("cell", "read"),
    [("'=1+1", "=1+1"), ("''=1+1", "'=1+1"), ("'-5%", "-5%"), ("'tis", "'tis"), ("'", "'"), ("'＝1", "＝1")],
)
def test_the_apostrophe_that_an_export_put_before_a_formula_is_taken_away(
    tmp_path: Path, cell: str, read: str
) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(["1", cell])

    assert values(write(tmp_path, "a.csv", "id,text\n" + out.getvalue())) == [{"id": "1", "text": read}]


LINES = b'{"id": 1}\n' * 4


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv"])
def test_more_rows_than_may_be_are_refused(tmp_path: Path, name: str) -> None:
    content = b"id,title\n" + b"1,a\n" * 4 if name == "a.csv" else LINES
    content = gzip.compress(content) if name.endswith(".gz") else content
    path = write(tmp_path, name, content)

    assert len(read_sheet(path, limits=Limits(n_rows=4)).rows) == 4
    with pytest.raises(InvalidInput, match="行数太多"):
        read_sheet(path, limits=Limits(n_rows=3))


def test_what_unpacks_to_more_bytes_than_may_be_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl.gz", gzip.compress(b'{"id": 1}\n' * 400))

    with pytest.raises(InvalidInput, match="太大"):
        read_sheet(path, limits=Limits(n_bytes=1_000))
