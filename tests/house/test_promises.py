"""The list of promises is true to the tests it names, and docs/proof.md to the list."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.checkout import ROOT, python_files
from tests.proof.mutants import MUTANTS, Mutant
from tests.proof.promises import PROMISES, SECTIONS, Promise


def named_tests(path: Path) -> set[str]:
    """The names of the tests of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.key)
def test_every_test_that_shows_a_promise_is_there(promise: Promise) -> None:
    for test in promise.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).is_file(), test
        assert not name or name in named_tests(ROOT / path), test


def test_every_long_proof_shows_a_promise() -> None:
    shown = {test.partition("::")[0] for promise in PROMISES for test in promise.tests}
    long_ones = [path for path in python_files("tests") if "mark.proof" in (ROOT / path).read_text("utf-8")]

    assert [path for path in long_ones if path not in shown and not path.startswith("tests/house/")] == []


def test_promises_have_keys_of_their_own_and_a_section() -> None:
    keys = [promise.key for promise in PROMISES]

    assert len(set(keys)) == len(keys)
    assert {key[0] for key in keys} == set(SECTIONS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.key)
def test_every_broken_build_can_be_made_and_belongs_to_a_promise(mutant: Mutant) -> None:
    assert (ROOT / mutant.path).read_text("utf-8").count(mutant.right) == 1
    assert mutant.key.split("-")[0] in {promise.key for promise in PROMISES}
    assert all((ROOT / test.partition("::")[0]).is_file() for test in mutant.tests)


def test_the_page_has_a_row_for_every_promise_and_every_broken_build() -> None:
    page = (ROOT / "docs/proof.md").read_text("utf-8")

    assert [promise.key for promise in PROMISES if f"| {promise.key} | {promise.words} |" not in page] == []
    assert [mutant.key for mutant in MUTANTS if f"| {mutant.words} |" not in page] == []
