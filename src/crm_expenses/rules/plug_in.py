"""Plug-in rules: Python that looks at a decided claim, and may note, ask or send to a person.

A plug-in runs after the last stage, on the same snapshot as the rules. It must be a pure function
of what it is given, so that a decision can be derived again. Whatever it raises, and whatever it
says that it may not say, sends the claim to a person under the plug-in's own name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Protocol

from crm_expenses.core.decision import Decision, LineDecision, outcome_of, worst_outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Evidence, Finding

TextPair = tuple[str, str]

MAY: Final = frozenset({Effect.NOTE, Effect.JUSTIFY, Effect.REVIEW})
"""What a plug-in may do."""

REMARKS_MAX: Final = 1_000
"""Most remarks on one claim; a plug-in that makes more has failed."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a plug-in says of a line, or of the claim where `line` is empty.

    `code` is one of the plug-in's own `messages`; `evidence` has the values that the message names.
    """

    code: str
    effect: Effect
    line: str = ""
    evidence: Evidence = ()


class PlugIn(Protocol):
    """A rule written in Python.

    `name` leads the codes of its findings, `version` names its behaviour, `messages` has what it
    says by code, in English and Chinese, with `{names}` of the evidence as fields.
    """

    @property
    def name(self) -> str:
        """The name that settings allow."""
        ...

    @property
    def version(self) -> str:
        """Another one for another behaviour: it is part of the policy's digest."""
        ...

    @property
    def title(self) -> TextPair:
        """What people call it."""
        ...

    @property
    def messages(self) -> Mapping[str, TextPair]:
        """What it says, by code."""
        ...

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Look at a decided claim."""
        ...


class RefusedRemarkError(Exception):
    """A plug-in said what it may not say."""


def with_remarks(decision: Decision, facts: Facts, plug_ins: Sequence[PlugIn]) -> Decision:
    """Add what plug-ins say to a decision; each sees the decision of the rules alone."""
    own: list[Finding] = []
    by_line: dict[str, list[Finding]] = {}
    for plug_in in plug_ins:
        for line, finding in _said(plug_in, facts, decision):
            (by_line.setdefault(line, []) if line else own).append(finding)
    if not own and not by_line:
        return decision
    lines = tuple(_line(line, by_line.get(line.line, ())) for line in decision.lines)
    findings = (*decision.findings, *own)
    worst = worst_outcome([outcome_of(findings), *(line.outcome for line in lines)])
    return replace(decision, outcome=worst, findings=findings, lines=lines)


def _line(line: LineDecision, more: Sequence[Finding]) -> LineDecision:
    if not more:
        return line
    findings = tuple(sorted((*line.findings, *more), key=lambda finding: finding.code))
    return replace(line, findings=findings, outcome=outcome_of(findings))


def _said(plug_in: PlugIn, facts: Facts, decision: Decision) -> list[tuple[str, Finding]]:
    try:
        lines = {line.id: line for line in facts.lines}
        remarks = _bounded(plug_in.judge(facts, decision))
        return [(remark.line, _finding(plug_in, remark, lines)) for remark in remarks]
    except Exception as error:  # noqa: BLE001  foreign code may raise anything
        shown = (("error", type(error).__name__),)
        return [("", Finding(plug_in.name, Effect.REVIEW, evidence=shown, failed="plug_in"))]


def _bounded(remarks: Iterable[Remark]) -> list[Remark]:
    taken = list(islice(remarks, REMARKS_MAX + 1))
    if len(taken) > REMARKS_MAX:
        raise RefusedRemarkError(f"more than {REMARKS_MAX} remarks")
    return taken


def _finding(plug_in: PlugIn, remark: Remark, lines: Mapping[str, object]) -> Finding:
    if remark.effect not in MAY:
        raise RefusedRemarkError(f"effect {remark.effect}")
    if remark.code not in plug_in.messages:
        raise RefusedRemarkError(f"code {remark.code}")
    if not all(isinstance(part, str) for pair in remark.evidence for part in pair):
        raise RefusedRemarkError("evidence that is no text")
    if remark.line and remark.line not in lines:
        raise RefusedRemarkError(f"line {remark.line}")
    code = f"{plug_in.name}.{remark.code}"
    reason = getattr(lines.get(remark.line), "justification", "")
    if remark.effect is Effect.JUSTIFY and reason:
        return Finding(code, Effect.NOTE, "", remark.evidence, remark.effect, "justification")
    return Finding(code, remark.effect, evidence=remark.evidence)
