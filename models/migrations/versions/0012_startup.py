"""A firm at work: versions and proofs of its capabilities, scenarios out of its sight, searches it keeps."""

import sqlalchemy as sa
from alembic import op

from models.migrations import mail_kinds

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MAIL_KINDS = ["proof_expiring"]


def upgrade() -> None:
    # Plain columns: making the table anew would trip over the rows that refer to it.
    op.add_column("capability", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("capability", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("capability", sa.Column("working", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("capability", sa.Column("lapsed_filings", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capability_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "filing",
                "test_report",
                "open_source",
                "competition",
                "licence",
                "other",
                name="proof_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("filing", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=True),
        sa.Column("file_size", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("given_by_user_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_user_id", sa.Integer(), nullable=True),
        sa.Column("check_note", sa.String(length=500), nullable=False),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "checked_at IS NULL OR refused_at IS NULL", name=op.f("ck_proof_checked_or_refused")
        ),
        sa.CheckConstraint(
            "refused_at IS NULL OR check_note <> ''", name=op.f("ck_proof_refusal_has_reason")
        ),
        sa.CheckConstraint(
            "file_hash IS NULL OR length(file_hash) = 64", name=op.f("ck_proof_file_hash_is_sha256")
        ),
        sa.CheckConstraint(
            "file_hash IS NOT NULL OR url IS NOT NULL", name=op.f("ck_proof_document_or_address")
        ),
        sa.CheckConstraint(
            "expired_at IS NULL OR valid_until_on IS NOT NULL", name=op.f("ck_proof_expired_had_an_end")
        ),
        sa.ForeignKeyConstraint(["capability_id"], ["capability.id"], name=op.f("fk_proof_capability_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_user_id"], ["user.id"], name=op.f("fk_proof_decided_by_user_id")
        ),
        sa.ForeignKeyConstraint(["given_by_user_id"], ["user.id"], name=op.f("fk_proof_given_by_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
    )
    op.create_index(op.f("ix_proof_capability_id"), "proof", ["capability_id"], unique=False)
    op.create_index(op.f("ix_proof_valid_until_on"), "proof", ["valid_until_on"], unique=False)
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_search_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_search_user_id_name")),
    )
    op.create_index(op.f("ix_saved_search_user_id"), "saved_search", ["user_id"], unique=False)
    mail_kinds.allow(MAIL_KINDS)
    op.add_column("match", sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("match", sa.Column("hidden_until_on", sa.Date(), nullable=True))


def downgrade() -> None:
    mail_kinds.forbid(MAIL_KINDS)
    op.drop_table("saved_search")
    op.drop_table("proof")
    op.drop_column("capability", "lapsed_filings")
    op.drop_column("match", "hidden_until_on")
    op.drop_column("match", "hidden_at")
    op.drop_column("capability", "working")
    op.drop_column("capability", "revision")
    op.drop_column("capability", "withdrawn_at")
