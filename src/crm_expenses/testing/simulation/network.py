"""The way between the adapter and the CRM, and all that happens on it.

A request is a name and what it does there; a reply is a status, headers and a text. What is lost,
cut, doubled, late, refused or answered with a page of HTML is drawn from the seed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from crm_expenses.testing.simulation.world import World

Body = Mapping[str, Any]
Effect = Callable[[int], Body]
"""What a request does in the CRM: it is told its number and gives the body of the reply."""

QUICK: Final = timedelta(seconds=1)
TIMEOUT: Final = timedelta(seconds=30)


class Fault(StrEnum):
    """What goes wrong with one request."""

    LOST = "lost before its effect"
    ANSWER_LOST = "its answer is lost"
    LATE = "arrives late"
    CUT = "its answer is cut short"
    DOUBLED = "arrives twice"
    BUSY = "429"
    BROKEN_BEFORE = "500 before its effect"
    BROKEN_AFTER = "500 after its effect"
    LOGGED_OUT = "401"
    HTML = "HTML after its effect"
    ERROR_INSIDE = "200 with an error inside"


class LostError(Exception):
    """No answer came in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Network:
    """The way to one CRM. `calls` counts requests, `troubled` those that met a fault."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls = 0
        self.troubled = 0

    def send(self, name: str, effect: Effect, rate: int) -> Answer:
        """Carry a request there and its answer back; so many per mille meet a fault.

        Raises:
            LostError: there was no answer in time.
        """
        world = self.world
        self.calls += 1
        number = self.calls
        world.sleep(timedelta(seconds=0.1) + world.seconds(QUICK))
        if not world.happens(rate):
            return self._good(effect(number))
        self.troubled += 1
        fault = world.chance.choice(tuple(Fault))
        world.say(f"#{number} {name}: {fault.value}")
        return self._with(fault, number, effect)

    def _with(self, fault: Fault, number: int, effect: Effect) -> Answer:
        match fault:
            case Fault.LOST:
                return self._lost()
            case Fault.ANSWER_LOST:
                effect(number)
                return self._lost()
            case Fault.LATE:
                self._late(number, effect)
                return self._lost()
            case Fault.CUT:
                text = self._good(effect(number)).text
                return Answer(200, text[: self.world.chance.randrange(len(text))])
            case Fault.DOUBLED:
                effect(number)
                return self._good(effect(number))
            case Fault.BUSY:
                seconds = str(self.world.chance.randint(1, 60))
                return Answer(429, "slow down", {"retry-after": seconds})
            case Fault.BROKEN_BEFORE:
                return Answer(500, "")
            case Fault.BROKEN_AFTER:
                effect(number)
                return Answer(500, "<h1>Internal error</h1>")
            case Fault.LOGGED_OUT:
                return Answer(401, "")
            case Fault.HTML:
                effect(number)
                return Answer(200, "<html>Maintenance</html>")
            case Fault.ERROR_INSIDE:
                return Answer(200, json.dumps({"error": "LIMIT_EXCEEDED"}))

    def _late(self, number: int, effect: Effect) -> None:
        """Let a request arrive when its sender has given it up, or just before."""
        after = self.world.seconds(self.world.scenario.late)

        def arrive() -> None:
            self.world.say(f"#{number} arrives only now")
            effect(number)

        self.world.later(after, arrive)

    def _lost(self) -> Answer:
        self.world.sleep(TIMEOUT)
        raise LostError

    def _good(self, body: Body) -> Answer:
        return Answer(
            200, json.dumps(body), {"date": self.world.now.replace(microsecond=0).isoformat()}
        )
