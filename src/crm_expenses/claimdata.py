"""Claims as plain dicts in, decisions as plain dicts out: the shapes of the public surface.

Pydantic checks what comes in; what goes out has a version and a JSON Schema.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, NotRequired

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from crm_expenses.claimshape import (
    BARE,
    FULL,
    ClaimInput,
    LineInput,
    PersonInput,
    PreApprovalInput,
    TripDayInput,
    TripInput,
)
from crm_expenses.core.approval import due_for
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Decision, Figure, LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Finding
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.trip import Trip, TripLeg, TripNote, trips_of
from crm_expenses.core.voucher import Voucher
from crm_expenses.core.waiver import Waiver
from crm_expenses.errors import MappingError, Place, Problem
from crm_expenses.messages import LANGUAGES, table
from crm_expenses.rules.change import smallest_change
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.explain import change_text
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.wording import finding_text

DECISION_SHAPE: Final = 1
"""Version of the shape of a decision as JSON."""


def facts_from(claim: Mapping[str, object], currency: str) -> Facts:
    """Make the facts of a claim given as a plain dict; `currency` is the policy's.

    Raises:
        MappingError: the dict does not fit; carries every problem.
    """
    try:
        read = ClaimInput.model_validate(claim)
    except ValidationError as error:
        raise MappingError.of(_problems(error)) from None
    person = PersonInput(id=read.person) if isinstance(read.person, str) else read.person
    problems: list[Problem] = []
    lines, vouchers, seen = [], [], set()
    for index, line in enumerate(read.lines):
        place = Place(f"lines.{index}")
        if line.line in seen:
            problems.append(Problem("claim.line_twice", {"value": line.line}, place))
        seen.add(line.line)
        try:
            made, voucher = _line(read, line, currency)
        except MappingError as error:
            problems += [Problem(p.code, p.values, place) for p in error.problems]
            continue
        lines.append(made)
        vouchers += [voucher] if voucher is not None else []
    trips: list[Trip] = []
    for index, given in enumerate(read.trips):
        place = Place(f"trips.{index}")
        try:
            trips.append(_trip(read, given, currency))
        except MappingError as error:
            problems += [Problem(p.code, p.values, place) for p in error.problems]
    problems += _trip_problems(read)
    approvals: list[PreApproval] = []
    for index, approval in enumerate(read.pre_approvals):
        try:
            approvals.append(_pre_approval(read, approval, person.id, currency))
        except MappingError as error:
            place = Place(f"pre_approvals.{index}.amount")
            problems += [Problem(p.code, p.values, place) for p in error.problems]
    if problems:
        raise MappingError.of(problems)
    return Facts(
        Claim(read.claim, person.id, _instant(read.submitted), read.status, read.title, read.extra),
        tuple(lines),
        AccountManager(**person.model_dump()),
        tuple(vouchers),
        tuple(
            Rate(
                f"{r.currency}/{currency}/{r.date}", r.currency, currency, r.date, r.rate, r.source
            )
            for r in read.rates
        ),
        trips=tuple(sorted(trips, key=lambda trip: trip.id)),
        waivers=tuple(
            Waiver(
                w.waiver,
                w.rule,
                w.granted_by,
                w.until,
                w.start,
                w.person,
                w.claim or ("" if w.person or w.line else read.claim),
                w.line,
            )
            for w in read.waivers
        ),
        pre_approvals=tuple(sorted(approvals, key=lambda approval: approval.id)),
    )


def _pre_approval(
    claim: ClaimInput, given: PreApprovalInput, person: str, currency: str
) -> PreApproval:
    amount = None
    if given.amount is not None:
        amount = Money.of(given.amount, given.currency or claim.currency or currency)
    fields = given.model_dump(exclude={"pre_approval", "amount", "currency"})
    return PreApproval(id=given.pre_approval, person=person, amount=amount, **fields)


def _trip(claim: ClaimInput, given: TripInput, currency: str) -> Trip:
    legs = [
        TripLeg(
            f"{given.trip}/{n}", given.trip, leg.departs, leg.arrives, leg.origin, leg.destination
        )
        for n, leg in enumerate(given.legs)
    ]
    notes = [_note(claim, given.trip, day, currency) for day in given.days]
    (made,) = trips_of(legs, notes)
    return made


def _note(claim: ClaimInput, trip: str, day: TripDayInput, currency: str) -> TripNote:
    code = day.currency or claim.currency or currency

    def paid(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money.of(amount, code)

    return TripNote(
        f"{trip}/{day.date}",
        trip,
        day.date,
        day.night,
        day.place,
        day.breakfast,
        day.lunch,
        day.dinner,
        paid(day.breakfast_paid),
        paid(day.lunch_paid),
        paid(day.dinner_paid),
        day.extra,
    )


def _trip_problems(claim: ClaimInput) -> list[Problem]:
    """Find trips that are named and not there, and what stands twice."""
    problems = []
    known: set[str] = set()
    for index, trip in enumerate(claim.trips):
        if trip.trip in known:
            place = Place(f"trips.{index}.trip")
            problems.append(Problem("claim.trip_twice", {"value": trip.trip[:40]}, place))
        known.add(trip.trip)
        days: set[date] = set()
        for number, day in enumerate(trip.days):
            if day.date in days:
                place = Place(f"trips.{index}.days.{number}.date")
                problems.append(Problem("claim.day_twice", {"value": str(day.date)}, place))
            days.add(day.date)
        for number, leg in enumerate(trip.legs):
            if leg.arrives < leg.departs:
                place = Place(f"trips.{index}.legs.{number}.arrives")
                values = {"value": leg.arrives.isoformat(), "departs": leg.departs.isoformat()}
                problems.append(Problem("claim.leg_backwards", values, place))
            before = trip.legs[number - 1].arrives if number else leg.departs
            if leg.departs < before:
                place = Place(f"trips.{index}.legs.{number}.departs")
                values = {"value": leg.departs.isoformat(), "before": before.isoformat()}
                problems.append(Problem("claim.legs_order", values, place))
        problems += _outside(trip, f"trips.{index}")
    for index, line in enumerate(claim.lines):
        if line.trip and line.trip not in known:
            place = Place(f"lines.{index}.trip")
            values = {"value": line.trip[:40], "known": ", ".join(sorted(known)[:20]) or "-"}
            problems.append(Problem("claim.no_trip", values, place))
    return problems


def _outside(trip: TripInput, at: str) -> Iterator[Problem]:
    """Find days that no leg reaches: what is known of them would count for nothing."""
    in_order = sorted(trip.legs, key=lambda leg: leg.departs)
    first, last = in_order[0].departs.date(), in_order[-1].arrives.date()
    if first > last:
        return  # the legs are wrong, and told
    span = {"trip": trip.trip[:40], "first": first.isoformat(), "last": last.isoformat()}
    for number, day in enumerate(trip.days):
        if not first <= day.date <= last:
            values = span | {"value": day.date.isoformat()}
            yield Problem("claim.day_outside", values, Place(f"{at}.days.{number}.date"))


def _line(claim: ClaimInput, line: LineInput, currency: str) -> tuple[ExpenseLine, Voucher | None]:
    code = line.currency or claim.currency or currency
    fields = line.model_dump(exclude={"line", "amount", "currency", "voucher"})
    voucher = None
    if line.voucher is not None:
        of = line.voucher
        amount = None if of.amount is None else Money.of(of.amount, of.currency or code)
        voucher = Voucher(
            f"{claim.claim}/{line.line}", of.kind, of.number, of.code, amount, of.issued, of.seller
        )
    made = ExpenseLine(
        id=line.line,
        claim=claim.claim,
        amount=Money.of(line.amount, code),
        voucher=voucher.id if voucher else "",
        **fields,
    )
    return made, voucher


def _instant(value: datetime | date) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


_CODES: Final = {
    "missing": "claim.missing",
    "extra_forbidden": "claim.unknown_name",
    "string_type": "claim.text",
    "string_too_short": "claim.empty_text",
    "enum": "claim.choice",
    "bool_type": "claim.yes_no",
    "bool_parsing": "claim.yes_no",
    "tuple_type": "claim.list",
    "too_short": "claim.list_empty",
    "too_long": "claim.list_long",
    "model_type": "claim.object",
}
"""What pydantic calls a mistake, and our own text for it."""


def _problems(error: ValidationError) -> list[Problem]:
    problems = []
    told = error.errors(include_url=False)
    # A list whose every item is wrong is told to be too short, too; the items say it better.
    outer = {found["loc"][:end] for found in told for end in range(len(found["loc"]))}
    for found in told:
        if found["loc"] in outer:
            continue
        name = ".".join(str(step) for step in found["loc"] if step not in (FULL, BARE))
        kind, value = found["type"], found.get("input")
        code = kind if kind in table() else _CODES.get(kind, "claim.value")
        shown = str(value)[:40] if isinstance(value, _SHOWN) else type(value).__name__
        values = {"value": shown, "detail": found["msg"]}
        values |= {key: str(held) for key, held in found.get("ctx", {}).items()}
        problems.append(Problem(code, values, Place(name or "claim")))
    return problems


_SHOWN: Final = (str, int, float, Decimal, date)


class Both(TypedDict):
    """A text in both languages."""

    en: str
    zh: str


class FindingJson(TypedDict):
    """One finding."""

    code: str
    effect: Literal["note", "cap", "justify", "review", "reject"]
    clause: str
    evidence: dict[str, str]
    message: Both
    change: NotRequired["ChangeJson"]
    resolved_by: NotRequired[str]
    failed: NotRequired[str]


class ChangeJson(TypedDict):
    """The fact that would have to be otherwise; an empty value stands for any text."""

    name: str
    value: str
    message: Both


class DayAmountJson(TypedDict):
    """What one day of a trip gives."""

    date: str
    amount: str


class EntitlementJson(TypedDict):
    """What one component of an entitlement gives, whatever was spent."""

    component: str
    rules: list[str]
    amount: str
    days: list[DayAmountJson]


class FigureJson(TypedDict):
    """What a measure gives; `total` with what came before in its period."""

    code: str
    value: str
    unit: str
    total: NotRequired[str]


class LineJson(TypedDict):
    """The decision on a line; amounts in the policy's currency, as text."""

    line: str
    outcome: Literal["pass", "reduced", "justify", "review", "reject"]
    claimed: str | None
    allowed: str
    entitlements: list["EntitlementJson"]
    measures: list["FigureJson"]
    findings: list[FindingJson]


class PolicyJson(TypedDict):
    """Which policy decided."""

    id: str
    version: str
    digest: str
    language: int


class FactsJson(TypedDict):
    """Which facts it decided on."""

    digest: str


class DecisionJson(TypedDict):
    """The decision on a claim. `shape` is the version of this shape.

    `approvals` are the policy's steps that are due for the claim, in sequence.
    """

    shape: Literal[1]
    claim: str
    outcome: Literal["pass", "reduced", "justify", "review", "reject"]
    currency: str
    claimed: str
    allowed: str
    findings: list[FindingJson]
    lines: list[LineJson]
    measures: list[FigureJson]
    approvals: list[str]
    policy: PolicyJson
    facts: FactsJson


def decision_json(decision: Decision, policy: Policy, facts: Facts | None = None) -> DecisionJson:
    """Give a decision as plain JSON values, with its messages in both languages.

    With `facts`, each open finding of a line carries the smallest change that would clear it, where
    a single one does: that costs some hundred further decisions.
    """
    ref = decision.policy
    write = _Writer(decision, policy, facts)
    return {
        "shape": 1,
        "claim": decision.claim,
        "outcome": decision.outcome.value,
        "currency": decision.allowed.currency,
        "claimed": f"{decision.claimed.amount:f}",
        "allowed": f"{decision.allowed.amount:f}",
        "findings": [write.finding(f, "") for f in decision.findings],
        "lines": [write.line(line) for line in decision.lines],
        "measures": [_figure_json(figure) for figure in decision.measures],
        "approvals": [step.code for step in due_for(decision, policy.authorities)],
        "policy": {
            "id": ref.id,
            "version": ref.version,
            "digest": ref.digest,
            "language": ref.language,
        },
        "facts": {"digest": decision.facts_digest},
    }


class _Writer:
    """Turns the parts of one decision into plain values."""

    def __init__(self, decision: Decision, policy: Policy, facts: Facts | None) -> None:
        self._decision = decision
        self._policy = policy
        self._facts = facts
        self._evaluator = Evaluator(policy) if facts is not None else None

    def line(self, line: LineDecision) -> LineJson:
        return {
            "line": line.line,
            "outcome": line.outcome.value,
            "claimed": None if line.claimed is None else f"{line.claimed.amount:f}",
            "allowed": f"{line.allowed.amount:f}",
            "entitlements": [
                {
                    "component": part.component,
                    "rules": list(part.rules),
                    "amount": f"{part.amount.amount:f}",
                    "days": [
                        {
                            "date": day.isoformat(),
                            "amount": f"{Money(minor, part.amount.currency).amount:f}",
                        }
                        for day, minor in part.days
                    ],
                }
                for part in line.entitlements
            ],
            "measures": [_figure_json(figure) for figure in line.measures],
            "findings": [self.finding(f, line.line) for f in line.findings],
        }

    def finding(self, finding: Finding, line: str) -> FindingJson:
        policy = self._policy
        made: FindingJson = {
            "code": finding.code,
            "effect": finding.effect.value,
            "clause": finding.clause,
            "evidence": dict(finding.evidence),
            "message": {
                "en": finding_text(policy, finding, "en"),
                "zh": finding_text(policy, finding, "zh"),
            },
        }
        if finding.resolved_by:
            made["resolved_by"] = finding.resolved_by
        if finding.failed:
            made["failed"] = finding.failed
        if self._evaluator is not None and self._facts is not None and line:
            change = smallest_change(
                self._evaluator, self._facts, self._decision, line, finding.code
            )
            if change is not None:
                en, zh = (change_text(policy, change, language) for language in LANGUAGES)
                made["change"] = {
                    "name": change.name,
                    "value": change.value,
                    "message": {"en": en, "zh": zh},
                }
        return made


def _figure_json(figure: Figure) -> FigureJson:
    made: FigureJson = {"code": figure.code, "value": figure.value, "unit": figure.unit}
    if figure.total:
        made["total"] = figure.total
    return made


def decision_schema() -> dict[str, Any]:
    """Give the JSON Schema of a decision."""
    schema = TypeAdapter(DecisionJson).json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def claim_schema() -> dict[str, Any]:
    """Give the JSON Schema of a claim to check."""
    schema = ClaimInput.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
