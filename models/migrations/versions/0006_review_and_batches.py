"""From draft to decision: review, planned batches with frozen lists, questions, shortlists, and the mails of them."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LAST_MAIL_KIND = "funding_recorded"
MAIL_KINDS = (
    "scenario_submitted",
    "scenario_returned",
    "scenario_approved",
    "scenario_published",
    "batch_reminder",
    "question_asked",
    "question_answered",
    "question_reminder",
    "addendum",
)
MAIL_TABLES = ("outbox_mail", "subscription")


def upgrade() -> None:
    op.add_column(
        "district", sa.Column("reviews_scenarios", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("batch", sa.Column("releases_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "review_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("submitted_by_user_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_user_id", sa.Integer(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "returned_at IS NULL OR approved_at IS NULL", name=op.f("ck_review_round_one_answer")
        ),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_review_round_scenario_id")),
        sa.ForeignKeyConstraint(
            ["submitted_by_user_id"], ["user.id"], name=op.f("fk_review_round_submitted_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_user_id"], ["user.id"], name=op.f("fk_review_round_decided_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_round")),
        sa.UniqueConstraint("scenario_id", "serial", name=op.f("uq_review_round_scenario_id_serial")),
    )
    op.create_index(op.f("ix_review_round_scenario_id"), "review_round", ["scenario_id"], unique=False)
    op.create_table(
        "review_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_remark_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_remark")),
        sa.UniqueConstraint("round_id", "field", name=op.f("uq_review_remark_round_id_field")),
    )
    op.create_index(op.f("ix_review_remark_round_id"), "review_remark", ["round_id"], unique=False)
    op.create_table(
        "batch_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "json",
                "xlsx",
                "pdf",
                name="list_format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_file_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_file")),
        sa.UniqueConstraint("batch_id", "format", name=op.f("uq_batch_file_batch_id_format")),
    )
    op.create_index(op.f("ix_batch_file_batch_id"), "batch_file", ["batch_id"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_user_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_user_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "answered_at IS NULL OR answer <> ''", name=op.f("ck_question_answered_says_something")
        ),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_question_scenario_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_question_organisation_id")
        ),
        sa.ForeignKeyConstraint(["asked_by_user_id"], ["user.id"], name=op.f("fk_question_asked_by_user_id")),
        sa.ForeignKeyConstraint(
            ["answered_by_user_id"], ["user.id"], name=op.f("fk_question_answered_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_scenario_id"), "question", ["scenario_id"], unique=False)
    op.create_index(op.f("ix_question_organisation_id"), "question", ["organisation_id"], unique=False)
    op.create_table(
        "candidacy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_candidacy_match_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidacy")),
        sa.UniqueConstraint("match_id", name=op.f("uq_candidacy_match_id")),
    )
    op.create_table(
        "addendum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("issued_by_user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("what <> '' AND why <> ''", name=op.f("ck_addendum_says_what_and_why")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_addendum_scenario_id")),
        sa.ForeignKeyConstraint(
            ["issued_by_user_id"], ["user.id"], name=op.f("fk_addendum_issued_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addendum")),
        sa.UniqueConstraint("scenario_id", "serial", name=op.f("uq_addendum_scenario_id_serial")),
    )
    op.create_index(op.f("ix_addendum_scenario_id"), "addendum", ["scenario_id"], unique=False)
    _allow_mail_kinds()


def downgrade() -> None:
    _forbid_mail_kinds()
    op.drop_table("addendum")
    op.drop_table("candidacy")
    op.drop_table("question")
    op.drop_table("batch_file")
    op.drop_table("review_remark")
    op.drop_table("review_round")
    op.drop_column("batch", "releases_at")
    op.drop_column("district", "reviews_scenarios")


# The list of mail kinds is a condition of two tables. It is lengthened where it stands, after the kind before ours:
# SQLite would have to make the tables anew, under the feet of the rows that refer to them.


def _allow_mail_kinds() -> None:
    _replace_kinds((LAST_MAIL_KIND,), (LAST_MAIL_KIND, *MAIL_KINDS))


def _forbid_mail_kinds() -> None:
    kinds: sa.BindParameter[list[str]] = sa.bindparam("kinds", list(MAIL_KINDS), expanding=True)
    op.get_bind().execute(sa.text("DELETE FROM outbox_mail WHERE kind IN :kinds").bindparams(kinds))
    _replace_kinds((LAST_MAIL_KIND, *MAIL_KINDS), (LAST_MAIL_KIND,))


def _replace_kinds(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    before, after = (", ".join(f"'{kind}'" for kind in kinds) for kinds in (old, new))
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _rewrite_sqlite(connection, before, after)
    else:
        _rewrite_postgresql(connection, before, after)


def _rewrite_sqlite(connection: sa.Connection, before: str, after: str) -> None:
    # What sqlite.org/lang_altertable.html describes for conditions: rows stay where they are.
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    for table in MAIL_TABLES:
        connection.execute(
            sa.text(
                "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name"
            ),
            {"old": before, "new": after, "name": table},
        )
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")


def _rewrite_postgresql(connection: sa.Connection, before: str, after: str) -> None:
    for table in MAIL_TABLES:
        name = op.f(f"ck_{table}_mail_kind")
        condition = connection.execute(
            sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"),
            {"name": name},
        ).scalar_one()
        kinds = ", ".join(f"'{kind}'" for kind in re.findall(r"'(\w+)'", condition))
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"kind IN ({kinds.replace(before, after)})")
