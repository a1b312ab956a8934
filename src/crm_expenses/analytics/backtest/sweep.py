"""A sweep: one figure of a policy takes each of many values in turn, from its newest start on.

What is asked for reads `meal_day=80:200:10`, or `cap[senior,1]=300:600:50` for one cell of a table.
A cell of a table with bands is named by the keys and by where its band begins, the `else` of a
table by `cap[else]`.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from crm_expenses.analytics.figures import Label
from crm_expenses.core.money import read_number
from crm_expenses.errors import ConfigError, MappingError
from crm_expenses.rules.parameter import Bands, Held, InForce, Key, Parameter
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.tree import Sort, Type, unit_text

POINTS_MAX: Final = 200
"""Most values in one sweep: each costs a decision on every line."""

ELSE: Final = "else"
RAW_MAX: Final = 10**15
"""The language proves that no result goes beyond this; a swept value may not either."""

_FORM: Final = re.compile(r"\s*([^\[\]=\s]+)\s*(?:\[(.*)\])?\s*=([^=]*)")


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is asked for: a parameter, the keys of one cell, and where the values go."""

    name: str
    keys: tuple[str, ...]
    first: Decimal
    last: Decimal
    step: Decimal

    @property
    def target(self) -> str:
        """What is swept, as one writes it."""
        return f"{self.name}[{','.join(self.keys)}]" if self.keys else self.name

    @property
    def values(self) -> tuple[Decimal, ...]:
        """The values, from the first in steps up to the last."""
        count = int((self.last - self.first) // self.step) + 1
        return tuple(self.first + self.step * at for at in range(count))


def read_sweep(asked: str) -> Sweep:
    """Read what is asked for.

    Raises:
        ConfigError: it is not `parameter=from:to:step`, or has no value or too many.

    >>> sweep = read_sweep("cap[senior, 1]=300:600:150")
    >>> sweep.target, [str(value) for value in sweep.values]
    ('cap[senior,1]', ['300', '450', '600'])
    """
    parts = _FORM.fullmatch(asked)
    numbers = parts[3].split(":") if parts else []
    if parts is None or len(numbers) != 3:
        raise ConfigError("backtest.sweep_form", value=asked[:60])
    keys = tuple(key.strip() for key in parts[2].split(",")) if parts[2] else ()
    try:
        first, last, step = (read_number(number.strip()) for number in numbers)
    except MappingError as error:
        raise ConfigError("backtest.sweep_number", value=parts[3].strip()[:60]) from error
    if step <= 0 or last < first:
        raise ConfigError("backtest.sweep_range", value=parts[3].strip()[:60])
    count = int((last - first) // step) + 1
    if count > POINTS_MAX:
        raise ConfigError("backtest.sweep_many", count=f"{count:,}", most=str(POINTS_MAX))
    return Sweep(parts[1], keys, first, last, step)


@dataclass(frozen=True, slots=True)
class Swept:
    """A policy for each value; `now` is what the policy has today, and `newest` where it stands."""

    sweep: Sweep
    title: Label
    unit: str
    newest: InForce
    now: str
    policies: Mapping[str, Policy]


def swept(policy: Policy, sweep: Sweep) -> Swept:
    """Make a policy for each value of a sweep, in order, by the value as it is written.

    Raises:
        ConfigError: there is no such figure, no such cell, or it cannot have such a value.
    """
    parameter = policy.parameters.get(sweep.name)
    if parameter is None:
        known = ", ".join(sorted(policy.parameters)) or "-"
        raise ConfigError("backtest.no_parameter", name=sweep.name[:60], known=known)
    if parameter.type.sort is not Sort.QUANTITY:
        raise ConfigError("backtest.no_figure", name=sweep.name)
    newest = parameter.values[-1]
    cell = _Cell.of(parameter, newest, sweep)
    policies = {}
    for value in sweep.values:
        shown = shown_value(value, parameter.type)
        changed = cell.with_value(_raw(value, parameter))
        with_it = replace(parameter, values=(*parameter.values[:-1], changed))
        policies[shown] = replace(
            policy,
            parameters={**policy.parameters, sweep.name: with_it},
            digest=_digest(policy.digest, sweep.target, shown),
        )
    title = parameter.title or (sweep.name, sweep.name)
    now = shown_value(Decimal(cell.now).scaleb(-parameter.type.scale), parameter.type)
    unit = unit_text(parameter.type.dims) if parameter.type.dims else ""
    return Swept(sweep, Label(*title), unit, newest, now, policies)


def shown_value(value: Decimal, kind: Type) -> str:
    """Write a value with the decimals that its type has.

    >>> from crm_expenses.rules.tree import quantity
    >>> shown_value(Decimal("80"), quantity("CNY", 2))
    '80.00'
    """
    return f"{value:.{kind.scale}f}"


def _raw(value: Decimal, parameter: Parameter) -> int:
    scale = parameter.type.scale
    raw = value.scaleb(scale)
    whole = raw.to_integral_value()
    if whole != raw:
        given, places = f"{value:f}", str(scale)
        raise ConfigError("backtest.sweep_places", name=parameter.name, value=given, places=places)
    if abs(whole) >= RAW_MAX:
        raise ConfigError("backtest.sweep_large", name=parameter.name, value=f"{value:f}")
    return int(whole)


def _digest(*parts: str) -> str:
    """Give a digest of its own: policies made ready are kept by it."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell of the newest values: by its keys, and in a table of bands by the band's place.

    Without a key it is the `else`.
    """

    newest: InForce
    key: Key | None
    band: int | None
    now: int

    @classmethod
    def of(cls, parameter: Parameter, newest: InForce, sweep: Sweep) -> "_Cell":
        if sweep.keys == (ELSE,) and isinstance(newest.otherwise, int):
            return cls(newest, None, None, newest.otherwise)
        columns = [name for name, _ in parameter.keys]
        columns += [str(parameter.band)] if parameter.band is not None else []
        if len(sweep.keys) != len(columns):
            wanted = ", ".join(columns) or "-"
            given = str(len(sweep.keys))
            raise ConfigError("backtest.sweep_keys", name=sweep.name, keys=wanted, given=given)
        if parameter.band is None:
            held = newest.table.get(sweep.keys)
            if isinstance(held, int):
                return cls(newest, sweep.keys, None, held)
            raise _no_cell(sweep, newest)
        *words, start = sweep.keys
        bands = newest.table.get(tuple(words))
        if not isinstance(bands, Bands):
            raise _no_cell(sweep, newest)
        scale = parameter.band.scale
        starts = [Decimal(one).scaleb(-scale) for one in bands.starts]
        try:
            at = starts.index(read_number(start))
        except (MappingError, ValueError):
            known = ", ".join(f"{one:f}" for one in starts)
            raise ConfigError("backtest.no_cell", target=sweep.target[:60], known=known) from None
        return cls(newest, tuple(words), at, int(bands.values[at]))

    def with_value(self, raw: int) -> InForce:
        """Give the newest values with this cell changed."""
        if self.key is None:
            return replace(self.newest, otherwise=raw)
        held: Held | Bands = raw
        if self.band is not None:
            bands = self.newest.table[self.key]
            if not isinstance(bands, Bands):
                raise AssertionError(self.key)
            values = (*bands.values[: self.band], raw, *bands.values[self.band + 1 :])
            held = replace(bands, values=values)
        return replace(self.newest, table={**self.newest.table, self.key: held})


def _no_cell(sweep: Sweep, newest: InForce) -> ConfigError:
    known = [",".join(key) for key in sorted(newest.table)[:20]]
    known += [ELSE] if newest.otherwise is not None else []
    return ConfigError("backtest.no_cell", target=sweep.target[:60], known="; ".join(known) or "-")
