"""`python -m matcher`: the index, one question at a time, the model, the evaluation. Heavy imports happen inside the
commands, so that --help answers at once.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from matcher.answer import Answer
    from matcher.embedder import Progress, SentenceEmbedder
    from matcher.team_answer import TeamReport
    from matcher.workshop import Workshop
    from models.config import Settings

FAILED, BAD_USAGE = 1, 2

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group(help="Thinks: text in, explained matches out.")
def main() -> None:
    """Entry point; see the commands."""


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
def progress_bar(title: str) -> Iterator["Progress"]:
    """A bar on stderr that a function drives with (done, total); silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _settings() -> "Settings":
    from models.config import load_settings

    return load_settings()


def _zone() -> ZoneInfo:
    return ZoneInfo(_settings().time_zone)


@contextmanager
def _workshop() -> Iterator["Workshop"]:
    """What matching needs, on a database at the newest schema."""
    from matcher.workshop import make_workshop
    from models.db import make_engine
    from models.schema import require_head

    settings = _settings()
    engine = make_engine(settings.database)
    try:
        require_head(engine)
        yield make_workshop(settings, engine)
    finally:
        engine.dispose()


def _show(values: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        click.echo(f"{name:<16} {value}")


@main.command(help="Prepare the embedding model, load it once, and print what it is.")
@json_option
def model(as_json: bool) -> None:
    """Convert or find the model; done at image build time, so that the first start is quick."""
    with said_plainly():
        from matcher.embedder import SentenceEmbedder

        settings = _settings()
        embedder = SentenceEmbedder(
            settings.model,
            settings.cache,
            dtype=settings.model_dtype,
            progress=lambda line: click.echo(line, err=True),
        )
    found = {"model": embedder.model_key, "dim": embedder.dim, "max_tokens": embedder.max_tokens}
    _show(found, as_json=as_json)


@main.command("serve-encoder", help="Hold the model and encode for the site, until Ctrl-C.")
def serve_encoder() -> None:
    """One process a host: it answers on a socket in the data folder, to its own user only."""
    import signal
    import threading

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with said_plainly():
        from matcher.embedder import SentenceEmbedder
        from matcher.encoder_service import EncoderService

        settings = _settings()
        # One thread: for a sentence a second one gains nothing, and on a busy machine each waits for the other (on two
        # cores at load 8, 2026-11-26: median 22 ms for 138 ms, p95 30 ms for 1.7 s).
        embedder = SentenceEmbedder(settings.model, settings.cache, dtype=settings.model_dtype, threads=1)
        # Loading takes some ten seconds, in which somebody may have changed their mind.
        if not stop.is_set():
            click.echo(f"{embedder.model_key}: {settings.encoder_socket}", err=True)
            EncoderService(embedder).serve(settings.encoder_socket, stop)


@main.group(help="The vector index: a cache of the database.")
def index() -> None:
    """Group of the index commands."""


@index.command(help="What is on disk, and whether it is in step with the database.")
@json_option
def status(as_json: bool) -> None:
    """Exit 1 when the index is missing, damaged or out of step."""
    with said_plainly(), _workshop() as workshop:
        found = workshop.index_status()
    _show(found, as_json=as_json)
    sys.exit(0 if found["in_step"] else FAILED)


@index.command(help="Encode what changed and make it findable.")
@json_option
def update(as_json: bool) -> None:
    """A delta where that is enough, a rebuild where it is not."""
    _update(rebuild=False, as_json=as_json)


@index.command(help="Make the whole index anew and freeze new statistics.")
@json_option
def rebuild(as_json: bool) -> None:
    """All entries into a new base; stored vectors are used again."""
    _update(rebuild=True, as_json=as_json)


def _update(*, rebuild: bool, as_json: bool) -> None:
    from models.base import utcnow

    with said_plainly(), _workshop() as workshop, progress_bar("encode") as progress:
        report = workshop.update_index(now=utcnow(), rebuild=rebuild, progress=progress)
    _show(report.to_json(), as_json=as_json)


@index.command(help="Read every file and compare it with its checksum and with the database.")
@json_option
def verify(as_json: bool) -> None:
    """Exit 1 when anything differs."""
    with said_plainly(), _workshop() as workshop:
        workshop.verify_index()
        found = workshop.index_status()
    _show(found, as_json=as_json)
    sys.exit(0 if found["in_step"] else FAILED)


@main.command(help="Who fits a scenario, which scenarios fit a capability, or what fits a text.")
@click.option("--scenario", "scenario_id", type=int, help="Id of a scenario.")
@click.option("--capability", "capability_id", type=int, help="Id of a capability.")
@click.option("--text", help="A text of your own.")
@click.option("--as", "side", type=click.Choice(["demand", "supply"]), help="What the text is.")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@json_option
def match(
    scenario_id: int | None,
    capability_id: int | None,
    text: str | None,
    side: str | None,
    k: int,
    as_json: bool,
) -> None:
    """Print the best matches with coverage, reasons and gaps."""
    if sum(value is not None for value in (scenario_id, capability_id, text)) != 1:
        raise click.UsageError("name exactly one of --scenario, --capability, --text")
    if (text is None) != (side is None):
        raise click.UsageError("--text and --as go together")
    with said_plainly(), _workshop() as workshop:
        from matcher.answer import Question, answer_match
        from matcher.documents import DocumentKind

        kind = {None: None, "demand": DocumentKind.SCENARIO, "supply": DocumentKind.CAPABILITY}[side]
        question = Question(scenario_id, capability_id, text, kind)
        answer = answer_match(workshop, question, k=k, zone=_zone())
    _tell(answer, as_json=as_json)


@main.command(help="Why a scenario and a capability fit, and what is missing: exactly what the page shows.")
@click.argument("scenario_id", type=int)
@click.argument("capability_id", type=int)
@json_option
def explain(scenario_id: int, capability_id: int, as_json: bool) -> None:
    """Coverage requirement by requirement with quotes, reasons, gaps, and the parts of the score."""
    with said_plainly(), _workshop() as workshop:
        from matcher.answer import answer_explain

        answer = answer_explain(workshop, scenario_id, capability_id, zone=_zone())
    _tell(answer, as_json=as_json)


@main.command(
    help="The fewest firms that together cover a scenario's musts, who takes which, and what is left open."
)
@click.argument("scenario_id", type=int)
@json_option
def team(scenario_id: int, as_json: bool) -> None:
    """What the agency's page proposes, whether or not one firm would be enough."""
    with said_plainly(), _workshop() as workshop:
        from matcher.team_answer import answer_team

        report = answer_team(workshop, scenario_id)
    _tell(report, as_json=as_json)


def _tell(answer: "Answer | TeamReport", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer.to_json(), ensure_ascii=False))
    else:
        click.echo(answer.to_text(_settings().default_locale))


@main.command(help="Measure ranking quality on a labelled folder; needs no database.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--systems", default="bm25,dense,rrf,engine", show_default=True, help="Comma-separated.")
@click.option(
    "--run-out", type=click.Path(path_type=Path), help="Write the engine's top 100 a query as a TREC run."
)
@json_option
def evaluate(folder: Path, systems: str, run_out: Path | None, as_json: bool) -> None:
    """nDCG@10, Recall@10, Recall@50, MRR@10 with 95% bootstrap intervals for each system."""
    with said_plainly(), progress_bar("encode") as progress:
        report = _evaluate(folder, systems, run_out, progress)
    click.echo(json.dumps(report.to_json(), ensure_ascii=False) if as_json else report.to_text())


folders_argument = click.argument(
    "folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)


@main.command(help="What each ingredient of the ranking adds, on labelled folders; needs no database.")
@folders_argument
@json_option
def ablate(folders: tuple[Path, ...], as_json: bool) -> None:
    """The engine whole and without one ingredient at a time: nDCG@10 lost, with paired bootstrap intervals."""
    with said_plainly(), progress_bar("encode") as progress:
        from matcher.ablation import run_ablation, to_text

        found = run_ablation(folders, embedder=_embedder(), cache_dir=_settings().cache, progress=progress)
    click.echo(json.dumps([each.to_json() for each in found]) if as_json else to_text(found))


@main.command(
    help="How often pairs of a given relevance are labelled, on labelled folders; needs no database."
)
@folders_argument
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Also draw it, as SVG.")
@json_option
def reliability(folders: tuple[Path, ...], plot: Path | None, as_json: bool) -> None:
    """The labelled share by relevance and by band, and what the limits of the bands let through."""
    with said_plainly(), progress_bar("encode") as progress:
        from matcher.calibration import run_reliability, to_text

        found = run_reliability(folders, embedder=_embedder(), cache_dir=_settings().cache, progress=progress)
        if plot is not None:
            from matcher.reliability_plot import drawn

            plot.write_text(drawn(found), encoding="utf-8")
    click.echo(json.dumps([each.to_json() for each in found]) if as_json else to_text(found))


def _embedder() -> "SentenceEmbedder":
    from matcher.embedder import SentenceEmbedder

    settings = _settings()
    return SentenceEmbedder(settings.model, settings.cache, dtype=settings.model_dtype)


def _evaluate(folder: Path, systems: str, run_out: Path | None, progress: Callable[[int, int], None]) -> Any:
    from matcher.evaluation import run_evaluation

    return run_evaluation(
        folder,
        systems=tuple(name.strip() for name in systems.split(",") if name.strip()),
        embedder=_embedder(),
        cache_dir=_settings().cache,
        run_out=run_out,
        progress=progress,
    )


if __name__ == "__main__":
    main()
