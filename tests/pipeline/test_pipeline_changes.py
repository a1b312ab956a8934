"""What people change in the CRM is decided anew, and only that."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from small_company import (
    AT,
    BUDGETS,
    CLAIMS,
    LINES,
    adapter_on,
    claim,
    cny,
    filled,
    job_on,
    line,
    march,
    told,
)

from crm_expenses.adapters.contract import BudgetResult, ClaimResult, Result, ResultKind
from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.core.budget import AtLimit
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.pipeline import Job, RunSummary, sync

BY_ID = {record.id: record for record in (*CLAIMS, *LINES, *BUDGETS)}

pytestmark = pytest.mark.usefixtures("database")


class Company:
    """The small company after its first run, and what people do to it."""

    def __init__(self, job: Job, crm: MemoryCrm) -> None:
        self.job = job
        self.crm = crm
        self.written = len(crm.log)

    def run(self) -> RunSummary:
        """Sync again."""
        self.written = len(self.crm.log)
        return sync(self.job, AT)

    def new_writes(self) -> list[tuple[ResultKind, str]]:
        """Give what the last run wrote, in order."""
        return [(kind, record) for kind, record, _, _ in self.crm.log[self.written :]]

    def held(self) -> dict[str, tuple[int, int]]:
        """Give committed and spent by budget, in yuan."""
        positions = self.job.store.budget_positions("main", viewer=SYSTEM)
        return {name: (p.committed // 100, p.spent // 100) for name, p in positions.items()}

    def entries(self, name: str) -> list[tuple[str, str, int]]:
        """Give the budget entries that a claim has made: budget, kind, yuan."""
        with self.job.store.work("main") as work:
            return [(e.budget, e.kind.value, e.amount.minor // 100) for e in work.held_by(name)]

    def result(self, name: str) -> ClaimResult:
        """Give what a claim's record says."""
        found: Result = told(self.crm, ResultKind.CLAIM_RESULT, name)
        assert isinstance(found, ClaimResult)
        return found


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """The small company, synced once: P1 holds 950 of 1000, East 1790 and 150 spent."""
    crm = filled(MemoryCrm())
    with job_on(tmp_path, adapter_on(crm)) as job:
        sync(job, AT)
        yield Company(job, crm)


def test_a_changed_amount_moves_its_budgets_exactly(company: Company) -> None:
    """A line that shrinks by 300 gives 200 of the allowed 800 back to both budgets."""
    assert company.held() == {"B-P1": (950, 0), "B-EAST": (1790, 150)}
    company.crm.put(line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1"))
    run = company.run()
    assert (run.decided.claims, run.pulled.changes) == (1, 1)
    assert company.held() == {"B-P1": (750, 0), "B-EAST": (1590, 150)}
    assert company.entries("C-2") == [
        ("B-EAST", "commit", 800),
        ("B-P1", "commit", 800),
        ("B-EAST", "release", 800),
        ("B-EAST", "commit", 600),
        ("B-P1", "release", 800),
        ("B-P1", "commit", 600),
    ]
    assert company.new_writes() == [
        (ResultKind.CLAIM_RESULT, "C-2"),
        (ResultKind.LINE_RESULT, "L-2"),
        (ResultKind.BUDGET_RESULT, "B-EAST"),
        (ResultKind.BUDGET_RESULT, "B-P1"),
    ]
    assert company.result("C-2").outcome is Outcome.PASS


def test_a_change_that_changes_nothing_we_say_writes_only_what_differs(company: Company) -> None:
    """A new title is decided anew on its own facts, but no line or budget is told anything."""
    company.crm.put(replace(BY_ID["C-2"], title="Munich, spring"))
    run = company.run()
    assert run.decided.claims == 1
    # The decision names the digest of its facts, so the claim's result does differ.
    assert company.new_writes() == [(ResultKind.CLAIM_RESULT, "C-2")]
    assert company.held() == {"B-P1": (950, 0), "B-EAST": (1790, 150)}


def test_an_earlier_decision_stays_when_room_comes_back(company: Company) -> None:
    """What C-1 gives back of the day is there for later claims; decided ones are not reopened."""
    company.crm.put(line("L-1a", "meal", "20", march(2)))
    company.run()
    assert company.result("C-1").allowed == cny("100")
    company.crm.put(claim(12, "P1"))
    company.crm.put(line("L-12", "meal", "90", march(2)))
    company.run()
    # 150 a day less 20 and 80.
    assert company.result("C-12").allowed == cny("50")
    assert company.result("C-1").allowed == cny("100")


def test_a_claim_that_is_paid_spends_what_it_held(company: Company) -> None:
    """Paying turns the commitment into spending, once, also when it is told twice."""
    for _ in range(2):
        company.crm.put(claim(2, "P1", ClaimStatus.PAID))
        company.run()
    assert company.held() == {"B-P1": (150, 800), "B-EAST": (990, 950)}
    assert company.entries("C-2") == [
        ("B-EAST", "commit", 800),
        ("B-P1", "commit", 800),
        ("B-EAST", "spend", 800),
        ("B-P1", "spend", 800),
    ]
    assert company.result("C-2").state is State.PAID


@pytest.mark.parametrize(
    "status", [ClaimStatus.WITHDRAWN, ClaimStatus.RETURNED, ClaimStatus.REJECTED, ClaimStatus.DRAFT]
)
def test_a_claim_taken_back_gives_its_budget_back(company: Company, status: ClaimStatus) -> None:
    """What a claim committed is released whole, its window is empty, and the CRM is told both."""
    company.crm.put(claim(1, "P1", status))
    run = company.run()
    assert (run.decided.claims, run.decided.closed) == (0, 1)
    assert company.held() == {"B-P1": (800, 0), "B-EAST": (1640, 150)}
    assert company.new_writes() == [
        (ResultKind.CLAIM_RESULT, "C-1"),
        (ResultKind.BUDGET_RESULT, "B-EAST"),
        (ResultKind.BUDGET_RESULT, "B-P1"),
    ]
    closed = company.result("C-1")
    assert (closed.state, closed.waiting_for) == (State(status.value), "")
    company.crm.put(claim(12, "P1"))
    company.crm.put(line("L-12", "meal", "150", march(2)))
    company.run()
    assert company.result("C-12").allowed == cny("150")


def test_a_rejected_claim_has_no_steps(company: Company) -> None:
    """Nobody is asked to approve what the policy rejects."""
    assert company.result("C-9").outcome is Outcome.REJECT
    assert "C-9" not in company.job.store.first_steps("main", viewer=SYSTEM)
    assert company.job.store.first_steps("main", viewer=SYSTEM)


def test_a_claim_comes_back_after_it_was_taken_back(company: Company) -> None:
    """Submitted again with the same content, a claim is decided and commits as before."""
    company.crm.put(claim(2, "P1", ClaimStatus.RETURNED))
    company.run()
    company.crm.put(claim(2, "P1"))
    run = company.run()
    assert run.decided.claims == 1
    assert company.held() == {"B-P1": (950, 0), "B-EAST": (1790, 150)}
    budget = told(company.crm, ResultKind.BUDGET_RESULT, "B-P1")
    assert budget == BudgetResult("B-P1", cny("1000"), cny("950"), cny("0"), cny("50"))


def test_a_budget_that_is_changed_is_told_where_it_stands_now(company: Company) -> None:
    """More money in a budget is told though no claim moved; a budget that held nothing is not."""
    company.crm.put(replace(BY_ID["B-P1"], amount=cny("1500")))
    company.crm.put(replace(BY_ID["B-P1"], id="B-NEW"))
    assert company.run().decided.claims == 0
    assert company.new_writes() == [(ResultKind.BUDGET_RESULT, "B-P1")]
    budget = told(company.crm, ResultKind.BUDGET_RESULT, "B-P1")
    assert budget == BudgetResult("B-P1", cny("1500"), cny("950"), cny("0"), cny("550"))
    assert company.run().changes == 0


def test_a_line_that_moves_changes_both_claims(company: Company) -> None:
    """A line hung onto another claim leaves the first one and joins the second."""
    moved = replace(BY_ID["L-1b"], claim="C-3")
    company.crm.put(moved)
    run = company.run()
    assert run.decided.claims == 2
    assert company.result("C-1").claimed == cny("120")
    assert company.result("C-3").claimed == cny("380")


def test_a_voucher_that_comes_later_has_its_claims_decided(company: Company) -> None:
    """A voucher's number, corrected, clears the claim that was rejected for it."""
    assert company.result("C-9").outcome is Outcome.REJECT
    company.crm.put(Voucher("V-4", VoucherKind.E_FAPIAO, "26310000000000000004"))
    run = company.run()
    assert run.decided.claims == 1
    assert company.result("C-9").outcome is Outcome.PASS
    assert company.held() == {"B-P1": (950, 0), "B-EAST": (1850, 150)}


def test_a_person_who_comes_later_has_their_claims_decided(company: Company) -> None:
    """A claim that was decided before its person was known is decided again when they come."""
    early = claim(20, "P-late")
    spent = line("L-20", "meal", "20", march(20))
    company.crm.put(early)
    company.crm.put(spent)
    assert company.run().decided.claims == 1
    assert "does not know the person" in company.result("C-20").findings_en
    company.crm.put(AccountManager("P-late", "迟到", team="East", manager="P3"))
    assert company.run().decided.claims == 1
    assert "does not know the person" not in company.result("C-20").findings_en
    assert company.run().decided.claims == 0


def test_a_raised_budget_allocates_the_difference(company: Company) -> None:
    """A budget raised by 500 has 500 more; a claim that comes then finds them."""
    company.crm.put(replace(BY_ID["B-P1"], amount=cny("1500")))
    company.run()
    position = company.job.store.budget_positions("main", viewer=SYSTEM)["B-P1"]
    assert (position.allocated, position.available) == (150_000, 55_000)
    company.crm.put(claim(12, "P1"))
    company.crm.put(line("L-12", "gift", "400", march(2)))
    company.run()
    assert company.result("C-12").outcome is Outcome.PASS
    assert company.held()["B-P1"] == (1350, 0)


def test_a_revert_is_news(company: Company) -> None:
    """A line set back to an older content is decided again, and the CRM hears the older result."""
    company.crm.put(line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1"))
    company.run()
    company.crm.put(BY_ID["L-2"])
    run = company.run()
    assert (run.pulled.changes, run.decided.claims) == (1, 1)
    assert company.result("C-2").allowed == cny("800")
    assert company.held() == {"B-P1": (950, 0), "B-EAST": (1790, 150)}


def test_a_record_that_becomes_unreadable_keeps_its_decision(company: Company) -> None:
    """A line spoilt after it was decided is set aside; what was decided on it stays."""
    company.crm.put_row(Kind.LINE, {"id": "L-2", "claim": "C-2", "amount": "NaN"})
    run = company.run()
    assert (run.pulled.set_aside, run.decided.claims) == (1, 0)
    assert "L-2" in {row.record for row in company.job.store.set_aside("main", viewer=SYSTEM)}
    assert company.result("C-2").allowed == cny("800")


@pytest.mark.parametrize(
    ("responsible", "route"),
    [("P9", [("line_manager", "P3"), ("budget:B-P1", "P9")])]
    + [(who, [("line_manager", "P3")]) for who in ("", "P1", "P3")],
)
def test_a_budget_at_its_limit_asks_for_one_more_approval(
    tmp_path: Path, responsible: str, route: list[tuple[str, str]]
) -> None:
    """Its responsible approves behind the policy's steps, never the claimant; the money is held."""
    crm = filled(MemoryCrm())
    asks = replace(BUDGETS[0], at_limit=AtLimit.APPROVE, responsible=responsible)
    crm.put(asks)
    with job_on(tmp_path, adapter_on(crm)) as job:
        sync(job, AT)
        company = Company(job, crm)
        assert "one more approval" in company.result("C-3").findings_en
        assert company.result("C-3").state is State.IN_APPROVAL
        # 950 of C-1 and C-2, and 300 beyond the 1000.
        assert company.held()["B-P1"] == (1250, 0)
        steps = re.findall(r"'C-3', [0-9]+, '([a-z_]+(?::B-P1)?)', '(P[0-9])'", job.store.dump())
        assert steps == route
