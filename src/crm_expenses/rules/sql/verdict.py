"""What each rule says of a line or claim, as cells: if it applies, what it finds and leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from crm_expenses.core.finding import Effect
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.policy import Rule
from crm_expenses.rules.sql.base import Base, whole_sum
from crm_expenses.rules.sql.cell import names_of
from crm_expenses.rules.sql.claim_rows import Claims
from crm_expenses.rules.sql.dialect import Fn
from crm_expenses.rules.sql.line_rows import Lines
from crm_expenses.rules.sql.text import Failure, Sql, both, either
from crm_expenses.rules.units import certain

FOUND: Final = 1
JUSTIFIED: Final = 2
WAIVED: Final = 3
FAILED_FROM: Final = 4
"""States of a rule: nothing (0), a finding, one that a fact resolved; from 5 on why it failed."""

AMOUNTS: Final = frozenset({RuleKind.LIMIT, RuleKind.ALLOW, RuleKind.MEASURE})
"""Kinds whose expression gives an amount."""

OF_AMOUNT: Final = ("amount", "entitled")


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule on its way: conditions in the order in which `run` meets them.

    `before` are pairs of a condition and the state that it settles; `applies` says whether the
    rule counts the line; `main` is the limit, the value, or whether the rule is broken. The first
    `guards` of the conditions only ask for the category.
    """

    before: tuple[tuple[str, int | str], ...]
    applies: str
    main: Sql
    needs: frozenset[str]
    can_fail: bool
    guards: int = 0


def asked(frame: Base, rule: Rule) -> Asked:
    """Ask a rule of a line or claim itself, or of the days of the line's trip."""
    if rule.scope in (RuleScope.DAY, RuleScope.PERIOD):
        if not isinstance(frame, Lines):  # pragma: no cover  only lines have trips
            raise TypeError(frame)
        return _of_days(frame, rule)
    before: list[tuple[str, int | str]] = []
    applies: list[str] = []
    needs = _guards(frame, rule, before, applies)
    writer = frame.writer
    can_fail = any(state != 0 for _, state in before)
    missing = either(test for test, _ in before[len(_guard(frame, rule)) :])
    is_once = rule.window is None
    if rule.when is not None:
        when = writer.write(rule.when)
        if not is_once or when.fail is not None:
            when = frame.bind(when, "when")
        needs |= when.needs
        if when.fail is not None:
            before.append((f"{when.fail} IS NOT NULL", f"{FAILED_FROM} + {when.fail}"))
            can_fail = True
        before.append((f"NOT {_sure(when)}", 0))
        holds = _sure(when) if when.fail is None else f"({when.fail} IS NOT NULL OR {_sure(when)})"
        applies.append(holds if missing == "FALSE" else f"({missing} OR {holds})")
    main = _main(frame, rule)
    needs |= main.needs
    if isinstance(frame, Lines) and frame.is_lean and isinstance(main.fail, Failure):
        before += [(test, FAILED_FROM + number) for test, number in main.fail.causes]
        needs |= {n for test, _ in main.fail.causes for n in names_of(test) if n in frame.cells}
        can_fail, main = True, replace(main, fail=None)
    if rule.kind in AMOUNTS or main.fail is not None:
        main = frame.bind(main, "main")
    needs |= main.needs
    if main.fail is not None:
        before.append((f"{main.fail} IS NOT NULL", f"{FAILED_FROM} + {main.fail}"))
        can_fail = True
    return Asked(tuple(before), both(applies), main, needs, can_fail, len(_guard(frame, rule)))


def _guard(frame: Base, rule: Rule) -> list[str]:
    if rule.on is None or not isinstance(frame, Lines):
        return []
    return [frame.is_category(rule.on).text]


def _guards(
    frame: Base, rule: Rule, before: list[tuple[str, int | str]], applies: list[str]
) -> frozenset[str]:
    """Add the category, and the names that the rule needs and that may lack."""
    needs = frozenset[str]()
    for test in _guard(frame, rule):
        before.append((f"NOT ({test})", 0))
        applies.append(f"({test})")
        needs |= frame.is_category(rule.on or ()).needs
    uncertain = sorted(rule.reads & frame.policy.catalogue.uncertain())
    for name in (name for name in uncertain if name in OF_AMOUNT):
        fact = frame.read(name)
        needs |= fact.needs
        before.append((f"{fact.text} IS NULL", 0))
    for name in (name for name in uncertain if name not in OF_AMOUNT):
        fact = frame.read(name)
        needs |= fact.needs
        before.append((f"{fact.text} IS NULL", FAILED_FROM + 1))
    return needs


def _main(frame: Base, rule: Rule) -> Sql:
    """Give a limit or value as it is; of a condition, whether it is broken."""
    written = frame.writer.write(rule.main)
    if rule.kind in AMOUNTS:
        if rule.main.type.sort.value == "yes_no":
            text = f"(CASE WHEN {written.text} THEN 1 ELSE 0 END)"
            return Sql(text, written.needs, written.fail, written.may_lack)
        return written
    text = _sure(written)
    if rule.kind is RuleKind.REQUIRE:
        text = f"(NOT {text})"
    return Sql(text, written.needs, written.fail)


def _sure(sql: Sql) -> str:
    return f"COALESCE({sql.text}, FALSE)" if sql.may_lack or sql.fail else sql.text


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a rule adds to what is asked: as in `Asked`."""

    before: tuple[tuple[str, int | str], ...] = ()
    applies: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _EachDay:
    """What a rule says of each day or period, and how the line of the trip is told of it."""

    lines: Lines
    rule: Rule
    number: Sql
    when: Sql | None
    main: Sql

    @property
    def chosen(self) -> str:
        """Write whether the rule counts the day."""
        return "TRUE" if self.when is None else _sure(self.when)

    def over(self, hint: str, text: str) -> Sql:
        """Aggregate over the days."""
        when = self.when.needs if self.when is not None else frozenset[str]()
        stem = f"{self.lines.days[self.rule.scope].prefix}{_plain(self.rule.code)}"
        cells = self.main.needs | self.number.needs | when
        return self.lines.over_days(self.rule.scope, f"{stem}_{hint}", text, cells)

    def failed(self, hint: str, failure: str, test: str) -> tuple[Sql, _Part]:
        """Say whether it failed on a day that passes a test, and how on the first such day."""
        number, own = self.number.text, self.lines.dialect
        is_failed = f"{test} AND {failure} IS NOT NULL"
        found = self.over(hint, f"MIN(CASE WHEN {is_failed} THEN {number} * 16 + {failure} END)")
        code = own(Fn.REMAINDER, found.text, "16")
        settled = (f"{found.text} IS NOT NULL", f"{FAILED_FROM} + {code}")
        return found, _Part((settled,), needs=found.needs)

    def any_chosen(self, missing: str) -> _Part:
        """Ask for a day that the rule counts; `missing` says that a name lacks."""
        if self.when is None:
            return _Part()
        failed, part = None, _Part()
        if self.when.fail is not None:
            failed, part = self.failed("when_failed", self.when.fail, "TRUE")
        any_day = self.over("days", f"MAX(CASE WHEN {self.chosen} THEN 1 ELSE 0 END)")
        none = (f"COALESCE({any_day.text}, 0) = 0", 0)
        test = f"COALESCE({any_day.text}, 0) = 1"
        if failed is not None:
            test = f"({failed.text} IS NOT NULL OR {test})"
        applies = test if missing == "FALSE" else f"({missing} OR {test})"
        return _Part((*part.before, none), (applies,), part.needs | any_day.needs)

    def total(self) -> tuple[Sql, _Part]:
        """Sum what the rule gives for each day."""
        part, main = _Part(), self.main
        if main.fail is not None:
            _, part = self.failed("failed", main.fail, self.chosen)
        value = f"GREATEST(0, {main.text})" if self.rule.kind is RuleKind.LIMIT else main.text
        term = f"CASE WHEN {self.chosen} THEN {value} ELSE 0 END"
        total = self.over("sum", whole_sum(self.lines.dialect, term))
        return Sql(f"COALESCE({total.text}, 0)", total.needs), part

    def broken(self) -> tuple[Sql, _Part]:
        """Say whether a day breaks the rule, unless it failed on an earlier one."""
        main, part, coded, is_end = self.main, _Part(), "0", self.main.text
        if main.fail is not None:
            coded = f"COALESCE({main.fail}, 0)"
            is_end = f"({main.fail} IS NOT NULL OR {main.text})"
        test = f"{self.chosen} AND {is_end}"
        first = f"MIN(CASE WHEN {test} THEN {self.number.text} * 16 + {coded} END)"
        stop = self.over("broken", first)
        if main.fail is not None:
            code = self.lines.dialect(Fn.REMAINDER, stop.text, "16")
            part = _Part(((f"COALESCE({code}, 0) <> 0", f"{FAILED_FROM} + {code}"),))
        return Sql(f"({stop.text} IS NOT NULL)", stop.needs), part


def _of_days(lines: Lines, rule: Rule) -> Asked:
    """Ask a rule of each day or period of the line's trip, and take what the first broken says."""
    trip = _of_trip(lines, rule)
    lacking: list[tuple[str, int | str]] = []
    named = _guards(lines, _without_on(rule), lacking, [])
    days = lines.days[rule.scope]
    number = days.read("day_number")
    when = days.bind(days.writer.write(rule.when), "when") if rule.when is not None else None
    each = _EachDay(lines, rule, number, when, days.bind(_main(days, rule), "main"))
    some = each.any_chosen(either(test for test, _ in lacking))
    main, found = each.total() if rule.kind in AMOUNTS else each.broken()
    before = (*trip.before, *lacking, *some.before, *found.before)
    needs = trip.needs | named | some.needs | found.needs | main.needs
    return Asked(before, both([*trip.applies, *some.applies]), main, needs, can_fail=True)


def _of_trip(lines: Lines, rule: Rule) -> _Part:
    """Ask for the category, and for a trip whose days can be told."""
    before: list[tuple[str, int | str]] = []
    applies: list[str] = []
    needs = frozenset[str]()
    for test in _guard(lines, rule):
        before.append((f"NOT ({test})", 0))
        applies.append(f"({test})")
        needs |= lines.is_category(rule.on or ()).needs
    odd, trip = lines.read("trip_is_odd"), lines.read("trip")
    is_lost = odd.text
    if rule.when is not None and "trip" in certain(rule.when, when=True):
        is_lost = f"({trip.text} IS NOT NULL AND {odd.text})"
    before.append((is_lost, FAILED_FROM + 1))
    applies.append(f"NOT {is_lost}")
    return _Part(tuple(before), tuple(applies), needs | odd.needs | trip.needs)


def _without_on(rule: Rule) -> Rule:
    return replace(rule, on=None)


def _plain(code: str) -> str:
    return code.replace(".", "_").replace("-", "_")


def resolution(frame: Base, rule: Rule, stem: str) -> tuple[str, frozenset[str], int]:
    """Give the state of a finding: as it is, or resolved by a justification or a waiver."""
    cases, needs, top = [], frozenset[str](), FOUND
    if rule.effect is Effect.JUSTIFY and isinstance(frame, Lines):
        said = frame.read("justification")
        cases.append(f"WHEN {said.text} IS NOT NULL THEN {JUSTIFIED}")
        needs |= said.needs
        top = JUSTIFIED
    waived = frame.waived(stem) if isinstance(frame, Lines | Claims) else None
    if waived is not None:
        cases.append(f"WHEN {waived.text} = 1 THEN {WAIVED}")
        needs |= waived.needs
        top = WAIVED
    if not cases:
        return str(FOUND), needs, top
    return f"CASE {' '.join(cases)} ELSE {FOUND} END", needs, top


def chain(cases: Sequence[tuple[str, int | str]], otherwise: str) -> str:
    """Write what the first condition that holds settles.

    >>> chain([("a", 0)], "1"), chain([], "1")
    ('(CASE WHEN a THEN 0 ELSE 1 END)', '1')
    """
    if not cases:
        return otherwise
    merged: list[tuple[list[str], int | str]] = []
    for test, state in cases:
        if merged and merged[-1][1] == state:
            merged[-1][0].append(test)
        else:
            merged.append(([test], state))
    written = " ".join(f"WHEN {' OR '.join(tests)} THEN {state}" for tests, state in merged)
    return f"(CASE {written} ELSE {otherwise} END)"
