"""Column names in two languages, and what the caller says about the rest."""

import pytest

from models.errors import InvalidInput
from models.transfer_columns import HEADERS, field_names
from models.transfer_rows import ROW_MODELS


def test_english_and_chinese_names_are_recognised() -> None:
    columns = {"ID", " 场景名称 ", "痛点", "截止日期", "需求单位", "Deployment"}

    names, unknown = field_names(columns, kind="scenarios", mapping={})

    assert names == {
        "ID": "id",
        " 场景名称 ": "title",
        "痛点": "text",
        "截止日期": "deadline_on",
        "需求单位": "publisher",
        "Deployment": "deployment",
    }
    assert unknown == []


def test_columns_nobody_knows_are_reported_sorted_and_fit_to_be_shown() -> None:
    columns = {"id", "text", "备注", "\ud800x", "b" * 200, "publisher"}

    _, unknown = field_names(columns, kind="capabilities", mapping={})

    assert unknown == ["b" * 80, "publisher", "备注", "\ufffdx"]


def test_the_caller_settles_what_a_column_means() -> None:
    names, unknown = field_names(
        {"no.", "what", "text"}, kind="scenarios", mapping={"no.": "id", "what": "text"}
    )

    assert names == {"no.": "id", "what": "text"}
    assert unknown == ["text"]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"note": "remark"}, "没有 remark 这个字段。可用的有：.*budget_max_fen"),
        ({"note": "firm"}, "没有 firm 这个字段"),
        ({"absent": "title"}, "文件里没有 absent 这一列"),
        ({"note": "title", "more": "title"}, "“more”和“note”两列都对应 title"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(mapping: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        field_names({"id", "text", "note", "more"}, kind="scenarios", mapping=mapping)


def test_two_columns_for_one_field_are_refused_until_one_is_chosen() -> None:
    columns = {"id", "text", "描述"}

    with pytest.raises(InvalidInput, match="--map"):
        field_names(columns, kind="scenarios", mapping={})
    names, unknown = field_names(columns, kind="scenarios", mapping={"描述": "text"})
    assert (names["描述"], unknown) == ("text", ["text"])


@pytest.mark.parametrize(
    ("columns", "missing"), [({"text"}, "id"), ({"id", "title"}, "text"), ({"甲", "乙"}, "id")]
)
def test_a_file_without_a_required_column_is_refused_and_told_the_names(
    columns: set[str], missing: str
) -> None:
    with pytest.raises(InvalidInput, match=f"没有 {missing} 这一列。认得的列名：{missing}、"):
        field_names(columns, kind="scenarios", mapping={})


def test_a_file_without_any_column_has_nothing_to_name() -> None:
    assert field_names(set(), kind="scenarios", mapping={}) == ({}, [])


def test_every_field_has_names_and_every_name_one_field_a_kind() -> None:
    for model in ROW_MODELS.values():
        names = [name for field in model.model_fields for name in HEADERS[field]]
        assert len(names) == len(set(names))
        assert [name for name in names if name != name.strip().lower()] == []
