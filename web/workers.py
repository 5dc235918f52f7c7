"""Gunicorn's settings for several processes: `gunicorn --config python:web.workers 'web.app:create_app()'`.

How many is gunicorn's own `--workers` (or WEB_CONCURRENCY). `--preload` is allowed: the application opens no connection
and loads no index before it is forked. A forked copy of a library whose threads have run hangs at its first parallel
loop, so a start that would fork one is refused.
"""

from __future__ import annotations

import sys

from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.workers.base import Worker

worker_class = "gthread"
threads = 16
"""As many as the site in one process has: connections spread unevenly over workers, so each must have room for all."""
graceful_timeout = 20
control_socket_disable = True

UNSAFE_TO_FORK = frozenset({"faiss", "torch"})


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Called by gunicorn in the first process before each worker. Raises HaltServer when a fork might hang."""
    loaded = sorted(UNSAFE_TO_FORK & sys.modules.keys())
    if loaded:
        why = f"{', '.join(loaded)} is loaded before the workers are forked and may hang in them"
        raise HaltServer(f"{why}: start without --preload", server.APP_LOAD_ERROR)
