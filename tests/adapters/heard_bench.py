"""A bench whose adapters reach their CRM by a way on which every call is heard."""

from forwarding import Forwarding

from crm_expenses.testing.bench import Bench


class HeardBench(Bench):
    """Counts what had an effect, and loses replies."""

    way: Forwarding

    def lose_reply(self, *, effect: bool) -> bool:
        """Lose the reply to the next write."""
        self.way.lose_reply(effect=effect)
        return True

    def effects(self) -> int:
        """Count the writes that the CRM has taken."""
        return len(self.way.effects)

    def changes(self) -> int:
        """Count the same: no test writes both results and changes."""
        return len(self.way.effects)
