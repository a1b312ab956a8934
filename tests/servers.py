"""A real PostgreSQL and a real Spark for tests: here only, gone at the end.

A test that needs a program which is not installed fails and says how to install it.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT

import pytest

from crm_expenses.analytics.engines import Engine, open_engine

USER = "tester"
DATABASE = "postgres"
STARTS_MAX = 5
WAIT_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A PostgreSQL on this machine."""

    port: int
    password: str = field(repr=False)

    def url(self, *, user: str = USER, password: str = "", options: str = "") -> str:
        """Give its address, with the password."""
        secret = password or self.password
        return f"postgres://{user}:{secret}@127.0.0.1:{self.port}/{DATABASE}{options}"

    def run(self, statements: str) -> list[list[object]]:
        """Run statements as the owner of everything, in a session of their own."""
        import pg8000.native

        connection = pg8000.native.Connection(
            USER, host="127.0.0.1", port=self.port, password=self.password, database=DATABASE
        )
        try:
            return connection.run(statements) or []
        finally:
            connection.close()


@contextmanager
def postgres_server(
    *settings: str, locale: Sequence[str] = ("--locale=C.UTF-8",)
) -> Iterator[Server]:
    """Start a server on a free port of the loopback, with data in a folder that is removed."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="crm-expenses-postgres-"))
    as_other, uid, gid = _other_user()
    os.chown(folder, uid, gid)
    password = "s3cret-of-the-test"  # noqa: S105  of a server that only this test knows
    secret = folder / "password"
    secret.write_text(password, "ascii")
    os.chown(secret, uid, gid)
    try:
        made = subprocess.run(
            [
                *as_other,
                programs / "initdb",
                *("-D", folder / "data", "-U", USER, "-E", "UTF8", *locale),
                *("--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert not made.returncode, made.stderr
        running, port = _start(programs, folder, as_other, settings)
        try:
            yield Server(port, password)
        finally:
            running.send_signal(SIGINT)
            running.wait(WAIT_SECONDS)
    finally:
        shutil.rmtree(folder)


def _start(
    programs: Path, folder: Path, as_other: list[str], settings: tuple[str, ...]
) -> tuple["subprocess.Popen[bytes]", int]:
    for _ in range(STARTS_MAX):
        port = _free_port()
        options = (f"port={port}", "listen_addresses=127.0.0.1", "fsync=off", *settings)
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen(
                [
                    *as_other,
                    programs / "postgres",
                    *("-D", folder / "data", "-k", folder),
                    *(part for option in options for part in ("-c", option)),
                ],
                stdout=log,
                stderr=log,
            )
        if _answers(running, folder / "data" / "postmaster.pid"):
            return running, port
    pytest.fail(f"PostgreSQL does not start: {(folder / 'log').read_text('utf-8', 'replace')}")


def _answers(running: "subprocess.Popen[bytes]", status: Path) -> bool:
    """Wait until the server says that it is ready; False where it has ended: the port was taken.

    It takes connections before that, and refuses them.
    """
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if running.poll() is not None:
            return False
        if status.exists() and status.read_text("utf-8").rstrip().endswith("ready"):
            return True
        time.sleep(0.05)
    running.send_signal(SIGINT)
    running.wait(WAIT_SECONDS)
    return False


def _programs() -> Path:
    """Give the folder of initdb and postgres."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for folder in folders:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    pytest.fail("PostgreSQL is not installed: apt-get install --no-install-recommends postgresql")


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _other_user() -> tuple[list[str], int, int]:
    """Give how to run as somebody else: PostgreSQL refuses root."""
    if os.getuid():
        return [], os.getuid(), os.getgid()
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids], user.pw_uid, user.pw_gid
    pytest.fail("there is no user postgres or nobody as whom PostgreSQL could run")


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL for all tests of a session, with few locks: a script must not gather them."""
    with postgres_server("max_connections=10", "max_locks_per_transaction=10") as server:
        yield server


@pytest.fixture(scope="session")
def store_server() -> Iterator[Server]:
    """A PostgreSQL for the stores of a session; it sorts texts as English dictionaries do."""
    english = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
    with postgres_server(locale=english) as server:
        yield server


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    """A Spark in this process for all tests of a session; each opens a session of its own in it."""
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        pytest.fail("Java 17 is not installed: apt-get install openjdk-17-jre-headless")
    with open_engine("spark://local") as engine:
        yield engine
