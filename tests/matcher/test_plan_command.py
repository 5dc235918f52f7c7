import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from matcher.__main__ import main
from matcher.plan_command import asked_to_stop
from tests.matcher.small_events import independent_checker, make_event, shared_event


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["plan", *map(str, arguments)])


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_plan_is_written_and_told(tmp_path: Path) -> None:
    event, out = write(tmp_path / "event.json", make_event()), tmp_path / "plan.json"

    result = call(event, "-o", out, "--time-limit", 5)

    assert result.exit_code == 0
    assert "已证明最优：3/3 场" in result.stdout
    assert json.loads(out.read_text(encoding="utf-8"))["status"] == "optimal"


def test_json_is_one_document(tmp_path: Path) -> None:
    result = call(write(tmp_path / "event.json", make_event()), "--work", 0.05, "--json")

    document = json.loads(result.stdout)
    assert independent_checker()(make_event(), document) == []


def test_an_earlier_plan_is_kept(tmp_path: Path) -> None:
    event = write(tmp_path / "event.json", make_event())
    earlier = write(tmp_path / "plan.json", {"assignments": [{"meeting": "ab", "slot": 3, "table": 2}]})

    document = json.loads(call(event, "--keep", earlier, "--work", 0.05, "--json").stdout)

    assert {"meeting": "ab", "slot": 3, "table": 2} in document["assignments"]
    assert document["kept"]["stayed"] == ["ab"]


def test_contradicting_rules_are_exit_1(tmp_path: Path) -> None:
    people = [{"id": "a", "min_meetings": 3}, {"id": "b"}, {"id": "c"}]
    event = write(tmp_path / "event.json", make_event(participants=people))

    result = call(event, "--work", 0.05)

    assert result.exit_code == 1
    assert "a至少要 3 场，最多只能排 2 场" in result.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (make_event(n_tables=0), "桌数是 0"),
        ([1], "应当是一个 JSON 对象"),
        (make_event(slots=[{"id": 1, "session": "any", "start": "10:00", "end": "09:00"}]), "不晚于开始时间"),
    ],
)
def test_a_bad_event_is_one_line_and_exit_2(tmp_path: Path, content: Any, words: str) -> None:
    out = tmp_path / "plan.json"

    result = call(write(tmp_path / "event.json", content), "-o", out)

    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not out.exists()


def test_a_folder_that_is_not_there_is_said_before_the_work(tmp_path: Path) -> None:
    event = write(tmp_path / "event.json", make_event())

    result = call(event, "-o", tmp_path / "none" / "plan.json")

    assert result.exit_code == 2
    assert "这个文件夹" in result.stderr


def test_time_and_work_exclude_each_other(tmp_path: Path) -> None:
    assert call(write(tmp_path / "event.json", make_event()), "--work", 1, "--time-limit", 1).exit_code == 2


@pytest.mark.slow
def test_ctrl_c_writes_the_best_so_far(tmp_path: Path) -> None:
    event = shared_event("large-200x40x24")
    instance, out = write(tmp_path / "event.json", event), tmp_path / "plan.json"
    running = subprocess.Popen(
        [sys.executable, "-m", "matcher", "plan", str(instance), "-o", str(out), "--time-limit", "500"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    threading.Timer(15, running.send_signal, [signal.SIGINT]).start()
    _, said = running.communicate(timeout=120)

    assert running.returncode == 1
    assert said.splitlines() == ["按你的要求提前停下，给出的是到此为止最好的排期。"]
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert plan["stopped"]
    assert independent_checker()(event, plan) == []


def test_a_second_ctrl_c_is_the_usual_one() -> None:
    with asked_to_stop() as is_stopped:
        os.kill(os.getpid(), signal.SIGINT)
        assert is_stopped()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
