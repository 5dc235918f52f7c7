"""What a skipped test means: CI skips nothing it should run."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

# The only thing a CI machine may lack: reference data that is not part of the repository.
SKIP_ALLOWED_IN_CI = "shared/data"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure in CI: there, what a test needs has to be installed."""
    report = yield
    expected_failure = hasattr(report, "wasxfail")
    if report.skipped and not expected_failure and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if SKIP_ALLOWED_IN_CI not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped, which CI does not allow: {reason}"
    return report
