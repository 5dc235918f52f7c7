"""Learning from decisions: weightings, labels, evaluations, and which weighting made a score."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("engine_version", sa.String(length=80), nullable=False),
        sa.Column("weights_serial", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("on", name=op.f("uq_evaluation_on")),
    )
    op.create_table(
        "pair_label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "grade",
            sa.Enum(
                "fits",
                "does_not_fit",
                "cannot_tell",
                name="label_grade",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "page",
                "file",
                "demo",
                name="label_source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("labelled_by_user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["labelled_by_user_id"], ["user.id"], name=op.f("fk_pair_label_labelled_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_pair_label_organisation_id")
        ),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_pair_label_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_label")),
    )
    op.create_index(op.f("ix_pair_label_organisation_id"), "pair_label", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_pair_label_scenario_id"), "pair_label", ["scenario_id"], unique=False)

    op.create_table(
        "weight_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.String(length=80), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("gate", sa.JSON(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("evidence_hash", sa.String(length=64), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by_user_id", sa.Integer(), nullable=True),
        sa.Column("reverted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reverted_by_user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "activated_at IS NULL OR passed", name=op.f("ck_weight_version_only_what_passed_is_active")
        ),
        sa.CheckConstraint(
            "reverted_at IS NULL OR activated_at IS NOT NULL",
            name=op.f("ck_weight_version_reverted_was_active"),
        ),
        sa.CheckConstraint("serial > 0", name=op.f("ck_weight_version_serial_from_one")),
        sa.ForeignKeyConstraint(
            ["activated_by_user_id"], ["user.id"], name=op.f("fk_weight_version_activated_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverted_by_user_id"], ["user.id"], name=op.f("fk_weight_version_reverted_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weight_version")),
        sa.UniqueConstraint("serial", name=op.f("uq_weight_version_serial")),
    )
    # A plain column with a default: making the table anew would copy every score there is.
    op.add_column(
        "match_score", sa.Column("weights_serial", sa.Integer(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("match_score", "weights_serial")

    op.drop_table("weight_version")

    op.drop_table("pair_label")
    op.drop_table("evaluation")
