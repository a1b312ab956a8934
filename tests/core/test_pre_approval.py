"""Pre-approvals: which spending somebody approved in advance."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.testing import strategies

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 20)
BEFORE, AFTER = date(2026, 3, 1), date(2026, 3, 21)
PLAIN: Final = PreApproval("PA", "P1", "P9", LAST, FIRST)
LINE: Final = ExpenseLine(
    "L", "C", FIRST, "gift", Money(100, "CNY"), account="A1", opportunity="O1", trip="T1"
)


@pytest.mark.parametrize(
    ("approval", "line", "is_covered"),
    [
        # the days, first and last included
        ({}, {"date": BEFORE}, False),
        ({}, {"date": FIRST}, True),
        ({}, {"date": LAST}, True),
        ({}, {"date": AFTER}, False),
        ({"start": None}, {"date": date(1999, 1, 1)}, True),
        ({"start": None}, {"date": AFTER}, False),
        # who, and by whom
        ({"person": "P2"}, {}, False),
        ({"granted_by": "P1"}, {}, False),
        ({"person": "P2", "granted_by": "P2"}, {}, False),
        # what alone it is for
        ({"category": "gift"}, {}, True),
        ({"category": "meal"}, {}, False),
        ({"account": "A1"}, {}, True),
        ({"account": "A2"}, {}, False),
        ({"account": "A1"}, {"account": ""}, False),
        ({"opportunity": "O1"}, {}, True),
        ({"opportunity": "O2"}, {}, False),
        ({"opportunity": "O1"}, {"opportunity": ""}, False),
        ({"trip": "T1"}, {}, True),
        ({"trip": "T2"}, {}, False),
        ({"trip": "T1"}, {"trip": ""}, False),
        ({"category": "gift", "account": "A1", "opportunity": "O1", "trip": "T1"}, {}, True),
        ({"category": "gift", "account": "A1", "opportunity": "O1", "trip": "T2"}, {}, False),
        # whatever it came to
        ({"amount": Money(99, "CNY")}, {}, True),
        ({"amount": Money(0, "EUR")}, {}, True),
    ],
)
def test_what_is_covered(
    approval: dict[str, object],
    line: dict[str, object],
    is_covered: bool,  # noqa: FBT001
) -> None:
    """It covers the person's spending on its days, of what alone it is for, and nothing else."""
    made = replace(PLAIN, **approval)  # type: ignore[arg-type]
    spent = replace(LINE, **line)  # type: ignore[arg-type]
    assert made.covers(spent, person="P1") is is_covered


@given(strategies.pre_approvals("P1"), strategies.lines())
def test_a_restriction_never_covers_more(approval: PreApproval, line: ExpenseLine) -> None:
    """What a pre-approval covers it covers without any of its restrictions, too."""
    if approval.covers(line, person="P1"):
        for name in ("category", "account", "opportunity", "trip", "start"):
            empty = None if name == "start" else ""
            wider = replace(approval, **{name: empty})  # type: ignore[arg-type]
            assert wider.covers(line, person="P1")


@given(strategies.pre_approvals(), st.sampled_from(("P1", "P2")), strategies.lines())
def test_nobody_approves_their_own(approval: PreApproval, person: str, line: ExpenseLine) -> None:
    """One that a person granted to themselves covers nothing of anybody."""
    own = replace(approval, granted_by=approval.person)
    assert not own.covers(line, person=person)
    assert not own.covers(line, person=own.person)
