"""One row at a time: what is accepted, and the sentence for each thing that is wrong."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.capability import Maturity
from models.scenario import ScenarioKind
from models.transfer_rows import (
    MAX_FEN,
    MAX_TEXT,
    CapabilityRow,
    ParsedRow,
    RowError,
    ScenarioRow,
    parse_row,
)

SCENARIO = {"id": "S1", "text": "希望自动发现井盖缺失并派单。"}


def parse(noun: str = "scenarios", /, **values: Any) -> ParsedRow:
    row = {**SCENARIO, **values}
    return parse_row(row, kind=noun, names={name: name for name in row}, line=7)


def scenario(**values: Any) -> ScenarioRow:
    parsed = parse(**values)
    assert parsed.errors == ()
    assert isinstance(parsed.row, ScenarioRow)
    return parsed.row


def capability(**values: Any) -> CapabilityRow:
    parsed = parse("capabilities", **values)
    assert parsed.errors == ()
    assert isinstance(parsed.row, CapabilityRow)
    return parsed.row


def error(noun: str = "scenarios", /, **values: Any) -> RowError:
    parsed = parse(noun, **values)
    assert parsed.row is None
    [found] = parsed.errors
    assert found.line == 7
    return found


def test_a_row_with_an_id_and_a_text_is_enough() -> None:
    row = scenario()

    assert (row.id, row.title, row.kind, row.domain, row.requirements) == (
        "S1",
        "",
        ScenarioKind.GOVERNMENT,
        "other",
        [],
    )


def test_it_is_remembered_which_fields_the_file_speaks_of() -> None:
    assert parse(title="", metric=None).given == {"id", "text", "title", "metric"}


@pytest.mark.parametrize("blank", ["", "  \t", None, "\u3000"])
@pytest.mark.parametrize(
    ("field", "default"),
    [("kind", ScenarioKind.GOVERNMENT), ("domain", "other"), ("budget_min_fen", None), ("deadline_on", None)],
)
def test_a_blank_cell_means_the_default(field: str, default: object, blank: str | None) -> None:
    assert getattr(scenario(**{field: blank}), field) == default


@pytest.mark.parametrize("text", ["", "   ", None, "\x00", "\x07\x1b"])
def test_a_row_without_visible_text_is_refused(text: str | None) -> None:
    assert error(text=text).field == "text"


def test_a_row_without_id_is_refused() -> None:
    assert error(id=" ") == RowError(7, "id", "缺这一列，或这一格是空的。")


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    parsed = parse(id=None, kind="war", deadline_on="soon", budget_min_fen="many")

    assert sorted(found.field for found in parsed.errors) == ["budget_min_fen", "deadline_on", "id", "kind"]


@pytest.mark.parametrize(
    "text",
    [
        "井盖👷‍♀️病害",
        "مرحبا بالعالم",
        "字" * 100_000,
        "100% _x_ \\ 'y' \"z\"",
        "第一行\n第二行",
        "\u202eright to left",
    ],
)
def test_any_visible_text_is_kept_as_it_is(text: str) -> None:
    assert scenario(text=text).text == text


def test_null_and_lone_surrogates_do_not_reach_the_database() -> None:
    row = scenario(text=json.loads('"a\\u0000b\\ud800"'), title="\udfff标题")

    assert (row.text, row.title) == ("ab\ufffd", "\ufffd标题")


def test_a_text_that_is_too_long_is_refused_not_cut() -> None:
    assert scenario(text="字" * MAX_TEXT).text == "字" * MAX_TEXT
    assert "最多 200000 个" in error(text="字" * (MAX_TEXT + 1)).message


@pytest.mark.parametrize(
    ("field", "limit"), [("id", 120), ("title", 300), ("publisher", 200), ("metric", 300), ("domain", 60)]
)
def test_a_name_that_does_not_fit_is_refused_not_cut(field: str, limit: int) -> None:
    assert getattr(scenario(**{field: "x" * limit}), field) == "x" * limit
    assert f"最多 {limit} 个" in error(**{field: "x" * (limit + 1)}).message


@pytest.mark.parametrize("value", [12, "12", "１２"])
def test_an_id_may_be_a_number(value: object) -> None:
    assert scenario(id=value).id in ("12", "１２")


@pytest.mark.parametrize("value", [True, 1.5, [1], {"a": 1}])
@pytest.mark.parametrize("field", ["id", "title", "text", "district", "contact", "deadline_on"])
def test_what_is_no_text_is_refused_where_text_is_asked_for(field: str, value: object) -> None:
    assert error(**{field: value}) == RowError(7, field, "要写文字。")


def test_a_name_is_put_on_one_line() -> None:
    assert scenario(title=" 井盖\r\nBcc: x@example.org ").title == "井盖 Bcc: x@example.org"


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0), (500, 500), ("500", 500), (" 1,200 ", 1200), ("５００", 500), (500.0, 500), (MAX_FEN, MAX_FEN)],
)
def test_whole_numbers_are_read(value: object, number: int) -> None:
    assert scenario(budget_max_fen=value).budget_max_fen == number


@pytest.mark.parametrize(
    "value",
    [True, False, 1.5, "1.5", "1e5", "十", "0x10", "NaN", float("nan"), float("inf"), [5], "1_000", "12 元"],
)
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    assert error(budget_max_fen=value) == RowError(7, "budget_max_fen", "要写整数。")


@pytest.mark.parametrize("value", [-1, "-1", MAX_FEN + 1, 10**40, "9" * 30, 1e300])
def test_numbers_out_of_reach_are_refused_with_the_bounds(value: object) -> None:
    assert error(budget_max_fen=value).message == f"要在 0 到 {MAX_FEN} 之间。"


@pytest.mark.parametrize(
    ("field", "value", "is_right"),
    [("team_size", 1, True), ("team_size", 0, False), ("capacity", 0, True), ("capacity", 2**31, False)],
)
def test_sizes_and_capacities_have_bounds_of_their_own(field: str, value: int, is_right: bool) -> None:
    assert (parse("capabilities", **{field: value}).errors == ()) is is_right


@pytest.mark.parametrize(
    "value", ["2026-12-31", "2026/12/31", "2026年12月31日", "2026.12.31", " 2026-12-31 "]
)
def test_days_are_read_as_people_write_them(value: str) -> None:
    assert scenario(deadline_on=value).deadline_on == date(2026, 12, 31)


@pytest.mark.parametrize(
    "value", ["2026-02-30", "31.12.2026", "soon", "2026-12-31T00:00", "46022", "明天" * 100]
)
def test_what_is_no_day_is_refused_and_repeated_in_part(value: str) -> None:
    found = error(deadline_on=value)

    assert "不是日期" in found.message
    assert len(found.message) < 80


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"budget_min_fen": 2, "budget_max_fen": 1}, "上限小于下限"),
        ({"opens_on": "2026-12-02", "deadline_on": "2026-12-01"}, "截止日期早于开始日期"),
    ],
)
def test_ends_in_the_wrong_order_are_refused(values: dict[str, Any], words: str) -> None:
    found = error(**values)

    assert (found.field, words in found.message) == ("", True)


@pytest.mark.parametrize(
    "value",
    [
        ["误报率不高于5%", "部署在政务云"],
        "误报率不高于5%;部署在政务云",
        "误报率不高于5%； 部署在政务云 ；",
        "误报率不高于5%\n\n部署在政务云",
        "误报率不高于5%|部署在政务云",
        '["误报率不高于5%", "部署在政务云"]',
        ["误报率不高于5%", "", None, "部署在政务云"],
    ],
)
def test_requirements_are_a_list_or_a_cell_with_separators(value: object) -> None:
    row = scenario(requirements=value)

    assert [item.text for item in row.requirements] == ["误报率不高于5%", "部署在政务云"]
    assert [item.must for item in row.requirements] == [None, None]


def test_a_requirement_may_say_whether_it_is_a_must() -> None:
    row = scenario(requirements=[{"text": "坐标误差不大于3米", "must": False}, "误报率不高于5%"])

    assert [item.must for item in row.requirements] == [False, None]


@pytest.mark.parametrize(
    "value", [5, {"text": "x"}, True, [["x"]], [5], [{"must": True}], [{"text": ""}], ["x"] * 501]
)
def test_what_is_no_list_of_requirements_is_refused(value: object) -> None:
    assert parse(requirements=value).errors[0].field == "requirements"


def test_brackets_that_are_no_list_are_text() -> None:
    assert [item.text for item in scenario(requirements="[重要] 甲；乙").requirements] == ["[重要] 甲", "乙"]


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("政务云；端侧", ["gov_cloud", "edge"]),
        (["SaaS", "本地机房", "私有化"], ["saas", "on_premise"]),
        ("any", ["any"]),
        ("", []),
    ],
)
def test_places_of_deployment_are_read_in_both_languages(value: object, codes: list[str]) -> None:
    assert scenario(deployment=value).deployment == codes


def test_an_unknown_code_is_refused_and_the_known_ones_are_named() -> None:
    assert "'gov_cloud'" in error(deployment="月球").message
    assert "'challenge'" in error(kind="战争").message
    assert "'commercial'" in error("capabilities", maturity="成品").message
    assert "'zh'" in error(lang="fr").message


def test_words_for_kinds_domains_and_languages_become_codes() -> None:
    row = scenario(kind="揭榜", domain="城市治理", lang="ZH-CN")

    assert (row.kind, row.domain, row.lang) == (ScenarioKind.CHALLENGE, "city_governance", "zh")
    assert capability(maturity="样机").maturity is Maturity.PROTOTYPE
    assert capability(industries="先进制造;养老").industries == ["advanced_manufacturing", "养老"]
    assert capability(filings="算法备案|等保二级").filings == ["algorithm_filing", "mlps_2"]


def test_a_domain_of_their_own_is_kept() -> None:
    assert scenario(domain="养老").domain == "养老"


@pytest.mark.parametrize("value", ["li@example.org", " LI@Example.org "])
def test_a_contact_is_an_address_in_lower_case(value: str) -> None:
    assert scenario(contact=value).contact == "li@example.org"


@pytest.mark.parametrize(
    "value",
    [
        "li",
        "a@b@c.org",
        "Li <li@example.org>",
        "a@example.org;b@example.org",
        "a..b@example.org",
        "李@example.org",
    ],
)
def test_what_is_no_address_is_refused(value: str) -> None:
    assert "不是邮箱地址" in error(contact=value).message


def test_cases_are_texts_or_objects() -> None:
    row = capability(
        cases=[
            "某街道用了三个月",
            {"customer": "某区", "text": "试用", "metric": "准确率91%", "on": "2026-01-05"},
        ]
    )

    assert [case.model_dump() for case in row.cases] == [
        {"customer": "", "text": "某街道用了三个月", "metric": "", "on": None},
        {"customer": "某区", "text": "试用", "metric": "准确率91%", "on": date(2026, 1, 5)},
    ]


@pytest.mark.parametrize("value", [[5], [{"on": "soon"}], [{"customer": "x" * 201}], 5])
def test_what_is_no_case_is_refused(value: object) -> None:
    assert parse("capabilities", cases=value).errors[0].field == "cases"


def test_columns_of_no_field_are_ignored() -> None:
    row = {**SCENARIO, "note": {"any": "thing"}}

    parsed = parse_row(row, kind="scenarios", names={"id": "id", "text": "text"}, line=1)

    assert (parsed.errors, parsed.given) == ((), {"id", "text"})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None, exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(["scenarios", "capabilities"]), st.data())
def test_no_value_whatsoever_breaks_the_reading_of_a_row(kind: str, data: st.DataObject) -> None:
    model = ScenarioRow if kind == "scenarios" else CapabilityRow
    fields = data.draw(st.lists(st.sampled_from(sorted(model.model_fields)), unique=True))
    row = {field: data.draw(JSON) for field in fields}

    parsed = parse_row(row, kind=kind, names={field: field for field in fields}, line=1)

    assert (parsed.row is None) is bool(parsed.errors)
    assert all(found.message and len(found.message) < 300 for found in parsed.errors)
    json.dumps([found.message for found in parsed.errors], ensure_ascii=False).encode()
