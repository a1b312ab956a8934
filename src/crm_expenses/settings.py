"""The settings of one company: its policy, store, connections, roles and report.

A TOML file, by default `crm_expenses.toml`. Paths are relative to the file. What belongs to one
CRM stands in `[crm.NAME]` and is checked by that CRM's adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm_expenses.core.roi import Numerator
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.tomlfile import read_toml, shape_problems

DEFAULT_FILE: Final = "crm_expenses.toml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Part):
    """Who uses it: `[company]`."""

    name: str = Field(min_length=1, max_length=200)
    timezone: str = Field("UTC", description="an IANA name, like Asia/Shanghai")


class PolicyPart(_Part):
    """Which policy decides: `[policy]`."""

    file: str


class StorePart(_Part):
    """Where everything is kept: `[store]`."""

    file: str = "crm_expenses.sqlite3"


class ReportPart(_Part):
    """The report page: `[report]`."""

    file: str = "report.html"
    language: Literal["en", "zh"] = "en"
    months: int = Field(12, ge=1, le=120, description="how many months it looks back")


class ReturnPart(_Part):
    """What counts as return: `[return]`."""

    numerator: Numerator = Numerator.REVENUE
    margin: Decimal = Field(Decimal(1), ge=0, le=1)


class SettingsFile(_Part):
    """A settings file, whole."""

    company: Company
    policy: PolicyPart
    store: StorePart = StorePart()
    report: ReportPart = ReportPart()
    returns: ReturnPart = Field(ReturnPart(), alias="return")
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    crm: dict[str, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Connection:
    """One CRM: its name in the settings, the adapter's name, the adapter's own options."""

    name: str
    adapter: str
    options: Mapping[str, object]


@dataclass(frozen=True)
class Settings:
    """Settings that have been checked; paths are absolute."""

    path: Path
    company: str
    zone: ZoneInfo
    policy: Path
    store: Path
    report: Path
    language: Literal["en", "zh"]
    months: int
    numerator: Numerator
    margin: Decimal
    roles: Mapping[str, tuple[str, ...]]
    connections: Mapping[str, Connection]

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
    try:
        read = SettingsFile.model_validate(toml.data)
    except ValidationError as error:
        names = [info.alias or name for name, info in SettingsFile.model_fields.items()]
        raise ConfigError.of(shape_problems(error, toml, names=names)) from None
    problems: list[Problem] = []
    try:
        zone = ZoneInfo(read.company.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
        values = {"value": read.company.timezone}
        place = toml.place("company", "timezone")
        problems.append(Problem("settings.timezone", values, place))
    connections = {}
    for name, table in read.crm.items():
        adapter = table.get("adapter")
        if not isinstance(adapter, str):
            values = {"name": name}
            problems.append(Problem("settings.no_adapter", values, toml.place("crm", name)))
            continue
        options = {key: value for key, value in table.items() if key != "adapter"}
        connections[name] = Connection(name, adapter, options)
    if read.returns.numerator is Numerator.REVENUE and read.returns.margin != 1:
        values = {"value": str(read.returns.margin)}
        problems.append(Problem("settings.margin", values, toml.place("return", "margin")))
    if problems:
        raise ConfigError.of(problems)
    base = path.resolve().parent
    return Settings(
        path=path.resolve(),
        company=read.company.name,
        zone=zone,
        policy=base / read.policy.file,
        store=base / read.store.file,
        report=base / read.report.file,
        language=read.report.language,
        months=read.report.months,
        numerator=read.returns.numerator,
        margin=read.returns.margin,
        roles=read.roles,
        connections=connections,
    )


def settings_schema() -> dict[str, Any]:
    """Give the JSON Schema of a settings file, for editors."""
    schema = SettingsFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
