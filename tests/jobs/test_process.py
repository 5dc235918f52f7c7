import os
import subprocess
import sys

import pytest

from jobs.process import is_dead, this_process

NAME_OF_A_CHILD = "from jobs.process import this_process; print(this_process(), flush=True); input()"


@pytest.fixture
def child() -> "subprocess.Popen[str]":
    """A process that says its name and then waits."""
    return subprocess.Popen(
        [sys.executable, "-c", NAME_OF_A_CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_process_knows_its_name_and_is_alive() -> None:
    name = this_process()

    assert str(os.getpid()) in name.split(":")
    assert len(name) <= 120
    assert name == this_process()
    assert not is_dead(name)


def test_a_killed_process_is_dead_even_before_its_parent_has_looked(child: "subprocess.Popen[str]") -> None:
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert not is_dead(name)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(name)

    child.communicate()
    assert is_dead(name)


def test_a_pid_given_to_another_process_is_not_mistaken_for_the_old_one() -> None:
    assert is_dead(this_process() + "9")


@pytest.mark.parametrize("name", ["", "a", "host:1:elsewhere:5", "host:x:y:z", "h:1:?:?", ":::"])
def test_what_cannot_be_known_from_here_is_not_called_dead(name: str) -> None:
    assert not is_dead(name)
