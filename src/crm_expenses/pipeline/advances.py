"""Advances: paid out before money is spent, cleared by approved claims, and given back."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from crm_expenses.core.advance import AdvanceEntry, AdvanceKind
from crm_expenses.core.money import Money
from crm_expenses.core.viewer import Viewer
from crm_expenses.errors import ConfigError, RefusedError
from crm_expenses.pipeline.desk import Desk, demand_finance, demand_person
from crm_expenses.store.money import (
    Advance,
    add_advance_entries,
    advance,
    advances,
    next_advance,
)

PREFIX: Final = "ADV"


def pay_out(
    desk: Desk,
    person: str,
    amount: Money,
    *,
    by: str,
    at: datetime,
    name: str = "",
    reason: str = "",
) -> Advance:
    """Pay a person in advance; claims that are approved from then on clear it.

    Without a name the advance gets a number.

    Raises:
        RefusedError: `by` may not pay, nobody is known by this id, or it is not above zero.
        ConfigError: there is an advance of that name.
    """
    demand_finance(desk.company, by, name or person)
    with desk.store.work(desk.crm) as work:
        demand_person(work, person)
        chosen = name.strip() or next_advance(work, PREFIX)
        if advance(work, chosen) is not None:
            raise ConfigError("advance.twice", advance=chosen)
        if amount.minor <= 0:
            raise RefusedError("advance.not_positive", amount=str(amount))
        entry = AdvanceEntry(chosen, AdvanceKind.PAY_OUT, amount)
        add_advance_entries(work, person, [entry], at, by=by, said=reason.strip())
        made = advance(work, chosen)
    return _there(made, chosen)


def give_back(desk: Desk, name: str, amount: Decimal | None, *, by: str, at: datetime) -> Advance:
    """Take back what is left of an advance, or a part of it.

    Raises:
        RefusedError: `by` may not, there is no such advance, or not so much is left of it.
        MappingError: the amount is finer than the currency.
    """
    demand_finance(desk.company, by, name)
    with desk.store.work(desk.crm) as work:
        held = _there(advance(work, name), name)
        currency = held.position.currency
        money = Money(held.position.outstanding, currency)
        if amount is not None:
            money = Money.of(amount, currency)
        entry = AdvanceEntry(name, AdvanceKind.RETURN, money)
        held.position.after(entry)
        add_advance_entries(work, held.person, [entry], at, by=by)
        return _there(advance(work, name), name)


def list_advances(desk: Desk, *, viewer: Viewer, person: str = "") -> tuple[Advance, ...]:
    """Give the advances that the viewer may see, by person, the oldest first."""
    with desk.store.looking(desk.crm) as work:
        found = advances(work)
    return tuple(one for one in found if viewer.may_see(one.person) and person in ("", one.person))


def show_advance(desk: Desk, name: str, *, viewer: Viewer) -> Advance:
    """Give one advance with its entries.

    Raises:
        RefusedError: the viewer may not see it; whether it exists is not said.
    """
    with desk.store.looking(desk.crm) as work:
        found = advance(work, name)
    if found is None:
        viewer.refuse(name)
    viewer.demand(found.person, name)
    return found


def _there(found: Advance | None, name: str) -> Advance:
    if found is None:
        raise RefusedError("advance.none", advance=name)
    return found
