import json
import subprocess
import sys
from typing import Any


def answers(program: dict[str, Any]) -> list[dict[str, Any]]:
    """What the process says, line by line."""
    ran = subprocess.run(
        [sys.executable, "-m", "matcher.highs_process"],
        input=json.dumps(program),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


PROGRAM: dict[str, Any] = {
    "objective": [4.0, 5.0],
    "upper_columns": [1, 1],
    "lower": [None],
    "upper": [1.0],
    "starts": [0, 2],
    "columns": [0, 1],
    "values": [1.0, 1.0],
    "start": {"0": 1},
    "seed": 0,
    "precision": 1e-6,
    "max_nodes": None,
    "seconds": None,
}


def test_the_last_line_has_status_value_bound_and_columns() -> None:
    assert answers(PROGRAM)[-1] == {"status": "optimal", "bound": 5.0, "value": 5.0, "columns": {"1": 1}}


def test_a_program_without_solution_is_infeasible() -> None:
    assert answers({**PROGRAM, "lower": [2.0], "upper": [None], "values": [0.5, 0.5], "start": {}})[-1][
        "status"
    ] == ("infeasible")
