"""What earlier lines add up to: named windows, and the uses of vouchers."""

from crm_expenses.core.finding import Effect
from crm_expenses.rules.sql.cell import Cell, CellKind
from crm_expenses.rules.sql.cell import Window as Summed
from crm_expenses.rules.sql.dialect import Dialect, Fn
from crm_expenses.rules.sql.draft import Draft
from crm_expenses.rules.sql.expression import FIRST_DAY
from crm_expenses.rules.sql.state import Kept, State
from crm_expenses.rules.sql.text import FAILED, Sql, either, first_failure
from crm_expenses.rules.sql.verdict import FAILED_FROM, chain
from crm_expenses.rules.tree import Op, walk
from crm_expenses.rules.window import VOUCHER_WINDOW, Counter, WindowPeriod
from crm_expenses.rules.window import Window as PolicyWindow


def count(draft: Draft, counter: Counter) -> None:
    """Add what earlier lines add up to, and what the line adds."""
    lines, stem, own = draft.lines, counter.name, draft.own
    cases, adds, needs = _cases(draft, counter)
    cell = draft.cell(f"counts_{stem}", chain(cases, "1"), needs)
    live = frozenset({cell, "rejects"})
    counted = f"{cell} = 1"
    if not counter.window.counts_input:
        counted = f"({cell} = 1 AND NOT rejects)"
    else:
        live -= {"rejects"}
    carried = draft.cell(f"nh_{stem}", f"({counted})", live)
    amount = draft.cell(
        f"nc_{stem}",
        f"(CASE WHEN {carried} THEN {adds.text} ELSE {own.long(0)} END)",
        frozenset({carried}) | adds.needs,
    )
    relevant = _relevant(draft, counter)
    before, failure = window_sum(draft, f"nb_{stem}", counter.window, amount, carried, relevant)
    top = counter.top
    lost = [f"{cell} > 1", f"ABS({before.text}) > {top}"]
    if failure is not None:
        lost.append(f"{failure} IS NOT NULL")
    draft.cell(
        f"f_{stem}",
        f"(CASE WHEN {' OR '.join(lost)} THEN NULL ELSE {before.text} END)",
        before.needs.union({cell}, *(lines.read(one).needs for one in counter.window.facts)),
    )
    state = draft.cell(
        f"failed_{stem}", f"(CASE WHEN {cell} > 1 THEN {cell} ELSE 0 END)", frozenset({cell})
    )
    if any(value != 0 for _, value in cases):
        top_state = FAILED_FROM + len(FAILED)
        draft.keep(State(counter.code, state, top_state, Effect.REVIEW, frozenset({state})))
    draft.plan.carries.append(Kept(counter.code, amount, carried))


def vouchers(draft: Draft) -> None:
    """Add how often earlier lines used the voucher of a line."""
    number = draft.lines.read("voucher_number")
    carried = draft.cell("uses_told", f"({number.text} IS NOT NULL)", number.needs)
    amount = draft.cell(
        "uses_counted", f"(CASE WHEN {carried} THEN 1 ELSE 0 END)", frozenset({carried})
    )
    name = "uses_before"
    data = Summed(
        (number.text,), amount, carried, "live", carried, frozenset({carried}), is_certain=True
    )
    draft.lines.cells[name] = Cell(
        name, CellKind.WINDOW, "", number.needs | {amount, carried, "live"}, data=data
    )
    draft.lines.row("f_voucher_uses_before", name, frozenset({name}))
    draft.plan.carries.append(Kept(VOUCHER_WINDOW, amount, carried))


def window_sum(
    draft: Draft,
    name: str,
    window: PolicyWindow,
    adds: str,
    carried: str,
    relevant: Sql,
) -> tuple[Sql, str | None]:
    """Add the sum over earlier lines; give it, and why its keys cannot be read."""
    lines = draft.lines
    keys, needs, failures = [], frozenset[str](), []
    for fact in window.facts:
        key = lines.read(fact)
        keys.append(key.text)
        needs |= key.needs
        failures += [key.fail] if key.fail is not None else []
    day = lines.read("date")
    needs |= day.needs
    spans = window.days if window.period is WindowPeriod.ROLLING else 0
    gap = window.gap_days if window.period is WindowPeriod.SPELL else -1
    period = _period(draft.own, window, day.text)
    if period and period != day.text:
        period = lines.row(f"p_{name}", period, day.needs)
        needs |= {period}
    if period:
        keys.append(period)
    # a window over a trip that is per trip, too, names one column twice: engines refuse to read
    # a column by a name that two columns have
    distinct = tuple(dict.fromkeys(keys))
    data = Summed(
        distinct, adds, carried, "live", relevant.text, relevant.needs, day.text, spans, gap
    )
    draft.lines.cells[name] = Cell(
        name, CellKind.WINDOW, "", needs | relevant.needs | {adds, carried, "live"}, data=data
    )
    return Sql(name, frozenset({name})), first_failure(*dict.fromkeys(failures))


def _period(own: Dialect, window: PolicyWindow, day: str) -> str:
    """Write a number for the calendar period of a day; nothing for the other windows."""
    match window.period:
        case WindowPeriod.DAY:
            return day
        case WindowPeriod.WEEK:
            return own(Fn.TRUNCATED, own(Fn.DAYS, own.day(FIRST_DAY), day), "7")
        case WindowPeriod.MONTH:
            return f"({own(Fn.YEAR, day)} * 12 + {own(Fn.MONTH, day)})"
        case WindowPeriod.QUARTER:
            quarter = own(Fn.TRUNCATED, f"({own(Fn.MONTH, day)} - 1)", "3")
            return f"({own(Fn.YEAR, day)} * 4 + {quarter})"
        case WindowPeriod.YEAR:
            month, start = window.year_starts
            when = f"{own(Fn.MONTH, day)} * 100 + {own(Fn.DAY_OF_MONTH, day)}"
            early = f"CASE WHEN {when} < {month * 100 + start} THEN 1 ELSE 0 END"
            year = own(Fn.YEAR, day)
            return f"({year} - {early})" if (month, start) != (1, 1) else year
        case _:
            return ""


def _cases(
    draft: Draft, counter: Counter
) -> tuple[list[tuple[str, int | str]], Sql, frozenset[str]]:
    """Write whether the line counts: what settles it, what the line adds, and what these need."""
    lines = draft.lines
    reads = draft.policy.catalogue.uncertain() & counter.reads
    missing = {name: lines.read(name) for name in sorted(reads)}
    others = [one for name, one in missing.items() if name != "amount"]
    needs = frozenset[str]().union(*(one.needs for one in missing.values()))
    lacks_more = either(f"{one.text} IS NULL" for one in others)
    lacks_amount = f"{missing['amount'].text} IS NULL" if "amount" in missing else "FALSE"
    is_on = "TRUE"
    if counter.on is not None:
        of_category = lines.is_category(counter.on)
        is_on, needs = of_category.text, needs | of_category.needs
    cases: list[tuple[str, int | str]] = [(f"NOT ({is_on})", 0)]
    if others:
        cases.append((lacks_more, FAILED_FROM + 1))
    if "amount" in missing:
        cases.append((lacks_amount, 0))
    if counter.when is not None:
        when = lines.bind(lines.writer.write(counter.when), "when")
        needs |= when.needs
        if when.fail is not None:
            cases.append((f"{when.fail} IS NOT NULL", f"{FAILED_FROM} + {when.fail}"))
        cases.append((f"NOT COALESCE({when.text}, FALSE)", 0))
    adds = lines.bind(lines.writer.write(counter.adds), "adds")
    needs |= adds.needs
    if adds.fail is not None:
        cases.append((f"{adds.fail} IS NOT NULL", f"{FAILED_FROM} + {adds.fail}"))
    return cases, adds, needs


def _relevant(draft: Draft, counter: Counter) -> Sql:
    """Write which lines count in a named window or can read it; all where that is not plain."""
    found: set[str] = set(counter.on or ())
    is_plain = counter.on is not None
    for rule in draft.rules:
        ops = {node.op for tree in rule.expressions for node in walk(tree)}
        if not ops.isdisjoint({Op.TOTAL_EACH, Op.COUNT_EACH}):
            is_plain = False
        if counter.name in rule.reads:
            is_plain = is_plain and rule.on is not None
            found |= rule.on or set()
    reads = [other for other in draft.policy.counters.values() if counter.name in other.reads]
    if not is_plain or reads:
        return Sql("TRUE")
    return draft.lines.is_category(found)
