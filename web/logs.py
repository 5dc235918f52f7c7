"""How the site logs: a fixed event name and values, as JSON or for the eye. Tracebacks never show local variables,
because those hold what people typed.
"""

from __future__ import annotations

import structlog
from structlog.typing import Processor


def configure_logging(log_format: str) -> None:
    """Set the form of the log, `json` or `console`; calling it again changes nothing else."""
    exceptions: list[Processor] = [structlog.processors.format_exc_info]
    last: Processor
    if log_format == "json":
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        last = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        exceptions = []
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *exceptions,
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(),
    )
