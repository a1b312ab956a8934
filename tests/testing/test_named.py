"""The suite on a CRM that gives out its ids itself."""

import pytest

from crm_expenses.adapters.contract import RESULTS
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.record import Kind
from crm_expenses.testing import AdapterSuite, Bench
from crm_expenses.testing.memorybench import MemoryBench
from crm_expenses.testing.samples import renamed


class NamingBench(MemoryBench):
    """A CRM in memory whose ids are of its own making."""

    def named(self, kind: Kind, record: str) -> str:
        """Give the id of a record there."""
        return f"{list(Kind).index(kind) + 1:02}{record.partition('-')[2]:>016}"


class TestNaming(AdapterSuite):
    @pytest.fixture
    def bench(self) -> Bench:
        """Give an empty one."""
        return NamingBench()


def test_a_result_names_the_records_by_the_ids_of_the_crm() -> None:
    """What is pushed and what was seeded speak of the same records, by ids that none of us made."""
    bench = NamingBench()
    claims = {claim.id for claim in bench.sample({Kind.CLAIM})}
    assert claims == {f"13{number:016}" for number in range(1, 6)}
    told = [one.claim for one in bench.results(RESULTS) if hasattr(one, "claim")]
    assert told
    assert claims.issuperset(told)


def test_the_owner_of_a_budget_is_renamed_where_it_is_a_record() -> None:
    """A team is named, not numbered; a person and a customer have ids."""
    bench = NamingBench()
    owners = {
        one.scope: one.owner for one in bench.sample({Kind.BUDGET}) if isinstance(one, Budget)
    }
    assert owners[BudgetScope.PERSON].startswith("01")
    assert owners[BudgetScope.TEAM].startswith("P-")
    held = next(iter(bench.sample({Kind.BUDGET})))
    assert renamed(held, lambda _, name: name) == held
