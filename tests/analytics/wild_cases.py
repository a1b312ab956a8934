"""Policies put together at random from the grammar of the language, on claims full of everything.

What `drawn` has as whole expressions is made here of small parts: deep conditions, tables asked by
tables, windows of every sort, values and named windows. A number draws the same case again.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from random import Random
from typing import Final

from agreement import Case
from case_makers import MODES, YEAR_END, dense
from drawn import CLAIMS_WHEN, HEAD, OF_CLAIMS, WINDOWS

from crm_expenses.core.waiver import Waiver
from crm_expenses.errors import PolicyError
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.kinds import KINDS, RuleKind

DEPTH: Final = 3
RULES_MAX: Final = 12
TRIES: Final = 400

_MONEY: Final = (
    *("amount", "amount", "cap", "often", "50", "80.5", "later", "claim_total", "twice"),
    *("default(voucher_amount, amount)", "default(budget_available, 40)"),
    *("default(budget_allocated, 70)", "default(pre_approved_amount, 30)", "spent_before"),
    *("centre_before", "trip_before", "total_of('meal')", "total_of('diem', 'taxi')"),
)
_MONEY_OF_DAYS: Final = (
    *("stipend[minutes_away]", "breakfast_paid", "lunch_paid + dinner_paid", "day_share"),
    *("total_of(day_share)", "default(leaves_at, 0) * 0.01 if False else cap", "cap", "amount"),
)
_COUNTS: Final = (
    *("claim_lines", "default(nights, 1)", "default(attendees, 2)", "voucher_uses_before"),
    *("meals_before", "stays_before", "default(trip_days, 1)", "default(trip_nights, 0)"),
    *("count_of('meal')", "count_of(is_short)", "length(default(city, ''))", "year(date)"),
    *("day_of_month(date)", "length(default(voucher_number, ''))", "default(rank, 3)"),
)
_COUNTS_OF_DAYS: Final = ("day_number", "minutes_away", "default(returns_at, 7)", "number(cap)")
_DATES: Final = (
    *("date", "submitted", "default(voucher_date, date)", "date('2026-03-02')"),
    *("add_days(date, 3)", "add_months(date, -1)", "add_days(submitted, -20)"),
)
_TRUTHS: Final = (
    *("is_credit", "pre_approved", "present(city)", "present(voucher_number)", "present(trip)"),
    *("default(signed, False)", "is_weekend(date)", "is_working_day(date)", "is_far"),
    *("person_active", "category in ('meal', 'diem')", "grade == 'senior'", "team != 'East'"),
    *("currency == 'CNY'", "voucher_kind in ('fapiao', 'ticket')", "default(project, '') == 'A'"),
    *("present(miles) and miles > 10", "shape(default(city, ''), 'Aa{2,3}')", "level == '1'"),
    *("month(date) != '3'", "weekday(date) in ('sun', 'mon')", "present(rank) and rank > 3"),
    *("present(purpose) and length(purpose) > 2", "default(pre_approval, '') == 'A1'"),
    *("driven_before > 12.5", "is_small", "default(trip_place, '') == 'Kyiv'"),
)
_TRUTHS_OF_DAYS: Final = (
    *("breakfast == 'none'", "lunch != 'host'", "dinner in ('host', 'carrier')"),
    *(
        "day_kind in ('first', 'last')",
        "is_longest_day",
        "night == 'hotel'",
        "night_before == 'none'",
    ),
    *("default(place, '') == 'Rome'", "default(place_before, '') == 'Bonn'", "is_weekend(day)"),
    *("default(shift, '') == 'late'", "day > date", "day_number > 1"),
)
_FIGURES_OF_CLAIMS: Final = (
    *("claim_total", "claim_lines", "later", "claim_allowed * 2", "total_of(twice)"),
    *("default(oldest_days, 7)", "total_of('meal') - claim_total", "count_of(is_small)"),
)
_PER: Final = {
    "person": "",
    "category": "",
    "claim": "",
    "team": "",
    "account": "present(account)",
    "city": "present(city)",
    "voucher": "present(voucher_number)",
    "trip": "present(trip)",
    "pre_approval": "present(pre_approval)",
    "centre": "present(centre)",
    "project": "present(project)",
}
_PERIODS: Final = (
    *('"day"', '"trip"', '"week"', '"month"', '"quarter"', '"all_time"', '"year"'),
    *('"year"\nyear_starts = "03-02"', '"year"\nyear_starts = "12-31"'),
    *('"rolling"\ndays = 2', '"rolling"\ndays = 4', '"rolling"\ndays = 40'),
    *('"spell"\ngap_days = 1', '"spell"\ngap_days = 2'),
)


class Grammar:
    """Writes expressions; with `of_days` what is asked of a day or period of a trip."""

    def __init__(self, dice: Random, *, of_days: bool = False) -> None:
        self._dice = dice
        self._of_days = of_days

    def _one(self, plain: tuple[str, ...], of_days: tuple[str, ...]) -> str:
        if self._of_days and self._dice.random() < 0.7:
            return self._dice.choice(of_days)
        return self._dice.choice(plain)

    def money(self, depth: int = DEPTH) -> str:
        """Write an amount."""
        dice = self._dice
        if depth <= 0 or dice.random() < 0.25:
            return self._one(_MONEY, _MONEY_OF_DAYS)
        a, b, mode = self.money(depth - 1), self.money(depth - 1), dice.choice(MODES)
        forms = (
            lambda: f"({a} + {b})",
            lambda: f"({a} - {b})",
            lambda: f"max({a}, {b})",
            lambda: f"min({a}, {b})",
            lambda: f"abs({a})",
            lambda: f"(-{a})",
            lambda: f"({a} if {self.truth(depth - 1)} else {b})",
            lambda: f"round({a} * share, 0.01, {mode})",
            lambda: f"round({a}, {dice.choice(('0.5', '1', '7', '0.02'))}, {mode})",
            lambda: f"divide({a}, number({self.count(0)}), 0.01, {mode})",
            lambda: f"divide({a}, {dice.choice(('3', '-8', '0.08'))}, 0.01, {mode})",
            lambda: f"({a} % {dice.choice(('7', '0.03'))})",
            lambda: f"({a} * {dice.choice(('2', '3'))})",
            lambda: f"nightly[grade, {self.tier(depth - 1)}] * default(nights, 1)",
            lambda: f"stay[{self.tier(depth - 1)}, default(nights, 1)]",
            lambda: f"round({self.along(depth)}, 0.01, {mode})",
        )
        return dice.choice(forms)()

    def along(self, depth: int) -> str:
        """Write what is due along a table with bands."""
        return f"along(mile[{self.tier(depth - 1)}], max(-9, min(default(miles, 3), 900)))"

    def count(self, depth: int = DEPTH) -> str:
        """Write a number without a unit that matters."""
        dice = self._dice
        if depth <= 0 or dice.random() < 0.5:
            return f"number({self._one(_COUNTS, _COUNTS_OF_DAYS)})"
        a, b = self.count(depth - 1), self.count(depth - 1)
        forms = (
            lambda: f"({a} - {b})",
            lambda: f"max({a}, {b})",
            lambda: f"({a} % 3)",
            lambda: f"({a} if {self.truth(depth - 1)} else {b})",
            lambda: f"number(days_between({self.date()}, {self.date()}))",
            lambda: f"number(months_between({self.date()}, {self.date()}))",
            lambda: f"number(working_days({self.date()}, {self.date()}))",
        )
        return dice.choice(forms)()

    def date(self) -> str:
        """Write a day."""
        return self._dice.choice(_DATES)

    def tier(self, depth: int) -> str:
        """Write a word of a list."""
        dice = self._dice
        forms = (
            lambda: "'1'",
            lambda: "'2'",
            lambda: "tier_of[default(city, '')]",
            lambda: "level",
            lambda: "default(centre, '2')",
            lambda: f"('1' if {self.truth(depth - 1)} else {self.tier(depth - 1)})",
        )
        return dice.choice(forms if depth > 0 else forms[:4])()

    def truth(self, depth: int = DEPTH) -> str:
        """Write a condition."""
        dice = self._dice
        if depth <= 0 or dice.random() < 0.2:
            return self._one(_TRUTHS, _TRUTHS_OF_DAYS)
        sign = dice.choice(("<", "<=", ">", ">=", "==", "!="))
        forms = (
            lambda: f"({self.truth(depth - 1)} and {self.truth(depth - 1)})",
            lambda: f"({self.truth(depth - 1)} or {self.truth(depth - 1)})",
            lambda: f"(not {self.truth(depth - 1)})",
            lambda: f"{self.money(depth - 1)} {sign} {self.money(depth - 1)}",
            lambda: f"{self.money(depth - 1)} {sign} {dice.choice(('0', '50', '20.01'))}",
            lambda: f"{self.count(depth - 1)} {sign} {dice.choice(('0', '1', '2', '5'))}",
            lambda: f"{self.date()} {sign} {self.date()}",
            lambda: f"{self.tier(depth - 1)} {dice.choice(('==', '!='))} '1'",
            lambda: f"({self.truth(depth - 1)} if {self.truth(depth - 1)} else {self.truth(0)})",
        )
        return dice.choice(forms)()


def _sums(dice: Random) -> tuple[str, str]:
    """Write a window and what guards its keys."""
    keys = sorted(dice.sample(sorted(_PER), dice.choice((0, 1, 1, 2, 3))))
    period = dice.choice(_PERIODS)
    guards = [_PER[key] for key in keys]
    guards += ["present(trip)"] if period == '"trip"' else []
    named = ", ".join(f'"{key}"' for key in keys)
    text = f"per = [{named}]\nperiod = {period}"
    return text, " and ".join(dict.fromkeys(guard for guard in guards if guard))


def _rule(dice: Random, code: str) -> str:
    kind = dice.choice(
        (*RuleKind, RuleKind.LIMIT, RuleKind.LIMIT, RuleKind.LIMIT, RuleKind.MEASURE)
    )
    spec = KINDS[kind]
    scope = dice.choice(sorted(spec.scopes))
    grammar = Grammar(dice, of_days=scope in ("day", "period"))
    main = grammar.truth() if spec.part == "that" else grammar.money()
    if kind is RuleKind.MEASURE and dice.random() < 0.4:
        main = grammar.count()
    when = grammar.truth(1) if dice.random() < 0.5 else ""
    if scope == "claim":
        main = dice.choice(OF_CLAIMS if spec.part == "that" else _FIGURES_OF_CLAIMS)
        when = dice.choice(CLAIMS_WHEN)
    sums = ""
    if spec.has_window and scope != "claim" and dice.random() < 0.6:
        sums, guard = _sums(dice)
        when = " and ".join(f"({part})" for part in (guard, when) if part)
        if kind is RuleKind.LIMIT:
            sums += f'\ncounts = "{dice.choice(("allowed", "eligible"))}"'
    on = dice.choice(("", "", '"meal"', '"diem"', '"diem"', '"taxi", "diem"'))
    on = "" if scope == "claim" else on
    if kind is RuleKind.ALLOW:
        on = dice.choice(('"diem"', '"diem"', '"taxi"', '"diem", "meal"'))
    effect = dice.choice([one for one in spec.effects if one != "reject"] or [""])
    if "reject" in spec.effects and dice.random() < 0.1:
        effect = "reject"
    given = {
        "code": f'"{code}"',
        "kind": f'"{kind}"',
        "effect": f'"{effect}"' if effect else "",
        "scope": f'"{scope}"',
        "on": f"[{on}]" if on else "",
        "title": '{ en = "R", zh = "R" }',
        "when": f'"{when}"' if when else "",
        spec.part: f'"{main}"',
        "component": f'"{scope} {dice.choice("ab")}"' if kind is RuleKind.ALLOW else "",
    }
    lines = [f"{name} = {value}" for name, value in given.items() if value]
    return "\n".join(["[[rule]]", *lines, sums, ""])


def _named(dice: Random) -> str:
    """Write named windows in the place of those that `drawn` has."""
    made = dict(WINDOWS)
    for name in ("spent_before", "meals_before", "stays_before"):
        sums, guard = _sums(dice)
        adds = ""
        if name == "spent_before":
            adds = f'adds = "{dice.choice(("amount", "cap", "max(0, amount) - 1", "twice"))}"\n'
        on = dice.choice(("", 'on = ["meal"]\n', 'on = ["taxi", "diem"]\n'))
        counts = f'counts = "{dice.choice(("allowed", "eligible"))}"\n'
        when = f'when = "{guard}"\n' if guard else ""
        made[name] = (
            f'\n[window.{name}]\nname = {{ en = "w", zh = "w" }}\n{on}{when}{adds}{sums}\n{counts}'
        )
    return "".join(made.values())


def fits(text: str) -> bool:
    """Say whether a policy loads."""
    try:
        parse_policy(text)
    except PolicyError:
        return False
    return True


@lru_cache(maxsize=64)
def policy_text(number: int) -> str:
    """Write the policy of a number; rules that do not load are left out."""
    dice = Random(number)
    head = HEAD + next(
        named for _ in range(TRIES) if fits(f"{HEAD}{(named := _named(dice))}{_PLAIN}")
    )
    rules: list[str] = []
    wanted = dice.randint(1, RULES_MAX)
    for _ in range(TRIES):
        one = _rule(dice, f"r{len(rules)}")
        if fits(head + "".join(rules) + one):
            rules.append(one)
        if len(rules) == wanted:
            break
    return head + "".join(rules)


_PLAIN: Final = (
    '[[rule]]\ncode = "r"\nkind = "limit"\ntitle = { en = "R", zh = "R" }\nat_most = "5"\n'
)


def wild_cases(number: int, *, histories: int = 3) -> Iterator[Case]:
    """Give the cases of a number: one policy, and several histories under it."""
    text = policy_text(number)
    for shift in range(histories):
        dice = Random(f"{number} {shift}")
        claims = dense(dice.randrange(10**9), claims=dice.randint(1, 6), lines=dice.randint(1, 6))
        waivers = tuple(_waiver(dice, at) for at in range(dice.choice((0, 0, 3))))
        yield Case(
            text, tuple(replace(facts, waivers=waivers) for facts in claims), dice.random() < 0.5
        )


def _waiver(dice: Random, number: int) -> Waiver:
    whom = dice.choice(({"person": "P"}, {"person": "Q"}, {"claim": "C1"}, {"line": "0"}))
    days = dice.choice(((YEAR_END, None), (date(2026, 3, 2), None), (YEAR_END, date(2026, 3, 2))))
    return Waiver(f"W{number}", f"r{dice.randrange(5)}", dice.choice("XXQ"), *days, **whom)
