from __future__ import annotations

from datetime import date

import pytest

from models.errors import InvalidInput
from web.forms.parsing import parse
from web.forms.places import CommunityForm, NewDistrictForm, ProgrammeForm, TargetsForm

COMMUNITY = {"name": "大沙河社区", "code": "DSH", "district_id": "3"}


def test_a_community_is_read_with_what_may_be_empty_left_empty() -> None:
    fields = parse(CommunityForm, {**COMMUNITY, "area_m2": "", "recognised_on": "2026-03-01"}).fields()

    assert (fields.district_id, fields.area_m2, fields.recognised_on) == (3, None, date(2026, 3, 1))


@pytest.mark.parametrize(
    ("form", "sent", "field"),
    [
        (CommunityForm, {**COMMUNITY, "code": "-a"}, "code"),
        (CommunityForm, {**COMMUNITY, "capacity": "1e9"}, "capacity"),
        (CommunityForm, {**COMMUNITY, "area_m2": "100000001"}, "area_m2"),
        (TargetsForm, {"people": "0"}, "people"),
        (NewDistrictForm, {"name": "光明区", "code": "G M"}, "code"),
        (ProgrammeForm, {"title": "a", "url": "//evil.example"}, "url"),
    ],
)
def test_what_is_wrong_is_named(form, sent: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(form, sent)

    assert list(refused.value.fields) == [field]
