"""Lines from a file, before they are claimed: the shape that `check` reads, without the claim.

The columns of the claim may be missing. Rows that cannot be read are told; the others go on.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files import ClaimStream, claims_in
from crm_expenses.adapters.files.mapping import Cell
from crm_expenses.core.ownclaim import UNNAMED, Noted
from crm_expenses.errors import Problem
from crm_expenses.filecheck import claim_reader
from crm_expenses.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class LinesRead:
    """What a file says: lines, what could not be read, and names that no field has."""

    lines: tuple[Noted, ...]
    problems: tuple[Problem, ...] = ()
    unread: tuple[str, ...] = ()


def read_lines(
    path: Path, mapping: Path | None, person: str, policy: Policy, at: datetime
) -> LinesRead:
    """Read lines of a person from a file, in the shape that `check` reads.

    The columns of the claim may be missing; the currency is the policy's where it is.

    Raises:
        ConfigError: the file cannot be read, a column is missing, or the mapping has mistakes.
    """
    extras = {name: fact.of.value for name, fact in policy.facts.items()}
    given = {
        "claim": Cell(template="{row}"),  # each for itself: rows may name several people
        "person": Cell(value=person),
        "submitted": Cell(value=at.astimezone(UTC).isoformat(timespec="seconds")),
        "currency": Cell(value=policy.currency),
        "line": Cell(template=f"{UNNAMED}{{row}}"),
    }
    stream = claims_in(
        path, mapping, read_claim=claim_reader(policy.currency), extras=extras, given=given
    )
    return _read(stream, person)


def _read(stream: ClaimStream, person: str) -> LinesRead:
    lines: list[Noted] = []
    problems: list[Problem] = []
    for found in stream:
        if isinstance(found, SetAside):
            problems += found.problems
            continue
        vouchers = {one.id: one for one in found.vouchers}
        for line in found.lines:
            if found.claim.person == person:
                lines.append(Noted(line, vouchers.get(line.voucher)))
            else:
                values = {"line": line.id, "other": found.claim.person, "person": person}
                problems.append(Problem("claims.line_of_other", values))
    return LinesRead(tuple(lines), tuple(problems), tuple(sorted(stream.counts.unread)))
