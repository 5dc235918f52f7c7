"""Labels as a file: scenario_id, firm_id, grade; grade 1 fits, 0 does not fit, ? cannot be told. Commas or tabs.

Other columns are for the eye and are not read. The same file can be read again: what is known already is not added.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from models.base import MAX_ID
from models.capability import Capability
from models.errors import InvalidInput
from models.i18n import N_
from models.pair_label import LabelGrade, LabelSource, Pair, PairLabel, present_labels
from models.scenario import Scenario
from models.user import User

COLUMNS = ("scenario_id", "firm_id", "grade")
GRADES = {"1": LabelGrade.FITS, "0": LabelGrade.DOES_NOT_FIT, "?": LabelGrade.CANNOT_TELL}
MARKS = {grade: mark for mark, grade in GRADES.items()}

MAX_ROWS = 20_000
"""Rows of one file: far more than people label, and small enough to answer at once."""


@dataclass
class LabelReport:
    """What reading a file did, or would do. rejected: line from 1 and what is wrong with it, a sentence."""

    n_new: int = 0
    n_changed: int = 0
    n_same: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A row that can be read. line: from 1."""

    line: int
    pair: Pair
    grade: LabelGrade


def read_labels(content: bytes, report: LabelReport) -> list[LabelRow]:
    """The rows that can be read, the later of two for one pair; the others are in the report.

    InvalidInput when the file as a whole cannot be read.
    """
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",", strict=True
    )
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise _refused(N_("文件第一行要有 scenario_id、firm_id、grade 三列。"))
    rows: dict[Pair, LabelRow] = {}
    try:
        for n, values in enumerate(reader, start=1):
            if n > MAX_ROWS:
                raise _refused(N_("文件太长，请分成几个再导入。"))
            row = _row(reader.line_num, values, report)
            if row is not None:
                rows[row.pair] = row
    except csv.Error as err:
        raise _refused(N_("文件不是完整的 CSV，读不下去。")) from err
    return list(rows.values())


def _refused(message: str) -> InvalidInput:
    """The file as a whole cannot be read; said at its field."""
    return InvalidInput(message, fields={"file": message})


def _decoded(content: bytes) -> str:
    """The text, in UTF-8 or in what Chinese spreadsheet programs write."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as err:
            raise _refused(N_("文件既不是 UTF-8 也不是 GBK 编码。")) from err
    # The reader of CSV breaks off at such a character with an error of its own.
    return text.replace("\0", "")


def _row(line: int, values: Mapping[str, str | None], report: LabelReport) -> LabelRow | None:
    cells = [(values[name] or "").strip() for name in COLUMNS]
    ids = [int(cell) for cell in cells[:2] if cell.isascii() and cell.isdecimal() and len(cell) <= 10]
    if len(ids) < 2 or not all(0 < id_ <= MAX_ID for id_ in ids):
        report.rejected.append((line, N_("场景和企业要写编号，例如 12。")))
        return None
    if cells[2] not in GRADES:
        report.rejected.append((line, N_("grade 只能写 1、0 或 ?。")))
        return None
    return LabelRow(line, (ids[0], ids[1]), GRADES[cells[2]])


def store_labels(
    session: Session, rows: Iterable[LabelRow], report: LabelReport, *, by: User | None, now: datetime
) -> LabelReport:
    """Add what is new or different, and count it; a scenario or a firm there is not is rejected. Flushes only."""
    rows = list(rows)
    scenarios = _known(session, {row.pair[0] for row in rows})
    firms = _known_firms(session, {row.pair[1] for row in rows})
    known = present_labels(session, scenarios)
    for row in rows:
        if row.pair[0] not in scenarios or row.pair[1] not in firms:
            report.rejected.append((row.line, N_("没有这个场景，或者没有这家企业。")))
            continue
        before = known.get(row.pair)
        if before is not None and before.grade is row.grade:
            report.n_same += 1
            continue
        report.n_new, report.n_changed = (
            report.n_new + (before is None),
            report.n_changed + (before is not None),
        )
        session.add(make_label(row.pair, row.grade, LabelSource.FILE, by=by, now=now))
    report.rejected.sort()
    session.flush()
    return report


def make_label(
    pair: Pair, grade: LabelGrade, source: LabelSource, *, by: User | None, now: datetime
) -> PairLabel:
    """A label of a pair, not saved."""
    return PairLabel(
        created_at=now,
        scenario_id=pair[0],
        organisation_id=pair[1],
        grade=grade,
        source=source,
        labelled_at=now,
        labelled_by_user_id=None if by is None else by.key,
    )


def _known(session: Session, ids: set[int]) -> set[int]:
    """Those of the scenarios that were ever published."""
    statement = select(Scenario.id).where(col(Scenario.id).in_(ids), col(Scenario.published_at).is_not(None))
    return {id_ for id_ in session.exec(statement) if id_ is not None}


def _known_firms(session: Session, ids: set[int]) -> set[int]:
    """Those of the organisations that ever said what they can do."""
    statement = select(Capability.organisation_id).where(col(Capability.organisation_id).in_(ids))
    return set(session.exec(statement))
