"""From approvals as written to steps, limits of authority, terms and the cycle of payments."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.approval import (
    MANAGER,
    PERSON,
    ROLE,
    ApprovalTerms,
    Authority,
    AuthorityLimit,
    Automatic,
    Deadline,
)
from crm_expenses.core.approval.authority import EVERYONE, GRADE
from crm_expenses.core.money import Money, read_number
from crm_expenses.core.payment import PaymentTerms
from crm_expenses.errors import MappingError, Problem
from crm_expenses.messages.findings import TEXTS
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.expression import BrokenParameterError, ExpressionError, Scope, parse
from crm_expenses.rules.tree import YES_NO, Node
from crm_expenses.rules.written import (
    AuthorityText,
    Locate,
    Path,
    PaymentText,
    PolicyText,
    TermsText,
    Written,
    as_text,
    placed,
)

OWN_FINDINGS: Final = frozenset(
    name.removeprefix("title.") for name in TEXTS if name.startswith("title.")
)
"""The codes of the findings that no rule of a policy makes."""

DAYS_MAX: Final = 366
"""Longest time limit, and longest wait for a payment, in days."""

_TRIGGERS: Final = ("above", "outcome", "when", "on", "teams", "findings", "budget")
_TAKES: Final = (ROLE, PERSON)
_LIMITED: Final = (ROLE, PERSON, GRADE)


@dataclass(frozen=True, slots=True)
class ApprovalBuilder:
    """Makes the approvals of one policy; `problems` grows, everything else is given."""

    text: PolicyText
    scope: Scope
    locate: Locate
    problems: list[Problem]

    def authorities(self) -> tuple[tuple[Authority, ...], dict[str, Node]]:
        """Make the steps, and the conditions of those that have one."""
        made = []
        asked: dict[str, Node] = {}
        codes: set[str] = set()
        for written in self.text.authorities:
            if written.code in codes:
                self._problem("policy.step_twice", (*written.path, "code"), code=written.code)
            codes.add(written.code)
            node = self._condition(written) if written.when else None
            if node is not None:
                asked[written.code] = node
            made.append(self._authority(written))
        return tuple(made), asked

    def terms(self) -> ApprovalTerms:
        """Make what holds for all steps."""
        written: TermsText = self.text.terms
        automatic = None
        if written.automatic_up_to is not None:
            self._categories(("automatic", "on"), written.automatic_on or ())
            automatic = Automatic(
                self._amount(("automatic", "up_to"), written.automatic_up_to) or 0,
                written.automatic_outcome,
                None if written.automatic_on is None else frozenset(written.automatic_on),
            )
        named: set[str] = set()
        limits = []
        for one in self.text.limits:
            if one.who != EVERYONE and not _names(one.who, _LIMITED):
                self._problem("policy.authority_who", (*one.path, "who"), value=one.who)
            if one.who in named:
                self._problem("policy.authority_twice", (*one.path, "who"), value=one.who)
            named.add(one.who)
            limits.append(AuthorityLimit(one.who, self._amount((*one.path, "up_to"), one.up_to)))
        return ApprovalTerms(written.accepts, tuple(limits), automatic)

    def payment(self) -> PaymentTerms:
        """Make the cycle of payments."""
        written: PaymentText = self.text.payment
        for index, day in enumerate(written.monthly_on):
            if not 1 <= day <= 31:
                self._problem("policy.day_of_month", ("payment", "monthly_on", index), value=day)
        self._days(("payment", "days_after"), written.days_after, least=0)
        return PaymentTerms(written.days_after, written.monthly_on, written.is_working)

    # Parts of a step

    def _authority(self, written: AuthorityText) -> Authority:
        self._who(written)
        above = self._amount((*written.path, "above"), written.above)
        is_never = all(
            getattr(written, name) in (None, "", ()) and name not in written.wrong
            for name in _TRIGGERS
        )
        if is_never:
            self._problem("policy.step_never", written.path, code=written.code)
        for name, held in (("on", written.on), ("teams", written.teams)):
            if held is not None and not held:
                self._problem("policy.step_of_nothing", (*written.path, name), name=name)
        self._categories((*written.path, "on"), written.on or ())
        self._findings(written)
        return Authority(
            written.code,
            written.who,
            above,
            written.outcome,
            is_asked=bool(written.when),
            group=written.group,
            on=None if written.on is None else frozenset(written.on),
            teams=None if written.teams is None else frozenset(written.teams),
            findings=frozenset(written.findings),
            budget=written.budget,
            deadline=self._deadline(written),
            accepts=written.accepts,
            title=written.title or ("", ""),
        )

    def _who(self, written: AuthorityText) -> None:
        for index, who in enumerate(written.who):
            path = (*written.path, "who", index) if written.is_list else (*written.path, "who")
            if who != MANAGER and not _names(who, _TAKES):
                self._problem("policy.who", path, value=who)
            elif who in written.who[:index]:
                self._problem("policy.who_twice", path, value=who)

    def _findings(self, written: AuthorityText) -> None:
        known = {rule.code for rule in self.text.rules} | OWN_FINDINGS
        for index, code in enumerate(written.findings):
            if code not in known:
                shown = ", ".join(sorted(known))
                path = (*written.path, "findings", index)
                self._problem("policy.finding", path, value=code, options=shown)

    def _deadline(self, written: AuthorityText) -> Deadline:
        remind, escalate = written.remind_after, written.escalate_after
        for name, days in (("remind_after", remind), ("escalate_after", escalate)):
            self._days((*written.path, name), days)
        if remind is not None and escalate is not None and escalate <= remind:
            path = (*written.path, "escalate_after")
            self._problem("policy.deadline_order", path, remind=remind, escalate=escalate)
        to = written.escalate_to
        if to and escalate is None and "escalate_after" not in written.wrong:
            self._problem("policy.escalate_alone", (*written.path, "escalate_to"), value=to)
        if to and to != MANAGER and not _names(to, _TAKES):
            self._problem("policy.who", (*written.path, "escalate_to"), value=to)
        return Deadline(remind, escalate, to or MANAGER, written.is_working)

    def _condition(self, written: AuthorityText) -> Node | None:
        scope = self.scope.within(RuleScope.CLAIM, {"claim_allowed"})
        try:
            return parse(written.when, scope, wanted=YES_NO)
        except BrokenParameterError:
            return None
        except ExpressionError as error:
            place = self.locate((*written.path, "when"), error.at)
            self.problems.append(Problem(error.code, error.values, place))
            return None

    # Parts of a part

    def _amount(self, path: Path, written: Written | None) -> int | None:
        if written is None:
            return None
        try:
            found = Money.of(read_number(as_text(written)), self.text.currency).minor
        except MappingError as error:
            self.problems.extend(placed(error, self.locate(path, None)))
            return None
        if found < 0 and path[-1] == "up_to":
            self._problem("policy.below_zero", path, value=as_text(written))
        return found

    def _days(self, path: Path, days: int | None, *, least: int = 1) -> None:
        if days is not None and not least <= days <= DAYS_MAX:
            self._problem("policy.time_limit", path, value=days, least=least, most=DAYS_MAX)

    def _categories(self, path: Path, codes: Iterable[str]) -> None:
        known: Collection[str] = self.text.categories
        options = ", ".join(known) or "-"
        for index, code in enumerate(codes):
            if code not in known:
                self._problem("policy.category", (*path, index), value=code, options=options)

    def _problem(self, of: str, path: Path, **values: object) -> None:
        shown = {name: str(value) for name, value in values.items()}
        self.problems.append(Problem(of, shown, self.locate(path, None)))


def _names(who: str, leads: Sequence[str]) -> bool:
    return any(who.startswith(lead) and who != lead for lead in leads)
