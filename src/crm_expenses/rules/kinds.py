"""The kinds of rule, and what each may say.

`limit`: the allowed amount is at most so much. `allow`: the entitlement is so much, whatever was
spent. `require`: something must hold. `forbid`: something must not hold. `flag`: a person should
look when something holds. `measure`: a figure worth knowing, without effect.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.core.finding import Effect
from crm_expenses.rules.catalogue import RuleScope


class RuleKind(StrEnum):
    """What a rule says."""

    LIMIT = "limit"
    ALLOW = "allow"
    REQUIRE = "require"
    FORBID = "forbid"
    FLAG = "flag"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """What a kind may have: effects, its expression, scopes, a period; and its meaning.

    A kind without effects (`allow`, `measure`) makes no finding, except when it fails.
    """

    effects: tuple[Effect, ...]
    default: Effect
    part: str
    scopes: frozenset[RuleScope]
    has_window: bool
    meaning: tuple[str, str]

    @property
    def allowed_text(self) -> str:
        """The effects as a list that a message shows."""
        return ", ".join(self.effects) or "-"


_LINE_AND_DAY: Final = frozenset({RuleScope.LINE, RuleScope.DAY, RuleScope.PERIOD})
_ALL: Final = frozenset(RuleScope)

KINDS: Final[dict[RuleKind, KindSpec]] = {
    RuleKind.LIMIT: KindSpec(
        (Effect.NOTE, Effect.CAP, Effect.JUSTIFY, Effect.REVIEW, Effect.REJECT),
        Effect.CAP,
        "at_most",
        _LINE_AND_DAY,
        has_window=True,
        meaning=("the allowed amount is at most `at_most`", "允许金额最多为 `at_most`"),
    ),
    RuleKind.ALLOW: KindSpec(
        (),
        Effect.NOTE,
        "gives",
        _LINE_AND_DAY,
        has_window=False,
        meaning=(
            "the entitlement is `gives`, whatever was spent; components add up",
            "应得额为 `gives`，与实际支出无关；各组成部分相加",
        ),
    ),
    RuleKind.REQUIRE: KindSpec(
        (Effect.NOTE, Effect.JUSTIFY, Effect.REVIEW, Effect.REJECT),
        Effect.REVIEW,
        "that",
        _ALL,
        has_window=False,
        meaning=("`that` must hold", "`that` 必须成立"),
    ),
    RuleKind.FORBID: KindSpec(
        (Effect.NOTE, Effect.JUSTIFY, Effect.REVIEW, Effect.REJECT),
        Effect.REJECT,
        "that",
        _ALL,
        has_window=False,
        meaning=("`that` must not hold", "`that` 不得成立"),
    ),
    RuleKind.FLAG: KindSpec(
        (Effect.NOTE, Effect.REVIEW),
        Effect.REVIEW,
        "that",
        _ALL,
        has_window=False,
        meaning=("a person should look when `that` holds", "`that` 成立时应由人查看"),
    ),
    RuleKind.MEASURE: KindSpec(
        (),
        Effect.NOTE,
        "gives",
        _ALL,
        has_window=True,
        meaning=(
            "`gives` is a figure worth knowing; it never changes the outcome",
            "`gives` 是值得了解的数字，绝不影响结论",
        ),
    ),
}
PARTS: Final = ("at_most", "gives", "that")
"""The expressions of which each kind has one."""
