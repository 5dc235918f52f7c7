from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from models.transfer_columns import guess_field
from models.transfer_rows import ROW_MODELS
from web.presenters.imports import (
    FIELDS,
    field_choices,
    field_words,
    template_columns,
    template_csv,
    template_workbook,
)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("kind", list(ROW_MODELS))
def test_every_column_of_a_template_is_known_to_import(kind: str, locale: str) -> None:
    names = [column for column, _, _ in template_columns(kind, locale)]

    assert {guess_field(name, kind) for name in names} == set(ROW_MODELS[kind].model_fields)
    assert names[:2] == (["编号", "正文"] if locale == "zh" else ["id", "text"])


def test_every_field_has_words() -> None:
    assert {name for model in ROW_MODELS.values() for name in model.model_fields} == set(FIELDS)
    assert ("id", "编号") in field_choices("scenarios", "zh")
    assert field_words("unheard_of", "zh") == "unheard_of"


def test_the_workbook_explains_what_the_csv_file_only_names() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(template_workbook("scenarios", "zh")))
    header = template_csv("scenarios", "zh").decode("utf-8-sig").strip().split(",")

    assert book.get_sheet_by_index(0).to_python()[0] == header
    assert [row[0] for row in book.get_sheet_by_index(1).to_python()][1:] == header
