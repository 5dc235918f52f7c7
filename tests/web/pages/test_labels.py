from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import AuditEvent
from models.pair_label import LabelGrade, LabelSource, PairLabel, present_labels
from models.user import Role
from tests.factories import make_capability, make_match, make_scenario, make_score
from tests.weightings import make_label

HEAD = "scenario_id,firm_id,grade\n"


@pytest.fixture
def as_operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


@pytest.fixture
def pair(city) -> tuple[int, int]:
    return city.scenario.key, city.firm.key


def text(answer) -> str:
    return answer.get_data(as_text=True)


def send(client: FlaskClient, content: str | None, **fields: str):
    data: dict = dict(fields)
    if content is not None:
        data["file"] = (io.BytesIO(content.encode()), "labels.csv")
    return client.post("/evaluation/labels/import", data=data, content_type="multipart/form-data")


def test_a_pair_is_judged_by_both_texts_and_without_what_the_machine_said(as_operator, city) -> None:
    page = text(as_operator.get(f"/evaluation/labels/{city.match_id}"))

    assert "自动发现井盖缺失与破损" in page
    assert "用车载记录仪视频识别井盖缺失、破损和沉降" in page
    assert "band-strong" not in page
    assert "等级和名次故意不显示" in page


def test_marking_keeps_who_and_when_and_goes_on_to_the_next(
    as_operator, session: Session, city, pair, now
) -> None:
    other = make_match(session, scenario_id=make_scenario(session).key)
    make_score(session, other)

    answer = as_operator.post(f"/evaluation/labels/{city.match_id}", data={"grade": "fits"})

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/evaluation/labels/{other.key}"
    label = present_labels(session)[pair]
    assert (label.grade, label.source, label.labelled_at, label.labelled_by_user_id) == (
        LabelGrade.FITS, LabelSource.PAGE, now, city.users[Role.OPERATOR].key,
    )  # fmt: skip
    event = session.exec(select(AuditEvent).where(AuditEvent.action == "label.added")).one()
    assert event.details == {"match_id": city.match_id, "grade": "fits"}


def test_after_the_last_pair_the_list_comes(as_operator, city) -> None:
    answer = as_operator.post(f"/evaluation/labels/{city.match_id}", data={"grade": "cannot_tell"})

    assert answer.headers["Location"] == "/evaluation/labels"


def test_a_changed_mind_adds_a_label_and_the_first_one_stays(
    as_operator, session: Session, city, pair
) -> None:
    for grade in ("fits", "does_not_fit"):
        as_operator.post(f"/evaluation/labels/{city.match_id}", data={"grade": grade})

    assert present_labels(session)[pair].grade is LabelGrade.DOES_NOT_FIT
    assert len(session.exec(select(PairLabel)).all()) == 2
    assert "上次标的：不合适" in text(as_operator.get(f"/evaluation/labels/{city.match_id}"))


def test_another_grade_is_refused(as_operator, session: Session, city) -> None:
    assert as_operator.post(f"/evaluation/labels/{city.match_id}", data={"grade": "great"}).status_code == 422
    assert session.exec(select(PairLabel)).all() == []


def test_a_pair_there_is_not_or_of_a_draft_is_not_found(as_operator, session: Session) -> None:
    draft = make_match(session, scenario_id=make_scenario(session, published_at=None).key)

    for match_id in (999_999, draft.key):
        assert as_operator.get(f"/evaluation/labels/{match_id}").status_code == 404


def test_the_list_shows_who_labelled_what_and_can_be_narrowed(as_operator, session: Session, city) -> None:
    make_label(session, make_match(session), grade=LabelGrade.DOES_NOT_FIT, source=LabelSource.FILE)
    as_operator.post(f"/evaluation/labels/{city.match_id}", data={"grade": "fits"})

    everything = text(as_operator.get("/evaluation/labels"))
    fitting = text(as_operator.get("/evaluation/labels?grade=fits"))

    assert everything.count(f"/evaluation/labels/{city.match_id}") == 1
    assert everything.count('<td class="keep"') == 2
    assert fitting.count('<td class="keep"') == 1
    assert text(as_operator.get("/evaluation/labels?grade=nonsense")).count('<td class="keep"') == 0


def test_an_export_can_be_imported_again_and_changes_nothing(
    as_operator, session: Session, city, pair
) -> None:
    make_capability(session, organisation_id=city.firm.key)
    as_operator.post(f"/evaluation/labels/{city.match_id}", data={"grade": "cannot_tell"})

    exported = as_operator.get("/evaluation/labels.csv").get_data().decode("utf-8-sig")
    answer = send(as_operator, exported, apply="on")

    (row,) = csv.DictReader(io.StringIO(exported))
    assert (row["scenario_id"], row["firm_id"], row["grade"], row["firm"]) == (
        *map(str, pair),
        "?",
        city.firm.name,
    )
    assert "新增 0，改动 0，没变 1，读不了 0" in text(answer)


def test_a_dry_run_says_what_would_happen_and_stores_nothing(as_operator, session: Session, pair) -> None:
    content = f"{HEAD}{pair[0]},{pair[1]},1\n{pair[0]},{pair[1]},7\n"

    dry = send(as_operator, content)
    before = session.exec(select(PairLabel)).all()
    wet = send(as_operator, content, apply="on")

    assert "试读结果，还没有写入" in text(dry)
    assert "新增 1，改动 0，没变 0，读不了 1" in text(dry)
    assert "第 3 行：grade 只能写 1、0 或 ?。" in text(dry)
    assert before == []
    assert "已导入" in text(wet)
    assert present_labels(session)[pair].source is LabelSource.FILE
    event = session.exec(select(AuditEvent).where(AuditEvent.action == "labels.imported")).one()
    assert event.details == {"new": 1, "changed": 0, "rejected": 1}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "请选一个文件"), ("a,b\n1,2\n", "第一行要有"), ("x" * 1_001, "太大")],
)
def test_a_file_that_is_none_is_told_at_its_field(
    app: Flask, as_operator, content: str | None, sentence: str
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"upload_max_bytes": 1_000})

    answer = send(as_operator, content)

    assert answer.status_code == 422
    assert sentence in text(answer)


def test_english_readers_get_english(as_operator, city) -> None:
    assert "Could 井然巡检工作室 deliver it?" in text(
        as_operator.get(f"/evaluation/labels/{city.match_id}?lang=en")
    )
    assert "Import from a file" in text(as_operator.get("/evaluation/labels?lang=en"))


def test_labels_are_given_as_a_workbook_and_as_nothing_else(as_operator, city, pair) -> None:
    as_operator.post(f"/evaluation/labels/{city.match_id}", data={"grade": "fits"})

    assert as_operator.get("/evaluation/labels.xlsx").data[:2] == b"PK"
    assert as_operator.get("/evaluation/labels.pdf").status_code == 404
