"""Alembic's entry: runs the steps over the connection that the caller hands in, inside the caller's transaction."""

from alembic import context

from services.referrer.adapters.all_tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
