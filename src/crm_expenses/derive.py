"""Deriving a stored decision again: its policy's text and its facts must give it, to the byte.

Nothing is looked up on the way, so that an auditor can do it years later with this package alone.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from crm_expenses.api import evaluator_of
from crm_expenses.core.facts import Facts
from crm_expenses.core.record import canonical
from crm_expenses.corejson import read_as
from crm_expenses.errors import CrmExpensesError
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.policy import Policy


class Derived(StrEnum):
    """What became of deriving a decision again."""

    EQUAL = "equal"
    """The same bytes."""
    DIFFERS = "differs"
    """Other bytes: decision or facts were changed, or this package decides otherwise."""
    FACTS = "facts"
    """The facts are not those whose digest the decision names."""
    POLICY = "policy"
    """The policy's text is not there, or is not the one whose digest the decision names."""
    PLUG_INS = "plug_ins"
    """The policy ran with plug-ins, foreign code that is not kept here."""
    ERASED = "erased"
    """Words that a plug-in could read were erased from the facts."""
    NO_FACTS = "no_facts"
    """An older version of this package decided it, and kept no facts."""


WRONG: Final = frozenset({Derived.DIFFERS, Derived.FACTS, Derived.POLICY})
"""What an auditor objects to."""


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy version as it is kept: the file's text, and the plug-ins that ran with it."""

    content: str
    plug_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision as it is kept: its canonical JSON and that of its facts, None where none is."""

    decision: str
    facts: str | None
    is_erased: bool = False


class Deriver:
    """Derives decisions; each policy is read once. `policy_of` gives the text of id and version."""

    def __init__(self, policy_of: Callable[[str, str], PolicyText | None]) -> None:
        self._policy_of = policy_of
        self._read: dict[tuple[str, str], tuple[PolicyText | None, Policy | None]] = {}
        self.counts: Counter[Derived] = Counter()

    def derive(self, stored: Stored) -> Derived:
        """Derive one decision again, and count what became of it."""
        try:
            found = self._derived(stored)
        except (ValueError, KeyError, TypeError):  # what is kept is no decision, or no facts
            found = Derived.DIFFERS
        self.counts[found] += 1
        return found

    def _derived(self, stored: Stored) -> Derived:
        decision: Any = json.loads(stored.decision)
        ref = decision["policy"]
        if stored.facts is None:
            return Derived.NO_FACTS
        if stored.is_erased:
            return Derived.ERASED
        if sha256(stored.facts.encode()).hexdigest() != decision["facts_digest"]:
            return Derived.FACTS
        text, policy = self._policy(ref["id"], ref["version"])
        if text is not None and text.plug_ins:
            return Derived.PLUG_INS
        if policy is None or canonical(policy.ref) != canonical(ref):
            return Derived.POLICY
        facts: Facts = read_as(Facts, stored.facts)
        again = canonical(evaluator_of(policy).decide(facts))
        return Derived.EQUAL if again == stored.decision else Derived.DIFFERS

    def _policy(self, name: str, version: str) -> tuple[PolicyText | None, Policy | None]:
        if (name, version) not in self._read:
            text = self._policy_of(name, version)
            policy = None
            if text is not None:
                try:
                    policy = parse_policy(text.content)
                except CrmExpensesError:
                    policy = None  # told as a policy that is not the one
            self._read[name, version] = (text, policy)
        return self._read[name, version]
