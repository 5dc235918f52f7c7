"""Rows of an import file: reading .jsonl, .jsonl.gz and .csv, recognising headers, validating one row at a time."""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from models.capability import Maturity
from models.errors import InvalidInput
from models.scenario import ScenarioKind
from models.texts import storable

MAX_TEXT = 200_000
"""Longest text of one row, in characters; longer ones are refused, never cut."""

HEADERS: dict[str, tuple[str, ...]] = {
    "id": ("id", "编号", "序号"),
    "title": ("title", "标题", "名称", "场景名称", "能力名称"),
    "text": ("text", "problem", "正文", "描述", "需求描述", "场景描述", "能力描述", "简介", "痛点"),
    "lang": ("lang", "language", "语言"),
    "publisher": ("publisher", "发布单位", "需求单位", "需求方", "单位"),
    "kind": ("kind", "类型", "场景类型"),
    "domain": ("domain", "领域", "行业领域"),
    "district": ("district", "区", "所在区", "行政区"),
    "requirements": ("requirements", "要求", "需求清单", "具体要求"),
    "data": ("data", "数据", "可提供数据"),
    "deployment": ("deployment", "部署", "部署方式"),
    "budget_min_fen": ("budget_min_fen", "预算下限分"),
    "budget_max_fen": ("budget_max_fen", "预算上限分"),
    "opens_on": ("opens_on", "开始日期", "征集开始"),
    "deadline_on": ("deadline_on", "deadline", "截止日期", "征集截止", "截止"),
    "metric": ("metric", "成效指标", "指标"),
    "baseline": ("baseline", "基线", "现状值"),
    "target": ("target", "目标", "目标值"),
    "contact": ("contact", "email", "联系邮箱", "邮箱"),
    "firm": ("firm", "company", "企业", "企业名称", "公司", "公司名称"),
    "team_size": ("team_size", "团队人数", "人数"),
    "community": ("community", "社区", "所在社区"),
    "industries": ("industries", "行业"),
    "technologies": ("technologies", "技术", "技术方向"),
    "filings": ("filings", "备案"),
    "maturity": ("maturity", "成熟度"),
    "capacity": ("capacity", "可承接数", "可承接试点数"),
    "url": ("url", "网址", "网站"),
    "cases": ("cases", "案例"),
}
"""Field -> column names recognised, in lower case. `--map COLUMN=FIELD` settles the rest."""

_CODES = {
    "政务云": "gov_cloud", "本地": "on_premise", "本地部署": "on_premise", "本地机房": "on_premise", "私有化": "on_premise",
    "端侧": "edge", "边缘": "edge", "边缘端": "edge", "saas": "saas", "不限": "any",
    "算法备案": "algorithm_filing", "大模型备案": "model_filing", "安全测评": "security_assessment",
    "等保二级": "mlps_2", "等保三级": "mlps_3",
    "政务": "government", "产业": "industry", "揭榜": "challenge",
    "设想": "idea", "样机": "prototype", "试用": "pilot", "商用": "commercial",
    "中文": "zh", "英文": "en",
}  # fmt: skip


def _problem(message: str) -> PydanticCustomError:
    return PydanticCustomError("row", "{message}", {"message": message})


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _problem("要写文字。")
    cleaned = storable(value)
    if len(cleaned) > MAX_TEXT:
        raise _problem(f"太长：{len(cleaned)} 个字符，最多 {MAX_TEXT} 个。")
    return cleaned


def _short(limit: int) -> Any:
    def check(value: Any) -> Any:
        text = _text(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)
        if len(text) > limit:
            raise _problem(f"太长：{len(text)} 个字符，最多 {limit} 个。")
        return text

    return BeforeValidator(check)


def _list(value: Any) -> Any:
    """A list as it is; a cell is split at ; ； | and line breaks."""
    if value in (None, ""):
        return []
    if isinstance(value, str):
        value = re.split(r"[;；|\n]", value)
    if not isinstance(value, list):
        raise _problem("要写成列表，或用分号隔开。")
    return [item for part in value if (item := _text(part) if isinstance(part, str) else part)]


def _code(value: Any) -> Any:
    text = _text(value)
    return _CODES.get(text.lower(), text) or None


def _codes(value: Any) -> Any:
    return [_code(item) for item in _list(value)]


def _empty(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _day(value: Any) -> Any:
    text = _text(value) if value is not None else ""
    if not text:
        return None
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise _problem(f"“{text}”不是日期，要写成 2026-12-31。")


def _email(value: Any) -> Any:
    text = _text(value).lower()
    if text and not re.fullmatch(r"[^@\s<>,;\"]{1,64}@[a-z0-9.-]{1,180}\.[a-z]{2,24}", text):
        raise _problem(f"“{text}”不是邮箱地址。")
    return text


Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, _short(200)]
Key = Annotated[str, _short(120)]
Texts = Annotated[list[str], BeforeValidator(_list)]
Day = Annotated[date | None, BeforeValidator(_day)]
Email = Annotated[str, BeforeValidator(_email)]
Number = Annotated[int | None, BeforeValidator(_empty)]
Language = Annotated[Literal["zh", "en"] | None, BeforeValidator(_code)]
Place = Literal["gov_cloud", "on_premise", "edge", "saas", "any"]


class CaseRow(BaseModel):
    """One case of a capability; a plain text is taken as its description."""

    model_config = ConfigDict(extra="ignore")

    customer: Name = ""
    text: Text = ""
    metric: Annotated[str, _short(300)] = ""
    on: Day = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Key
    title: Annotated[str, _short(300)] = ""
    text: Text = ""
    lang: Language = None
    district: Key = ""
    contact: Email = ""

    @model_validator(mode="after")
    def _has_content(self) -> "_Row":
        if not self.id:
            raise _problem("缺编号 id。")
        if not self.text:
            raise _problem("正文是空的。")
        return self


class ScenarioRow(_Row):
    """One scenario of a file."""

    publisher: Name = ""
    kind: Annotated[ScenarioKind, BeforeValidator(_code)] = ScenarioKind.GOVERNMENT
    domain: Annotated[str, _short(60)] = "other"
    requirements: Texts = Field(default_factory=list)
    data: Text = ""
    deployment: Annotated[list[Place], BeforeValidator(_codes)] = Field(default_factory=list)
    budget_min_fen: Annotated[Number, Field(ge=0)] = None
    budget_max_fen: Annotated[Number, Field(ge=0)] = None
    opens_on: Day = None
    deadline_on: Day = None
    metric: Annotated[str, _short(300)] = ""
    baseline: Name = ""
    target: Name = ""

    @model_validator(mode="after")
    def _budget_in_order(self) -> "ScenarioRow":
        low, high = self.budget_min_fen, self.budget_max_fen
        if low is not None and high is not None and high < low:
            raise _problem("预算上限小于下限。")
        return self


class CapabilityRow(_Row):
    """One capability of a file."""

    firm: Name = ""
    team_size: Annotated[Number, Field(ge=1)] = None
    community: Key = ""
    industries: Texts = Field(default_factory=list)
    technologies: Texts = Field(default_factory=list)
    deployment: Annotated[list[Place], BeforeValidator(_codes)] = Field(default_factory=list)
    filings: Annotated[list[str], BeforeValidator(_codes)] = Field(default_factory=list)
    maturity: Annotated[Maturity | None, BeforeValidator(_code)] = None
    capacity: Annotated[Number, Field(ge=0)] = None
    url: Annotated[str, _short(500)] = ""
    cases: Annotated[list[CaseRow], BeforeValidator(_list)] = Field(default_factory=list)


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
class RawRow:
    """A row as read. values is None when the line could not be read at all; then error says why."""

    line: int
    values: dict[str, Any] | None
    error: str = ""


def read_rows(path: Path) -> list[RawRow]:
    """All rows of a file, unvalidated, with their line numbers.

    Raises InvalidInput, in one sentence, when the file as a whole cannot be read: missing, of another kind, damaged,
    neither UTF-8 nor GBK, a table without header.
    """
    name = path.name.lower()
    try:
        content = path.read_bytes()
        if name.endswith(".gz"):
            content = gzip.decompress(content)
            name = name.removesuffix(".gz")
    except (OSError, EOFError) as err:
        raise InvalidInput(f"读不了文件 {path.name}：{getattr(err, 'strerror', None) or err}") from err
    text = _decode(content, path.name)
    if name.endswith(".jsonl"):
        return list(_json_rows(text))
    if name.endswith(".csv"):
        return list(_csv_rows(text, path.name))
    raise InvalidInput(f"不认识 {path.name} 这种文件，只收 .jsonl、.jsonl.gz 和 .csv。")


def _decode(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(f"{name} 既不是 UTF-8 也不是 GBK 编码。")


def _json_rows(text: str) -> Iterator[RawRow]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            values = json.loads(content)
        except ValueError:
            yield RawRow(line, None, "这一行不是 JSON。")
            continue
        if isinstance(values, dict):
            yield RawRow(line, values)
        else:
            yield RawRow(line, None, "这一行要是一个 JSON 对象。")


def _csv_rows(text: str, name: str) -> Iterator[RawRow]:
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), strict=True)
    try:
        header = next(reader, None)
        if not header or not any(cell.strip() for cell in header):
            raise InvalidInput(f"{name} 没有表头。")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                yield RawRow(reader.line_num, None, f"这一行有 {len(cells)} 格，表头只有 {len(header)} 格。")
                continue
            yield RawRow(reader.line_num, dict(zip(header, cells, strict=False)))
    except csv.Error as err:
        raise InvalidInput(f"{name} 第 {reader.line_num} 行附近的引号不成对，读不下去。") from err


def field_names(
    columns: set[str], *, kind: str, mapping: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Column -> field for the columns of a file, and the columns nobody knows, sorted.

    mapping: the caller's own COLUMN -> FIELD. InvalidInput when it names a field or column that does not exist, or when two
    columns claim one field.
    """
    fields = set(ROW_MODELS[kind].model_fields)
    for column, field in mapping.items():
        if field not in fields:
            raise InvalidInput(f"没有 {field} 这个字段。可用的有：{'、'.join(sorted(fields))}。")
        if column not in columns:
            raise InvalidInput(f"文件里没有 {column} 这一列。")
    by_name = {name: field for field, names in HEADERS.items() if field in fields for name in names}
    known: dict[str, str] = {}
    for column in sorted(columns):
        target = mapping.get(column) or by_name.get(column.strip().lower())
        if (target is not None and target not in mapping.values()) or column in mapping:
            known[column] = str(target)
    _refuse_double_fields(known)
    return known, sorted(columns - set(known))


def _refuse_double_fields(known: Mapping[str, str]) -> None:
    claimed: dict[str, str] = {}
    for column, field in known.items():
        if field in claimed:
            raise InvalidInput(f"“{claimed[field]}”和“{column}”两列都对应 {field}，请用 --map 指定一列。")
        claimed[field] = column


def parse_row(raw: Mapping[str, Any], *, kind: str, names: Mapping[str, str], line: int) -> "ParsedRow":
    """Validate one row; either `.row` or `.errors` is filled."""
    values = {names[column]: value for column, value in raw.items() if column in names}
    try:
        return ParsedRow(line=line, row=ROW_MODELS[kind].model_validate(values), errors=[])
    except ValidationError as err:
        return ParsedRow(line=line, row=None, errors=[_row_error(line, problem) for problem in err.errors()])


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A validated row, or why it was refused."""

    line: int
    row: ScenarioRow | CapabilityRow | None
    errors: list[RowError]


_MESSAGES = {
    "missing": "缺这一列，或这一格是空的。",
    "int_parsing": "要写整数。",
    "int_type": "要写整数。",
    "int_from_float": "要写整数。",
    "greater_than_equal": "数太小。",
    "enum": "不是可选的值。",
    "literal_error": "不是可选的值。",
}


def _row_error(line: int, problem: Any) -> RowError:
    field = str(problem["loc"][0]) if problem["loc"] else ""
    message = problem["msg"] if problem["type"] == "row" else _MESSAGES.get(problem["type"], "写法不对。")
    if problem["type"] in ("enum", "literal_error"):
        message = f"不是可选的值，可选：{problem['ctx']['expected']}。"
    return RowError(line=line, field=field, message=message)
