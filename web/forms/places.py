"""Places as an operator writes them down: communities, districts and their programmes, figures of the plan."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from models.i18n import N_
from models.place import CommunityFields
from web.forms.parsing import Form, OptionalCount, OptionalDate, filled, maybe, sentence
from web.forms.scenarios import not_before

CODE = r"^[A-Za-z0-9][A-Za-z0-9-]*$"


class CommunityForm(Form):
    """One community; the days are the steps of its recognition, in order."""

    name: Annotated[str, filled(120)]
    name_en: Annotated[str, maybe(120)] = ""
    code: Annotated[str, filled(40), Field(pattern=CODE)]
    district_id: int
    area_m2: OptionalCount = None
    capacity: OptionalCount = None
    applied_on: OptionalDate = None
    recognised_on: OptionalDate = None
    revoked_on: OptionalDate = None
    source: Annotated[str, maybe(200)] = ""

    def fields(self) -> CommunityFields:
        """As models/place.py takes them."""
        return CommunityFields(**self.model_dump())


class TargetsForm(Form):
    """The figures of the plan; what is left empty is no target."""

    communities: OptionalCount = None
    least_area: OptionalCount = None
    area: OptionalCount = None
    firms: OptionalCount = None
    people: OptionalCount = None
    due_on: OptionalDate = None
    source: Annotated[str, maybe(200)] = ""


class DistrictForm(Form):
    """The names of a district. Its code stands in numbers of scenarios and stays."""

    name: Annotated[str, filled(80)]
    name_en: Annotated[str, maybe(80)] = ""


class NewDistrictForm(DistrictForm):
    """A new district."""

    code: Annotated[str, filled(20), Field(pattern=CODE)]
    city: Annotated[str, maybe(80)] = ""


class ProgrammeForm(Form):
    """A programme of a district."""

    title: Annotated[str, filled(200)]
    document_number: Annotated[str, maybe(80)] = ""
    summary: Annotated[str, maybe(1000)] = ""
    url: Annotated[str, maybe(500)] = ""
    valid_from_on: OptionalDate = None
    valid_until_on: OptionalDate = None

    @field_validator("url")
    @classmethod
    def is_web_address(cls, value: str) -> str:
        """Only what a browser opens as a page: nothing that runs."""
        if value and not value.startswith(("https://", "http://")):
            raise sentence(N_("要以 https:// 或 http:// 开头。"))
        return value

    @field_validator("valid_until_on")
    @classmethod
    def in_order(cls, value: object, info: ValidationInfo) -> object:
        """It ends after it began."""
        return not_before(value, info.data.get("valid_from_on"), N_("不能早于生效日期。"))  # type: ignore[arg-type]
