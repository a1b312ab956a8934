"""What Alembic runs: the steps, on the connection and in the transaction that it is given."""

from alembic import context

from crm_expenses.store import tables as t

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=t.metadata,
    render_as_batch=True,
)
context.run_migrations()
