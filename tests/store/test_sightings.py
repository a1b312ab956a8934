"""What a reading of all has met: noted for what was there before it, and for nothing else."""

from sqlalchemy import select
from stored_company import AT, CRM, Bad, line, page

from crm_expenses.core.record import Kind
from crm_expenses.store import Store
from crm_expenses.store import tables as t
from crm_expenses.store.readings import Readings, Way


def noted(store: Store) -> list[str]:
    """Give the ids that are noted as met."""
    with store.reading() as connection:
        met = select(t.sighting.c.id).where(~t.sighting.c.missed).order_by(t.sighting.c.id)
        return list(connection.execute(met).scalars())


def test_a_first_reading_notes_nothing(store: Store) -> None:
    """Where nothing was there nothing can be missing, so nothing has to be noted."""
    readings = Readings(store, CRM)
    readings.begin(Kind.LINE, Way.NEW, AT)
    lines = [line(number) for number in range(130)]
    assert readings.keep(page(Kind.LINE, lines), Way.NEW, AT).new == 130
    assert noted(store) == []
    assert readings.count(Kind.LINE).missing == 0


def test_what_is_met_is_not_missing(store: Store) -> None:
    """Same, changed, unreadable and twice: what was met once is not missing, the others are."""
    lines = [line(number) for number in range(130)]
    store.append(CRM, page(Kind.LINE, lines), AT)
    readings = Readings(store, CRM)
    readings.begin(Kind.LINE, Way.WHOLE, AT)
    assert readings.count(Kind.LINE).missing == 130
    first = [*lines[:60], line(60, 7), line(200)]
    readings.keep(page(Kind.LINE, [*first, Bad("L-61", "p:1")]), Way.WHOLE, AT)
    readings.keep(page(Kind.LINE, lines[50:60]), Way.WHOLE, AT)
    assert noted(store) == sorted([f"L-{number}" for number in range(60)] + ["L-61"])
    assert readings.count(Kind.LINE).missing == 130 - 62
    missing = set(readings.missing(Kind.LINE, 1_000))
    assert missing == {f"L-{number}" for number in range(62, 130)}
