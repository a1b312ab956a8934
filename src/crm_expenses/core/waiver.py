"""Waivers: somebody with the right to do so lets a rule pass, for something and until a day."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Waiver:
    """`granted_by` lets `rule` pass for a person, a claim or a line, from `start` to `until`.

    At least one of `person`, `claim` and `line` is given; those that are empty do not restrict it.
    A waiver that a person grants to themselves is none.
    """

    id: str
    rule: str
    granted_by: str
    until: date
    start: date | None = None
    person: str = ""
    claim: str = ""
    line: str = ""

    def covers(self, *, rule: str, person: str, claim: str, line: str, day: date) -> bool:
        """Say whether it lets a rule pass for a line (or a claim, with an empty line).

        >>> w = Waiver("W1", "meal.cap", "P9", date(2026, 6, 30), person="P1")
        >>> w.covers(rule="meal.cap", person="P1", claim="C", line="L", day=date(2026, 6, 30))
        True
        """
        named = ((self.person, person), (self.claim, claim), (self.line, line))
        return (
            self.rule == rule
            and self.granted_by != person
            and (self.start is None or self.start <= day)
            and day <= self.until
            and any(mine for mine, _ in named)
            and all(mine in ("", theirs) for mine, theirs in named)
        )
