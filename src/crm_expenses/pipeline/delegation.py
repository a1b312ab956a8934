"""Who acts for whom: each names substitutes for themselves, with dates, for all claims or one.

Nobody names one for somebody else. Where a person is away and named nobody, a step that waits too
long is escalated, and `role:NAME` steps have other holders.
"""

from dataclasses import replace
from datetime import datetime

from crm_expenses.core.approval import Substitute
from crm_expenses.errors import RefusedError
from crm_expenses.pipeline.approvals import review
from crm_expenses.pipeline.turns import Company
from crm_expenses.pipeline.waiting import desk_of
from crm_expenses.store import Store


def delegate(
    store: Store,
    crm: str,
    company: Company,
    one: Substitute,
    *,
    at: datetime,
    said: str = "",
) -> int:
    """Let `one.who` act for `one.instead_of`, who says so; give its number.

    Without `start` it begins on the day of `at` in the company's zone. Open steps are asked anew at
    once.

    Raises:
        RefusedError: nobody acts for themselves; `who` is not known; the days are in the past or
            the wrong way round; it is there already; the person may not see the claim.
        ConfigError: `instead_of` is not known.
    """
    today = at.astimezone(company.zone).date()
    made = replace(one, start=one.start or today)
    if made.who == made.instead_of:
        raise RefusedError("delegate.self", person=made.who)
    with desk_of(store, crm, company, made.instead_of) as desk:
        is_known = made.who in desk.people()
        if made.claim and desk.life(made.claim) is None:
            raise RefusedError("approvals.no_claim", claim=made.claim)
    if not is_known and not any(made.who in held for held in company.roles.values()):
        raise RefusedError("delegate.unknown", person=made.who[:80])
    if made.until is not None and (made.until < today or made.until < (made.start or today)):
        start, until = f"{made.start}", f"{made.until}"
        raise RefusedError("delegate.days", start=start, until=until, today=f"{today}")
    with store.work(crm) as work:
        for number, held in work.numbered_substitutes():
            if held == made:
                raise RefusedError("delegate.twice", number=str(number), who=made.who)
        number = work.add_substitute(made, by=made.instead_of, at=at, said=said)
    review(store, crm, company, at)
    return number


def undelegate(
    store: Store, crm: str, company: Company, number: int, *, by: str, at: datetime
) -> Substitute:
    """End a substitution that `by` made; give it. Open steps are asked anew at once.

    Raises:
        RefusedError: there is none of that number that is theirs and in force.
    """
    with store.work(crm) as work:
        held = dict(work.numbered_substitutes()).get(number)
        if held is None or held.instead_of != by:
            raise RefusedError("delegate.none", number=str(number), person=by)
        work.end_substitute(number, by=by, at=at)
    review(store, crm, company, at)
    return held
