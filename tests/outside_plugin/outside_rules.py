"""Rules in a package of its own, as somebody outside would write them; some are bad on purpose."""

import time
from collections.abc import Iterable
from typing import ClassVar

from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect
from crm_expenses.rules.plug_in import Remark


class LateHours:
    """Asks for a reason where one person's claim has many lines of one merchant."""

    name = "late_hours"
    version = "1"
    title = ("Many of one merchant", "同一商户多笔")
    messages: ClassVar = {
        "many": ("{merchants} lines of one merchant", "同一商户 {merchants} 笔"),
        "seen": ("looked at", "已查看"),
    }

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Look at the merchants."""
        names = [line.merchant for line in facts.lines if line.merchant]
        for line in facts.lines:
            times = names.count(line.merchant)
            if times > 1:
                yield Remark("many", Effect.JUSTIFY, line.id, (("merchants", str(times)),))
        if decision.outcome.rank == 0:
            yield Remark("seen", Effect.NOTE)


class _Bad:
    version = "1"
    title = ("Bad", "坏")
    messages: ClassVar = {"x": ("x", "x")}


class Stuck(_Bad):
    """Takes too long."""

    name = "stuck"

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Wait."""
        time.sleep(60)
        return ()


class Shouts(_Bad):
    """Wants to reject, which a plug-in may not."""

    name = "shouts"

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Reject."""
        return [Remark("x", Effect.REJECT)]


class Counts(_Bad):
    """Gives evidence that is no text."""

    name = "counts"

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Give a number."""
        return [Remark("x", Effect.NOTE, evidence=(("n", 5),))]  # type: ignore[arg-type]


class Floods(_Bad):
    """Never stops talking."""

    name = "floods"

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Talk."""
        while True:
            yield Remark("x", Effect.NOTE)


class Raises(_Bad):
    """Fails in the middle."""

    name = "raises"

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Say something, then fail: nothing of it may stay."""
        yield Remark("x", Effect.NOTE)
        raise KeyError("secret detail")


class Bare:
    """Is no plug-in."""

    name = "bare"
