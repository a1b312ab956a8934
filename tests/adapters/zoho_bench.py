"""A bench on a simulated organisation: its modules as `crm setup` makes them, and hands on it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from crm_expenses.adapters.contract import (
    Adapter,
    BudgetResult,
    ClaimResult,
    LineResult,
    Opening,
    Result,
    ReturnResult,
)
from crm_expenses.adapters.exchange import Clock, Limits
from crm_expenses.adapters.files.shape import shapes
from crm_expenses.adapters.zoho.client import ZohoAdapter, open_zoho, sources_for
from crm_expenses.adapters.zoho.filecalls import unmarked
from crm_expenses.adapters.zoho.mapping import Source
from crm_expenses.adapters.zoho.modules import MODULES, RETURNS, USERS
from crm_expenses.adapters.zoho.moduleshape import Field
from crm_expenses.adapters.zoho.settings import Needs, zoho_settings
from crm_expenses.core.budget import Budget
from crm_expenses.core.claim import Claim
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.testing.bench import Bench
from crm_expenses.testing.zohosim import Fault, Org, OrgSettings, Type, ZohoSim
from crm_expenses.testing.zohosim import Field as SimField
from crm_expenses.testing.zohosim.rows import Row

SHANGHAI: Final = timezone(timedelta(hours=8))
KINDS: Final = {made: kind for kind, made in TYPES.items()}
STANDARD_TEXTS: Final = {"Grade": "text", "Company": "text", "Active_From": "date"}
OWN_NAMES: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.ACCOUNT_MANAGER: {"grade": "Grade", "company": "Company", "active_from": "Active_From"},
    Kind.ACCOUNT: {"since": "Customer_Since"},
    Kind.OPPORTUNITY: {"amount_currency": "Currency_Code"},
    Kind.LINE: {"extra.miles": "Miles", "extra.why": "Why"},
    Kind.TRIP_NOTE: {"extra.shift": "Shift"},
}
"""The user's own names for what no standard module has, and for fields beside the known ones."""
FURTHER: Final[Mapping[Kind, Sequence[SimField]]] = {
    Kind.ACCOUNT_MANAGER: (
        SimField("Grade"),
        SimField("Company"),
        SimField("Active_From", Type.DATE),
    ),
    Kind.ACCOUNT: (
        SimField("Customer_Since", Type.DATE),
        SimField("Industry", Type.PICKLIST, values=("-None-", "retail")),
    ),
    Kind.OPPORTUNITY: (SimField("Currency_Code"),),
    Kind.LINE: (SimField("Miles"), SimField("Why", Type.TEXTAREA)),
    Kind.TRIP_NOTE: (SimField("Shift", Type.TEXTAREA),),
}
WRITES: Final = "^PUT |/upsert$"
QUICK: Final = Clock(sleep=lambda _seconds: None)
BOUNDED: Final = Limits(read_seconds=3, call_seconds=5, total_seconds=20)


def organisation(**settings: Any) -> Org:  # noqa: ANN401  of OrgSettings
    """Make an organisation with the modules of every kind."""
    org = Org(OrgSettings(currency="CNY", **settings))
    for kind, module in MODULES.items():
        own = [sim_field(one) for one in module.fields if one.is_own]
        if module.is_own:
            org.add_module(module.name, [*own, *FURTHER.get(kind, ())])
        else:
            org.add_fields(module.name, [*own, *FURTHER.get(kind, ())], custom=True)
    org.add_module(RETURNS.name, [sim_field(one) for one in RETURNS.fields if one.is_own])
    return org


def sim_field(one: Field) -> SimField:
    """Give a field as the simulator has it."""
    target = MODULES[one.lookup].name if one.lookup else ""
    return SimField(
        one.name,
        Type(one.type),
        one.label,
        unique=one.unique,
        external="org" if one.external else "",
        length=one.length or 0,
        decimals=one.decimals if one.decimals is not None else 2,
        values=one.options,
        module=target,
    )


class ZohoBench(Bench):
    """A simulated organisation for each test; `close` stops its server."""

    page_rows_max = 2

    def __init__(self, folder: Path, org: Org | None = None, **options: object) -> None:
        self.org = org if org is not None else organisation()
        self.sim = ZohoSim(self.org)
        self.secrets = tuple(self.sim.secrets.values())
        self.options: dict[str, object] = {
            **self.sim.settings(folder=folder),
            "timezone": "Asia/Shanghai",
            "currency": "CNY",
            "modules": {kind.value: module.name for kind, module in MODULES.items()},
            **options,
        }
        self.rows_max = self.page_rows_max
        self._ids: dict[tuple[Kind, str], str] = {}
        self._hide(self.org.admin)

    def close(self) -> None:
        """Stop the server."""
        self.sim.close()

    def opening(self, **more: Any) -> Opening:  # noqa: ANN401  what an opening takes
        """Give what an adapter is opened with."""
        return Opening("main", self.options, fields=OWN_NAMES, **more)

    def adapter(self) -> Adapter:
        """Open a new connection that reads two records a page."""
        return self.zoho()

    def zoho(self, **more: Any) -> ZohoAdapter:  # noqa: ANN401  likewise
        """Open one, as what it is."""
        made = open_zoho(self.opening(**more), clock=QUICK, limits=BOUNDED)
        made.asking.rows_max = made.asking.page_rows = self.rows_max
        return made

    def sources(self) -> dict[Kind, Source]:
        """Give where records come from."""
        return sources_for(zoho_settings(self.opening(), Needs.NOTHING))

    # --- ids ---

    def named(self, kind: Kind, record: str) -> str:
        """Give the organisation's own id of a sample."""
        if record.isdecimal():
            return record
        key = (kind, record)
        if key not in self._ids:
            self._ids[key] = str(500_001_000_000_000_000 + len(self._ids))
            if kind is Kind.ACCOUNT_MANAGER and record == "P-9":  # named, and among no samples
                self._person(AccountManager(self._ids[key], "P-9"))
                self._hide(self._ids[key])
        return self._ids[key]

    # --- what people do ---

    def seed(self, records: Sequence[Record]) -> None:
        """Make records."""
        people = [one for one in records if isinstance(one, AccountManager)]
        for record in (*(replace(one, manager="") for one in people), *records):
            self._put(record)

    def kept(self, record: Record) -> Record:
        """Give what the organisation makes of a record: none is without a name there."""
        match record:
            case Claim(title=""):
                return replace(record, title=record.id)
            case Budget(name=""):
                return replace(record, name=record.id)
            case Opportunity():
                opened = record.opened or self.org.now().astimezone(SHANGHAI).date()
                return replace(record, name=record.name or record.id, opened=opened)
        return record

    def later(self, seconds: int) -> None:
        """Let time pass in the organisation."""
        clock, shift = self.org.clock, timedelta(seconds=seconds)
        self.org.clock = lambda: clock() + shift

    def edit(self, record: Record) -> None:
        """Change one."""
        self._put(record)

    def delete(self, kind: Kind, record: str) -> bool:
        """Delete one; a user stays, and is told as deleted."""
        if kind is Kind.ACCOUNT_MANAGER:
            self._hide(record, "deleted")
        else:
            self.org.remove(MODULES[kind].name, record)
        return True

    def break_record(self, kind: Kind) -> bool:
        """Make one that lacks what a record cannot be without."""
        name = self.named(kind, "broken")
        now = self.org.now()
        values: dict[str, object] = {"Name": "broken", "status": "active"}
        if kind is Kind.OPPORTUNITY:
            values = {"Stage": "Nobody Knows", "Owner": self.org.admin}
        admin = self.org.admin
        self.org.shelf.put(Row(name, MODULES[kind].name, values, now, now, admin, admin))
        if kind is Kind.SATISFACTION:
            return True
        return any(shape.is_required for one, shape in shapes(kind).items() if one != "id")

    def lose_reply(self, *, effect: bool) -> bool:
        """Lose the reply to the next write."""
        self.sim.faults.add(Fault.DROP_AFTER if effect else Fault.DROP_BEFORE, WRITES)
        return True

    def effects(self) -> int:
        """Count the writes that the organisation has taken."""
        return len([one for one in self.sim.calls(WRITES) if one.status == 200])

    def changes(self) -> int:
        """Count the same: no test writes both results and changes."""
        return self.effects()

    def attach(self, voucher: str, name: str, content: bytes) -> bool:
        """Put a file beside a voucher."""
        record = self.named(Kind.VOUCHER, voucher)
        self.org.files.attach(MODULES[Kind.VOUCHER].name, record, name, content)
        return True

    # --- what stands there ---

    def attached(self, voucher: str) -> Mapping[str, bytes]:
        """Give the files beside a voucher, by the names that they had before they were sent."""
        record = self.named(Kind.VOUCHER, voucher)
        found = self.org.files.of(MODULES[Kind.VOUCHER].name, record)
        assert len({one.name for one in found}) == len(found)
        return {unmarked(one.name): one.content for one in found}

    def written(self) -> Sequence[Result]:
        """Read the results back, field by field."""
        claims = self._told(Kind.CLAIM, "Check_Outcome")
        lines = self._told(Kind.LINE, "Check_Outcome")
        budgets = self._told(Kind.BUDGET, "Available")
        returns = map(return_result, self.org.listing(RETURNS.name))
        return [
            *map(claim_result, claims),
            *map(line_result, lines),
            *map(budget_result, budgets),
            *returns,
        ]

    def _told(self, kind: Kind, field: str) -> list[dict[str, Any]]:
        return [row for row in self.org.listing(MODULES[kind].name) if row.get(field) is not None]

    def given(self, kind: Kind, record: str) -> str:
        """Give the name of a record by the organisation's id."""
        return next((n for (of, n), i in self._ids.items() if i == record and of is kind), record)

    def _put(self, record: Record) -> None:
        self.put(record)

    def put(
        self,
        record: Record,
        *,
        visible_after: timedelta | None = None,
        empty: Sequence[str] = (),
        left_out: Sequence[str] = (),
    ) -> None:
        """Make or change a record; what is `empty` has no value there."""
        kind = KINDS[type(record)]
        if isinstance(record, AccountManager):
            self._person(record)
            return
        source = self.sources()[kind]
        left_out = ("id", "opened", *left_out)
        only = [one.ours for one in source.map.fields if one.ours not in left_out]
        given: dict[str, object] = dict(source.map.write(record, only=only))
        name = self.org.module(source.module).name_field
        given[name] = given.get(name) or record.id
        if isinstance(record, Opportunity):
            if record.stage is Stage.OPEN:
                given["Closing_Date"] = "2027-01-31"  # a plan
            if record.opened is not None:
                given["Created_Time"] = datetime.combine(record.opened, time(12), SHANGHAI)
        given |= {source.map.mapped[ours]: None for ours in empty}
        self.org.put(source.module, given, id=record.id, visible_after=visible_after)

    def _person(self, record: AccountManager) -> None:
        given = {
            "full_name": record.name,
            "last_name": record.name,
            "role": record.team or None,
            "city": record.city or None,
            "Reporting_To": {"id": record.manager} if record.manager else None,
            "Grade": record.grade or None,
            "Company": record.company or None,
            "Active_From": record.active_from,
            "status": "active",
        }
        self.org.put(USERS, given, id=record.id)

    def _hide(self, user: str, status: str = "closed") -> None:
        row = self.org.shelf.newest(USERS, user)
        assert row is not None
        values = {**row.values, "status": status}
        self.org.shelf.put(replace(row, values=values, modified_at=self.org.now()))


def claim_result(row: Mapping[str, Any]) -> ClaimResult:
    """Read the result of a claim."""
    return ClaimResult(
        row["id"],
        Outcome(row["Check_Outcome"]),
        State(row["Check_State"]),
        sure(row, "Claimed"),
        sure(row, "Allowed"),
        row["Findings_EN"] or "",
        row["Findings_ZH"] or "",
        row["Waiting_For"] or "",
        row["Policy_Version"] or "",
        row["Decision_Id"] or "",
        row["Content_Code"] or "",
        amount(row, "Approved_Amount"),
        row["Refused_Lines"] or "",
    )


def line_result(row: Mapping[str, Any]) -> LineResult:
    """Read the result of a line."""
    return LineResult(
        row["id"],
        row["Claim"]["id"],
        Outcome(row["Check_Outcome"]),
        amount(row, "Claimed"),
        sure(row, "Allowed"),
        row["Findings_EN"] or "",
        row["Findings_ZH"] or "",
    )


def budget_result(row: Mapping[str, Any]) -> BudgetResult:
    """Read where a budget stands."""
    return BudgetResult(row["id"], *(sure(row, one.capitalize()) for one in _BUDGET))


def return_result(row: Mapping[str, Any]) -> ReturnResult:
    """Read the return figures of a person."""
    return ReturnResult(
        row["Person"]["id"],
        date.fromisoformat(row["Start_Date"]),
        date.fromisoformat(row["End_Date"]),
        *(Money.of(Decimal(row[name]), row["Currency_Code"]) for name in ("Cost", "Won")),
        *(share(row[name]) for name in _SHARES),
        row["New_Customers"],
        row["Notes_EN"] or "",
        row["Notes_ZH"] or "",
    )


def share(held: Any) -> Decimal | None:  # noqa: ANN401  as it stands there
    """Give a share with its four decimals."""
    return None if held is None else Decimal(held).quantize(Decimal("0.0001"))


_SHARES: Final = ("ROI", "Growth", "Win_Rate", "Retention", "Satisfaction")
_BUDGET: Final = [one.name for one in fields(BudgetResult)][1:]


def amount(row: Mapping[str, Any], name: str) -> Money | None:
    """Give an amount, None where there is none."""
    return None if row[name] is None else sure(row, name)


def sure(row: Mapping[str, Any], name: str) -> Money:
    """Give an amount that is there."""
    return Money.of(Decimal(row[name]), row["Check_Currency"])
