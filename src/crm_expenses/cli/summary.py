"""A run in words: what was read, decided and written back."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from crm_expenses.cli.screen import Screen
from crm_expenses.core.decision import Outcome

if TYPE_CHECKING:
    from crm_expenses.pipeline import RunSummary


def run_lines(run: "RunSummary", screen: Screen) -> Iterator[str]:
    """Give the lines that tell a run to a person."""
    pulled, decided, pushed = run.pulled, run.decided, run.pushed
    yield screen.text("summary.crm", crm=run.crm)
    yield screen.text(
        "summary.pulled",
        rows=f"{pulled.rows:,}",
        changes=f"{pulled.changes:,}",
        set_aside=f"{pulled.set_aside:,}",
    )
    if pulled.gone:
        yield screen.text("summary.gone", gone=f"{pulled.gone:,}")
    yield from again_lines(run, screen)
    yield screen.text(
        "summary.decided",
        claims=f"{decided.claims:,}",
        lines=f"{decided.lines:,}",
        closed=f"{decided.closed:,}",
    )
    if decided.outcomes:
        yield "  " + screen.text("summary.outcomes", list=outcomes_text(decided.outcomes, screen))
    if decided.findings:
        ordered = sorted(decided.findings.items(), key=lambda item: (-item[1], item[0]))
        listed = screen.text("summary.comma").join(f"{code} {n:,}" for code, n in ordered[:6])
        yield "  " + screen.text("summary.findings", list=listed, count=str(len(ordered)))
    yield screen.text("summary.pushed", sent=f"{pushed.sent:,}")
    if pushed.refused or pushed.conflicts or pushed.unknown:
        yield "  " + screen.text(
            "summary.not_pushed",
            refused=str(pushed.refused),
            conflicts=str(pushed.conflicts),
            unknown=str(pushed.unknown),
        )
    if pushed.stuck:
        yield "  " + screen.text("summary.stuck", stuck=str(pushed.stuck))
    yield from _file_lines(run, screen)
    yield from call_lines(run, screen)


def call_lines(run: "RunSummary", screen: Screen) -> Iterator[str]:
    """Give the lines that tell of calls, if there were any, and of an early end."""
    calls = run.calls
    if calls.calls:
        yield screen.text(
            "summary.calls",
            calls=f"{calls.calls:,}",
            retries=f"{calls.retries:,}",
            sent=f"{calls.sent:,}",
            received=f"{calls.received:,}",
            seconds=f"{sum(run.seconds.values()):.1f}",
        )
    if run.stopped is not None:
        yield screen.text("summary.stopped", reason=run.stopped.describe(screen.language))


def _file_lines(run: "RunSummary", screen: Screen) -> Iterator[str]:
    """Give what became of files, where there were any."""
    files = run.files
    if files.kept or files.sent:
        told = {"kept": f"{files.kept:,}", "bytes": f"{files.bytes:,}", "sent": f"{files.sent:,}"}
        yield screen.text("summary.files", **told)
    if files.failed or files.refused:
        wrong = {"failed": f"{files.failed:,}", "refused": f"{files.refused:,}"}
        yield screen.text("summary.files_failed", **wrong)


def again_lines(run: "RunSummary", screen: Screen) -> Iterator[str]:
    """Give the line that tells of what was read again, if anything was."""
    pulled, found = run.pulled, run.pulled.found
    if pulled.again or pulled.missed:
        yield screen.text(
            "summary.full",
            kinds=str(len(pulled.again)),
            found=f"{found.new + found.changed:,}",
            gone=f"{found.gone:,}",
            missed=f"{pulled.missed:,}",
        )


def outcomes_text(outcomes: Mapping[str, int], screen: Screen) -> str:
    """Give the counts of outcomes in words, from the best to the worst."""
    parts = [
        f"{screen.text(f'word.{of.value}')} {outcomes[of.value]:,}"
        for of in Outcome
        if of.value in outcomes
    ]
    return screen.text("summary.comma").join(parts)
