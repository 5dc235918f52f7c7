"""A pack holds every standing document under its hash, and is the same bytes every time."""

import hashlib
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from models import evidence_pack
from models.errors import InvalidInput, NotFound
from models.evidence import Evidence, EvidenceKind
from models.evidence_pack import make_pack
from models.files import file_path, store_file
from models.milestone import Milestone
from models.pilot import Pilot
from models.usage_entry import UsageEntry
from tests.factories import MONDAY, make_evidence, make_pilot_in_use, save
from tests.funding_examples import ON, WAN, make_condition, make_rule
from tests.jobs.funding import keep_record

ZONE = ZoneInfo("Asia/Shanghai")


def document(session: Session, pilot: Pilot, folder: Path, text: str, **values) -> Evidence:
    stored = store_file(folder, "../报告.txt", text.encode(), max_bytes=1000)
    facts = {"file_hash": stored.digest, "file_size": stored.size, "file_name": stored.name}
    return make_evidence(session, pilot, **{**facts, **values})


@pytest.fixture
def pilot(session: Session, tmp_path: Path) -> Pilot:
    row = make_pilot_in_use(session, voucher_programmes=["model_voucher"])
    first = document(session, row, tmp_path, "旧报告", kind=EvidenceKind.USE_REPORT)
    document(session, row, tmp_path, "新报告", kind=EvidenceKind.USE_REPORT, replaces_id=first.key)
    document(session, row, tmp_path, "测试", checked_at=MONDAY)
    document(session, row, tmp_path, "退回的", rejected_at=MONDAY)
    save(session, Milestone(pilot_id=row.key, title="上线", due_on=ON))
    save(session, UsageEntry(pilot_id=row.key, from_on=ON, to_on=ON, n_users=3, volume=9, unit="件"))
    keep_record(session, row, save(session, make_rule(make_condition("pilot_in_use"), cap_fen=WAN)))
    return row


def opened(session: Session, pilot: Pilot, folder: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(make_pack(session, pilot, folder, on=ON, zone=ZONE)))


def test_the_same_day_gives_the_same_bytes(session: Session, pilot: Pilot, tmp_path: Path) -> None:
    packs = [make_pack(session, pilot, tmp_path, on=ON, zone=ZONE) for _ in range(2)]

    assert packs[0] == packs[1]
    assert make_pack(session, pilot, tmp_path, on=date(2026, 11, 24), zone=ZONE) != packs[0]


def test_standing_documents_are_in_it_and_their_hashes_hold(
    session: Session, pilot: Pilot, tmp_path: Path
) -> None:
    pack = opened(session, pilot, tmp_path)

    texts = {pack.read(name).decode() for name in pack.namelist() if name.startswith("documents/")}
    assert texts == {"新报告", "测试"}
    sums = dict(line.split("  ")[::-1] for line in pack.read("SHA256SUMS").decode().splitlines())
    assert sums == {
        name: hashlib.sha256(pack.read(name)).hexdigest() for name in pack.namelist() if name != "SHA256SUMS"
    }
    assert not [name for name in pack.namelist() if ".." in name or name.startswith("/")]


def test_the_manifest_tells_the_chain_the_log_and_the_systems_view(
    session: Session, pilot: Pilot, tmp_path: Path
) -> None:
    manifest = json.loads(opened(session, pilot, tmp_path).read("manifest.json"))

    assert manifest["chain"]["go_live_on"] == "2026-11-16"
    assert manifest["agreement"]["success_metric"] == pilot.success_metric
    assert manifest["agreement"]["voucher_programmes"] == ["model_voucher"]
    assert [row["volume"] for row in manifest["usage"]] == [9]
    assert [row["title"] for row in manifest["milestones"]] == ["上线"]
    (view,) = manifest["assessments"]
    assert (view["verdict"], view["amount_fen"], view["rule_version"]) == ("met", [0, WAN], 1)
    assert {row["sha256"] for row in manifest["documents"]} == {
        hashlib.sha256(text.encode()).hexdigest() for text in ("新报告", "测试")
    }


def test_a_document_that_was_changed_on_disk_is_never_packed(
    session: Session, pilot: Pilot, tmp_path: Path
) -> None:
    path = file_path(tmp_path, hashlib.sha256("测试".encode()).hexdigest())
    path.write_text("别的")

    with pytest.raises(NotFound, match="校验值不符"):
        make_pack(session, pilot, tmp_path, on=ON, zone=ZONE)


def test_too_much_is_refused_with_a_sentence(
    session: Session, pilot: Pilot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_pack, "MAX_BYTES", 10)

    with pytest.raises(InvalidInput, match="太大"):
        make_pack(session, pilot, tmp_path, on=ON, zone=ZONE)
