"""`python -m matcher`: the index, one question at a time, meeting plans, the model, the evaluation. Heavy imports
happen inside the commands, so that --help answers at once.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from matcher.command_line import FAILED, fail, json_option, progress_bar, said_plainly

if TYPE_CHECKING:
    from matcher.answer import Answer
    from matcher.embedder import SentenceEmbedder
    from matcher.team_answer import TeamReport
    from matcher.workshop import Workshop
    from models.config import Settings


@click.group(help="Thinks: text in, explained matches out.")
def main() -> None:
    """Entry point; see the commands."""


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


@main.group(help="Weights learnt from decisions: proposals, and which one is in force.")
def weights() -> None:
    """Group of the weights commands."""


@weights.command("list", help="Every weighting there was, newest first; * is in force.")
@json_option
def list_weights(as_json: bool) -> None:
    """Weights, gate and state of each."""
    _answer_weights("list", as_json=as_json)


@weights.command("fit", help="Fit to all decisions now and store a proposal; nothing is put in force.")
@json_option
def fit_weights(as_json: bool) -> None:
    """Exit 1 when there is too little to learn from."""
    _answer_weights("fit", as_json=as_json)


@weights.command("activate", help="Put a proposal that passed in force; matching scores anew with it.")
@click.argument("serial", type=int)
@json_option
def activate_weights(serial: int, as_json: bool) -> None:
    """What `list` names by this serial."""
    _answer_weights("activate", serial, as_json=as_json)


@weights.command("revert", help="Take the weighting in force back; the one before stands again.")
@json_option
def revert_weights(as_json: bool) -> None:
    """Back to the built-in weights where there was none before."""
    _answer_weights("revert", as_json=as_json)


def _answer_weights(act: str, serial: int = 0, *, as_json: bool) -> None:
    from models.base import utcnow

    with said_plainly(), _workshop() as workshop:
        from matcher.weight_report import answer_weights, lacking_text, to_text

        found = answer_weights(workshop, act, serial, now=utcnow())
    if not isinstance(found, list):
        fail(lacking_text(found), code=FAILED)
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else to_text(found))


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


@main.command(
    help="Plan one-to-one meetings from an event file; needs no database. Ctrl-C keeps the best so far."
)
@click.argument("instance", type=click.Path(dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan here.")
@click.option(
    "--time-limit", type=click.FloatRange(0.1, 86_400), help="Seconds in all; 60 unless --work is given."
)
@click.option(
    "--work",
    type=click.FloatRange(0.01, 86_400),
    help="Work in nominal seconds instead of time: the same plan on every machine.",
)
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An earlier plan; its meetings move as little as possible.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option(
    "--floor", type=click.IntRange(0, 5), help="Meetings for everybody before anybody gets many; 0: off."
)
@json_option
def plan(
    instance: Path,
    output: Path | None,
    time_limit: float | None,
    work: float | None,
    keep: Path | None,
    seed: int,
    floor: int | None,
    as_json: bool,
) -> None:
    """Exit 1 when the hard rules contradict each other, or when a person stopped it: the best so far is given."""
    if time_limit is not None and work is not None:
        raise click.UsageError("--time-limit and --work exclude each other")
    with said_plainly():
        from matcher.plan_command import PlanOptions, run

        locale = _settings().default_locale
        found = run(PlanOptions(instance, output, keep, time_limit, work, seed, floor), locale)
    click.echo(json.dumps(found.to_json(locale), ensure_ascii=False) if as_json else found.to_text(locale))
    if found.was_stopped:
        fail("按你的要求提前停下，给出的是到此为止最好的排期。", code=FAILED)
    sys.exit(FAILED if found.status == "infeasible" else 0)


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
