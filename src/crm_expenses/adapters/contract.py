"""What every CRM adapter promises.

An adapter turns vendor records into core values and back. It decides nothing and stores nothing,
and no vendor dict leaves its folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from crm_expenses.core.approval import Provenance
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import Problem

Cursor = str
"""Where to go on reading. Only the adapter that made it knows what it means."""


@dataclass(frozen=True, slots=True)
class Received:
    """One fact as it came, with the place it came from."""

    record: Record
    origin: Origin


@dataclass(frozen=True, slots=True)
class SetAside:
    """One record that could not be read: what it is called there, and everything wrong with it."""

    origin: Origin
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of one kind. `cursor` is saved after the page, in the same transaction.

    `rows` counts the vendor's records that the page stands for, so that rows in can be added up:
    `rows == len(facts) + len(set_aside)`. `restart` says that the page begins a reading of all:
    what was set aside before is told anew.
    """

    kind: Kind
    facts: tuple[Received, ...]
    set_aside: tuple[SetAside, ...]
    cursor: Cursor
    restart: bool = False

    @property
    def rows(self) -> int:
        """Number of the vendor's records on this page."""
        return len(self.facts) + len(self.set_aside)


class ResultKind(StrEnum):
    """The kinds of result that are written back."""

    CLAIM_RESULT = "claim_result"
    LINE_RESULT = "line_result"
    BUDGET_RESULT = "budget_result"


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What a claim's record in the CRM is told. Texts are rendered, one finding a line.

    `content_code` stands for what there is to approve: an approval given in the CRM counts only
    where the same code is read with it. `approved` is what is approved and due, None before;
    `refused` are the ids of lines that were not, with commas between.
    """

    claim: str
    outcome: Outcome
    state: State
    claimed: Money
    allowed: Money
    findings_en: str
    findings_zh: str
    waiting_for: str
    policy: str
    decision: str
    content_code: str = ""
    approved: Money | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class LineResult:
    """What a line's record in the CRM is told; `claimed` is None where no rate was known."""

    line: str
    claim: str
    outcome: Outcome
    claimed: Money | None
    allowed: Money
    findings_en: str
    findings_zh: str


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """Where a budget stands."""

    budget: str
    allocated: Money
    committed: Money
    spent: Money
    available: Money


Result = ClaimResult | LineResult | BudgetResult


@dataclass(frozen=True, slots=True)
class WriteBack:
    """One result to write: `key` derives from CRM, kind, record and content.

    The key is stored before the first send and sent again at each retry. `uncertain` says that an
    earlier send may have arrived: read back before sending. `version` is the `Origin.version` of
    the record that the result rests on: where a person has changed the record since, the answer is
    a conflict (`Ability.CONFLICTS`). Our own writes do not count as a change; empty is any version.
    """

    key: str
    kind: ResultKind
    record: str
    result: Result
    uncertain: bool = False
    version: str = ""


class AckState(StrEnum):
    """What became of one write."""

    DONE = "done"
    REFUSED = "refused"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer to one write, by its key."""

    key: str
    state: AckState
    problem: Problem | None = None


class Ability(StrEnum):
    """What a CRM may or may not be able to do."""

    INCREMENTAL = "incremental"
    DELETES = "deletes"
    CONFLICTS = "conflicts"
    VOUCHER_FILES = "voucher_files"
    APPROVALS = "approvals"


class Support(StrEnum):
    """How far an ability goes."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter can do: the kinds it reads and writes, its batch size, each ability.

    An ability that is not named is not there. `reasons` says why one is only partly there.
    `provenance` is how far it can be trusted that a person said yes there.
    """

    reads: frozenset[Kind]
    writes: frozenset[ResultKind]
    batch_max: int
    abilities: Mapping[Ability, Support] = field(default_factory=dict)
    reasons: Mapping[Ability, str] = field(default_factory=dict)
    provenance: Provenance = Provenance.PLAIN_FIELD

    def support(self, ability: Ability) -> Support:
        """Say how far an ability goes."""
        return self.abilities.get(ability, Support.NO)


class Level(StrEnum):
    """How good or bad a diagnosis is."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that `doctor` looked at, and what it found."""

    level: Level
    problem: Problem


class Adapter(Protocol):
    """A CRM, as seen by the rest of the package."""

    @property
    def name(self) -> str:
        """The name of the connection in the settings."""

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give the records of a kind that are new since the cursor, page by page, bounded."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write results; one Ack a write, in the same order."""

    def check(self) -> Sequence[Diagnosis]:
        """Look at the connection, its fields and permissions; change nothing."""

    def close(self) -> None:
        """Let go of connections and files."""
