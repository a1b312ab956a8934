"""Reads a policy file (TOML) and gives a policy, or every mistake in it at once.

The shape of each part is checked by itself, so that one bad rule does not hide the mistakes in the
others; then `rules.build` checks what the parts mean together.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from crm_expenses.core.approval import BudgetLack, Group, Provenance
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.core.record import digest
from crm_expenses.errors import ConfigError, Place, PolicyError, Problem
from crm_expenses.messages import LANGUAGES, text
from crm_expenses.rules import written
from crm_expenses.rules.build import build
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.policy import LANGUAGE_VERSION, Policy, TextPair
from crm_expenses.rules.window import PER_NAMES, WindowPeriod
from crm_expenses.tomlfile import TomlFile, parse_toml, read_toml, shape_problems

PLACES_MAX: Final = 30
"""Digits of a bare figure on each side of the point: bounds the work, the checks come later."""


def _amount(value: object) -> Decimal | int | str:
    """Let through what can be an amount, a number or a word of a list; bounded, and exact."""
    match value:
        case bool():
            pass
        case int() | str():
            return value
        case Decimal() if value.is_finite() and value.adjusted() < PLACES_MAX:
            if -PLACES_MAX <= int(value.as_tuple().exponent) <= 0:
                return value
        case _:
            pass
    raise PydanticCustomError("record.amount", "not an exact amount")


Amount = Annotated[
    Decimal | int | str,
    PlainValidator(_amount),
    WithJsonSchema({"type": ["number", "string"]}),
    Field(description="an exact amount or number, bare or in quotes"),
]
Day = Annotated[date, Field(strict=True)]


def _who(value: object) -> tuple[str, ...]:
    """Let through one name, or a list of some."""
    held = value if isinstance(value, list) else [value]
    if held and all(isinstance(one, str) for one in held):
        return tuple(held)
    raise PydanticCustomError("string_type", "not a text, or a list of texts")


Who = Annotated[
    tuple[str, ...],
    PlainValidator(_who),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
]
DaysOf = Literal["working", "calendar"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class BothLanguages(_Part):
    """The same text in English and Chinese."""

    en: str = Field(min_length=1, max_length=500)
    zh: str = Field(min_length=1, max_length=500)

    def pair(self) -> TextPair:
        """Give both as a pair."""
        return self.en, self.zh


class Head(_Part):
    """What the policy is: `[policy]`."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,79}$", description="a short name")
    version: str = Field(
        min_length=1, max_length=40, description="names this content; another content, another one"
    )
    language: Literal[1] = Field(description="version of the policy language")
    currency: str = Field(description="ISO 4217 code; all amounts of the policy are in it")
    title: BothLanguages


class Category(_Part):
    """A category of spending: `[category.meal]`."""

    name: BothLanguages


class Values(_Part):
    """The values of a parameter from a day on: `[[parameter.x.values]]`."""

    start: Day = Field(alias="from", description="first day on which these values hold")
    value: Amount | None = Field(None, alias="is", description="the one value, without keys")
    table: tuple[tuple[Amount, ...], ...] = Field(
        (), description="rows: one cell for each key, then the value"
    )
    otherwise: Amount | None = Field(
        None, alias="else", description="the value for every key that has no row"
    )
    source: str = Field("", max_length=500, description="where the figure comes from")
    checked: Day | None = Field(None, description="the day someone last checked the source")


class Parameter(_Part):
    """A dated figure or table: `[parameter.x]`."""

    name: BothLanguages | None = Field(None, description="what people call it")
    type: str = Field(description="money, number, count, or the name of a list of [choices]")
    unit: str = Field("", description="like CNY/night; money without a unit is plain money")
    keys: tuple[str, ...] = Field((), description="names of the table's columns")
    band: str = Field(
        "", max_length=40, description="unit of a further column: from where on the value holds"
    )
    band_places: int | None = Field(None, strict=True, description="decimals of that column")
    edge: Literal["from", "above"] = Field(
        "from", description="whether a band holds from its start on, or only above it"
    )
    values: tuple[Values, ...]


class OwnFact(_Part):
    """A fact that the policy names itself: `[fact.x]`; read from a record's extra fields."""

    name: BothLanguages
    type: str = Field(description="yes_no, count, number, money, date, text, or a list")
    unit: str = Field("", max_length=40, description="of a number or count, like mile")
    places: int = Field(0, strict=True, description="decimals of a number")
    of: FactOf = Field(FactOf.LINE, description="whose fact it is")


class Sum(_Part):
    """Over which lines something sums: what rules with a period and `[window.x]` share."""

    per: tuple[str, ...] = Field((), description=f"one sum for each of: {', '.join(PER_NAMES)}")
    period: WindowPeriod | None = Field(None, description="sums over this length of time")
    counts: Literal["allowed", "eligible"] = Field(
        "allowed", description="what a limit sums: what the rule left, or what it took in"
    )
    year_starts: str = Field("", description="first day of a year, like 04-06")
    days: int = Field(0, strict=True, description="length of a rolling window")
    gap_days: int = Field(0, strict=True, description="a spell ends after a longer gap")

    def over(self) -> written.WindowText:
        """Give the parts of the sum."""
        return written.WindowText(
            self.per, self.period, self.counts, self.year_starts, self.days, self.gap_days
        )


class NamedWindow(Sum):
    """What earlier lines add up to, under a name that rules read: `[window.x]`."""

    name: BothLanguages
    on: tuple[str, ...] = Field((), description="categories whose lines count; none means all")
    when: str = Field("", description="expression: which lines count")
    adds: str = Field("", description="expression: what each line adds; none counts lines")


class NamedExpression(_Part):
    """An expression under a name that rules read: `[value.x]`."""

    name: BothLanguages
    gives: str = Field(min_length=1, description="expression: what the name stands for")
    scope: RuleScope = Field(RuleScope.LINE, description="what it looks at")


class Named(_Part):
    """What people call something that rules name: `[component.x]`."""

    name: BothLanguages


class Rule(Sum):
    """One rule: `[[rule]]`."""

    code: str = Field(max_length=80, description="unique, like lodging.cap")
    kind: RuleKind
    on: tuple[str, ...] = Field((), description="categories; none means all")
    title: BothLanguages
    message: BothLanguages | None = Field(
        None, description="what a finding says; {names} of facts and parameters are filled in"
    )
    effect: Effect | None = None
    clause: str = Field("", max_length=200, description="the clause of the handbook")
    when: str = Field("", description="expression: the rule applies only where it holds")
    that: str = Field("", description="expression of require, forbid and flag")
    at_most: str = Field("", description="expression of limit: the most that is allowed")
    gives: str = Field("", description="expression of allow and measure: the amount")
    scope: RuleScope = Field(RuleScope.LINE, description="what the rule looks at")
    component: str = Field(
        "", max_length=80, description="of allow: components add up, of one the lowest wins"
    )


class Approval(_Part):
    """A step of the approval route: `[[approval]]`; due when one of its conditions holds."""

    code: str = Field(max_length=80)
    title: BothLanguages | None = None
    who: Who = Field(description="manager, role:NAME or person:ID, or a list of them")
    group: Group = Field(Group.ANY, description="whether one of them is enough, or all are needed")
    above: Amount | None = Field(None, description="due when more than this is allowed")
    outcome: Outcome | None = Field(None, description="due when the outcome is this or worse")
    when: str = Field("", description="expression over the claim: due when it holds")
    findings: tuple[str, ...] = Field((), description="due when one of these findings was made")
    budget: BudgetLack | None = Field(None, description="due when a budget of this kind is short")
    on: tuple[str, ...] | None = Field(None, description="looks only at lines of these categories")
    teams: tuple[str, ...] | None = Field(None, description="only for claims of these teams")
    remind_after: int | None = Field(None, strict=True, description="days until the reminder")
    escalate_after: int | None = Field(None, strict=True, description="days until escalation")
    escalate_to: str = Field("", description="who is asked, too: manager, role:NAME or person:ID")
    days: DaysOf = Field("working", description="which days the time limits count")
    accepts: Provenance | None = Field(None, description="the least provenance for this step")


class AuthorityLimit(_Part):
    """Up to how much somebody may approve: `[[authority]]`."""

    who: str = Field(description="role:NAME, person:ID, grade:NAME or everyone")
    up_to: Amount | None = Field(None, description="the most; without it there is no limit")


class Approvals(_Part):
    """What holds for all steps: `[approvals]`."""

    accepts: Provenance = Field(Provenance.ASSERTED, description="the least provenance")


class Automatic(_Part):
    """Which claims pass without a person: `[automatic]`."""

    up_to: Amount = Field(description="at most so much is allowed")
    outcome: Outcome = Field(Outcome.PASS, description="the outcome is no worse")
    on: tuple[str, ...] | None = Field(None, description="every line is of one of these categories")


class Payment(_Part):
    """When what is approved is paid: `[payment]`."""

    days_after: int = Field(0, strict=True, description="at least so many days after approval")
    monthly_on: tuple[Annotated[int, Field(strict=True)], ...] = Field(
        (), description="days of the month on which payments are made"
    )
    days: DaysOf = Field("working", description="which days count, and may be paid on")


class Calendar(_Part):
    """Days that differ from Monday to Friday: `[calendar]`."""

    start: Day | None = Field(None, alias="from", description="first day that it covers")
    until: Day | None = Field(None, description="last day that it covers")
    rest_days: frozenset[Day] = frozenset()
    work_days: frozenset[Day] = frozenset()


class PolicyFile(_Part):
    """A policy file, whole. Its JSON Schema is published for editors."""

    policy: Head
    category: dict[str, Category] = Field(default_factory=dict)
    choices: dict[str, tuple[str, ...] | dict[str, BothLanguages]] = Field(
        default_factory=dict,
        description="closed lists of words; with names in both languages, tables",
    )
    fact: dict[str, OwnFact] = Field(default_factory=dict)
    window: dict[str, NamedWindow] = Field(default_factory=dict)
    value: dict[str, NamedExpression] = Field(default_factory=dict)
    component: dict[str, Named] = Field(default_factory=dict)
    parameter: dict[str, Parameter] = Field(default_factory=dict)
    rule: tuple[Rule, ...] = ()
    approval: tuple[Approval, ...] = ()
    authority: tuple[AuthorityLimit, ...] = ()
    approvals: Approvals = Approvals()
    automatic: Automatic | None = None
    payment: Payment = Payment()
    calendar: Calendar = Calendar()


def policy_schema() -> dict[str, Any]:
    """Give the JSON Schema of a policy file, for editors that complete and check TOML."""
    schema = PolicyFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "crm_expenses policy, language version 1"
    return schema


def load_policy(path: str | Path) -> Policy:
    """Load a policy file.

    Raises:
        PolicyError: the file has mistakes; all of them, each with file, line, column and fix.
        ConfigError: there is no such file.
    """
    try:
        return policy_from(read_toml(Path(path)))
    except ConfigError as error:
        if error.code == "toml.no_file":
            raise
        raise PolicyError.of(error.problems) from None


def parse_policy(content: str, name: str = "policy.toml") -> Policy:
    """Make a policy from the text of a file; `name` stands for the file in messages.

    Raises:
        PolicyError: the text has mistakes; all of them at once.
    """
    try:
        return policy_from(parse_toml(content, name))
    except ConfigError as error:
        raise PolicyError.of(error.problems) from None


def policy_from(toml: TomlFile) -> Policy:
    """Make a policy from a parsed file."""
    reader = _Reader(toml)
    head = reader.part(Head, ("policy",), toml.data.get("policy"))
    known = tuple(PolicyFile.model_fields)
    for name in toml.data:
        if name not in known:
            values = {"name": name, "value": "", "names": ", ".join(known)}
            reader.problems.append(Problem("toml.unknown_name", values, toml.place(name)))
    categories = reader.named(Category, "category")
    choices, words = reader.choices()
    facts = reader.named(OwnFact, "fact")
    windows = reader.named(NamedWindow, "window")
    expressions = reader.named(NamedExpression, "value")
    components = reader.named(Named, "component")
    parameters = reader.named(Parameter, "parameter")
    rules = reader.listed(Rule, "rule")
    approvals = reader.listed(Approval, "approval")
    limits = reader.listed(AuthorityLimit, "authority")
    terms = reader.part(Approvals, ("approvals",), toml.data.get("approvals", {})) or Approvals()
    automatic = None
    if "automatic" in toml.data:
        automatic = reader.part(Automatic, ("automatic",), toml.data["automatic"])
    payment = reader.part(Payment, ("payment",), toml.data.get("payment", {})) or Payment()
    calendar = reader.part(Calendar, ("calendar",), toml.data.get("calendar", {})) or Calendar()
    if head is None:
        raise PolicyError.of(reader.problems)
    as_written = written.PolicyText(
        id=head.id,
        version=head.version,
        digest="" if reader.problems else digest(toml.data),
        title=head.title.pair(),
        currency=head.currency,
        categories={
            code: category.name.pair() if category else (code, code)
            for code, category in categories.items()
        },
        choices=choices,
        words=words,
        components={n: c.name.pair() for n, c in components.items() if c is not None},
        values=tuple(
            written.ValueText(n, v.name.pair(), v.gives, v.scope)
            for n, v in expressions.items()
            if v is not None
        ),
        facts=tuple(
            written.FactText(n, f.name.pair(), f.type, f.unit, f.places, f.of)
            for n, f in facts.items()
            if f is not None
        ),
        counters=tuple(
            written.CounterText(n, w.name.pair(), w.over(), w.on, w.when, w.adds)
            for n, w in windows.items()
            if w is not None
        ),
        parameters=tuple(_parameter(n, p) for n, p in parameters.items() if p is not None),
        rules=tuple(_rule(i, rule, reader.wrong["rule", i]) for i, rule in rules),
        authorities=tuple(_authority(i, a, reader.wrong["approval", i]) for i, a in approvals),
        limits=tuple(written.LimitText(("authority", i), a.who, a.up_to) for i, a in limits),
        terms=_terms(terms, automatic),
        payment=written.PaymentText(
            payment.days_after, payment.monthly_on, payment.days == "working"
        ),
        calendar=written.CalendarText(
            calendar.rest_days, calendar.work_days, calendar.start, calendar.until
        ),
        broken=frozenset(
            name
            for part in (parameters, facts, windows, expressions)
            for name, found in part.items()
            if found is None
        ),
    )
    return replace(build(as_written, reader.locate, reader.problems), source=toml.text)


def _parameter(name: str, found: Parameter) -> written.ParameterText:
    steps = tuple(
        written.ValuesText(v.start, v.value, v.table, v.otherwise, v.source, v.checked)
        for v in found.values
    )
    return written.ParameterText(
        name,
        found.type,
        found.unit,
        found.keys,
        steps,
        found.name.pair() if found.name else None,
        found.band,
        found.band_places,
        is_above=found.edge == "above",
    )


def _rule(index: int, rule: Rule, wrong: frozenset[str]) -> written.RuleText:
    is_window = rule.period and rule.kind is RuleKind.LIMIT
    default = f"rule.{'window' if is_window else rule.kind.value}"
    en, zh = (text(default, language) for language in LANGUAGES)
    return written.RuleText(
        path=("rule", index),
        code=rule.code,
        kind=rule.kind,
        on=rule.on,
        title=rule.title.pair(),
        message=rule.message.pair() if rule.message else (en, zh),
        effect=rule.effect,
        clause=rule.clause,
        when=rule.when,
        that=rule.that,
        at_most=rule.at_most,
        gives=rule.gives,
        scope=rule.scope,
        component=rule.component,
        window=rule.over(),
        wrong=wrong,
    )


def _authority(index: int, approval: Approval, wrong: frozenset[str]) -> written.AuthorityText:
    return written.AuthorityText(
        path=("approval", index),
        code=approval.code,
        who=approval.who,
        above=approval.above,
        outcome=approval.outcome,
        when=approval.when,
        group=approval.group,
        on=approval.on,
        teams=approval.teams,
        findings=approval.findings,
        budget=approval.budget,
        remind_after=approval.remind_after,
        escalate_after=approval.escalate_after,
        escalate_to=approval.escalate_to,
        is_working=approval.days == "working",
        accepts=approval.accepts,
        title=approval.title.pair() if approval.title else None,
        is_list=len(approval.who) > 1,
        wrong=wrong,
    )


def _terms(terms: Approvals, automatic: Automatic | None) -> written.TermsText:
    if automatic is None:
        return written.TermsText(terms.accepts)
    return written.TermsText(terms.accepts, automatic.up_to, automatic.outcome, automatic.on)


Model = TypeVar("Model", bound=BaseModel)


class _Reader:
    """Checks the shape of one part after the other; collects the problems."""

    def __init__(self, toml: TomlFile) -> None:
        self._toml = toml
        self.problems: list[Problem] = []
        self.wrong: defaultdict[tuple[str | int, ...], frozenset[str]] = defaultdict(frozenset)

    def locate(self, path: tuple[str | int, ...], offset: int | None) -> Place:
        """Give the place of a value, or of a character inside a text value."""
        if offset is None:
            return self._toml.place(*path)
        return self._toml.text_place(path, offset)

    def part(self, model: type[Model], path: tuple[str | int, ...], value: object) -> Model | None:
        """Check one table; None where it does not fit."""
        if value is None:
            values = {"name": ".".join(map(str, path))}
            self.problems.append(Problem("toml.missing", values, self._toml.place(*path)))
            return None
        try:
            return model.model_validate(value)
        except ValidationError as error:
            names = [info.alias or name for name, info in model.model_fields.items()]
            self.problems += shape_problems(error, self._toml, path, names=names)
            self.wrong[path] = frozenset(
                str(found["loc"][0]) for found in error.errors() if found["loc"]
            )
            return _salvage(model, value, self.wrong[path])

    def named(self, model: type[Model], kind: str) -> dict[str, Model | None]:
        """Check a table of tables."""
        held = self._toml.data.get(kind, {})
        if not isinstance(held, Mapping):
            self._not_a("toml.not_table", kind, held)
            return {}
        return {name: self.part(model, (kind, name), value) for name, value in held.items()}

    def listed(self, model: type[Model], kind: str) -> list[tuple[int, Model]]:
        """Check an array of tables; those that fit, each with its index."""
        held = self._toml.data.get(kind, [])
        if not isinstance(held, list):
            self._not_a("toml.not_list", kind, held)
            return []
        checked = [(i, self.part(model, (kind, i), value)) for i, value in enumerate(held)]
        return [(i, part) for i, part in checked if part is not None]

    def choices(self) -> tuple[dict[str, tuple[str, ...]], dict[tuple[str, str], TextPair]]:
        """Check the closed lists; give them, and what their words are called."""
        held = self._toml.data.get("choices", {})
        good: dict[str, tuple[str, ...]] = {}
        words: dict[tuple[str, str], TextPair] = {}
        if not isinstance(held, Mapping):
            self._not_a("toml.not_table", "choices", held)
            return good, words
        for name, options in held.items():
            if isinstance(options, Mapping) and options:
                for word, called in options.items():
                    part = self.part(BothLanguages, ("choices", name, word), called)
                    if part is not None:
                        words[name, word] = part.pair()
                good[name] = tuple(options)
                continue
            fits = isinstance(options, list) and options and all(map(_is_text, options))
            if fits and len(set(options)) == len(options):
                good[name] = tuple(options)
            else:
                self._not_a("policy.choices", "choices", options, name)
        return good, words

    def _not_a(self, code: str, kind: str, value: object, *path: str) -> None:
        values = {"name": ".".join((kind, *path)), "value": str(value)[:60]}
        self.problems.append(Problem(code, values, self._toml.place(kind, *path)))


_STAND_IN: Final[Mapping[str, object]] = {
    "title": {"en": "?", "zh": "?"},
    "name": {"en": "?", "zh": "?"},
    "id": "x",
    "version": "x",
    "language": 1,
}


def _salvage(model: type[Model], value: object, wrong: frozenset[str]) -> Model | None:
    """Leave out what does not fit, so that the rest of the part is still checked.

    The problem is recorded already, so a part mended like this never becomes a policy; it only
    keeps one mistake from hiding the next.
    """
    if not isinstance(value, Mapping):
        return None
    if "period" in wrong:
        wrong |= {"per", "counts", "year_starts", "days", "gap_days"}
    stand_in = {name: part for name, part in _STAND_IN.items() if name in model.model_fields}
    kept = {name: part for name, part in value.items() if name not in wrong}
    try:
        return model.model_validate(stand_in | kept)
    except ValidationError:
        return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


__all__ = ["LANGUAGE_VERSION", "load_policy", "parse_policy", "policy_schema"]
