"""The names of a line, of its voucher and of the person."""

from collections.abc import Collection
from typing import Final

from crm_expenses.core.money import AMOUNT_MINOR_MAX, exponent
from crm_expenses.rules.catalogue.name import EVERYWHERE, Name, TextPair, count
from crm_expenses.rules.tree import DATE, FREE_TEXT, TEXT, YES_NO, Sort, Type, quantity

DISTANCE_SCALE: Final = 3
DISTANCE_MAX: Final = 10**6
ORIGINAL_SCALE: Final = 4
"""Decimals of `amount_original`: no currency of ISO 4217 has more."""

AGE_MAX: Final = 4_000_000
"""Days between any two dates of the calendar."""


def line_names(currency: str, lists: Collection[str]) -> list[Name]:
    """Give the names; a word whose list the policy has is a choice, else a text."""
    return [*_spending(currency, lists), *_voucher(currency), *_person(lists)]


def word(name: str, meaning: TextPair, lists: Collection[str], **more: object) -> Name:
    """Make the entry of a word: a choice where the policy has its list."""
    kind = Type(Sort.CHOICE, choice=name) if name in lists else TEXT
    return Name(name, kind, meaning, **more)  # type: ignore[arg-type]


def _spending(currency: str, lists: Collection[str]) -> list[Name]:
    money, top = quantity(currency, exponent(currency)), AMOUNT_MINOR_MAX
    original = top * 10**ORIGINAL_SCALE
    mine = {"may_be_missing": True, "is_claimants": True}
    free = {**mine, "is_shown": False}
    return [
        Name(
            "amount",
            money,
            (
                "what was claimed, converted to the policy's currency at the day's rate",
                "申报金额，按消费当日汇率折算为政策币种",
            ),
            low=-top,
            high=top,
            is_certain=False,
            is_claimants=True,
        ),
        Name(
            "entitled",
            money,
            (
                "what the line is entitled to, before limits; without an allowance, the amount",
                "限额之前的应得额；无补贴时为申报金额",
            ),
            low=-top,
            high=10**15,
            is_certain=False,
            is_result=True,
        ),
        Name(
            "allowed",
            money,
            ("what all rules left of the line", "全部规则核定后的金额"),
            low=-top,
            high=10**15,
            is_result=True,
        ),
        Name(
            "amount_original",
            quantity("original", ORIGINAL_SCALE),
            ("what was claimed, in the currency that was spent", "申报金额，原币"),
            low=-original,
            high=original,
        ),
        word("currency", ("the currency that was spent", "消费币种"), lists),
        Name(
            "rate_source",
            TEXT,
            ("who published the exchange rate that was used", "所用汇率的来源"),
            may_be_missing=True,
        ),
        Name(
            "rate_age_days",
            quantity("day"),
            ("days from the day of the exchange rate to the spending", "汇率日期到消费日期的天数"),
            may_be_missing=True,
            low=0,
            high=AGE_MAX,
        ),
        word("category", ("the line's category", "费用类别"), lists),
        Name("date", DATE, ("the day of the spending", "消费日期")),
        Name(
            "submitted",
            DATE,
            ("the day on which the claim was submitted", "报销单提交日期"),
            scopes=EVERYWHERE,
        ),
        Name(
            "age_days",
            quantity("day"),
            ("days from the spending to the submission", "从消费到提交的天数"),
            low=-AGE_MAX,
            high=AGE_MAX,
        ),
        Name("is_credit", YES_NO, ("the amount is below zero: a refund", "金额为负：退款")),
        Name("city", TEXT, ("where the money was spent", "消费城市"), **mine),  # type: ignore[arg-type]
        count("nights", "night", ("nights of a stay", "住宿晚数"), **mine),
        count("attendees", "person", ("people at the table, guests and hosts", "参加人数"), **mine),
        Name(
            "distance",
            quantity("km", DISTANCE_SCALE),
            ("distance driven, in kilometres", "行驶公里数"),
            low=0,
            high=DISTANCE_MAX * 10**DISTANCE_SCALE,
            **mine,  # type: ignore[arg-type]
        ),
        Name("account", TEXT, ("the customer's id", "客户编号"), **mine),  # type: ignore[arg-type]
        Name("opportunity", TEXT, ("the deal's id", "商机编号"), **mine),  # type: ignore[arg-type]
        Name("trip", TEXT, ("the trip's id", "出差编号"), **mine),  # type: ignore[arg-type]
        Name("merchant", FREE_TEXT, ("who was paid", "商户"), **free),  # type: ignore[arg-type]
        Name("purpose", FREE_TEXT, ("what it was for", "用途"), **free),  # type: ignore[arg-type]
        Name(
            "justification",
            FREE_TEXT,
            ("the claimant's reason for an exception", "例外说明"),
            **free,  # type: ignore[arg-type]
        ),
        word("payment", ("how it was paid", "支付方式"), lists, may_be_missing=True),
        word("travel_class", ("class of travel", "舱位或席别"), lists, may_be_missing=True),
        Name(
            "pre_approved",
            YES_NO,
            (
                "approved before it was spent: the line says so, or a pre-approval covers it",
                "已事前审批：明细已注明，或有事前审批单覆盖该明细",
            ),
        ),
        Name(
            "pre_approved_amount",
            money,
            (
                "the largest amount of the pre-approvals that cover the line, converted to the"
                " policy's currency at the day's rate",
                "覆盖该明细的各事前审批单中最大的金额，按消费当日汇率折算为政策币种",
            ),
            may_be_missing=True,
            low=-top,
            high=top,
        ),
        Name(
            "pre_approval",
            TEXT,
            ("id of that pre-approval", "该事前审批单的编号"),
            may_be_missing=True,
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
        Name(
            "budget_allocated",
            money,
            ("what was allocated to that budget", "该预算的分配总额"),
            may_be_missing=True,
            low=-(10**15),
            high=10**15,
        ),
    ]


def _voucher(currency: str) -> list[Name]:
    money, top = quantity(currency, exponent(currency)), AMOUNT_MINOR_MAX
    return [
        Name(
            "voucher_kind",
            Type(Sort.CHOICE, choice="voucher_kind"),
            ("what backs the line; none where there is no voucher", "凭证类型，无凭证时为 none"),
            is_claimants=True,
        ),
        Name(
            "voucher_number",
            TEXT,
            ("number of the voucher", "凭证号码"),
            may_be_missing=True,
            is_claimants=True,
        ),
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
        ),
    ]


def _person(lists: Collection[str]) -> list[Name]:
    of_all = {"scopes": EVERYWHERE, "is_certain": False}
    return [
        word("grade", ("the person's grade", "职级"), lists, **of_all),
        word("team", ("the person's team", "团队"), lists, **of_all),
        Name(
            "person_city",
            TEXT,
            ("the person's home city", "常驻城市"),
            may_be_missing=True,
            scopes=EVERYWHERE,
        ),
        Name(
            "person_active",
            YES_NO,
            ("employed on the day of spending", "消费当日在职"),
            is_certain=False,
        ),
    ]
