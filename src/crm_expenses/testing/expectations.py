"""What the suite does again and again, and sees right each time: pull, push, compare."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Final

from crm_expenses.adapters.contract import (
    Ack,
    AckState,
    Adapter,
    ClaimResult,
    Cursor,
    Page,
    Received,
    Result,
    WriteBack,
)
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind, Record, digest
from crm_expenses.errors import (
    ConflictError,
    Problem,
    UnsupportedError,
)
from crm_expenses.messages import LANGUAGES
from crm_expenses.messages import fields as unfilled
from crm_expenses.testing.bench import Bench

PAGES_MAX: Final = 10_000


def expect(holds: object, sentence: str) -> None:
    """Fail with a sentence unless something holds."""
    if not holds:
        raise AssertionError(sentence)


def seeded(bench: Bench) -> Adapter:
    """Fill the CRM with the sample of all that the adapter reads, and open an adapter on it."""
    first = bench.adapter()
    bench.seed(bench.sample(first.capabilities.reads))
    first.close()
    return bench.adapter()


def reads(adapter: Adapter) -> list[Kind]:
    """Give the kinds that are read, parents before children."""
    return [kind for kind in Kind if kind in adapter.capabilities.reads]


def pages(bench: Bench, adapter: Adapter, kind: Kind, since: Cursor | None = None) -> list[Page]:
    """Pull to the end, and see that it has one."""
    found: list[Page] = []
    for page in adapter.pull(kind, since):
        expect(isinstance(page, Page), f"pull gave {type(page).__name__}")
        expect(page.kind is kind, f"a pull of {kind} gave a page of {page.kind}")
        expect(page.rows <= bench.page_rows_max, f"a page of {kind} has {page.rows} rows")
        found.append(page)
        expect(len(found) <= PAGES_MAX, f"the pull of {kind} does not end")
    return found


def facts_of(found: Iterable[Page]) -> list[Received]:
    """Give the facts of several pages."""
    return [fact for page in found for fact in page.facts]


def leaves(value: object) -> Iterator[object]:
    """Give a value and all that it is made of."""
    yield value
    if is_dataclass(value):
        for part in fields(value):
            yield from leaves(getattr(value, part.name))


def push(adapter: Adapter, writes: Sequence[WriteBack]) -> list[Ack]:
    """Push, and see that one Ack comes a write, in order, with a reason where it is not DONE."""
    acks = list(adapter.push(writes))
    got, sent = [ack.key for ack in acks], [write.key for write in writes]
    expect(got == sent, f"Acks do not match the writes: {got} for {sent}")
    for ack in acks:
        expect(isinstance(ack.state, AckState), f"an Ack says {ack.state!r}")
        if ack.state in (AckState.REFUSED, AckState.CONFLICT):
            expect(ack.problem is not None, f"{ack.state} without a reason")
        said([ack.problem] if ack.problem else [])
    return acks


def push_done(adapter: Adapter, writes: Sequence[WriteBack]) -> None:
    """Push, and see that everything is DONE."""
    for ack in push(adapter, writes):
        reason = ack.problem.describe() if ack.problem else "no reason given"
        expect(ack.state is AckState.DONE, f"a write was answered {ack.state}: {reason}")


def batches(adapter: Adapter, sent: Sequence[Result]) -> Iterator[Sequence[Result]]:
    """Give results in portions of the adapter's batch size."""
    size = adapter.capabilities.batch_max
    for start in range(0, len(sent), size):
        yield sent[start : start + size]


def stands(bench: Bench, sent: Sequence[Result]) -> None:
    """See that exactly these results stand in the CRM."""
    there = sorted(map(digest, bench.written()))
    expect(there == sorted(map(digest, sent)), f"not what was sent: {bench.written()!r}")


def effects(bench: Bench, expected: int) -> None:
    """See how often writes acted, where the bench counts."""
    count = bench.effects()
    expect(count in (None, expected), f"{expected} writes acted {count} times")


def changed(result: Result) -> Result:
    """Give the result as a later decision has it."""
    if isinstance(result, ClaimResult):
        return replace(result, findings_en="", findings_zh="", allowed=Money(7, "CNY"))
    name = next(one for one in ("allowed", "spent", "won") if hasattr(result, one))
    changes: dict[str, Money] = {name: Money(7, "CNY")}
    return replace(result, **changes)  # type: ignore[arg-type]


def version_of(bench: Bench, adapter: Adapter, record: Record) -> str:
    """Give the version of a claim, as it is read now."""
    found = facts_of(pages(bench, adapter, Kind.CLAIM))
    return next(fact.origin.version for fact in found if fact.record.id == record.id)


def conflict_or_state(adapter: Adapter, write: WriteBack) -> AckState:
    """Push one write; a ConflictError is the answer CONFLICT."""
    try:
        return push(adapter, [write])[0].state
    except ConflictError:
        return AckState.CONFLICT


def pull_refused(adapter: Adapter, kind: Kind) -> None:
    """See that pulling a kind raises UnsupportedError, at once or at the first page."""
    refused(lambda: list(adapter.pull(kind, None)), f"pull of {kind}")


def push_refused(adapter: Adapter, write: WriteBack) -> None:
    """See that pushing a write raises UnsupportedError."""
    refused(lambda: adapter.push([write]), f"push of {write.kind}")


def refused(call: Callable[[], object], what: str) -> None:
    """See that a call raises UnsupportedError."""
    try:
        call()
    except UnsupportedError as error:
        said(error.problems)
    else:
        raise AssertionError(f"{what} is not declared, but was not refused")


def said(problems: Sequence[Problem]) -> None:
    """See that every reason is a whole sentence in each language, and not the same one."""
    for problem in problems:
        sentences = [problem.describe(language) for language in LANGUAGES]
        expect(all(sentences), f"{problem.code} says nothing")
        expect(len(set(sentences)) == len(LANGUAGES), f"{problem.code} is not translated")
        missing = unfilled("".join(sentences)) - unfilled("".join(problem.values.values()))
        expect(not missing, f"{problem.code} lacks {sorted(missing)}")
