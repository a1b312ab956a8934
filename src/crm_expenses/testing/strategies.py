"""Random core records for Hypothesis, which this module needs: money, people, claims with lines.

Texts are what people really write and what breaks naive code: Chinese, right-to-left marks, quotes,
separators, newlines, markup, formulas. What no store or file can hold (lone surrogates, NUL) is
not drawn. Amounts stay within the limit of a line.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Final

from hypothesis import strategies as st

from crm_expenses.core.budget import AtLimit, Budget, BudgetScope
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine, Extra
from crm_expenses.core.currencies import EXPONENTS
from crm_expenses.core.given_approval import GivenApproval, Verdict
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.trip import MealBy, Night, TripLeg, TripNote
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver

FIRST_DAY: Final = date(2020, 1, 1)
LAST_DAY: Final = date(2030, 12, 31)
CATEGORIES: Final = ("meal", "lodging", "flight", "train", "taxi", "gift", "entertainment")
LINES_MAX: Final = 6

_ALPHABET: Final = (
    "王芳上海餐费发票￥（）、 \u3000\u00a0aZ09éß'\"“”,;\t\n"
    "|\\/{}[]<>&=+-@#%_.:\u200e\u200f\u202e\u202cשל\U0001f35c"
)
_ZONES: Final = tuple(timezone(timedelta(minutes=m)) for m in (-300, 0, 330, 480))


def texts(*, longest: int = 30) -> st.SearchStrategy[str]:
    """Draw a text that a person may have written; it may be empty."""
    return st.one_of(
        st.text(alphabet=_ALPHABET, max_size=longest),
        st.text(
            st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=min(longest, 10)
        ),
    )


def ids(prefix: str = "") -> st.SearchStrategy[str]:
    """Draw an id: short, so that equal ones occur."""
    return st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True).map(lambda held: prefix + held)


def currencies() -> st.SearchStrategy[str]:
    """Draw a currency: mostly CNY, sometimes any that is in use."""
    return st.one_of(st.just("CNY"), st.sampled_from(sorted(EXPONENTS)))


def money(
    currency: str = "", *, least: int = -AMOUNT_MINOR_MAX, most: int = AMOUNT_MINOR_MAX
) -> st.SearchStrategy[Money]:
    """Draw money of one currency, or of any, within bounds in minor units."""
    drawn = st.just(currency) if currency else currencies()
    small = st.integers(max(least, -100_000), min(most, 1_000_000))
    return st.builds(Money, st.one_of(small, st.integers(least, most)), drawn)


def days() -> st.SearchStrategy[date]:
    """Draw a day on which this package may have been used."""
    return st.dates(FIRST_DAY, LAST_DAY)


def moments() -> st.SearchStrategy[datetime]:
    """Draw a time with a zone."""
    first, last = (datetime.combine(day, datetime.min.time()) for day in (FIRST_DAY, LAST_DAY))
    return st.datetimes(first, last, timezones=st.sampled_from(_ZONES)).map(_plain)


def _plain(moment: datetime) -> datetime:
    """Give a moment without the mark of a second pass, where its offset says which pass it is."""
    first = moment.replace(fold=0)
    return first if first.utcoffset() == moment.utcoffset() else moment


def numbers(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    """Draw an exact number."""
    return st.decimals(Decimal(least), Decimal(most), places=places)


def extras() -> st.SearchStrategy[Extra]:
    """Draw what a CRM keeps beside the known fields: pairs sorted by name, each name once."""
    names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
    held = st.dictionaries(names, texts(longest=8).filter(bool), max_size=3)
    return held.map(lambda drawn: tuple(sorted(drawn.items())))


def account_managers() -> st.SearchStrategy[AccountManager]:
    """Draw a person."""
    day = st.none() | days()
    some = texts(longest=8)
    return st.builds(
        AccountManager, ids(), texts(), some, some, some, some, some, day, day, extras()
    )


def accounts() -> st.SearchStrategy[Account]:
    """Draw a customer."""
    return st.builds(Account, ids(), texts(), texts(), texts(), texts(), st.none() | days())


def opportunities() -> st.SearchStrategy[Opportunity]:
    """Draw a deal."""
    stages, day = st.sampled_from(Stage), st.none() | days()
    amounts = st.none() | money(least=0)
    return st.builds(Opportunity, ids(), ids(), stages, texts(), texts(), amounts, day, day)


def satisfaction_scores() -> st.SearchStrategy[SatisfactionScore]:
    """Draw a survey answer."""
    return st.builds(SatisfactionScore, ids(), ids(), days(), numbers("0", "10", 2))


def person_costs() -> st.SearchStrategy[PersonCost]:
    """Draw what a person cost in a month."""
    months = days().map(lambda day: day.replace(day=1))
    return st.builds(PersonCost, ids(), ids(), months, texts(longest=8), money(least=0))


def rates() -> st.SearchStrategy[Rate]:
    """Draw an exchange rate."""
    value = numbers("0.000001", "30000", 6)
    return st.builds(Rate, ids(), currencies(), currencies(), days(), value, texts())


def budgets() -> st.SearchStrategy[Budget]:
    """Draw a budget whose end is not before its start."""
    category = st.just("") | st.sampled_from(CATEGORIES)
    spans = st.tuples(days(), days()).map(lambda pair: (min(pair), max(pair)))
    limits = st.none() | st.sampled_from(AtLimit)
    rest = st.tuples(
        money(least=0), texts(), category, st.booleans(), texts(), texts(), texts(), limits
    )
    return st.builds(
        lambda one, scope, span, others: Budget(one, scope, *span, *others),
        ids(),
        st.sampled_from(BudgetScope),
        spans,
        rest,
    )


def vouchers() -> st.SearchStrategy[Voucher]:
    """Draw a voucher, with or without the numbers that a fapiao has."""
    number = st.just("") | st.from_regex(r"[0-9]{8}|[0-9]{20}", fullmatch=True)
    code = st.just("") | st.from_regex(r"[0-9]{10}|[0-9]{12}", fullmatch=True)
    amounts, day = st.none() | money(), st.none() | days()
    return st.builds(
        Voucher, ids(), st.sampled_from(VoucherKind), number, code, amounts, day, texts()
    )


def waivers() -> st.SearchStrategy[Waiver]:
    """Draw a waiver for a person, a claim or a line."""
    whom = st.fixed_dictionaries({}, optional={name: ids() for name in ("person", "claim", "line")})
    codes = st.sampled_from(("meal.cap", "lodging.cap", "gift.customer"))
    return st.builds(
        lambda one, rule, by, until, whom: Waiver(one, rule, by, until, **(whom or {"person": by})),
        ids("W-"),
        codes,
        ids("P-"),
        days(),
        whom,
    )


def pre_approvals(person: str = "") -> st.SearchStrategy[PreApproval]:
    """Draw spending approved in advance, of one person or of any; few things restrict it."""
    return st.builds(
        PreApproval,
        ids("PA-"),
        st.just(person) if person else ids("P-"),
        ids("P-"),
        days(),
        st.none() | days(),
        st.just("") | st.sampled_from(CATEGORIES),
        st.just("") | texts(longest=8),
        st.just("") | texts(longest=8),
        st.just("") | ids("T-"),
        st.none() | money(least=0),
    )


def trip_legs(trip: str = "") -> st.SearchStrategy[TripLeg]:
    """Draw one way of a trip, which takes some hours."""
    minutes = st.integers(1, 2_000).map(lambda drawn: timedelta(minutes=drawn))
    return st.builds(
        lambda one, of, departs, lasts, place, other: TripLeg(
            one, of, departs, departs + lasts, place, other
        ),
        ids(),
        st.just(trip) if trip else ids("T-"),
        moments(),
        minutes,
        texts(longest=8),
        texts(longest=8),
    )


def trip_notes(trip: str = "") -> st.SearchStrategy[TripNote]:
    """Draw what is known of a day of a trip."""
    meal, paid = st.sampled_from(MealBy), st.none() | money("CNY", least=0)
    return st.builds(
        TripNote,
        ids(),
        st.just(trip) if trip else ids("T-"),
        days(),
        st.sampled_from(Night),
        texts(longest=8),
        meal,
        meal,
        meal,
        paid,
        paid,
        paid,
        extras(),
    )


def claims() -> st.SearchStrategy[Claim]:
    """Draw a claim."""
    status = st.sampled_from(ClaimStatus)
    return st.builds(Claim, ids("C-"), ids("P-"), moments(), status, texts(), extras())


def lines(claim: str = "", *, currency: str = "") -> st.SearchStrategy[ExpenseLine]:
    """Draw a line of one claim, or of any; below zero it is a refund."""
    few = st.none() | st.integers(0, 30)
    return st.builds(
        ExpenseLine,
        id=ids("L-"),
        claim=st.just(claim) if claim else ids("C-"),
        date=days(),
        category=st.sampled_from(CATEGORIES),
        amount=money(currency),
        city=texts(longest=8),
        account=texts(longest=8),
        opportunity=texts(longest=8),
        merchant=texts(),
        purpose=texts(),
        justification=texts(),
        voucher=st.just("") | ids("V-"),
        payment=st.sampled_from(("", "cash", "card")),
        travel_class=st.sampled_from(("", "economy", "first")),
        nights=few,
        attendees=few,
        distance=st.none() | numbers("0", "5000", 1),
        pre_approved=st.none() | st.booleans(),
        trip=st.just("") | ids("T-"),
        extra=extras(),
    )


def given_approvals() -> st.SearchStrategy[GivenApproval]:
    """Draw what somebody said of a claim in the CRM."""
    return st.builds(
        GivenApproval,
        ids("Y-"),
        ids("C-"),
        ids("P-"),
        moments(),
        st.sampled_from(Verdict),
        st.sampled_from(("", "finance")),
        st.just("") | ids("L-"),
        texts(),
        st.just("") | st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    )


def claims_with_lines(
    *, currency: str = "", lines_max: int = LINES_MAX
) -> st.SearchStrategy[tuple[Claim, tuple[ExpenseLine, ...]]]:
    """Draw a claim and its lines, whose ids differ; it may have none."""

    def with_lines(claim: Claim) -> st.SearchStrategy[tuple[Claim, tuple[ExpenseLine, ...]]]:
        own = st.lists(
            lines(claim.id, currency=currency), max_size=lines_max, unique_by=lambda line: line.id
        )
        return own.map(lambda drawn: (claim, tuple(drawn)))

    return claims().flatmap(with_lines)


_OF_KIND: Final[dict[Kind, Callable[[], st.SearchStrategy[Record]]]] = {
    Kind.ACCOUNT_MANAGER: account_managers,
    Kind.ACCOUNT: accounts,
    Kind.OPPORTUNITY: opportunities,
    Kind.SATISFACTION: satisfaction_scores,
    Kind.COST: person_costs,
    Kind.RATE: rates,
    Kind.BUDGET: budgets,
    Kind.WAIVER: waivers,
    Kind.PRE_APPROVAL: pre_approvals,
    Kind.TRIP_LEG: trip_legs,
    Kind.TRIP_NOTE: trip_notes,
    Kind.VOUCHER: vouchers,
    Kind.CLAIM: claims,
    Kind.LINE: partial(lines, ""),
    Kind.APPROVAL: given_approvals,
}


def records(kind: Kind | None = None) -> st.SearchStrategy[Record]:
    """Draw a record of one kind, or of any."""
    kinds = [kind] if kind is not None else list(Kind)
    return st.one_of([_OF_KIND[one]() for one in kinds])
