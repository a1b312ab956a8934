"""A claim, its route and its approvals through random lives, against a model of plain sets."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from small_firm import AT, cny, decided, line, organisation, routed

from crm_expenses.core.approval import (
    Approval,
    ApprovalTerms,
    Authority,
    AuthorityLimit,
    Content,
    Group,
    LineContent,
    Provenance,
    Route,
    Substitute,
    Verdict,
    Word,
    admit,
    content_code,
    progress,
    signature,
    voided,
)
from crm_expenses.core.approval.content import content
from crm_expenses.core.approval.due import restricted_due
from crm_expenses.core.decision import Decision
from crm_expenses.core.lifecycle import Move
from crm_expenses.errors import RefusedError

PEOPLE = ("a", "b", "c", "d", "e")
SOMEBODY = st.sampled_from(PEOPLE)
ROUTE = (
    Authority("line", ("manager",), above=0),
    Authority("gifts", ("role:legal", "person:d"), on=frozenset({"gift"}), group=Group.ALL),
    Authority("money", ("role:finance",), above=10, accepts=Provenance.AUDITED_FIELD),
)
COVERS = {"line": None, "gifts": frozenset({"gift"}), "money": None}
LIMITS = (
    AuthorityLimit("everyone", 12),
    AuthorityLimit("role:finance"),
    AuthorityLimit("person:a"),
)


class Life(RuleBasedStateMachine):
    """People speak, lines change, the organisation changes; what counts is followed by hand.

    The model knows nothing of digests: it keeps what each person saw as plain values, and throws a
    yes away when one of the lines that its steps cover differs from that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines = {"1": ("meal", 5), "2": ("gift", 4)}
        self.managers = {"a": "b", "b": "c", "c": "", "d": "c", "e": "a"}
        self.roles = {"finance": ["e"], "legal": ["c", "e"]}
        self.substitutes: list[Substitute] = []
        self.claimant = "a"
        self.version = 1
        self.given: list[Approval] = []
        # by the approval: the seats' steps, and the lines as they were seen
        self.model: list[tuple[str, tuple[str, ...], frozenset[tuple[str, str, int]]]] = []

    @initialize(claimant=SOMEBODY)
    def begin(self, claimant: str) -> None:
        """Somebody claims."""
        self.claimant = claimant

    # What is computed

    def content(self) -> Content:
        """Give the content now."""
        return content(
            "C",
            self.claimant,
            [LineContent(n, of, cny(m), cny(m)) for n, (of, m) in self.lines.items()],
        )

    def decision(self) -> Decision:
        """Give the decision now, with the restricted steps that are due."""
        made = decided(*(line(name, minor) for name, (_, minor) in self.lines.items()))
        categories = {name: of for name, (of, _) in self.lines.items()}
        due = restricted_due(ROUTE, made, categories=categories, team="", asked=())
        return replace(made, approvals=due)

    def route(self) -> Route:
        """Give the route now."""
        firm = organisation(self.managers, self.roles, self.substitutes)
        categories = {name: of for name, (of, _) in self.lines.items()}
        terms = ApprovalTerms(limits=LIMITS)
        return routed(
            self.decision(), ROUTE, firm, self.claimant, terms=terms, categories=categories
        )

    # What happens

    @rule(
        by=SOMEBODY,
        provenance=st.sampled_from(Provenance),
        verdict=st.sampled_from((*(Verdict.APPROVE,) * 3, Verdict.RETURN)),
        sees=st.sampled_from(("now", "now", "nothing", "earlier")),
    )
    def speak(self, by: str, provenance: Provenance, verdict: Verdict, sees: str) -> None:
        """Anybody says yes or sends back: it counts exactly when it is their turn and trusted."""
        route, of = self.route(), self.content()
        here = progress(route, self.given, of, version=self.version)
        expected = here.open is not None and by in here.acts_next and by != self.claimant
        if here.open is not None:
            together = route.together(here.open.code)
            expected = expected and all(provenance.rank >= one.accepts.rank for one in together)
        seen = {"now": content_code(of), "nothing": "", "earlier": "0" * 16}[sees]
        is_ours = provenance is Provenance.ASSERTED
        expected = expected and (sees == "now" or (sees == "nothing" and is_ours))
        word = Word(
            by, AT, verdict, provenance=provenance, reason="r", seen=seen, version=self.version
        )
        try:
            approval = admit(word, route, of, self.given)
        except RefusedError:
            assert not expected
            return
        assert expected
        self.given.append(approval)
        if verdict is Verdict.APPROVE:
            steps = tuple(dict.fromkeys(seat.partition(" ")[0] for seat in approval.seats))
            self.model.append((by, steps, self.seen(steps)))

    def seen(self, steps: tuple[str, ...]) -> frozenset[tuple[str, str, int]]:
        """Give the lines that steps cover, as plain values."""
        return frozenset(
            (name, of, minor)
            for name, (of, minor) in self.lines.items()
            if any(COVERS[one] is None or of in (COVERS[one] or ()) for one in steps)
        )

    @rule(
        name=st.sampled_from(("1", "2", "3")),
        category=st.sampled_from(("meal", "gift", "")),
        minor=st.integers(1, 8),
    )
    def change(self, name: str, category: str, minor: int) -> None:
        """A line comes, goes or changes; exactly the yeses that saw it otherwise are void."""
        old = self.content()
        if category:
            self.lines[name] = (category, minor)
        elif len(self.lines) > 1:
            self.lines.pop(name, None)
        yes = [one for one in self.given if one.verdict is Verdict.APPROVE]
        void = [one.approval for one in voided(yes, old, self.content())]
        self.given = [one for one in self.given if one not in void]
        self.model = [one for one in self.model if self.seen(one[1]) == one[2]]

    @rule(person=SOMEBODY, manager=st.sampled_from((*PEOPLE, "")))
    def reorganise(self, person: str, manager: str) -> None:
        """Somebody has another manager."""
        self.managers[person] = manager

    @rule(role=st.sampled_from(("finance", "legal")), holders=st.lists(SOMEBODY, max_size=2))
    def cast(self, role: str, holders: list[str]) -> None:
        """Others hold a role."""
        self.roles[role] = holders

    @rule(who=SOMEBODY, instead_of=SOMEBODY)
    def delegate(self, who: str, instead_of: str) -> None:
        """Somebody acts for somebody, the newest three times."""
        self.substitutes = [*self.substitutes[-2:], Substitute(who, instead_of)]

    @rule()
    def submit_again(self) -> None:
        """The claim comes again as its next version."""
        self.version += 1

    # What always holds

    @invariant()
    def the_same_words_count(self) -> None:
        """What counts is what the model kept; and each signed what there is now."""
        yes = [one for one in self.given if one.verdict is Verdict.APPROVE]
        assert [one.approver for one in yes] == [by for by, _, _ in self.model]
        assert all(one.signed == signature(self.content(), one.on) for one in yes)
        assert self.claimant not in {one.approver for one in self.given}

    @invariant()
    def it_is_approved_exactly_when_every_seat_is_filled(self) -> None:
        """The outcome follows from the seats that the model has, and from nothing else."""
        route = self.route()
        here = progress(route, self.given, self.content(), version=self.version)
        back = any(
            one.verdict is Verdict.RETURN and one.version == self.version for one in self.given
        )
        filled = {
            seat for one in self.given if one.verdict is Verdict.APPROVE for seat in one.seats
        }
        needed = {seat.id for step in route.steps for seat in step.seats}
        if back:
            assert here.move is Move.RETURN
        else:
            assert (here.move is Move.APPROVE) == (needed <= filled)
        if here.open is not None:
            assert here.waiting
            before = route.steps[: route.steps.index(here.open)]
            assert all(seat.id in filled for step in before for seat in step.seats)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
