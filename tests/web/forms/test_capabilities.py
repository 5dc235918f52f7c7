from __future__ import annotations

from datetime import date

import pytest

from models.capability import Maturity
from models.capability_edit import CaseWritten, content_of
from models.errors import InvalidInput
from tests.factories import MONDAY, make_capability
from web.forms.capabilities import (
    as_offered,
    case_numbers,
    check_listable,
    parse_capability,
    parse_readable_capability,
    typed_of_content,
)

SENT = {
    "title": "车载视频识别井盖",
    "text": "识别井盖缺失和破损，召回率 91%。",
    "industries": "矿业,healthcare,city_governance,healthcare",
    "technologies": "视觉识别; 边缘计算",
    "deployment": "edge,gov_cloud,moon",
    "filings": "mlps_2,our_own",
    "maturity": "pilot",
    "capacity": "0",
    "weeks": "6",
    "url": "https://example.cn/a",
    "case_text_2": "三个街道用了半年",
    "case_customer_2": "街道办",
    "case_on_2": "2026-05-01",
    "case_text_5": "一个园区",
}


def wrong(sent) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse_capability(sent)
    return refused.value.fields


def test_every_field_is_read():
    content = parse_capability(SENT)

    values = content.values
    assert values["industries"] == ["city_governance", "healthcare", "矿业"]
    assert values["technologies"] == ["视觉识别", "边缘计算"]
    assert values["deployment"] == ["gov_cloud", "edge"]
    assert values["filings"] == ["mlps_2", "our_own"]
    assert (values["maturity"], values["capacity"], values["weeks"]) == (Maturity.PILOT, 0, 6)
    assert content.cases == (
        CaseWritten("三个街道用了半年", "街道办", "", date(2026, 5, 1)),
        CaseWritten("一个园区"),
    )


def test_a_title_is_enough():
    content = parse_capability({"title": "甲"})

    assert content.cases == ()
    assert [content.values[name] for name in ("text", "maturity", "capacity", "url")] == [
        "",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", " "), ("title", "长" * 301), ("text", "长" * 10_001), ("capacity", "-1"), ("capacity", "两个"),
        ("weeks", "1001"), ("maturity", "soon"), ("url", "javascript:alert(1)"), ("url", "example.cn"),
        ("url", "http://[::1"), ("url", "https://example.cn/" + "a" * 500), ("technologies", "长" * 61),
        ("technologies", ",".join(str(n) for n in range(21))), ("case_on_2", "五月"), ("case_metric_2", "长" * 301),
    ],
)  # fmt: skip
def test_each_wrong_field_has_its_sentence(name, value):
    assert list(wrong({**SENT, name: value})) == [name]


def test_a_case_says_what_was_done():
    assert list(wrong({"title": "甲", "case_customer_3": "街道办"})) == ["case_text_3"]


def test_a_date_alone_is_no_case():
    assert parse_capability({"title": "甲", "case_on_1": "2026-05-01"}).cases == ()


def test_at_most_twenty_cases():
    sent = {"title": "甲", **{f"case_text_{n}": f"第 {n} 个" for n in range(1, 22)}}

    assert list(wrong(sent)) == ["case_text_21"]


def test_a_case_can_be_taken_away_even_when_it_cannot_be_read():
    content = parse_capability({**SENT, "case_on_2": "五月"}, "remove-2")

    assert content.cases == (CaseWritten("一个园区"),)


def test_while_typing_what_cannot_be_read_counts_as_empty():
    content = parse_readable_capability({**SENT, "title": "", "weeks": "六", "case_on_2": "五月"})

    assert (content.values["title"], content.values["weeks"]) == ("-", None)
    assert content.cases == (CaseWritten("一个园区"),)
    assert content.values["text"] == SENT["text"]


def test_what_is_typed_again_reads_the_same():
    content = parse_capability(SENT)

    assert parse_capability(typed_of_content(content)) == content
    assert case_numbers(typed_of_content(content)) == [1, 2]


def test_without_a_description_nothing_can_be_matched():
    check_listable(parse_capability(SENT))

    with pytest.raises(InvalidInput) as refused:
        check_listable(parse_capability({**SENT, "text": ""}))
    assert list(refused.value.fields) == ["text"]


def test_what_is_offered_belongs_to_no_session_and_keeps_what_was_confirmed(session):
    row = make_capability(session, cases=("甲处用过", "乙处用过"))
    for case in row.cases:
        case.confirmed_at = MONDAY
    content = content_of(row)
    changed = (content.cases[0], CaseWritten("乙处用过，改了"))

    offered = as_offered(row, type(content)(content.values, changed))

    assert offered not in session
    assert [case.confirmed_at for case in offered.cases] == [MONDAY, None]
    assert (offered.id, offered.organisation) == (row.id, row.organisation)
    assert [case.text for case in row.cases] == ["甲处用过", "乙处用过"]
