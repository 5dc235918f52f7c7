"""The checkout as the house tests see it: its root, its packages, its files."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("matcher", "models", "web", "jobs")
GENERATED = "models/migrations/versions/"


@lru_cache
def files() -> tuple[str, ...]:
    """Paths, relative to the root, of every file that is or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return tuple(sorted({path for path in listed if path and (ROOT / path).is_file()}))


def python_files(*folders: str) -> list[str]:
    """Our Python files below these folders, or all of them; generated migrations left out."""
    starts = tuple(f"{folder}/" for folder in folders) or ("",)
    return [
        path
        for path in files()
        if path.endswith(".py") and path.startswith(starts) and not path.startswith(GENERATED)
    ]


def text_of(path: str) -> str:
    """A file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


@lru_cache
def tree_of(path: str) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(text_of(path))


def load_script(name: str) -> ModuleType:
    """Import a script of .ci/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
