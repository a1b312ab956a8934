"""From codes and values to sentences: what a finding says, in English or Chinese.

A decision holds no prose. It is rendered here when someone looks, so that an improved translation
changes no digest.
"""

from typing import Final

from crm_expenses.core.finding import Finding
from crm_expenses.messages import LANGUAGES, Language, fields, fill, text
from crm_expenses.rules.plug_in import PlugIn
from crm_expenses.rules.policy import Policy

ABSENT: Final = "—"
"""Stands in a message for a fact that is missing."""


def finding_text(policy: Policy, finding: Finding, language: Language) -> str:
    """Give the sentence of one finding."""
    values = dict(finding.evidence)
    rule = policy.rule(finding.code)
    plug_in = _plug_in(policy, finding.code)
    side = LANGUAGES.index(language)
    if finding.failed:
        for key in ("missing", "fact"):
            values[key] = _meanings(policy, values.get(key, ""), side)
        body = text(f"rule.failed.{finding.failed}", language, **values)
    elif plug_in is not None:
        body = fill(plug_in.messages[finding.code.partition(".")[2]][side], values)
    elif rule is not None:
        absent = dict.fromkeys(fields(rule.message[side]), ABSENT)
        body = fill(rule.message[side], absent | values)
    else:
        body = text(finding.code, language, **values)
    title = _own_title(policy, finding.code, side)
    if title:
        colon = ": " if language == "en" else "："
        body = f"{title}{colon}{body}"
    if finding.resolved_by:
        by = text(f"word.{finding.resolved_by}", language)
        body = text("rule.resolved", language, text=body, by=by)
    return body


def finding_title(policy: Policy, code: str, language: Language) -> str:
    """Give the short name of a rule, or of a finding that no rule made."""
    title = _own_title(policy, code, LANGUAGES.index(language))
    return title or text(f"title.{code}", language)


def _own_title(policy: Policy, code: str, side: int) -> str:
    """Give what the policy calls a rule or a named window; empty where it has no such thing."""
    rule = policy.rule(code)
    if rule is not None:
        return rule.title[side]
    plug_in = _plug_in(policy, code)
    if plug_in is not None:
        return plug_in.title[side]
    counter = policy.counters.get(code.removeprefix("@")) if code.startswith("@") else None
    return counter.title[side] if counter is not None else ""


def _plug_in(policy: Policy, code: str) -> PlugIn | None:
    name = code.partition(".")[0]
    return next((one for one in policy.plug_ins if one.name == name), None)


def _meanings(policy: Policy, names: str, side: int) -> str:
    """Say what facts are, given by their names in the language."""
    known = policy.catalogue.names
    return (", ", "、")[side].join(known[n].meaning[side] for n in names.split(", ") if n in known)
