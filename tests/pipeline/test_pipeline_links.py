"""Claims in one CRM, people, customers and revenue in another: links make them one company."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from small_company import AT, POLICY, claim, cny, job_on, line, march

from crm_expenses.adapters.memory import MemoryAdapter
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.facts import Facts
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.period import Period
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.roi import PersonTotals
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.derive import Derived
from crm_expenses.errors import ConfigError
from crm_expenses.pipeline import Job, return_rows, sync
from crm_expenses.pipeline.audit import verify
from crm_expenses.pipeline.figures import people_of
from crm_expenses.pipeline.links import (
    add_link,
    kind_of,
    list_links,
    lost_links,
    make_links,
    match,
    member_of,
    remove_link,
)
from crm_expenses.pipeline.returns import person_totals
from crm_expenses.store import Store
from crm_expenses.store.codec import read_decision
from crm_expenses.store.groups import Member
from crm_expenses.store.sames import Said, link_all

pytestmark = pytest.mark.usefixtures("database")

SAID: Final = Said("P9", AT, "seen in both")
PEOPLE: Final = Kind.ACCOUNT_MANAGER
BOSS: Final = AccountManager("H-2", "Boss", team="East")
TOP: Final = AccountManager("H-3", "Top")
ANN: Final = AccountManager("H-1", "Ann", grade="3", team="East", manager="H-2")
EAST: Final = Budget(
    "B-EAST", BudgetScope.TEAM, date(2026, 1, 1), date(2026, 12, 31), cny("3000"), "East"
)
NEEDS_YES: Final = (
    POLICY
    + """
[[rule]]
code = "gift.asked"
kind = "require"
on = ["gift"]
title = { en = "Asked before", zh = "事先批准" }
that = "pre_approved"
"""
)


@dataclass(frozen=True)
class Two:
    """One company with two CRMs: claims in `main`, people and deals in `hr`."""

    job: Job
    main: MemoryAdapter
    hr: MemoryAdapter

    def sync(self) -> None:
        """Bring both up to date, the one of the people last."""
        for adapter in (self.main, self.hr, self.main):
            sync(replace(self.job, adapter=adapter), AT)

    def link(self, kind: Kind, here: str, there: str) -> bool:
        """Link a record of `main` with one of `hr`."""
        return add_link(self.job.store, kind, Member("main", here), Member("hr", there), SAID)

    def pending(self) -> tuple[str, ...]:
        """Give the claims of `main` that wait for a decision."""
        return self.job.store.pending("main")

    def facts(self, name: str = "C-1") -> Facts:
        """Give what a decision may read now."""
        with self.job.store.looking("main") as work:
            return work.facts(name, "CNY", lambda _: ())


@contextmanager
def two(folder: Path, *records: Record, policy: str = POLICY) -> Iterator[Two]:
    """Give the two CRMs, with a claim of P1 in the one and Ann in the other."""
    main, hr = MemoryAdapter("main"), MemoryAdapter("hr")
    for record in (claim(1, "P1"), line("L-1", "gift", "600", march(2)), EAST):
        main.put(record)
    for record in (ANN, BOSS, *records):
        hr.put(record)
    with job_on(folder, main, policy) as job:
        made = Two(job, main, hr)
        made.sync()
        yield made


def test_a_person_is_read_from_another_crm(tmp_path: Path) -> None:
    """A claim whose person only another CRM holds is decided with that person, once linked."""
    with two(tmp_path) as both:
        both.main.put(line("L-1", "lodging", "800", march(2), nights=2))
        both.sync()
        assert both.facts().person is None
        assert both.facts().budgets == ()
        assert both.pending() == ()
        assert both.link(PEOPLE, "P1", "H-1")
        assert both.pending() == ("C-1",)
        found = both.facts()
        assert found.person == replace(ANN, id="P1", manager="hr:H-2")
        assert [budget.id for budget in found.budgets] == ["B-EAST"], "it is the team's budget now"
        both.sync()
        with both.job.store.looking("main") as work:
            life = work.life("C-1")
        assert life is not None
        assert life.asked == ("hr:H-2",), "the manager of the other CRM is asked"
        assert not both.link(PEOPLE, "P1", "H-1"), "said twice is said once"
        assert both.pending() == ()


def test_taking_a_link_back_undoes_it(tmp_path: Path) -> None:
    """Without the link the claim is decided as before it."""
    with two(tmp_path) as both:
        before = both.facts()
        both.link(PEOPLE, "P1", "H-1")
        both.sync()
        remove_link(both.job.store, PEOPLE, Member("hr", "H-1"), SAID)
        assert both.pending() == ("C-1",)
        assert both.facts() == before
        with pytest.raises(ConfigError) as told:
            remove_link(both.job.store, PEOPLE, Member("hr", "H-1"), SAID)
        assert told.value.code == "links.none_to_remove"


def test_what_a_crm_holds_itself_comes_first(tmp_path: Path) -> None:
    """A person of the claim's own CRM is read from there, whatever is linked."""
    with two(tmp_path) as both:
        own = AccountManager("P1", "Ann of main", team="West")
        both.main.put(own)
        both.sync()
        both.link(PEOPLE, "P1", "H-1")
        assert both.facts().person == own
        assert both.pending() == ()


def test_managers_keep_their_names_where_they_are_linked(tmp_path: Path) -> None:
    """Who is above somebody is called by the name here; above that, by that of the other CRM."""
    with two(tmp_path, replace(BOSS, manager="H-3"), TOP) as both:
        both.link(PEOPLE, "P1", "H-1")
        both.link(PEOPLE, "P2", "H-2")
        people = people_of(both.job.store, "main")
        assert {name: (one.id, one.manager) for name, one in people.items()} == {
            "P1": ("P1", "P2"),
            "P2": ("P2", "hr:H-3"),
            "hr:H-3": ("hr:H-3", ""),
        }
        assert people_of(both.job.store, "hr").keys() == {"H-1", "H-2", "H-3"}


def test_a_circle_of_managers_ends(tmp_path: Path) -> None:
    """Managers that are above each other in the other CRM are read once each."""
    with two(tmp_path, replace(BOSS, manager="H-3"), replace(TOP, manager="H-2")) as both:
        both.link(PEOPLE, "P1", "H-1")
        assert people_of(both.job.store, "main").keys() == {"P1", "hr:H-2", "hr:H-3"}


def test_somebody_who_becomes_known_touches_the_claims(tmp_path: Path) -> None:
    """A person that the other CRM tells later touches the claims; a change of them does not."""
    with two(tmp_path) as both:
        both.hr.put(AccountManager("H-7", "Later", team="East"))
        both.hr.put(AccountManager("H-8", "Other"))
        both.main.put(claim(2, "P7"))
        both.main.put(line("L-2", "gift", "20", march(3)))
        with both.job.store.writing() as connection:  # whom the other CRM has not told of yet
            pair = (Member("main", "P7"), Member("hr", "H-7"))
            link_all(connection, PEOPLE, [pair], how="id", said=SAID)
        sync(replace(both.job, adapter=both.main), AT)
        assert both.pending() == ()
        sync(replace(both.job, adapter=both.hr), AT)
        assert both.pending() == ("C-2",)
        sync(replace(both.job, adapter=both.main), AT)
        both.hr.put(AccountManager("H-7", "Later", team="West"))
        sync(replace(both.job, adapter=both.hr), AT)
        assert both.pending() == (), "as within one CRM"


def approval(name: str = "PA-1", **more: str) -> PreApproval:
    """Give what Boss approved for Ann in the other CRM."""
    until = date(2026, 12, 31)
    return PreApproval(name, "H-1", "H-2", until, category="gift", **more)  # type: ignore[arg-type]


def test_what_was_approved_in_another_crm_counts(tmp_path: Path) -> None:
    """A pre-approval of the other CRM covers a line here; it coming or going decides again."""
    with two(tmp_path, policy=NEEDS_YES) as both:
        both.link(PEOPLE, "P1", "H-1")
        both.sync()
        assert outcome(both) != "pass"
        both.hr.put(approval())
        sync(replace(both.job, adapter=both.hr), AT)
        assert both.pending() == ("C-1",)
        assert both.facts().pre_approvals == (
            replace(approval(), id="hr:PA-1", person="P1", granted_by="hr:H-2"),
        )
        before = outcome(both)
        both.sync()
        assert findings(both) == {"gift.item"}
        assert before is not None
        both.hr.put(replace(approval(), category="meal"))
        both.sync()
        assert findings(both) == {"gift.item", "gift.asked"}
        assert verify(both.job.store).derived == {Derived.EQUAL: decided(both)}


def test_customers_are_called_by_their_names_here(tmp_path: Path) -> None:
    """A pre-approval for a customer covers a line of that customer once the two are linked."""
    asked = approval(account="HA-1")
    with two(tmp_path, asked, Account("HA-1", "Nord"), policy=NEEDS_YES) as both:
        both.main.put(replace(line("L-1", "gift", "600", march(2)), account="A-1"))
        both.link(PEOPLE, "P1", "H-1")
        both.sync()
        assert both.facts().pre_approvals[0].account == "hr:HA-1"
        assert "gift.asked" in findings(both)
        both.link(Kind.ACCOUNT, "A-1", "HA-1")
        assert both.pending() == ("C-1",)
        assert both.facts().pre_approvals[0].account == "A-1"
        both.sync()
        assert "gift.asked" not in findings(both)


def test_nobody_approves_their_own_by_another_name(tmp_path: Path) -> None:
    """Who approves for themselves in the other CRM is the same person here."""
    own = replace(approval(), granted_by="H-1")
    with two(tmp_path, own, policy=NEEDS_YES) as both:
        both.link(PEOPLE, "P1", "H-1")
        both.sync()
        assert both.facts().pre_approvals[0].granted_by == "P1"
        assert "gift.asked" in findings(both)


def test_a_pre_approval_that_both_hold_is_one(tmp_path: Path) -> None:
    """A pre-approval that is linked to one here is not read a second time."""
    with two(tmp_path, approval()) as both:
        both.main.put(PreApproval("PA-9", "P1", "P2", date(2026, 12, 31)))
        both.link(PEOPLE, "P1", "H-1")
        both.sync()
        assert [one.id for one in both.facts().pre_approvals] == ["PA-9", "hr:PA-1"]
        both.link(Kind.PRE_APPROVAL, "PA-9", "PA-1")
        assert both.pending() == ("C-1",)
        assert [one.id for one in both.facts().pre_approvals] == ["PA-9"]


def test_decisions_derive_without_the_other_crm(tmp_path: Path) -> None:
    """What was decided by way of a link derives again when the link and its record are gone."""
    with two(tmp_path, approval(), policy=NEEDS_YES) as both:
        both.link(PEOPLE, "P1", "H-1")
        both.sync()
        remove_link(both.job.store, PEOPLE, Member("main", "P1"), SAID)
        both.hr.delete(PEOPLE, "H-1")
        both.hr.delete(Kind.PRE_APPROVAL, "PA-1")
        sync(replace(both.job, adapter=both.hr), AT)
        found = verify(both.job.store)
        assert found.holds
        assert found.derived == {Derived.EQUAL: decided(both)}


# Returns


DEALS: Final = (
    Account("HA-1", "Nord", "H-1"),
    Account("HA-2", "Süd", "H-1"),
    Opportunity("HO-1", "H-1", Stage.WON, "HA-1", "Big", cny("9000"), closed=date(2026, 2, 1)),
    Opportunity("HO-2", "H-2", Stage.WON, "HA-1", "Not hers", cny("500"), closed=date(2026, 2, 1)),
    Opportunity("HO-3", "H-1", Stage.WON, "HA-2", "Both", cny("70"), closed=date(2026, 2, 2)),
    SatisfactionScore("HS-1", "HA-1", date(2026, 2, 3), Decimal(4)),
    PersonCost("HX-1", "H-1", date(2026, 1, 1), "salary", cny("4000")),
)


def test_revenue_there_meets_spending_here(tmp_path: Path) -> None:
    """Deals, customers, scores and costs of the linked person count, once each, and no others."""
    with two(tmp_path, *DEALS) as both:
        both.main.put(AccountManager("P1", "Ann"))
        both.main.put(Account("A-2", "Süd", "P1"))
        deal = Opportunity("O-3", "P1", Stage.WON, "A-2", "Both", cny("70"))
        both.main.put(replace(deal, closed=date(2026, 2, 2)))
        both.main.put(PersonCost("X-1", "P1", date(2026, 1, 1), "salary", cny("4000")))
        both.sync()
        assert totals(both).won_amount == 7_000
        both.link(PEOPLE, "P1", "H-1")
        assert totals(both).won_amount == 907_000 + 7_000, "the deal of both counts twice"
        both.link(Kind.OPPORTUNITY, "O-3", "HO-3")
        both.link(Kind.ACCOUNT, "A-2", "HA-2")
        found = totals(both)
        assert (found.won_amount, found.won_count) == (907_000, 2)
        assert found.accounts_new == 2, "the customer of both is one"
        assert (found.scores_count, found.scores_sum) == (1, 4_000)
        assert found.other_costs == 400_000, "the salary that both tell is paid once"


def test_spending_there_counts_as_well(tmp_path: Path) -> None:
    """Claims of the other CRM by the same person are spending of that person."""
    with two(tmp_path) as both:
        both.main.put(AccountManager("P1", "Ann"))
        both.hr.put(replace(claim(5, "H-1"), id="HC-5"))
        both.hr.put(replace(line("HL-5", "gift", "100", march(3)), claim="HC-5"))
        both.sync()
        assert spent(both) == 50_000
        both.link(PEOPLE, "P1", "H-1")
        assert spent(both) == 60_000


# Matching


def test_match_by_a_field(tmp_path: Path) -> None:
    """Records with the same value are linked where that is clear; what is not is listed."""
    with two(tmp_path) as both:
        for name, mail in (("P1", " Ann@Nord.cn"), ("P3", "two@nord.cn"), ("P4", "")):
            both.main.put(AccountManager(name, name, extra=(("email", mail),)))
        for name, mail in (("H-1", "ann@nord.CN"), ("H-3", "two@nord.cn"), ("H-4", "two@nord.cn")):
            both.hr.put(AccountManager(name, name, extra=(("email", mail),)))
        both.sync()
        found = match(both.job.store, PEOPLE, "email")
        assert found.pairs == ((Member("hr", "H-1"), Member("main", "P1")),)
        assert [value for value, _ in found.ambiguous] == ["two@nord.cn"]
        assert list_links(both.job.store) == (), "looking changes nothing"
        assert make_links(both.job.store, PEOPLE, found, by="email", said=SAID) == 1
        again = match(both.job.store, PEOPLE, "email")
        assert (again.pairs, again.known) == ((), 1)
        (group,) = list_links(both.job.store, PEOPLE)
        assert [(str(r.member), r.title, r.how, r.is_held) for r in group.records] == [
            ("hr:H-1", "H-1", "email", True),
            ("main:P1", "P1", "email", True),
        ]


def test_match_by_id_takes_names_of_claims(tmp_path: Path) -> None:
    """Where both CRMs use one numbering, names that only claims and lines use are linked, too."""
    with two(tmp_path, AccountManager("P1", "Ann", team="East"), Account("A-7", "Nord")) as both:
        both.main.put(replace(line("L-1", "gift", "600", march(2)), account="A-7"))
        both.sync()
        found = match(both.job.store, PEOPLE, "id")
        assert found.pairs == ((Member("hr", "P1"), Member("main", "P1")),)
        make_links(both.job.store, PEOPLE, found, by="id", said=SAID)
        person = both.facts().person
        assert person is not None
        assert person.team == "East"
        accounts = match(both.job.store, Kind.ACCOUNT, "id")
        assert accounts.pairs == ((Member("hr", "A-7"), Member("main", "A-7")),)


def test_match_never_joins_two_of_one_crm(tmp_path: Path) -> None:
    """A match that an earlier link would make join two records of a CRM is listed, not made."""
    with two(tmp_path, AccountManager("H-5", "Kim")) as both:
        both.main.put(AccountManager("P5", "Kim"))
        both.main.put(AccountManager("P6", "Kim Two"))
        both.sync()
        both.link(PEOPLE, "P6", "H-5")
        found = match(both.job.store, PEOPLE, "name")
        assert found.pairs == ()
        assert [value for value, _ in found.ambiguous] == ["kim"]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda store: match(store, Kind.ACCOUNT, "email"), "links.by"),
        (lambda store: kind_of("claim"), "links.kind"),
        (lambda store: member_of("else:P1", ["main"]), "links.member"),
        (lambda store: member_of("main:", ["main"]), "links.member"),
        (
            lambda store: add_link(store, PEOPLE, Member("main", "X"), Member("hr", "Y"), SAID),
            "links.no_record",
        ),
    ],
)
def test_mistakes_are_told(tmp_path: Path, act: Callable[[Store], object], code: str) -> None:
    """A field, kind or record that is not there is told with what there is."""
    with two(tmp_path) as both, pytest.raises(ConfigError) as told:
        act(both.job.store)
    assert told.value.code == code


def test_links_whose_record_is_gone_are_told(tmp_path: Path) -> None:
    """A link is told whose record is gone; what was merged is read as what it is now."""
    with two(tmp_path, AccountManager("H-9", "Ann again", team="East")) as both:
        both.link(PEOPLE, "P1", "H-1")
        assert lost_links(both.job.store) == []
        assert both.facts().person == replace(ANN, id="P1", manager="hr:H-2")
        both.hr.crm.merge(PEOPLE, "H-1", "H-9")
        both.sync()
        told = lost_links(both.job.store)
        assert [(str(member), into) for _, member, into in told] == [("hr:H-1", "H-9")]
        assert both.facts().person == AccountManager("P1", "Ann again", team="East")
        both.hr.delete(PEOPLE, "H-9")
        both.sync()
        assert both.facts().person is None
        with both.job.store.work("main") as work:  # what was read before is not kept
            assert "P1" not in work.reference.people


def test_a_pre_approval_that_goes_decides_again(tmp_path: Path) -> None:
    """A pre-approval that is deleted in the other CRM covers nothing here any more."""
    with two(tmp_path, approval(), policy=NEEDS_YES) as both:
        both.link(PEOPLE, "P1", "H-1")
        both.sync()
        assert "gift.asked" not in findings(both)
        both.hr.delete(Kind.PRE_APPROVAL, "PA-1")
        sync(replace(both.job, adapter=both.hr), AT)
        assert both.pending() == ("C-1",)
        both.sync()
        assert "gift.asked" in findings(both)


def test_no_paid_claim_is_decided_again(tmp_path: Path) -> None:
    """A claim that the CRM says is paid stays as it is, whatever is linked or comes elsewhere."""
    with two(tmp_path, policy=NEEDS_YES) as both:
        both.main.put(claim(1, "P1", ClaimStatus.PAID))
        both.sync()
        assert both.pending() == ()
        both.link(PEOPLE, "P1", "H-1")
        both.hr.put(approval())
        sync(replace(both.job, adapter=both.hr), AT)
        assert both.pending() == ()


def outcome(both: Two) -> str:
    """Give the outcome of the claim."""
    (row,) = both.job.store.live_decisions("main", viewer=SYSTEM)
    return read_decision(row.content).outcome.value


def findings(both: Two) -> set[str]:
    """Give the codes of what was found on the line."""
    (row,) = both.job.store.live_decisions("main", viewer=SYSTEM)
    return {found.code for one in read_decision(row.content).lines for found in one.findings}


def decided(both: Two) -> int:
    """Count the decisions ever made."""
    return both.job.store.count_decisions()


def totals(both: Two) -> PersonTotals:
    """Give what is summed for P1 in the year before the end of March."""
    period = Period(date(2025, 4, 1), date(2026, 3, 31))
    found = person_totals(both.job.store, "main", period=period, currency="CNY", allowed={})
    return next(one for one in found if one.person == "P1")


def spent(both: Two) -> int:
    """Give what Ann's claims allow, by the figures of the return."""
    row = next(one for one in return_rows(both.job, AT) if one.name == "Ann")
    return row.figures.cost
