"""Files and functions stay small enough to read."""

from __future__ import annotations

import ast

from tests.house.checkout import python_files, text_of, tree_of

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50


def test_no_file_is_too_long() -> None:
    lengths = {path: text_of(path).count("\n") for path in python_files()}

    assert {path: n for path, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{path}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }

    assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION_LINES} == {}
