"""Policies of as many rules as one asks for, over the facts of the workload.

Every tenth rule is a limit over a window; the others are limits by a table of caps, prohibitions
and flags, with thresholds that differ, so that no two rules are the same.
"""

from typing import Final

import workload

_CAPPED: Final = ("meal", "taxi", "gift", "communication", "office", "parking")
_NAMES: Final = tuple(workload.CATEGORIES)
_PERIODS: Final = ("day", "week", "month", "quarter")


def policy_text(count: int) -> str:
    """Write a policy of so many rules."""
    rules = [_rule(number) for number in range(count)]
    return "\n".join([workload.head_text(), *rules])


def _rule(number: int) -> str:
    turn, step = number % 10, number // 10
    category = _NAMES[number % len(_NAMES)]
    amount = f"{120 + 35 * number}.50"
    match turn:
        case 0:
            capped = _CAPPED[step % len(_CAPPED)]
            return _limit(number, f"cap['{capped}', grade, tier_of[city]] * {step + 1}", capped)
        case 1:
            says = f"amount > {amount} and voucher_kind == 'none'"
            return _that(number, "forbid", says, category)
        case 2:
            says = f"is_weekend(date) and not pre_approved and amount > {amount}"
            return _that(number, "flag", says, category)
        case 3:
            says = f"age_days > {10 + step} and amount > {amount}"
            return _that(number, "flag", says, category)
        case 4:
            says = f"grade in ('1', '2') and amount > {amount}"
            return _that(number, "flag", says, category)
        case 5:
            says = f"not present(account) and amount > {amount}"
            return _that(number, "flag", says, category)
        case 6:
            return _limit(number, f"{2_000 + 40 * number}", category)
        case 7:
            says = f"team in ('support', 'ops') and amount > {amount}"
            return _that(number, "flag", says, category)
        case 8:
            says = f"tier_of[city] == 'T3' and amount > {amount}"
            return _that(number, "flag", says, category, 'when = "present(city)"\n')
        case _:
            more = f'per = ["person"]\nperiod = "{_PERIODS[step % len(_PERIODS)]}"\n'
            return _limit(number, f"{5_000 + 90 * number}", category, more)


def _that(number: int, kind: str, says: str, category: str, more: str = "") -> str:
    return _written(number, kind, category, f'that = "{says}"\n{more}')


def _limit(number: int, most: str, category: str, more: str = "") -> str:
    when = 'when = "present(city)"\n' if "[city]" in most else ""
    return _written(number, "limit", category, f'at_most = "{most}"\n{when}{more}')


def _written(number: int, kind: str, category: str, rest: str) -> str:
    title = f"Rule {number}"
    return (
        f'[[rule]]\ncode = "g{number:03}"\nkind = "{kind}"\non = ["{category}"]\n'
        f'title = {{ en = "{title}", zh = "{title}" }}\n{rest}'
    )
