"""Two policies over the same claims as one script: what they share is computed once.

A column of the second policy that is made like one of the first, from columns that are shared
themselves, is that column; all others get a name of their own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from crm_expenses.rules.sql.base import Base, Steps
from crm_expenses.rules.sql.cell import Cell, Days, PaidOnce, Window
from crm_expenses.rules.sql.plan import Plan
from crm_expenses.rules.sql.state import Branch, Kept, State

AFTER: Final = "_new"
"""What the second policy's own names end with, unless a policy has such names itself."""

_WORD: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'|[A-Za-z_][A-Za-z0-9_]*", re.DOTALL)
Rename = Callable[[str], str]


def renaming(names: Mapping[str, str]) -> Rename:
    """Give what changes names in an expression, and leaves texts in quotes as they are.

    >>> renaming({"a": "b"})("a + 'a' + l.a + aa")
    "b + 'a' + l.b + aa"
    """

    def change(text: str) -> str:
        return _WORD.sub(lambda found: names.get(found.group(), found.group()), text)

    return change


def merge(first: Plan, second: Plan) -> Plan:
    """Put the cells of the second plan into the first one's relations; give the second plan."""
    pairs = [(_frames(first)[grain], frame) for grain, frame in _frames(second).items()]
    ending = _free_ending(first, second)
    names = _of_steps(first.steps, second.steps, ending)
    for mine, theirs in pairs:
        names |= _of_joins(mine, theirs, renaming(names), ending)
        names |= _of_inner(mine, theirs, names, ending)
    own = _unshared(pairs, names)
    names |= {name: name + ending for name in own}
    change = renaming(names)
    for mine, theirs in pairs:
        for name, cell in theirs.cells.items():
            if name in own:
                mine.cells[name + ending] = _renamed(cell, names, change)
            else:
                mine.cells.setdefault(name, _renamed(cell, names, change))
    return replace_names(second, first, names, change)


def _frames(plan: Plan) -> dict[str, Base]:
    days = {scope.value: frame for scope, frame in plan.lines.days.items()}
    return {"lines": plan.lines, "claims": plan.claims, **days}


def _free_ending(*plans: Plan) -> str:
    """Give an ending that no name of the plans has, so that no two names become one."""
    held: set[str] = set()
    for plan in plans:
        held.update(plan.steps.made)
        for frame in _frames(plan).values():
            held.update(frame.cells, frame.from_joins, *frame.inner.values())
    ending = AFTER
    while any(name.endswith(ending) for name in held):
        ending += "_"
    return ending


def _of_steps(mine: Steps, theirs: Steps, ending: str) -> dict[str, str]:
    """Take over steps; one of the same name that says otherwise gets another."""
    names: dict[str, str] = {}
    mine.tables |= theirs.tables
    for name, step in theirs.made.items():
        query = renaming(names)(step.query)
        known = mine.made.get(name)
        if known is not None and known.query != query:
            names[name] = name + ending
        made = names.get(name, name)
        mine.made.setdefault(made, replace(step, name=made, query=query))
    return names


def _of_joins(mine: Base, theirs: Base, change: Rename, ending: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for alias, (text, after) in theirs.from_joins.items():
        written = change(text)
        known = mine.from_joins.get(alias)
        if known is not None and known[0] != written:
            names[alias] = alias + ending
            written = renaming({alias: alias + ending})(written)
        made = tuple(names.get(one, one) for one in after)
        mine.from_joins.setdefault(names.get(alias, alias), (written, made))
    return names


def _of_inner(mine: Base, theirs: Base, names: Mapping[str, str], ending: str) -> dict[str, str]:
    """Take over what is told where tables are read."""
    found: dict[str, str] = {}
    for alias, inner in theirs.inner.items():
        held = mine.inner.setdefault(names.get(alias, alias), {})
        for column, text in inner.items():
            if held.get(column, text) != text:
                found[column] = column + ending
            held.setdefault(found.get(column, column), text)
    return found


def _unshared(pairs: list[tuple[Base, Base]], names: Mapping[str, str]) -> set[str]:
    """Give the cells of the second plan that are not the same as the first one's."""
    change = renaming(names)
    own: set[str] = set()
    everything: dict[str, Cell] = {}
    for mine, theirs in pairs:
        for name, cell in theirs.cells.items():
            everything[name] = cell
            known = mine.cells.get(name)
            if known is not None and known != _renamed(cell, names, change):
                own.add(name)
    while True:
        more = {
            name
            for name, cell in everything.items()
            if name not in own and not own.isdisjoint(_reads(cell))
        }
        if not more:
            return own
        own |= more


def _reads(cell: Cell) -> frozenset[str]:
    found = cell.needs
    if isinstance(cell.data, Days | PaidOnce):
        found |= cell.data.cells
    return found


def _renamed(cell: Cell, names: Mapping[str, str], change: Rename) -> Cell:
    def of(name: str) -> str:
        return names.get(name, name)

    data = cell.data
    match data:
        case Window():
            data = replace(
                data,
                keys=tuple(of(key) for key in data.keys),
                adds=of(data.adds),
                carried=of(data.carried),
                live=of(data.live),
                relevant=change(data.relevant),
                relevant_needs=frozenset(map(of, data.relevant_needs)),
                day=of(data.day),
            )
        case Days():
            data = replace(data, text=change(data.text), cells=frozenset(map(of, data.cells)))
        case PaidOnce():
            data = replace(
                data,
                parts=tuple((change(test), change(value)) for test, value in data.parts),
                cells=frozenset(map(of, data.cells)),
                is_out=change(data.is_out),
                live=of(data.live),
            )
        case None:
            pass
    return replace(
        cell,
        name=of(cell.name),
        text=change(cell.text),
        needs=frozenset(map(of, cell.needs)),
        joins=tuple(map(of, cell.joins)),
        data=data,
    )


def _branch(branch: Branch, names: Mapping[str, str], change: Rename) -> Branch:
    return replace(
        branch,
        settled=tuple(
            (change(test), change(state) if isinstance(state, str) else state)
            for test, state in branch.settled
        ),
        hit=change(branch.hit),
        found=change(branch.found),
        needs=frozenset(names.get(n, n) for n in branch.needs),
    )


def replace_names(second: Plan, first: Plan, names: Mapping[str, str], change: Rename) -> Plan:
    """Give the second plan over the relations of the first."""

    def state(one: State) -> State:
        needs = frozenset(names.get(n, n) for n in one.needs)
        branch = _branch(one.branch, names, change) if one.branch is not None else None
        return replace(one, cell=names.get(one.cell, one.cell), needs=needs, branch=branch)

    def kept(one: Kept) -> Kept:
        return replace(
            one, value=change(one.value), is_there=change(one.is_there), total=change(one.total)
        )

    return Plan(
        first.lines,
        first.claims,
        first.steps,
        [state(one) for one in second.states],
        [state(one) for one in second.claim_states],
        [kept(one) for one in second.carries],
        [kept(one) for one in second.entitlements],
        [kept(one) for one in second.measures],
        [kept(one) for one in second.claim_measures],
        is_single=second.is_single,
        has_claims=second.has_claims,
        names=dict(names),
        quiet={names.get(n, n): change(text) for n, text in second.quiet.items()},
        guarded={names.get(n, n): on for n, on in second.guarded.items()},
        words=[(names.get(n, n), [state(one) for one in held]) for n, held in second.words],
        claim_words=[
            (names.get(n, n), [state(one) for one in held]) for n, held in second.claim_words
        ],
    )


__all__ = ["merge"]
