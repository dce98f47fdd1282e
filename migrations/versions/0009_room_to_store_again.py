"""Room in the pages of what a round stores, so that it can be stored again in place."""

from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = ("ballot", "participation")


def upgrade() -> None:
    """Half of each page is left free; the next rewriting after a round lays what is there so."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} SET (fillfactor = 45)")


def downgrade() -> None:
    """Full pages again."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
