"""Importing one module is enough to know every table."""

import importlib
import pkgutil
import subprocess
import sys

import models
from models import tables


def test_every_table_of_the_package_is_named() -> None:
    found = set()
    for module in pkgutil.iter_modules(models.__path__):
        if module.name not in ("migrations", "__main__"):
            contents = vars(importlib.import_module(f"models.{module.name}"))
            found |= {name for name, value in contents.items() if hasattr(value, "__table__")}

    assert found == set(tables.__all__)


def test_the_names_are_sorted_and_there() -> None:
    assert tables.__all__ == sorted(tables.__all__)
    assert [name for name in tables.__all__ if not hasattr(tables, name)] == []


def test_relations_between_tables_resolve_when_only_this_module_is_imported() -> None:
    program = "import models.tables; from sqlalchemy.orm import configure_mappers; configure_mappers()"

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
