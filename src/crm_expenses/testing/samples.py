"""Records and results that every adapter must carry unharmed: few, fixed, with difficult texts."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from crm_expenses.adapters.contract import (
    BudgetResult,
    Change,
    ClaimResult,
    LineResult,
    Result,
    ResultKind,
    ReturnResult,
    WriteBack,
)
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.decision import Outcome
from crm_expenses.core.given_approval import GivenApproval, Verdict
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import TYPES, Kind, Record, digest
from crm_expenses.core.trip import MealBy, Night, TripLeg, TripNote
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver

ZONE: Final = timezone(timedelta(hours=8))
"""The company's zone."""

TEXTS: Final = (
    "与客户共进午餐，讨论续约",
    'said "yes", then: no; 5\\6',
    "two\nlines",
    "\u200fשלום\u200f and \u202eback\u202c",
    "<script>[red]{name}</script> 100% \U0001f35c",
)
"""Chinese, quotes and separators, a newline, right-to-left marks, markup of three kinds."""

_DAYS: Final = (date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 31), date(2024, 2, 29))
_AMOUNTS: Final = (
    Money.of("0.01", "CNY"),
    Money.of("1234567.89", "CNY"),
    Money.of("-58.30", "EUR"),
    Money.of("1500", "JPY"),
    Money.of("0.125", "KWD"),
)

_RESULT_KINDS: Final[Mapping[type[Result], ResultKind]] = {
    ClaimResult: ResultKind.CLAIM_RESULT,
    LineResult: ResultKind.LINE_RESULT,
    BudgetResult: ResultKind.BUDGET_RESULT,
    ReturnResult: ResultKind.RETURN_RESULT,
    Change: ResultKind.CHANGE,
}

_NAMES: Final[Mapping[type, Mapping[str, Kind]]] = {
    AccountManager: {"id": Kind.ACCOUNT_MANAGER, "manager": Kind.ACCOUNT_MANAGER},
    Account: {"id": Kind.ACCOUNT, "owner": Kind.ACCOUNT_MANAGER},
    Opportunity: {
        "id": Kind.OPPORTUNITY,
        "owner": Kind.ACCOUNT_MANAGER,
        "account": Kind.ACCOUNT,
    },
    SatisfactionScore: {"id": Kind.SATISFACTION, "account": Kind.ACCOUNT},
    PersonCost: {"id": Kind.COST, "person": Kind.ACCOUNT_MANAGER},
    Rate: {"id": Kind.RATE},
    Budget: {"id": Kind.BUDGET, "responsible": Kind.ACCOUNT_MANAGER, "account": Kind.ACCOUNT},
    Waiver: {
        "id": Kind.WAIVER,
        "granted_by": Kind.ACCOUNT_MANAGER,
        "person": Kind.ACCOUNT_MANAGER,
        "claim": Kind.CLAIM,
        "line": Kind.LINE,
    },
    PreApproval: {
        "id": Kind.PRE_APPROVAL,
        "person": Kind.ACCOUNT_MANAGER,
        "granted_by": Kind.ACCOUNT_MANAGER,
        "account": Kind.ACCOUNT,
        "opportunity": Kind.OPPORTUNITY,
    },
    TripLeg: {"id": Kind.TRIP_LEG},
    TripNote: {"id": Kind.TRIP_NOTE},
    Voucher: {"id": Kind.VOUCHER},
    Claim: {"id": Kind.CLAIM, "person": Kind.ACCOUNT_MANAGER},
    ExpenseLine: {
        "id": Kind.LINE,
        "claim": Kind.CLAIM,
        "account": Kind.ACCOUNT,
        "opportunity": Kind.OPPORTUNITY,
        "voucher": Kind.VOUCHER,
    },
    GivenApproval: {
        "id": Kind.APPROVAL,
        "claim": Kind.CLAIM,
        "approver": Kind.ACCOUNT_MANAGER,
        "refused": Kind.LINE,
    },
    ClaimResult: {"claim": Kind.CLAIM},
    LineResult: {"line": Kind.LINE, "claim": Kind.CLAIM},
    BudgetResult: {"budget": Kind.BUDGET},
    ReturnResult: {"person": Kind.ACCOUNT_MANAGER},
    Change: {},
}
"""Where a record or a result names a record of the CRM."""

_OWNERS: Final = {
    BudgetScope.PERSON: Kind.ACCOUNT_MANAGER,
    BudgetScope.ACCOUNT: Kind.ACCOUNT,
}

_EDITS: Final[Mapping[Kind, tuple[str, object]]] = {
    Kind.ACCOUNT_MANAGER: ("city", "成都"),
    Kind.ACCOUNT: ("city", "成都"),
    Kind.OPPORTUNITY: ("name", "edited 商机"),
    Kind.SATISFACTION: ("score", Decimal("1.5")),
    Kind.COST: ("kind", "training"),
    Kind.RATE: ("source", "edited"),
    Kind.BUDGET: ("name", "edited 预算"),
    Kind.WAIVER: ("until", date(2026, 12, 31)),
    Kind.PRE_APPROVAL: ("until", date(2026, 12, 31)),
    Kind.TRIP_LEG: ("destination", "成都"),
    Kind.TRIP_NOTE: ("place", "成都"),
    Kind.VOUCHER: ("seller", "edited 销售方"),
    Kind.CLAIM: ("title", "edited 标题"),
    Kind.LINE: ("purpose", "edited 事由"),
    Kind.APPROVAL: ("content_code", "0123456789abcdef"),
}


def sample(kinds: Collection[Kind]) -> tuple[Record, ...]:
    """Give five records of each of these kinds, parents before children.

    >>> [record.id for record in sample({Kind.CLAIM})]
    ['C-1', 'C-2', 'C-3', 'C-4', 'C-5']
    """
    wanted = tuple(TYPES[kind] for kind in kinds)
    return tuple(r for number in range(5) for r in _five(number) if isinstance(r, wanted))


def edit_of(kind: Kind) -> tuple[str, object]:
    """Give the field of a kind that `edited` changes, and its new value.

    >>> edit_of(Kind.LINE)
    ('purpose', 'edited 事由')
    """
    return _EDITS[kind]


def edited(record: Record) -> Record:
    """Give the record as a person changed it.

    >>> edited(sample({Kind.CLAIM})[0]).title
    'edited 标题'
    """
    name, value = next(edit_of(kind) for kind, made in TYPES.items() if isinstance(record, made))
    changes: dict[str, object] = {name: value}
    return replace(record, **changes)  # type: ignore[arg-type]


def results(kinds: Collection[ResultKind]) -> tuple[Result, ...]:
    """Give two results of each of these kinds, for records of `sample`.

    >>> from crm_expenses.adapters.contract import RESULTS
    >>> len(results(RESULTS))
    6
    """
    made = tuple(one for number in (1, 2) for one in _results(number))
    return tuple(one for one in made if _RESULT_KINDS[type(one)] in kinds)


def renamed(made: Any, named: Callable[[Kind, str], str]) -> Any:  # noqa: ANN401  as it came
    """Give a record or a result with the ids that a CRM gives, wherever it names a record.

    >>> renamed(sample({Kind.CLAIM})[0], lambda kind, name: f"{kind.value}/{name}").person
    'account_manager/P-1'
    """
    fields = dict(_NAMES[type(made)])
    if isinstance(made, Budget) and made.scope in _OWNERS:
        fields["owner"] = _OWNERS[made.scope]
    changes: dict[str, object] = {
        field: named(kind, held) for field, kind in fields.items() if (held := getattr(made, field))
    }
    if isinstance(made, Change):
        changes["record"] = renamed(made.record, named)
    return replace(made, **changes)


def write_back(
    crm: str, result: Result, *, uncertain: bool = False, version: str = ""
) -> WriteBack:
    """Make the write of a result; its key derives from CRM, kind, record and content.

    >>> write_back("main", results({ResultKind.LINE_RESULT})[0]).record
    'L-1'
    """
    kind = _RESULT_KINDS[type(result)]
    match result:
        case ClaimResult():
            record = result.claim
        case LineResult():
            record = result.line
        case BudgetResult():
            record = result.budget
        case ReturnResult():
            record = result.person
        case Change():
            record = result.record.id
    key = digest((crm, kind, record, result))
    return WriteBack(key, kind, record, result, uncertain=uncertain, version=version)


def _five(number: int) -> tuple[Record, ...]:
    one, text = number + 1, TEXTS[number]
    day, amount = _DAYS[number % len(_DAYS)], _AMOUNTS[number]
    person, account, claim = f"P-{one}", f"A-{one}", f"C-{one}"
    late = datetime(2026, 3, one, 23, 59, 59, tzinfo=ZONE)  # the day before, in UTC it is not yet
    return (
        AccountManager(person, f"王芳 {text}", f"G{one}", "East", "上海", "", "甲公司", day),
        Account(account, text, person, "retail", "杭州", day if number else None),
        Opportunity(f"O-{one}", person, list(Stage)[number % 3], account, text, amount, day),
        SatisfactionScore(f"S-{one}", account, day, Decimal(one) / 2),
        PersonCost(f"X-{one}", person, day.replace(day=1), "salary", Money.of("9000.50", "CNY")),
        Rate(f"R-{one}", "USD", "CNY", day, Decimal("7.0288") + number, text),
        Budget(
            f"B-{one}",
            list(BudgetScope)[number % 3],
            date(2026, 1, 1),
            date(2026, 12, 31),
            Money.of("120000.00", "CNY"),
            owner=person,
            category="meal" if number % 2 else "",
            hard=bool(number % 2),
            name=text,
        ),
        Waiver(f"W-{one}", "meal.cap", "P-9", date(2026, 6, one), day if number else None, person),
        PreApproval(
            f"PA-{one}",
            person,
            "P-9",
            date(2026, 6, one),
            day if number else None,
            category="meal" if number % 2 else "",
            account=account,
            trip=f"T-{one}" if number % 2 else "",
            amount=amount if number else None,
        ),
        TripLeg(f"G-{one}", f"T-{one}", late, late + timedelta(hours=3), "上海", text),
        TripNote(
            f"N-{one}",
            f"T-{one}",
            date(2026, 3, one),
            list(Night)[number],
            text,
            breakfast=list(MealBy)[number],
            breakfast_paid=Money.of("5.60", "CNY") if number % 2 else None,
            extra=(("shift", text),) if number % 2 else (),
        ),
        Voucher(
            f"V-{one}", list(VoucherKind)[number], f"2633200000010000000{one}", "", amount, day
        ),
        Claim(claim, person, late, list(ClaimStatus)[number + 1], text),
        ExpenseLine(
            f"L-{one}",
            claim,
            day,
            "meal",
            amount,
            city="北京",
            account=account,
            merchant=text,
            purpose=text,
            voucher=f"V-{one}" if number % 2 else "",
            nights=number if number % 2 else None,
            attendees=one,
            distance=Decimal("12.5") if number % 2 else None,
            pre_approved=(None, True, False)[number % 3],
            trip=f"T-{one}",
            extra=(("miles", "12.5"), ("why", text)) if number % 2 else (),
        ),
        GivenApproval(
            f"Y-{one}",
            claim,
            "P-9",
            late,
            list(Verdict)[number % 3],
            "finance" if number % 2 else "",
            f"L-{one}" if number % 2 else "",
            text,
            digest(number)[:16],
        ),
    )


def _results(number: int) -> tuple[Result, ...]:
    claimed, allowed = Money.of(f"{number}500.00", "CNY"), Money.of(f"{number}200.50", "CNY")
    english = 'meal.cap: 500.00 is "over" 300.00\nvoucher.required: none'
    chinese = "meal.cap：500.00 超过 300.00\nvoucher.required：无凭证"
    return (
        ClaimResult(
            f"C-{number}",
            Outcome.REDUCED,
            State.IN_APPROVAL,
            claimed,
            allowed,
            english,
            chinese,
            "P-2",
            "policy 1.0",
            digest(number),
        ),
        LineResult(
            f"L-{number}",
            f"C-{number}",
            Outcome.REVIEW,
            claimed if number == 1 else None,
            allowed,
            english,
            chinese,
        ),
        BudgetResult(f"B-{number}", claimed, allowed, Money(0, "CNY"), Money(-1, "CNY")),
        ReturnResult(
            f"P-{number}",
            date(2025, 3, 1),
            date(2026, 2, 28),
            claimed,
            allowed,
            Decimal("-0.4670"),
            None if number == 1 else Decimal("12.5000"),
            Decimal("0.7500"),
            Decimal("1.0000"),
            None if number == 1 else Decimal("4.3333"),
            number - 1,
            english if number == 1 else "",
            chinese if number == 1 else "",
        ),
    )
