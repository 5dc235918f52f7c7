"""What the columns of an import file mean: names in English and Chinese, the rest by the caller's own mapping."""

import re
from collections.abc import Collection, Mapping, Sequence

from models.errors import InvalidInput
from models.texts import storable
from models.transfer_rows import ROW_MODELS

HEADERS: dict[str, tuple[str, ...]] = {
    "id": ("id", "编号", "序号", "场景编号", "能力编号"),
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
    "budget_min_fen": ("budget_min_fen", "预算下限（分）", "预算下限(分)", "预算下限分"),
    "budget_max_fen": ("budget_max_fen", "预算上限（分）", "预算上限(分)", "预算上限分"),
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

REQUIRED = ("id", "text")
"""Without these columns no row can go in, so the file as a whole is refused."""

MAX_SHOWN = 80


def field_names(
    columns: Collection[str], *, kind: str, mapping: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Column -> field for the columns of a file, and the columns nobody knows, sorted and fit to be shown.

    mapping: the caller's own COLUMN -> FIELD. InvalidInput when it names a field or column that does not exist, when
    two columns claim one field, or when a required field has no column.
    """
    _check_mapping(columns, fields=ROW_MODELS[kind].model_fields, mapping=mapping)
    known: dict[str, str] = {}
    for column in sorted(columns):
        field = mapping.get(column) or guess_field(column, kind)
        # A field that was mapped by hand belongs to that column alone.
        if field is not None and (column in mapping or field not in mapping.values()):
            known[column] = field
    _refuse_double_fields(known)
    if columns:
        _refuse_missing_fields(known)
    return known, sorted(storable(column)[:MAX_SHOWN] for column in columns if column not in known)


def guess_field(column: str, kind: str) -> str | None:
    """The field that a column of this name is taken for, or None.

    A name of two header rows, as `预算/下限`, is tried as it stands, in one word, and by its lower part.
    """
    fields = ROW_MODELS[kind].model_fields
    plain = _plain(column)
    for name in (plain, plain.replace("/", ""), plain.rpartition("/")[2]):
        for field, names in HEADERS.items():
            if field in fields and name in names:
                return field
    return None


def _plain(column: str) -> str:
    """The name without marks of required columns and line breaks."""
    name = re.sub(r"[（(](必填|选填|可不填|required|optional)[)）]|[*＊]", "", column.lower())
    return re.sub(r"\s*/\s*", "/", " ".join(name.split()) if name.isascii() else "".join(name.split()))


def choose_fields(columns: Sequence[str], *, kind: str, remembered: Mapping[str, str]) -> dict[str, str]:
    """Column -> field as a page proposes it: remembered names first, then known ones, each field at most once."""
    chosen: dict[str, str] = {}
    for guess in (remembered.get, lambda column: guess_field(column, kind)):
        for column in columns:
            field = guess(column)
            if field is not None and column not in chosen and field not in chosen.values():
                chosen[column] = field
    return {column: chosen[column] for column in columns if column in chosen}


def _check_mapping(columns: Collection[str], *, fields: Collection[str], mapping: Mapping[str, str]) -> None:
    for column, field in mapping.items():
        if field not in fields:
            raise InvalidInput(f"没有 {field} 这个字段。可用的有：{'、'.join(sorted(fields))}。")
        if column not in columns:
            raise InvalidInput(f"文件里没有 {column} 这一列。")


def _refuse_double_fields(known: Mapping[str, str]) -> None:
    claimed: dict[str, str] = {}
    for column, field in known.items():
        if field in claimed:
            raise InvalidInput(f"“{claimed[field]}”和“{column}”两列都对应 {field}，请用 --map 指定一列。")
        claimed[field] = column


def _refuse_missing_fields(known: Mapping[str, str]) -> None:
    for field in REQUIRED:
        if field not in known.values():
            names = "、".join(HEADERS[field])
            raise InvalidInput(
                f"文件里没有 {field} 这一列。认得的列名：{names}；别的列名用 --map 列名={field} 指定。"
            )
