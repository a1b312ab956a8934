"""What a line is entitled to, component by component."""

from crm_expenses.core.finding import Effect
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.policy import Rule
from crm_expenses.rules.sql.cell import Cell, CellKind, PaidOnce
from crm_expenses.rules.sql.draft import Draft
from crm_expenses.rules.sql.state import Kept, State
from crm_expenses.rules.sql.text import FAILED, either
from crm_expenses.rules.sql.verdict import FAILED_FROM, FOUND, Asked, asked, chain


def entitled(draft: Draft) -> str:
    """Add what the line is entitled to, or claims where no allowance is on it."""
    lines, own = draft.lines, draft.own
    amount = lines.read("amount")
    components: dict[str, list[Rule]] = {}
    for rule in draft.rules:
        if rule.kind is RuleKind.ALLOW:
            components.setdefault(rule.component, []).append(rule)
    plain = f"COALESCE({amount.text}, {own.long(0)})"
    if not components:
        draft.cell("f_entitled", amount.text, amount.needs)
        return draft.cell("left_claimed", plain, amount.needs)
    needs = amount.needs
    totals, covers = [], []
    for index, component in enumerate(sorted(components)):
        total, there = _component(draft, index, component, components[component])
        totals.append(total)
        covers.append(there)
        needs |= {total, there}
    given = f"GREATEST({own.long(0)}, {' + '.join(totals)})"
    left = draft.cell(
        "left_claimed", f"(CASE WHEN {either(covers)} THEN {given} ELSE {plain} END)", needs
    )
    draft.cell(
        "f_entitled",
        f"(CASE WHEN {amount.text} IS NULL THEN NULL ELSE {left} END)",
        amount.needs | {left},
    )
    return left


def _component(draft: Draft, index: int, component: str, rules: list[Rule]) -> tuple[str, str]:
    """Add what one component gives: the lowest of its rules, on a trip a day only once."""
    lines = draft.lines
    credit = lines.read("is_credit")
    stem = f"part_{index}"
    on: frozenset[str] | None = frozenset()
    for rule in rules:
        on = None if rule.on is None or on is None else on | rule.on
    there, there_needs = f"NOT {credit.text}", credit.needs
    if on is not None:
        of_category = lines.is_category(on)
        there += f" AND {of_category.text}"
        there_needs |= of_category.needs
    is_there = draft.cell(f"has_{stem}", f"({there})", there_needs)
    scope = rules[0].scope
    if scope is RuleScope.LINE:
        total = _component_of_line(draft, stem, rules, is_there)
    else:
        total = _component_of_days(draft, stem, scope, rules, is_there)
    draft.plan.entitlements.append(Kept(component, total, is_there))
    return total, is_there


def _component_of_line(draft: Draft, stem: str, rules: list[Rule], is_there: str) -> str:
    own = draft.own
    lowest, needs, failures = "", frozenset({is_there}), []
    for rule in rules:
        known = asked(draft.lines, rule)
        state = _allow_state(draft, rule, known, is_there)
        failures.append(f"{state} > {FOUND}")
        value = f"CASE WHEN {state} = {FOUND} THEN {known.main.text} END"
        needs |= known.needs | {state}
        value = draft.cell(f"ev_{state}", value, known.needs | {state})
        needs |= {value}
        lowest = value if not lowest else _lower(lowest, value)
    text = (
        f"(CASE WHEN {is_there} AND NOT {either(failures)} THEN"
        f" COALESCE({lowest}, {own.long(0)}) ELSE {own.long(0)} END)"
    )
    return draft.cell(f"e_{stem}", text, needs)


def _component_of_days(
    draft: Draft, stem: str, scope: RuleScope, rules: list[Rule], is_there: str
) -> str:
    lines = draft.lines
    days = lines.days[scope]
    parts, cells, failures = [], frozenset[str](), []
    needs = frozenset({is_there, "live"})
    is_negative = False
    for rule in rules:
        known = asked(lines, rule)
        state = _allow_state(draft, rule, known, is_there)
        failures.append(f"{state} > {FOUND}")
        needs |= {state}
        when = days.bind(days.writer.write(rule.when), "when") if rule.when is not None else None
        main = days.bind(days.writer.write(rule.main), "main")
        chosen = "TRUE" if when is None else f"COALESCE({when.text}, FALSE)"
        test = f"{state} = {FOUND} AND {chosen}"
        parts.append((test, main.text))
        cells |= main.needs | (when.needs if when is not None else frozenset())
        is_negative = is_negative or rule.main.low < 0
    key = days.read("begins_minute" if scope is RuleScope.PERIOD else "day")
    cells |= key.needs
    person, trip = lines.read("person"), lines.read("trip")
    is_out = either([f"NOT {is_there}", *failures])
    data = PaidOnce(
        scope.value,
        tuple(parts),
        frozenset(cell for cell in cells if cell in days.cells),
        is_out,
        "live",
        is_negative,
    )
    name = f"e_{stem}"
    needs |= days.parents(cells) | person.needs | trip.needs
    draft.lines.cells[name] = Cell(
        name, CellKind.PAID_ONCE, key.text, needs, data=data, fallback=draft.own.long(0)
    )
    paid = f"+{rules[0].component}"
    carried = draft.cell(f"eh_{stem}", f"({name} <> 0)", frozenset({name}))
    draft.plan.carries.append(Kept(paid, name, carried))
    return name


def _allow_state(draft: Draft, rule: Rule, known: Asked, is_there: str) -> str:
    """Add the state of an allow: 1 where it gives, above where it failed."""
    stem = draft.stems[rule.code]
    text = chain([(f"NOT {is_there}", 0), *known.before], str(FOUND))
    state = draft.cell(f"a_{stem}", text, known.needs | {is_there})
    if known.can_fail:
        found = draft.cell(
            f"x_{stem}",
            f"(CASE WHEN {state} > {FOUND} THEN {state} ELSE 0 END)",
            frozenset({state}),
        )
        top = FAILED_FROM + len(FAILED)
        draft.keep(State(rule.code, found, top, Effect.REVIEW, frozenset({found})))
    return state


def _lower(one: str, other: str) -> str:
    """Write the lower of two values of which either may be NULL."""
    return f"(CASE WHEN {one} IS NULL OR {other} < {one} THEN {other} ELSE {one} END)"
