"""Which adapters there are, and how one is opened by the name of its kind.

Adapters are entry points of the group `crm_expenses.adapters`: callables
`(Opening) -> Adapter`. Nothing is imported until it is asked for, so a plug-in that is
broken harms nobody who does not use it.

A module that has such a callable may have a function `usual_limits` beside it, which is given the
connection's options and gives what the CRM itself allows (`LimitsPart`).
"""

import difflib
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from crm_expenses.adapters.contract import Adapter, Opening
from crm_expenses.crmsettings import LimitsPart
from crm_expenses.errors import ConfigError, CrmExpensesError, Problem

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "crm_expenses.adapters"
BUILT_IN: Final[Mapping[str, str]] = {
    "files": "crm_expenses.adapters.files:open_adapter",
    "rest": "crm_expenses.adapters.rest:open_adapter",
    "zoho": "crm_expenses.adapters.zoho:open_adapter",
}
"""Ours, for when the package runs without its metadata (from a source folder)."""

Factory = Callable[[Opening], Adapter]
"""Makes an adapter from what it is opened with."""

_OWN: Final = "crm-expenses"
_MEMBERS: Final = (
    "name", "capabilities", "pull", "push", "check", "close",
    "look", "describe", "files", "read_file", "write_file",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Claim:
    """A distribution's claim on a name."""

    distribution: str
    entry: "EntryPoint"


def adapter_names() -> tuple[str, ...]:
    """Give the names of all adapters that are installed, whether or not they can be imported."""
    return tuple(sorted(_claims()))


def open_adapter(kind_of_adapter: str, opening: Opening) -> Adapter:
    """Open the adapter of a kind for a connection.

    Raises:
        ConfigError: no such kind, two distributions claim it, it cannot be imported, or what it
            gives is not an adapter.
    """
    claims = _claims()
    if kind_of_adapter not in claims:
        near = difflib.get_close_matches(kind_of_adapter, claims, n=1, cutoff=0.0)
        raise ConfigError(
            "registry.unknown",
            crm=opening.name,
            kind=kind_of_adapter[:60],
            known=", ".join(sorted(claims)),
            near=near[0],
        )
    found = claims[kind_of_adapter]
    if len(found) > 1:
        who = ", ".join(sorted({claim.distribution for claim in found}))
        raise ConfigError("registry.claimed_twice", kind=kind_of_adapter, distributions=who)
    factory = _load(kind_of_adapter, found[0])
    return _checked(kind_of_adapter, found[0].distribution, factory(opening))


def usual_limits(kind_of_adapter: str, options: Mapping[str, object]) -> LimitsPart | None:
    """Give what a CRM allows by itself, where its adapter knows; None where it does not.

    What is wrong with the adapter or its options is told when it is opened, and not here.
    """
    claims = _claims().get(kind_of_adapter, [])
    if len(claims) != 1:
        return None
    try:
        factory = _load(kind_of_adapter, claims[0])
    except CrmExpensesError:
        return None
    module = sys.modules.get(getattr(factory, "__module__", ""))
    known: object = getattr(module, "usual_limits", None)
    found: object = known(options) if callable(known) else None
    return found if isinstance(found, LimitsPart) else None


def _claims() -> dict[str, list[_Claim]]:
    from importlib.metadata import EntryPoint, entry_points  # noqa: PLC0415  takes a while

    claims: dict[str, list[_Claim]] = {
        kind: [_Claim(_OWN, EntryPoint(kind, value, GROUP))] for kind, value in BUILT_IN.items()
    }
    for entry in entry_points(group=GROUP):
        owner = entry.dist.name if entry.dist else "?"
        claim = _Claim(re.sub(r"[-_.]+", "-", owner).lower(), entry)
        others = claims.setdefault(entry.name, [])
        # The built-in claim and the one in our own metadata are the same.
        same = (claim.distribution, entry.value)
        if same not in {(other.distribution, other.entry.value) for other in others}:
            others.append(claim)
    return claims


def _load(kind: str, claim: _Claim) -> Factory:
    values = {"kind": kind, "distribution": claim.distribution, "target": claim.entry.value}
    try:
        loaded: object = claim.entry.load()
    except CrmExpensesError:
        raise
    except (Exception, SystemExit) as error:  # foreign code may raise anything at its import
        detail = f"{type(error).__name__}: {error}"
        problem = Problem("registry.broken", {**values, "detail": detail[:300]})
        raise ConfigError.of([problem]) from error
    if not callable(loaded):
        raise ConfigError.of([Problem("registry.not_callable", values)])
    return cast("Factory", loaded)


def _checked(kind: str, distribution: str, opened: Adapter) -> Adapter:
    # Looked up on the class, so that no property of foreign code runs here.
    missing = [m for m in _MEMBERS if not hasattr(type(opened), m) and m not in _held(opened)]
    if missing:
        raise ConfigError(
            "registry.no_adapter",
            kind=kind,
            distribution=distribution,
            missing=", ".join(missing),
        )
    return opened


def _held(opened: object) -> frozenset[str]:
    return frozenset(getattr(opened, "__dict__", ()))
