"""A draft's site, and the number that tells its versions apart."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain columns with a default: making the table anew would trip over the rows that refer to it.
    op.add_column("scenario", sa.Column("site", sa.String(length=300), server_default="", nullable=False))
    op.add_column("scenario", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("scenario", "revision")
    op.drop_column("scenario", "site")
