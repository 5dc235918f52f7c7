from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models.errors import InvalidInput
from models.pair_label import LabelGrade, LabelSource, PairLabel, present_labels
from models.pair_label_file import MAX_ROWS, LabelReport, read_labels, store_labels
from tests.factories import MONDAY, make_capability, make_match, make_scenario, make_user
from tests.weightings import make_label

HEAD = "scenario_id,firm_id,grade\n"


def read(text: str) -> tuple[list, LabelReport]:
    report = LabelReport()
    return read_labels(text.encode(), report), report


@pytest.fixture
def pair(session: Session) -> tuple[int, int]:
    return make_scenario(session).key, make_capability(session).organisation_id


def test_rows_are_read_with_commas_or_tabs_in_any_order_of_columns() -> None:
    rows, report = read("grade,firm_id,note,scenario_id\n1,7,gut,3\n?,8,,3\n")
    tabbed, _ = read("\ufeffscenario_id\tfirm_id\tgrade\r\n3\t7\t1\r\n3\t8\t?\r\n")

    assert [(row.line, row.pair, row.grade) for row in rows] == [
        (2, (3, 7), LabelGrade.FITS), (3, (3, 8), LabelGrade.CANNOT_TELL),
    ]  # fmt: skip
    assert [(row.pair, row.grade) for row in tabbed] == [(row.pair, row.grade) for row in rows]
    assert report.rejected == []


@pytest.mark.parametrize(
    "cells", ["x,7,1", "3,-7,1", "3,7,2", "3,7,", "0,7,1", "99999999999,7,1", "3", "３,7,1"]
)
def test_a_row_that_cannot_be_read_is_named_and_the_others_go_on(cells: str) -> None:
    rows, report = read(f"{HEAD}{cells}\n3,7,0\n")

    assert [row.pair for row in rows] == [(3, 7)]
    assert [line for line, _ in report.rejected] == [2]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"a,b\n1,2\n",
        HEAD.encode() + b'1,"2',
        b"\0",
        HEAD.encode() + b"1,1,1\n" * (MAX_ROWS + 1),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_labels(content, LabelReport())

    assert list(refused.value.fields) == ["file"]


def test_a_file_that_a_chinese_spreadsheet_program_saved_is_read() -> None:
    content = f"{HEAD[:-1]},scenario\n3,7,1,用巡查车视频发现道路病害\n".encode("gb18030")

    rows = read_labels(content, LabelReport())

    assert [row.pair for row in rows] == [(3, 7)]


def test_the_later_of_two_rows_of_a_pair_counts() -> None:
    rows, _ = read(f"{HEAD}3,7,1\n3,7,0\n")

    assert [row.grade for row in rows] == [LabelGrade.DOES_NOT_FIT]


def test_what_is_new_or_different_is_added_and_the_rest_counted(session: Session, pair, now) -> None:
    match = make_match(session)
    make_capability(session, organisation_id=match.organisation_id)
    same, changed = make_label(session, match), make_match(session)
    make_capability(session, organisation_id=changed.organisation_id)
    make_label(session, changed, grade=LabelGrade.DOES_NOT_FIT)
    person = make_user(session)
    rows, report = read(
        f"{HEAD}{pair[0]},{pair[1]},1\n{same.scenario_id},{same.organisation_id},1\n"
        f"{changed.scenario_id},{changed.organisation_id},?\n999999,{pair[1]},1\n{pair[0]},999999,1\n"
    )

    store_labels(session, rows, report, by=person, now=now)

    assert (report.n_new, report.n_changed, report.n_same) == (1, 1, 1)
    assert [line for line, _ in report.rejected] == [5, 6]
    label = present_labels(session)[pair]
    assert (label.grade, label.source, label.labelled_by_user_id, label.labelled_at) == (
        LabelGrade.FITS, LabelSource.FILE, person.key, now,
    )  # fmt: skip


def test_the_same_file_again_adds_nothing(session: Session, pair, now) -> None:
    for _ in range(2):
        rows, report = read(f"{HEAD}{pair[0]},{pair[1]},1\n")
        store_labels(session, rows, report, by=None, now=now)

    assert (report.n_new, report.n_same) == (0, 1)
    assert len(session.exec(select(PairLabel)).all()) == 1


def test_a_draft_is_no_scenario_yet(session: Session, pair, now) -> None:
    draft = make_scenario(session, published_at=None)
    rows, report = read(f"{HEAD}{draft.key},{pair[1]},1\n")

    store_labels(session, rows, report, by=None, now=MONDAY)

    assert len(report.rejected) == 1
