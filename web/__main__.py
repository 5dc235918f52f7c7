"""`python -m web serve`: the site in one process with many threads."""

from __future__ import annotations

import logging
import sys

import click
from waitress import create_server

from models.config import Settings
from models.db import make_engine
from models.errors import NotReady
from models.schema import require_head
from web.app import create_app

THREADS = 16


@click.group(help="Shows: pages over the rows that people and machines made.")
def main() -> None:
    """The commands of web."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on."
)
def serve(host: str, port: int) -> None:
    """Serve the site until Ctrl-C."""
    settings = Settings()
    try:
        require_head(make_engine(settings.database))
        server = create_server(create_app(settings), host=host, port=port, threads=THREADS, ident=None)
    except NotReady as error:
        _give_up(error.message)
    except OSError as error:
        _give_up(
            f"不能在 {host}:{port} 上提供网页：{error.strerror or error}。换一个端口，例如 --port {port + 1}。"
        )
    logging.getLogger("waitress").setLevel(logging.WARNING)
    click.echo(f"http://{host}:{server.effective_port}", err=True)  # type: ignore[union-attr]
    server.run()


def _give_up(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
