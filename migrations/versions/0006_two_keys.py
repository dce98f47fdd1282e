"""Rounds whose key is shared between HR and a safety representative, and who holds the shares."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """A table of key holders; programmes ask for two keys, rounds keep what was asked."""
    op.create_table(
        "key_holder",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("locked_by_code", sa.LargeBinary(length=200), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_key_holder_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_key_holder"),
    )
    for name in ("programme", "round"):
        with op.batch_alter_table(name) as table:
            table.add_column(
                sa.Column("two_keys", sa.Boolean(), nullable=False, server_default=sa.false())
            )
        with op.batch_alter_table(name) as table:
            table.alter_column("two_keys", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    """A round whose key is shared cannot be counted by an older program: it stops for a person."""
    op.execute(
        "UPDATE round SET state = 'stopped', stopped_because = 'The key of this round is shared.'"
        " WHERE two_keys AND state IN ('open', 'closed')"
    )
    op.execute(
        "UPDATE round SET state = 'stopped', stopped_because = 'Closed without figures.'"
        " WHERE state = 'lost'"
    )
    for name in ("round", "programme"):
        with op.batch_alter_table(name) as table:
            table.drop_column("two_keys")
    op.drop_table("key_holder")
