from __future__ import annotations

import pytest

from models.errors import InvalidInput
from models.review import MAX_REMARK
from web.forms.parsing import parse
from web.forms.reviews import ApprovalForm, parse_return


def test_remarks_are_taken_by_field_and_empty_ones_left_out() -> None:
    sent = {"note": " 总的可以 ", "remark_target": " 写成数 ", "remark_metric": "  ", "remark_nothing": "甲"}

    assert parse_return(sent) == ("总的可以", {"target": "写成数"})


@pytest.mark.parametrize("name", ["remark_target", "note"])
def test_what_is_too_long_is_named(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_return({name: "长" * (MAX_REMARK * 2 + 1)})

    assert set(refused.value.fields) == {name}


def test_a_batch_may_stay_open() -> None:
    assert parse(ApprovalForm, {"batch_id": ""}).batch_id is None
    assert parse(ApprovalForm, {"batch_id": "3"}).batch_id == 3
    with pytest.raises(InvalidInput):
        parse(ApprovalForm, {"batch_id": "甲"})
