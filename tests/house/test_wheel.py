"""What would be installed is exactly the four packages, with everything they need inside."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.checkout import PACKAGES, ROOT, files


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Paths inside a wheel that is built from this checkout, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = f"from hatchling.build import build_wheel; build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_the_four_packages_and_nothing_else(wheel_names: set[str]) -> None:
    top_level = {name.split("/")[0] for name in wheel_names if ".dist-info/" not in name}

    assert top_level == set(PACKAGES)


def test_everything_of_the_packages_is_in_the_wheel(wheel_names: set[str]) -> None:
    ours = {path for path in files() if path.split("/")[0] in PACKAGES}

    assert ours - wheel_names == set()
    assert {"web/templates/layouts/base.html", "web/static/css/duijie.css"} <= wheel_names


@pytest.mark.parametrize("name", PACKAGES)
def test_the_names_are_found_in_this_checkout(name: str) -> None:
    spec = importlib.util.find_spec(name)

    assert spec is not None
    assert spec.origin is not None
    assert os.path.commonpath([spec.origin, ROOT]) == str(ROOT)
    assert name not in sys.stdlib_module_names
    assert Path(spec.origin).parent == ROOT / name
