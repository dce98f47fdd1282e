"""Other systems read with tokens, and are told of flags and offers by webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"


def upgrade() -> None:
    """The day a token was used last; webhooks, what they were told last, and what waits."""
    with op.batch_alter_table("api_token") as table:
        table.add_column(sa.Column("used_on", sa.Date()))
    # A scope that no interface ever took.
    op.execute("DELETE FROM api_token WHERE scope = 'read'")


def downgrade() -> None:
    """What waits is lost; tokens of the API open nothing in an older program."""
    with op.batch_alter_table("api_token") as table:
        table.drop_column("used_on")
