"""Proposals: what firms hand in, the criteria they are judged by, panels with their marks, and the mails of them."""

import sqlalchemy as sa
from alembic import op

from models.migrations import mail_kinds

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MAIL_KINDS = ["bid_submitted", "bid_decided", "juror_appointed", "marks_complete"]


def upgrade() -> None:
    op.create_table(
        "bid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("selected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_selected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_user_id", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("reason_text", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "not_selected_at IS NULL OR reason_text <> ''", name=op.f("ck_bid_refusal_has_reason")
        ),
        sa.CheckConstraint(
            "(selected_at IS NULL AND not_selected_at IS NULL) OR submitted_at IS NOT NULL",
            name=op.f("ck_bid_decided_was_submitted"),
        ),
        sa.CheckConstraint("selected_at IS NULL OR not_selected_at IS NULL", name=op.f("ck_bid_one_outcome")),
        sa.ForeignKeyConstraint(["decided_by_user_id"], ["user.id"], name=op.f("fk_bid_decided_by_user_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bid_organisation_id")
        ),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_bid_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid")),
        sa.UniqueConstraint(
            "scenario_id", "organisation_id", name=op.f("uq_bid_scenario_id_organisation_id")
        ),
    )
    with op.batch_alter_table("bid", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bid_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "bid_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("uploaded_by_user_id", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("file_size >= 0", name=op.f("ck_bid_file_file_size_not_negative")),
        sa.CheckConstraint("length(file_hash) = 64", name=op.f("ck_bid_file_file_hash_is_sha256")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_file_bid_id")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_user_id"], ["user.id"], name=op.f("fk_bid_file_uploaded_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_file")),
    )
    with op.batch_alter_table("bid_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_file_bid_id"), ["bid_id"], unique=False)

    op.create_table(
        "bid_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("submitted_by_user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_bid_version_sha256_is_one")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_version_bid_id")),
        sa.ForeignKeyConstraint(
            ["submitted_by_user_id"], ["user.id"], name=op.f("fk_bid_version_submitted_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_version")),
        sa.UniqueConstraint("bid_id", "serial", name=op.f("uq_bid_version_bid_id_serial")),
    )
    with op.batch_alter_table("bid_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_version_bid_id"), ["bid_id"], unique=False)

    op.create_table(
        "rubric",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("addendum_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_rubric_sha256_is_one")),
        sa.CheckConstraint(
            "serial = 1 OR addendum_id IS NOT NULL", name=op.f("ck_rubric_change_has_addendum")
        ),
        sa.CheckConstraint("serial > 0", name=op.f("ck_rubric_serial_from_one")),
        sa.ForeignKeyConstraint(["addendum_id"], ["addendum.id"], name=op.f("fk_rubric_addendum_id")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_rubric_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric")),
        sa.UniqueConstraint("scenario_id", "serial", name=op.f("uq_rubric_scenario_id_serial")),
    )
    with op.batch_alter_table("rubric", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rubric_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "jury",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("begun_by_user_id", sa.Integer(), nullable=True),
        sa.Column("answer_due_on", sa.Date(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settle_note", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_user_id", sa.Integer(), nullable=True),
        sa.Column("record", sa.JSON(), nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=True),
        sa.Column("record_pdf", sa.LargeBinary(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(settled_at IS NULL OR scored_at IS NOT NULL) AND (decided_at IS NULL OR settled_at IS NOT NULL)",
            name=op.f("ck_jury_steps_in_order"),
        ),
        sa.CheckConstraint(
            "decided_at IS NULL OR record_sha256 IS NOT NULL", name=op.f("ck_jury_decided_has_record")
        ),
        sa.ForeignKeyConstraint(["begun_by_user_id"], ["user.id"], name=op.f("fk_jury_begun_by_user_id")),
        sa.ForeignKeyConstraint(["decided_by_user_id"], ["user.id"], name=op.f("fk_jury_decided_by_user_id")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_jury_rubric_id")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_jury_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury")),
        sa.UniqueConstraint("scenario_id", name=op.f("uq_jury_scenario_id")),
    )
    op.create_table(
        "juror",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jury_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recusal_reason", sa.String(length=500), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "recused_at IS NULL OR recusal_reason <> ''", name=op.f("ck_juror_recusal_has_reason")
        ),
        sa.CheckConstraint(
            "declared_at IS NULL OR recused_at IS NULL", name=op.f("ck_juror_declared_or_recused")
        ),
        sa.CheckConstraint(
            "handed_in_at IS NULL OR declared_at IS NOT NULL", name=op.f("ck_juror_handed_in_declared")
        ),
        sa.ForeignKeyConstraint(["jury_id"], ["jury.id"], name=op.f("fk_juror_jury_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_juror_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror")),
        sa.UniqueConstraint("jury_id", "user_id", name=op.f("uq_juror_jury_id_user_id")),
    )
    with op.batch_alter_table("juror", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_juror_jury_id"), ["jury_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_juror_user_id"), ["user_id"], unique=False)

    op.create_table(
        "mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("juror_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("revised_score", sa.Integer(), nullable=True),
        sa.Column("revised_reason", sa.String(length=500), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "revised_score IS NULL OR revised_reason <> ''", name=op.f("ck_mark_change_has_reason")
        ),
        sa.CheckConstraint(
            "revised_score IS NULL OR revised_score BETWEEN 0 AND 3", name=op.f("ck_mark_revised_known")
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 3", name=op.f("ck_mark_score_known")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_mark_bid_id")),
        sa.ForeignKeyConstraint(["juror_id"], ["juror.id"], name=op.f("fk_mark_juror_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
        sa.UniqueConstraint("juror_id", "bid_id", "position", name=op.f("uq_mark_juror_id_bid_id_position")),
    )
    with op.batch_alter_table("mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mark_bid_id"), ["bid_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mark_juror_id"), ["juror_id"], unique=False)

    mail_kinds.allow(MAIL_KINDS)


def downgrade() -> None:
    mail_kinds.forbid(MAIL_KINDS)
    with op.batch_alter_table("mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mark_juror_id"))
        batch_op.drop_index(batch_op.f("ix_mark_bid_id"))

    op.drop_table("mark")
    with op.batch_alter_table("juror", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_juror_user_id"))
        batch_op.drop_index(batch_op.f("ix_juror_jury_id"))

    op.drop_table("juror")
    op.drop_table("jury")
    with op.batch_alter_table("rubric", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rubric_scenario_id"))

    op.drop_table("rubric")
    with op.batch_alter_table("bid_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_version_bid_id"))

    op.drop_table("bid_version")
    with op.batch_alter_table("bid_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_file_bid_id"))

    op.drop_table("bid_file")
    with op.batch_alter_table("bid", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_bid_organisation_id"))

    op.drop_table("bid")
