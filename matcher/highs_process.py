"""HiGHS in a process of its own: `python -m matcher.highs_process` reads one program and writes lines of JSON.

A process of its own because highspy and ortools each bring a library of the same name and different content, and
whichever is loaded second fails; and because a process can be ended at any time. Only matcher/linear_program.py starts
it. Every line but the last tells of progress: {"bound", "value"}; a better solution adds {"columns"}, those that are 1.
The last has {"status": optimal | stopped | infeasible} too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any


def solve(program: Mapping[str, Any]) -> None:
    """Maximise, and write what is found as it is found."""
    import highspy
    import numpy as np

    highs = highspy.Highs()
    highs.silent()
    options = {
        "threads": 1,
        "random_seed": program["seed"],
        "mip_rel_gap": 0.0,
        "mip_abs_gap": program["precision"],
        "mip_max_nodes": program["max_nodes"],
        "time_limit": program["seconds"],
    }
    for name, value in options.items():
        if value is not None:
            highs.setOptionValue(name, value)
    highs.passModel(_model(highspy, np, program))
    if program["start"]:
        first = highspy.HighsSolution()
        first.col_value = _unit(np, len(program["objective"]), program["start"])
        highs.setSolution(first)
    highs.cbMipImprovingSolution.subscribe(lambda event: _tell(event.data_out, columns=True))
    highs.cbMipInterrupt.subscribe(lambda event: _tell(event.data_out, columns=False))
    highs.run()
    _tell_end(highspy, highs)


def _model(highspy: Any, np: Any, program: Mapping[str, Any]) -> Any:
    lp = highspy.HighsLp()
    n_columns, n_rows = len(program["objective"]), len(program["lower"])
    lp.num_col_, lp.num_row_ = n_columns, n_rows
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.array(program["objective"], dtype=float)
    lp.col_lower_ = np.zeros(n_columns)
    lp.col_upper_ = np.array(program["upper_columns"], dtype=float)
    lp.row_lower_ = np.array([-np.inf if each is None else each for each in program["lower"]])
    lp.row_upper_ = np.array([np.inf if each is None else each for each in program["upper"]])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = n_columns, n_rows
    lp.a_matrix_.start_ = np.array(program["starts"], dtype=np.int32)
    lp.a_matrix_.index_ = np.array(program["columns"], dtype=np.int32)
    lp.a_matrix_.value_ = np.array(program["values"], dtype=float)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * n_columns
    return lp


def _unit(np: Any, size: int, start: Mapping[str, float]) -> Any:
    values = np.zeros(size)
    for column, value in start.items():
        values[int(column)] = value
    return values


def _chosen(values: Any) -> dict[str, int]:
    return {str(column): round(value) for column, value in enumerate(values) if value > 0.5}


def _tell(found: Any, *, columns: bool) -> None:
    line: dict[str, Any] = {"bound": _finite(found.mip_dual_bound), "value": _finite(found.mip_primal_bound)}
    if columns:
        line["columns"] = _chosen(found.mip_solution)
    print(json.dumps(line), flush=True)  # noqa: T201  (the answer of this process)


def _finite(value: float) -> float | None:
    return value if abs(value) < 1e20 else None


def _tell_end(highspy: Any, highs: Any) -> None:
    status, info = highs.getModelStatus(), highs.getInfo()
    word = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
    }.get(status, "stopped")
    line: dict[str, Any] = {"status": word, "bound": _finite(info.mip_dual_bound), "value": None}
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        line["value"] = info.objective_function_value
        line["columns"] = _chosen(highs.getSolution().col_value)
    print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__":
    solve(json.load(sys.stdin))
