"""Prints a policy's script for people: to review, and to paste where a warehouse keeps its queries.

Beside each column that a rule makes stands the rule: its code, title, clause and expressions. Plain
SQL cannot loop, so rounds are written out, with a guard that stops the script if they were too few.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from crm_expenses.messages import LANGUAGES, Language, text
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.parameter import Parameter
from crm_expenses.rules.policy import LANGUAGE_VERSION, Policy, Rule
from crm_expenses.rules.sql.base import ordered_rules, stems
from crm_expenses.rules.sql.dialect import DIALECTS, Dialect, Fn
from crm_expenses.rules.sql.layout import Token, TokenKind, comment, lines_of, tokens, wrapped
from crm_expenses.rules.sql.make import script
from crm_expenses.rules.sql.results import SUMMARY
from crm_expenses.rules.sql.schema import RESULTS, SCHEMA_VERSION, Kind
from crm_expenses.rules.sql.script import Rounds, Script, Step
from crm_expenses.rules.sql.tables import Lookups
from crm_expenses.rules.sql.text import FAILED
from crm_expenses.rules.sql.verdict import FAILED_FROM
from crm_expenses.rules.tree import Op, walk
from crm_expenses.rules.unparse import unparse
from crm_expenses.rules.window import Window, WindowPeriod

ROUNDS: Final = 4
"""How many rounds are written out if nobody says otherwise."""
ROUNDS_MAX: Final = 100
NOT_RUN: Final = frozenset({"snowflake", "bigquery"})
"""Dialects whose engines no test of ours can run."""

_WORDS_SHOWN: Final = 12
_CREATE: Final[Mapping[str, str]] = {
    "duckdb": "CREATE TEMP TABLE",
    "postgres": "CREATE TEMP TABLE",
    "spark": "CACHE TABLE",  # it has no temporary tables: a cached view is computed once as well
    "snowflake": "CREATE TEMPORARY TABLE",
    "bigquery": "CREATE TEMP TABLE",
}
_NOTES: Final = (
    "facts", "sums", "days", "claim", "follow", "claims", "found", "touched", "before", "numbers",
    "spans", "calendar", "periods", "rates", "approved", "waived", "waived_claims",
)  # fmt: skip
_MADE: Final = re.compile(r"AS ([A-Za-z_][A-Za-z_0-9]*),?$")
_LEFT: Final = re.compile(r"left_(?:claimed|judged|stage_[0-9]+)(?:_early)?$")
_WORD: Final = re.compile(r"(?:k_)?word_[0-9]+$")
_HEADS: Final = {
    "x": "x", "a": "a", "room": "room", "h": "h", "c": "c", "b": "b", "p_b": "p_b", "t": "t",
    "ev_a": "v_a", "waived": "waived",
}  # fmt: skip
"""What the name of a column of a rule begins with, and what is said of it."""


def sql_text(
    policy: Policy, dialect: str, language: Language = "en", *, rounds: int = ROUNDS
) -> str:
    """Give a policy as a text of statements: tables step by step, then the queries of its results.

    Raises:
        ConfigError: there is no such dialect.
    """
    made = script(policy, dialect)
    return "\n".join(_Page(policy, made, language, rounds).lines()) + "\n"


class _Page:
    """One text on its way."""

    def __init__(self, policy: Policy, made: Script, language: Language, rounds: int) -> None:
        self._policy = policy
        self._script = made
        self._own: Dialect = DIALECTS[made.dialect]
        self._language = language
        self._rounds = rounds
        self._at = LANGUAGES.index(language)
        self._cells: dict[str, tuple[str, Rule]] = _cells_of(policy)
        self._parameters = _Parameters(policy, self._own, language)
        self._told_columns: set[str] = set()
        self._told_rules: set[str] = set()
        self._told_parameters: set[str] = set()

    def _say(self, code: str, /, **values: str) -> str:
        return text(f"sqltext.{code}", self._language, **values)

    def lines(self) -> Iterator[str]:
        """Give the lines of the text."""
        yield from self._head()
        for step in self._script.steps:
            yield ""
            yield from self._unrolled(step) if isinstance(step, Rounds) else self._step(step)
        for name, query in self._script.results.items():
            yield ""
            yield from comment(self._say("result", name=name, meaning=self._result(name)))
            yield from self._laid_out(query)
            yield ";"

    def _result(self, name: str) -> str:
        if name == SUMMARY:
            return self._say("result_summary")
        return RESULTS[name].meaning[self._at]

    def _head(self) -> Iterator[str]:
        policy, say = self._policy, self._say
        reasons = ", ".join(f"{FAILED_FROM + n} {reason}" for reason, n in FAILED.items())
        dialect = self._script.dialect
        told = [
            say("head", id=policy.id, version=policy.version, dialect=dialect),
            say("title", title=policy.title[self._at]),
            say("digest", digest=policy.digest),
            say("versions", language=str(LANGUAGE_VERSION), schema=str(SCHEMA_VERSION)),
            say("reads", tables=", ".join(sorted(self._script.tables))),
            say("gives", tables=", ".join(self._script.results)),
            say("run"),
            *([say("not_run", dialect=dialect)] if dialect in NOT_RUN else ()),
            say("states", reasons=reasons),
        ]
        for one in told:
            yield from comment(one, hanging="  ")

    # Steps

    def _step(self, step: Step, *, tells: bool = True) -> Iterator[str]:
        if tells:
            note = " ".join(self._note(step.name, one) for one in self._notes(step))
            told = self._say("step", name=step.name, note=note or self._say("note.other"))
            yield from comment(told, hanging="  ")
            yield from self._contents(step)
        yield f"{_CREATE[self._script.dialect]} {step.name} AS"
        yield from self._laid_out(step.query, tells=tells)
        yield ";"

    def _notes(self, step: Step) -> tuple[str, ...]:
        return ("",) if step.name.startswith("words_") else step.note

    def _note(self, name: str, note: str) -> str:
        if name.startswith("words_"):
            return self._say("note.words")
        for known in _NOTES:
            if note == text(f"sqltext.note.{known}"):
                return self._say(f"note.{known}")
        return note

    def _contents(self, step: Step) -> Iterator[str]:
        """Say which rules stand in a step, and which parameters."""
        columns = set(_columns(step.query, self._own)) - self._told_columns
        made = {self._cells[name][1].code for name in columns & self._cells.keys()}
        here = [rule for rule in ordered_rules(self._policy) if rule.code in made]
        if here:
            told = self._say("rules", rules=", ".join(rule.code for rule in here))
            yield from comment(told, hanging="  ")
        for name in self._parameters.of(columns, here):
            if name not in self._told_parameters:
                self._told_parameters.add(name)
                for one in self._parameters.told(name):
                    yield from comment(one, hanging="  ")

    def _unrolled(self, rounds: Rounds) -> Iterator[str]:
        """Write rounds out: each makes its tables from those of the round before."""
        state, count = rounds.state, str(self._rounds)
        for one in (self._say("rounds", name=state), self._say("rounds_count", rounds=count)):
            yield from comment(one, hanging="  ")
        yield from self._step(Step(f"{state}_round_0", rounds.start.query, rounds.start.note))
        for number in range(1, self._rounds + 1):
            yield ""
            yield from comment(self._say("round", number=str(number), rounds=count))
            is_last = number == self._rounds
            names = {step.name: f"{step.name}_round_{number}" for step in rounds.body[:-1]}
            names[state] = f"{state}_round_{number - 1}"
            names[rounds.next] = state if is_last else f"{state}_round_{number}"
            for step in rounds.body:
                query = renamed(step.query, names, self._own)
                made = Step(names[step.name], query, step.note)
                yield from self._step(made, tells=number == 1)
        yield ""
        yield from comment(self._say("guard"))
        yield f"{_CREATE[self._script.dialect]} {state}_guard AS"
        yield from self._laid_out(self._guard(rounds), tells=False)
        yield ";"

    def _guard(self, rounds: Rounds) -> str:
        own = self._own
        differs = renamed(rounds.differs, {rounds.next: rounds.state}, own)
        said = own.text(self._say("stop", name=rounds.state, rounds=str(self._rounds)))
        count = own.cast("g.left_over", Kind.TEXT)
        # the text is there only where it is needed, in case an engine looks at it too early
        told = f"CASE WHEN g.left_over > 0 THEN {own(Fn.CONCAT, said, count)} END"
        stop = own(Fn.STOP, told)
        return (
            f"SELECT CASE WHEN g.left_over > 0 THEN {stop} ELSE g.left_over END AS left_over\n"
            f"FROM (SELECT ({differs}) AS left_over) AS g"
        )

    # Queries

    def _laid_out(self, query: str, *, tells: bool = True) -> Iterator[str]:
        for line in lines_of(query, is_backslash_special=self._own.is_backslash_special):
            indent = line[0].text if line and line[0].kind is TokenKind.SPACE else ""
            name = _made(line) if tells else ""
            if name and name not in self._told_columns:
                self._told_columns.add(name)
                yield from self._column(name, indent)
            yield from (one.rstrip() if "\n" not in one else one for one in wrapped(line))

    def _column(self, name: str, indent: str) -> Iterator[str]:
        """Say what a column is, with the rule that makes it when it is the rule's first."""
        cell, rule = self._cells.get(name, ("", None))
        if _LEFT.match(name):
            cell = "left"
        elif _WORD.match(name):
            cell = "word"
        if not cell:
            return
        code = rule.code if rule is not None else ""
        if rule is not None and cell in ("x", "a") and code not in self._told_rules:
            self._told_rules.add(code)
            yield from self._rule(rule, indent)
        told = text(f"sqltext.cell.{cell}", self._language, name=name, code=code)
        yield from comment(told, indent, "  ")

    def _rule(self, rule: Rule, indent: str) -> Iterator[str]:
        say = self._say
        facts = [say("rule_is", kind=rule.kind.value, effect=rule.effect.value)]
        if rule.on is not None:
            facts.append(say("rule_on", on=", ".join(sorted(rule.on))))
        if rule.scope is not RuleScope.LINE:
            facts.append(say("rule_scope", scope=rule.scope.value))
        told = [
            say("rule", code=rule.code, title=rule.title[self._at]),
            "  " + "; ".join(facts),
            *(["  " + say("rule_clause", clause=rule.clause)] if rule.clause else ()),
            *(f"  {name} = {written}" for name, written in _expressions(rule)),
        ]
        for one in told:
            yield from comment(one, indent, "    ")


def _cells_of(policy: Policy) -> dict[str, tuple[str, Rule]]:
    """Give the columns that rules make: what each is, and whose."""
    named = stems(policy)
    return {
        f"{relation}{head}_{named[rule.code]}": (cell, rule)
        for rule in ordered_rules(policy)
        for head, cell in _HEADS.items()
        for relation in ("", "k_")
    }


def _expressions(rule: Rule) -> Iterator[tuple[str, str]]:
    """Give what a rule says, by the names of the policy file."""
    for name in ("when", "that", "at_most", "gives"):
        node = getattr(rule, name)
        if node is not None:
            yield name, unparse(node)
    if rule.component:
        yield "component", rule.component
    if rule.window is not None:
        yield from _window(rule.window)


def _window(window: Window) -> Iterator[tuple[str, str]]:
    yield "per", ", ".join(window.per) or "-"
    yield "period", window.period.value
    if window.year_starts != (1, 1):
        yield "year_starts", "{:02}-{:02}".format(*window.year_starts)
    if window.period is WindowPeriod.ROLLING:
        yield "days", str(window.days)
    if window.period is WindowPeriod.SPELL:
        yield "gap_days", str(window.gap_days)
    if window.counts_input:
        yield "counts", "eligible"


class _Parameters:
    """Says of a parameter what its list of constants holds, and in which order."""

    def __init__(self, policy: Policy, own: Dialect, language: Language) -> None:
        self._parameters = policy.parameters
        self._lookups = Lookups(policy.parameters, policy.catalogue, own)
        self._language = language

    def of(self, columns: Iterable[str], rules: Iterable[Rule]) -> list[str]:
        """Give the parameters that some columns are named after, or that some rules look up."""
        written = " ".join(columns)
        named = {
            name
            for name in self._parameters
            if re.search(rf"\b[a-z_]*v_{name}(?:_failed)?_[0-9]+\b", written)
        }
        looked_up = {
            str(node.value)
            for rule in rules
            for tree in rule.expressions
            for node in walk(tree)
            if node.op in (Op.LOOKUP, Op.BAND, Op.ALONG)
        }
        return sorted(named | looked_up)

    def told(self, name: str) -> Iterator[str]:
        """Tell one: what it is, then in which order its values stand."""
        parameter = self._parameters[name]
        at = LANGUAGES.index(self._language)
        title = parameter.title[at] if parameter.title is not None else ""
        yield self._say(
            "parameter",
            name=name,
            title=self._say("parameter_title", title=title) if title else "",
            type=str(parameter.type),
            dates=", ".join(step.start.isoformat() for step in parameter.values),
        )
        keys = list(self._keys(parameter))
        if keys:
            yield "  " + self._say("parameter_keys", keys=", ".join(keys))

    def _keys(self, parameter: Parameter) -> Iterator[str]:
        for number, (key, _) in enumerate(parameter.keys):
            words = self._lookups.key_words(parameter.name, number) or ()
            shown = ", ".join(words[:_WORDS_SHOWN])
            shown += f", … {len(words)}" if len(words) > _WORDS_SHOWN else ""
            yield self._say("parameter_key", name=key, words=shown)
        if parameter.band is not None:
            yield self._say("parameter_band", unit=str(parameter.band))

    def _say(self, code: str, /, **values: str) -> str:
        return text(f"sqltext.{code}", self._language, **values)


def renamed(query: str, names: Mapping[str, str], own: Dialect) -> str:
    """Give a query with other names of tables; texts stay as they are."""
    pieces = tokens(query, is_backslash_special=own.is_backslash_special)
    return "".join(
        names.get(piece.text, piece.text) if piece.kind is TokenKind.WORD else piece.text
        for piece in pieces
    )


def _columns(query: str, own: Dialect) -> Iterator[str]:
    for line in lines_of(query, is_backslash_special=own.is_backslash_special):
        if name := _made(line):
            yield name


def _made(line: list[Token]) -> str:
    """Give the column that a line computes; none for one that is only handed on."""
    whole = "".join(piece.text for piece in line).strip()
    found = _MADE.search(whole)
    if found is None or re.fullmatch(rf"(?:[a-z]+\.)?{found[1]} AS {found[1]},?", whole):
        return ""
    return found[1]
