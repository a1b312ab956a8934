"""From a typed tree to an expression of a query, with the failures that `run` would report.

A part that cannot be computed makes the whole a failure, in the order in which `run` meets it; what
stands behind a condition that does not hold is never asked. Values that may be missing are read
only where a condition has made sure of them, so the logic of NULL decides nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Protocol

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.rules.catalogue.make import MONTHS, WEEKDAYS
from crm_expenses.rules.sql.dialect import Dialect, Fn
from crm_expenses.rules.sql.schema import Kind
from crm_expenses.rules.sql.shapes import length_of, pattern_of
from crm_expenses.rules.sql.tables import Lookups
from crm_expenses.rules.sql.text import (
    Sql,
    both,
    divided,
    failure_if,
    failure_when,
    first_failure,
    joined,
)
from crm_expenses.rules.tree import Node, Op, Sort

INT64_MAX: Final = 2**63 - 1
FIRST_DAY: Final = date(1, 1, 1)
DAYS_ALL: Final = (date(9999, 12, 31) - FIRST_DAY).days


class Reader(Protocol):
    """What gives names their columns: a row of lines, of days of trips, or of claims."""

    dialect: Dialect
    calendar: WorkCalendar
    lookups: Lookups

    def read(self, name: str) -> Sql:
        """Give a fact."""
        ...

    def ordinal(self, name: str, words: tuple[str, ...]) -> Sql:
        """Give the place of a fact's text among some words; NULL where it is none of them."""
        ...

    def place(self, name: str, words: tuple[str, ...]) -> Sql | None:
        """Give the place of a word, from 1, where it is told once for all; None elsewhere."""
        ...

    def bind(self, sql: Sql, hint: str) -> Sql:
        """Give a long expression a name, so that it is written once."""
        ...

    def each(self, node: Node) -> Sql:
        """Give the sum or the count of a value over days or lines."""
        ...

    def of_lines(self, node: Node) -> Sql:
        """Give the sum or the count of the claim's lines of some categories."""
        ...


_COMPARE: Final = {Op.EQ: "=", Op.NE: "<>", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}
_SUM: Final = {Op.ADD: "+", Op.SUBTRACT: "-", Op.MULTIPLY: "*"}


class Writer:
    """Writes trees over the columns that one reader gives."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._dialect = reader.dialect

    def write(self, node: Node) -> Sql:  # noqa: C901, PLR0912  one case an operation
        """Give the expression that computes a node."""
        match node.op:
            case Op.CONSTANT:
                return Sql(self._constant(node))
            case Op.NAME:
                return self._reader.read(str(node.value))
            case Op.VALUE:
                return self._reader.bind(self.write(node.args[0]), str(node.value))
            case Op.NUMBER:
                return self.write(node.args[0])
            case Op.TOTAL_EACH | Op.COUNT_EACH:
                return self._reader.each(node)
            case Op.TOTAL_OF | Op.COUNT_OF:
                return self._reader.of_lines(node)
            case Op.LOOKUP | Op.BAND | Op.ALONG:
                return self._lookup(node)
            case Op.AND | Op.OR:
                return self._logic(node)
            case Op.NOT:
                arg = self.write(node.args[0])
                return Sql(f"(NOT {arg.text})", arg.needs, arg.fail, arg.may_lack)
            case Op.IN:
                return self._among(node)
            case Op.IF:
                return self._choice(node)
            case Op.PRESENT:
                arg = self.write(node.args[0])
                return Sql(f"({arg.text} IS NOT NULL)", arg.needs, arg.fail)
            case Op.DEFAULT:
                return self._default(node)
            case Op.ROUND | Op.DIVIDE:
                return self._rounding(node)
            case op if op in _COMPARE:
                return self._compare(node)
            case op if op in _SUM:
                return self._arithmetic(node)
            case _:
                return self._function(node, [self.write(arg) for arg in node.args])

    def _constant(self, node: Node) -> str:
        if node.type.sort is Sort.DATE:
            return self._dialect.day(date.fromisoformat(str(node.value)))
        if isinstance(node.value, bool):
            return "TRUE" if node.value else "FALSE"
        if isinstance(node.value, int):
            return self._dialect.long(node.value)
        return self._dialect.text(str(node.value))

    # Logic

    def _logic(self, node: Node) -> Sql:
        is_and = node.op is Op.AND
        parts = [self.write(arg) for arg in node.args]
        made = parts[-1]
        for part in reversed(parts[:-1]):
            made = self._and(part, made) if is_and else self._or(part, made)
        return made

    def _and(self, first: Sql, then: Sql) -> Sql:
        fail = first_failure(first.fail, failure_when(first.text, then.fail))
        if then.may_lack or then.fail:
            text = f"(CASE WHEN {first.text} THEN {then.text} ELSE FALSE END)"
        else:
            text = f"({first.text} AND {then.text})"
        return Sql(text, joined(first, then), fail, first.may_lack)

    def _or(self, first: Sql, then: Sql) -> Sql:
        other = failure_when(f"NOT {first.text}", then.fail)
        if then.may_lack or then.fail:
            text = f"(CASE WHEN {first.text} THEN TRUE ELSE {then.text} END)"
        else:
            text = f"({first.text} OR {then.text})"
        return Sql(text, joined(first, then), first_failure(first.fail, other), first.may_lack)

    def _choice(self, node: Node) -> Sql:
        test, then, other = (self.write(arg) for arg in node.args)
        fail = first_failure(test.fail, failure_when(test.text, then.fail, other.fail))
        text = f"(CASE WHEN {test.text} THEN {then.text} ELSE {other.text} END)"
        return Sql(text, joined(test, then, other), fail, then.may_lack or other.may_lack)

    def _default(self, node: Node) -> Sql:
        name, other = (self.write(arg) for arg in node.args)
        fail = first_failure(name.fail, failure_when(f"{name.text} IS NULL", other.fail))
        text = f"COALESCE({name.text}, {other.text})"
        return Sql(text, joined(name, other), fail, other.may_lack)

    def _compare(self, node: Node) -> Sql:
        left, right = node.args
        for one, other in ((left, right), (right, left)):
            if other.op is Op.CONSTANT and isinstance(other.value, str):
                found = self._by_place(one, str(other.value))
                if found is not None:
                    place, number = found
                    sign = _COMPARE[node.op]  # = or <>: it does not matter which side is which
                    return replace(place, text=f"({place.text} {sign} {number})")
        parts = [self._side(arg, of) for arg, of in ((left, right), (right, left))]
        text = f"({parts[0].text} {_COMPARE[node.op]} {parts[1].text})"
        fail = first_failure(*(part.fail for part in parts))
        return Sql(text, joined(*parts), fail, any(part.may_lack for part in parts))

    def _by_place(self, node: Node, word: str) -> tuple[Sql, str] | None:
        """Give a word as its place in a list, and the place that it is compared with."""
        if node.type.sort is not Sort.CHOICE:
            return None
        if node.op is Op.LOOKUP:
            words = self._reader.lookups.words_of(str(node.value))
            found = self._lookup(node, by_place=words)
            return found, str(words.index(word)) if word in words else "(-1)"
        if node.op is Op.NAME:
            words = self._reader.lookups.choice_words(node.type.choice)
            fact = self._reader.read(str(node.value))
            place = self._reader.place(str(node.value), words)
            if place is not None and word in words:
                held = Sql(place.text, place.needs | fact.needs, fact.fail)
                return held, str(words.index(word) + 1)
        return None

    def _side(self, node: Node, beside: Node) -> Sql:
        """Write one side of a comparison; a constant takes the type of the other."""
        if node.op is Op.CONSTANT and beside.op is not Op.CONSTANT and isinstance(node.value, int):
            if isinstance(node.value, bool):
                return Sql(self._constant(node))
            return Sql(self._dialect.whole(node.value))
        return self.write(node)

    def _among(self, node: Node) -> Sql:
        options = node.value if isinstance(node.value, tuple) else (node.value,)
        places = [self._by_place(node.args[0], str(option)) for option in options]
        if places and all(places):
            held = [place for place in places if place is not None]
            listed = ", ".join(number for _, number in held)
            first = held[0][0]
            return replace(first, text=f"({first.text} IN ({listed}))")
        arg = self.write(node.args[0])
        listed = ", ".join(self._dialect.text(str(option)) for option in options)
        return Sql(f"({arg.text} IN ({listed}))", arg.needs, arg.fail, arg.may_lack)

    # Arithmetic

    def _arithmetic(self, node: Node) -> Sql:
        left, right = (self.write(arg) for arg in node.args)
        text = f"({left.text} {_SUM[node.op]} {right.text})"
        fail = first_failure(left.fail, right.fail)
        return Sql(text, joined(left, right), fail, left.may_lack or right.may_lack)

    def _rounding(self, node: Node) -> Sql:
        """Round a/b to a multiple of `step`, as `rules.compile` does."""
        dividend = node.args[0]
        divisor = node.args[1] if node.op is Op.DIVIDE else None
        shift = node.type.scale + (divisor.type.scale if divisor else 0) - dividend.type.scale
        step = node.value if isinstance(node.value, int) else 1
        up, down = 10 ** max(0, shift), step * 10 ** max(0, -shift)
        above = self._reader.bind(self.write(dividend), "part")
        top = max(abs(dividend.low), abs(dividend.high)) * up
        if divisor is None:
            low = down
            below = Sql(self._dialect.long(down))
        else:
            written = self._reader.bind(self.write(divisor), "part")
            low = max(abs(divisor.low), abs(divisor.high)) * down
            zero = failure_if(f"{written.text} = 0", "zero")
            fail = first_failure(written.fail, zero if divisor.low * divisor.high <= 0 else None)
            below = Sql(f"NULLIF({written.text}, 0)", written.needs, fail, written.may_lack)
        wide = top * 2 + low * 2 > INT64_MAX
        a, b = above.text, below.text
        if wide:
            a, b = self._dialect.widened(a), self._dialect.widened(b)
        if up != 1:
            a = f"({a} * {self._dialect.widened(str(up)) if wide else self._dialect.long(up)})"
        if divisor is not None and down != 1:
            b = f"({b} * {self._dialect.widened(str(down)) if wide else self._dialect.long(down)})"
        if divisor is not None and divisor.low <= 0:
            sign = f"CASE WHEN {b} < 0 THEN -1 ELSE 1 END"
            a, b = f"({a} * {sign})", f"({b} * {sign})"
        needs = above.needs | below.needs
        first = self._reader.bind(Sql(a, needs, may_lack=above.may_lack), "above")
        second = self._reader.bind(Sql(b, needs, may_lack=below.may_lack), "below")
        text = divided(self._dialect, first.text, second.text, node.mode, wide=wide)
        if step != 1:
            text = f"({text} * {self._dialect.long(step)})"
        lacks = above.may_lack or below.may_lack or below.fail is not None
        fail = first_failure(above.fail, below.fail)
        made = Sql(text, first.needs | second.needs, fail, lacks)
        return Sql(made.text, made.needs | needs, fail, lacks)

    # Functions

    def _function(  # noqa: C901, PLR0912  one case an operation
        self, node: Node, args: Sequence[Sql]
    ) -> Sql:
        own, texts = self._dialect, [arg.text for arg in args]
        needs, lacks = joined(*args), any(arg.may_lack for arg in args)
        fail = first_failure(*(arg.fail for arg in args))

        def made(text: str, more: str | None = None) -> Sql:
            return Sql(text, needs, first_failure(fail, more), lacks)

        match node.op:
            case Op.REMAINDER:
                once = own(Fn.REMAINDER, texts[0], texts[1])
                if node.args[0].low >= 0:
                    return made(once)
                return made(own(Fn.REMAINDER, f"({once} + {texts[1]})", texts[1]))
            case Op.NEGATE:
                return made(f"(-{texts[0]})")
            case Op.RESCALE:
                factor = node.value if isinstance(node.value, int) else 1
                return made(f"({texts[0]} * {own.long(factor)})")
            case Op.LEAST:
                return made(f"LEAST({', '.join(texts)})")
            case Op.GREATEST:
                return made(f"GREATEST({', '.join(texts)})")
            case Op.ABSOLUTE:
                return made(f"ABS({texts[0]})")
            case Op.LENGTH:
                return made(own(Fn.LENGTH, texts[0]))
            case Op.SHAPE:
                form = own(Fn.MATCHES, texts[0], pattern_of(str(node.value), own))
                length = length_of(str(node.value)) if own.name == "duckdb" else None
                if length is not None:
                    is_so_long = f"{own(Fn.LENGTH, texts[0])} = {length}"
                    form = f"(CASE WHEN {is_so_long} THEN {form} ELSE FALSE END)"
                return made(form)
            case Op.DAYS_BETWEEN:
                return made(own(Fn.DAYS, *texts))
            case Op.YEAR:
                return made(own(Fn.YEAR, texts[0]))
            case Op.DAY_OF_MONTH:
                return made(own(Fn.DAY_OF_MONTH, texts[0]))
            case Op.MONTH:
                return made(self._named(own(Fn.MONTH, texts[0]), MONTHS, 1))
            case Op.WEEKDAY:
                return made(self._named(weekday(own, texts[0]), WEEKDAYS, 0))
            case Op.IS_WEEKEND:
                return made(f"({weekday(own, texts[0])} >= 5)")
            case Op.IS_WORKING_DAY:
                return made(self._is_working(texts[0]), self._beyond_calendar(texts[0]))
            case Op.WORKING_DAYS:
                return self._working_days(args, needs, fail, lacks=lacks)
            case Op.ADD_DAYS:
                return self._add_days(args, needs, fail, lacks=lacks)
            case Op.ADD_MONTHS:
                return self._add_months(args, needs, fail, lacks=lacks)
            case Op.MONTHS_BETWEEN:
                days = [self._reader.bind(arg, "day") for arg in args]
                text = self._months_between(days[0].text, days[1].text)
                return Sql(text, needs | joined(*days), fail, lacks)
            case op:  # pragma: no cover  the list of operations is closed
                raise AssertionError(op)

    def _named(self, place: str, words: Sequence[str], first: int) -> str:
        cases = " ".join(
            f"WHEN {number} THEN {self._dialect.text(word)}"
            for number, word in enumerate(words, start=first)
        )
        return f"(CASE {place} {cases} END)"

    # The calendar

    def _is_working(self, day: str) -> str:
        calendar, own = self._reader.calendar, self._dialect
        rest = ", ".join(own.day(one) for one in sorted(calendar.rest_days - calendar.work_days))
        made = ", ".join(own.day(one) for one in sorted(calendar.work_days))
        plain = f"{weekday(own, day)} < 5"
        text = f"({plain} AND {day} NOT IN ({rest}))" if rest else f"({plain})"
        return f"({day} IN ({made}) OR {text})" if made else text

    def _beyond_calendar(self, *days: str) -> str | None:
        calendar = self._reader.calendar
        outside = []
        for day in days:
            if calendar.first is not None:
                outside.append(f"{day} < {self._dialect.day(calendar.first)}")
            if calendar.last is not None:
                outside.append(f"{day} > {self._dialect.day(calendar.last)}")
        return failure_if(" OR ".join(outside), "calendar") if outside else None

    def _working_days(
        self, args: Sequence[Sql], needs: frozenset[str], fail: str | None, *, lacks: bool
    ) -> Sql:
        first, second = (self._reader.bind(arg, "day") for arg in args)
        text = f"({self._worked_until(second.text)} - {self._worked_until(first.text)})"
        beyond = self._beyond_calendar(first.text, second.text)
        needs |= first.needs | second.needs
        return Sql(text, needs, first_failure(fail, beyond), lacks)

    def _worked_until(self, day: str) -> str:
        """Count the days worked from the first Monday of the calendar up to a day."""
        calendar, own = self._reader.calendar, self._dialect
        passed = own(Fn.DAYS, own.day(FIRST_DAY), day)
        weeks, more = own(Fn.TRUNCATED, passed, "7"), own(Fn.REMAINDER, passed, "7")
        parts = [f"{weeks} * 5 + LEAST({more} + 1, 5)"]
        rest = sorted(one for one in calendar.rest_days - calendar.work_days if one.weekday() < 5)
        made = sorted(one for one in calendar.work_days if one.weekday() >= 5)
        for sign, days in (("-", rest), ("+", made)):
            parts += [f"{sign} CASE WHEN {day} >= {own.day(one)} THEN 1 ELSE 0 END" for one in days]
        return f"({' '.join(parts)})"

    def _add_days(
        self, args: Sequence[Sql], needs: frozenset[str], fail: str | None, *, lacks: bool
    ) -> Sql:
        own = self._dialect
        day, by = (self._reader.bind(arg, "day") for arg in args)
        reached = f"{own(Fn.DAYS, own.day(FIRST_DAY), day.text)} + {by.text}"
        is_in = f"{reached} BETWEEN 0 AND {DAYS_ALL}"
        text = own(Fn.ADD_DAYS, day.text, f"(CASE WHEN {is_in} THEN {by.text} ELSE 0 END)")
        needs |= day.needs | by.needs
        beyond = failure_if(f"NOT ({is_in})", "date")
        return Sql(text, needs, first_failure(fail, beyond), lacks)

    def _add_months(
        self, args: Sequence[Sql], needs: frozenset[str], fail: str | None, *, lacks: bool
    ) -> Sql:
        own, bind = self._dialect, self._reader.bind
        day, by = (bind(arg, "day") for arg in args)
        needs |= day.needs | by.needs
        months = bind(
            Sql(
                f"({own(Fn.YEAR, day.text)} * 12 + {own(Fn.MONTH, day.text)} - 1 + {by.text})",
                needs,
                may_lack=lacks,
            ),
            "months",
        )
        is_in = f"{months.text} BETWEEN 12 AND {9999 * 12 + 11}"
        held = bind(
            Sql(f"(CASE WHEN {is_in} THEN {months.text} ELSE 12 END)", needs | months.needs), "held"
        )
        year, month = own(Fn.TRUNCATED, held.text, "12"), own(Fn.REMAINDER, held.text, "12")
        first = own(Fn.FIRST_OF_MONTH, year, f"({month} + 1)")
        last = month_length(own, year, f"({month} + 1)")
        text = own(Fn.ADD_DAYS, first, f"(LEAST({own(Fn.DAY_OF_MONTH, day.text)}, {last}) - 1)")
        beyond = failure_if(f"NOT ({is_in})", "date")
        return Sql(text, needs | months.needs | held.needs, first_failure(fail, beyond), lacks)

    def _months_between(self, first: str, second: str) -> str:
        own = self._dialect

        def forward(one: str, two: str) -> str:
            months = (
                f"({own(Fn.YEAR, two)} - {own(Fn.YEAR, one)}) * 12"
                f" + {own(Fn.MONTH, two)} - {own(Fn.MONTH, one)}"
            )
            length = month_length(own, own(Fn.YEAR, two), own(Fn.MONTH, two))
            reached = f"LEAST({own(Fn.DAY_OF_MONTH, one)}, {length})"
            is_short = f"{reached} > {own(Fn.DAY_OF_MONTH, two)}"
            return f"({months} - CASE WHEN {is_short} THEN 1 ELSE 0 END)"

        backward = f"(-{forward(second, first)})"
        return f"(CASE WHEN {second} < {first} THEN {backward} ELSE {forward(first, second)} END)"

    # Tables

    def _lookup(self, node: Node, by_place: tuple[str, ...] | None = None) -> Sql:
        """Write a look-up: the place in force, then the value in a constant list."""
        keys = [self._key(str(node.value), number, arg) for number, arg in enumerate(node.args)]
        as_of = self._reader.read("as_of")
        found = self._reader.lookups.write(node, as_of, keys, self._reader.bind, by_place=by_place)
        return self._reader.bind(found, str(node.value))

    def _key(self, table: str, number: int, node: Node) -> Sql:
        words = self._reader.lookups.key_words(table, number)
        if words is None:
            return self.write(node)
        return self._place(node, words)

    def _place(self, node: Node, words: tuple[str, ...]) -> Sql:
        """Give the place of a text among some words; NULL where it is none of them."""
        own = self._dialect
        match node.op:
            case Op.CONSTANT:
                word = str(node.value)
                if word in words:
                    return Sql(own.long(words.index(word)))
                return Sql(own.null(Kind.WHOLE), may_lack=True)
            case Op.NAME:
                return self._reader.ordinal(str(node.value), words)
            case Op.VALUE:
                return self._place(node.args[0], words)
            case Op.IF:
                test = self.write(node.args[0])
                then, other = (self._place(arg, words) for arg in node.args[1:])
                fail = first_failure(test.fail, failure_when(test.text, then.fail, other.fail))
                text = f"(CASE WHEN {test.text} THEN {then.text} ELSE {other.text} END)"
                return Sql(text, joined(test, then, other), fail, may_lack=True)
            case Op.DEFAULT:
                name = self.write(node.args[0])
                then, other = (self._place(arg, words) for arg in node.args)
                is_there = f"{name.text} IS NOT NULL"
                fail = first_failure(name.fail, failure_when(is_there, None, other.fail))
                text = f"(CASE WHEN {is_there} THEN {then.text} ELSE {other.text} END)"
                return Sql(text, joined(name, then, other), fail, may_lack=True)
            case Op.LOOKUP:
                given = self._reader.lookups.words_of(str(node.value))
                if given == words:
                    return self._lookup(node, by_place=words)
                found = self._lookup(node, by_place=given)
                cases = " ".join(
                    f"WHEN {number} THEN {words.index(word)}"
                    for number, word in enumerate(given)
                    if word in words
                )
                text = f"(CASE {found.text} {cases} END)" if cases else own.null(Kind.WHOLE)
                return Sql(text, found.needs, found.fail, may_lack=True)
            case _:
                written = self._reader.bind(self.write(node), "word")
                cases = " ".join(
                    f"WHEN {own.text(word)} THEN {number}" for number, word in enumerate(words)
                )
                text = f"(CASE {written.text} {cases} END)" if cases else own.null(Kind.WHOLE)
                return Sql(text, written.needs, written.fail, may_lack=True)


def weekday(own: Dialect, day: str) -> str:
    """Write the day of the week, 0 for Monday: the first day of the calendar was one."""
    return own(Fn.REMAINDER, own(Fn.DAYS, own.day(FIRST_DAY), day), "7")


def month_length(own: Dialect, year: str, month: str) -> str:
    """Write the number of days of a month."""
    four, hundred = own(Fn.REMAINDER, year, "4"), own(Fn.REMAINDER, year, "100")
    is_leap = f"{four} = 0 AND ({hundred} <> 0 OR {own(Fn.REMAINDER, year, '400')} = 0)"
    short = f"WHEN {month} = 2 THEN CASE WHEN {is_leap} THEN 29 ELSE 28 END"
    return f"(CASE {short} WHEN {month} IN (4, 6, 9, 11) THEN 30 ELSE 31 END)"


def holds(sql: Sql) -> str:
    """Write a condition as one that is never NULL."""
    return f"COALESCE({sql.text}, FALSE)" if sql.may_lack else sql.text


__all__ = ["Reader", "Writer", "both", "holds", "month_length", "weekday"]
