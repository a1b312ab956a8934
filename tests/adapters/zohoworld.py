"""Connections to simulated organisations of Zoho CRM, for the tests of its control plane."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from crm_expenses.adapters.contract import Open, Opening
from crm_expenses.adapters.exchange import Clock, Limits
from crm_expenses.adapters.zoho.sdk import Sdk
from crm_expenses.adapters.zoho.settings import zoho_settings
from crm_expenses.adapters.zoho.wire import ZohoWire, open_wire
from crm_expenses.core.record import Kind
from crm_expenses.testing.zohosim import Site, ZohoSim

QUICK = Limits(connect_seconds=2, read_seconds=2, call_seconds=4, total_seconds=8, attempts_max=3)
"""Bounds of a test: whatever hangs is let go of soon."""


def quick_clock(now: Callable[[], datetime] | None = None) -> Clock:
    """Give a clock whose pauses are none; it shows the machine's time, or `now`."""
    made = Clock(sleep=lambda _: None, jitter=lambda: 0.0)
    if now is None:
        return made

    def seconds() -> float:
        return now().timestamp()

    return replace(made, wall=seconds, monotonic=seconds)


def wire_to(
    sim: ZohoSim,
    site: Site | None = None,
    *,
    crm: str = "main",
    now: Callable[[], datetime] | None = None,
    fields: Mapping[Kind, Mapping[str, str]] | None = None,
    **more: object,
) -> ZohoWire:
    """Open a wire to an organisation; `more` are options over those of the simulator.

    An option that is None is left out; `fields` are the user's own names.
    """
    os.environ.update(sim.environment(site))
    given: Mapping[str, object] = {**sim.settings(site), **more}
    options = {name: value for name, value in given.items() if value is not None}
    settings = zoho_settings(Opening(crm, options, fields=fields or {}))
    return open_wire(settings, gate=Open(), clock=quick_clock(now), limits=QUICK)


@contextmanager
def sdk_to(
    sim: ZohoSim,
    site: Site | None = None,
    *,
    crm: str = "main",
    now: Callable[[], datetime] | None = None,
    fields: Mapping[Kind, Mapping[str, str]] | None = None,
    **more: object,
) -> Iterator[Sdk]:
    """Open the SDK for an organisation, and close it."""
    wire = wire_to(sim, site, crm=crm, now=now, fields=fields, **more)
    sdk = Sdk(wire)
    try:
        yield sdk
    finally:
        sdk.close()
        wire.close()
