"""`python -m jobs`: run the scheduler, run one job now, list the jobs. Imports happen inside the commands, so that
--help answers at once.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from jobs.runner import Job, Outcome
    from models.config import Settings

DONE, FAILED, BAD_USAGE = 0, 1, 2


@click.group(help="Acts: mails, digests, funding records, matches; on time, once, and with a record.")
def main() -> None:
    """Entry point; see the commands."""


@main.command(help="Run the jobs when they are due, until stopped. Start as many as you like: one leads.")
def run() -> None:
    """The scheduler, in the foreground."""
    with _said_plainly():
        from zoneinfo import ZoneInfo

        from jobs.process import this_process
        from jobs.scheduler import Scheduler
        from models.base import utcnow

        with _prepared() as (settings, engine, jobs):
            zone = ZoneInfo(settings.time_zone)
            Scheduler(engine, jobs, utcnow, zone, owner=this_process()).run_until_stopped()


@main.command(help="Run one job now, whatever has run before. Doing so twice does no harm.")
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="The same code, rolled back; nothing is sent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def once(name: str, dry_run: bool, as_json: bool) -> None:
    """Exit 0: done. 1: done in part or failed. 2: no such job, or the installation is not ready."""
    with _said_plainly():
        from jobs.process import this_process
        from jobs.runner import Runner
        from jobs.schedule import get_job
        from models.base import utcnow
        from models.errors import NotReady

        with _prepared() as (_, engine, jobs):
            job = get_job(jobs, name)
            try:
                outcome = Runner(engine, utcnow, this_process()).once(job, dry_run=dry_run)
            except NotReady as err:
                fail(err.message, code=FAILED)
    _tell(outcome, as_json=as_json)


@main.command("list", help="The jobs: when they run, why, and what became of the last run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def list_jobs(as_json: bool) -> None:
    """The table of jobs/schedule.py with the last run of each."""
    with _said_plainly(), _prepared() as (settings, engine, jobs):
        rows = [_row(engine, settings, job) for job in jobs]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        last = row["last_run"]
        told = f"{last['status']} {last['started_at']}" if last else "never"
        click.echo(f"{row['name']:<16} {row['when']:<18} last: {told}, next: {row['next_due_at']}")
        click.echo(f"{'':<16} {row['why']}")


@main.command("pack", help="Write the evidence pack of a pilot, as ZIP and as PDF, into a folder.")
@click.argument("pilot_id", type=click.IntRange(min=1))
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), show_default=True
)
def pack_pilot(pilot_id: int, folder: Path) -> None:
    """Exit 2 with a sentence, and nothing written, where a document is missing or no font has Chinese."""
    with _said_plainly():
        from zoneinfo import ZoneInfo

        from jobs.pack_pdf import set_pack
        from models.base import utcnow
        from models.db import make_session
        from models.evidence_pack import make_pack
        from models.pilot import get_pilot

        with _prepared() as (settings, engine, _), make_session(engine, read_only=True) as session:
            zone = ZoneInfo(settings.time_zone)
            pilot = get_pilot(session, pilot_id, organisation_id=None)
            on = utcnow().astimezone(zone).date()
            content = make_pack(session, pilot, settings.files_dir, on=on, zone=zone)
        document = set_pack(content)
        folder.mkdir(parents=True, exist_ok=True)
        for ending, made in (("zip", content), ("pdf", document)):
            path = folder / f"evidence-{pilot_id}-{on:%Y%m%d}.{ending}"
            path.write_bytes(made)
            click.echo(str(path))


@contextmanager
def _prepared() -> "Iterator[tuple[Settings, Engine, list[Job]]]":
    """Settings, a database at the newest schema, and the jobs bound to both. Logs go to stderr from here on."""
    from jobs.logs import configure_logs
    from jobs.schedule import build
    from models.config import Settings
    from models.db import make_engine
    from models.schema import require_head

    settings = Settings()
    configure_logs(settings.log_format)
    engine = make_engine(settings.database)
    try:
        require_head(engine)
        yield settings, engine, build(settings, engine)
    finally:
        engine.dispose()


def _row(engine: "Engine", settings: "Settings", job: "Job") -> dict[str, Any]:
    from zoneinfo import ZoneInfo

    from models.base import utcnow
    from models.db import make_session
    from models.work import latest_run

    next_due_at = job.when.next_due_at(utcnow(), ZoneInfo(settings.time_zone))
    with make_session(engine, read_only=True) as session:
        last = latest_run(session, job.name)
        last_run = None if last is None else last.model_dump(mode="json", exclude={"id", "owner"})
    return {
        "name": job.name,
        "when": job.when.in_words(),
        "why": job.why,
        "next_due_at": next_due_at.isoformat(),
        "last_run": last_run,
    }


def _tell(outcome: "Outcome", *, as_json: bool) -> None:
    """Print what a run did, and leave with the code that says how it went."""
    if as_json:
        click.echo(json.dumps(outcome.to_json(), ensure_ascii=False))
    else:
        click.echo(f"{outcome.job}: {outcome.status}")
        for part, counts in outcome.counts.items():
            click.echo(f"  {part}: " + ", ".join(f"{name} {n}" for name, n in counts.items()))
    if outcome.error:
        click.echo(outcome.error, err=True)
    sys.exit(DONE if outcome.is_fine else FAILED)


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn our own errors, wrong settings and an unreachable database into one line on stderr and exit code 2."""
    from pydantic import ValidationError
    from sqlalchemy.exc import OperationalError

    from models.errors import DomainError

    try:
        yield
    except DomainError as err:
        fail(err.message)
    except ValidationError as err:
        fail("; ".join(f"DUIJIE_{str(item['loc'][0]).upper()}: {item['msg']}" for item in err.errors()))
    except OperationalError as err:
        fail(f"连不上数据库：{str(err.orig).splitlines()[0]}")


def fail(message: str, *, code: int = BAD_USAGE) -> None:
    """Print one line on stderr and leave."""
    click.echo(message, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
