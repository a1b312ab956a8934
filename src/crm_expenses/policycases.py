"""Cases of a policy: given these claims, this is decided. Read from a file beside the policy.

A case is a claim as finance would write it down, the claims before it, and what must come out. Only
what a case names is compared. A case that expects nothing, or names what its policy or its claim
does not have, is a mistake and not a case that passes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError
from pydantic_core import PydanticCustomError

from crm_expenses.casefacts import budget_of, with_absences
from crm_expenses.claimdata import facts_from
from crm_expenses.core.approval import due_for
from crm_expenses.core.budget import AtLimit
from crm_expenses.core.claim import DECIDED_STATUSES
from crm_expenses.core.commitment import BUDGET_FINDINGS, BUDGET_STEP, demands, limit_steps
from crm_expenses.core.decision import Decision, Entitlement, Figure, LineDecision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Finding
from crm_expenses.core.money import Money, read_number
from crm_expenses.errors import ConfigError, MappingError, Place, Problem
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.evaluate import NO_LINES, NO_PERSON, Evaluator
from crm_expenses.rules.judge import NO_RATE, UNCOVERED
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.written import placed
from crm_expenses.tomlfile import Path_, TomlFile, read_toml, shape_problems

ENDING: Final = ".cases.toml"
"""What the name of a cases file ends with."""

_OWN_FINDINGS: Final = (UNCOVERED, NO_RATE, NO_PERSON, NO_LINES)


def _figure(value: object) -> Decimal:
    """Read an expected figure: bare, or in quotes as a decision writes it."""
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            return read_number(f"{value:f}" if isinstance(value, Decimal) else str(value))
        except MappingError:
            pass
    raise PydanticCustomError("record.amount", "not an exact amount")


class Nothing(Enum):
    """What is written where a figure must not be there at all."""

    NOTHING = "none"


def _figure_or_none(value: object) -> Decimal | Nothing:
    return Nothing.NOTHING if value == Nothing.NOTHING.value else _figure(value)


DAYS_TOLD: Final = 40
"""Most days of a trip that a difference names."""

Exact = Annotated[Decimal, PlainValidator(_figure)]
Figures = dict[str, Annotated[Decimal | Nothing, PlainValidator(_figure_or_none)]]
"""Figures by component or code; `"none"` for one that must not be there."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedLine(_Part):
    """What a line must come out as; what is None is not compared."""

    line: str
    outcome: Outcome | None = None
    allowed: Exact | None = None
    findings: tuple[str, ...] | None = None
    entitlements: Figures = Field(default_factory=dict)
    measures: Figures = Field(default_factory=dict)
    totals: Figures = Field(default_factory=dict)


class Expected(_Part):
    """What a claim must come out as; what is None is not compared.

    `approvals` are all steps that are due, `measures` those of the claim itself.
    """

    outcome: Outcome | None = None
    allowed: Exact | None = None
    findings: tuple[str, ...] | None = None
    approvals: tuple[str, ...] | None = None
    measures: Figures = Field(default_factory=dict)
    lines: tuple[ExpectedLine, ...] = ()


class CaseBudget(_Part):
    """Where a budget that covers the lines stands, without the claim, in the policy's currency."""

    budget: str = Field(min_length=1, max_length=100)
    allocated: Exact
    committed: Exact = Decimal(0)
    spent: Exact = Decimal(0)
    category: str = Field("", max_length=80)
    hard: bool = False
    at_limit: AtLimit | None = None


class CaseText(_Part):
    """One case as it stands in the file: `[[case]]`."""

    name: str = Field(min_length=1, max_length=300)
    source: str = Field("", max_length=500)
    certainty: str = Field("", max_length=100)
    claim: dict[str, Any]
    earlier: tuple[dict[str, Any], ...] = ()
    budgets: tuple[CaseBudget, ...] = ()
    expect: Expected


@dataclass(frozen=True, slots=True)
class Case:
    """One case, its claims read: `earlier` ones are decided first, in order."""

    name: str
    source: str
    certainty: str
    place: Place
    facts: Facts
    earlier: tuple[Facts, ...]
    expect: Expected


@dataclass(frozen=True, slots=True)
class Note:
    """What is worth knowing of a difference: the code of a text, and its values."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a decision is not what was expected; `line` is empty of the claim as a whole.

    `what` is a word of the cases file (`outcome`, `allowed`, `findings`, `approvals`,
    `entitlements`, `measures`, `totals`), `of` the component or code where there are several.
    `notes` say what an amount is made of, and where else a measure was found.
    """

    line: str
    what: str
    of: str
    expected: str
    got: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case; without differences it has passed.

    `facts` are those of its claim, with what the earlier claims used.
    """

    case: Case
    differences: tuple[Difference, ...]
    facts: Facts

    @property
    def is_passed(self) -> bool:
        """Whether everything that the case names came out."""
        return not self.differences

    @property
    def lines_concerned(self) -> tuple[str, ...]:
        """The lines that differ; all of them where only the claim does."""
        named = {found.line for found in self.differences} - {""}
        return tuple(line.id for line in self.facts.lines if not named or line.id in named)

    @property
    def is_of_claim(self) -> bool:
        """Whether something of the claim itself differs."""
        return any(not found.line for found in self.differences)


def cases_beside(policy_file: Path) -> Path:
    """Give where the cases of a policy file stand.

    >>> cases_beside(Path("a/meals.toml")).name
    'meals.cases.toml'
    """
    return policy_file.with_name(policy_file.stem + ENDING)


def load_cases(path: str | Path, policy: Policy) -> tuple[Case, ...]:
    """Read the cases of a policy.

    Raises:
        ConfigError: the file cannot be read, or has mistakes; all of them, each with its place.
    """
    return cases_from(read_toml(Path(path)), policy)


def cases_from(toml: TomlFile, policy: Policy) -> tuple[Case, ...]:
    """Make the cases of a parsed file; see `load_cases`."""
    reader = _Reader(toml, policy)
    cases = reader.cases()
    if reader.problems:
        raise ConfigError.of(reader.problems)
    return cases


def run_cases(evaluator: Evaluator, cases: Iterable[Case]) -> tuple[CaseResult, ...]:
    """Decide every case and compare: the result of each, in order."""
    results = []
    for case in cases:
        facts = _facts(evaluator, case)
        decision = evaluator.decide(facts, digest=False)
        due = [step.code for step in due_for(decision, evaluator.policy.authorities)]
        due += [step.code for step in limit_steps(demands(facts, decision.lines))]
        found = tuple(_compare(case.expect, decision, due))
        results.append(CaseResult(case, found, facts))
    return tuple(results)


def _facts(evaluator: Evaluator, case: Case) -> Facts:
    """Give the facts of a case after its earlier claims; those that do not live do not count."""
    used: Counter[str] = Counter()
    live: list[Facts] = []
    for facts in case.earlier:
        if facts.claim.status in DECIDED_STATUSES:
            known = with_absences(facts, live)
            before = evaluator.decide(_with_windows(evaluator, known, used), digest=False)
            for carry in before.carries:
                used[carry.window] += carry.amount
            live.append(facts)
    return _with_windows(evaluator, with_absences(case.facts, live), used)


def _with_windows(evaluator: Evaluator, facts: Facts, used: Mapping[str, int]) -> Facts:
    # A key that nothing was counted under stays out: to a spell it would look like a day in it.
    held = {key: used[key] for key in evaluator.windows_of(facts) if key in used}
    return replace(facts, windows=held)


# Comparing


def _compare(expect: Expected, decision: Decision, due: Sequence[str]) -> Iterator[Difference]:
    whole = {finding.code for finding in decision.findings}
    whole.update(finding.code for line in decision.lines for finding in line.findings)
    by_id = {line.line: line for line in decision.lines}
    of_lines = [
        difference
        for wanted in expect.lines
        for difference in _compare_line(wanted, by_id[wanted.line], decision)
    ]
    told = {one.line for one in of_lines if one.what == "allowed"}
    rest = [line for line in decision.lines if line.line not in told]
    yield from _plain("", "outcome", expect.outcome, decision.outcome)
    for one in _amount("", "allowed", "", expect.allowed, decision.allowed.amount):
        yield replace(one, notes=tuple(note for line in rest for note in _made_of(line)))
    yield from _codes("", "findings", expect.findings, whole)
    yield from _codes("", "approvals", expect.approvals, due)
    for one in _figures("", "measures", expect.measures, _values(decision.measures)):
        yield replace(one, notes=_of_lines(one, decision.lines))
    yield from of_lines


def _compare_line(
    wanted: ExpectedLine, line: LineDecision, decision: Decision
) -> Iterator[Difference]:
    yield from _plain(line.line, "outcome", wanted.outcome, line.outcome)
    for one in _amount(line.line, "allowed", "", wanted.allowed, line.allowed.amount):
        yield replace(one, notes=tuple(_made_of(line)))
    yield from _codes(line.line, "findings", wanted.findings, _codes_of(line.findings))
    due = {part.component: part.amount.amount for part in line.entitlements}
    for one in _figures(line.line, "entitlements", wanted.entitlements, due):
        yield replace(one, notes=tuple(_made_of(line, one.of)))
    for one in _figures(line.line, "measures", wanted.measures, _values(line.measures)):
        yield replace(one, notes=_of_claim(one, decision.measures))
    totals = {figure.code: Decimal(figure.total) for figure in line.measures if figure.total}
    yield from _figures(line.line, "totals", wanted.totals, totals)


def _made_of(line: LineDecision, component: str = "") -> Iterator[Note]:
    """Say what each component of a line's entitlement gives, and on which days."""
    for part in line.entitlements:
        if component and part.component != component:
            continue
        values = {
            "line": line.line,
            "component": part.component,
            "rules": ", ".join(part.rules) or "-",
            "amount": f"{part.amount.amount:f}",
        }
        if part.days:
            yield Note("test.made_of_days", values | {"days": _days(part)})
        else:
            yield Note("test.made_of", values)


def _days(part: Entitlement) -> str:
    currency = part.amount.currency
    told = [
        f"{day.isoformat()} {Money(minor, currency).amount:f}"
        for day, minor in part.days[:DAYS_TOLD]
    ]
    return ", ".join(told if len(part.days) <= DAYS_TOLD else [*told, "…"])


def _of_lines(found: Difference, lines: Sequence[LineDecision]) -> tuple[Note, ...]:
    """Say which lines have a measure that the claim itself does not have."""
    if found.got:
        return ()
    having = [
        f"{line.line} ({figure.value})"
        for line in lines
        for figure in line.measures
        if figure.code == found.of
    ]
    listed = ", ".join(having[:DAYS_TOLD])
    return (Note("test.of_lines", {"lines": listed}),) if having else ()


def _of_claim(found: Difference, measures: Sequence[Figure]) -> tuple[Note, ...]:
    """Say that the claim itself has a measure that a line does not have."""
    own = "" if found.got else next((f.value for f in measures if f.code == found.of), "")
    return (Note("test.of_claim", {"value": own}),) if own else ()


def _codes_of(findings: Iterable[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def _values(figures: Iterable[Figure]) -> dict[str, Decimal]:
    return {figure.code: Decimal(figure.value) for figure in figures}


def _plain(line: str, what: str, wanted: Outcome | None, got: Outcome) -> Iterator[Difference]:
    if wanted is not None and wanted is not got:
        yield Difference(line, what, "", wanted.value, got.value)


def _amount(
    line: str, what: str, of: str, wanted: Decimal | Nothing | None, got: Decimal | None
) -> Iterator[Difference]:
    if wanted is None:
        return
    figure = None if isinstance(wanted, Nothing) else wanted
    if figure != got:
        expected, found = ("" if value is None else f"{value:f}" for value in (figure, got))
        yield Difference(line, what, of, expected, found)


def _codes(
    line: str, what: str, wanted: Sequence[str] | None, got: Iterable[str]
) -> Iterator[Difference]:
    if wanted is not None and set(wanted) != set(got):
        expected, found = (", ".join(sorted(set(codes))) for codes in (wanted, got))
        yield Difference(line, what, "", expected, found)


def _figures(
    line: str, what: str, wanted: Mapping[str, Decimal | Nothing], got: Mapping[str, Decimal]
) -> Iterator[Difference]:
    for of, figure in sorted(wanted.items()):
        yield from _amount(line, what, of, figure, got.get(of))


# Reading


class _Reader:
    """Reads the cases of one file; collects the problems of all of them."""

    def __init__(self, toml: TomlFile, policy: Policy) -> None:
        self._toml = toml
        self._policy = policy
        self.problems: list[Problem] = []
        self._findings = {rule.code for rule in policy.rules}.union(
            _OWN_FINDINGS, BUDGET_FINDINGS, (counter.code for counter in policy.counters.values())
        )
        of_kind = {kind: {r.code for r in policy.rules if r.kind is kind} for kind in RuleKind}
        self._measures = of_kind[RuleKind.MEASURE]
        self._of_claim = {r.code for r in policy.rules if r.scope is RuleScope.CLAIM}
        self._components = {r.component for r in policy.rules if r.kind is RuleKind.ALLOW}

    def cases(self) -> tuple[Case, ...]:
        """Give the cases that are in order."""
        for name in self._toml.data:
            if name != "case":
                self._tell("toml.unknown_name", (name,), name=name, names="case")
        held = self._toml.data.get("case", [])
        if not isinstance(held, list):
            self._tell("toml.not_list", ("case",), name="case", value=str(held)[:60])
            return ()
        found, names = [], set()
        for index, given in enumerate(held):
            case = self._case(("case", index), given)
            if case is None:
                continue
            if case.name in names:
                self._tell("cases.twice", ("case", index, "name"), value=case.name)
            names.add(case.name)
            found.append(case)
        return tuple(found)

    def _case(self, path: Path_, given: object) -> Case | None:
        try:
            read = CaseText.model_validate(given)
        except ValidationError as error:
            self.problems += self._shape(error, path)
            return None
        facts = self._claim((*path, "claim"), read.claim)
        if facts is not None:
            facts = self._with_budgets((*path, "budgets"), facts, read.budgets)
        earlier = [self._claim((*path, "earlier", n), c) for n, c in enumerate(read.earlier)]
        self._check(path, read, facts)
        if facts is None or None in earlier:
            return None
        return Case(
            read.name,
            read.source,
            read.certainty,
            self._toml.place(*path),
            facts,
            tuple(one for one in earlier if one is not None),
            read.expect,
        )

    def _with_budgets(self, path: Path_, facts: Facts, given: Sequence[CaseBudget]) -> Facts:
        """Give the claim its budgets, which cover every day."""
        held = []
        for index, one in enumerate(given):
            try:
                held.append(
                    budget_of(
                        one.budget,
                        [
                            Money.of(amount, self._policy.currency)
                            for amount in (one.allocated, one.committed, one.spent)
                        ],
                        category=one.category,
                        hard=one.hard,
                        at_limit=one.at_limit,
                    )
                )
            except MappingError as error:
                self.problems += placed(error, self._toml.place(*path, index))
        budgets = tuple(budget for budget, _ in held)
        return replace(facts, budgets=budgets, positions=tuple(at for _, at in held))

    def _shape(self, error: ValidationError, path: Path_) -> Iterator[Problem]:
        """Give what does not fit, each with the names of the table that it stands in."""
        for problem, found in zip(
            shape_problems(error, self._toml, path), error.errors(), strict=True
        ):
            steps = [step for step in found["loc"][:-1] if isinstance(step, str)]
            model: type[BaseModel] = CaseText
            if steps:
                models: dict[str, type[BaseModel]] = {"lines": ExpectedLine, "budgets": CaseBudget}
                model = models.get(steps[-1], Expected)
            values = {**problem.values, "names": ", ".join(model.model_fields)}
            yield Problem(problem.code, values, problem.place)

    def _claim(self, path: Path_, given: Mapping[str, Any]) -> Facts | None:
        try:
            return facts_from(_plain_values(given), self._policy.currency)
        except MappingError as error:
            for problem in error.problems:
                steps = problem.place.file.split(".") if problem.place.file else []
                inner = [int(step) if step.isdecimal() else step for step in steps]
                at = self._toml.place(*path, *inner)
                self.problems.append(Problem(problem.code, problem.values, at))
        return None

    def _check(self, path: Path_, read: CaseText, facts: Facts | None) -> None:
        """Find expectations that nothing can meet, and cases that expect nothing."""
        expect, at = read.expect, (*path, "expect")
        if not expect.model_dump(exclude_none=True, exclude_defaults=True):
            self._tell("cases.nothing", at, value=read.name)
        approvals = {step.code for step in self._policy.authorities}
        approvals |= {f"{BUDGET_STEP}{budget.budget}" for budget in read.budgets}
        self._known(at, "findings", expect.findings or (), self._findings)
        self._known(at, "approvals", expect.approvals or (), approvals)
        self._known(at, "measures", expect.measures, self._measures)
        of_lines = self._measures - self._of_claim
        self._absent(at, expect.measures, of_lines, "cases.absent_of_line")
        ids = {line.id for line in facts.lines} if facts is not None else None
        for index, line in enumerate(expect.lines):
            of = (*at, "lines", index)
            if line.model_dump(exclude_none=True, exclude_defaults=True).keys() == {"line"}:
                self._tell("cases.nothing", of, value=f"{read.name}, {line.line}")
            if ids is not None:
                self._known(of, "line", (line.line,), ids)
            self._known(of, "findings", line.findings or (), self._findings)
            self._known(of, "entitlements", line.entitlements, self._components)
            self._known(of, "measures", line.measures, self._measures)
            self._known(of, "totals", line.totals, self._measures)
            of_claim = self._measures & self._of_claim
            self._absent(of, line.measures, of_claim, "cases.absent_of_claim")

    def _known(self, path: Path_, name: str, given: Iterable[str], known: set[str]) -> None:
        for one in given:
            if one not in known:
                listed = ", ".join(sorted(known)[:20]) or "-"
                self._tell("cases.unknown", (*path, name), name=name, value=one[:60], names=listed)

    def _absent(
        self, path: Path_, given: Mapping[str, Decimal | Nothing], others: set[str], code: str
    ) -> None:
        """Find measures that must not be there where they never are."""
        for name, figure in given.items():
            if isinstance(figure, Nothing) and name in others:
                self._tell(code, (*path, "measures"), value=name)

    def _tell(self, code: str, path: Path_, **values: str) -> None:
        self.problems.append(Problem(code, values, self._toml.place(*path)))


def _plain_values(given: object) -> Any:  # noqa: ANN401  what TOML holds
    """Give a claim as `facts_from` takes it: TOML has times of day, a claim has texts."""
    match given:
        case Mapping():
            return {name: _plain_values(value) for name, value in given.items()}
        case list() | tuple():
            return [_plain_values(value) for value in given]
        case time():
            return given.isoformat("minutes")
        case _:
            return given
