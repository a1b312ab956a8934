"""Findings: how strong each effect is."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.finding import Effect


def test_effects_from_mild_to_strong() -> None:
    """Each effect of the policy language is stronger than the one before it."""
    order = ["note", "cap", "justify", "review", "reject"]
    ranks = [Effect(name).rank for name in order]
    assert all(mild < strong for mild, strong in pairwise(ranks))
    assert len(order) == len(Effect)


@given(st.sampled_from(Effect), st.sampled_from(Effect))
def test_two_effects_are_never_equally_strong(one: Effect, other: Effect) -> None:
    """Of two different effects one is stronger."""
    assert (one is other) == (one.rank == other.rank)
