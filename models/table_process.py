"""Reading tables and texts of files in a process of its own, limited in time, memory and output: a bomb costs its own
process only.

`python -m models.table_process WHAT FILE ENDING OUT` is that process, with WHAT tables or paragraphs; `read_tables` and
`read_paragraphs` start it and read what it wrote.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.errors import InvalidInput
from models.paragraph import Paragraph
from models.table_grid import TableGrid
from models.texts import storable

SECONDS = 60
"""Longest run, by the clock; a list of 20,000 lines takes a few seconds."""

CPU_SECONDS = 45
MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space; what is resident stays under half of it."""

OUTPUT_BYTES = 128 * 1024 * 1024

ENDINGS = (".xlsx", ".docx", ".pdf")
TEXT_ENDINGS = (".docx", ".pdf")

# All that the process is told of its surroundings: no secrets, one thread.
SURROUNDINGS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def read_tables(path: Path, ending: str, *, seconds: float = SECONDS) -> list[TableGrid]:
    """All tables of a .xlsx, .docx or .pdf file.

    InvalidInput, in one sentence, where there is none, the file is not what its ending says, or reading it takes more
    time or memory than it is given.
    """
    tables = _answer("tables", path, ending, seconds)
    return [
        TableGrid(**{**table, "merges": [(m[0], m[1], m[2], m[3]) for m in table["merges"]]})
        for table in tables
    ]


def read_paragraphs(path: Path, ending: str, *, seconds: float = SECONDS) -> list[Paragraph]:
    """The text of a .docx or .pdf file in reading order. InvalidInput as `read_tables`, and for a scan."""
    return [Paragraph(**paragraph) for paragraph in _answer("paragraphs", path, ending, seconds)]


def _answer(what: str, path: Path, ending: str, seconds: float) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="duijie-table-") as folder:
        out = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "models.table_process", what, str(path.resolve()), ending, str(out)]
        try:
            done = subprocess.run(
                command,
                cwd=Path(__file__).resolve().parent.parent,
                env={"LANG": "C.UTF-8", "TMPDIR": folder, **SURROUNDINGS},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as err:
            raise InvalidInput("文件读得太久，已停下。请拆小，或另存为 .csv 再传。") from err
        if done.returncode != 0 or not out.exists():
            raise InvalidInput("文件太大、已损坏或结构异常，读不出来。请拆小，或另存为 .csv 再传。")
        answer = json.loads(out.read_bytes())
    if "error" in answer:
        raise InvalidInput(answer["error"])
    found: list[dict[str, Any]] = answer["found"]
    return found


def main() -> None:
    """The process: take the limits upon itself, read, write the answer whole."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    what, path, ending, out = sys.argv[1:]
    try:
        answer: dict[str, object] = {"found": READING[what](Path(path), ending)}
    except InvalidInput as err:
        answer = {"error": err.message}
    Path(out).write_text(json.dumps(answer), encoding="utf-8")


def _tables(path: Path, ending: str) -> list[dict[str, Any]]:
    from models.table_readers import read_grids

    grids = read_grids(path, ending)
    for grid in grids:
        grid.name = storable(grid.name)[:80]
    return [asdict(grid) for grid in grids]


def _paragraphs(path: Path, ending: str) -> list[dict[str, Any]]:
    from models.paragraph_readers import read_text

    return [asdict(paragraph) for paragraph in read_text(path, ending)]


READING = {"tables": _tables, "paragraphs": _paragraphs}


if __name__ == "__main__":
    main()
