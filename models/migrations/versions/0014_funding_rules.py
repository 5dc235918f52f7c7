"""Rules that officers write: changes approved by a second one, yearly pools, and records that can be asked again."""

import sqlalchemy as sa
from alembic import op

from models.migrations import check_words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

EVIDENCE_KINDS = ["credit_report", "audit_report"]


def upgrade() -> None:
    # Written out: Alembic would make the table anew on SQLite, and trip over the records that refer to it.
    op.execute(
        "ALTER TABLE funding_rule ADD COLUMN pool_fen BIGINT "
        "CONSTRAINT ck_funding_rule_pool_positive CHECK (pool_fen IS NULL OR pool_fen > 0)"
    )
    op.add_column(
        "funding_rule",
        sa.Column("replaces_earlier", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("funding_record", sa.Column("inputs", sa.JSON(none_as_null=True), nullable=True))
    check_words.change("evidence", "evidence_kind", added=EVIDENCE_KINDS)
    op.create_table(
        "funding_rule_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("programme", sa.String(length=60), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("text_compared", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("written_by_user_id", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_note", sa.String(length=500), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_user_id", sa.Integer(), nullable=True),
        sa.Column("rule_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("revision > 0", name=op.f("ck_funding_rule_change_revision_from_one")),
        sa.CheckConstraint(
            "approved_by_user_id IS NULL OR approved_by_user_id <> written_by_user_id",
            name=op.f("ck_funding_rule_change_two_people"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (rule_id IS NULL) AND (approved_at IS NULL) = (approved_by_user_id IS NULL)",
            name=op.f("ck_funding_rule_change_approved_by_somebody_as_a_version"),
        ),
        sa.CheckConstraint(
            "approved_at IS NULL OR submitted_at IS NOT NULL",
            name=op.f("ck_funding_rule_change_approved_was_submitted"),
        ),
        sa.CheckConstraint(
            "approved_at IS NULL OR withdrawn_at IS NULL",
            name=op.f("ck_funding_rule_change_approved_or_withdrawn"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_user_id"], ["user.id"], name=op.f("fk_funding_rule_change_approved_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["funding_rule.id"], name=op.f("fk_funding_rule_change_based_on_id")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["funding_rule.id"], name=op.f("fk_funding_rule_change_rule_id")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_user_id"], ["user.id"], name=op.f("fk_funding_rule_change_written_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_rule_change")),
        sa.UniqueConstraint("rule_id", name=op.f("uq_funding_rule_change_rule_id")),
    )
    op.create_index(op.f("ix_funding_rule_change_programme"), "funding_rule_change", ["programme"])
    op.create_index(
        op.f("ix_funding_rule_change_written_by_user_id"), "funding_rule_change", ["written_by_user_id"]
    )


def downgrade() -> None:
    op.drop_table("funding_rule_change")
    op.execute("UPDATE evidence SET kind = 'other' WHERE kind IN ('credit_report', 'audit_report')")
    check_words.change("evidence", "evidence_kind", removed=EVIDENCE_KINDS)
    op.drop_column("funding_record", "inputs")
    op.drop_column("funding_rule", "replaces_earlier")
    op.drop_column("funding_rule", "pool_fen")
