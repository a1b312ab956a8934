"""From codes and values to sentences: what a finding says, in English or Chinese.

A decision holds no prose. It is rendered here when someone looks, so that an improved translation
changes no digest.
"""

from typing import Final

from crm_expenses.core.finding import Finding
from crm_expenses.messages import LANGUAGES, Language, fields, fill, table, text
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.plug_in import PlugIn
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.tree import Sort, Type

ABSENT: Final = "—"
"""Stands in a message for a fact that is missing."""


def finding_text(policy: Policy, finding: Finding, language: Language) -> str:
    """Give the sentence of one finding."""
    rule = policy.rule(finding.code)
    plug_in = _plug_in(policy, finding.code)
    side = LANGUAGES.index(language)
    values = {name: _word(policy, name, value, side) for name, value in finding.evidence}
    if finding.failed:
        for key in ("missing", "fact"):
            values[key] = _meanings(policy, values.get(key, ""), side)
        body = text(f"rule.failed.{finding.failed}", language, **values)
    elif plug_in is not None:
        said = plug_in.messages.get(finding.code.partition(".")[2], (finding.code,) * 2)
        body = fill(said[side], values)
    elif rule is not None:
        absent = dict.fromkeys(fields(rule.message[side]), ABSENT)
        body = fill(rule.message[side], absent | values)
    elif finding.code in table():
        body = text(finding.code, language, **values)
    else:
        body = text("rule.gone", language, code=finding.code)
    title = _own_title(policy, finding.code, side)
    if title:
        colon = ": " if language == "en" else "："
        body = f"{title}{colon}{body}"
    if finding.resolved_by:
        by = text(f"word.{finding.resolved_by}", language)
        body = text("rule.resolved", language, text=body, by=by)
    return body


def _word(policy: Policy, name: str, value: str, side: int) -> str:
    """Give a value of evidence as people know it: a word of a list by its name, yes and no."""
    kind = _type_of(policy, name)
    if kind is None:
        return value
    language = LANGUAGES[side]
    if kind.sort is Sort.YES_NO and value in ("yes", "no"):
        return text(f"explain.{value}", language)
    if kind.sort is not Sort.CHOICE:
        return value
    if kind.choice == "category":
        return policy.title_of(value)[side]
    own = policy.words.get((kind.choice, value))
    if own is not None:
        return own[side]
    code = f"choice.{kind.choice}.{value}"
    return text(code, language) if kind.choice in OWN_CHOICES and code in table() else value


def _type_of(policy: Policy, name: str) -> Type | None:
    """Give the type of a fact, a figure or a named expression; None for anything else."""
    if name in policy.catalogue.names:
        return policy.catalogue.names[name].type
    if name in policy.parameters:
        return policy.parameters[name].type
    return policy.values[name].node.type if name in policy.values else None


def finding_title(policy: Policy, code: str, language: Language) -> str:
    """Give the short name of a rule, or of a finding that no rule made."""
    title = _own_title(policy, code, LANGUAGES.index(language))
    if title or f"title.{code}" not in table():
        return title or code  # a stored decision may name a rule that the policy has no more
    return text(f"title.{code}", language)


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
    """Say what facts are, given by their names in the language, or by a text of their own."""
    known, own = policy.catalogue.names, table()
    found = []
    for name in names.split(", "):
        if name in known:
            found.append(known[name].meaning[side])
        elif f"missing.{name}" in own:
            found.append(text(f"missing.{name}", LANGUAGES[side]))
    return (", ", "、")[side].join(found)
