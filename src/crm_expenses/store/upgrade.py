"""Bringing a store that an older version wrote up to date, in the transaction that opens it.

`meta` says which version the tables have. The steps from one to the next are Alembic's; its own
table of versions is made when the first of them is taken.
"""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, bindparam, func, inspect, select

from crm_expenses.core.audit import AuditEntry
from crm_expenses.core.lifecycle import State
from crm_expenses.core.record import Kind, digest
from crm_expenses.core.words import words_of
from crm_expenses.errors import ConfigError
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_record
from crm_expenses.store.erasure import KINDS
from crm_expenses.store.links import rebuild
from crm_expenses.store.log import SYNC, write_log

if TYPE_CHECKING:
    from alembic.config import Config

STEPS: Final = Path(__file__).parent / "migrations"
VERSIONS: Final = "alembic_version"

_one_at_a_time = Lock()
"""Alembic works for one store at a time in a process."""


def upgrade(connection: Connection, held: int) -> None:
    """Change the tables, and what is kept in them, from version `held` to the newest."""
    migrate(connection, held)
    if held < 2:
        rebuild(connection)
    if held < 3:
        _find_words(connection)
        _say_so(connection)
    if held < 4:
        _look_again(connection)


def _look_again(connection: Connection) -> None:
    """Let what waits for approval be decided again: an older version kept no life of a claim."""
    waiting = connection.execute(select(t.todo.c.crm, t.todo.c.claim))
    held = {(row.crm, row.claim) for row in waiting}
    of = select(t.decision.c.crm, t.decision.c.claim).where(
        t.decision.c.live & (t.decision.c.state == State.IN_APPROVAL.value)
    )
    rows = sorted({(row.crm, row.claim) for row in connection.execute(of)} - held)
    if rows:
        connection.execute(t.todo.insert(), [{"crm": crm, "claim": claim} for crm, claim in rows])


def _find_words(connection: Connection) -> None:
    """Note where people's words stand; the log of an older version says nothing of them."""
    after = 0
    of = (
        select(t.record.c.seq, t.record.c.kind, t.record.c.content)
        .where((t.record.c.seq > bindparam("after")) & t.record.c.kind.in_(KINDS))
        .order_by(t.record.c.seq)
        .limit(1000)
    )
    while rows := connection.execute(of, {"after": after}).all():
        made = [
            {"seq": row.seq, "salt": "", "commitment": "", "erased": False}
            for row in rows
            if words_of(read_record(Kind(row.kind), row.content))
        ]
        if made:
            connection.execute(t.words.insert(), made)
        after = rows[-1].seq


def _say_so(connection: Connection) -> None:
    """Say in the log up to which rows an older version kept them; at the time of its last entry."""
    newest = connection.execute(
        select(t.audit.c.body).order_by(t.audit.c.number.desc()).limit(1)
    ).scalar()
    if newest is None:
        return
    tables = (t.record, t.budget_entry)
    last = [connection.execute(select(func.max(one.c.seq))).scalar() or 0 for one in tables]
    write_log(
        connection,
        at=AuditEntry.of(newest).at,
        actor=SYNC,
        action="upgrade",
        subject="store 3",
        content=digest(last),
        rows=tuple(last),
    )


def migrate(connection: Connection, held: int, to: str = "head") -> None:
    """Take the steps from a version, 0 for an empty database, to another.

    Raises:
        ConfigError: Alembic is not installed.
    """
    try:
        from alembic import command  # noqa: PLC0415  slow to import, and rarely needed
    except ImportError:
        raise ConfigError("extra.missing", package="alembic", extra="sql") from None
    config = steps(connection)
    with _one_at_a_time:
        if held and VERSIONS not in inspect(connection).get_table_names():
            command.stamp(config, str(held))
        command.upgrade(config, to)


def steps(connection: Connection) -> "Config":
    """Give what Alembic must know: where the steps are, and on which connection to take them."""
    from alembic.config import Config  # noqa: PLC0415  slow to import, and rarely needed

    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
