"""What a firm writes about itself: versions and working copies of capabilities."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain columns: making the table anew would trip over the rows that refer to it.
    op.add_column("capability", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("capability", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("capability", sa.Column("working", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("capability", "working")
    op.drop_column("capability", "revision")
    op.drop_column("capability", "withdrawn_at")
