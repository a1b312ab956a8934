"""What becomes of a line and of its claim, and whether it counts for later ones."""

from typing import Final

from crm_expenses.core.finding import Effect
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.policy import Rule
from crm_expenses.rules.sql.draft import Draft
from crm_expenses.rules.sql.schema import Kind
from crm_expenses.rules.sql.state import RANKS, Kept, State
from crm_expenses.rules.sql.text import FAILED, Sql, either
from crm_expenses.rules.sql.verdict import FAILED_FROM, FOUND, asked, chain, resolution

NO_PERSON: Final = "person.unknown"
NO_LINES: Final = "claim.empty"


def of_lines(draft: Draft) -> None:
    """Add the worst that was found, and whether the line is rejected."""
    late = [state for state in draft.plan.states if draft.is_late(state.needs)]
    early = [state for state in draft.plan.states if state not in late]
    tests, needs = _tests(early)
    rejecting = tests.get(RANKS[Effect.REJECT], [])
    if rejecting:
        bound = draft.rejected(Sql(either(rejecting), needs))
        tests[RANKS[Effect.REJECT]], needs = [bound.text], needs | bound.needs
    first = draft.cell("worst_early", _worst(tests), needs)
    draft.plan.quiet[first] = "0"
    tests, needs = _tests(late)
    last = f"GREATEST({first}, {_worst(tests)})" if late else first
    draft.cell("worst", last, needs | {first})
    parts, needs = [], frozenset[str]()
    for name, states in (("rejects_early", early), ("", late)):
        cells = [state.cell for state in states if state.effect is Effect.REJECT]
        text = either(f"{cell} = {FOUND}" for cell in cells)
        if name and cells:
            bound = draft.rejected(Sql(text, frozenset(cells)))
            text, cells = bound.text, list(bound.needs)
        parts += [text] if cells else []
        needs |= frozenset(cells)
    draft.cell("rejects", either(parts), needs)


def of_claims(draft: Draft) -> None:
    """Add the rules on claims, and what becomes of each claim."""
    claims, own, plan = draft.claims, draft.own, draft.plan
    rules = [rule for rule in draft.rules if rule.scope is RuleScope.CLAIM]
    if plan.is_single and not rules:
        _only_line(draft)
        return
    person = claims.read("has_person")
    cell = claims.row("k_x_person", f"(CASE WHEN {person.text} THEN 0 ELSE 1 END)", person.needs)
    plan.claim_states.append(State(NO_PERSON, cell, FOUND, Effect.REVIEW, frozenset({cell})))
    count = claims.read("claim_lines")
    cell = claims.row("k_x_empty", f"(CASE WHEN {count.text} = 0 THEN 1 ELSE 0 END)", count.needs)
    plan.claim_states.append(State(NO_LINES, cell, FOUND, Effect.REVIEW, frozenset({cell})))
    for rule in rules:
        _of_rule(draft, rule)
    tests, needs = _tests(plan.claim_states)
    own_worst = claims.row("k_own_worst", _worst(tests), needs)
    worst = claims.up("k_lines_worst", "MAX(worst)", frozenset({"worst"}), "0")
    allowed = claims.read("claim_allowed")
    rejecting = [s for s in plan.claim_states if s.effect is Effect.REJECT]
    own_rejects = either(f"{state.cell} = {FOUND}" for state in rejecting)
    rejected = frozenset[str]().union(*(state.needs for state in rejecting))
    claims.row(
        "k_worst",
        f"GREATEST(COALESCE({worst.text}, 0), {own_worst})",
        worst.needs | {own_worst},
    )
    claims.row(
        "k_allowed",
        f"(CASE WHEN {own_rejects} THEN {own.long(0)} ELSE COALESCE({allowed.text}, 0) END)",
        allowed.needs | rejected,
    )
    amount = draft.lines.read("amount")
    claims.up("k_claimed", own.cast(f"SUM({amount.text})", Kind.WHOLE), amount.needs, own.long(0))
    _live(draft, own_rejects, rejected, any_of_claims=bool(rejecting))


def _only_line(draft: Draft) -> None:
    """Give what becomes of a claim with one line on that line itself."""
    plan, lines = draft.plan, draft.lines
    plan.has_claims = False
    person = lines.read("has_person")
    cell = draft.cell("k_unknown", f"(CASE WHEN {person.text} THEN 0 ELSE 1 END)", person.needs)
    state = State(NO_PERSON, cell, FOUND, Effect.REVIEW, frozenset({cell}))
    plan.claim_states.append(state)
    review = RANKS[Effect.REVIEW]
    draft.cell(
        "k_worst",
        f"(CASE WHEN {cell} = 1 THEN GREATEST(worst, {review}) ELSE worst END)",
        frozenset({cell, "worst"}),
    )
    amount = draft.lines.read("amount")
    draft.cell("k_claimed", f"COALESCE({amount.text}, {draft.own.long(0)})", amount.needs)
    draft.cell("k_allowed", "f_allowed", frozenset({"f_allowed"}))
    _live(draft, "FALSE", frozenset(), any_of_claims=False)


def _of_rule(draft: Draft, rule: Rule) -> None:
    claims, own, plan = draft.claims, draft.own, draft.plan
    stem = draft.stems[rule.code]
    known = asked(claims, rule)
    if rule.kind is RuleKind.MEASURE:
        state = claims.row(f"k_a_{stem}", chain(known.before, str(FOUND)), known.needs)
        if known.can_fail:
            cell = claims.row(
                f"k_x_{stem}",
                f"(CASE WHEN {state} > {FOUND} THEN {state} ELSE 0 END)",
                frozenset({state}),
            )
            top = FAILED_FROM + len(FAILED)
            plan.claim_states.append(State(rule.code, cell, top, Effect.REVIEW, frozenset({cell})))
        there = claims.row(f"k_h_{stem}", f"({state} = {FOUND})", frozenset({state}))
        value = claims.row(
            f"k_c_{stem}",
            f"(CASE WHEN {there} THEN {known.main.text} ELSE {own.long(0)} END)",
            known.needs | {there},
        )
        plan.claim_measures.append(Kept(rule.code, value, there))
        return
    found, more, top = resolution(claims, rule, stem)
    text = chain(known.before, f"CASE WHEN {known.main.text} THEN {found} ELSE 0 END")
    cell = claims.row(f"k_x_{stem}", text, known.needs | more)
    if known.can_fail:
        top = FAILED_FROM + len(FAILED)
    plan.claim_states.append(State(rule.code, cell, top, rule.effect, frozenset({cell})))


def _live(draft: Draft, own_rejects: str, needs: frozenset[str], *, any_of_claims: bool) -> None:
    """Add whether the claim of a line counts for later ones."""
    status = draft.lines.read("status_counts")
    may_reject = any(state.effect is Effect.REJECT for state in draft.plan.states)
    if not may_reject and not any_of_claims:
        draft.cell("dead", "FALSE", frozenset())
    elif draft.plan.is_single and not any_of_claims:
        draft.cell("dead", "rejects", frozenset({"rejects"}))
    else:
        rejects = draft.claims.up(
            "k_rejects", "MAX(CASE WHEN rejects THEN 1 ELSE 0 END)", frozenset({"rejects"}), "0"
        )
        dead = draft.claims.row(
            "k_dead", f"(COALESCE({rejects.text}, 0) = 1 OR {own_rejects})", rejects.needs | needs
        )
        draft.cell("dead", draft.down(dead, frozenset({dead})), frozenset({f"of_{dead}"}))
    draft.cell("live", f"({status.text} AND NOT dead)", status.needs | {"dead"})


def _tests(states: list[State]) -> tuple[dict[int, list[str]], frozenset[str]]:
    tests: dict[int, list[str]] = {}
    needs = frozenset[str]()
    for state in states:
        needs |= state.needs
        if RANKS[state.effect]:
            tests.setdefault(RANKS[state.effect], []).append(f"{state.cell} = {FOUND}")
        if state.top > FAILED_FROM:
            tests.setdefault(RANKS[Effect.REVIEW], []).append(f"{state.cell} > {FAILED_FROM}")
    return tests, needs


def _worst(tests: dict[int, list[str]]) -> str:
    cases = " ".join(
        f"WHEN {' OR '.join(tests[rank])} THEN {rank}" for rank in sorted(tests, reverse=True)
    )
    return f"(CASE {cases} ELSE 0 END)" if cases else "0"
