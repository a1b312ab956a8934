"""Named windows, and measures over windows, beside a model that looks back over whole lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from looked_back import (
    HEAD,
    NAMES,
    Counted,
    Summed,
    amount_of,
    histories,
    in_turn,
    ready,
    summed,
    team_of,
)

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.facts import Facts

few = settings(max_examples=100, deadline=None)


@dataclass(frozen=True)
class Named:
    """A named window, what a line adds (one, or of its amount), and whether a rejected one does."""

    sums: Summed
    adds: str
    is_eligible: bool

    def toml(self, name: str) -> str:
        """Write the window, and a measure that shows what stands in it before each line."""
        adds = f'adds = "{self.adds}"' if self.adds else ""
        when = f'when = "{self.sums.when}"' if self.sums.when else ""
        counts = 'counts = "eligible"' if self.is_eligible else ""
        window = f"[window.{name}]\nname = {{ en = '{name}', zh = '{name}' }}\n{when}\n{adds}"
        shown = f'[[rule]]\ncode = "of_{name}"\nkind = "measure"\n{NAMES}\ngives = "{name}"'
        return f"{window}\n{counts}\n{self.sums.text}\n{shown}"


REJECTED: Final = 5_000
"""Above this amount a line is rejected, in minor units."""

REJECTS: Final = f"""
[[rule]]
code = "large"
kind = "forbid"
{NAMES}
that = "amount > {REJECTED // 100}"
"""


def _named(named: list[Named], claims: Sequence[Facts]) -> list[list[dict[str, str]]]:
    """Give for each line what each window has before it; a window that fails has no value."""
    counted: list[list[Counted]] = [[] for _ in named]
    shown = []
    for facts in claims:
        of_claim = []
        for line in facts.lines:
            values = {}
            for number, one in enumerate(named):
                has_team = "team" not in one.sums.per or team_of(facts) != ""
                before = one.sums.before(counted[number], facts, line) if _has(one, line) else 0
                adds = {"": 1, "amount": line.amount.minor, "amount * 2": 2 * line.amount.minor}
                is_known = line.amount.currency == "CNY" or one.adds == ""
                is_live = one.is_eligible or amount_of(line) <= REJECTED
                if has_team and is_known and is_live and one.sums.asks(line):
                    counted[number].append(Counted(facts, line, adds[one.adds]))
                if has_team or not one.sums.covers(line):
                    values[f"w{number}"] = str(before) if one.adds == "" else f"{before / 100:.2f}"
            of_claim.append(values)
        shown.append(of_claim)
        if any(amount_of(line) > REJECTED for line in facts.lines):
            counted = [[one for one in mine if one.facts is not facts] for mine in counted]
    return shown


def _has(named: Named, line: ExpenseLine) -> bool:
    """Say whether a line has what the window is kept per."""
    return ("city" not in named.sums.per or line.city != "") and (
        named.sums.span.period != "trip" or line.trip != ""
    )


NAMED: Final = st.builds(
    Named, summed(), st.sampled_from(("", "amount", "amount * 2")), st.booleans()
)


@few
@given(st.lists(NAMED, min_size=1, max_size=3), histories())
def test_named_windows_are_what_a_plain_walk_gives(named: list[Named], claims: list[Facts]) -> None:
    """What a named window has before a line is what the live lines before it add up to."""
    windows = (one.toml(f"w{number}") for number, one in enumerate(named))
    text = "\n".join([HEAD, *windows, REJECTS])
    claims = [replace(facts, waivers=()) for facts in claims]
    for decision, expected in zip(in_turn(ready(text), claims), _named(named, claims), strict=True):
        for line, values in zip(decision.lines, expected, strict=True):
            shown = {figure.code[3:]: figure.value for figure in line.measures}
            failed = {f.code[3:] for f in line.findings if f.failed and f.code[0] == "o"}
            assert shown == values
            assert failed == {f"w{number}" for number in range(len(named))} - values.keys()


@few
@given(summed(), histories())
def test_a_measure_adds_up(sums: Summed, claims: list[Facts]) -> None:
    """The total of a measure is its value, and those of the lines before in the same window."""
    when = f'when = "{sums.when}"' if sums.when else ""
    rule = f'[[rule]]\ncode = "m"\nkind = "measure"\n{NAMES}\n{when}\n{sums.text}'
    evaluator = ready(f'{HEAD}\n{rule}\ngives = "amount"')
    counted: list[Counted] = []
    for facts, decision in zip(claims, in_turn(evaluator, claims), strict=True):
        for line, decided in zip(facts.lines, decision.lines, strict=True):
            is_asked = sums.asks(line) and line.amount.currency == "CNY"
            if not is_asked or ("team" in sums.per and not team_of(facts)):
                assert decided.measures == (), (
                    "what is not asked, or lacks something, has no figure"
                )
                continue
            total = sums.before(counted, facts, line) + line.amount.minor
            counted.append(Counted(facts, line, line.amount.minor))
            (figure,) = decided.measures
            assert figure.value == f"{line.amount.minor / 100:.2f}"
            assert figure.total == f"{total / 100:.2f}"
