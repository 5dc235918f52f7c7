from __future__ import annotations

import json

import pytest
import structlog

from web.logs import configure_logging


@pytest.fixture(autouse=True)
def restore():
    yield
    structlog.reset_defaults()


def log_failure() -> None:
    password = "a secret nobody may read"
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("request.failed", length=len(password))


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_tracebacks_show_no_values(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    configure_logging(log_format)

    log_failure()

    written = capsys.readouterr().out
    assert "ValueError" in written
    assert "a secret nobody may read" not in written.replace('password = "a secret nobody may read"', "")


def test_json_lines_hold_event_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")

    structlog.get_logger().info("pilot.agreed", pilot_id=7, title="试点")

    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["pilot_id"], line["title"]) == ("pilot.agreed", 7, "试点")
