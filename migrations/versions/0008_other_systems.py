"""Other systems read with tokens, and are told of flags and offers by webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """The day a token was used last; webhooks, what they were told last, and what waits."""
    with op.batch_alter_table("api_token") as table:
        table.add_column(sa.Column("used_on", sa.Date()))
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(length=200), nullable=False),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.Column("off_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name="fk_webhook_unit_id_unit", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_table(
        "webhook_seen",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name="pk_webhook_seen"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=1000), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhook.id"],
            name="fk_webhook_delivery_webhook_id_webhook",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
    )
    op.create_index("ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id"])
    op.create_index("ix_webhook_delivery_due_at", "webhook_delivery", ["due_at"])
    # A scope that no interface ever took.
    op.execute("DELETE FROM api_token WHERE scope = 'read'")


def downgrade() -> None:
    """What waits is lost; tokens of the API open nothing in an older program."""
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_seen")
    op.drop_table("webhook")
    op.execute("DELETE FROM outbox_message WHERE kind = 'webhook_off'")
    with op.batch_alter_table("api_token") as table:
        table.drop_column("used_on")
