"""Findings: what a rule says of a line or a claim, as codes and values, never prose."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.core.quick import quick_init


class Effect(StrEnum):
    """What a finding does, from the mildest to the strongest.

    >>> Effect.CAP.rank < Effect.JUSTIFY.rank < Effect.REVIEW.rank < Effect.REJECT.rank
    True
    """

    NOTE = "note"
    CAP = "cap"
    JUSTIFY = "justify"
    REVIEW = "review"
    REJECT = "reject"

    @property
    def rank(self) -> int:
        """Place in the order of strength."""
        return _RANKS[self]


_RANKS: Final = {effect: rank for rank, effect in enumerate(Effect)}

Evidence = tuple[tuple[str, str], ...]
"""What was compared with what: pairs of name and value, amounts with all their decimals."""


@quick_init
@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word on one line, or on the claim.

    `effect` is what counts now; where a fact (a justification, a waiver) resolved the finding it is
    NOTE, `declared` is what the rule says, and `resolved_by` names the fact. `failed` says
    in a word why the rule could not be computed (`missing`, `no_value`, `zero`), and is empty when
    it could.
    """

    code: str
    effect: Effect
    clause: str = ""
    evidence: Evidence = ()
    declared: Effect | None = None
    resolved_by: str = ""
    failed: str = ""
