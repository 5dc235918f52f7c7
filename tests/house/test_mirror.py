"""Whoever knows the module knows where its tests are."""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.house.checkout import PACKAGES, ROOT, python_files

# Tested under another name, and why.
ELSEWHERE = {
    "models/migrations/env.py": "tests/models/test_schema.py",  # runs every migration, up and down
    "models/migrations/check_words.py": "tests/models/test_schema.py",
    "models/migrations/mail_kinds.py": "tests/models/test_schema.py",
}
# A file named after a layer collects what has no home.
DRAWERS = {"utils", "helpers", "common", "misc", "manager", "service", "services", "core"}


def modules() -> list[str]:
    """Every module of the packages; an `__init__.py` only says what its package is."""
    return [path for path in python_files(*PACKAGES) if not path.endswith("/__init__.py")]


def place_of_tests(module: str) -> str:
    """Where the tests of a module are."""
    path = PurePosixPath(module)
    return ELSEWHERE.get(module) or str("tests" / path.with_name(f"test_{path.stem.strip('_')}.py"))


def test_every_module_has_a_test_module() -> None:
    missing = {
        module: place_of_tests(module)
        for module in modules()
        if not (ROOT / place_of_tests(module)).is_file()
    }

    assert missing == {}


def test_no_module_is_named_after_a_layer() -> None:
    assert [path for path in modules() if PurePosixPath(path).stem in DRAWERS] == []
