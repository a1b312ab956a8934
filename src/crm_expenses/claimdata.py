"""Claims as plain dicts in, decisions as plain dicts out: the shapes of the public surface.

Pydantic checks what comes in; what goes out has a version and a JSON Schema.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
)
from typing_extensions import TypedDict

from crm_expenses.claimfields import Count, CurrencyCode, Day, Distance, Exact, Moment, RateValue
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.decision import Decision, LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Finding
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.rates import Rate
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.errors import MappingError, Place, Problem
from crm_expenses.messages import table
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.wording import finding_text

DECISION_SHAPE: Final = 1
"""Version of the shape of a decision as JSON."""


_FULL, _BARE = "person as an object", "person as an id"


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PersonInput(_Input):
    """Who spends."""

    id: str = Field(min_length=1)
    name: str = ""
    grade: str = ""
    team: str = ""
    city: str = ""
    manager: str = ""
    active_from: Day | None = None
    active_to: Day | None = None


class VoucherInput(_Input):
    """What backs a line."""

    kind: VoucherKind
    number: str = ""
    code: str = ""
    amount: Exact | None = None
    currency: str = ""
    issued: Day | None = None
    seller: str = ""


class LineInput(_Input):
    """One spending."""

    line: str = Field(min_length=1)
    date: Day
    category: str = Field(min_length=1)
    amount: Exact
    currency: str = ""
    city: str = ""
    account: str = ""
    opportunity: str = ""
    merchant: str = ""
    purpose: str = ""
    justification: str = ""
    payment: str = ""
    travel_class: str = ""
    nights: Count | None = None
    attendees: Count | None = None
    distance: Distance | None = None
    pre_approved: bool | None = None
    voucher: VoucherInput | None = None


class RateInput(_Input):
    """An exchange rate: one unit of `currency` in the policy's currency, from `date` on."""

    currency: CurrencyCode
    rate: RateValue
    date: Day
    source: str = ""


class ClaimInput(_Input):
    """A claim to check. `submitted` is a date, or a time with its zone."""

    claim: str = Field(min_length=1)
    person: Annotated[
        Annotated[PersonInput, Tag(_FULL)] | Annotated[str, Tag(_BARE), Field(min_length=1)],
        Discriminator(lambda given: _BARE if isinstance(given, str) else _FULL),
    ]
    submitted: Moment
    currency: str = Field("", description="of every line that names none")
    title: str = ""
    status: ClaimStatus = ClaimStatus.SUBMITTED
    lines: tuple[LineInput, ...]
    rates: tuple[RateInput, ...] = ()


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
    if problems:
        raise MappingError.of(problems)
    return Facts(
        Claim(read.claim, person.id, _instant(read.submitted), read.status, read.title),
        tuple(lines),
        AccountManager(**person.model_dump()),
        tuple(vouchers),
        tuple(
            Rate(
                f"{r.currency}/{currency}/{r.date}", r.currency, currency, r.date, r.rate, r.source
            )
            for r in read.rates
        ),
    )


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
    "model_type": "claim.object",
}
"""What pydantic calls a mistake, and our own text for it."""


def _problems(error: ValidationError) -> list[Problem]:
    problems = []
    for found in error.errors(include_url=False):
        name = ".".join(str(step) for step in found["loc"] if step not in (_FULL, _BARE))
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
    resolved_by: NotRequired[str]
    failed: NotRequired[str]


class LineJson(TypedDict):
    """The decision on a line; amounts in the policy's currency, as text."""

    line: str
    outcome: Literal["pass", "reduced", "justify", "review", "reject"]
    claimed: str | None
    allowed: str
    measures: dict[str, str]
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
    """The decision on a claim. `shape` is the version of this shape."""

    shape: Literal[1]
    claim: str
    outcome: Literal["pass", "reduced", "justify", "review", "reject"]
    currency: str
    claimed: str
    allowed: str
    findings: list[FindingJson]
    lines: list[LineJson]
    policy: PolicyJson
    facts: FactsJson


def decision_json(decision: Decision, policy: Policy) -> DecisionJson:
    """Give a decision as plain JSON values, with its messages in both languages."""
    ref = decision.policy
    return {
        "shape": 1,
        "claim": decision.claim,
        "outcome": decision.outcome.value,
        "currency": decision.allowed.currency,
        "claimed": f"{decision.claimed.amount:f}",
        "allowed": f"{decision.allowed.amount:f}",
        "findings": [_finding_json(f, policy) for f in decision.findings],
        "lines": [_line_json(line, policy) for line in decision.lines],
        "policy": {
            "id": ref.id,
            "version": ref.version,
            "digest": ref.digest,
            "language": ref.language,
        },
        "facts": {"digest": decision.facts_digest},
    }


def _line_json(line: LineDecision, policy: Policy) -> LineJson:
    return {
        "line": line.line,
        "outcome": line.outcome.value,
        "claimed": None if line.claimed is None else f"{line.claimed.amount:f}",
        "allowed": f"{line.allowed.amount:f}",
        "measures": {},
        "findings": [_finding_json(f, policy) for f in line.findings],
    }


def _finding_json(finding: Finding, policy: Policy) -> FindingJson:
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
