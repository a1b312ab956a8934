"""Claims: which statuses count, and that a claim's day is the company's own."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ClaimStatus
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import UNCOUNTED, State, after, move_for


@pytest.mark.parametrize("status", ClaimStatus)
def test_a_status_counts_or_not(status: ClaimStatus) -> None:
    """What is decided leads to a state that counts, all else to one that does not."""
    state = after(State.DECIDED, move_for(status, Outcome.PASS, needs_person=False))
    assert (status in DECIDED_STATUSES) == (state not in UNCOUNTED)


def test_the_day_of_submission_is_the_companys() -> None:
    """Late in the evening in Shanghai it is still that day, whatever UTC says."""
    shanghai = timezone(timedelta(hours=8))
    claim = Claim("C", "p", datetime(2026, 1, 1, 0, 30, tzinfo=shanghai))
    assert claim.submitted.date() == date(2026, 1, 1)
    assert claim.submitted.astimezone(UTC).date() == date(2025, 12, 31)
    assert claim.status is ClaimStatus.SUBMITTED
