"""The settings of one company: its policy, store, connections, roles and report.

A TOML file, by default `crm_expenses.toml`. Paths are relative to the file. What belongs to one
CRM stands in `[crm.NAME]` and is checked by that CRM's adapter.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm_expenses.address import Address, store_address
from crm_expenses.core.fiscal import FiscalCalendar, WeekPattern, YearName
from crm_expenses.core.ownclaim import OWN, PREFIX
from crm_expenses.core.record import Kind
from crm_expenses.core.roi import Numerator
from crm_expenses.crmsettings import (
    PARTS,
    ROLLING,
    CrmParts,
    LimitsPart,
    Signed,
    SyncPart,
    WebhookPart,
    parts_of,
)
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.signing import NO_KEY, KeyPlace
from crm_expenses.tomlfile import TomlFile, read_toml, shape_problems

DEFAULT_FILE: Final = "crm_expenses.toml"
CALENDAR_YEAR: Final = FiscalCalendar()
FILES: Final = "vouchers"
FILE_BYTES_MAX: Final = 50_000_000
HIDDEN: Final = "***"
"""Stands in a message for a value that may be a secret."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Part):
    """Who uses it: `[company]`."""

    name: str = Field(min_length=1, max_length=200)
    timezone: str = Field("UTC", description="an IANA name, like Asia/Shanghai")


class PolicyPart(_Part):
    """Which policy decides: `[policy]`."""

    file: str = Field(min_length=1)
    plug_ins: tuple[str, ...] = Field((), description="names of plug-in rules that may run")


class StorePart(_Part):
    """Where everything is kept: `[store]`, in a file or on a server."""

    file: str = Field("crm_expenses.sqlite3", min_length=1)
    url: str = Field("", repr=False, description="the address of a schema of PostgreSQL")
    files: str = Field(FILES, min_length=1, description="the folder of vouchers' files")
    file_bytes_max: int = Field(
        FILE_BYTES_MAX, ge=1, strict=True, description="a larger file is not fetched"
    )


class AuditPart(_Part):
    """The key that signs checkpoints of the log: `[audit]`; one of the two, or neither."""

    key_file: str = Field("", description="a PEM file with an Ed25519 private key")
    key_variable: str = Field("", description="the environment variable that holds such a key")


class IdentityPart(_Part):
    """Who acts by our own commands: `[identity]`."""

    person: str = Field("", max_length=200, description="the id of a person of the CRM")


class ClaimsPart(_Part):
    """Claims that are made here: `[claims]`."""

    prefix: str = Field(
        PREFIX, pattern="^[A-Z][A-Z0-9]{0,11}$", description="leads the numbers of claims"
    )
    people: str = Field("", description="a CSV file of people, for a company without a CRM")
    rates: str = Field("", description="a file of exchange rates, for a company without a CRM")


class ReportPart(_Part):
    """The report page: `[report]`."""

    file: str = Field("report.html", min_length=1)
    language: Literal["en", "zh"] = "en"
    months: int = Field(12, ge=1, le=120, strict=True, description="how many months it looks back")


class ReturnPart(_Part):
    """What counts as return: `[return]`."""

    numerator: Numerator = Numerator.REVENUE
    margin: Decimal = Field(Decimal(1), ge=0, le=1)


class FiscalPart(_Part):
    """The company's year, by which plans of budgets name periods: `[fiscal]`."""

    start: str = Field("01-01", description="month and day of the first day, like 04-01")
    named: YearName = Field(YearName.END, description="after which calendar year it is called")
    weeks: WeekPattern | None = Field(None, description="months of whole weeks, like 4-4-5")


MINUTES_OF_HOUR: Final = 60


class WorkerPart(_Part):
    """When workers run each CRM: `[worker]`."""

    every_minutes: Literal[
        0, 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720
    ] = Field(0, description="so often, by the clock in UTC; 0: not by themselves")
    cron: str = Field("", max_length=100, description="or five fields of cron, in UTC")

    @property
    def schedule(self) -> str:
        """The schedule as cron writes it; empty for none.

        >>> WorkerPart(every_minutes=15).schedule, WorkerPart(every_minutes=120).schedule
        ('*/15 * * * *', '0 */2 * * *')
        """
        minutes = self.every_minutes
        if not minutes:
            return self.cron
        if minutes < MINUTES_OF_HOUR:
            return f"*/{minutes} * * * *"
        return f"0 */{minutes // MINUTES_OF_HOUR} * * *"


class SettingsFile(_Part):
    """A settings file, whole."""

    company: Company
    policy: PolicyPart
    store: StorePart = StorePart()
    audit: AuditPart = AuditPart()
    identity: IdentityPart = IdentityPart()
    claims: ClaimsPart = ClaimsPart()
    report: ReportPart = ReportPart()
    returns: ReturnPart = Field(ReturnPart(), alias="return")
    fiscal: FiscalPart = FiscalPart()
    worker: WorkerPart = WorkerPart()
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    crm: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)


_MONTH_AND_DAY: Final = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)
_PARTS: Final[Mapping[str, type[BaseModel]]] = {
    "company": Company,
    "policy": PolicyPart,
    "store": StorePart,
    "audit": AuditPart,
    "identity": IdentityPart,
    "claims": ClaimsPart,
    "report": ReportPart,
    "return": ReturnPart,
    "fiscal": FiscalPart,
    "worker": WorkerPart,
}


@dataclass(frozen=True)
class Connection:
    """One CRM: its name in the settings, the adapter's name, the adapter's own options.

    Options may hold secrets, so that they are not shown. `parts` is what the engine is told.
    """

    name: str
    adapter: str
    options: Mapping[str, object] = field(repr=False)
    parts: CrmParts = field(default_factory=CrmParts)


@dataclass(frozen=True)
class Settings:
    """Settings that have been checked; paths are absolute."""

    path: Path
    company: str
    zone: ZoneInfo
    policy: Path
    store: Path | Address
    report: Path
    language: Literal["en", "zh"]
    months: int
    numerator: Numerator
    margin: Decimal
    roles: Mapping[str, tuple[str, ...]]
    connections: Mapping[str, Connection]
    plug_ins: tuple[str, ...] = ()
    audit_key: KeyPlace = NO_KEY
    fiscal: FiscalCalendar = CALENDAR_YEAR
    person: str = ""
    claims: ClaimsPart = field(default_factory=ClaimsPart)
    worker: WorkerPart = field(default_factory=WorkerPart)
    files: str = FILES
    file_bytes_max: int = FILE_BYTES_MAX

    @property
    def files_folder(self) -> Path:
        """The folder of vouchers' files."""
        return self.base / self.files

    @property
    def base(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.parent

    def connection(self, name: str | None) -> Connection:
        """Give the connection of a name, or the only one there is.

        Raises:
            ConfigError: no such connection, or several and none named.
        """
        known = ", ".join(sorted(self.connections)) or "-"
        if name is None and len(self.connections) == 1:
            return next(iter(self.connections.values()))
        if name is None:
            raise ConfigError("settings.which_crm", known=known)
        if name not in self.connections:
            raise ConfigError("settings.no_crm", name=name, known=known)
        return self.connections[name]


def load_settings(path: Path) -> Settings:
    """Load a settings file.

    Raises:
        ConfigError: there is none, or it has mistakes; carries all of them with their places.
    """
    if not path.is_file():
        raise ConfigError("settings.no_file", path=str(path))
    toml = read_toml(path)
    problems: list[Problem] = []
    read = None
    try:
        read = SettingsFile.model_validate(toml.data)
    except ValidationError as error:
        names = [info.alias or name for name, info in SettingsFile.model_fields.items()]
        problems += map(_plainer, shape_problems(error, toml, names=names))
    zone, wrong_zone = _zone(toml)
    connections, unnamed = _connections(toml)
    address, wrong_store = _store_address(toml)
    fiscal, wrong_year = _fiscal(toml)
    problems += [*wrong_zone, *wrong_store, *unnamed, *_margin_problems(toml), *wrong_year]
    problems += _worker_problems(toml)
    if read is None or problems:
        raise ConfigError.of(problems)
    base = path.resolve().parent
    return Settings(
        path=path.resolve(),
        company=read.company.name,
        zone=zone,
        policy=base / read.policy.file,
        store=address or base / read.store.file,
        report=base / read.report.file,
        language=read.report.language,
        months=read.report.months,
        numerator=read.returns.numerator,
        margin=read.returns.margin,
        roles=read.roles,
        connections=connections,
        plug_ins=read.policy.plug_ins,
        audit_key=KeyPlace(
            base / read.audit.key_file if read.audit.key_file else None, read.audit.key_variable
        ),
        fiscal=fiscal,
        person=read.identity.person.strip(),
        claims=read.claims,
        worker=read.worker,
        files=read.store.files,
        file_bytes_max=read.store.file_bytes_max,
    )


def _plainer(problem: Problem) -> Problem:
    """Name what the table in question knows, and show no value that may be a secret."""
    values = dict(problem.values)
    table, _, name = values["name"].rpartition(".")
    part = _PARTS.get(table)
    if problem.code == "toml.unknown_name":
        values["value"] = HIDDEN
        if part is not None:
            known = list(part.model_fields)
            values["names"] = ", ".join(difflib.get_close_matches(name, known, n=1) or known)
    if values["name"].partition(".")[0] == "crm":
        values["value"] = HIDDEN
    return replace(problem, values=values)


def _table(toml: TomlFile, name: str) -> Mapping[str, Any]:
    """Give a table of the file; empty where it is none, which the shape's check tells."""
    held = toml.data.get(name)
    return held if isinstance(held, Mapping) else {}


_NAMES: Final = (
    *SyncPart.model_fields,
    *LimitsPart.model_fields,
    *WebhookPart.model_fields,
    *(kind.value for kind in Kind),
)


def _zone(toml: TomlFile) -> tuple[ZoneInfo, tuple[Problem, ...]]:
    name = _table(toml, "company").get("timezone", "UTC")
    try:
        return ZoneInfo(name) if isinstance(name, str) else ZoneInfo("UTC"), ()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place = toml.place("company", "timezone")
        return ZoneInfo("UTC"), (Problem("settings.timezone", {"value": name}, place),)


def _store_address(toml: TomlFile) -> tuple[Address | None, tuple[Problem, ...]]:
    """Give the address of a store on a server; its text is never told."""
    table = _table(toml, "store")
    url = table.get("url")
    if not isinstance(url, str):
        return None, ()
    place = toml.place("store", "url")
    if "file" in table:
        return None, (Problem("store.both", {}, place),)
    try:
        return store_address(url), ()
    except ConfigError as error:
        return None, tuple(replace(problem, place=place) for problem in error.problems)


def _connections(toml: TomlFile) -> tuple[dict[str, Connection], list[Problem]]:
    found, problems = {}, []
    for name, table in _table(toml, "crm").items():
        if not isinstance(table, Mapping):
            continue  # told already
        adapter = table.get("adapter")
        if not isinstance(adapter, str):
            place = toml.place("crm", name)
            problems.append(Problem("settings.no_adapter", {"name": name}, place))
            continue
        own = {key: value for key, value in table.items() if key not in ("adapter", *PARTS)}
        try:
            found[name] = Connection(name, adapter, own, parts_of(table))
        except ValidationError as error:
            wrong = shape_problems(error, toml, ("crm", name), names=_NAMES)
            problems += map(_plainer, wrong)
            continue
        problems += _part_problems(toml, name, found[name].parts)
    if OWN in found:
        problems.append(Problem("settings.own_name", {"name": OWN}, toml.place("crm", OWN)))
    if _table(toml, "claims").get("people"):
        found[OWN] = Connection(OWN, OWN, {})
    return found, problems


def _part_problems(toml: TomlFile, name: str, parts: CrmParts) -> Iterator[Problem]:
    """Say what is wrong with the engine's part of a connection, taken together."""
    limits = parts.limits
    if 0 < limits.calls_per_day <= limits.reserve:  # without one, the adapter may know it
        values = {"crm": name, "value": str(limits.reserve), "limit": str(limits.calls_per_day)}
        yield Problem("settings.reserve", values, toml.place("crm", name, "limits", "reserve"))
    try:
        ZoneInfo("UTC" if limits.day_zone == ROLLING else limits.day_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place = toml.place("crm", name, "limits", "day_zone")
        yield Problem("settings.day_zone", {"crm": name, "value": limits.day_zone}, place)
    if parts.webhook is not None:
        yield from _webhook_problems(toml, name, parts.webhook)


def _webhook_problems(toml: TomlFile, name: str, part: WebhookPart) -> Iterator[Problem]:
    """Say what is wrong with a webhook."""
    places = bool(part.secret_variable) + bool(part.secret_file)
    if places != 1:
        values = {"crm": name, "count": str(places)}
        yield Problem("webhook.secret_place", values, toml.place("crm", name, "webhook"))
    if bool(part.signature_header) == bool(part.token_field):
        yield Problem("webhook.proof", {"crm": name}, toml.place("crm", name, "webhook"))
    if part.signed is Signed.TIMED and not part.timestamp_header:
        place = toml.place("crm", name, "webhook", "signed")
        yield Problem("webhook.timestamp", {"crm": name}, place)


def _margin_problems(toml: TomlFile) -> tuple[Problem, ...]:
    """Say where a margin stands beside revenue, with which it has no meaning."""
    try:
        read = ReturnPart.model_validate(_table(toml, "return"))
    except ValidationError:
        return ()  # told already
    if read.numerator is not Numerator.REVENUE or read.margin == 1:
        return ()
    place = toml.place("return", "margin")
    return (Problem("settings.margin", {"value": str(read.margin)}, place),)


def _worker_problems(toml: TomlFile) -> tuple[Problem, ...]:
    """Say where workers are given two schedules."""
    table = _table(toml, "worker")
    if not (table.get("every_minutes") and table.get("cron")):
        return ()
    return (Problem("worker.both", {}, toml.place("worker", "cron")),)


def _fiscal(toml: TomlFile) -> tuple[FiscalCalendar, tuple[Problem, ...]]:
    """Give the company's year."""
    try:
        read = FiscalPart.model_validate(_table(toml, "fiscal"))
    except ValidationError:
        return CALENDAR_YEAR, ()  # told already
    try:
        return year_from(read.start, read.named, read.weeks), ()
    except ConfigError as error:
        place = toml.place("fiscal", "start")
        return CALENDAR_YEAR, tuple(replace(problem, place=place) for problem in error.problems)


def year_from(start: str, named: YearName, weeks: WeekPattern | None) -> FiscalCalendar:
    """Give a company's year; its first day is written as month and day.

    Raises:
        ConfigError: that is no first day of a year.

    >>> year_from("04-06", YearName.START, None).month
    4
    """
    found = _MONTH_AND_DAY.fullmatch(start)
    try:
        if found is not None:
            return FiscalCalendar(int(found[1]), int(found[2]), named, weeks)
    except ValueError:
        pass
    raise ConfigError("budgets.year_start", value=start[:20] or "-")


def settings_schema() -> dict[str, Any]:
    """Give the JSON Schema of a settings file, for editors."""
    schema = SettingsFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
