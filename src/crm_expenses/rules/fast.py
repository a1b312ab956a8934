"""The fast path: all that a policy says of the lines of one category, as one function.

It is made from the same trees and the same texts of facts that the judge uses (`rules.judge`):
each fact is read once, each table looked up once, what the category settles is not asked. It gives
the decision on a line, and counts the line in its windows, or gives None and counts nothing: then
the judge has the word. That is so whenever a value is absent or cannot be computed. What is decided
never differs, only the time. Rules on trip days, entitlements, measures and windows that reach over
many keys are the judge's alone.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from crm_expenses.core.decision import Carry, LineDecision, Outcome, outcome_of
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money, exponent
from crm_expenses.core.quick import quick_maker
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.compile import emit
from crm_expenses.rules.judge import NO_RATE, OF_AMOUNT, UNCOVERED, Ready
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.line_facts import FactTables, bound, in_order
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.settle import settle
from crm_expenses.rules.shape import Shape
from crm_expenses.rules.tree import Node, Op, Sort, Value, names_in, walk
from crm_expenses.rules.window import (
    VOUCHER_WINDOW,
    Counter,
    Window,
    first_days,
    key_text,
)

Fast = Callable[[Any, Any, dict[str, int], list[Carry]], LineDecision | None]
"""Of a claim's context, a line, what is used of windows, and the carries so far."""

STEPS_MAX: Final = 4
"""Most dates of a table that are told apart in the text of the function."""

_OWN: Final = "n_"
_FOLDED: Final = {
    Op.IS_WEEKEND: "({0}.weekday() > 4)",
    Op.DAYS_BETWEEN: "({1} - {0}).days",
}
_LOOKUPS: Final = frozenset({Op.LOOKUP, Op.BAND, Op.ALONG})
_HOISTED: Final = _LOOKUPS | {Op.IS_WEEKEND, Op.DAYS_BETWEEN, Op.VALUE}
_RANKS: Final = {effect: rank for rank, effect in enumerate(Effect)}
_VERDICT: Final = {
    RuleKind.REQUIRE: "not {0}",
    RuleKind.FORBID: "{0}",
    RuleKind.FLAG: "{0}",
    RuleKind.LIMIT: "n_amount > (m := {0}) and n_amount > 0",
}
_MADE: Final = {
    "_money": quick_maker(Money),
    "_find": quick_maker(Finding),
    "_carry": quick_maker(Carry),
    "_decided": quick_maker(LineDecision),
    "_outcomes": tuple(outcome_of((Finding("", effect),)) for effect in Effect),
    "_pass": Outcome.PASS,
    "_by_code": lambda finding: finding.code,
    "len": len,
    "max": max,
    "tuple": tuple,
    **{f"_e_{effect.value}": effect for effect in Effect},
}


def fast_path(
    rules: Sequence[Ready],
    counters: Sequence[tuple[Counter, bool]],
    tables: FactTables,
    held: Mapping[str, object],
    policy: Policy,
    category: str | None,
) -> Fast | None:
    """Make the function of one category; None where the rules on it need the judge.

    `rules` are all that are on the category, in the order of their codes; `counters` the named
    windows, each with whether its lines count.
    """
    windows = [one.rule.window for one in rules] + [counter.window for counter, _ in counters]
    if any(window is not None and window.has_many_keys for window in windows):
        return None
    if any(
        one.rule.scope is not RuleScope.LINE or one.rule.kind in (RuleKind.ALLOW, RuleKind.MEASURE)
        for one in rules
    ):
        return None
    trees = [tree for one in rules for tree in one.rule.expressions]
    if any(node.op in (Op.TOTAL_EACH, Op.COUNT_EACH) for tree in trees for node in walk(tree)):
        return None
    return _Maker(rules, counters, tables, held, policy, category).make()


@dataclass(frozen=True, slots=True)
class _Settled:
    """A rule as far as the category leaves it open; its evidence as name, tree and needs."""

    rule: Rule
    when: Node | None
    main: Node
    evidence: tuple[tuple[str, Node, frozenset[str]], ...]

    @property
    def window(self) -> Window | None:
        """The window of a limit."""
        return self.rule.window

    @property
    def trees(self) -> tuple[Node, ...]:
        """What is computed of every line."""
        return (self.main,) if self.when is None else (self.when, self.main)


class _Maker:
    """Writes one function."""

    def __init__(
        self,
        rules: Sequence[Ready],
        counters: Sequence[tuple[Counter, bool]],
        tables: FactTables,
        held: Mapping[str, object],
        policy: Policy,
        category: str | None,
        *,
        has_amount: bool = True,
    ) -> None:
        self._has_amount = has_amount
        self._category = category
        self._given = (rules, counters, tables, held, policy)
        self._table = tables.texts["line"]
        self._held: dict[str, object] = {**held, **tables.held, **_MADE}
        self._policy = policy
        self._is_covered = category is not None and policy.covers(category)
        known: Mapping[str, Value] = {} if category is None else {"category": category}
        settled = (_settled(one, known) for one in rules)
        self._rules = [one for one in settled if one is not None]
        self._counters = [
            (
                replace(
                    counter,
                    adds=_plain(settle(counter.adds, known)),
                    when=None if counter.when is None else _plain(settle(counter.when, known)),
                ),
                is_counted,
            )
            for counter, is_counted in counters
        ]
        self._needed = frozenset[str]().union(
            *(one.rule.reads for one in rules),
            *(counter.reads for counter, is_counted in counters if is_counted),
            *(counter.window.facts for counter, _ in counters),
        )
        """What the judge would need: settled or not, without it the rule fails."""
        telling = [one for one in self._rules if self._can_tell(one)]
        adding = [
            counter
            for counter, is_counted in self._counters
            if is_counted and (has_amount or "amount" not in counter.reads)
        ]
        trees = [
            *(tree for one in telling for tree in one.trees),
            *(node for one in telling for _, node, _ in one.evidence),
            *(counter.adds for counter in adding),
            *(counter.when for counter in adding if counter.when is not None),
        ]
        self._has_lookups = any(node.op in _LOOKUPS for tree in trees for node in walk(tree))
        windows = [one.window for one in self._rules] + [c.window for c, _ in self._counters]
        keyed = frozenset[str]().union(*(w.facts for w in windows if w is not None))
        self._names = (
            names_in(*trees) | keyed | {"_amount"} | (self._needed & policy.catalogue.uncertain())
        )
        self._money = self._digits(exponent(policy.currency))
        self._locals: dict[Node, str] = {}
        self._ends: list[str] = []
        self._last: list[str] = []

    def make(self) -> Fast:
        plain = [one for one in self._rules if one.window is None and self._can_tell(one)]
        windowed = sorted(
            ((one.window.stage, one) for one in self._rules if one.window is not None),
            key=lambda pair: pair[0],
        )
        shared = self._shared()
        counted = list(self._count())
        judged = [text for one in plain for text in self._plain_rule(one)]
        summed = list(self._windows(windowed))
        body = [*self._reads(), *counted, *shared, *self._begin(), *judged, *summed, *self._end()]
        lines = ["def check(n__ctx, n__line, n__used, n__carries):", *(f" {line}" for line in body)]
        space = {**self._held}
        if self._has_amount:
            maker = _Maker(*self._given, self._category, has_amount=False)
            space["_without_rate"] = maker.make()
        exec(compile("\n".join(lines), "<fast>", "exec"), space)  # noqa: S102  from our own tree
        made: Fast = space["check"]  # type: ignore[assignment]
        return made

    def _can_tell(self, one: "_Settled") -> bool:
        """Say whether a rule has anything to say of a line: without a rate, not of its amount."""
        return self._has_amount or OF_AMOUNT.isdisjoint(one.rule.reads)

    # Facts

    def _reads(self) -> Iterable[str]:
        """Read each fact into a local; without one that should be there, the judge has the word."""
        names = self._names | {"amount"} if self._has_amount else self._names - OF_AMOUNT
        if self._has_lookups:
            names |= {"as_of"}
        if self._policy.counts_vouchers:
            names |= {"voucher_number"}
        if self._counters or any(one.window is not None for one in self._rules):
            names |= {"date"}
        wanted = sorted(name for name in names if name in self._table)
        for name, text in in_order(wanted, self._table).items():
            if name != "voucher_uses_before":
                ours = text.replace("_ctx.currency", repr(self._policy.currency))
                yield f"{_OWN}{name} = {bound(ours, self._table, _OWN)}"
        uncertain = self._policy.catalogue.uncertain().intersection(self._table)
        if self._has_amount:
            whole = "n__ctx, n__line, n__used, n__carries"
            yield f"if n_amount is None: return _without_rate({whole})"
        needed = sorted((uncertain & self._needed) - OF_AMOUNT)
        if needed:
            yield f"if {' or '.join(f'{_OWN}{name} is None' for name in needed)}: return None"

    def _count(self) -> Iterable[str]:
        """Say what earlier lines add up to, and what this one adds, once it is decided."""
        if self._policy.counts_vouchers:
            yield f"k_v = {VOUCHER_WINDOW + '|'!r} + n_voucher_number if n_voucher_number else None"
            yield f"{_OWN}voucher_uses_before = n__used.get(k_v, 0) if k_v else 0"
            used, line = f"{_OWN}voucher_uses_before + 1", "n__line.id"
            self._ends.append(
                f"if k_v: n__used[k_v] = {used};"
                f" n__carries.append(_carry({VOUCHER_WINDOW!r}, k_v, {line}, 1))"
            )
        for number, (counter, is_counted) in enumerate(self._counters):
            name, key = f"{_OWN}{counter.name}", f"k_n{number}"
            yield f"{key} = {self._key(counter.code, counter.window)}"
            yield f"{name} = n__used.get({key}, 0)"
            yield f"if not {-counter.top} <= {name} <= {counter.top}: return None"
            if is_counted and (self._has_amount or "amount" not in counter.reads):
                when = "" if counter.when is None else f" if {self._text(counter.when)} else None"
                yield f"a{number} = {self._text(counter.adds)}{when}"
                live = (
                    "" if counter.window.counts_input else f" and worst < {_RANKS[Effect.REJECT]}"
                )
                self._last.append(
                    f"if a{number} is not None{live}: n__used[{key}] = {name} + a{number};"
                    f" n__carries.append(_carry({counter.code!r}, {key}, n__line.id, a{number}))"
                )

    def _shared(self) -> list[str]:
        """Compute once what several rules look up; where a fact is absent, nothing is.

        What guards itself is left where it stands: it has a value where the fact is absent, too.
        """
        times: Tally[Node] = Tally()
        for one in filter(self._can_tell, self._rules):
            for tree in one.trees:
                times.update({node for node in walk(tree) if _is_shared(node)})
        lines = []
        shared = [node for node, count in times.items() if count > 1]
        for node in sorted(shared, key=lambda n: (len(walk(n)), str(n))):
            text, local = self._text(node), f"c{len(self._locals)}"
            present = self._present(names_in(node))
            lines.append(f"{local} = {text}{f' if {present} else None' if present else ''}")
            self._locals[node] = local
        return lines

    def _present(self, needs: Iterable[str]) -> str:
        """Write that the names of these that may be missing are there; empty if none may be."""
        names = self._policy.catalogue.names
        doubtful = sorted(n for n in needs if n in names and names[n].may_be_missing)
        return " and ".join(f"{_OWN}{name} is not None" for name in doubtful)

    # Rules

    def _begin(self) -> Iterable[str]:
        if not self._has_amount:
            shown = f'(("currency", {_OWN}_amount.currency), ("date", n__line.date.isoformat()))'
            yield f"found = [_find({NO_RATE!r}, _e_review, '', {shown})]"
            if not self._is_covered:
                shown = '(("category", n__line.category),)'
                yield f"found.append(_find({UNCOVERED!r}, _e_review, '', {shown}))"
            yield f"left, worst = 0, {_RANKS[Effect.REVIEW]}"
            return
        yield "left = n_amount"
        if self._is_covered:
            yield "found, worst = [], 0"
            return
        shown = '(("category", n__line.category),)'
        yield f"found = [_find({UNCOVERED!r}, _e_review, '', {shown})]"
        yield f"worst = {_RANKS[Effect.REVIEW]}"

    def _plain_rule(self, one: "_Settled") -> Iterable[str]:
        """Write a rule without a window: its test, and what it finds and leaves."""
        main = self._text(one.main)
        test = _VERDICT[one.rule.kind].format(main)
        if one.when is not None:
            test = f"{self._text(one.when)} and {test}"
        yield f"if {test}:"
        shown = self._evidence(one)
        most = "0"
        if one.rule.kind is RuleKind.LIMIT:
            most, scale = "m", self._money
            yield "  if m < 0: m = 0"
            shown = [
                f'("claimed", {scale}(n_amount))',
                f'("limit", {scale}(m))',
                f'("over", {scale}(n_amount - m))',
                *shown,
            ]
        for line in self._fire(one, shown):
            yield f"  {line}"
        is_less = one.rule.effect in (Effect.CAP, Effect.JUSTIFY)
        if one.rule.effect is Effect.REJECT:
            yield "  if left > 0: left = 0"
        elif one.rule.kind is RuleKind.LIMIT and is_less:
            reason = " and not n__line.justification" if _asks(one) else ""
            yield f"  if {most} < left{reason}: left = {most}"

    def _fire(self, one: "_Settled", shown: Sequence[str]) -> Iterable[str]:
        """Write what a broken rule adds; a reason on the line resolves what asks for one."""
        rule = one.rule
        pairs = "".join(f"{part}, " for part in shown)
        made = f"found.append(_find({rule.code!r}, {{}}, {rule.clause!r}, ({pairs}){{}}))"
        worse = ""
        if rank := _RANKS[rule.effect]:
            worse = f"if worst < {rank}: worst = {rank}"
        if not _asks(one):
            yield made.format(f"_e_{rule.effect.value}", "")
            if worse:
                yield worse
            return
        yield "if n__line.justification:"
        yield "  " + made.format("_e_note", ", _e_justify, 'justification'")
        yield "else:"
        yield "  " + made.format("_e_justify", "")
        yield "  " + worse

    def _windows(self, windowed: Sequence[tuple[int, "_Settled"]]) -> Iterable[str]:
        """Write limits with a window, stage by stage: first all that may fail, then the sums."""
        if not self._has_amount:
            for _, one in windowed:
                self._ends += self._nothing(one)
            return
        for number, (_, one) in enumerate(windowed):
            assert one.window is not None  # noqa: S101  who calls has chosen those
            key = self._key(one.rule.code, one.window)
            limit = f"l{number} = max(0, {self._text(one.main)}); k{number} = {key}"
            if one.when is None:
                yield limit
            else:
                yield f"if {self._text(one.when)}: {limit}"
                yield f"else: l{number} = None"
        stage = 0
        for number, (of_stage, one) in enumerate(windowed):
            if of_stage != stage:
                yield "taken = left"
                stage = of_stage
            yield f"if l{number} is not None:"
            for line in self._window_rule(number, one):
                yield f"  {line}"

    def _nothing(self, one: "_Settled") -> Iterable[str]:
        """Write that a line without a rate counts as nothing in a window."""
        if one.window is not None:
            code = repr(one.rule.code)
            yield f"k = {self._key(one.rule.code, one.window)}; n__used[k] = n__used.get(k, 0)"
            yield f"n__carries.append(_carry({code}, k, n__line.id, 0))"

    def _window_rule(self, number: int, one: "_Settled") -> Iterable[str]:
        effect, scale, room = one.rule.effect, self._money, f"r{number}"
        yield f"e{number} = n__used.get(k{number}, 0)"
        yield f"{room} = l{number} - e{number}"
        yield f"if {room} < 0: {room} = 0"
        yield f"if taken > {room} and taken > 0:"
        shown = [
            f'("claimed", {scale}(taken))',
            f'("limit", {scale}(l{number}))',
            f'("before", {scale}(e{number}))',
            f'("over", {scale}(taken - {room}))',
            *self._evidence(one),
        ]
        for line in self._fire(one, shown):
            yield f"  {line}"
        if effect is Effect.REJECT:
            yield f"  {room} = 0"
        elif effect not in (Effect.CAP, Effect.JUSTIFY):
            yield f"  {room} = taken"
        elif _asks(one):
            yield f"  if n__line.justification: {room} = taken"
        yield f"else: {room} = taken"
        yield f"if {room} < left: left = {room}"
        # what this line adds is kept until nothing can fail any more
        counted = "taken" if one.window is not None and one.window.counts_input else room
        yield f"g{number} = {counted}"
        code, key = repr(one.rule.code), f"k{number}"
        self._ends.append(
            f"if l{number} is not None: n__used[{key}] = e{number} + g{number};"
            f" n__carries.append(_carry({code}, {key}, n__line.id, g{number}))"
        )

    def _end(self) -> Iterable[str]:
        yield from self._ends
        yield from self._last
        currency = repr(self._policy.currency)
        if not self._has_amount:
            yield "if len(found) > 1: found.sort(key=_by_code)"
            made = f"None, _money(0, {currency}), tuple(found)"
            yield f"return _decided(n__line.id, _outcomes[worst], {made})"
            return
        yield f"m = n__amount if n__amount.currency == {currency} else _money(n_amount, {currency})"
        yield "if not found: return _decided(n__line.id, _pass, m, m)"
        yield "if len(found) > 1: found.sort(key=_by_code)"
        yield f"a = m if left == n_amount else _money(left, {currency})"
        yield "return _decided(n__line.id, _outcomes[worst], m, a, tuple(found))"

    # Texts

    def _evidence(self, one: "_Settled") -> list[str]:
        """Write the evidence as the judge would show it."""
        shown = []
        for name, node, needs in one.evidence:
            text = f'("{name}", {self._show(node)})'
            present = self._present(needs)
            shown.append(f"*(({text},) if {present} else ())" if present else text)
        return shown

    def _show(self, node: Node) -> str:
        text, kind = self._text(node), node.type
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
        self._held[name] = digits_of(scale)
        return name

    def _key(self, code: str, window: Window) -> str:
        days = f"_first_{len(self._held)}"
        self._held[days] = first_days(window)
        return key_text(code, window, _OWN, days)

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
            shape = Shape(str(node.value))
            self._held[fits] = shape.match or shape.fits
            return f"({fits}({args[0]}) is not None)" if shape.match else f"{fits}({args[0]})"
        if node.op is Op.LOOKUP:
            return self._lookup(str(node.value), args)
        return None

    def _lookup(self, name: str, keys: Sequence[str]) -> str | None:
        """Choose the values in force by comparing dates; a key that is absent raises."""
        steps = self._policy.parameters[name].values
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


def _settled(one: Ready, known: Mapping[str, Value]) -> _Settled | None:
    """Give a rule as the category leaves it; None where it can have nothing to say."""
    rule = one.rule
    when = None if rule.when is None else _plain(settle(rule.when, known))
    main = _plain(settle(rule.main, known))
    if when is not None and when.op is Op.CONSTANT:
        if not when.value:
            return None
        when = None
    holds = bool(main.value) if main.op is Op.CONSTANT else None
    is_kept = holds is (rule.kind is RuleKind.REQUIRE)
    if rule.kind is not RuleKind.LIMIT and is_kept and when is None:
        # with a condition it has: one that cannot be computed is told first
        return None
    evidence = tuple(
        (piece.name, _plain(settle(piece.node, known)), piece.needs) for piece in one.evidence
    )
    return _Settled(rule, when, main, evidence)


def _is_shared(node: Node) -> bool:
    """Say whether a node may be computed ahead of the rules that read it."""
    return node.op in _HOISTED and not any(n.op in (Op.PRESENT, Op.DEFAULT) for n in walk(node))


def _asks(one: "_Settled") -> bool:
    """Say whether a reason on the line resolves what the rule finds."""
    return one.rule.effect is Effect.JUSTIFY


class _Else(dict[Any, Any]):
    """A table with a value for every key that it does not have."""

    def __init__(self, table: Mapping[Any, Any], otherwise: object) -> None:
        super().__init__(table)
        self._otherwise = otherwise

    def __missing__(self, key: object) -> object:
        return self._otherwise


def digits_of(scale: int) -> Callable[[int], str]:
    """Give the function that writes raw values of a scale as evidence shows them.

    >>> digits_of(2)(-5), digits_of(0)(7)
    ('-0.05', '7')
    """
    if scale == 0:
        return str
    base, form = 10**scale, f"%d.%0{scale}d"

    def write(raw: int) -> str:
        if raw >= base:
            digits = str(raw)
            return digits[:-scale] + "." + digits[-scale:]
        whole: str = form % divmod(abs(raw), base)
        return "-" + whole if raw < 0 else whole

    return write


def _none() -> int:
    raise LookupError


def _plain(node: Node) -> Node:
    """Give a tree without its places in the text: equal ones compute the same."""
    return replace(node, at=0, args=tuple(map(_plain, node.args)))
