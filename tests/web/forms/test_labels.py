from __future__ import annotations

import pytest

from models.errors import InvalidInput
from models.pair_label import LabelGrade
from web.forms.labels import LabelFileForm, LabelForm
from web.forms.parsing import parse


@pytest.mark.parametrize("grade", list(LabelGrade))
def test_a_grade_is_one_of_three(grade: LabelGrade) -> None:
    assert parse(LabelForm, {"grade": grade.value}).grade is grade


@pytest.mark.parametrize("sent", [{}, {"grade": "perfect"}])
def test_anything_else_is_refused(sent: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(LabelForm, sent)

    assert list(refused.value.fields) == ["grade"]


def test_a_file_is_only_read_unless_it_is_to_be_stored() -> None:
    assert (parse(LabelFileForm, {}).apply, parse(LabelFileForm, {"apply": "on"}).apply) == (False, True)
