"""From codes and values to sentences: what a finding says, in English or Chinese.

A decision holds no prose. It is rendered here when someone looks, so that an improved translation
changes no digest.
"""

from typing import Final

from crm_expenses.core.finding import Finding
from crm_expenses.messages import LANGUAGES, Language, fields, fill, text
from crm_expenses.rules.policy import Policy

ABSENT: Final = "—"
"""Stands in a message for a fact that is missing."""


def finding_text(policy: Policy, finding: Finding, language: Language) -> str:
    """Give the sentence of one finding."""
    values = dict(finding.evidence)
    rule = policy.rule(finding.code)
    side = LANGUAGES.index(language)
    if finding.failed:
        values["missing"] = _meanings(policy, values.get("missing", ""), side)
        body = text(f"rule.failed.{finding.failed}", language, **values)
    elif rule is not None:
        absent = dict.fromkeys(fields(rule.message[side]), ABSENT)
        body = fill(rule.message[side], absent | values)
    else:
        body = text(finding.code, language, **values)
    if rule is not None:
        colon = ": " if language == "en" else "："
        body = f"{rule.title[side]}{colon}{body}"
    if finding.resolved_by:
        by = text(f"word.{finding.resolved_by}", language)
        body = text("rule.resolved", language, text=body, by=by)
    return body


def finding_title(policy: Policy, code: str, language: Language) -> str:
    """Give the short name of a rule, or of a finding that no rule made."""
    rule = policy.rule(code)
    if rule is not None:
        return rule.title[LANGUAGES.index(language)]
    return text(f"title.{code}", language)


def _meanings(policy: Policy, names: str, side: int) -> str:
    """Say what facts are, given by their names in the language."""
    known = policy.catalogue.names
    return (", ", "、")[side].join(known[n].meaning[side] for n in names.split(", ") if n in known)
