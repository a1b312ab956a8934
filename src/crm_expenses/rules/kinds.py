"""The kinds of rule of language version 1, and what each may say.

`limit`: the allowed amount is at most so much. `require`: something must hold. `forbid`: something
must not hold. `flag`: a person should look when something holds.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.core.finding import Effect


class RuleKind(StrEnum):
    """What a rule says."""

    LIMIT = "limit"
    REQUIRE = "require"
    FORBID = "forbid"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """The effects that a kind may have, the one it has by default, and its meaning."""

    effects: tuple[Effect, ...]
    default: Effect
    meaning: tuple[str, str]

    @property
    def allowed_text(self) -> str:
        """The effects as a list that a message shows."""
        return ", ".join(self.effects)


KINDS: Final[dict[RuleKind, KindSpec]] = {
    RuleKind.LIMIT: KindSpec(
        (Effect.NOTE, Effect.CAP, Effect.JUSTIFY, Effect.REVIEW, Effect.REJECT),
        Effect.CAP,
        ("the allowed amount is at most `at_most`", "允许金额最多为 `at_most`"),
    ),
    RuleKind.REQUIRE: KindSpec(
        (Effect.NOTE, Effect.JUSTIFY, Effect.REVIEW, Effect.REJECT),
        Effect.REVIEW,
        ("`that` must hold", "`that` 必须成立"),
    ),
    RuleKind.FORBID: KindSpec(
        (Effect.NOTE, Effect.JUSTIFY, Effect.REVIEW, Effect.REJECT),
        Effect.REJECT,
        ("`that` must not hold", "`that` 不得成立"),
    ),
    RuleKind.FLAG: KindSpec(
        (Effect.NOTE, Effect.REVIEW),
        Effect.REVIEW,
        ("a person should look when `that` holds", "`that` 成立时应由人查看"),
    ),
}
