"""Runs migrations on the connection handed in; afterwards every reach has exactly its grants."""

from alembic import context

from wellbeing.store.grants import grant_reaches
from wellbeing.store.registry import all_tables

connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=all_tables(),
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
if context.get_head_revision() == context.get_context().get_current_revision():
    grant_reaches(connection)
