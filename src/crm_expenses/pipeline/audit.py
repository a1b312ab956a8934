"""Audit: check the log and what is kept, derive decisions again, make checkpoints."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm_expenses.checkpointfile import SignatureCheck, check_signatures
from crm_expenses.core.audit import AuditEntry, Broken, Fault, LogCheck
from crm_expenses.core.checkpoint import Kept
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.derive import WRONG, Derived, Deriver, PolicyText, Stored
from crm_expenses.errors import ConfigError
from crm_expenses.pipeline.shelfcheck import ShelfCheck, check_shelf
from crm_expenses.pipeline.summary import Progress, quiet
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.reading import stand_ins_for
from crm_expenses.signing import KeyPlace, sign
from crm_expenses.store import Store
from crm_expenses.store.erasure import Erased, Request
from crm_expenses.store.evidence import PolicyRow
from crm_expenses.store.proof import ContentCheck
from crm_expenses.store.shelf import Shelf


@dataclass(frozen=True)
class StoreAudit:
    """What an audit of a store found.

    `derived` counts what became of deriving decisions; `wrong` names the first claims of which an
    auditor objects to a decision.
    """

    log: LogCheck
    signatures: SignatureCheck
    contents: ContentCheck | None = None
    derived: Mapping[Derived, int] = field(default_factory=dict)
    wrong: tuple[tuple[str, Derived], ...] = ()
    files: ShelfCheck | None = None

    @property
    def broken(self) -> Broken | None:
        """The first entry that does not fit."""
        return self.log.broken or (self.contents.broken if self.contents else None)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        files_hold = self.files is None or self.files.holds
        return self.broken is None and not self.wrong and self.signatures.holds and files_hold


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry with its digest and, where somebody said why, their words."""

    entry: AuditEntry
    digest: str
    said: str = ""
    is_erased: bool = False


def read_entries(
    store: Store, *, subject: str = "", action: str = "", last: int | None = None
) -> Iterator[ReadEntry]:
    """Give the entries of the log in order: those about something, of an action, the last ones."""
    reasons = store.reasons(viewer=SYSTEM)

    def read() -> Iterator[ReadEntry]:
        for number, body, digest in store.entries():
            entry = AuditEntry.of(body)
            if subject and entry.subject != subject:
                continue
            if action and entry.action != action:
                continue
            said = reasons.get(number, "")
            yield ReadEntry(entry, digest.hex(), said or "", is_erased=said is None)

    return read() if last is None else iter(deque(read(), maxlen=max(0, last)))


WRONG_SHOWN = 20


def verify(
    store: Store,
    *,
    outside: Sequence[Kept] = (),
    key: bytes | None = None,
    quick: bool = False,
    progress: Progress = quiet,
    shelf: Shelf | None = None,
) -> StoreAudit:
    """Check the log; unless it is to be quick, also all that is kept, and every decision.

    With a shelf, the files of vouchers are read, too, each whole.
    """
    log = store.check_log(outside)
    signed = check_signatures((*store.checkpoints(), *outside), key)
    if quick or (log.broken and log.broken.fault is not Fault.SHORT):
        return StoreAudit(log, signed)
    contents = store.check_contents()
    if contents.broken:
        return StoreAudit(log, signed, contents)
    deriver = Deriver(policy_texts(store.policies()))
    wrong: list[tuple[str, Derived]] = []
    whole = store.count_decisions()
    for number, row in enumerate(store.decisions(viewer=SYSTEM), start=1):
        became = deriver.derive(Stored(row.decision, row.facts, row.is_erased))
        if became in WRONG and len(wrong) < WRONG_SHOWN:
            wrong.append((row.claim, became))
        progress("derive", number, whole)
    files = check_shelf(store, shelf, progress=progress) if shelf else None
    return StoreAudit(log, signed, contents, deriver.counts, tuple(wrong), files)


def policy_texts(rows: Sequence[PolicyRow]) -> Callable[[str, str], PolicyText | None]:
    """Give the function that finds the text of a policy by id and version."""
    texts = {
        (row.id, row.version): PolicyText(row.content, row.plug_ins)
        for row in rows
        if row.content is not None
    }
    return lambda name, version: texts.get((name, version))


def erase(store: Store, crm: str, person: str, *, actor: str, reason: str, at: datetime) -> Erased:
    """Erase a person's words; what the policies that decided can read of them stays instead."""
    policies = []
    for row in store.policies():
        if row.content is None:  # nobody knows what it reads: the whole form stays
            return store.erase(crm, Request(person, actor, reason), at)
        policies.append(parse_policy(row.content))
    return store.erase(crm, Request(person, actor, reason, stand_ins_for(policies)), at)


def checkpoint(store: Store, place: KeyPlace, *, at: datetime, actor: str) -> Kept:
    """Make a checkpoint of the whole log, signed where there is a key.

    Raises:
        ConfigError: the log is empty, or the key cannot be used.
    """
    made = store.add_checkpoint(at, actor)
    if made is None:
        raise ConfigError("audit.empty", path=store.name)
    if not place:
        return made
    signature = sign(made.body, place)
    store.sign_checkpoint(made.size, key=signature.key, signature=signature.value)
    return Kept(made.size, made.body, made.parts, signature.key, signature.value)
