"""A policy text with a caret where its mistake stands, and the facts of one line to judge."""

from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.errors import PolicyError, Problem
from crm_expenses.policyfile import parse_policy

SHANGHAI: Final = timezone(timedelta(hours=8))

HEAD: Final = """
[policy]
id = "t"
version = "1"
language = 1
currency = "CNY"
title = { en = "T", zh = "测" }

[choices]
grade = ["junior", "senior"]
tier = ["1", "2"]

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
lodging = { name = { en = "Lodging", zh = "住宿" } }

[parameter.nightly]
type = "money"
unit = "CNY/night"
keys = ["grade", "tier"]
values = [{ from = 2026-01-01, table = [
  ["junior", "1", 400], ["junior", "2", 300], ["senior", "1", 600], ["senior", "2", 500],
] }]

[parameter.tier_of]
type = "tier"
keys = ["city"]
values = [{ from = 2026-01-01, table = [["北京", "1"]], else = "2" }]

[parameter.plain]
type = "money"
values = [{ from = 2026-01-01, is = "150.50" }, { from = 2026-07-01, is = 180 }]

[parameter.km]
type = "money"
unit = "CNY/km"
values = [{ from = 2026-01-01, is = 1.255 }]

[parameter.share]
type = "number"
values = [{ from = 2026-01-01, is = 0.125 }]

[parameter.days]
type = "count"
unit = "day"
values = [{ from = 2026-01-01, is = 60 }]

[parameter.steps]
type = "money"
band = "km"
band_places = 0
values = [{ from = 2026-01-01, table = [[0, 5], [100, 8]] }]

[value.doubled]
name = { en = "twice the amount", zh = "两倍金额" }
gives = "amount * 2"

[value.is_late_day]
name = { en = "a late day", zh = "靠后的一天" }
scope = "day"
gives = "day_number > 2"

[value.is_again]
name = { en = "voucher used again", zh = "凭证重复使用" }
gives = "voucher_uses_before > 0"

[value.kept]
name = { en = "what was kept", zh = "保留部分" }
gives = "amount - allowed"
"""


def split(marked: str) -> tuple[str, int, int]:
    """Give a text without its caret, and the line and column where the caret stood."""
    assert marked.count("^") == 1, "exactly one caret says where the mistake stands"
    before = marked.partition("^")[0]
    return marked.replace("^", ""), before.count("\n") + 1, len(before) - before.rfind("\n")


def problems_of(text: str) -> tuple[Problem, ...]:
    """Give every problem of a policy text; none for a policy that loads."""
    try:
        parse_policy(text, "p.toml")
    except PolicyError as error:
        return error.problems
    return ()


def told(text: str) -> list[tuple[str, int, int]]:
    """Give code, line and column of every problem."""
    return [(p.code, p.place.line, p.place.column) for p in problems_of(text)]


def rule(
    that: str = "", *, at_most: str = "", when: str = "", code: str = "r", rest: str = ""
) -> str:
    """Write a rule: a requirement, or a limit where `at_most` is given."""
    kind = "limit" if at_most else "require"
    parts = {"when": when, "that": that, "at_most": at_most}
    written = "\n".join(f"{name} = '''{text}'''" for name, text in parts.items() if text)
    return f"""
[[rule]]
code = "{code}"
kind = "{kind}"
title = {{ en = "R", zh = "规" }}
{written}
{rest}
"""


def facts(*lines: dict[str, Any], person: AccountManager | None = None, **more: Any) -> Facts:  # noqa: ANN401
    """Give the facts of a claim; each line is said by what differs from a plain meal."""
    made = []
    for index, given in enumerate(lines or ({},)):
        amount = given.pop("amount", "100")
        money = amount if isinstance(amount, Money) else Money.of(amount, "CNY")
        plain = {"id": str(index + 1), "date": date(2026, 3, 4), "category": "meal"}
        made.append(ExpenseLine(claim="C", amount=money, **{**plain, **given}))
    claim = Claim("C", "P", datetime(2026, 3, 10, 9, tzinfo=SHANGHAI))
    known = person or AccountManager("P", "王芳", grade="senior", team="East", city="上海")
    return Facts(claim, tuple(made), known, **more)
