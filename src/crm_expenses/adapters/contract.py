"""What every CRM adapter promises.

An adapter turns vendor records into core values and back. It decides nothing and stores nothing,
and no vendor dict leaves its folder.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from crm_expenses.adapters.exchange import Secret
from crm_expenses.adapters.settingup import SettingUp
from crm_expenses.core.approval import Provenance
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.quick import quick_init
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import Problem, UnsupportedError

Cursor = str
"""Where to go on reading. Only the adapter that made it knows what it means."""


@quick_init
@dataclass(frozen=True, slots=True)
class Received:
    """One fact as it came, with the place it came from.

    `changed_at` is when a person last changed it there, with its zone, None where the CRM does not
    say; the winner `newest` of a merge needs it.
    """

    record: Record
    origin: Origin
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """One record that could not be read: what it is called there, and everything wrong with it."""

    origin: Origin
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """One record that is no longer there: deleted, or merged into the record `into`."""

    origin: Origin
    into: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of one kind. `cursor` is saved after the page, in the same transaction.

    `rows` counts the vendor's records that the page stands for, so that rows in can be added up.
    `restart` says that the page begins a reading of all: what was set aside before is told anew,
    and what does not come in it is looked up (`Adapter.look`) or must be missing twice to be gone.
    `whole` are claims whose lines stand on the page without exception, because they came inside
    their claim: a line of theirs that is held and not on the page is gone.
    """

    kind: Kind
    facts: tuple[Received, ...]
    set_aside: tuple[SetAside, ...]
    cursor: Cursor
    restart: bool = False
    gone: tuple[Gone, ...] = ()
    whole: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of the vendor's records on this page."""
        return len(self.facts) + len(self.set_aside) + len(self.gone)


class ResultKind(StrEnum):
    """The kinds of result that are written back."""

    CLAIM_RESULT = "claim_result"
    LINE_RESULT = "line_result"
    BUDGET_RESULT = "budget_result"
    RETURN_RESULT = "return_result"
    CHANGE = "change"


RESULTS: Final = frozenset(
    {ResultKind.CLAIM_RESULT, ResultKind.LINE_RESULT, ResultKind.BUDGET_RESULT}
)
"""The kinds of result that tell what was decided; a change (`ResultKind.CHANGE`) is none."""

TOLD: Final = RESULTS | {ResultKind.RETURN_RESULT}
"""The kinds of result that tell something: what was decided, and what came back of the money."""


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


@dataclass(frozen=True, slots=True)
class ReturnResult:
    """What came back of the money that an account manager cost, over whole months (`core.roi`).

    `cost` is the loaded cost with claims, `won` what was sold; the others are shares (0.25 is a
    quarter) and a mean score, None where the data do not carry one. `notes_en` and `notes_zh` say
    which and why, one a line.
    """

    person: str
    start: date
    end: date
    cost: Money
    won: Money
    roi: Decimal | None
    growth: Decimal | None
    win_rate: Decimal | None
    retention: Decimal | None
    satisfaction: Decimal | None
    customers_new: int
    notes_en: str = ""
    notes_zh: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Fields of a record of the CRM that were changed here, to be written there.

    `record` is the whole record as it shall be; only `fields`, its names in `core`, are written. A
    field that the CRM keeps beside the known ones is `extra.NAME`.
    """

    kind: Kind
    record: Record
    fields: tuple[str, ...]


Told = ClaimResult | LineResult | BudgetResult | ReturnResult
"""A result that tells something."""

Result = Told | Change


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
    """A reading since a cursor gives only what is new."""
    DELETES = "deletes"
    """A reading since a cursor tells what was deleted or merged (`Page.gone`)."""
    LOOK_UP = "look_up"
    """Records can be read by their ids (`Adapter.look`)."""
    CONFLICTS = "conflicts"
    """A write that rests on an older version than a person's is answered with a conflict."""
    DESCRIBE = "describe"
    """The CRM says which fields it has (`Adapter.describe`)."""
    VOUCHER_FILES = "voucher_files"
    """Files of vouchers can be read (`Adapter.files`, `Adapter.read_file`)."""
    FILE_WRITES = "file_writes"
    """Files can be put beside a voucher (`Adapter.write_file`)."""
    APPROVALS = "approvals"
    """People can say yes or no there."""


class Support(StrEnum):
    """How far an ability goes."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter can do: the kinds it reads and writes, its batch size, each ability.

    An ability that is not named is not there. `reasons` says why one is only partly there.
    `provenance` is how far it can be trusted that a person said yes there. `changes` are the kinds
    of which records can be changed from here (`ResultKind.CHANGE`).
    """

    reads: frozenset[Kind]
    writes: frozenset[ResultKind]
    batch_max: int
    abilities: Mapping[Ability, Support] = field(default_factory=dict)
    reasons: Mapping[Ability, str] = field(default_factory=dict)
    provenance: Provenance = Provenance.PLAIN_FIELD
    changes: frozenset[Kind] = frozenset()

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


class Form(StrEnum):
    """What a field of a CRM holds, whatever the CRM calls it."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    YES_NO = "yes_no"
    DAY = "day"
    MOMENT = "moment"
    CHOICE = "choice"
    REFERENCE = "reference"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field as the CRM describes it; `type` is the CRM's own word.

    `length` is the most characters of a text, None where there is no bound or none is told.
    `options` are the values that a list allows. `form` is what the type means, None where its word
    says it (`adapters.fieldcheck` knows the usual ones).
    """

    name: str
    type: str = ""
    writable: bool = True
    required: bool = False
    unique: bool = False
    length: int | None = None
    options: tuple[str, ...] = ()
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What a CRM says of the records behind a kind: its own name for them, and their fields.

    `mapped` has, by the name of a field in `core`, the CRM's field that it is read from, and by
    `KIND_OF_RESULT.FIELD` (`claim_result.findings_en`) the one that a result is written into.
    `options` are, by the name in `core`, the values of a list that the adapter can read.
    """

    kind: Kind
    name: str
    fields: tuple[FieldInfo, ...]
    mapped: Mapping[str, str]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file beside a voucher, as the CRM lists it; `version` changes when its content does."""

    voucher: str
    id: str
    name: str
    size: int | None = None
    type: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class FileWrite:
    """One file to put beside a voucher: `digest` is the SHA-256 of its bytes, in hexadecimal.

    `key` is sent again at each retry. `uncertain` says that it may be there already.
    """

    key: str
    voucher: str
    name: str
    type: str
    size: int
    digest: str
    uncertain: bool = False


class Gate(Protocol):
    """What each call to a CRM passes: the shared rate, the day's allowance, the counts.

    A CRM may weigh its calls: what one costs of the allowance are credits, and may be none.
    An adapter is given one (`Opening.gate`) and hands it to its transport, or calls `enter` before
    each call of its own making.
    """

    def enter(self, cost: int = 1) -> None:
        """Wait for a turn, and count a call; of the allowance it takes what it costs.

        Raises:
            AllowanceError: the calls of the day, or of this run, are used up but for the reserve.
        """

    def closed(self, seconds: int) -> None:
        """Say that the CRM asked everybody to stay away for so many seconds (Retry-After)."""

    def left(self, credits_left: int) -> None:
        """Say how much of its allowance the CRM itself says is left."""

    def done(self, *, sent: int, received: int, seconds: float, is_retry: bool) -> None:
        """Count what a call moved: bytes each way, the time that it took."""


class Open:
    """A gate that stands open: no limit, nothing counted."""

    def enter(self, cost: int = 1) -> None:
        """Let in."""

    def closed(self, seconds: int) -> None:
        """Take no notice."""

    def left(self, credits_left: int) -> None:
        """Take no notice."""

    def done(self, *, sent: int, received: int, seconds: float, is_retry: bool) -> None:
        """Count nothing."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What an adapter is opened with.

    `name` is the connection's name in the settings, `options` its own part of them (it may hold
    secrets, so it is not shown), `base` the folder that relative paths start from. `fields` are the
    user's own names of the CRM's fields, by kind and by the field's name in `core`.
    """

    name: str
    options: Mapping[str, object] = field(repr=False)
    base: Path = Path()
    gate: Gate = field(default_factory=Open)
    fields: Mapping[Kind, Mapping[str, str]] = field(default_factory=dict)


class Adapter(Protocol):
    """A CRM, as seen by the rest of the package.

    A class that names it as its base inherits what it need not have: each of those raises
    UnsupportedError, as `capabilities` says.
    """

    @property
    def name(self) -> str:
        """The name of the connection in the settings."""

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give the records of a kind that are new since the cursor, page by page, bounded.

        None reads all there is; what is then not given is not there.
        """

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write results; one Ack a write, in the same order."""

    def check(self) -> Sequence[Diagnosis]:
        """Look at the connection, its fields and permissions; change nothing."""

    def try_writing(self) -> Sequence[Diagnosis]:
        """Write a scratch record, read it back, delete it, and say what became of each field."""
        return (Diagnosis(Level.WARNING, Problem("doctor.no_scratch", {"crm": self.name})),)

    def set_up(self) -> SettingUp:
        """Give what makes the CRM ready for the package. Not every CRM can be, from here."""
        raise UnsupportedError("crm.no_setup", crm=self.name)

    def hints(self, url: str, token: Secret) -> SettingUp:  # noqa: ARG002
        """Give what lets the CRM tell `url` of changes, with `token` in each of its messages.

        Without an address it gives what ends that.
        """
        raise UnsupportedError("crm.no_hints", crm=self.name)

    def tend(self) -> Sequence[str]:
        """Renew what the CRM lets end by itself, and name it; as a run begins that has webhooks."""
        return ()

    def close(self) -> None:
        """Let go of connections and files."""

    def look(self, kind: Kind, records: Sequence[str]) -> Page:  # noqa: ARG002
        """Read some records now, at most `batch_max`: each is a fact, set aside, or gone.

        The cursor of the page is empty. Needs `Ability.LOOK_UP`.
        """
        raise unsupported(self, Ability.LOOK_UP)

    def describe(self) -> Sequence[Description]:
        """Say which fields the CRM has for each kind that is read. Needs `Ability.DESCRIBE`."""
        raise unsupported(self, Ability.DESCRIBE)

    def files(self, vouchers: Sequence[str]) -> Iterable[FileRef]:  # noqa: ARG002
        """List the files beside some vouchers. Needs `Ability.VOUCHER_FILES`."""
        raise unsupported(self, Ability.VOUCHER_FILES)

    def read_file(self, ref: FileRef) -> Iterator[bytes]:  # noqa: ARG002
        """Give the bytes of a file in portions. Needs `Ability.VOUCHER_FILES`."""
        raise unsupported(self, Ability.VOUCHER_FILES)

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:  # noqa: ARG002
        """Put a file beside a voucher, once for a key. Needs `Ability.FILE_WRITES`."""
        raise unsupported(self, Ability.FILE_WRITES)


def unsupported(adapter: Adapter, ability: Ability) -> UnsupportedError:
    """Make the error of an ability that a CRM does not have."""
    reason = adapter.capabilities.reasons.get(ability, "-")
    return UnsupportedError("crm.no_ability", crm=adapter.name, ability=ability, reason=reason)
