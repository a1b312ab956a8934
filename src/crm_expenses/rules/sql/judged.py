"""Rules on lines: those without a window, then windows by their length, then measures."""

from crm_expenses.core.finding import Effect
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.policy import Rule
from crm_expenses.rules.sql.counted import window_sum
from crm_expenses.rules.sql.draft import Draft
from crm_expenses.rules.sql.state import Branch, Kept, Lower, State
from crm_expenses.rules.sql.text import FAILED, Sql, either
from crm_expenses.rules.sql.verdict import FAILED_FROM, FOUND, Asked, asked, chain, resolution


def judged(draft: Draft, left: str) -> str:
    """Add the rules without a window; all look at the same amount, the lowest result wins."""
    rules = [
        rule
        for rule in draft.rules
        if rule.scope is not RuleScope.CLAIM
        and rule.kind not in (RuleKind.ALLOW, RuleKind.MEASURE)
        and rule.window is None
    ]
    lowers = [lower for rule in rules for lower in [_rule(draft, rule, left)[0]] if lower]
    return _lowest(draft, "left_judged", left, lowers)


def staged(draft: Draft, left: str) -> str:
    """Add the windows, by the length of their period."""
    stages: dict[int, list[Rule]] = {}
    for rule in draft.rules:
        if rule.window is not None and rule.kind is not RuleKind.MEASURE:
            stages.setdefault(rule.window.stage, []).append(rule)
    for stage in sorted(stages):
        lowers = [
            lower for rule in stages[stage] for lower in [_windowed(draft, rule, left)] if lower
        ]
        left = _lowest(draft, f"left_stage_{stage}", left, lowers)
    return left


def measured(draft: Draft) -> None:
    """Add the figures that are only told."""
    for rule in draft.rules:
        if rule.kind is RuleKind.MEASURE and rule.scope is not RuleScope.CLAIM:
            _figure(draft, rule)


def _windowed(draft: Draft, rule: Rule, taken: str) -> Lower | None:
    stem, own = draft.stems[rule.code], draft.own
    window = rule.window
    if window is None:  # pragma: no cover  asked only of rules that have one
        raise TypeError(rule)
    relevant = Sql("TRUE")
    if rule.on is not None:
        relevant = draft.lines.is_category(rule.on)
    needs = relevant.needs
    carried, amount = f"h_{stem}", f"c_{stem}"
    before, failure = window_sum(draft, f"b_{stem}", window, amount, carried, relevant)
    lower, known, _ = _rule(draft, rule, taken, before)
    applies = known.applies
    if failure is not None:
        applies = f"({applies} AND {failure} IS NULL)"
        for fact in window.facts:
            needs |= draft.lines.read(fact).needs
    draft.cell(carried, f"({applies})", known.needs | needs)
    counted = taken
    cells = frozenset({carried, taken})
    if not window.counts_input and lower is not None:
        counted = f"CASE WHEN {lower.test} THEN {lower.value} ELSE {taken} END"
        cells |= lower.needs
    draft.cell(amount, f"(CASE WHEN {carried} THEN {counted} ELSE {own.long(0)} END)", cells)
    if rule.on is not None:
        draft.plan.guarded[amount] = rule.on
    draft.plan.carries.append(Kept(rule.code, amount, carried))
    return lower


def _rule(
    draft: Draft, rule: Rule, taken: str, before: Sql | None = None
) -> tuple[Lower | None, Asked, str]:
    """Add the state of a rule; give how it lowers the amount, and the cell of its room."""
    lines, own, stem = draft.lines, draft.own, draft.stems[rule.code]
    known = asked(lines, rule)
    found, more, top = resolution(lines, rule, stem)
    needs = known.needs | more
    settled: list[tuple[str, int | str]] = list(known.before)
    if before is not None and settled:
        first = draft.cell(f"first_{stem}", chain(settled, "(-1)"), known.needs)
        if rule.on is not None and known.guards:
            draft.plan.guarded[first] = rule.on
        settled, needs = [(f"{first} >= 0", first)], needs | {first}
    room = ""
    if rule.kind is RuleKind.LIMIT:
        used = f" - {before.text}" if before is not None else ""
        limit = known.main.text if not before else f"GREATEST({own.long(0)}, {known.main.text})"
        needs_room = known.needs | (before.needs if before is not None else frozenset())
        if lines.is_lean and before is not None and rule.on is not None and known.guards:
            # what is kept for later is looked up only where it is read
            test = lines.is_category(rule.on)
            limit = draft.cell(
                f"top_{stem}", f"(CASE WHEN {test.text} THEN {limit} END)", needs_room | test.needs
            )
            draft.plan.guarded[limit] = rule.on
            needs_room = before.needs | {limit}
        room = draft.cell(f"room_{stem}", f"GREATEST({own.long(0)}, {limit}{used})", needs_room)
        needs |= {room, taken}
        # an amount above zero is above a limit below zero as well
        above = known.main.text if lines.is_lean and before is None else room
        hit = f"{taken} > {above} AND {taken} > 0"
    else:
        hit = known.main.text
    text = chain(settled, f"CASE WHEN {hit} THEN {found} ELSE 0 END")
    cell = draft.cell(f"x_{stem}", text, needs)
    if known.can_fail:
        top = FAILED_FROM + len(FAILED)
    branch = None
    if before is None and rule.scope is RuleScope.LINE:
        on = rule.on if known.guards else None
        branch = Branch(on, tuple(settled[known.guards :]), hit, found, needs)
    draft.keep(State(rule.code, cell, top, rule.effect, frozenset({cell}), branch))
    if rule.effect is Effect.REJECT:
        zero = own.long(0)
        return Lower(f"{cell} = {FOUND}", zero, frozenset({cell}), is_zero=True), known, room
    if rule.kind is RuleKind.LIMIT and rule.effect in (Effect.CAP, Effect.JUSTIFY):
        return Lower(f"{cell} = {FOUND}", room, frozenset({cell, room})), known, room
    return None, known, room


def _lowest(draft: Draft, name: str, left: str, lowers: list[Lower]) -> str:
    """Add the lowest of what rules left; what waits for earlier lines comes last."""
    early = [lower for lower in lowers if not draft.is_late(lower.needs | {left})]
    late = [lower for lower in lowers if lower not in early]
    if early and late:
        left = _lowest_of(draft, f"{name}_early", left, early)
    return _lowest_of(draft, name, left, late or early)


def _lowest_of(draft: Draft, name: str, left: str, lowers: list[Lower]) -> str:
    if not lowers:
        return left
    draft.plan.quiet[name] = left
    needs = frozenset({left}).union(*(lower.needs for lower in lowers))
    zero = [lower.test for lower in lowers if lower.is_zero]
    terms = []
    if zero:
        test = draft.rejected(Sql(either(zero), needs))
        needs |= test.needs
        terms.append(f"CASE WHEN {test.text} THEN {draft.own.long(0)} ELSE {left} END")
    terms += [
        f"CASE WHEN {lower.test} THEN {lower.value} ELSE {left} END"
        for lower in lowers
        if not lower.is_zero
    ]
    return draft.cell(name, f"LEAST({left}, {', '.join(terms)})", needs)


def _figure(draft: Draft, rule: Rule) -> None:
    stem, own = draft.stems[rule.code], draft.own
    known = asked(draft.lines, rule)
    state = draft.cell(f"a_{stem}", chain(known.before, str(FOUND)), known.needs)
    if known.can_fail:
        cell = draft.cell(
            f"x_{stem}",
            f"(CASE WHEN {state} > {FOUND} THEN {state} ELSE 0 END)",
            frozenset({state}),
        )
        top = FAILED_FROM + len(FAILED)
        draft.keep(State(rule.code, cell, top, Effect.REVIEW, frozenset({cell})))
    there = draft.cell(f"h_{stem}", f"({state} = {FOUND})", frozenset({state}))
    value = draft.cell(
        f"c_{stem}",
        f"(CASE WHEN {there} THEN {known.main.text} ELSE {own.long(0)} END)",
        known.needs | {there},
    )
    total = ""
    if rule.window is not None:
        before, _ = window_sum(draft, f"b_{stem}", rule.window, value, there, Sql("TRUE"))
        total = draft.cell(f"t_{stem}", f"({before.text} + {value})", before.needs | {value})
        draft.plan.carries.append(Kept(rule.code, value, there))
    draft.plan.measures.append(Kept(rule.code, value, there, total))
