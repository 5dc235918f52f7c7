from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "web" / "static"
VENDOR = STATIC / "vendor"


def listed() -> list[tuple[str, str]]:
    lines = (VENDOR / "CHECKSUMS.txt").read_text(encoding="utf-8").splitlines()
    return [tuple(reversed(line.split("  ", 1))) for line in lines if line and not line.startswith("#")]


def test_vendored_files_are_the_published_ones() -> None:
    found = {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name, _ in listed()}

    assert found == dict(listed())


def test_every_vendored_file_is_listed_and_comes_with_its_licence() -> None:
    files = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    folders = {name.split("/")[0] for name in files if "/" in name}

    assert files - {"CHECKSUMS.txt"} == {name for name, _ in listed()}
    assert {f"{folder}/LICENSE" for folder in folders} <= files


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = (VENDOR / "bootstrap-icons" / "icons.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    templates = STATIC.parent / "templates"
    used = {
        name
        for path in templates.rglob("*.html")
        for name in re.findall(r'\bicon\("([a-z0-9-]+)"\)', path.read_text(encoding="utf-8"))
    }

    assert used <= known


def test_our_style_sheet_uses_no_outside_address() -> None:
    style = (STATIC / "css" / "duijie.css").read_text(encoding="utf-8")

    assert "url(" not in style and "@import" not in style


@pytest.mark.parametrize("versioned", [True, False])
def test_browsers_keep_for_good_only_what_carries_a_version(client, versioned: bool) -> None:
    answer = client.get("/static/css/duijie.css" + ("?v=abc" if versioned else ""))
    kept = answer.headers["Cache-Control"]
    answer.close()

    assert ("immutable" in kept) is versioned


def test_pages_name_our_files_with_their_version(client) -> None:
    assert re.search(r"/static/css/duijie\.css\?v=[0-9a-f]{12}", client.get("/login").get_data(as_text=True))
