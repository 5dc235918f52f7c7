from __future__ import annotations

import html
import io
import re

import pytest
from sqlmodel import Session, col, select

from models.capability import Capability, CapabilityStatus
from tests.pdf_pages import SCAN
from tests.profile_texts import profile_text, write_profile_document
from web.pages.profile_imports import taken_fields


def inputs(page: str) -> dict[str, str]:
    """The hidden and text fields of the page, by name."""
    found = {
        name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page)
    }
    areas = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.S)
    return {
        name: value
        for name, value in {**found, **{name: html.unescape(text) for name, text in areas}}.items()
        if name not in ("take", "capability", "csrf_token")
    }


def mine(session: Session, city) -> list[Capability]:
    statement = select(Capability).where(
        Capability.organisation_id == city.firm.key, col(Capability.listed_at).is_(None)
    )
    return list(session.exec(statement.order_by(col(Capability.id))))


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("POST", "/take")])
def test_only_firms_read_their_profile(client, as_agency, method, path):
    assert client.open(f"/capabilities/import{path}", method=method).status_code == 303
    assert as_agency.open(f"/capabilities/import{path}", method=method).status_code == 403


def test_a_pasted_profile_is_proposed_and_nothing_is_stored(session, as_firm, city):
    page = as_firm.post("/capabilities/import", data={"text": profile_text()})

    assert page.status_code == 200
    assert "读出 2 项能力" in page.text
    assert "支持本地化部署，也可部署在政务云，不支持公有云。" in page.text
    assert mine(session, city) == []


def test_what_is_ticked_becomes_drafts_and_the_rest_does_not(session, as_firm, city):
    page = as_firm.post("/capabilities/import", data={"text": profile_text()}).text
    sent = inputs(page)
    wanted = [
        key.removeprefix("kind-")
        for key, kind in sent.items()
        if key.startswith("kind-0") and kind in ("deployment", "case", "weeks")
    ]

    answer = as_firm.post(
        "/capabilities/import/take", data={**sent, "take": wanted, "capability": ["0", "1"]}
    )

    road, calls = mine(session, city)
    assert answer.headers["Location"].endswith("/capabilities")
    assert (road.deployment, road.weeks, road.filings, road.capacity) == (
        ["gov_cloud", "on_premise"],
        6,
        [],
        None,
    )
    assert [(case.text, case.customer) for case in road.cases] == [
        ("已在南山某街道办试用半年，巡查时间减少一半。", "南山某街道办")
    ]
    assert (calls.title, calls.deployment, calls.status) == ("热线工单分派", [], CapabilityStatus.DRAFT)


def test_one_draft_is_opened_at_once(session, as_firm, city):
    data = {"title-0": "甲", "text-0": "识别井盖。", "capability": "0"}

    answer = as_firm.post("/capabilities/import/take", data=data)

    (row,) = mine(session, city)
    assert answer.headers["Location"].endswith(f"/capabilities/{row.key}")


def test_a_document_is_read(as_firm, tmp_path):
    content = write_profile_document(tmp_path / "a.docx").read_bytes()

    page = as_firm.post("/capabilities/import", data={"file": (io.BytesIO(content), "介绍.docx"), "text": ""})

    assert "读出 2 项能力" in page.text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"text": " "}, "粘贴一段文字，或选一个文件。"),
        ({"file": (SCAN, "a.pdf")}, "扫描件"),
        ({"file": (b"MZ", "a.exe")}, "只收 Word"),
        ({"text": "联系我们\n电话：13800000000"}, "没有读到能力说明"),
    ],
)
def test_what_cannot_be_read_says_so_at_its_field(as_firm, data, said):
    sent = {
        name: (io.BytesIO(value[0]), value[1]) if name == "file" else value for name, value in data.items()
    }

    answer = as_firm.post("/capabilities/import", data=sent)

    assert answer.status_code == 422
    assert said in answer.text


def test_a_file_that_is_too_large_is_not_read(as_firm, app):
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"upload_max_bytes": 1000})

    answer = as_firm.post("/capabilities/import", data={"file": (io.BytesIO(b"x" * 1001), "a.txt")})

    assert answer.status_code == 422
    assert "文件太大" in answer.text


def test_nothing_ticked_and_nothing_readable_are_said_and_what_was_ticked_stays(session, as_firm, city):
    sent = {
        "title-0": "",
        "text-0": "识别井盖。",
        "kind-0-0": "weeks",
        "v0-0-weeks": "六",
        "source-0-0": "六周",
    }

    nothing = as_firm.post("/capabilities/import/take", data=sent)
    wrong = as_firm.post("/capabilities/import/take", data={**sent, "capability": "0", "take": "0-0"})

    assert (nothing.status_code, wrong.status_code) == (422, 422)
    assert "至少勾一项能力" in nothing.text
    assert 'href="#field-title-0"' in wrong.text and 'value="0-0" checked' in wrong.text
    assert mine(session, city) == []


def test_of_a_field_with_one_value_the_first_ticked_holds():
    sent = {
        "title-0": "甲", "v0-2-weeks": "9", "v0-1-weeks": "6", "v0-3-industries": "healthcare",
        "v0-4-industries": "research",
        "v0-5-case_text_4": "用过", "v1-1-weeks": "1", "v0-7-url": "https://a.example",
    }  # fmt: skip

    fields = taken_fields(sent, ["0-1", "0-2", "0-3", "0-4", "0-5", "1-1"], 0)

    assert fields == {
        "title": "甲",
        "text": "",
        "weeks": "6",
        "industries": "healthcare,research",
        "case_text_1": "用过",
    }
