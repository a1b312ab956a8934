"""What a change of the organisation moves, and what it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from small_firm import AT, DAY, cny, decided, line, organisation, routed

from crm_expenses.core.approval import (
    ApprovalTerms,
    Authority,
    AuthorityLimit,
    Substitute,
    Word,
    admit,
    reroute,
)
from crm_expenses.core.approval.content import LineContent, content
from crm_expenses.core.approval.reroute import Firm

LINE = Authority("line", ("manager",), above=0)
MONEY = Authority("money", ("role:finance",), above=0)
CLAIM = content("C", "ann", [LineContent("L", "meal", cny(500), cny(500))])


@dataclass(frozen=True)
class Now:
    """What is otherwise than at first: bob and then finance are asked, cy is above bob."""

    managers: Mapping[str, str] = field(
        default_factory=lambda: {"ann": "bob", "bob": "cy", "cy": "", "f": ""}
    )
    finance: tuple[str, ...] = ("f", "g")
    substitutes: tuple[Substitute, ...] = ()
    gone: tuple[str, ...] = ()
    limits: tuple[AuthorityLimit, ...] = ()
    escalated: tuple[str, ...] = ()

    def route(self, *steps: Authority) -> tuple:  # type: ignore[type-arg]
        """Give the route and what it was computed from."""
        firm = organisation(
            self.managers, {"finance": self.finance}, self.substitutes, gone=self.gone
        )
        terms = ApprovalTerms(limits=self.limits)
        made = routed(
            decided(line("L", 500)),
            steps or (LINE, MONEY),
            firm,
            terms=terms,
            escalated=self.escalated,
        )
        return made, Firm(firm, DAY, self.limits)


@pytest.mark.parametrize(
    ("now", "moves"),
    [
        (Now(), {}),
        (Now(finance=("g", "f")), {}),
        (Now(gone=("bob",)), {"line": "-bob left +cy above"}),
        (Now({"ann": "eve", "bob": "cy"}), {"line": "-bob manager +eve manager"}),
        (Now({"ann": ""}), {"line": "-bob manager stuck"}),
        (Now(finance=("g", "h")), {"money": "-f role +h role"}),
        (Now(finance=()), {"money": "-f role -g role stuck"}),
        (Now(gone=("f",)), {"money": "-f left"}),
        (Now(substitutes=(Substitute("eve", "bob"),)), {"line": "+eve substitute"}),
        (Now(escalated=("line",)), {"line": "+cy escalation"}),
        (
            Now(limits=(AuthorityLimit("person:cy"), AuthorityLimit("role:finance"))),
            {"line": "-bob authority +cy above"},
        ),
    ],
)
def test_open_steps_move(now: Now, moves: dict[str, str]) -> None:
    """Each open seat whose people differ moves; it says who is asked no longer, who is, and why."""
    before, _ = Now().route()
    after, firm = now.route()
    assert told(reroute(before, after, [], firm)) == moves


def told(found: object) -> dict[str, str]:
    """Write moves in short."""
    return {
        move.step: " ".join(
            [
                *(f"-{who} {why.value}" for who, why in move.gone),
                *(f"+{who} {why.value}" for who, why in move.new),
                *(["stuck"] if move.is_stuck else []),
            ]
        )
        for move in found.moves  # type: ignore[attr-defined]
    }


def test_back_again() -> None:
    """When a substitute, an escalation or a step up ends, that is the reason."""
    for now, expected in (
        (Now(substitutes=(Substitute("eve", "bob"),)), "-eve substitute"),
        (Now(escalated=("line",)), "-cy escalation"),
        (Now(gone=("bob",)), "-cy above +bob manager"),
    ):
        before, _ = now.route()
        after, firm = Now().route()
        assert told(reroute(before, after, [], firm)) == {"line": expected}


def test_what_was_given_stays() -> None:
    """Who said yes and left later has said yes: the seat is filled, only the open step moves."""
    before, _ = Now().route()
    yes = admit(Word("bob", AT), before, CLAIM, [])
    after, firm = Now({"ann": "eve"}, finance=("h",), gone=("bob",)).route()
    found = reroute(before, after, [yes], firm)
    assert told(found) == {"money": "-f role -g role +h role"}
    assert (found.stays, found.unneeded) == ((yes,), ())


def test_a_step_that_is_not_due_any_more() -> None:
    """A yes for a step that the policy asks for no longer is kept, and needed no longer."""
    before, _ = Now().route()
    yes = admit(Word("bob", AT), before, CLAIM, [])
    after, firm = Now().route(MONEY)
    found = reroute(before, after, [yes], firm)
    assert (found.moves, found.stays, found.unneeded) == ((), (), (yes,))
    back = reroute(after, before, [], firm)
    assert told(back) == {"line": "+bob policy"}
