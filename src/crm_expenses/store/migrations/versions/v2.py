"""Version 2: links and absences, and windows under shorter keys.

The rows of the new tables are made afterwards from the records: `store.upgrade`.
"""

import json

import sqlalchemy as sa
from alembic import op

from crm_expenses.store.migrations.columns import name

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Bring the tables here from the version before."""
    op.create_table(
        "absence",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("person", name(200), nullable=False),
        sa.Column("trip", name(200), nullable=False),
        sa.Column("starts", name(10), nullable=False),
        sa.Column("ends", name(10), nullable=False),
        sa.PrimaryKeyConstraint("crm", "person", "trip", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_ends", "absence", ["crm", "person", "ends"], unique=False)
    op.create_index("ix_absence_trip", "absence", ["crm", "trip"], unique=False)

    op.create_table(
        "link",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("role", name(20), nullable=False),
        sa.Column("name", name(200), nullable=False),
        sa.PrimaryKeyConstraint("crm", "kind", "id", "role", name=op.f("pk_link")),
    )
    op.create_index("ix_link_name", "link", ["crm", "kind", "name"], unique=False)
    _rename_windows()


def _rename_windows() -> None:
    carry = sa.table("carry", sa.column("window", sa.Text))
    connection = op.get_bind()
    windows = connection.execute(sa.select(carry.c.window).distinct()).scalars().all()
    renamed = [
        {"of_window": window, "now": window_of_1(window)}
        for window in windows
        if window.startswith("[")
    ]
    if renamed:
        where = carry.c.window == sa.bindparam("of_window")
        connection.execute(
            sa.update(carry).where(where).values(window=sa.bindparam("now")), renamed
        )


def window_of_1(window: str) -> str:
    """Give the key of version 2 for one of version 1: JSON of the rule, the first day, the values.

    >>> window_of_1('["meal.cap","2026-05-01","P1"]'), window_of_1('["#voucher","0123"]')
    ('meal.cap|2026-05-01|2:P1', '#voucher|0123')
    """
    code, first, *values = json.loads(window)
    return "|".join([code, first, *(f"{len(str(value))}:{value}" for value in values)])
