"""The public list of scenarios beside the plainest page that shows the same rows, and pages under load.

The yardstick is what any Flask application pays: twenty of 5,000 rows through SQLModel into a small Jinja template,
with no navigation, search, filters, languages or headers. Both are called as WSGI applications in one process, in
turn; under load both are served by waitress with sixteen threads, each in a process of its own.
"""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask, render_template_string
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select
from waitress import create_server
from werkzeug.test import EnvironBuilder, run_wsgi_app

from models.config import Settings
from models.db import make_engine, make_session
from models.scenario import Scenario
from tests.bench.figures import Figure, in_turn, p95, thread_ms
from tests.bench.installation import NOW, add_scenarios, make_database
from web.app import create_app

ROOT = Path(__file__).resolve().parents[2]
N_SCENARIOS, PER_PAGE, N_PAIRS = 5_000, 20, 40
N_CONNECTIONS, N_REQUESTS = 16, 320
LIST = "/scenarios"
SEARCH = "/scenarios?q=工单"
BARE_PAGE = """<!doctype html><title>scenarios</title><ul>
{% for row in rows %}<li><a href="/scenarios/{{ row.number }}">{{ row.title }}</a> {{ row.text[:120] }}</li>{% endfor %}
</ul>"""


def measure(folder: Path) -> Iterator[Figure]:
    """Processor time of a page, then answers under load."""
    engine = make_database(folder)
    add_scenarios(engine, N_SCENARIOS)
    url = engine.url.render_as_string(hide_password=False)
    ours, bare = make_ours(url, folder), make_bare(url)
    yield Figure(
        f"first page after a change, {N_SCENARIOS:,} scenarios",
        thread_ms(lambda: answer(ours, LIST)),
        "ms",
        note="rows and word index read anew",
    )
    yield listed(ours, bare)
    yield Figure("search", statistics.median(times(ours, SEARCH)), "ms", note=f"{SEARCH}, processor time")
    yield Figure(
        "one scenario", statistics.median(times(ours, f"{LIST}/S-00042")), "ms", note="processor time"
    )
    yield from under_load(url, folder)


def make_ours(url: str, folder: Path) -> Flask:
    """The site, at the moment the rows were published."""
    settings = Settings(
        data_dir=folder / "data", database_url=url, model=str(folder / "none"), log_format="json"
    )
    return create_app(settings, clock=now)


def now() -> datetime:
    """The bench's present."""
    return NOW


def make_bare(url: str) -> Flask:
    """The yardstick."""
    app, engine = Flask("bare"), make_engine(url)

    @app.get(LIST)
    def show() -> str:
        with make_session(engine, read_only=True) as session:
            return render_template_string(BARE_PAGE, rows=bare_rows(session))

    return app


def bare_rows(session: Session) -> list[Scenario]:
    """The first page, by deadline."""
    statement = select(Scenario).where(col(Scenario.published_at).is_not(None))
    return list(session.exec(statement.order_by(col(Scenario.deadline_on), col(Scenario.id)).limit(PER_PAGE)))


def answer(app: Flask, address: str) -> int:
    """Bytes of a page. RuntimeError if it is not served."""
    body, status, _headers = run_wsgi_app(app, EnvironBuilder(path=address).get_environ(), buffered=True)
    if not status.startswith("200"):
        raise RuntimeError(f"{address}: {status}")
    return sum(map(len, body))


def times(app: Flask, address: str) -> list[float]:
    """Processor milliseconds of a page, some times over, the first left out."""
    answer(app, address)
    return [thread_ms(lambda: answer(app, address)) for _ in range(N_PAIRS // 2)]


def listed(ours: Flask, bare: Flask) -> Figure:
    """The list page beside the bare one."""
    pairs = in_turn(lambda _: answer(ours, LIST), lambda _: answer(bare, LIST), N_PAIRS)
    n_queries = {
        page: count_queries(lambda page=page: answer(ours, page)) for page in (LIST, f"{LIST}?page=7")
    }
    return Figure(
        f"list of scenarios, {PER_PAGE} of {N_SCENARIOS:,}",
        pairs.median,
        "ms",
        yardstick=f"bare Flask and SQLModel page: {pairs.their_median:.2f} ms",
        ratio=pairs.ratio,
        at_most=1.5,
        note=f"processor time; queries {sorted(set(n_queries.values()))}; "
        f"{answer(ours, LIST) / 1024:.0f} KiB against {answer(bare, LIST) / 1024:.0f}",
    )


def count_queries(act: Callable[[], object]) -> int:
    """How many statements are sent to any database meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", note)
    act()
    sa.event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def under_load(url: str, folder: Path) -> Iterator[Figure]:
    """p95 at sixteen connections, in turn: bare, ours, bare, ours."""
    rounds: dict[str, list[float]] = {"bare": [], "ours": []}
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    for which in ("bare", "ours") * 2:
        with serving(which, url, folder) as port:
            ask(port, N_CONNECTIONS)
            began = time.perf_counter()
            waits = ask(port, N_REQUESTS)
            rates[which].append(len(waits) / (time.perf_counter() - began))
            rounds[which].append(p95(waits))
    ours, bare = statistics.mean(rounds["ours"]), statistics.mean(rounds["bare"])
    yield Figure(
        f"p95 at {N_CONNECTIONS} connections",
        ours,
        "ms",
        yardstick=f"the bare page: {bare:.0f} ms",
        ratio=ours / bare,
        at_most=2.0,
        note="wall, other work included; the client shares the cores",
    )
    yield Figure(
        "pages a second",
        statistics.mean(rates["ours"]),
        "1/s",
        yardstick=f"the bare page: {statistics.mean(rates['bare']):.0f} 1/s",
    )


@contextmanager
def serving(which: str, url: str, folder: Path) -> Iterator[int]:
    """A server process; its port."""
    command = [sys.executable, "-m", "tests.bench.bench_pages", which, url, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def ask(port: int, n: int) -> list[float]:
    """Wall milliseconds of `n` requests by sixteen clients, each on a connection that stays open."""
    waits: list[float] = []

    def client(n_own: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(n_own):
            began = time.perf_counter()
            connection.request("GET", LIST)
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status
            waits.append((time.perf_counter() - began) * 1000)
        connection.close()

    clients = [threading.Thread(target=client, args=(n // N_CONNECTIONS,)) for _ in range(N_CONNECTIONS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return waits


def serve(which: str, url: str, folder: str) -> None:
    """What a server process does until it is terminated."""
    app = make_bare(url) if which == "bare" else make_ours(url, Path(folder))
    server = create_server(app, host="127.0.0.1", port=0, threads=N_CONNECTIONS)
    print(server.effective_port, flush=True)
    server.run()


if __name__ == "__main__":
    serve(*sys.argv[1:4])
