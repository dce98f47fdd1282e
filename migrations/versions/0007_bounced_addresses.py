"""Addresses that mail did not reach."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """One table."""
    op.create_table(
        "bounced_address",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name="fk_bounced_address_person_id_person",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_bounced_address"),
    )


def downgrade() -> None:
    """An older program tries such addresses again, and does not know the state between."""
    op.execute("UPDATE outbox_message SET state = 'sending' WHERE state = 'handing_over'")
    op.drop_table("bounced_address")
