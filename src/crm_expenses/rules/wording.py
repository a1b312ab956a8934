"""From codes and values to sentences: what a finding says, in English or Chinese.

A decision holds no prose. It is rendered here when someone looks, so that an improved translation
changes no digest.
"""

from crm_expenses.core.finding import Finding
from crm_expenses.messages import LANGUAGES, Language, fill, text
from crm_expenses.rules.policy import Policy


def finding_text(policy: Policy, finding: Finding, language: Language) -> str:
    """Give the sentence of one finding."""
    values = dict(finding.evidence)
    rule = policy.rule(finding.code)
    side = LANGUAGES.index(language)
    if finding.failed:
        body = text("rule.failed", language, failed=finding.failed)
    elif rule is not None:
        body = fill(rule.message[side], values)
    else:
        body = text(finding.code, language, **values)
    if rule is not None:
        colon = ": " if language == "en" else "："
        body = f"{rule.title[side]}{colon}{body}"
    if finding.resolved_by:
        body = text("rule.resolved", language, text=body, by=finding.resolved_by)
    return body


def finding_title(policy: Policy, code: str, language: Language) -> str:
    """Give the short name of a rule, or of a finding that no rule made."""
    rule = policy.rule(code)
    if rule is not None:
        return rule.title[LANGUAGES.index(language)]
    return text(f"title.{code}", language)
