"""Examples of mails: what every kind of mail looks like in each language, rendered by the process that sends them.

Pages cannot render mails; jobs/announce.py stores each with example values, anew when templates or words change.
"""

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table
from models.errors import NotFound


class MailExample(Table, table=True):
    """One kind of mail in one language. Written by jobs/announce.py only; kind is a MailKind or one of the past."""

    __tablename__ = "mail_example"
    __table_args__ = (sa.UniqueConstraint("kind", "locale"),)

    kind: str = Field(max_length=40)
    locale: str = Field(max_length=8)
    subject: str = Field(max_length=200)
    text: str = Field(sa_type=sa.Text)
    html: str = Field(sa_type=sa.Text)


def list_examples(session: Session, locale: str) -> dict[str, MailExample]:
    """The examples in one language, by kind."""
    statement = select(MailExample).where(col(MailExample.locale) == locale)
    return {row.kind: row for row in session.exec(statement)}


def get_example(session: Session, kind: str, locale: str) -> MailExample:
    """One example; NotFound if there is none (yet)."""
    statement = select(MailExample).where(col(MailExample.kind) == kind, col(MailExample.locale) == locale)
    row = session.exec(statement).first()
    if row is None:
        raise NotFound("没有这种邮件的样例；任务进程启动后几分钟内会写好。")
    return row


def keep_example(session: Session, made: MailExample) -> bool:
    """Keep this example in the place of the one before; False if it says the same."""
    statement = select(MailExample).where(
        col(MailExample.kind) == made.kind, col(MailExample.locale) == made.locale
    )
    row = session.exec(statement).first()
    if row is None:
        session.add(made)
    elif (row.subject, row.text, row.html) == (made.subject, made.text, made.html):
        return False
    else:
        row.subject, row.text, row.html = made.subject, made.text, made.html
    session.flush()
    return True
