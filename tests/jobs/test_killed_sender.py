"""SIGKILL, for real: nothing is cleaned up but what the kernel does. The next sender does not wait for any lease."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from jobs.failpoint import Failpoint
from jobs.mail_evidence import RelayLog
from jobs.process import this_process
from jobs.send_outbox import send_outbox
from models.base import utcnow
from models.outbox import MailStatus
from tests.jobs.relay import Relay
from tests.jobs.sending import make_post, make_run, queue_mails, states

ROOT = Path(__file__).parents[2]
SENT = MailStatus.SENT
N_KILLS = int(os.environ.get("PROOF_KILLS", "20"))


def in_a_while() -> datetime:
    """Now, for whoever has waited for the relay's log to settle."""
    return utcnow() + timedelta(minutes=3)


def send_the_rest(database: Engine, relay: Relay) -> None:
    """What the next sender does, once the relay had time to write its log.

    Its clock says that minutes have passed; what those minutes are for, the end of the dead sender's connection, is
    waited for in truth.
    """
    relay.wait_until_quiet()
    with relay.log.open("a") as log:
        log.write("another line\n")
    evidence = RelayLog(relay.log)
    send_outbox(make_run(database, in_a_while, owner=this_process()), make_post(relay, evidence=evidence))


@pytest.mark.parametrize("failpoint", list(Failpoint))
def test_a_sender_killed_at_any_point_loses_nothing_and_doubles_nothing(
    database: Engine, relay: Relay, failpoint: Failpoint
) -> None:
    queue_mails(database, 3)
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.jobs.killed_sender", url, str(relay.port), failpoint]

    killed = subprocess.run(command, cwd=ROOT, check=False)
    send_the_rest(database, relay)

    assert killed.returncode == -signal.SIGKILL
    assert states(database) == [SENT] * 3
    assert len(set(relay.message_ids)) == len(relay.message_ids) == 3


@pytest.fixture
def settings(database: Engine, relay: Relay, tmp_path: Path) -> Iterator[dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUIJIE_")}
    return {
        **kept,
        "DUIJIE_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "DUIJIE_DATA_DIR": str(tmp_path / "var"),
        "DUIJIE_SMTP_URL": relay.url,
        "DUIJIE_MAIL_EVIDENCE": f"{relay.log.as_uri()}?settle_seconds=5",
    }


@pytest.mark.proof
def test_the_real_command_killed_again_and_again_loses_nothing_and_doubles_nothing(
    database: Engine,
    relay: Relay,
    settings: dict[str, str],
    record_property: Callable[[str, object], None],
) -> None:
    relay.wait_before_250_seconds = 0.005
    n_mails = N_KILLS * 10
    queue_mails(database, n_mails)
    command = [sys.executable, "-m", "jobs", "once", "send_outbox"]
    dice = random.Random(20261123)
    for _ in range(N_KILLS):
        n_before = len(relay.taken)
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stderr=subprocess.DEVNULL)
        give_up_at = time.monotonic() + 120
        while len(relay.taken) == n_before and process.poll() is None and time.monotonic() < give_up_at:
            time.sleep(0.001)
        time.sleep(dice.uniform(0.005, 0.06))
        process.kill()
        process.wait()

    time.sleep(6)
    for _ in range(20):
        subprocess.run(command, cwd=ROOT, env=settings, check=False)
        if set(states(database)) == {SENT}:
            break
        time.sleep(3)

    found = states(database)
    assert found == [SENT] * n_mails
    assert len(set(relay.message_ids)) == len(relay.message_ids) == n_mails
    record_property("figure", f"{N_KILLS} kills, {n_mails:,} mails, none lost, doubled or in doubt")
