import json
import logging
import subprocess
import sys

LOG_ONE_EVENT = """
import logging, structlog
from jobs.logs import configure_logs
configure_logs({format!r})
structlog.get_logger().info("mail.not_sent", mail_id=7, reason="rcpt 550 无此人")
structlog.get_logger().debug("not shown")
logging.getLogger("apscheduler").info("not shown either")
"""


def log(log_format: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOG_ONE_EVENT.format(format=log_format)],
        capture_output=True,
        text=True,
        check=True,
    )


def test_a_machine_reads_one_json_object_a_line_on_stderr() -> None:
    result = log("json")

    (line,) = result.stderr.splitlines()
    event = json.loads(line)
    assert result.stdout == ""
    assert (event["event"], event["mail_id"], event["reason"]) == ("mail.not_sent", 7, "rcpt 550 无此人")
    assert event["timestamp"].endswith("Z")


def test_a_person_reads_a_line_without_colours_in_a_file() -> None:
    result = log("console")

    (line,) = result.stderr.splitlines()
    assert "mail.not_sent" in line
    assert "mail_id=7" in line
    assert "\x1b" not in line


def test_other_libraries_are_heard_from_warnings_on() -> None:
    assert logging.WARNING > logging.INFO
    assert "apscheduler" not in log("console").stderr
