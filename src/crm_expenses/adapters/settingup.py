"""How a CRM is made ready for the package: what it lacks, step by step, and carrying it out.

For `crm-expenses crm setup` and `crm-expenses crm notify`. An adapter whose CRM cannot be set up
from here inherits the refusal (`contract.Adapter.set_up`, `contract.Adapter.hints`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from crm_expenses.errors import Problem


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a CRM lacks: `name` is the CRM's own for it, `told` says it to a person.

    `cost` counts calls as the CRM counts them. `by_hand` says that only a person can do it, in the
    CRM's own pages; `told` is then what to do there. `facts` are the details, for a script.
    """

    name: str
    told: Problem
    cost: int = 0
    by_hand: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepDone:
    """What became of a step: `problem` is None where it stands in the CRM now."""

    step: Step
    problem: Problem | None = None


class SettingUp(Protocol):
    """What a CRM lacks, and the hand that adds it."""

    def plan(self) -> Sequence[Step]:
        """Compare what is there with what must be; change nothing. Empty where nothing lacks."""

    def carry_out(self, steps: Sequence[Step]) -> Iterator[StepDone]:
        """Do what can be done from here, in order; each step is given when it is over.

        What is there already is left alone, so that it may be done again after a kill. Steps that
        are for a person are passed over.
        """
