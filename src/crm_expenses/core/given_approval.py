"""An approval as the CRM has it: who said what of which claim, and what stood beside it there."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

_BETWEEN: Final = re.compile(r"[,;，；、\n]")


class Verdict(StrEnum):
    """What an approver says of the claim, or of the lines that the step covers."""

    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class GivenApproval:
    """What `approver` said of a claim in the CRM, at a moment; it is yet to be seen if it counts.

    `step` is the step's code, empty for the one that is open. `refused` are the ids of lines that
    are not approved while the others are, with commas or semicolons between. `content_code` is the
    code that stood beside the claim where it was said.
    """

    id: str
    claim: str
    approver: str
    at: datetime
    verdict: Verdict = Verdict.APPROVE
    step: str = ""
    refused: str = ""
    reason: str = ""
    content_code: str = ""

    @property
    def refused_lines(self) -> tuple[str, ...]:
        """The ids of the lines that are refused.

        >>> from datetime import UTC
        >>> at = datetime(2026, 1, 1, tzinfo=UTC)
        >>> GivenApproval("A", "C", "P", at, refused="L-1, L-2;L-1").refused_lines
        ('L-1', 'L-2')
        """
        named = (one.strip() for one in _BETWEEN.split(self.refused))
        return tuple(dict.fromkeys(one for one in named if one))
