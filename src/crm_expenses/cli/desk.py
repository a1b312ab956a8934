"""What the commands of claims, payments and advances share: who acts, where, and how it is said."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.clock import moment
from crm_expenses.cli.identity import acting_person
from crm_expenses.cli.options import Options
from crm_expenses.core.money import Money, read_number
from crm_expenses.errors import ConfigError, MappingError
from crm_expenses.settings import load_settings

if TYPE_CHECKING:
    from crm_expenses.adapters.contract import Capabilities
    from crm_expenses.core.viewer import Viewer
    from crm_expenses.pipeline.desk import Desk
    from crm_expenses.rules.policy import Policy


@dataclass(frozen=True)
class Where:
    """Where a command works and who gave it, as the options say."""

    settings: Path
    crm: str
    who: str
    at: str


@dataclass(frozen=True)
class Acting:
    """A desk, with the person who acts at it and the moment."""

    desk: "Desk"
    person: str
    at: datetime
    policy: "Policy"
    company: str
    capabilities: "Capabilities"

    @property
    def viewer(self) -> "Viewer":
        """The person, with whose claims they may see."""
        return self.desk.viewer(self.person)

    @property
    def today(self) -> date:
        """The day of the moment in the company's zone."""
        return self.at.astimezone(self.desk.company.zone).date()


class DeskOptions:
    """The options that every command at a desk has."""

    def __init__(self, given: Options) -> None:
        self.crm = given.option("", "--crm", "option.claims_crm", "CRM")
        self.who = given.option("", "--as", "option.claims_as", "PERSON")
        self.settings = given.settings
        self.at = given.at
        self.json = given.json


@contextmanager
def at_desk(where: Where, *, is_looking: bool = False) -> Iterator[Acting]:
    """Open the desk; looking makes no store, and reads no people anew.

    Raises:
        ConfigError: what to mend first; nobody acts.
    """
    from crm_expenses.pipeline import demand_store, open_job  # noqa: PLC0415  heavy
    from crm_expenses.pipeline.desk import desk_of, looked_at  # noqa: PLC0415

    loaded = load_settings(where.settings)
    person, now = acting_person(loaded, where.who), moment(where.at)
    if is_looking:
        demand_store(loaded)
    with open_job(loaded, where.crm or None) as job:
        desk = looked_at(job) if is_looking else desk_of(job, now)
        can = job.adapter.capabilities
        yield Acting(desk, person, now, job.policy, loaded.company, can)


def amount_of(given: str) -> Decimal | None:
    """Read an amount; None where none is given.

    Raises:
        ConfigError: it is none.
    """
    if not given:
        return None
    try:
        return read_number(given)
    except MappingError:
        raise ConfigError("claims.amount", value=given[:40]) from None


def day_of(given: str) -> date | None:
    """Read a day; None where none is given.

    Raises:
        ConfigError: it is none.
    """
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise ConfigError("claims.day", value=given[:40]) from None


def fields_of(given: Sequence[str]) -> dict[str, str]:
    """Read fields written as name=value.

    >>> fields_of(["city=Beijing", "purpose=a=b"])
    {'city': 'Beijing', 'purpose': 'a=b'}

    Raises:
        ConfigError: one has no name or no equals sign.
    """
    made = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise ConfigError("claims.set", value=one[:60])
        made[name.strip()] = value.strip()
    return made


def called(person: str, people: Mapping[str, str]) -> str:
    """Give what a person is called: name and id, or the id alone.

    >>> called("P1", {"P1": "王芳"}), called("P2", {})
    ('王芳 (P1)', 'P2')
    """
    name = people.get(person, "")
    return f"{name} ({person})" if name and name != person else person


def shown(amount: Money | None) -> str:
    """Write an amount for a person.

    >>> shown(Money(1_234_50, "CNY")), shown(None)
    ('1,234.50 CNY', '-')
    """
    return "-" if amount is None else f"{amount.amount:,f} {amount.currency}"


def money_json(amount: Money | None) -> dict[str, str] | None:
    """Give an amount as a script reads it."""
    if amount is None:
        return None
    return {"amount": f"{amount.amount:f}", "currency": amount.currency}
