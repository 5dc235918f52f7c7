"""Accounts: organisations that ask to be let in, who manages their people, mailed links, and the mails about them."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MAIL_KINDS = [
    "sign_up_waiting",
    "sign_up_approved",
    "sign_up_refused",
    "sign_up_known",
    "colleague_invited",
    "account_changed",
    "password_reset",
]
TABLES_WITH_MAIL_KIND = ("outbox_mail", "subscription")


def upgrade() -> None:
    op.add_column("organisation", sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisation", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisation", sa.Column("refused_reason", sa.String(length=500), nullable=True))
    op.add_column("user", sa.Column("manager_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "one_time_link", sa.Column("nonce", sa.String(length=43), server_default="", nullable=False)
    )
    op.create_table(
        "colleague_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("invited_by_user_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=43), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_colleague_invitation_email_lower_case")),
        sa.CheckConstraint(
            "accepted_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_colleague_invitation_one_end")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_user_id"], ["user.id"], name=op.f("fk_colleague_invitation_invited_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_colleague_invitation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleague_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_colleague_invitation_token_hash")),
    )
    op.create_index(
        op.f("ix_colleague_invitation_organisation_id"),
        "colleague_invitation",
        ["organisation_id"],
        unique=False,
    )
    appoint_managers()
    for table in TABLES_WITH_MAIL_KIND:
        change_words(table, added=MAIL_KINDS)


def appoint_managers() -> None:
    """Somebody must be able to invite the others: in each organisation the first person who can log in and see the
    page; where there is none, the first who is not locked.
    """
    people = sa.table(
        "user", *map(sa.column, ("id", "organisation_id", "locked_at", "password_hash", "manager_at"))
    )
    roles = sa.table("user_role", sa.column("user_id"), sa.column("role"))
    members = sa.select(roles.c.user_id).where(roles.c.role.in_(["agency", "startup"]))
    managed = sa.select(people.c.organisation_id).where(
        people.c.manager_at.is_not(None), people.c.organisation_id.is_not(None)
    )
    for wanted in (
        sa.and_(people.c.password_hash.is_not(None), people.c.id.in_(members)),
        people.c.organisation_id.not_in(managed),
    ):
        first = sa.select(sa.func.min(people.c.id)).where(
            people.c.organisation_id.is_not(None), people.c.locked_at.is_(None), wanted
        )
        here = people.c.id.in_(first.group_by(people.c.organisation_id))
        op.execute(people.update().where(here).values(manager_at=sa.func.current_timestamp()))


def downgrade() -> None:
    mails = sa.table("outbox_mail", sa.column("id", sa.Integer), sa.column("kind", sa.String))
    dead = sa.table("suppressed_address", sa.column("mail_id", sa.Integer))
    ours = mails.c.kind.in_(MAIL_KINDS)
    op.execute(
        dead.update().where(dead.c.mail_id.in_(sa.select(mails.c.id).where(ours))).values(mail_id=None)
    )
    op.execute(mails.delete().where(ours))
    for table in TABLES_WITH_MAIL_KIND:
        change_words(table, removed=MAIL_KINDS)
    op.drop_table("colleague_invitation")
    op.drop_column("one_time_link", "nonce")
    op.drop_column("user", "manager_at")
    op.drop_column("organisation", "refused_reason")
    op.drop_column("organisation", "refused_at")
    op.drop_column("organisation", "requested_at")


def change_words(table: str, *, added: list[str] | None = None, removed: list[str] | None = None) -> None:
    """Change which kinds the CHECK of `table` lets in; the words that are there are read from the database itself."""
    name = f"ck_{table}_mail_kind"
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        found = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
        statement = str(connection.execute(found, {"name": table}).scalar_one())
        before = re.search(rf"CONSTRAINT {name} CHECK \(kind IN \(([^)]*)\)\)", statement)
        assert before is not None, f"{name} is where SQLAlchemy writes it"
        words = _words(before.group(1), added or [], removed or [])
        _rewrite_sqlite(table, statement.replace(before.group(1), words))
        return
    found = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
    definition = str(connection.execute(found, {"name": name}).scalar_one())
    op.drop_constraint(op.f(name), table, type_="check")
    op.create_check_constraint(
        op.f(name), table, f"kind IN ({_words(definition, added or [], removed or [])})"
    )


def _words(definition: str, added: list[str], removed: list[str]) -> str:
    kept = [word for word in re.findall(r"'([a-z_]+)'", definition) if word not in removed]
    return ", ".join(f"'{word}'" for word in [*kept, *(word for word in added if word not in kept)])


def _rewrite_sqlite(table: str, statement: str) -> None:
    """Put `statement` in the place of the one that made the table.

    SQLite changes no CHECK in place, and making this table anew would break the rows that refer to it. Rewriting the
    text of the schema is the way its documentation gives for changes that move no stored byte
    (ALTER TABLE, "making other kinds of table schema changes").
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": statement, "name": table},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
