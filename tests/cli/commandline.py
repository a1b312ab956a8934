"""The command line as tests use it: in this process, in a child, and on a terminal; and a company.

Every expected figure in these tests was computed on paper from what stands here.
"""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

import crm_expenses
from crm_expenses.cli import run

SOURCE: Final = str(Path(crm_expenses.__file__).resolve().parents[1])
AT: Final = "2026-03-31T20:00:00+08:00"
PATIENCE: Final = 120


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  what a script reads
        """Standard output, which is one JSON value and nothing else."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output, which is one JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Ran:
    """Run a command in this process."""
    capsys.readouterr()
    code = run(list(words))
    out, err = capsys.readouterr()
    return Ran(code, out, err)


def environment(**more: str) -> dict[str, str]:
    """Give the environment of a child: it finds the package, and speaks English."""
    paths = [SOURCE, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "LANG": "C.UTF-8", **more}


def child(*words: str, cwd: Path, program: Iterable[str] = (), **more: str) -> Ran:
    """Run a command in a process of its own; `program` stands for `-m crm_expenses`."""
    command = [sys.executable, *(program or ("-m", "crm_expenses")), *words]
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def on_terminal(*words: str, cwd: Path, width: int = 200, is_piped: bool = False) -> Ran:
    """Run a command on a terminal: all it shows there is `err`, and `out` is what it was piped."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    command = [sys.executable, "-m", "crm_expenses", *words]
    running = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(TERM="xterm-256color"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if is_piped else theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        shown = _until_closed(ours)
        piped = running.stdout.read() if running.stdout else b""
        code = running.wait(PATIENCE)
    finally:
        running.kill()
        running.wait()
        os.close(ours)
        if running.stdout:
            running.stdout.close()
    return Ran(code, piped.decode(), shown.decode())


def _until_closed(terminal: int) -> bytes:
    shown, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux tells that the other end is closed
            return shown
        if not part:
            return shown
        shown += part
    raise TimeoutError(shown[-500:])


def contents(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


POLICY: Final = """
[policy]
id = "small"
version = "1"
language = 1
currency = "CNY"
title = { en = "Small", zh = "小" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }
alcohol = { name = { en = "Alcohol", zh = "酒" } }

[parameter.meal_day]
type = "money"
values = [{ from = 2020-01-01, is = 150 }]

[parameter.gift_item]
type = "money"
values = [{ from = 2020-01-01, is = 500 }]

[[rule]]
code = "meal.day"
kind = "limit"
on = ["meal"]
title = { en = "Meals a day", zh = "每日餐费" }
per = ["person"]
period = "day"
at_most = "meal_day"

[[rule]]
code = "gift.item"
kind = "limit"
effect = "justify"
on = ["gift"]
title = { en = "Gifts", zh = "礼品" }
at_most = "gift_item"

[[rule]]
code = "alcohol.none"
kind = "forbid"
on = ["alcohol"]
title = { en = "Alcohol", zh = "酒" }
that = "amount > 0"
message = { en = "{amount} for alcohol", zh = "酒 {amount}" }
"""

SETTINGS: Final = """
[company]
name = "Small 小公司"
timezone = "Asia/Shanghai"

[policy]
file = "policy.toml"

[store]
file = "store.sqlite3"

[return]
numerator = "margin"
margin = "0.5"

[crm.main]
adapter = "files"
folder = "crm"
mapping = "mapping.toml"
"""

TABLES: Final = {
    "account_manager": """
id,name,team,manager
P1,王芳,East,P3
P2,Li Lei,East,P3
P3,Zhao Min,Sales,
""",
    "account": """
id,name,owner
A-1,东方贸易,P1
A-2,Nordwind GmbH,P1
A-3,Acme,P2
""",
    "opportunity": """
id,owner,stage,account,amount,currency,closed
O-1,P1,won,A-1,10000,CNY,2024-06-10
O-2,P1,won,A-1,15000,CNY,2025-09-01
O-3,P1,won,A-2,5000,CNY,2025-10-01
O-4,P1,lost,A-2,70000,CNY,2025-11-01
""",
    "satisfaction": """
id,account,day,score
S-1,A-1,2025-05-01,4
S-2,A-1,2025-08-01,5
S-3,A-1,2026-01-01,3
S-4,A-3,2026-01-01,5
""",
    "cost": """
id,person,month,kind,amount,currency
X-1,P1,2026-02-01,salary,4350,CNY
X-2,P2,2026-01-01,salary,940,CNY
""",
    "budget": """
id,scope,start,end,amount,currency,owner,hard,responsible,name
B-1,person,2026-01-01,2026-12-31,1000,CNY,P1,true,P3,王芳 2026
B-2,team,2026-01-01,2026-12-31,3000,CNY,East,false,,East 2026
""",
    "claim": """
id,person,submitted,status
C-1,P1,2026-03-05T09:00:00+08:00,submitted
C-2,P1,2026-03-06T09:00:00+08:00,submitted
C-3,P2,2026-03-07T09:00:00+08:00,submitted
C-4,P2,2026-03-08T09:00:00+08:00,paid
C-5,P2,2026-03-09T09:00:00+08:00,draft
""",
    "line": """
id,claim,date,category,amount,currency
L-1,C-1,2026-03-02,meal,120,CNY
L-2,C-1,2026-03-02,meal,80,CNY
L-3,C-2,2026-03-03,gift,700,CNY
L-4,C-3,2026-03-03,alcohol,50,CNY
L-5,C-4,2026-03-03,meal,60,CNY
L-6,C-5,2026-03-03,meal,30,CNY
L-7,C-1,2026-03-03,gift,"1,234.5x",CNY
""",
}
"""30 rows. Claims: C-1 150 of 200, C-2 500 of 700 and a reason, C-3 rejected, C-4 60 and paid, C-5
no more than a draft; the line L-7 cannot be read."""

ROWS: Final = 30
RESULTS: Final = 11
"""Written back: 4 claims, 5 lines, 2 budgets."""


def write_company(folder: Path) -> Path:
    """Write the company: settings, policy, mapping, and the CRM as a folder of CSV files."""
    mapping = "[mapping]\nversion = 1\n"
    crm = folder / "crm"
    crm.mkdir(parents=True)
    for kind, table in TABLES.items():
        (crm / f"{kind}.csv").write_text(table.lstrip(), encoding="utf-8")
        columns = table.split()[0].split(",")
        fields = "".join(f'{column} = "{column}"\n' for column in columns)
        mapping += (
            f'\n[[source]]\nkind = "{kind}"\nfiles = ["{kind}.csv"]\n[source.fields]\n{fields}'
        )
    for name, text in (
        ("mapping.toml", mapping),
        ("policy.toml", POLICY),
        ("crm_expenses.toml", SETTINGS),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def connect(folder: Path, **adapters: str) -> None:
    """Add connections with an adapter of `PLUG_IN` (or `files`) to the settings."""
    with (folder / "crm_expenses.toml").open("a", encoding="utf-8") as settings:
        for name, adapter in adapters.items():
            settings.write(f'\n[crm.{name}]\nadapter = "{adapter}"\n')
            if adapter == "files":
                settings.write('folder = "crm"\nmapping = "mapping.toml"\n')


SECRET: Final = "token-4711"  # noqa: S105  what must not be shown
PLUG_IN: Final = "tiny_crms"
ADAPTERS: Final = (
    "away",
    "shut",
    "closed",
    "faulty",
    "quarrel",
    "slow",
    "lasting",
    "polite",
    "nosy",
)
CODE: Final = f"""
import time
from datetime import UTC, date, datetime
from pathlib import Path

from crm_expenses.adapters.memory import Failure, Fault, MemoryAdapter, MemoryCrm, Step
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager


def _made(name, *faults):
    crm = MemoryCrm()
    crm.put(AccountManager("P1", "王芳"))
    crm.put(Claim("C-1", "P1", datetime(2026, 3, 5, 9, tzinfo=UTC)))
    crm.put(ExpenseLine("L-1", "C-1", date(2026, 3, 2), "meal", Money.of("20", "CNY")))
    return MemoryAdapter(name, crm, faults=[Fault(*fault) for fault in faults])


def away(opening):
    return _made(opening.name, (Step.PULL, 1, Failure.UNAVAILABLE))


def shut(opening):
    return _made(opening.name, (Step.PULL, 1, Failure.AUTH))


def closed(opening):
    return _made(opening.name, *((Step.PUSH, n, Failure.REFUSED) for n in range(1, 9)))


def quarrel(opening):
    return _made(opening.name, (Step.WRITE, 1, Failure.CONFLICT))


CRMS = {{}}
FAULTS = []


def lasting(opening):
    made = CRMS.setdefault(opening.name, _made(opening.name).crm)
    faults, FAULTS[:] = list(FAULTS), []
    return MemoryAdapter(opening.name, made, faults=faults)


class Faulty(MemoryAdapter):
    def pull(self, kind, since):
        raise ValueError("{SECRET}")


def faulty(opening):
    return Faulty(opening.name)


class Slow(MemoryAdapter):
    base = Path()

    def push(self, writes):
        (self.base / "pushing").touch()
        time.sleep({PATIENCE})


def polite(opening):
    return MemoryAdapter(opening.name, _made(opening.name).crm, gate=opening.gate)


class Nosy(MemoryAdapter):
    def check(self):
        self._gate.enter()
        return super().check()


def nosy(opening):
    return Nosy(opening.name, _made(opening.name).crm, gate=opening.gate)


def slow(opening):
    made = _made(opening.name)
    opened = Slow(opening.name, made.crm)
    opened.base = opening.base
    return opened
"""


def install_plug_ins(folder: Path) -> Path:
    """Write a distribution whose entry points are the CRMs above."""
    info = folder / "tiny_crms-1.0.dist-info"
    info.mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: tiny-crms\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    entries = "".join(f"{name} = {PLUG_IN}:{name}\n" for name in ADAPTERS)
    points = f"[crm_expenses.adapters]\n{entries}"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    (folder / f"{PLUG_IN}.py").write_text(CODE, encoding="utf-8")
    return folder
