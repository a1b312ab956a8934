"""The names that a rule may read: type, unit, whether it may be missing, and the meaning.

The list is closed. A name that may be missing can be read only behind `present(name) and ...` or as
`default(name, value)`. A name marked `required` is one that every line should have (a grade, a rate
of exchange); a rule that reads it where it is absent fails, and the line goes to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.currencies import EXPONENTS, WITHDRAWN
from crm_expenses.core.money import AMOUNT_MINOR_MAX, exponent
from crm_expenses.core.voucher import VoucherKind
from crm_expenses.rules.tree import DATE, FREE_TEXT, TEXT, YES_NO, Sort, Type, quantity

COUNT_MAX: Final = 10_000
DISTANCE_SCALE: Final = 3
DISTANCE_MAX: Final = 10**6
ORIGINAL_SCALE: Final = 4
"""Decimals of `amount_original`: no currency of ISO 4217 has more."""


@dataclass(frozen=True, slots=True)
class Name:
    """One readable name. `low` and `high` bound a quantity's raw value."""

    name: str
    type: Type
    meaning: tuple[str, str]
    may_be_missing: bool = False
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The names of one policy, its closed lists, and its currency."""

    currency: str
    names: Mapping[str, Name]
    choices: Mapping[str, tuple[str, ...]]


CHOICES_TAKEN: Final = ("category", "currency", "voucher_kind", "money", "number", "count")
"""Lists that the language has itself, and types: no list of a policy may take these names."""

CURRENCY_CODES: Final = tuple(sorted(EXPONENTS | WITHDRAWN))


def catalogue(
    currency: str, categories: Sequence[str], choices: Mapping[str, tuple[str, ...]]
) -> Catalogue:
    """Make the catalogue of a policy.

    >>> catalogue("CNY", ["meal"], {}).names["nights"].may_be_missing
    True
    """
    places = exponent(currency)
    money = quantity(currency, places)
    lists = {
        **choices,
        "category": tuple(categories),
        "currency": CURRENCY_CODES,
        "voucher_kind": tuple(kind.value for kind in VoucherKind),
    }
    top = AMOUNT_MINOR_MAX

    def word(name: str, meaning: tuple[str, str], *, missing: bool = False) -> Name:
        if name in lists:
            return Name(name, Type(Sort.CHOICE, choice=name), meaning, missing)
        return Name(name, TEXT, meaning, missing)

    def count(name: str, unit: str, meaning: tuple[str, str], *, missing: bool = True) -> Name:
        return Name(name, quantity(unit), meaning, missing, 0, COUNT_MAX)

    entries = [
        Name(
            "amount",
            money,
            (
                "what was claimed, converted to the policy's currency at the day's rate",
                "申报金额，按消费当日汇率折算为政策币种",
            ),
            low=-top,
            high=top,
        ),
        Name(
            "amount_original",
            quantity("original", ORIGINAL_SCALE),
            ("what was claimed, in the currency that was spent", "申报金额，原币"),
            low=-top * 10**ORIGINAL_SCALE,
            high=top * 10**ORIGINAL_SCALE,
        ),
        word("currency", ("the currency that was spent", "消费币种")),
        word("category", ("the line's category", "费用类别")),
        Name("date", DATE, ("the day of the spending", "消费日期")),
        Name("submitted", DATE, ("the day on which the claim was submitted", "报销单提交日期")),
        Name(
            "age_days",
            quantity("day"),
            ("days from the spending to the submission", "从消费到提交的天数"),
            low=-4_000_000,
            high=4_000_000,
        ),
        Name("is_credit", YES_NO, ("the amount is below zero: a refund", "金额为负：退款")),
        Name("city", TEXT, ("where the money was spent", "消费城市"), may_be_missing=True),
        count("nights", "night", ("nights of a stay", "住宿晚数")),
        count("attendees", "person", ("people at the table, guests and hosts", "参加人数")),
        Name(
            "distance",
            quantity("km", DISTANCE_SCALE),
            ("distance driven, in kilometres", "行驶公里数"),
            may_be_missing=True,
            low=0,
            high=DISTANCE_MAX * 10**DISTANCE_SCALE,
        ),
        Name("account", TEXT, ("the customer's id", "客户编号"), may_be_missing=True),
        Name("opportunity", TEXT, ("the deal's id", "商机编号"), may_be_missing=True),
        Name("merchant", FREE_TEXT, ("who was paid", "商户"), may_be_missing=True),
        Name("purpose", FREE_TEXT, ("what it was for", "用途"), may_be_missing=True),
        Name(
            "justification",
            FREE_TEXT,
            ("the claimant's reason for an exception", "例外说明"),
            may_be_missing=True,
        ),
        word("payment", ("how it was paid", "支付方式"), missing=True),
        word("travel_class", ("class of travel", "舱位或席别"), missing=True),
        Name("pre_approved", YES_NO, ("approved before it was spent", "已事前审批")),
        word(
            "voucher_kind",
            ("what backs the line; none where there is no voucher", "凭证类型，无凭证时为 none"),
        ),
        Name("voucher_number", TEXT, ("number of the voucher", "凭证号码"), may_be_missing=True),
        Name(
            "voucher_amount",
            money,
            ("total of the voucher, when in the policy's currency", "凭证总额（政策币种）"),
            may_be_missing=True,
            low=-top,
            high=top,
        ),
        Name(
            "voucher_date", DATE, ("day of issue of the voucher", "开票日期"), may_be_missing=True
        ),
        count(
            "voucher_uses_before",
            "use",
            (
                "how many live lines used the same voucher number before this one",
                "此前有多少有效明细使用过同一凭证号码",
            ),
            missing=False,
        ),
        word("grade", ("the person's grade", "职级")),
        word("team", ("the person's team", "团队")),
        Name("person_city", TEXT, ("the person's home city", "常驻城市"), may_be_missing=True),
        Name("person_active", YES_NO, ("employed on the day of spending", "消费当日在职")),
        Name(
            "claim_total",
            quantity(currency, places),
            ("sum of the claim's lines, in the policy's currency", "报销单合计"),
            low=-(10**15),
            high=10**15,
        ),
        Name(
            "budget_available",
            money,
            (
                "what is left of the tightest budget that covers the line, before this claim",
                "覆盖该明细的最紧预算在本单之前的余额",
            ),
            may_be_missing=True,
            low=-(10**15),
            high=10**15,
        ),
    ]
    return Catalogue(currency, {entry.name: entry for entry in entries}, lists)


REQUIRED: Final = frozenset({"amount", "claim_total", "grade", "team", "person_active"})
"""Names that every line should have; a rule that reads an absent one fails towards review."""
