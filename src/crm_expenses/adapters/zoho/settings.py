"""What the user says in `[crm.NAME]` of a Zoho CRM: checked whole, every mistake told at once."""

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_expenses.adapters.contract import Opening
from crm_expenses.adapters.exchange import Secret
from crm_expenses.adapters.zoho.centres import (
    CENTRES,
    Addresses,
    Environment,
    addresses_of,
    host_of,
    with_token_path,
)
from crm_expenses.adapters.zoho.modules import RETURNS
from crm_expenses.core.currencies import EXPONENTS
from crm_expenses.core.opportunity import Stage
from crm_expenses.core.record import Kind
from crm_expenses.crmsettings import PARTS
from crm_expenses.errors import ConfigError, Problem

SECRET_BYTES_MAX: Final = 20_000
USERS_MAX: Final = 1_000_000
SECONDS_MAX: Final = 7 * 86_400
BULK_SECONDS: Final = 1_800
"""So long a bulk job is waited for; 0 makes none."""
DELETED_DAYS: Final = 59
"""The recycle bin keeps sixty days; a day less, for the clocks of both sides."""
DELETED_DAYS_MAX: Final = 120

Choice = TypeVar("Choice", bound=StrEnum)

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}", re.ASCII)
_VERSION: Final = re.compile(r"v[0-9]{1,2}(\.[0-9])?", re.ASCII)
_TEXT: Final = re.compile(r"[\x21-\x7e]{1,200}")
_ORGANISATION: Final = re.compile(r"[0-9]{1,30}", re.ASCII)
_UNSAFE_IN_URL: Final = re.compile(r"[\x00-\x20\x7f\\]")
_ADDRESSES: Final = ("accounts", "api", "content")


class Edition(StrEnum):
    """What the organisation has bought; its allowance of calls grows with it."""

    FREE = "free"
    STANDARD = "standard"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"
    ULTIMATE = "ultimate"


class ReadBy(StrEnum):
    """How records are read: `auto` chooses by how many there are."""

    AUTO = "auto"
    COQL = "coql"
    LIST = "list"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class ZohoSettings:
    """The settings of one connection; secrets are shown nowhere.

    `refresh_token` is empty where tokens are given by the caller (`access_token`, or a callable of
    Python) and before signing in. `modules` has the API name of a kind's module, empty for a kind
    that is not read. `fields` are the user's own names of fields, by kind. `stages` says what a
    stage of a deal means. `settle_seconds` and `overlap_seconds` say how far a reading goes back
    (`adapters.timecursor`), `deleted_seconds` how often what was deleted is asked for at most (None
    is as usual for the edition), `deleted_days` how long the organisation remembers it;
    `bulk_seconds` how long a bulk job is waited for, 0 for no such jobs. `returns` is the module of
    return figures, empty where they are not written.
    """

    crm: str
    addresses: Addresses
    client_id: str = ""
    client_secret: Secret = field(default_factory=lambda: Secret(""), repr=False)
    refresh_token: Secret = field(default_factory=lambda: Secret(""), repr=False)
    access_token: Secret | None = field(default=None, repr=False)
    edition: Edition = Edition.ENTERPRISE
    users: int = 1
    organisation: str = ""
    zone: ZoneInfo | None = None
    currency: str = ""
    version: str = "v8"
    read_by: ReadBy = ReadBy.AUTO
    modules: Mapping[Kind, str] = field(default_factory=dict)
    fields: Mapping[Kind, Mapping[str, str]] = field(default_factory=dict)
    stages: Mapping[str, Stage] = field(default_factory=dict)
    settle_seconds: int = 60
    overlap_seconds: int = 60
    deleted_seconds: int | None = None
    deleted_days: int = 59
    bulk_seconds: int = BULK_SECONDS
    returns: str = RETURNS.name
    private_addresses: bool = False
    plain_http: bool = False


class Needs(StrEnum):
    """Which credentials must be there."""

    TOKEN = "token"  # noqa: S105  a word
    """Those that give an access token: a refresh token with its client, or one that is given."""
    CLIENT = "client"
    """The client and its secret: a grant token is about to be exchanged."""
    NOTHING = "nothing"
    """None: the caller gives the access token itself."""


def zoho_settings(opening: Opening, needs: Needs = Needs.TOKEN) -> ZohoSettings:
    """Read the settings of a connection.

    Raises:
        ConfigError: with every mistake: an option that is missing, unknown or of the wrong form, a
            secret that is nowhere, an address that is not https.
    """
    read = _Reader(opening)
    plain_http = read.flag("plain_http")
    made = ZohoSettings(
        opening.name,
        read.addresses(plain_http=plain_http),
        client_id=read.text("client_id", _TEXT),
        client_secret=read.secret("client_secret", is_needed=needs is not Needs.NOTHING),
        refresh_token=read.secret("refresh_token", is_needed=needs is Needs.TOKEN),
        access_token=read.given_token(is_needed=needs is Needs.TOKEN),
        edition=read.one_of("edition", Edition, Edition.ENTERPRISE),
        users=read.whole("users", 1, USERS_MAX),
        organisation=read.text("organisation", _ORGANISATION),
        zone=read.zone(),
        currency=read.currency(),
        version=read.text("version", _VERSION) or "v8",
        read_by=read.one_of("read_by", ReadBy, ReadBy.AUTO),
        modules=read.modules(),
        fields=opening.fields,
        stages=read.stages(),
        settle_seconds=read.whole("settle_seconds", 0, SECONDS_MAX, 60),
        overlap_seconds=read.whole("overlap_seconds", 0, SECONDS_MAX, 60),
        deleted_seconds=read.maybe_whole("deleted_seconds", 0, SECONDS_MAX),
        deleted_days=read.whole("deleted_days", 1, DELETED_DAYS_MAX, DELETED_DAYS),
        bulk_seconds=read.whole("bulk_seconds", 0, SECONDS_MAX, BULK_SECONDS),
        returns=read.returns(),
        private_addresses=read.flag("private_addresses"),
        plain_http=plain_http,
    )
    read.demand(needs)
    read.unknown()
    if read.problems:
        raise ConfigError.of(read.problems)
    return made


def edition_and_users(options: Mapping[str, object]) -> tuple[Edition, int]:
    """Give what the allowance follows from; what is wrong with it is told by `zoho_settings`.

    >>> edition_and_users({"edition": "standard", "users": 12})
    (<Edition.STANDARD: 'standard'>, 12)
    """
    read = _Reader(Opening("-", options))
    edition = read.one_of("edition", Edition, Edition.ENTERPRISE)
    return edition, read.whole("users", 1, USERS_MAX)


class _Reader:
    """Reads options one by one, and keeps what is wrong with them."""

    def __init__(self, opening: Opening) -> None:
        self._crm = opening.name
        self._options = opening.options
        self._base = opening.base
        self._known = ["adapter", *PARTS]
        self.problems: list[Problem] = []

    def text(self, name: str, form: re.Pattern[str]) -> str:
        """Give a text, empty where it is not there."""
        held = self._held(name)
        if held is None:
            return ""
        text = str(held) if isinstance(held, int) and not isinstance(held, bool) else held
        if not isinstance(text, str) or not form.fullmatch(text):
            self._wrong("zoho.text", name=name)
            return ""
        return text

    def flag(self, name: str) -> bool:
        """Give yes or no; no where it is not there."""
        held = self._held(name)
        if held is not None and not isinstance(held, bool):
            self._wrong("zoho.flag", name=name)
        return held is True

    def returns(self) -> str:
        """Give the module of return figures, empty where the user wants none there."""
        return "" if self._held("returns") == "" else self.text("returns", _NAME) or RETURNS.name

    def maybe_whole(self, name: str, least: int, most: int) -> int | None:
        """Give a whole number, None where it is not there."""
        return None if self._options.get(name) is None else self.whole(name, least, most)

    def whole(self, name: str, least: int, most: int, usual: int | None = None) -> int:
        """Give a whole number, the usual one (or the least) where it is not there."""
        held = self._held(name)
        if held is None:
            return least if usual is None else usual
        if not isinstance(held, int) or isinstance(held, bool) or not least <= held <= most:
            self._wrong("zoho.whole", name=name, least=str(least), limit=str(most))
            return least
        return held

    def one_of(self, name: str, choices: type[Choice], usual: Choice) -> Choice:
        """Give one of some words."""
        held = self._held(name)
        if held is None:
            return usual
        try:
            return choices(str(held))
        except ValueError:
            known = [one.value for one in choices]
            self._no_choice(name, str(held), known)
            return usual

    def given_token(self, *, is_needed: bool) -> Secret | None:
        """Give the access token that the user gives; None where no place is named for one."""
        held = self.secret("access_token", is_needed=is_needed)
        return held if is_needed and self.names("access_token") else None

    def secret(self, name: str, *, is_needed: bool) -> Secret:
        """Give a secret from where the settings say it is, empty where they do not say."""
        variable, file = self._held(f"{name}_variable"), self._held(f"{name}_file")
        if not is_needed or (variable is None and file is None):
            return Secret("")
        if variable is not None and file is not None:
            self._wrong("zoho.secret_place", name=name)
            return Secret("")
        place = str(file if file is not None else variable)
        text = _from_file(self._base / place) if file else os.environ.get(place, "").strip()
        if not text:
            self._wrong("zoho.no_secret", name=name, place=place[:200])
        elif not _SECRET.fullmatch(text):
            self._wrong("zoho.secret_form", name=name, place=place[:200])
        return Secret(text)

    def names(self, name: str) -> bool:
        """Say whether a place is named for a secret."""
        return any(f"{name}_{place}" in self._options for place in ("variable", "file"))

    def addresses(self, *, plain_http: bool) -> Addresses:
        """Give where this CRM is: its data centre's addresses, and the user's own over them."""
        centre, own = self._held("data_centre"), self._table("addresses", _ADDRESSES)
        environment = self.one_of("environment", Environment, Environment.PRODUCTION)
        for name, address in own.items():
            fault = _address_fault(address, plain_http=plain_http)
            if fault:
                self._wrong(fault, name=name, host=host_of(address))
        usual = None
        if isinstance(centre, str) and centre in CENTRES:
            usual = addresses_of(centre, environment)
        elif len(own) < len(_ADDRESSES):  # with all three, the name of the centre matters to nobody
            known = ", ".join(CENTRES)
            self._wrong("zoho.centre", value=str(centre)[:60] if centre else "-", known=known)
        made = usual or Addresses("https://-", "https://-", "https://-")
        return Addresses(
            accounts=with_token_path(_sound(own.get("accounts"), made.accounts)),
            api=_sound(own.get("api"), made.api),
            content=_sound(own.get("content"), made.content),
        )

    def zone(self) -> ZoneInfo | None:
        """Give the company's zone."""
        held = self._held("timezone")
        if held is None:
            return None
        try:
            return ZoneInfo(str(held))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.problems.append(Problem("settings.timezone", {"value": str(held)[:60]}))
            return None

    def currency(self) -> str:
        """Give the organisation's home currency, empty where it is not named."""
        held = self._held("currency")
        if held is None or held in EXPONENTS:
            return str(held or "")
        self._wrong("zoho.currency", value=str(held)[:20])
        return ""

    def modules(self) -> dict[Kind, str]:
        """Give the module of each kind that the user names."""
        found = self._table("modules", [kind.value for kind in Kind])
        for name, module in found.items():
            if module and not _NAME.fullmatch(module):
                self._wrong("zoho.module", name=name, value=module[:60])
        return {Kind(name): module for name, module in found.items()}

    def stages(self) -> dict[str, Stage]:
        """Give what the user's stages of a deal mean."""
        found: dict[str, Stage] = {}
        for name, value in self._table("stages", None).items():
            try:
                found[name] = Stage(value)
            except ValueError:
                self._no_choice(f"stages.{name[:60]}", value, [stage.value for stage in Stage])
        return found

    def demand(self, needs: Needs) -> None:
        """Tell which credentials are lacking."""
        if needs is Needs.NOTHING or (needs is Needs.TOKEN and self.names("access_token")):
            if needs is Needs.TOKEN and self.names("refresh_token"):
                self._wrong("zoho.two_tokens")
            return
        if "client_id" not in self._options:
            self._wrong("zoho.lacks", name="client_id")
        wanted = ("client_secret", "refresh_token")
        for name in wanted if needs is Needs.TOKEN else wanted[:1]:
            if not self.names(name):
                self._wrong("zoho.secret_place", name=name)

    def unknown(self) -> None:
        """Tell options that nobody reads, with what is near."""
        for name in self._options:
            if name not in self._known:
                self._no_name("zoho.unknown_option", str(name), self._known)

    def _held(self, name: str) -> object:
        self._known.append(name)
        return self._options.get(name)

    def _table(self, name: str, known: Iterable[str] | None) -> dict[str, str]:
        """Give a table of texts; of the names that are `known`, None for any."""
        held = self._held(name)
        if held is None:
            return {}
        if not isinstance(held, Mapping):
            self._wrong("zoho.table", name=name)
            return {}
        names = None if known is None else list(known)
        found: dict[str, str] = {}
        for key, value in held.items():
            if names is not None and key not in names:
                full = [f"{name}.{each}" for each in names]
                self._no_name("zoho.unknown_option", f"{name}.{key}", full)
            elif not isinstance(value, str):
                self._wrong("zoho.text", name=f"{name}.{str(key)[:60]}")
            else:
                found[str(key)] = value
        return found

    def _no_name(self, code: str, name: str, known: list[str]) -> None:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or sorted(known)
        self._wrong(code, name=name[:60], near=", ".join(near))

    def _no_choice(self, name: str, value: str, known: list[str]) -> None:
        self._wrong("zoho.choice", name=name, value=value[:60], known=", ".join(known))

    def _wrong(self, code: str, **values: str) -> None:
        self.problems.append(Problem(code, {"crm": self._crm, **values}))


_SECRET: Final = re.compile(r"[\x21-\x7e]+")


def _from_file(path: Path) -> str:
    """Read a secret; what cannot be read is none, and is told as missing."""
    try:
        with path.open("rb") as file:
            return file.read(SECRET_BYTES_MAX).decode().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _sound(own: str | None, usual: str) -> str:
    """Give the user's address where it is one at all: a bad one is told already."""
    return own if own and host_of(own) != "?" else usual


def _address_fault(address: str, *, plain_http: bool) -> str:
    """Give the code of what is wrong with an address; its text is shown nowhere."""
    if host_of(address) == "?" or _UNSAFE_IN_URL.search(address):
        return "zoho.address"
    parts = urlsplit(address)
    if "@" in parts.netloc or parts.query or parts.fragment:
        return "zoho.address"
    if parts.scheme == "http" and not plain_http and not _is_this_machine(parts.hostname or ""):
        return "zoho.address_plain"
    return ""


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
