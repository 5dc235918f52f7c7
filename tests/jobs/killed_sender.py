"""A sender that kills itself: `python -m tests.jobs.killed_sender DATABASE_URL RELAY_PORT FAILPOINT`."""

import os
import signal
import sys
from pathlib import Path

from jobs.failpoint import Failpoint
from jobs.process import this_process
from jobs.send_outbox import send_outbox
from models.base import utcnow
from models.db import make_engine
from tests.jobs.relay import Relay
from tests.jobs.sending import make_post, make_run


def main(url: str, port: str, wanted: str) -> None:
    """Send what waits, and die without a word at the failpoint."""

    def checkpoint(failpoint: Failpoint) -> None:
        if failpoint == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    relay = Relay(log=Path(os.devnull), port=int(port))
    send_outbox(
        make_run(make_engine(url), utcnow, owner=this_process()), make_post(relay, checkpoint=checkpoint)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
