"""Writes a policy for an engine."""

from collections.abc import Collection, Mapping
from typing import Final

from crm_expenses.errors import ConfigError
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql.dialect import DIALECTS
from crm_expenses.rules.sql.needed import EMPTY_RATES, demand
from crm_expenses.rules.sql.pair import merge
from crm_expenses.rules.sql.plan import Kept, Plan, Planner
from crm_expenses.rules.sql.results import SUMMARY, both_lines, results
from crm_expenses.rules.sql.schedule import Scheduler
from crm_expenses.rules.sql.schema import RESULTS
from crm_expenses.rules.sql.script import Script, Step
from crm_expenses.rules.sql.state import pack_both
from crm_expenses.rules.sql.thin import Late, Thin, without_plain

ALL: Final = frozenset({SUMMARY, *RESULTS})

BOTH: Final = "both_lines"
"""One row a line of a claim that counts, with both decisions: place, claim, line, person, team,
category, spent_on, claimed, outcome_old, allowed_old, outcome_new, allowed_new."""


def script(
    policy: Policy,
    dialect: str,
    *,
    absent: Collection[str] = (),
    flat: Collection[str] = (),
    single: bool = False,
    only: Collection[str] = (),
    by_place: bool = False,
) -> Script:
    """Write a policy as a script for an engine.

    Of the tables of the input schema, `absent` names those that are not there: without `waivers`
    nothing is waived, without `pre_approvals` only the line says whether it was approved before.
    `flat` names tables whose columns stand on the lines instead (`claims`, `vouchers`). With
    `single` each claim has one line, which saves bringing lines and claims together. `only` names
    the results that are wanted; without it all are given. With `by_place` words are told apart
    once, where they are read, and compared as numbers: quicker, and harder to review.

    Raises:
        ConfigError: the dialect is not known, a rule needs a table that is absent, or the policy
            has rules in Python, which no query can say.
    """
    _demand_dialect(dialect)
    demand(policy, absent)
    planner = Planner(
        policy,
        DIALECTS[dialect],
        absent=frozenset(absent),
        flat=frozenset(flat),
        is_single=single,
        by_place=by_place,
    )
    plan = planner.make()
    return _written(dialect, {"": plan}, frozenset(only) or ALL, frozenset(flat))


def _demand_dialect(dialect: str) -> None:
    if dialect not in DIALECTS:
        raise ConfigError("sql.dialect", dialect=dialect, known=", ".join(sorted(DIALECTS)))


def scripts(  # noqa: PLR0913  the options of `script`, of two policies
    old: Policy,
    new: Policy,
    dialect: str,
    *,
    absent: Collection[str] = (),
    flat: Collection[str] = (),
    single: bool = False,
    only: Collection[str] = (),
    by_place: bool = False,
) -> Script:
    """Write two policies as one script; results are named `old_` and `new_` and the table.

    What the policies share is computed once. Otherwise as `script`, and with one result more:
    `both_lines` has both decisions on each line.

    Raises:
        ConfigError: as for `script`.
    """
    _demand_dialect(dialect)
    for policy in (old, new):
        demand(policy, absent)
    plans = [
        Planner(
            policy,
            DIALECTS[dialect],
            absent=frozenset(absent),
            flat=frozenset(flat),
            is_single=single,
            by_place=by_place,
        ).make()
        for policy in (old, new)
    ]
    is_lean = plans[0].lines.is_lean
    for plan in plans:
        if is_lean:
            plan.pack_claims()
        else:
            plan.pack()
    both = {"old_": plans[0], "new_": merge(*plans)}
    if is_lean:
        pack_both(*both.values())
    made = frozenset(only) or ALL | {BOTH}
    return _written(dialect, both, made, frozenset(flat))


def _written(
    dialect: str, plans: Mapping[str, Plan], only: frozenset[str], flat: frozenset[str]
) -> Script:
    """Schedule all that results need, and write these."""
    wanted: set[str] = set()
    of_claims: set[str] = set()
    for plan in plans.values():
        plan.pack()
        of_plan = _wanted(plan, only)
        wanted |= of_plan[0]
        of_claims |= of_plan[1]
    first = next(iter(plans.values()))
    beside = {name: first.lines.read(name) for name in _BESIDE} if BOTH in only else {}
    wanted.update(*(fact.needs for fact in beside.values()))
    if BOTH in only:
        for plan in plans.values():
            wanted |= {plan.named(name) for name in ("f_amount", "f_allowed", "worst")}
    made = Scheduler(list(plans.values()), frozenset(wanted), frozenset(of_claims)).run()
    lines, steps = made.lines, list(made.steps)
    if BOTH in only and isinstance(lines, Late):
        # read by many queries: computed once, but for what follows from the rest in few words
        kept = without_plain(first.lines.cells, sorted(wanted))
        steps.append(_decided(lines, kept))
        lines = Thin.over(first, "decided", kept)
    found = {
        head + name: query
        for head, plan in plans.items()
        for name, query in results(
            plan, lines, made.claims if plan.has_claims else lines, only
        ).items()
    }
    if BOTH in only:
        facts = {name: fact.text for name, fact in beside.items()}
        found[BOTH] = both_lines(tuple(plans.values()), lines, facts)
    tables = frozenset({"expense_lines"} | first.steps.tables) - flat
    early = list(first.steps.made.values())
    if "exchange_rates" in tables & first.lines.absent:
        early.insert(0, EMPTY_RATES)
        tables -= {"exchange_rates"}
    return Script(dialect, tables, (*early, *steps), found)


def _decided(lines: Late, wanted: Collection[str]) -> Step:
    columns = sorted(wanted)
    query = f"SELECT place, claim, line, {', '.join(columns)}\nFROM {lines.of(columns)} AS t"
    return Step("decided", query, ("what both policies decide on each line",))


_BESIDE: Final = ("person", "team", "category", "date", "status_counts")


def _wanted(plan: Plan, only: frozenset[str]) -> tuple[set[str], set[str]]:
    """Give the cells of lines and of claims that results are made of."""
    lines: set[str] = set()
    claims: set[str] = set()
    if only & {SUMMARY, "decided_lines"}:
        lines |= {plan.named(name) for name in ("f_amount", "f_allowed", "worst")}
    if only & {SUMMARY, "findings"}:
        lines |= {name for name, _ in plan.words}
    for name, kept in (
        ("carries", plan.carries),
        ("entitlements", plan.entitlements),
        ("measures", plan.measures),
    ):
        lines |= _cells(kept) if name in only else set()
    if "carries" in only and plan.carries:
        lines.add(plan.named("dead"))
    if not plan.has_claims:
        claims = lines
    if "decided_claims" in only:
        claims |= {plan.named(name) for name in ("k_worst", "k_claimed", "k_allowed")}
    if "findings" in only:
        claims |= {name for name, _ in plan.claim_words}
    if "measures" in only:
        claims |= _cells(plan.claim_measures)
    return lines, claims if plan.has_claims else set()


def _cells(kept: list[Kept]) -> set[str]:
    return {cell for one in kept for cell in (one.value, one.is_there, one.total) if cell}
