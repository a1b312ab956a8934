"""Cases of every kind of rule, window and outcome, written by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Final

from agreement import (
    STATUSES,
    Case,
)
from case_makers import YEAR_END, chunks, claim, dense, line, policy, single, window_of
from drawn import (
    HEAD,
    SUMS,
    Drawn,
    Sums,
)
from drawn_claims import (
    FIRST,
)

from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.money import Money
from crm_expenses.core.waiver import Waiver
from crm_expenses.rules.kinds import KINDS, RuleKind
from crm_expenses.rules.window import WindowPeriod

_MAIN: Final = {
    (RuleKind.LIMIT, True): "stipend[minutes_away]",
    (RuleKind.LIMIT, False): "40",
    (RuleKind.ALLOW, True): "cap - breakfast_paid",
    (RuleKind.ALLOW, False): "number(default(nights, 1)) * cap",
    (RuleKind.MEASURE, True): "minutes_away",
    (RuleKind.MEASURE, False): "1 - claim_lines",
    (RuleKind.REQUIRE, True): "minutes_away > 700",
    (RuleKind.REQUIRE, False): "claim_lines > 8",
    (RuleKind.FORBID, True): "breakfast != 'none'",
    (RuleKind.FORBID, False): "cap > 60 or claim_total > 400",
    (RuleKind.FLAG, True): "present(place) and place == 'Rome'",
    (RuleKind.FLAG, False): "claim_lines % 2 == 0",
}


def every_shape() -> Iterator[Case]:
    """Every kind with each scope and effect that it may have, alone and beside a limit."""
    for seed, (kind, spec) in enumerate(KINDS.items()):
        for scope in sorted(spec.scopes):
            for effect in spec.effects or ("",):
                main = _MAIN[kind, scope.is_of_trip]
                component = "part" if kind is RuleKind.ALLOW else ""
                one = Drawn(kind, main, effect, scope, component=component)
                beside = Drawn("limit", "45", "cap", sums=SUMS[0])
                waived = tuple(
                    replace(
                        facts,
                        waivers=(Waiver("W", "r0", "X", YEAR_END, person="P", line="1"),),
                    )
                    for facts in dense(500 + seed, claims=4, lines=6)
                )
                yield Case(policy([one, beside]), waived)


SPENT: Final = (
    *((50, 0), (30, 1), (-20, 1), (70, 0), (0, 3), (25, 4), (60, -1), (10, 2), (-90, 2), (45, 7)),
    *((80, 30), (20, 31), (15, 61), (15, 306), (35, 365), (5, 366), (90, 8), (40, 10), (40, 13)),
)
"""Amounts and days after the first, in the order of receipt: back and forth, below zero."""

_HAS_VOUCHER: Final = "present(voucher_number)"


def windows() -> Iterator[Case]:
    """Every period, counting what is left and what is taken in, as limit, measure and named sum."""
    lines = [
        line(n, amount, FIRST + timedelta(days=day), trip=("T1", "T2", "T1")[n % 3], city="Bonn")
        for n, (amount, day) in enumerate(SPENT)
    ]
    statuses = {4: ClaimStatus.DRAFT, 7: ClaimStatus.PAID, 9: ClaimStatus.REJECTED}
    for period, per, counts in product(
        WindowPeriod, ("", '"person"', '"person", "city"'), ("allowed", "eligible")
    ):
        sums = window_of(period, per)
        if "city" in per:
            guard = " and ".join(part for part in (sums.guard, "present(city)") if part)
            sums = replace(sums, guard=guard)
        limits = [
            Drawn("limit", "100", "cap", sums=sums, counts=counts),
            Drawn("limit", "120", "review", sums=sums, counts=counts),
            Drawn("limit", "190", "reject", sums=sums, counts=counts, when="amount != 80"),
            Drawn("measure", "amount", sums=sums),
            Drawn("measure", "w", sums=sums),
            Drawn("forbid", "amount == 70", "reject"),
        ]
        fields = sums.text.replace("\n", "\n")
        named = (
            '[window.w]\nname = { en = "w", zh = "w" }\nadds = "amount"\n'
            f'{fields}\ncounts = "{counts}"\n' + (f'when = "{sums.guard}"\n' if sums.guard else "")
        )
        pairs = [
            claim(n, lines[2 * n : 2 * n + 2], status=statuses.get(n, ClaimStatus.SUBMITTED))
            for n in range((len(lines) + 1) // 2)
        ]
        text = HEAD + named + "\n".join(rule.toml(f"r{n}") for n, rule in enumerate(limits))
        yield Case(text, tuple(pairs))
        yield Case(text, single(lines))
    keys = ("account", "opportunity", "trip", "team", "pre_approval", "voucher", "claim")
    guards = {"voucher": "voucher_number", "team": "", "claim": ""}
    by_key = [
        replace(
            window_of(WindowPeriod.MONTH, f'"{key}"'),
            guard=f"present({name})" if (name := guards.get(key, key)) else "",
        )
        for key in keys
    ]
    for seed, some in enumerate(chunks((*SUMS, *by_key), 5)):
        rules = [Drawn("limit", "60", "cap", sums=one) for one in some]
        yield Case(policy(rules), dense(600 + seed))


def same_keys() -> Iterator[Case]:
    """Windows whose keys say a thing twice, as a trip per trip: alone, and all in one policy."""
    places = ("Bonn", "Rome", "Bonn", "Kyiv")
    lines = [
        line(n, amount, FIRST, trip=f"T{n % 3}", city=places[n % 4], voucher=f"V{n % 5}")
        for n, (amount, _) in enumerate(SPENT)
    ]
    pairs = tuple(claim(n, lines[2 * n : 2 * n + 2]) for n in range(len(lines) // 2))
    every = (
        Sums(2, 'per = ["trip"]\nperiod = "trip"', "present(trip)"),
        Sums(3, 'per = ["city", "person", "city"]\nperiod = "week"', "present(city)"),
        Sums(8, 'per = ["voucher", "voucher_number"]\nperiod = "all_time"', _HAS_VOUCHER),
        Sums(4, 'per = ["trip", "trip"]\nperiod = "rolling"\ndays = 9', "present(trip)"),
    )
    for some in (*((one,) for one in every), every):
        rules = [Drawn("limit", "130", "reject", sums=sums) for sums in some]
        rules += [Drawn("measure", "amount", sums=sums) for sums in some]
        rules.append(Drawn("forbid", "amount == 70", "reject"))
        yield Case(policy(rules), pairs)


def spells() -> Iterator[Case]:
    """Spells that end, that go on through nothing, and that are longer than is looked back."""
    long = [line(n, 1, FIRST + timedelta(days=2 * n)) for n in range(210)]
    for gap, counts in product((1, 2, 30), ("allowed", "eligible")):
        sums = Sums(0, f'per = ["person"]\nperiod = "spell"\ngap_days = {gap}')
        rules = [
            Drawn("limit", "100", "cap", sums=sums, counts=counts),
            Drawn("measure", "amount", sums=sums),
        ]
        days = (0, 2, 1, 4, 6, 5, 40, 9, 20, 70, 71, 35)
        some = [line(n, 30 * (n % 3), FIRST + timedelta(days=d)) for n, d in enumerate(days)]
        yield Case(policy(rules), single(some))
        yield Case(policy(rules), tuple(claim(n, long[n::5]) for n in range(5)))
    for days in (1, 7, 31, 92, 400):
        sums = Sums(0, f'period = "rolling"\ndays = {days}')
        rules = [Drawn("limit", "100", sums=sums), Drawn("measure", "amount", sums=sums)]
        ends = [
            line(n, 60, FIRST + timedelta(days=d))
            for n, d in enumerate((0, days - 1, days, -days, 1))
        ]
        yield Case(policy(rules), single(ends))


def uncovered() -> Iterator[Case]:
    """Categories that no rule is on, and that the policy does not know."""
    lines = [
        line(0, 50),
        line(1, 50, category="taxi"),
        line(2, Money(50, "USD"), category="diem", trip="T1"),
        line(3, 50, category="unknown"),
    ]
    claims = (claim(0, lines), claim(1, lines[2:]), claim(2, lines[:1]))
    sets: Sequence[Sequence[Drawn]] = (
        [Drawn("measure", "amount")],
        [Drawn("limit", "40", on='"meal"')],
        [Drawn("flag", "claim_lines > 5", "review", "claim")],
        [Drawn("limit", "40"), Drawn("limit", "30", on='"taxi"', sums=SUMS[3])],
        [Drawn("allow", "20", on='"diem"', component="one"), Drawn("require", "present(city)")],
    )
    for rules in sets:
        yield Case(policy(rules), claims)


def rejected() -> Iterator[Case]:
    """Claims that are rejected by a line or as a whole give nothing to windows, by any status."""
    rules = [
        Drawn("limit", "100", sums=SUMS[3]),
        Drawn("limit", "90", sums=SUMS[11], counts="eligible"),
        Drawn("forbid", "amount == 70", "reject", on='"meal"'),
        Drawn("forbid", "claim_lines > 3", "reject", "claim"),
        Drawn("flag", "meals_before > 1", "review"),
        Drawn("flag", "spent_before > 60", "review"),
        Drawn("measure", "voucher_uses_before"),
        Drawn("measure", "amount", sums=SUMS[12]),
    ]
    lines = [line(n, (40, 70, 30, 70, 20)[n], voucher="V1") for n in range(5)]
    picks: Sequence[Sequence[int]] = ((0, 2), (0, 1), (0, 2, 4, 0), (2,), (1, 3), (0, 4))
    for shift in range(len(STATUSES)):
        claims = [
            claim(
                number,
                [replace(lines[at], id=str(n)) for n, at in enumerate(pick)],
                status=STATUSES[(shift + number) % len(STATUSES)],
                extra=(("project", "A"),),
            )
            for number, pick in enumerate(picks)
        ]
        yield Case(policy(rules), tuple(claims))
