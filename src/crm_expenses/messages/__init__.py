"""Every text that a person reads, in English and Chinese, as Python tables.

One table a subject, each entry `code: (English, 中文)`. Fields are written `{name}` and are
filled in by plain replacement: no attribute, index or format can be reached from a text, so a
text that comes from a policy file is safe to fill.
"""

import re
from functools import cache
from importlib import import_module
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
TABLES = (
    "problems",
    "policy",
    "records",
    "claims",
    "findings",
    "words",
    "command",
    "start",
    "demo",
    "report",
    "backtest",
    "backtest_problems",
    "prose",
    "explain",
    "handbook",
    "cases",
    "transport",
    "adapters",
    "engines",
    "bulk",
    "store",
    "gone",
    "budgets",
    "budgetwork",
    "sqltext",
    "approvals",
    "approval_problems",
    "approve",
    "notices",
    "ownclaims",
    "ownclaim_problems",
    "edits",
    "editwork",
    "audit",
    "audit_problems",
    "manners_problems",
    "health",
    "running",
    "running_problems",
    "vouchers",
    "voucher_problems",
    "links",
    "link_problems",
    "crmsetup",
    "rest_problems",
    "rest_tools",
    "rest_tool_problems",
    "zoho_problems",
    "zoho",
)

_FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_NAMED = re.compile(r"\{(word|move|side):([a-z_]+)\}")


@cache
def table() -> dict[str, tuple[str, str]]:
    """Give all texts in one table; a code that stands in two subjects is a fault of ours."""
    merged: dict[str, tuple[str, str]] = {}
    for subject in TABLES:
        entries: dict[str, tuple[str, str]] = import_module(f"{__name__}.{subject}").TEXTS
        twice = merged.keys() & entries.keys()
        if twice:
            raise AssertionError(f"texts defined twice: {sorted(twice)}")
        merged.update(entries)
    return merged


def text(code: str, language: Language = "en", /, **values: str) -> str:
    """Give the text of `code` with its fields filled in.

    A field `{move:name}` is filled with what its value, or each of several with commas between, is
    called in that language.

    >>> text("word.pass", "zh")
    '通过'
    >>> text("lifecycle.move", "zh", state="draft", move="pay", allowed="submit, withdraw")
    '报销单的状态为“草稿”，不能支付；此时允许：提交、撤回'
    """
    template = table()[code][LANGUAGES.index(language)]
    return fill(
        _NAMED.sub(lambda m: _called(m[1], values.get(m[2], ""), language), template), values
    )


def _called(kind: str, value: str, language: Language) -> str:
    """Give what states, moves or sides are called; what has no name stays as it is."""
    side = LANGUAGES.index(language)
    names = []
    for one in value.split(", "):
        match kind:
            case "move":
                code = f"move.{one}"
            case "side":
                code = f"side.{one}"
            case _:
                code = f"word.{one}"
        names.append(table().get(code, (one, one))[side])
    return ("、" if side else ", ").join(names)


def fill(template: str, values: dict[str, str]) -> str:
    """Replace each `{name}` by its value; a name without a value stays as written.

    >>> fill("over {limit}, {x.__class__}", {"limit": "5.00"})
    'over 5.00, {x.__class__}'
    """
    return _FIELD.sub(lambda m: values.get(m[1], m[0]), template)


def fields(template: str) -> frozenset[str]:
    """Give the names of the fields of a text.

    >>> sorted(fields("{claimed} is over {limit}"))
    ['claimed', 'limit']
    """
    return frozenset((*_FIELD.findall(template), *(name for _, name in _NAMED.findall(template))))
