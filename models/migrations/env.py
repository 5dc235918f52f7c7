"""Runs migrations on the connection that models/schema.py hands over."""

from alembic import context
from sqlmodel import SQLModel

import models.tables  # noqa: F401  (registers every table)


def run() -> None:
    """Apply the requested steps within the caller's transaction."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


run()
