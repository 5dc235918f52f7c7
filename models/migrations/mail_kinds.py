"""For migrations: which kinds of mail, and of work, the database lets in, where a release brings new ones."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.migrations import check_words

TABLES = ("outbox_mail", "subscription")
MAIL_CHECK, WORK_CHECK = "mail_kind", "work_kind"


def allow(kinds: Sequence[str]) -> None:
    """Let these kinds in beside those that were."""
    for table in TABLES:
        check_words.change(table, MAIL_CHECK, added=kinds)


def allow_work(kinds: Sequence[str]) -> None:
    """Let these kinds of work be asked for."""
    check_words.change("work_request", WORK_CHECK, added=kinds)


def forbid_work(kinds: Sequence[str]) -> None:
    """Delete the wishes of these kinds and let none in any more."""
    wishes = sa.table("work_request", sa.column("kind", sa.String))
    op.execute(wishes.delete().where(wishes.c.kind.in_(kinds)))
    check_words.change("work_request", WORK_CHECK, removed=kinds)


def forbid(kinds: Sequence[str]) -> None:
    """Delete the mails of these kinds and let none in any more."""
    mails = sa.table("outbox_mail", sa.column("id", sa.Integer), sa.column("kind", sa.String))
    dead = sa.table("suppressed_address", sa.column("mail_id", sa.Integer))
    ours = mails.c.kind.in_(kinds)
    op.execute(
        dead.update().where(dead.c.mail_id.in_(sa.select(mails.c.id).where(ours))).values(mail_id=None)
    )
    op.execute(mails.delete().where(ours))
    for table in TABLES:
        check_words.change(table, MAIL_CHECK, removed=kinds)
