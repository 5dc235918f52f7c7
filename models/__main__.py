"""`python -m models`: the schema, demo data, people, import and export. Imports happen inside the commands, so that
--help answers at once.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine
    from sqlmodel import Session

    from models.config import Settings
    from models.transfer import ImportReport

DONE, FAILED, BAD_USAGE = 0, 1, 2


@click.group(help="Remembers: schema, demo data, people, import and export.")
def main() -> None:
    """Entry point; see the commands."""


def _settings() -> "Settings":
    from models.config import load_settings

    return load_settings()


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn our own errors, an unusable database and a folder we may not write into one line on stderr.

    Exit code 2, but 1 where another writer was in the way and a second try may do.
    """
    from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

    from models.errors import DomainError

    try:
        yield
    except DomainError as err:
        fail(err.message)
    except IntegrityError:
        fail("别的程序同时写入了相同的数据，这一次没有写入。请再运行一次。", code=FAILED)
    except DatabaseError as err:
        # The siblings of these two speak of mistakes in our own SQL, which deserve a traceback.
        if type(err) not in (OperationalError, DatabaseError):
            raise
        fail(f"数据库用不了：{str(err.orig).splitlines()[0]}")
    except OSError as err:
        fail(f"读写不了 {err.filename}：{err.strerror}")


def fail(message: str, *, code: int = BAD_USAGE) -> NoReturn:
    """Print one line on stderr and leave."""
    click.echo(message, err=True)
    sys.exit(code)


@contextmanager
def _engine(*, at_head: bool = True) -> Iterator["Engine"]:
    """The installation's database; with `at_head`, refuses one that is behind."""
    from models.db import make_engine
    from models.schema import require_head

    engine = make_engine(_settings().database)
    try:
        if at_head:
            require_head(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _transaction() -> Iterator["Session"]:
    """One transaction on the installation's database."""
    from models.db import transaction

    with _engine() as engine, transaction(engine) as session:
        yield session


@main.command(help="Create the schema, or bring it to the newest version.")
def upgrade() -> None:
    """Create or migrate."""
    with _said_plainly(), _engine(at_head=False) as engine:
        from models import schema

        before = schema.current_revision(engine)
        schema.upgrade(engine)
        after = schema.current_revision(engine)
        click.echo("数据库已是最新版本。" if before == after else f"数据库已升级到 {after}。")


@main.command(help="Verify the schema: version, tables, columns, constraints.")
def check() -> None:
    """Exit 1 when the tables differ from the code."""
    with _said_plainly(), _engine() as engine:
        from models import schema

        found = schema.differences(engine)
        for difference in found:
            click.echo(difference)
        if found:
            fail(f"数据库与代码有 {len(found)} 处不同。", code=FAILED)
        click.echo("数据库与代码一致。")


@main.command(help="Fill an empty database with demo data, labelled as demo, dated relative to today.")
def seed() -> None:
    """Seed once; prints the demo log-ins. A second run changes nothing."""
    with _said_plainly():
        from models.base import utcnow
        from models.demo import seed_demo

        settings = _settings()
        with _transaction() as session:
            report = seed_demo(session, now=utcnow(), settings=settings)
        click.echo(report.to_text())


@main.command("add-user", help="Add a person and print a one-time link that sets the password.")
@click.argument("email")
@click.option("--role", "role_names", multiple=True, required=True, help="May be given several times.")
@click.option("--organisation", default="", help="Name of the person's organisation.")
@click.option("--name", default="", help="The person's name; the address where it is not given.")
def add_user(email: str, role_names: tuple[str, ...], organisation: str, name: str) -> None:
    """Create the user, or give an existing one the role, and make a new link."""
    with _said_plainly():
        from models.base import utcnow
        from models.invitation import invite_user

        settings = _settings()
        with _transaction() as session:
            token = invite_user(
                session, email=email, roles=role_names, organisation=organisation, name=name, now=utcnow()
            )
        click.echo(f"{settings.base_url.rstrip('/')}/welcome/{token}")


@main.command("reset-second-factor", help="Take the second factor of somebody who lost the device.")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """For the last admin, whom no other one can help; the person is told by mail."""
    with _said_plainly():
        from models import second_factor
        from models.base import utcnow
        from models.errors import NotFound
        from models.user import find_user

        with _transaction() as session:
            person = find_user(session, email)
            if person is None:
                raise NotFound("没有这个用户。")
            second_factor.reset(session, person, by=None, now=utcnow())
        click.echo(f"{email} 的两步验证已重置，登录都已结束。")


@main.command("erase-person", help="Forget somebody who asked for it and cannot log in; cannot be undone.")
@click.argument("email")
@click.confirmation_option(prompt="This cannot be undone. Go on?")
def erase_person(email: str) -> None:
    """What the page of one's own data does, for somebody who wrote or called."""
    with _said_plainly():
        from models import erasure
        from models.base import utcnow
        from models.errors import NotFound
        from models.user import find_user

        with _transaction() as session:
            person = find_user(session, email)
            if person is None:
                raise NotFound("没有这个用户。")
            erasure.erase(session, person, by=None, now=utcnow())
        click.echo("已注销，只留编号。")


@main.command("add-district", help="Register a district, so that imported rows may name it.")
@click.argument("code")
@click.argument("name")
@click.option("--name-en", default="", help="English name.")
@click.option("--city", default="", help="City it belongs to.")
def add_district(code: str, name: str, name_en: str, city: str) -> None:
    """One district."""
    with _said_plainly():
        from models import place

        with _transaction() as session:
            place.add_district(session, code=code, name=name, name_en=name_en, city=city)
        click.echo(f"已登记 {code} {name}。")


@main.command(
    "add-community", help="Register an OPC community in a district, so that imported rows may name it."
)
@click.argument("code")
@click.argument("name")
@click.option("--district", required=True, help="Code or name of its district.")
def add_community(code: str, name: str, district: str) -> None:
    """One community."""
    with _said_plainly():
        from models import place

        with _transaction() as session:
            place.add_community(session, code=code, name=name, district=district)
        click.echo(f"已登记 {code} {name}。")


@main.group(
    "import",
    help="Bring scenarios or capabilities in from a file: .xlsx .docx .pdf .csv .jsonl, the last two also as .gz.",
)
def import_() -> None:
    """Group of the two kinds."""


def _import_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.argument("file", type=click.Path(path_type=Path)),
        click.option("--organisation", default="", help="Owner of every row."),
        click.option("--dry-run", is_flag=True, help="Check and count, write nothing."),
        click.option("--strict", is_flag=True, help="All rows or none."),
        click.option(
            "--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="Settle a column's meaning."
        ),
        click.option(
            "--placeholder-contacts", is_flag=True, help="One address @example.org an organisation (trials)."
        ),
        click.option("--table", default="", help="Sheet or table of the file, where it has several."),
        click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout."),
    ):
        command = option(command)
    return command


@import_.command("scenarios", help="Upsert scenarios by (organisation, id).")
@click.option("--publish", is_flag=True, help="Publish what goes in.")
@_import_options
def import_scenarios(publish: bool, **options: Any) -> None:
    """Scenarios of a file."""
    _run_import("scenarios", release=publish, **options)


@import_.command("capabilities", help="Upsert capabilities by (firm, id).")
@click.option("--list", "list_", is_flag=True, help="List what goes in, so that it is matched.")
@_import_options
def import_capabilities(list_: bool, **options: Any) -> None:
    """Capabilities of a file."""
    _run_import("capabilities", release=list_, **options)


def _run_import(
    kind: str,
    *,
    file: Path,
    organisation: str,
    release: bool,
    dry_run: bool,
    strict: bool,
    maps: tuple[str, ...],
    placeholder_contacts: bool,
    table: str,
    as_json: bool,
) -> None:
    from zoneinfo import ZoneInfo

    from models.base import utcnow
    from models.transfer import ImportOptions, StrictImportRefused

    with _said_plainly():
        now = utcnow()
        options = ImportOptions(
            now=now,
            today=now.astimezone(ZoneInfo(_settings().time_zone)).date(),
            organisation=organisation,
            release=release,
            strict=strict,
            placeholder_contacts=placeholder_contacts,
            mapping=_mapping(maps),
            table=table,
        )
        try:
            report = _import(kind, file, options, dry_run=dry_run)
        except StrictImportRefused as err:
            _show_import(err.report, dry_run=dry_run, as_json=as_json)
            fail(err.message, code=FAILED)
    _show_import(report, dry_run=dry_run, as_json=as_json)
    sys.exit(FAILED if report.errors else DONE)


def _mapping(maps: tuple[str, ...]) -> dict[str, str]:
    from models.errors import InvalidInput

    # Split at the last sign: a column may have one in its name, a field has none.
    pairs = [entry.rpartition("=") for entry in maps]
    if any(not column or not target for column, _, target in pairs):
        raise InvalidInput("--map 要写成 列名=字段名。")
    return {column: target for column, _, target in pairs}


def _import(kind: str, file: Path, options: Any, *, dry_run: bool) -> "ImportReport":
    from models.db import make_session
    from models.transfer import import_file

    with progress_bar(f"import {kind}") as progress, _engine() as engine, make_session(engine) as session:
        report = import_file(session, kind, file, options, progress=progress)
        if dry_run:
            session.rollback()
        else:
            session.commit()
        return report


def _show_import(report: "ImportReport", *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**report.to_json(), "dry_run": dry_run}, ensure_ascii=False))
        return
    for error in report.errors:
        click.echo(f"{report.where(error)} {error.field or '整行'}：{error.message}", err=True)
    for where, text in report.left_out:
        click.echo(f"{where} 不是数据，没有读：{text}", err=True)
    if report.unknown_columns:
        click.echo(f"没有用到的列：{'、'.join(report.unknown_columns)}", err=True)
    verb = "试运行，没有写入：" if dry_run else ""
    click.echo(
        f"{verb}新增 {report.created}，更新 {report.updated}，未变 {report.unchanged}，拒绝 {report.rejected}。"
    )


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr that a function can drive with (done, total); silent where stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@main.command("export", help="Write rows to a file: scenarios, capabilities, matches, pilots or funding.")
@click.argument("kind", type=click.Choice(["scenarios", "capabilities", "matches", "pilots", "funding"]))
@click.argument("file", type=click.Path(path_type=Path))
def export(kind: str, file: Path) -> None:
    """.jsonl, .csv or .xlsx by the file's ending; written whole or not at all."""
    with _said_plainly():
        from models.db import make_session
        from models.export import export_file

        with _engine() as engine, make_session(engine, read_only=True) as session:
            n_rows = export_file(session, kind, file)
        click.echo(f"写出 {n_rows} 行到 {file.name}。")


if __name__ == "__main__":
    main()
