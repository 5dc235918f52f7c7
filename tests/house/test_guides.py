"""The guides name pages that there are and show pictures that there are, and the pictures stay small."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from models.config import Settings
from tests.house.checkout import ROOT
from web.app import create_app

GUIDES = ROOT / "docs" / "guides"
IMAGES = ROOT / "docs" / "images" / "guides"
ROLES = {"agency", "startup", "evaluator", "operator", "funding-officer", "organizer"}
MOST_BYTES = 2_000_000
PAGE = re.compile(r"`(/[^`]*)`")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


def texts() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in GUIDES.glob("*.md")}


def pattern(address: str) -> str:
    """An address with its parts of one row left out, however they are called."""
    return re.sub(r"<[^>]*>", "<>", address)


@pytest.fixture
def shots(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("guides", ROOT / ".ci" / "guides.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_there_is_one_guide_a_role_in_both_languages() -> None:
    found = texts()

    assert set(found) == ROLES | {"README"}
    for role in ROLES:
        zh, _, en = found[role].partition("\n---\n")
        assert re.search(r"^# .*指南$", zh, re.MULTILINE) and re.search(r"^# Guide for ", en, re.MULTILINE)
        assert f"({role}.md)" in found["README"]


def test_every_page_a_guide_names_is_one(tmp_path: Path) -> None:
    app = create_app(Settings(_env_file=None, data_dir=tmp_path))
    pages = {pattern(rule.rule) for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    named = {(name, address) for name, text in texts().items() for address in PAGE.findall(text)}

    assert len(named) > 40
    assert {(name, address) for name, address in named if pattern(address) not in pages} == set()


def test_every_picture_is_there_is_shown_and_says_what_it_shows() -> None:
    shown = [found for text in texts().values() for found in PICTURE.findall(text)]
    files = {(GUIDES / address).resolve() for _, address in shown}

    assert all(len(words) > 5 for words, _ in shown)
    assert files == set(IMAGES.glob("*"))


def test_every_picture_is_taken_by_the_command(shots: ModuleType, tmp_path: Path) -> None:
    app = create_app(Settings(_env_file=None, data_dir=tmp_path))
    pages = {rule.rule for rule in app.url_map.iter_rules()}

    assert {f"{shot.name}.jpg" for shot in shots.SHOTS} == {path.name for path in IMAGES.iterdir()}
    assert {shot.path for shot in shots.SHOTS} <= pages


def test_the_pictures_stay_small() -> None:
    sizes = [path.stat().st_size for path in IMAGES.iterdir()]

    assert sum(sizes) < MOST_BYTES


def test_without_a_demo_the_command_says_what_to_start(
    shots: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["guides.py", "--logins", str(tmp_path / "none.json")])
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")

    assert shots.main() == 1
    assert "make demo" in capsys.readouterr().err
