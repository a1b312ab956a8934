"""From stored JSON back to values: nothing is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.budget import BudgetEntry, EntryKind
from crm_expenses.core.decision import (
    Carry,
    Decision,
    LineDecision,
    Outcome,
    PolicyRef,
)
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind, Record, canonical
from crm_expenses.store.codec import read_as, read_decision, read_record
from crm_expenses.testing.strategies import money, records, texts


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
def test_a_record_there_and_back(kind: Kind, data: st.DataObject) -> None:
    """Every record is read back equal, and its canonical form is the very same text."""
    record: Record = data.draw(records(kind))
    content = canonical(record)
    again = read_record(kind, content)
    assert again == record
    assert type(again) is type(record)
    assert canonical(again) == content


EVIDENCE = st.lists(st.tuples(texts(longest=6), texts()), max_size=3).map(tuple)
FINDINGS = st.lists(
    st.builds(
        Finding,
        texts(longest=6),
        st.sampled_from(Effect),
        texts(),
        EVIDENCE,
        st.none() | st.sampled_from(Effect),
        texts(),
        texts(),
    ),
    max_size=3,
).map(tuple)
LINES = st.lists(
    st.builds(
        LineDecision,
        texts(longest=6),
        st.sampled_from(Outcome),
        st.none() | money("CNY"),
        money("CNY"),
        FINDINGS,
    ),
    max_size=3,
).map(tuple)
DECISIONS = st.builds(
    Decision,
    texts(),
    st.sampled_from(Outcome),
    money("CNY"),
    money("CNY"),
    FINDINGS,
    LINES,
    st.lists(st.builds(Carry, texts(), texts(), texts(), st.integers()), max_size=2).map(tuple),
    st.builds(PolicyRef, texts(), texts(), texts(), st.integers(1, 9)),
    texts(),
)


@given(DECISIONS)
def test_a_decision_there_and_back(decision: Decision) -> None:
    """A stored decision is derived again to the same value and the same bytes."""
    content = canonical(decision)
    assert read_decision(content) == decision
    assert canonical(read_decision(content)) == content


def test_any_value_of_the_package() -> None:
    """Other values are read by their type."""
    made = BudgetEntry("b", EntryKind.SPEND, Money(-5, "CNY"), "C")
    assert read_as(BudgetEntry, canonical(made)) == made
