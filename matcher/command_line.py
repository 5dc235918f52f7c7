"""What the commands of matcher share: one line for what goes wrong, a bar for what takes long, `--json`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from matcher.embedder import Progress

FAILED, BAD_USAGE = 1, 2

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what can go wrong outside our code into one line on stderr.

    Exit code 2 for a wrong question, wrong settings or a database that cannot be used; 1 where the question was right
    and the index or the model is not there to answer it.
    """
    from sqlalchemy.exc import ArgumentError, OperationalError

    from models.errors import DomainError, NotReady

    try:
        yield
    except NotReady as err:
        fail(err.message, code=BAD_USAGE if err.code.startswith("schema_") else FAILED)
    except DomainError as err:
        fail(err.message)
    except ArgumentError:
        fail("DUIJIE_DATABASE_URL 写得不对。")
    except OperationalError as err:
        fail(f"连不上数据库：{str(err.orig).splitlines()[0]}")
    except OSError as err:
        fail(f"读写不了 {err.filename}：{err.strerror}", code=FAILED)


def fail(message: str, *, code: int = BAD_USAGE) -> NoReturn:
    """Print one line on stderr and leave."""
    click.echo(message, err=True)
    sys.exit(code)


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """A bar on stderr that a function drives with (done, total); silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
