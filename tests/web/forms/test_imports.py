from __future__ import annotations

import pytest

from models.errors import InvalidInput
from web.forms.imports import UploadForm, chosen_fields
from web.forms.parsing import parse


def test_only_fields_of_the_kind_are_chosen() -> None:
    sent = {"column-0": "id", "column-1": "", "column-2": "firm", "column-3": "password_hash"}

    assert chosen_fields(["a", "b", "c", "d"], sent, "scenarios") == {"a": "id"}
    assert chosen_fields(["a", "b", "c", "d"], sent, "capabilities") == {"a": "id", "c": "firm"}


def test_a_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(UploadForm, {"kind": "pilots"})

    assert list(caught.value.fields) == ["kind"]
