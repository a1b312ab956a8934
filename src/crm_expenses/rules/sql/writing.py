"""How queries are written: columns, joins, and layers that follow from each other."""

from collections.abc import Sequence
from typing import Final

from crm_expenses.rules.sql.base import Base
from crm_expenses.rules.sql.cell import Cell

IDENTITY: Final = ("place", "claim", "line")
"""The columns that say which line a row is."""


def select(columns: Sequence[str], source: str) -> str:
    """Write a query."""
    listed = ",\n  ".join(columns)
    return f"SELECT\n  {listed}\nFROM {source}"


def layered(
    frame: Base,
    start: str,
    there: set[str],
    rows: set[str],
    keep: Sequence[str],
    *,
    identity: Sequence[str] = IDENTITY,
    before: Sequence[tuple[str, str]] = (),
) -> str:
    """Write a query whose columns follow from each other, layer by layer."""
    layers: list[list[str]] = []
    have, left = set(there), set(rows)
    while left:
        now = sorted(
            name
            for name in left
            if all(need in have or need in IDENTITY for need in frame.cells[name].needs)
        )
        if not now:
            lacking = {n: sorted(set(frame.cells[n].needs) - have) for n in sorted(left)}
            raise AssertionError(f"cells without what they need: {lacking}")
        layers.append(now)
        have |= set(now)
        left -= set(now)
    named = list(before)
    current = start
    for number, layer in enumerate(layers):
        later = {
            n for after in layers[number + 1 :] for name in after for n in frame.cells[name].needs
        }
        known = set(there).union(*layers[:number]) if number else set(there)
        through = sorted(n for n in known if (n in later or n in keep) and n not in identity)
        columns = [*identity, *through]
        columns += [f"{frame.cells[name].text} AS {name}" for name in layer]
        named.append((f"layer_{number}", current))
        current = select(columns, f"layer_{number}")
    final = [*identity, *(name for name in keep if name not in identity)]
    if layers or set(final) != set(identity) | (set(there) - set(identity)):
        named.append(("layer_last", current))
        current = select(final, "layer_last")
    if not named:
        return current
    written = ",\n".join(f"{name} AS (\n{indented(text)}\n)" for name, text in named)
    return f"WITH {written}\n{current}"


def from_joins(frame: Base, cells: Sequence[Cell]) -> str:
    """Write the joins that source cells read, each after those that it reads itself."""
    done: dict[str, str] = {}

    def add(alias: str) -> None:
        if alias in done or alias not in frame.from_joins:
            return
        text, after = frame.from_joins[alias]
        for other in after:
            add(other)
        done[alias] = with_inner(frame, alias, text)

    for cell in cells:
        for alias in cell.joins:
            add(alias)
    if "c" in frame.from_joins and frame.from_joins["c"][0].startswith("JOIN"):
        add("c")
    return "".join(f"\n{text}" for text in done.values())


def with_inner(frame: Base, alias: str, text: str) -> str:
    """Write a table with what is told where it is read."""
    inner = frame.inner.get(alias)
    if not inner:
        return text
    table = next(word for word in text.split() if word not in ("LEFT", "JOIN"))
    columns = ",\n    ".join(f"{told} AS {name}" for name, told in inner.items())
    read = f"(\n  SELECT {table}.*,\n    {columns}\n  FROM {table}\n) AS {alias}"
    return text.replace(f"{table} AS {alias}", read, 1)


def indented(text: str) -> str:
    """Move a text to the right."""
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))
