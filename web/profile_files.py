"""What a firm hands over to read its capabilities from: a pasted text, a document, or rows of a .csv file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from matcher.profile_reading import Proposed, ProposedCapability, propose_capabilities
from models.errors import InvalidInput
from models.files import display_name
from models.i18n import N_
from models.paragraph import paragraphs_of
from models.table_process import TEXT_ENDINGS, read_paragraphs
from models.texts import storable
from models.transfer_columns import guess_field
from models.transfer_file import Limits, decoded, read_sheet
from models.transfer_rows import CapabilityRow, parse_row

MAX_CHARACTERS = 50_000
"""Of a text; a firm's whole profile has some thousand."""

MAX_ROWS = 50
ENDINGS = (*TEXT_ENDINGS, ".txt", ".csv")
ROW_ID = "\0id"


def read_pasted(text: str) -> list[ProposedCapability]:
    """The capabilities that a pasted text describes."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(N_("太长，最多 5 万字。留下介绍产品的部分。"))
    return propose_capabilities(paragraphs_of(storable(text)))


def read_file(name: str, content: bytes) -> list[ProposedCapability]:
    """The capabilities that a file describes. InvalidInput, in one sentence, where it cannot be read."""
    ending = Path(display_name(name).lower()).suffix
    if not content:
        raise InvalidInput(N_("文件是空的，请重新选择。"))
    if ending not in ENDINGS:
        raise InvalidInput(N_("只收 Word（.docx）、PDF、纯文本（.txt）和 CSV。"))
    if ending == ".txt":
        if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InvalidInput(N_("内容不是纯文本，与扩展名不符。"))
        return read_pasted(decoded(content, display_name(name)))
    with tempfile.TemporaryDirectory(prefix="duijie-profile-") as folder:
        path = Path(folder) / f"profile{ending}"
        path.write_bytes(content)
        if ending == ".csv":
            return _rows(path)
        return propose_capabilities(read_paragraphs(path, ending))


def _rows(path: Path) -> list[ProposedCapability]:
    sheet = read_sheet(
        path,
        is_known=lambda column: guess_field(column, "capabilities") is not None,
        limits=Limits(n_rows=MAX_ROWS),
    )
    names = {column: field for column in sheet.ordered if (field := guess_field(column, "capabilities"))}
    if "text" not in names.values():
        raise InvalidInput(N_("没有认出“能力描述”这一列。列名写成“描述”或 text 再传。"))
    found = []
    for raw in sheet.rows:
        if raw.values is None:
            raise InvalidInput(raw.error)
        values = {column: raw.values[column] for column in names if names[column] != "id"}
        parsed = parse_row(
            {**values, ROW_ID: str(raw.line)},
            kind="capabilities",
            names={**names, ROW_ID: "id"},
            line=raw.line,
        )
        if not isinstance(parsed.row, CapabilityRow):
            raise InvalidInput(f"{sheet.where(raw.line)}：{parsed.errors[0].message}")
        found.append(_of_row(parsed.row, raw.line, {names[column]: column for column in values}))
    return found


def _of_row(row: CapabilityRow, line: int, columns: dict[str, str]) -> ProposedCapability:
    """A row as a proposal; the source of a field is its cell, as it is read."""
    fields: list[Proposed] = []
    for name in ("industries", "technologies", "deployment", "filings"):
        fields += [_cell(name, word, line, columns) for word in getattr(row, name)]
    for name, value in (("maturity", row.maturity), ("capacity", row.capacity), ("url", row.url)):
        fields += [] if value in (None, "") else [_cell(name, str(value), line, columns)]
    for n, case in enumerate(row.cases, start=1):
        values = {
            f"case_text_{n}": case.text,
            f"case_customer_{n}": case.customer,
            f"case_metric_{n}": case.metric,
        }
        fields.append(Proposed("case", values, f"{columns.get('cases', '')}：{case.text}", line))
    title = row.title or " ".join(row.text.split())[:60]
    return ProposedCapability(title=title, text=row.text, place=line, fields=tuple(fields))


def _cell(name: str, value: str, line: int, columns: dict[str, str]) -> Proposed:
    return Proposed(name, {name: value}, f"{columns[name]}：{value}", line)
