"""The whole journey on a memory CRM and a real store, each figure computed by hand."""

from pathlib import Path

import pytest
from small_company import (
    AT,
    ORPHAN,
    POLICY,
    UNREADABLE,
    adapter_on,
    claim,
    cny,
    dumped,
    filled,
    job_on,
    line,
    march,
    synced,
    told,
)

from crm_expenses.adapters.contract import BudgetResult, ClaimResult, LineResult, ResultKind
from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import StoreError
from crm_expenses.pipeline import sync
from crm_expenses.policyfile import parse_policy
from crm_expenses.store.codec import read_decision

pytestmark = pytest.mark.usefixtures("database")

EXPECTED = {
    # claim: outcome, state, claimed, allowed, who it waits for
    "C-1": (Outcome.REDUCED, State.APPROVED, "200", "150", ""),
    "C-2": (Outcome.REDUCED, State.IN_APPROVAL, "900", "800", "P3"),
    "C-3": (Outcome.REVIEW, State.IN_APPROVAL, "300", "300", "P3"),
    "C-4": (Outcome.REDUCED, State.PAID, "156", "150", ""),
    "C-5": (Outcome.REJECT, State.REJECTED, "50", "0", ""),
    "C-6": (Outcome.JUSTIFY, State.WAITING_FOR_CLAIMANT, "700", "500", "P2"),
    "C-8": (Outcome.REVIEW, State.IN_APPROVAL, "40", "40", "P3"),
    "C-9": (Outcome.REJECT, State.REJECTED, "60", "0", ""),
    "C-10": (Outcome.PASS, State.IN_APPROVAL, "3900", "3900", ""),
    "C-11": (Outcome.PASS, State.IN_APPROVAL, "3000", "3000", "P3"),
}

TEXTS = {
    "C-1": (
        "[L-1b] Meals a day: 80.00 is over the limit of 150.00, of which 120.00 was used before, "
        "by 50.00",
        "[L-1b] 每日餐费：80.00 超过限额 150.00（此前已用 120.00），超出 50.00",
    ),
    "C-3": (
        "B-P1: 50.00 is left, but 300.00 is needed; nothing was committed to it",
        "B-P1：余额 50.00，需要 300.00，未占用该预算",
    ),
    "C-5": ("[L-5] Alcohol: 50.00 for alcohol", "[L-5] 酒：酒 50.00"),
    "C-8": (
        "[L-8] no rule of the policy covers the category pet",
        "[L-8] 政策没有任何规则覆盖类别 pet",
    ),
    "C-10": ("", ""),
}

LINES_ALLOWED = {
    "L-1a": ("120", "120"),
    "L-1b": ("80", "30"),
    "L-2": ("900", "800"),
    "L-3": ("300", "300"),
    "L-4": ("156", "150"),
    "L-5": ("50", "0"),
    "L-6": ("700", "500"),
    "L-8": ("40", "40"),
    "L-9": ("60", "0"),
    "L-10": ("3900", "3900"),
    "L-11": ("3000", "3000"),
}


def test_every_claim_gets_its_outcome_and_amounts(tmp_path: Path) -> None:
    """Outcome, state, amounts and the next person stand in the CRM as computed by hand."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    found = {
        record: (r.outcome, r.state, str(r.claimed), str(r.allowed), r.waiting_for)
        for (_, record), r in crm.results().items()
        if isinstance(r, ClaimResult)
    }
    assert found == {
        name: (outcome, state, str(cny(claimed)), str(cny(allowed)), waiting)
        for name, (outcome, state, claimed, allowed, waiting) in EXPECTED.items()
    }


def test_every_line_gets_its_amounts(tmp_path: Path) -> None:
    """Each line of a decided claim is told what is allowed of it, also in another currency."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    found = {
        record: (r.claimed, r.allowed)
        for (_, record), r in crm.results().items()
        if isinstance(r, LineResult)
    }
    assert found == {
        name: (cny(claimed), cny(allowed)) for name, (claimed, allowed) in LINES_ALLOWED.items()
    }


@pytest.mark.parametrize("name", TEXTS)
def test_findings_are_told_in_both_languages(tmp_path: Path, name: str) -> None:
    """The CRM gets the findings of a claim as sentences, in English and in Chinese."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    result = told(crm, ResultKind.CLAIM_RESULT, name)
    assert isinstance(result, ClaimResult)
    assert (result.findings_en, result.findings_zh) == TEXTS[name]
    assert result.policy == "small 1"


def test_budgets_hold_what_claims_that_count_are_allowed(tmp_path: Path) -> None:
    """A hard budget gives nothing beyond its end, a paid claim is spent, a rejected one is none."""
    crm = filled(MemoryCrm())
    with job_on(tmp_path, adapter_on(crm)) as job:
        sync(job, AT)
        positions = job.store.budget_positions("main", viewer=SYSTEM)
    assert positions == {
        # C-1 150 and C-2 800; the 300 of C-3 find 50 and take nothing.
        "B-P1": BudgetPosition("B-P1", "CNY", 100_000, committed=95_000),
        # C-1 150, C-2 800, C-3 300, C-6 500, C-8 40 committed; C-4 150 spent.
        "B-EAST": BudgetPosition("B-EAST", "CNY", 300_000, committed=179_000, spent=15_000),
    }
    assert told(crm, ResultKind.BUDGET_RESULT, "B-EAST") == BudgetResult(
        "B-EAST", cny("3000"), cny("1790"), cny("150"), cny("1060")
    )


def test_routes_name_every_step(tmp_path: Path) -> None:
    """Nobody approves their own claim, one person is asked once, a step without a person stays."""
    with job_on(tmp_path, adapter_on(filled(MemoryCrm()))) as job:
        sync(job, AT)
        first = job.store.first_steps("main", viewer=SYSTEM)
        dump = job.store.dump()
    in_approval = {name for name, row in EXPECTED.items() if row[1] is State.IN_APPROVAL}
    assert {name: step for name, step in first.items() if name in in_approval} == {
        "C-2": ("line_manager", "P3"),
        "C-3": ("line_manager", "P3"),
        "C-8": ("line_manager", "P3"),
        "C-10": ("line_manager", ""),
        "C-11": ("line_manager", "P3"),
    }
    routes = dump.partition("-- route_step\n")[2].partition("-- ")[0]
    steps = [row for row in routes.splitlines() if "'C-1" in row]
    assert steps == [
        "('main', 'C-10', 1, 'line_manager', '')",
        "('main', 'C-10', 2, 'finance', 'P9')",
        # The role of finance falls to P9, whose own claim it is: up to P3, who is asked already.
        "('main', 'C-11', 1, 'line_manager', 'P3')",
    ]


def test_counts_of_the_run_add_up(tmp_path: Path) -> None:
    """Rows in are facts and rows set aside; claims are decided or closed; results are sent."""
    crm = filled(MemoryCrm())
    run = synced(tmp_path, adapter_on(crm))
    lines = run.pulled.kinds[Kind.LINE]
    assert (lines.rows, lines.new, lines.set_aside) == (14, 13, 1)
    assert (run.pulled.rows, run.pulled.changes, run.pulled.set_aside) == (53, 52, 1)
    assert (run.decided.claims, run.decided.lines, run.decided.closed) == (10, 11, 1)
    assert run.decided.outcomes == {
        "pass": 2,
        "reduced": 3,
        "justify": 1,
        "review": 2,
        "reject": 2,
    }
    assert run.decided.findings == {
        "meal.day": 2,
        "lodging.night": 1,
        "budget.exceeded": 1,
        "alcohol.none": 1,
        "gift.item": 1,
        "scope.uncovered": 1,
        "voucher.twice": 1,
    }
    # 10 claims, 11 lines, 2 budgets: one write each.
    assert run.pushed.as_json() == {
        "sent": 23,
        "refused": 0,
        "conflicts": 0,
        "unknown": 0,
        "stuck": 0,
    }
    assert len(crm.log) == 23
    # Every line that was read is decided, belongs to a claim not submitted, or is set aside.
    assert lines.rows == run.decided.lines + 1 + 2


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    """The echo of our own writes is no news: nothing is decided, nothing is written."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    log = list(crm.log)
    for _ in range(2):
        again = synced(tmp_path, adapter_on(crm))
        assert again.changes == 0
        assert again.decided.claims == 0
        assert again.pushed.sent == 0
    assert crm.log == log


def test_two_stores_of_the_same_company_are_equal(tmp_path: Path) -> None:
    """Nothing in the store is random: two first runs on equal CRMs leave equal content."""
    dumps = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        crm = filled(MemoryCrm())
        synced(tmp_path / name, adapter_on(crm))
        dumps.append(dumped(tmp_path / name, adapter_on(crm)))
    assert dumps[0] == dumps[1]


def test_what_is_stored_explains_the_decision(tmp_path: Path) -> None:
    """A stored decision names policy and facts by digest, and the log holds together."""
    with job_on(tmp_path, adapter_on(filled(MemoryCrm()))) as job:
        sync(job, AT)
        rows = job.store.live_decisions("main", viewer=SYSTEM)
        assert job.store.log_broken_at() is None
        for row in rows:
            decision = read_decision(row.content)
            assert decision.policy == parse_policy(POLICY).ref
            assert len(decision.facts_digest) == 64
    assert [row.claim for row in rows] == list(EXPECTED)


def test_same_policy_version_with_other_content_is_refused(tmp_path: Path) -> None:
    """A version names one content: the same version with another limit decides nothing."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    crm.put(line("L-1a", "meal", "100", march(2)))
    other = POLICY.replace("is = 150", "is = 151")
    with pytest.raises(StoreError, match="small"):
        synced(tmp_path, adapter_on(crm), other)
    assert len(crm.log) == 23


def test_one_unreadable_record_does_not_stop_the_page(tmp_path: Path) -> None:
    """The row is set aside with its reason, its neighbours are decided; mended, it takes part."""
    crm = filled(MemoryCrm())
    with job_on(tmp_path, adapter_on(crm)) as job:
        sync(job, AT)
        (bad, orphan) = job.store.set_aside("main", viewer=SYSTEM)
        assert (bad.kind, bad.record, bad.place) == ("line", "L-bad", "line/L-bad")
        assert "1,234.5x" in bad.problems
        assert orphan.record == ORPHAN.id
        crm.put_row(Kind.LINE, {**UNREADABLE, "amount": "34.50"})
        run = sync(job, AT)
        assert [row.record for row in job.store.set_aside("main", viewer=SYSTEM)] == [ORPHAN.id]
    assert run.decided.claims == 1
    result = told(crm, ResultKind.CLAIM_RESULT, "C-1")
    assert isinstance(result, ClaimResult)
    assert result.allowed == cny("184.50")


def test_an_orphan_line_heals_when_its_claim_comes(tmp_path: Path) -> None:
    """A line without a claim waits, told as set aside; when the claim comes, it is decided."""
    crm = filled(MemoryCrm())
    with job_on(tmp_path, adapter_on(crm)) as job:
        sync(job, AT)
        (orphan,) = [
            row for row in job.store.set_aside("main", viewer=SYSTEM) if row.record == "L-99"
        ]
        assert "record.orphan" in orphan.problems
        assert "C-99" in orphan.problems
        crm.put(claim(99, "P2"))
        run = sync(job, AT)
        assert [row.record for row in job.store.set_aside("main", viewer=SYSTEM)] == ["L-bad"]
    assert (run.decided.claims, run.decided.lines) == (1, 1)
    result = told(crm, ResultKind.LINE_RESULT, "L-99")
    assert isinstance(result, LineResult)
    # 10 on a day on which 150 of 150 are used by C-4 already.
    assert (result.outcome, result.allowed) == (Outcome.REDUCED, Money(0, "CNY"))
