"""All cases written by hand, in which every word of the language stands."""

from collections.abc import Callable, Iterator
from typing import Final

from agreement import Case
from cases_of_facts import approvals, own_facts, persons, vouchers, waivers, words
from cases_of_figures import bounds, calendar_ends, drawn_expressions, functions, rates, rounding
from cases_of_rules import every_shape, rejected, same_keys, spells, uncovered, windows
from cases_of_trips import days_of_trips, entitlements

GROUPS: Final[dict[str, Callable[[], Iterator[Case]]]] = {
    one.__name__: one
    for one in (
        *(drawn_expressions, days_of_trips, every_shape, windows, spells, rounding, functions),
        *(bounds, rates, persons, waivers, approvals, vouchers, own_facts, words),
        *(calendar_ends, entitlements, uncovered, rejected, same_keys),
    )
}
"""The cases by what they are about."""
