"""The fast path: the rules on one category as one function, for lines about which nothing is said.

Most lines break no rule. The function made here reads each fact once, looks each table up once, and
says which rules have something to say; those alone are judged again, with their evidence, by
`rules.judge`. It is made from the same trees and the same texts of facts, and gives way to the
judge whenever a value is absent or cannot be computed: what it says never differs, only the time.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from crm_expenses.core.finding import Effect, Evidence
from crm_expenses.core.money import exponent
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.compile import emit
from crm_expenses.rules.judge import Ready
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.line_facts import FactTables, bound, in_order
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.shape import Shape
from crm_expenses.rules.tree import Node, Op, Sort, names_in, walk
from crm_expenses.rules.window import first_days, key_text

Windowed = tuple[int | None, str] | None
"""A window's limit and the line's key; no limit where the judge must look, None where it is none
of the rule's business."""

Broken = tuple[int, Evidence | None, int]
"""The number of a rule with something to say, its evidence, and what it leaves; without evidence
the judge must look."""

Quick = tuple[int, tuple[Broken, ...], tuple[Windowed, ...]]
"""A line's amount, what is broken, and what each rule with a window needs."""

Fast = Callable[[Any, Any, Any, int], Quick | None]
"""Of a claim's context, a line, its facts and the earlier uses of its voucher."""

STEPS_MAX: Final = 4
"""Most dates of a table that are told apart in the text of the function."""

_OWN: Final = "n_"
_FOLDED: Final = {
    Op.IS_WEEKEND: "({0}.weekday() > 4)",
    Op.DAYS_BETWEEN: "({1} - {0}).days",
}
_HOISTED: Final = frozenset({Op.LOOKUP, Op.BAND, Op.ALONG, Op.IS_WEEKEND, Op.DAYS_BETWEEN})
_VERDICT: Final = {
    RuleKind.REQUIRE: "not {0}",
    RuleKind.FORBID: "{0}",
    RuleKind.FLAG: "{0}",
    RuleKind.LIMIT: "n_amount > ({1} := {0}) and n_amount > 0",
}


def fast_path(
    ready: Sequence[Ready],
    windowed: Sequence[Ready],
    tables: FactTables,
    held: Mapping[str, object],
    policy: Policy,
) -> Fast:
    """Make the function of the rules of one category.

    `ready` are those without a window, which the numbers count, `windowed` the limits with one.
    Named windows are read from the third argument, which may be None where no rule reads one.
    """
    return _Maker(ready, windowed, tables, held, policy).make()


class _Maker:
    """Writes one function."""

    def __init__(
        self,
        ready: Sequence[Ready],
        windowed: Sequence[Ready],
        tables: FactTables,
        held: Mapping[str, object],
        policy: Policy,
    ) -> None:
        self._ready = ready
        self._windowed = windowed
        self._table = tables.texts["line"]
        self._held: dict[str, object] = {**held, **tables.held}
        self._money = self._digits(exponent(policy.currency))
        self._parameters = policy.parameters
        self._catalogue = policy.catalogue
        in_lines = [one for one in (*ready, *windowed) if one.rule.scope is RuleScope.LINE]
        self._in_lines = in_lines
        self._names = sorted({"amount"}.union(*(one.rule.reads for one in in_lines)))
        self._locals: dict[Node, str] = {}
        self._lookups = False

    def make(self) -> Fast:
        shared = self._shared(self._in_lines)
        tests = [
            f"  fired += (({number}, None, 0),)"
            if one.rule.scope is not RuleScope.LINE
            else f"  if {self._test(number, one)}: fired += ({self._broken(number, one)},)"
            for number, one in enumerate(self._ready)
        ]
        sums = [f"  w{at} = {self._window(one)}" for at, one in enumerate(self._windowed)]
        each = "".join(f"w{at}, " for at in range(len(sums)))
        end = f"  return n_amount, fired, ({each})"
        body = [*self._reads(), *shared, "  fired = ()", *tests, *sums, end]
        text = "\n".join(["def check(n__ctx, n__line, n__of, n__uses):", *body])
        space = {**self._held, "len": len, "max": max}
        exec(compile(text, "<fast>", "exec"), space)  # noqa: S102  from our own tree only
        made: Fast = space["check"]  # type: ignore[assignment]
        return made

    def _reads(self) -> Iterable[str]:
        """Read each fact into a local; without one that should be there, the judge has the word."""
        wanted = [name for name in self._names if name in self._table]
        if self._lookups:
            wanted.append("as_of")
        if self._windowed:
            wanted.append("date")
        elsewhere = [n for n in self._names if n not in self._table]
        wanted_texts = in_order(wanted, self._table)
        for name, text in wanted_texts.items():
            if name == "voucher_uses_before":
                elsewhere.append(name)
            else:
                yield f"  {_OWN}{name} = {bound(text, self._table, _OWN)}"
        for name in elsewhere:
            value = "n__uses" if name == "voucher_uses_before" else f"n__of.{name}"
            yield f"  {_OWN}{name} = {value}"
        needed = sorted(self._catalogue.uncertain().intersection(self._names))
        absent = " or ".join(f"{_OWN}{name} is None" for name in needed)
        if absent:
            yield f"  if {absent}: return None"

    def _shared(self, ready: Iterable[Ready]) -> list[str]:
        """Compute once what several rules look up; where a fact is absent, nothing is."""
        times: Tally[Node] = Tally()
        for one in ready:
            for tree in one.rule.expressions:
                seen = {_plain(node) for node in walk(tree) if node.op in _HOISTED}
                times.update(seen)
                self._lookups |= any(n.op in (Op.LOOKUP, Op.BAND, Op.ALONG) for n in walk(tree))
        lines = []
        shared = [node for node, count in times.items() if count > 1]
        for node in sorted(shared, key=lambda n: (len(walk(n)), str(n))):
            text = self._text(node)
            names = self._catalogue.names
            doubtful = sorted(n for n in names_in(node) if n in names and names[n].may_be_missing)
            present = " and ".join(f"{_OWN}{name} is not None" for name in doubtful)
            local = f"c{len(self._locals)}"
            lines.append(
                f"  {local} = {text} if {present} else None" if present else f"  {local} = {text}"
            )
            self._locals[node] = local
        return lines

    def _broken(self, number: int, one: Ready) -> str:
        """Write what is found: the evidence as the judge would show it, and what is left."""
        rule, scale = one.rule, self._money
        shown, left = [], "0" if rule.effect is Effect.REJECT else "n_amount"
        if rule.kind is RuleKind.LIMIT:
            most = f"max(0, l{number})"
            shown = [
                f'("claimed", {scale}(n_amount))',
                f'("limit", {scale}({most}))',
                f'("over", {scale}(n_amount - {most}))',
            ]
            left = most if rule.effect in (Effect.CAP, Effect.JUSTIFY) else left
        names = self._catalogue.names
        for piece in one.evidence:
            text = f'("{piece.name}", {self._show(piece.node)})'
            doubtful = sorted(n for n in piece.needs if n in names and names[n].may_be_missing)
            if doubtful:
                present = " and ".join(f"{_OWN}{name} is not None" for name in doubtful)
                text = f"*(({text},) if {present} else ())"
            shown.append(text)
        return f"({number}, ({''.join(part + ', ' for part in shown)}), {left})"

    def _show(self, node: Node) -> str:
        text, kind = self._text(_plain(node)), node.type
        match kind.sort:
            case Sort.QUANTITY:
                return f"{self._digits(kind.scale)}({text})"
            case Sort.YES_NO:
                return f"('yes' if {text} else 'no')"
            case Sort.DATE:
                return f"{text}.isoformat()"
            case _:
                return text

    def _digits(self, scale: int) -> str:
        """Name the function that writes figures of a scale."""
        name = f"_show_{scale}"
        self._held[name] = str if scale == 0 else partial(_decimal, 10**scale, scale)
        return name

    def _test(self, number: int, one: Ready) -> str:
        rule = one.rule
        parts = []
        if rule.when is not None:
            parts.append(self._text(_plain(rule.when)))
        main = self._text(_plain(rule.main))
        parts.append(_VERDICT[rule.kind].format(main, f"l{number}"))
        return " and ".join(parts)

    def _window(self, one: Ready) -> str:
        """Write what a rule with a window needs, where it applies."""
        rule, window = one.rule, one.rule.window
        if rule.scope is not RuleScope.LINE or window is None or window.has_many_keys:
            return "(None, '')"
        days = f"_first_{len(self._held)}"
        self._held[days] = first_days(window)
        key = key_text(rule.code, window, _OWN, days)
        made = f"({self._text(_plain(rule.main))}, {key})"
        when = f" if {self._text(_plain(rule.when))} else None" if rule.when is not None else ""
        return made + when

    def _text(self, node: Node) -> str:
        return emit(node, _OWN, self._special)

    def _special(self, node: Node, args: Sequence[str]) -> str | None:
        """Give a shared local, or a shorter text than the usual one."""
        local = self._locals.get(node)
        if local is not None:
            return local
        if node.op in _FOLDED:
            return _FOLDED[node.op].format(*args)
        if node.op is Op.SHAPE:
            fits = f"_fits_{len(self._held)}"
            self._held[fits] = Shape(str(node.value)).fits
            return f"{fits}({args[0]})"
        if node.op is Op.LOOKUP:
            return self._lookup(str(node.value), args)
        return None

    def _lookup(self, name: str, keys: Sequence[str]) -> str | None:
        """Choose the values in force by comparing dates; a key that is absent raises."""
        steps = self._parameters[name].values
        if len(steps) > STEPS_MAX:
            return None
        chosen = "None"
        for number, step in enumerate(steps):
            table: object = step.table if keys else step.table[()]
            if keys and len(keys) == 1:
                table = {key: value for (key,), value in step.table.items()}
            if keys and step.otherwise is not None:
                table = _Else(table, step.otherwise)  # type: ignore[arg-type]
            self._held[f"_t{number}_{name}"] = table
            self._held[f"_d{number}_{name}"] = step.start
            if keys:
                chosen = f"_t{number}_{name} if n_as_of >= _d{number}_{name} else {chosen}"
            else:
                other = "_none()" if chosen == "None" else chosen
                chosen = f"_t{number}_{name} if n_as_of >= _d{number}_{name} else {other}"
        if not keys:
            self._held["_none"] = _none
            return f"({chosen})"
        key = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
        return f"({chosen})[{key}]"


class _Else(dict[Any, Any]):
    """A table with a value for every key that it does not have."""

    def __init__(self, table: Mapping[Any, Any], otherwise: object) -> None:
        super().__init__(table)
        self._otherwise = otherwise

    def __missing__(self, key: object) -> object:
        return self._otherwise


def _decimal(base: int, scale: int, raw: int) -> str:
    whole, rest = divmod(abs(raw), base)
    return f"{'-' if raw < 0 else ''}{whole}.{rest:0{scale}}"


def _none() -> int:
    raise LookupError


def _plain(node: Node) -> Node:
    """Give a tree without its places in the text: equal ones compute the same."""
    return replace(node, at=0, args=tuple(map(_plain, node.args)))
