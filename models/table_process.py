"""Reading tables in a process of its own, limited in time, memory and output: a bomb costs its own process only.

`python -m models.table_process FILE ENDING OUT` is that process; `read_tables` starts it and reads what it wrote.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from models.errors import InvalidInput
from models.table_grid import TableGrid
from models.texts import storable

SECONDS = 60
"""Longest run, by the clock; a list of 20,000 lines takes a few seconds."""

CPU_SECONDS = 45
MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space; what is resident stays under half of it."""

OUTPUT_BYTES = 128 * 1024 * 1024

ENDINGS = (".xlsx", ".docx", ".pdf")

# All that the process is told of its surroundings: no secrets, one thread.
SURROUNDINGS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def read_tables(path: Path, ending: str, *, seconds: float = SECONDS) -> list[TableGrid]:
    """All tables of a .xlsx, .docx or .pdf file.

    InvalidInput, in one sentence, where there is none, the file is not what its ending says, or reading it takes more
    time or memory than it is given.
    """
    with tempfile.TemporaryDirectory(prefix="duijie-table-") as folder:
        out = Path(folder) / "tables.json"
        command = [sys.executable, "-m", "models.table_process", str(path.resolve()), ending, str(out)]
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
    return [
        TableGrid(**{**table, "merges": [(m[0], m[1], m[2], m[3]) for m in table["merges"]]})
        for table in answer["tables"]
    ]


def main() -> None:
    """The process: take the limits upon itself, read, write the answer whole."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    from models.table_readers import read_grids

    path, ending, out = sys.argv[1:]
    try:
        grids = read_grids(Path(path), ending)
    except InvalidInput as err:
        answer: dict[str, object] = {"error": err.message}
    else:
        for grid in grids:
            grid.name = storable(grid.name)[:80]
        answer = {"tables": [asdict(grid) for grid in grids]}
    Path(out).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
