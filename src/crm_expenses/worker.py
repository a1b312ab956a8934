"""Work by a queue: several processes share the runs of all CRMs, on the PostgreSQL of the store.

The queue is procrastinate. Its tables stand in a schema of their own beside the store's (its name
with `_worker` behind it), so that neither sees the other's. A CRM has one lock, so that two jobs
never run it at once, and one queueing lock, so that no more than one waits; whoever runs it outside
of the queue is kept off by the lease, as always. The job of a worker that died is found by its
missing heartbeat and given to another one.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from signal import SIGINT, SIGTERM
from typing import TYPE_CHECKING, Any, Final, Protocol

from crm_expenses.adapters.contract import Adapter
from crm_expenses.address import POSTGRES_PORT, Address
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import (
    AdapterError,
    AuthError,
    ConfigError,
    CrmExpensesError,
    RefusedError,
    StoreAwayError,
    StoreError,
)
from crm_expenses.pipeline import OTHERS, Clock, RunSummary, Stopped, open_job, quiet, sync_alone
from crm_expenses.settings import Settings
from crm_expenses.store import Store, open_store
from crm_expenses.store.postgres import NAME_BYTES_MAX, SCHEMA

if TYPE_CHECKING:
    from procrastinate import App

LOG: Final = logging.getLogger(__name__)

TASK: Final = "crm_expenses.sync"
BEHIND: Final = "_worker"
"""Stands behind the name of the store's schema in the name of the queue's."""

LOOK_SECONDS: Final = 1.0
"""How often a worker looks for CRMs that said that there is something new."""

CRON_FIELDS: Final = 5
KEPT_HOURS: Final = 30 * 24
"""How long jobs that failed can be looked at; the others go at once."""

HEARTBEATS: Final = 3
"""How often a worker says that it lives within the time after which it is taken for dead."""

WAIT_OTHERS: Final = 5
"""How long a job waits for a run of the same CRM outside of the queue."""
WAIT_FIRST: Final = 15
WAIT_MAX: Final = 900
DOUBLINGS_MAX: Final = 10
TRIES_MAX: Final = 50
"""After so many tries in a row a job ends as failed; the next one of the schedule goes on."""


@dataclass(frozen=True)
class Done:
    """What became of one job: the run, or the error that it ended with, and whether it waits."""

    crm: str
    at: datetime
    run: RunSummary | None = None
    set_aside: int = 0
    error: Exception | None = None


class Bell(Protocol):
    """A clock that can be told to stop."""

    def stop(self) -> None:
        """Ask to stop."""


def queue_schema(settings: Settings) -> str:
    """Name the schema of the queue's tables.

    Raises:
        ConfigError: the store is no schema of PostgreSQL, or its name leaves no room.
    """
    held = _address(settings).options.get("schema") or SCHEMA
    if len((held + BEHIND).encode()) > NAME_BYTES_MAX:
        most = str(NAME_BYTES_MAX - len(BEHIND))
        raise ConfigError("worker.long_name", name=held, most=most)
    return held + BEHIND


def set_up(settings: Settings) -> bool:
    """Make the tables of the store and of the queue; False where they were there already.

    Raises:
        ConfigError: the store is no schema of PostgreSQL, or the extra is missing.
        StoreError: the server cannot be reached, or does not allow it.
    """
    open_store(settings.store).close()
    schema = queue_schema(settings)
    with _told(settings):
        import psycopg  # noqa: PLC0415  an extra
        from psycopg import sql  # noqa: PLC0415

        with psycopg.connect(**_login(settings), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [schema])
            name = sql.Identifier(schema)
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
            if _is_there(connection, schema):
                return False
            app = queue_app(settings)
            with app.open():
                app.schema_manager.apply_schema()
    return True


def defer(settings: Settings, names: list[str]) -> dict[str, bool]:
    """Put a run of each CRM into the queue; False where one waits there already.

    Raises:
        ConfigError: the queue was not set up.
    """
    _demand_queue(settings)
    app = queue_app(settings)
    with _told(settings), app.open():
        return {name: _defer(app, name) for name in names}


def run(
    settings: Settings,
    clock: Clock,
    bell: Bell,
    tell: Callable[[Done], None],
    *,
    jobs: int = 1,
    dead_seconds: int = 30,
) -> None:
    """Work until SIGINT or SIGTERM; the page in hand is finished, and the job put back.

    `jobs` is how many CRMs this process runs at once; a worker that is not heard of for
    `dead_seconds` loses its jobs to others.

    Raises:
        ConfigError: the queue was not set up, or the schedule is none.
    """
    _demand_queue(settings)
    desk = Desk(settings, clock, tell)
    try:
        with _told(settings):
            asyncio.run(_work(settings, desk, bell, jobs, dead_seconds))
    finally:
        desk.close()


@dataclass
class Desk:
    """Where a worker does its jobs."""

    settings: Settings
    clock: Clock
    tell: Callable[[Done], None]
    seen: dict[str, int] = field(default_factory=dict)
    store: Store | None = None
    adapters: dict[str, Adapter] = field(default_factory=dict)
    """Of each CRM the last one, closed: what it shares with the next, like a token, lives on."""

    def sync(self, crm: str, tries: int) -> int | None:
        """Run one CRM; give after how many seconds to try again, None where there is no need."""
        at = self.clock.now()
        try:
            with open_job(self.settings, crm) as job:
                self.adapters[crm] = job.adapter
                done = sync_alone(job, at, self.clock, quiet)
                aside = len(job.store.set_aside(crm, viewer=SYSTEM))
        except Stopped:
            return 0
        except Exception as error:
            self.tell(Done(crm, at, error=error))
            wait = wait_seconds(error, tries)
            if wait is None:
                raise
            return wait
        self.tell(Done(crm, at, done, aside))
        return None

    def due(self) -> list[str]:
        """Give the CRMs that said something new since they were asked for last."""
        if self.store is None:
            self.store = open_store(self.settings.store)
        words = self.store.due()
        new = [crm for crm, word in words.items() if self.seen.get(crm) != word]
        self.seen = words
        return [crm for crm in new if crm in self.settings.connections]

    def close(self) -> None:
        """Let go of the store."""
        if self.store is not None:
            self.store.close()


def queue_app(settings: Settings, desk: Desk | None = None) -> "App":
    """Make the queue: one task, `crm_expenses.sync`, and its schedule.

    Raises:
        ConfigError: the store is no schema of PostgreSQL, or the extra is missing.
    """
    queue_schema(settings)
    try:
        import procrastinate  # noqa: PLC0415  an extra
    except ImportError:
        raise ConfigError("extra.missing", package="procrastinate", extra="worker") from None
    connector = procrastinate.PsycopgConnector(
        kwargs=_login(settings), min_size=1, max_size=4, timeout=15
    )
    app = procrastinate.App(connector=connector)

    async def sync(timestamp: int = 0, *, crm: str, tries: int = 0) -> None:  # noqa: ARG001
        assert desk is not None  # noqa: S101  whoever only puts jobs into the queue runs none
        wait = await asyncio.to_thread(desk.sync, crm, tries)
        if wait is not None:
            # A job of its own: one that the queue put back could find another one in its place.
            await _defer_async(app, crm, wait, tries + 1 if wait else tries)

    task = app.task(name=TASK)(sync)
    schedule = settings.worker.schedule
    if desk is not None and schedule:
        _demand_cron(schedule)
        for name in settings.connections:
            app.periodic(cron=schedule, periodic_id=name, **_options(name))(task)
    return app


def _demand_cron(schedule: str) -> None:
    from croniter import croniter  # noqa: PLC0415  comes with the queue

    if len(schedule.split()) != CRON_FIELDS or not croniter.is_valid(schedule):
        raise ConfigError("worker.cron", value=schedule)


async def _work(settings: Settings, desk: Desk, bell: Bell, jobs: int, dead_seconds: int) -> None:
    app = queue_app(settings, desk)
    async with app.open_async():
        await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True)
        working = asyncio.create_task(
            app.run_worker_async(
                concurrency=jobs,
                install_signal_handlers=False,
                update_heartbeat_interval=dead_seconds / HEARTBEATS,
                stalled_worker_timeout=dead_seconds,
                fetch_job_polling_interval=LOOK_SECONDS,
                delete_jobs="successful",
            )
        )
        beside = [
            asyncio.create_task(_every(LOOK_SECONDS, lambda: _defer_due(app, desk))),
            asyncio.create_task(
                _every(dead_seconds / HEARTBEATS, lambda: _rescue(app, dead_seconds))
            ),
        ]

        def stop() -> None:
            bell.stop()
            working.cancel()

        loop = asyncio.get_running_loop()
        for number in (SIGINT, SIGTERM):
            loop.add_signal_handler(number, stop)
        try:
            with suppress(asyncio.CancelledError):
                await working
        finally:
            for number in (SIGINT, SIGTERM):
                loop.remove_signal_handler(number)
            for one in beside:
                one.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _every(seconds: float, act: "Callable[[], Coroutine[Any, Any, None]]") -> None:
    """Do something again and again; whatever goes wrong with it once does not end it."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await act()
        except Exception as error:  # noqa: BLE001  the worker itself says when the server is away
            LOG.warning("looking after the queue failed: error=%s", type(error).__name__)


async def _defer_due(app: "App", desk: Desk) -> None:
    for name in await asyncio.to_thread(desk.due):
        await _defer_async(app, name)


async def _rescue(app: "App", dead_seconds: int) -> None:
    """Give the jobs of workers that died to others."""
    from procrastinate.exceptions import ProcrastinateException  # noqa: PLC0415  an extra
    from procrastinate.jobs import Status  # noqa: PLC0415

    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=dead_seconds):
        try:
            await manager.retry_job(job)
        except ProcrastinateException:
            # Another run of the CRM waits already, or another worker was quicker: then this fails.
            with suppress(ProcrastinateException):
                await manager.finish_job(job, status=Status.FAILED, delete_job=False)


def wait_seconds(error: BaseException, tries: int) -> int | None:
    """Give after how many seconds a job is tried again, None for never.

    >>> from crm_expenses.errors import RetryableError
    >>> wait_seconds(RetryableError("crm.unavailable", retry_after=90), 0)
    90
    >>> wait_seconds(RetryableError("crm.unavailable"), 3), wait_seconds(AuthError("crm.auth"), 0)
    (120, None)
    """
    for_good = not isinstance(error, AdapterError | StoreAwayError)
    if for_good or isinstance(error, AuthError | RefusedError) or tries >= TRIES_MAX:
        return None
    if isinstance(error, StoreAwayError) and error.code in OTHERS:
        return WAIT_OTHERS
    asked = getattr(error, "retry_after", None)
    usual = min(WAIT_FIRST * 2 ** min(tries, DOUBLINGS_MAX), WAIT_MAX)
    return int(asked) if asked else usual


def _options(crm: str, tries: int = 0) -> dict[str, Any]:
    name = f"sync:{crm}"
    given = {"crm": crm, "tries": tries} if tries else {"crm": crm}
    return {"lock": name, "queueing_lock": name, "task_kwargs": given}


def _defer(app: "App", crm: str) -> bool:
    from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415  an extra

    try:
        app.configure_task(TASK, **_options(crm)).defer()
    except AlreadyEnqueued:
        return False
    return True


async def _defer_async(app: "App", crm: str, wait: int = 0, tries: int = 0) -> None:
    """Put a run into the queue, unless one waits there already."""
    from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415  an extra

    options = _options(crm, tries)
    if wait:
        options["schedule_in"] = {"seconds": wait}
    with suppress(AlreadyEnqueued):
        await app.configure_task(TASK, **options).defer_async()


def _demand_queue(settings: Settings) -> None:
    schema = queue_schema(settings)
    with _told(settings):
        import psycopg  # noqa: PLC0415  an extra

        with psycopg.connect(**_login(settings), autocommit=True) as connection:
            is_there = _is_there(connection, schema)
    if not is_there:
        raise ConfigError("worker.not_set_up", schema=schema)


def _is_there(connection: Any, schema: str) -> bool:  # noqa: ANN401  its type is in an extra
    asked = (
        "SELECT 1 FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = 'procrastinate_jobs'"
    )
    return connection.execute(asked, [schema]).fetchone() is not None


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Say in our words what the driver or the queue could not do."""
    try:
        import psycopg  # noqa: PLC0415  an extra
        from procrastinate.exceptions import ConnectorException  # noqa: PLC0415
    except ImportError:
        raise ConfigError("extra.missing", package="procrastinate", extra="worker") from None
    try:
        yield
    except CrmExpensesError:
        raise
    except (psycopg.OperationalError, ConnectorException) as error:
        path = _address(settings).shown
        raise StoreAwayError("worker.server", path=path, detail=_detail(error)) from error
    except psycopg.Error as error:
        path = _address(settings).shown
        raise StoreError("worker.server", path=path, detail=_detail(error)) from error


def _detail(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__


def _address(settings: Settings) -> Address:
    if not isinstance(settings.store, Address):
        raise ConfigError("worker.no_server", path=str(settings.store))
    return settings.store


_ESCAPED: Final = re.compile(r"([\\ ])")


def _login(settings: Settings) -> dict[str, Any]:
    """Give how to log in as the driver is told it; secured as the store's connection is."""
    address = _address(settings)
    quoted = '"' + queue_schema(settings).replace('"', '""') + '"'
    path = _ESCAPED.sub(r"\\\1", quoted)
    given: dict[str, Any] = {
        "host": address.socket or address.host,
        "port": address.port or POSTGRES_PORT,
        "user": address.user,
        "dbname": address.path,
        "connect_timeout": 15,
        "application_name": "crm_expenses worker",
        "options": f"-c search_path={path}",
        "sslmode": address.sslmode,
    }
    if address.password:
        given["password"] = address.password
    if address.sslmode == "verify-full":
        given["sslrootcert"] = ssl.get_default_verify_paths().cafile or "system"
    return given
