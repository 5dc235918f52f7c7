"""How long commands take to answer, what they load, and the site without an encoder."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
N_STARTS = 3
HEAVY = ("torch", "transformers", "sentence_transformers")
PACKAGES = ("models", "matcher", "jobs", "web")

YARDSTICK = "import flask, sqlmodel, faiss"
WEB_START = "from models.config import Settings; from web.app import create_app; create_app(Settings())"
# Every page here is answered by a process whose model setting leads nowhere.
PAGES = """
import sys, resource
from models.config import Settings
from models.db import make_engine
from models.schema import upgrade
from web.app import create_app
settings = Settings()
upgrade(make_engine(settings.database))
client = create_app(settings).test_client()
pages = ["/scenarios", "/scenarios?q=ocr", "/scenarios?lang=en", "/login", "/healthz"]
bad = [page for page in pages if client.get(page).status_code != 200]
loaded = [name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules]
print(len(pages) - len(bad), len(pages), len(loaded), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure(folder: Path) -> Iterator[Figure]:
    """Starts of the commands, of the site, and pages without an encoder."""
    for package in PACKAGES:
        walls, cpus = zip(*(start(folder, "-m", package, "--help") for _ in range(N_STARTS)), strict=True)
        yield Figure(
            f"python -m {package} --help",
            statistics.median(walls),
            "s",
            at_most=1.0 if package == "models" else None,
            note=f"wall, median of {N_STARTS}; {statistics.median(cpus):.2f} s of processor; "
            f"loads of torch: {heavy_modules(folder, package)}",
        )
    yield start_of_site(folder)
    yield from pages_without_encoder(folder)


def environment(folder: Path) -> dict[str, str]:
    """Ours, with an installation in `folder` whose model does not exist.

    Compiled modules are kept, as everywhere: without them a start is mostly compiling.
    """
    own = {"DUIJIE_DATA_DIR": str(folder / "data"), "DUIJIE_MODEL": str(folder / "no-such-model")}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **own, "DUIJIE_LOG_FORMAT": "json"}


def start(folder: Path, *arguments: str) -> tuple[float, float]:
    """Wall and processor seconds of one Python process."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(folder, *arguments)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return ended - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(folder: Path, *arguments: str) -> str:
    """What a Python process prints. CalledProcessError if it fails."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=True
    ).stdout


def heavy_modules(folder: Path, package: str) -> int:
    """How many of the embedding libraries `--help` loads."""
    script = (
        f"import runpy, sys; sys.argv = [{package!r}, '--help']\n"
        f"try: runpy.run_module({package!r}, run_name='__main__', alter_sys=True)\n"
        f"except SystemExit: print('\\n', sum(name in sys.modules for name in {HEAVY!r}))"
    )
    return int(run(folder, "-c", script).split()[-1])


def start_of_site(folder: Path) -> Figure:
    """The site until it can answer, beside the imports it cannot do without."""
    pairs = [(start(folder, "-c", YARDSTICK)[1], start(folder, "-c", WEB_START)[1]) for _ in range(N_STARTS)]
    return Figure(
        "start of the site",
        statistics.median(ours for _, ours in pairs),
        "s",
        yardstick=f"`{YARDSTICK}`: {statistics.median(theirs for theirs, _ in pairs):.2f} s",
        ratio=statistics.median(ours / theirs for theirs, ours in pairs),
        at_most=1.5,
        note="processor time of the whole process",
    )


def pages_without_encoder(folder: Path) -> Iterator[Figure]:
    """Pages answered while the model is missing, and what the process holds afterwards."""
    answered, asked, n_heavy, kilobytes = map(int, run(folder, "-c", PAGES).split()[-4:])
    yield Figure("pages unanswered without a model", asked - answered, f"of {asked}", at_most=0)
    yield Figure("embedding libraries loaded by pages", n_heavy, "", at_most=0)
    yield Figure("memory of the site after these pages", kilobytes / 1024, "MiB")
