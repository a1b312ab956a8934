"""No secret in anything that a whole job with Zoho CRM leaves: logs, errors, objects, files.

Everything is logged, by everybody. What comes of it is kept and searched for every secret that the
simulator ever knew, whole, in part, and in base64.
"""

import base64
import gc
import hashlib
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest
from command_company import AT
from zoho_bench import ZohoBench
from zoho_company import ZohoCompany
from zoho_wires import SECRETS, Hands, Said, scripted

from crm_expenses.adapters.contract import FileWrite, Open, Opening
from crm_expenses.adapters.exchange import Limits, Secret
from crm_expenses.adapters.zoho import sdkcalls
from crm_expenses.adapters.zoho.client import ZohoAdapter, open_zoho
from crm_expenses.adapters.zoho.sdk import Sdk
from crm_expenses.adapters.zoho.settings import Needs, zoho_settings
from crm_expenses.adapters.zoho.tokens import exchange_grant
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.cli.app import run
from crm_expenses.core.record import Kind
from crm_expenses.errors import CrmExpensesError
from crm_expenses.messages import LANGUAGES
from crm_expenses.testing.samples import write_back
from crm_expenses.testing.zohosim import Fault
from crm_expenses.testing.zohosim.faults import NOTICES

HOOK: Final = "hook-token-of-32-characters-0001"
WRONG: Final = "client-secret-that-was-mistyped"
BOUNDS: Final = Limits(
    connect_seconds=2, read_seconds=0.3, call_seconds=2, total_seconds=4, attempts_max=2
)
FAULTS: Final = [one for one in Fault if one not in {*NOTICES, Fault.REFRESH_REVOKED}]
OURS: Final = "crm_expenses."
NOT_OURS: Final = ("crm_expenses.testing.",)


class Ears(logging.Handler):
    """Hears everything, and writes it down as a log file would have it."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.heard: dict[str, list[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record with all that it carries."""
        whole = f"{self.format(record)} {record.args!r}"
        self.heard.setdefault(record.name, []).append(whole)


@dataclass
class Kept:
    """What was left, each text once with where it was."""

    texts: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def keep(self, where: str, *texts: str) -> None:
        """Keep texts."""
        for text in texts:
            self.texts.setdefault(text, where)

    def tried(self, name: str, act: Callable[[], object]) -> None:
        """Do something that may fail, and keep all that the failure shows."""
        try:
            act()
        except CrmExpensesError as error:
            self.failed.add(error.code)
            self.error(name, error)

    def error(self, name: str, error: BaseException) -> None:
        """Keep an error, its traceback, and every error behind it."""
        self.keep(name, "".join(traceback.format_exception(error)))
        seen: list[BaseException] = []
        left: list[BaseException | None] = [error]
        while left:
            one = left.pop()
            if one is None or one in seen:
                continue
            seen.append(one)
            left += [one.__cause__, one.__context__]
            shown = [repr(one), str(one), repr(one.args), repr(vars(one))]
            if isinstance(one, CrmExpensesError):
                shown += [one.describe(language) for language in LANGUAGES]
            self.keep(f"{name}: {type(one).__name__}", *shown)

    def objects(self, name: str) -> int:
        """Keep what every object of ours shows of itself; give how many there are."""
        held = [one for one in gc.get_objects() if _is_ours(one)]
        for one in held:
            where = f"{name}: {type(one).__module__}.{type(one).__qualname__}"
            self.keep(where, repr(one), str(one), repr(getattr(one, "__dict__", "")))
        return len(held)

    def files(self, *folders: Path) -> int:
        """Keep the names and the bytes of all files; give how many there are."""
        count = 0
        for folder in folders:
            for path in folder.rglob("*"):
                self.keep("a name", str(path))
                if path.is_file():
                    count += 1
                    self.keep(str(path), path.read_bytes().decode("latin-1"))
        return count

    def seen(self, secrets: Sequence[str]) -> list[tuple[str, str, str]]:
        """Give each secret that was seen, where, and around it."""
        found = []
        for part in {part for secret in secrets for part in parts(secret)}:
            for text, where in self.texts.items():
                at = text.find(part)
                if at >= 0:
                    found.append((part, where, text[max(0, at - 60) : at + 60]))
        return found


def parts(secret: str) -> Iterator[str]:
    """Give what a secret may look like: whole, without its last fifth, and in base64."""
    yield secret
    yield secret[: -max(3, len(secret) // 5)]
    yield base64.b64encode(secret.encode()).decode()[: len(secret)]


def _is_ours(one: object) -> bool:
    module = type(one).__module__
    is_ours = isinstance(module, str) and module.startswith(OURS)
    return is_ours and not module.startswith(NOT_OURS)


class HookedCompany(ZohoCompany):
    """A company that is told of changes."""

    @property
    def further(self) -> str:
        """The part of the settings for it."""
        place = self.folder.parent / "secrets" / "hook"
        return f'[crm.main.webhook]\nsecret_file = "{place}"\ntoken_field = "token"\n'


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ears]:
    """Somebody who hears all loggers at their most talkative."""
    made = Ears()
    known = [
        one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)
    ]
    levels = {one: one.level for one in (logging.root, *known)}
    for one in levels:
        one.setLevel(logging.DEBUG)
    logging.root.addHandler(made)
    yield made
    logging.root.removeHandler(made)
    for one, level in levels.items():
        one.setLevel(level)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for everything: the current one, and the one for temporary files, are in it."""
    for name in ("secrets", "here", "temporary", "job"):
        (tmp_path / name).mkdir()
    (tmp_path / "secrets" / "hook").write_text(HOOK, "utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def commands(company: HookedCompany, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Do a whole job by commands, in this process; give their exit codes."""
    bench = company.bench
    bench.attach("V-1", "receipt.pdf", b"receipt")
    more = company.folder / "more.png"
    more.write_bytes(b"picture")
    settings = ("--settings", str(company.settings))
    voucher = company.id(Kind.VOUCHER, "V-1")
    person = company.id(Kind.ACCOUNT_MANAGER, "P1")
    attach = ("vouchers", "attach", voucher, str(more), "--crm", "main", "--as", person)
    words: list[tuple[str, ...]] = [
        ("doctor",),
        ("crm", "setup", "main", "--plan"),
        ("crm", "setup", "main"),
        ("crm", "notify", "main", "--url", "https://hooks.example.com/main"),
        ("sync", "--at", AT, "--plan"),
        ("sync", "--at", AT),
        attach,
        ("sync", "--at", AT, "--json"),
    ]
    codes = []
    for one in words:
        codes.append(run([*one, *settings]))
        bench.later(700)
    for fault in (Fault.HTML_502, Fault.TRUNCATED, Fault.TOKENS_REVOKED, Fault.SCOPE_MISSING):
        bench.sim.faults.add(fault, "/crm/", times=20)
        codes.append(run(["sync", "--at", AT, *settings]))
        bench.sim.faults.clear()
        bench.later(700)
    return codes


def acts_of(bench: ZohoBench, adapter: ZohoAdapter, sdk: Sdk) -> dict[str, Callable[[], object]]:
    """Give one act of each kind: reading, writing, files, the SDK, jobs, set-up, notifications."""
    voucher = bench.named(Kind.VOUCHER, "V-1")
    content = b"bytes of a file"
    digest = hashlib.sha256(content).hexdigest()
    write = FileWrite("k", voucher, "a.txt", "text/plain", len(content), digest, uncertain=True)
    results = [write_back("main", one) for one in bench.results(adapter.capabilities.writes)]
    return {
        "read": lambda: list(adapter.pull(Kind.LINE, None)),
        "people": lambda: list(adapter.pull(Kind.ACCOUNT_MANAGER, None)),
        "look": lambda: adapter.look(Kind.CLAIM, [bench.named(Kind.CLAIM, "C-1")]),
        "write": lambda: adapter.push([replace(one, uncertain=True) for one in results]),
        "put a file": lambda: adapter.write_file(write, iter([content])),
        "files": lambda: [list(adapter.read_file(one)) for one in adapter.files([voucher])],
        "check": adapter.check,
        "describe": adapter.describe,
        "organisation": lambda: sdkcalls.organisation(sdk),
        "set-up": lambda: adapter.set_up().plan(),
        "hints": lambda: _carried_out(adapter),
        "tend": adapter.tend,
    }


def _carried_out(adapter: ZohoAdapter) -> None:
    held = adapter.hints("https://hooks.example.com/main", Secret(HOOK))
    list(held.carry_out(held.plan()))


def fail_in_every_way(kept: Kept, bench: ZohoBench, hands: Hands) -> None:
    """Do each act under each fault."""
    bench.seed(bench.sample(set(Kind)))
    bench.org.clock = hands.moment
    bench.sim.hang_seconds, bench.sim.slow_seconds = 0.5, 0.1
    adapter = open_zoho(bench.opening(), clock=hands.clock(), limits=BOUNDS)
    bulk = open_zoho(
        Opening("main", {**bench.options, "read_by": "bulk"}), clock=hands.clock(), limits=BOUNDS
    )
    sdk = Sdk(adapter.wire)
    acts = acts_of(bench, adapter, sdk)
    acts["bulk"] = lambda: list(bulk.pull(Kind.CLAIM, None))
    for name, act in acts.items():
        kept.tried(name, act)
    assert not kept.failed
    for fault in FAULTS:
        for name, act in acts.items():
            bench.sim.faults.add(fault, "", times=9)
            kept.tried(f"{name} {fault}", act)
            bench.sim.faults.clear()
            hands.passed += 61
        hands.passed += 86_400  # another day, with credits of its own
    kept.objects("at work")
    bench.sim.faults.add(Fault.REFRESH_REVOKED)
    for name, act in acts.items():
        kept.tried(f"{name} after the end", act)
        hands.passed += 700
    kept.objects("after the end")
    sdk.close()
    adapter.close()
    bulk.close()


def sign_in_in_every_way(kept: Kept, bench: ZohoBench, secrets: Path) -> None:
    """With a wrong secret, a grant token, tokens of the caller's; nothing of it works for long."""
    desk = bench.sim.site.desk
    (secrets / "wrong").write_text(WRONG, "utf-8")
    wrong = {**bench.options, "client_secret_file": str(secrets / "wrong")}
    mistaken = open_zoho(Opening("wrong", wrong))
    kept.tried("wrong secret", mistaken.check)
    kept.tried("wrong secret", lambda: list(mistaken.pull(Kind.LINE, None)))
    assert "zoho.client" in kept.failed
    settings = zoho_settings(Opening("main", bench.options), Needs.CLIENT)
    grant = Secret(desk.new_grant())
    for _ in range(2):  # it serves once
        kept.tried("grant", lambda: kept.keep("granted", repr(_granted(settings, grant))))
    for fault in (Fault.REFRESH_HTML, Fault.REFRESH_DENIED, Fault.TRUNCATED, Fault.CUT):
        bench.sim.faults.add(fault, "/oauth/", times=9)
        again = Secret(desk.new_grant())
        kept.tried(f"grant {fault}", lambda again=again: _granted(settings, again))  # type: ignore[misc]
        bench.sim.faults.clear()
    given = [desk.new_access(), desk.new_access()]
    opened = open_zoho(Opening("given", bench.options), token=Secret(given[0]))
    asked = open_zoho(Opening("asked", bench.options), token=lambda: given[1])
    for one in (opened, asked):
        kept.tried("given", lambda one=one: list(one.pull(Kind.CLAIM, None)))  # type: ignore[misc]
        bench.sim.faults.add(Fault.TOKEN_REFUSED, "/crm/", times=9)
        kept.tried("given", lambda one=one: list(one.pull(Kind.CLAIM, None)))  # type: ignore[misc]
        bench.sim.faults.clear()
    kept.objects("signed in")
    for one in (mistaken, opened, asked):
        one.close()


def _granted(settings: object, grant: Secret) -> object:
    return exchange_grant(settings, grant, gate=Open(), limits=BOUNDS)  # type: ignore[arg-type]


def be_led_away(kept: Kept, secrets: Path) -> None:
    """Follow no redirect, and tell of no secret that an answer repeats."""
    (secrets / "scripted").mkdir()
    with scripted(Said(200)) as away:
        for number, said in enumerate(
            (
                Said(302, headers={"Location": f"{away.url}/crm/v8/org?token={SECRETS[2]}"}),
                Said(307, headers={"Location": "https://www.zohoapis.com/crm/v8/org"}),
                Said(400, {"code": "INVALID_DATA", "message": f"no {SECRETS[2]}", "details": {}}),
                Said(401, {"code": "INVALID_TOKEN", "message": " ".join(SECRETS), "details": {}}),
                Said(500, f"<html>{' '.join(SECRETS)}</html>".encode(), type="text/html"),
                Said(200, f'{{"org": "{SECRETS[2]}'.encode()),
            )
        ):
            with scripted(said) as server, server.wired(secrets / "scripted") as wire:
                for call in (
                    Call("GET", "crm/v8/org"),
                    Call("PUT", "crm/v8/Deals", json={"data": [{"id": "1"}]}),
                ):
                    kept.tried(f"led away {number}", lambda wire=wire, call=call: wire.send(call))  # type: ignore[misc]
                kept.objects(f"led away {number}")
        assert not away.heard
    with (
        scripted(
            token=Said(302, headers={"Location": f"https://x.example/{SECRETS[1]}"})
        ) as server,
        server.wired(secrets / "scripted") as wire,
    ):
        kept.tried("led away with the token", lambda: wire.send(Call("GET", "crm/v8/org")))


def test_no_secret_is_left_anywhere(
    places: Path, ears: Ears, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A whole job, each failure at each act, every way to sign in: nothing shows a secret."""
    kept, private = Kept(), [HOOK, WRONG, *SECRETS]
    benches: list[ZohoBench] = []
    for name in ("commands", "faults", "sign-in"):
        (places / "secrets" / name).mkdir()
        benches.append(ZohoBench(places / "secrets" / name))
    job, failing, signing = benches
    company = HookedCompany(places / "job", job)
    job.seed(company.records())
    codes = commands(company, monkeypatch)
    assert codes[:8] == [0] * 8
    assert set(codes[8:]) <= {0, 3, 4}
    kept.objects("after the job")
    fail_in_every_way(kept, failing, Hands())
    sign_in_in_every_way(kept, signing, places / "secrets")
    be_led_away(kept, places / "secrets")
    out = capfd.readouterr()
    kept.keep("standard output", out.out)
    kept.keep("standard error", out.err)
    for name, texts in ears.heard.items():
        kept.keep(f"log {name}", "\n".join(texts))
    assert kept.files(places / "job", places / "here", places / "temporary") > 3
    for bench in benches:
        private += bench.sim.given_secrets()
        bench.close()
    assert len(kept.failed) > 10, sorted(kept.failed)
    assert {"urllib3.connectionpool", "crm_expenses.transport", "crm_expenses.zoho"} <= {
        *ears.heard
    }
    assert not kept.seen(private)
