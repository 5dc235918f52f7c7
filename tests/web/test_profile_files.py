from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import InvalidInput
from tests.pdf_pages import SCAN, print_page
from tests.profile_texts import profile_page, profile_text, write_profile_document
from web.profile_files import MAX_CHARACTERS, MAX_ROWS, read_file, read_pasted

CSV = "企业,能力名称,能力描述,部署,备案,成熟度,可承接数,网址,案例\n明察,井盖识别,识别井盖缺失。,gov_cloud;edge,mlps_2,pilot,2,https://example.cn,某街道办试用\n明察,,自动分派工单，准确率93%。,,,,,,\n"


def titles(found) -> list[str]:
    return [each.title for each in found]


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_file(name, content)
    return refused.value.message


def test_the_same_profile_reads_the_same_from_every_kind_of_file(tmp_path: Path):
    pasted = read_pasted(profile_text())
    path = write_profile_document(tmp_path / "a.docx")

    for name, content in (
        ("介绍.txt", profile_text().encode()),
        ("介绍.TXT", profile_text().encode("gbk")),
        ("介绍.txt", profile_text().encode("utf-16")),
        ("a.docx", path.read_bytes()),
    ):
        found = read_file(name, content)
        assert [(each.title, each.text) for each in found] == [(each.title, each.text) for each in pasted]


def test_a_printed_profile_reads_the_same(tmp_path: Path):
    content = print_page(profile_page(), tmp_path / "a.pdf").read_bytes()

    found = read_file("a.pdf", content)

    assert [(each.title, each.text) for each in found] == [
        (each.title, each.text) for each in read_pasted(profile_text())
    ]


def test_each_row_of_a_table_is_a_capability_and_each_cell_its_own_source():
    first, second = read_file("能力.csv", CSV.encode("gbk"))

    assert titles([first, second]) == ["井盖识别", "自动分派工单，准确率93%。"]
    assert [(each.kind, list(each.values.values())) for each in first.fields] == [
        ("deployment", ["gov_cloud"]), ("deployment", ["edge"]), ("filings", ["mlps_2"]), ("maturity", ["pilot"]),
        ("capacity", ["2"]), ("url", ["https://example.cn"]), ("case", ["某街道办试用", "", ""]),
    ]  # fmt: skip
    assert (first.fields[0].source, first.place) == ("部署：gov_cloud", 2)
    assert second.fields == ()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exe", b"MZ", "只收"), ("a.pdf", b"", "空的"), ("a.pdf", SCAN, "扫描件"), ("a.docx", b"hello", "损坏"),
        ("a.txt", b"a\0b", "不是纯文本"), ("a.txt", b"\xff\xff\xff\xff", "编码"), ("a.csv", b"a,b\n1,2\n", "能力描述"),
        ("a.csv", "描述,成熟度\n识别井盖,soon\n".encode(), "第 2 行"),
        ("a.csv", ("描述,成熟度\n" + "识别,pilot\n" * (MAX_ROWS + 1)).encode(), "行数太多"),
        ("a.txt", "长".encode() * (MAX_CHARACTERS + 1), "太长"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(name, content, said):
    assert said in refusal(name, content)
