"""What a row of an import file may hold: one pydantic model a kind, and the sentence for each thing that is wrong."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from models.capability import Maturity
from models.errors import InvalidInput
from models.outbox import clean_address
from models.scenario import ScenarioKind
from models.texts import storable

MAX_TEXT = 200_000
"""Longest text of one row, in characters; longer ones are refused, never cut."""

MAX_ITEMS = 500
"""Most entries of one list, e.g. requirements of a scenario."""

MAX_COUNT = 1_000_000
"""Largest team or capacity taken for real."""

MAX_FEN = 10**15
"""Largest amount taken for real: ten thousand times a hundred million yuan."""

SHOWN = 40
"""Characters of a wrong value that its error message repeats."""

CODES = {
    "政务云": "gov_cloud", "本地": "on_premise", "本地部署": "on_premise", "本地机房": "on_premise",
    "私有化": "on_premise", "端侧": "edge", "边缘": "edge", "边缘端": "edge", "saas": "saas", "不限": "any",
    "算法备案": "algorithm_filing", "大模型备案": "model_filing", "安全测评": "security_assessment",
    "等保二级": "mlps_2", "等保三级": "mlps_3",
    "政务": "government", "产业": "industry", "揭榜": "challenge",
    "城市治理": "city_governance", "公共服务": "public_service", "先进制造": "advanced_manufacturing",
    "现代服务": "modern_services", "科学研究": "research", "其他": "other",
    "设想": "idea", "构想": "idea", "样机": "prototype", "试用": "pilot", "商用": "commercial",
    "中文": "zh", "zh-cn": "zh", "英文": "en", "en-us": "en", "en-gb": "en",
}  # fmt: skip
"""Words people write, in lower case -> the codes that are stored."""


def _problem(message: str) -> PydanticCustomError:
    return PydanticCustomError("row", "{message}", {"message": message})


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _problem("要写文字。")
    cleaned = storable(value)
    if len(cleaned) > MAX_TEXT:
        raise _problem(f"太长：{len(cleaned)} 个字符，最多 {MAX_TEXT} 个。")
    return cleaned


def _some_text(value: Any) -> str:
    cleaned = _text(value)
    if not cleaned:
        raise _problem("里面没有看得见的字。")
    return cleaned


def _line(limit: int) -> BeforeValidator:
    """A text on one line (it may become the subject of a mail), at most so long; a whole number becomes its digits."""

    def check(value: Any) -> str:
        number = isinstance(value, int) and not isinstance(value, bool)
        text = " ".join(_text(str(value) if number else value).split())
        if len(text) > limit:
            raise _problem(f"太长：{len(text)} 个字符，最多 {limit} 个。")
        return text

    return BeforeValidator(check)


def _list(value: Any) -> list[Any]:
    """A list as it is; a cell is a JSON list, or is split at ; ； | and line breaks. Empty entries are left out."""
    if isinstance(value, str):
        value = _json_list(value) or re.split(r"[;；|\n]", value)
    if not isinstance(value, list):
        raise _problem("要写成列表，或用分号隔开。")
    items = [
        item for part in value if (item := _text(part) if isinstance(part, str) else part) not in ("", None)
    ]
    if len(items) > MAX_ITEMS:
        raise _problem(f"太多：{len(items)} 项，最多 {MAX_ITEMS} 项。")
    return items


def _json_list(cell: str) -> list[Any] | None:
    if not cell.lstrip().startswith("["):
        return None
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def _code(value: Any) -> str:
    text = _text(value)
    return CODES.get(text.lower(), text)


def _codes(value: Any) -> list[str]:
    return list(dict.fromkeys(_code(item) for item in _list(value)))


def _whole(least: int, most: int) -> BeforeValidator:
    """A whole number between two bounds, both included; in a cell it may have separators and full-width digits."""

    def check(value: Any) -> int:
        if isinstance(value, str):
            digits = re.sub(r"[,\s]", "", unicodedata.normalize("NFKC", value))
            value = int(digits) if re.fullmatch(r"[+-]?[0-9]{1,30}", digits) else value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _problem("要写整数。")
        if not least <= value <= most:
            raise _problem(f"要在 {least} 到 {most} 之间。")
        return value

    return BeforeValidator(check)


def _day(value: Any) -> date:
    text = _text(value)
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise _problem(f"“{_shown(text)}”不是日期，要写成 2026-12-31。")


def _email(value: Any) -> str:
    text = _text(value)
    try:
        return clean_address(text)
    except InvalidInput as err:
        raise _problem(f"“{_shown(text)}”不是邮箱地址。") from err


def _from_text(value: Any) -> Any:
    """A plain text stands for an object with nothing but a text."""
    return {"text": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
SomeText = Annotated[str, BeforeValidator(_some_text)]
Name = Annotated[str, _line(200)]
Words = Annotated[list[str], BeforeValidator(_list)]
Codes = Annotated[list[str], BeforeValidator(_codes)]
Day = Annotated[date | None, BeforeValidator(_day)]
Fen = Annotated[int | None, _whole(0, MAX_FEN)]
Language = Annotated[Literal["zh", "en"] | None, BeforeValidator(_code)]
Place = Literal["gov_cloud", "on_premise", "edge", "saas", "any"]


class RequirementRow(BaseModel):
    """One requirement; a plain text is taken as its text. must is None where the file does not say."""

    text: SomeText
    must: bool | None = None

    _accept_text = model_validator(mode="before")(_from_text)


class CaseRow(BaseModel):
    """One case of a capability; a plain text is taken as its description."""

    customer: Name = ""
    text: Text = ""
    metric: Annotated[str, _line(300)] = ""
    on: Day = None

    _accept_text = model_validator(mode="before")(_from_text)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if not _is_blank(v)} if isinstance(value, dict) else value


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Annotated[str, _line(120)]
    title: Annotated[str, _line(300)] = ""
    text: SomeText
    lang: Language = None
    district: Name = ""
    contact: Annotated[str, BeforeValidator(_email)] = ""


class ScenarioRow(_Row):
    """One scenario of a file."""

    publisher: Name = ""
    kind: Annotated[ScenarioKind, BeforeValidator(_code)] = ScenarioKind.GOVERNMENT
    domain: Annotated[str, _line(60), BeforeValidator(_code)] = "other"
    requirements: Annotated[list[RequirementRow], BeforeValidator(_list)] = Field(default=[])
    data: Text = ""
    deployment: Annotated[list[Place], BeforeValidator(_codes)] = Field(default=[])
    budget_min_fen: Fen = None
    budget_max_fen: Fen = None
    opens_on: Day = None
    deadline_on: Day = None
    metric: Annotated[str, _line(300)] = ""
    baseline: Name = ""
    target: Name = ""

    @model_validator(mode="after")
    def _ends_in_order(self) -> "ScenarioRow":
        low, high = self.budget_min_fen, self.budget_max_fen
        if low is not None and high is not None and high < low:
            raise _problem("预算上限小于下限。")
        if self.opens_on is not None and self.deadline_on is not None and self.deadline_on < self.opens_on:
            raise _problem("截止日期早于开始日期。")
        return self


class CapabilityRow(_Row):
    """One capability of a file."""

    firm: Name = ""
    team_size: Annotated[int | None, _whole(1, MAX_COUNT)] = None
    community: Name = ""
    industries: Codes = Field(default=[])
    technologies: Words = Field(default=[])
    deployment: Annotated[list[Place], BeforeValidator(_codes)] = Field(default=[])
    filings: Codes = Field(default=[])
    maturity: Annotated[Maturity | None, BeforeValidator(_code)] = None
    capacity: Annotated[int | None, _whole(0, MAX_COUNT)] = None
    url: Annotated[str, _line(500)] = ""
    cases: Annotated[list[CaseRow], BeforeValidator(_list)] = Field(default=[])


ROW_MODELS: dict[str, type[ScenarioRow] | type[CapabilityRow]] = {
    "scenarios": ScenarioRow,
    "capabilities": CapabilityRow,
}


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was refused. line: 1-based line of the file; field: column, or empty for the row as a whole."""

    line: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A validated row, or why it was refused. given: the fields the file speaks of, blank ones included."""

    line: int
    row: ScenarioRow | CapabilityRow | None = None
    given: frozenset[str] = frozenset()
    errors: tuple[RowError, ...] = ()


def parse_row(raw: Mapping[str, Any], *, kind: str, names: Mapping[str, str], line: int) -> ParsedRow:
    """Validate one row; either `.row` or `.errors` is filled. names: column -> field. Blank means the default."""
    values = {names[column]: value for column, value in raw.items() if column in names}
    filled = {field: value for field, value in values.items() if not _is_blank(value)}
    try:
        row = ROW_MODELS[kind].model_validate(filled)
    except ValidationError as err:
        errors = tuple(_row_error(line, problem) for problem in err.errors())
        return ParsedRow(line=line, errors=errors)
    return ParsedRow(line=line, row=row, given=frozenset(values))


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _row_error(line: int, problem: Any) -> RowError:
    field = str(problem["loc"][0]) if problem["loc"] else ""
    kind = problem["type"]
    if kind == "row":
        return RowError(line, field, problem["msg"])
    if kind == "missing":
        return RowError(line, field, "缺这一列，或这一格是空的。")
    if kind in ("enum", "literal_error"):
        return RowError(line, field, f"不是可选的值，可选：{problem['ctx']['expected']}。")
    return RowError(line, field, "写法不对。")
