"""The loop that one would write by hand to load expense lines: the yardstick of `initial_load.py`.

The same duty: requests, JSON with exact amounts, a typed record with everything looked at that can
be wrong, a SHA-256 of its content, one executemany a page into one table of SQLite, in one
transaction with the cursor. The content is written as ours is, so that the two can be compared.
What helps is done: one session, one encoder, a plain dataclass with slots, WAL, a larger cache.
"""

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import requests

_MINOR: Final = {"CNY": 2, "EUR": 2, "USD": 2, "GBP": 2, "HKD": 2, "JPY": 0, "KWD": 3}
_MINOR_MAX: Final = 10**12
_NAME_MAX: Final = 200
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ENCODE: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode
_TABLE: Final = """
CREATE TABLE line (
    id TEXT PRIMARY KEY, claim TEXT NOT NULL, digest TEXT NOT NULL, content TEXT NOT NULL,
    version TEXT NOT NULL, received_at TEXT NOT NULL
)"""
_ADD: Final = """
INSERT INTO line VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    claim = excluded.claim, digest = excluded.digest, content = excluded.content,
    version = excluded.version, received_at = excluded.received_at
WHERE digest <> excluded.digest"""


@dataclass(slots=True)
class Line:
    """An expense line."""

    id: str
    claim: str
    date: date
    category: str
    minor: int
    currency: str
    city: str
    account: str
    opportunity: str
    merchant: str
    purpose: str
    justification: str
    voucher: str
    payment: str
    travel_class: str
    trip: str
    nights: int | None
    attendees: int | None
    distance: Decimal | None
    pre_approved: bool | None


def name(row: dict[str, Any], key: str) -> str:
    """Read a name, which must be there."""
    found = row.get(key)
    if not isinstance(found, str) or not found or len(found) > _NAME_MAX:
        raise ValueError(f"{key}: {found!r}")
    return found


def text(row: dict[str, Any], key: str) -> str:
    """Read a text, empty where there is none."""
    found = row.get(key)
    if found is None:
        return ""
    if not isinstance(found, str) or "\0" in found:
        raise ValueError(f"{key}: {found!r}")
    return found


def whole(row: dict[str, Any], key: str) -> int | None:
    """Read a count."""
    found = row.get(key)
    if found is None or type(found) is int:
        return found
    raise ValueError(f"{key}: {found!r}")


def minor(row: dict[str, Any], currency: str) -> int:
    """Read an exact amount as whole minor units."""
    places, found = _MINOR.get(currency), row.get("amount")
    if places is None or type(found) not in (int, Decimal):
        raise ValueError(f"amount: {found!r} {currency!r}")
    scaled = Decimal(found).scaleb(places)
    made = int(scaled)
    if made != scaled or abs(made) > _MINOR_MAX:
        raise ValueError(f"amount: {found!r} {currency!r}")
    return made


def line(row: dict[str, Any]) -> Line:
    """Read a row."""
    day = name(row, "spent_on")
    if not _DAY.fullmatch(day):
        raise ValueError(f"spent_on: {day!r}")
    distance, approved = row.get("distance"), row.get("pre_approved")
    if type(distance) is int:
        distance = Decimal(distance)
    if distance is not None and type(distance) is not Decimal:
        raise ValueError(f"distance: {distance!r}")
    if approved not in (None, True, False):
        raise ValueError(f"pre_approved: {approved!r}")
    currency = name(row, "currency")
    return Line(
        name(row, "id"),
        name(row, "claim"),
        date.fromisoformat(day),
        name(row, "category"),
        minor(row, currency),
        currency,
        text(row, "city"),
        text(row, "customer"),
        text(row, "opportunity"),
        text(row, "merchant"),
        text(row, "purpose"),
        text(row, "justification"),
        text(row, "voucher"),
        text(row, "payment"),
        text(row, "travel_class"),
        text(row, "trip"),
        whole(row, "nights"),
        whole(row, "attendees"),
        distance,
        approved,
    )


def content(one: Line) -> str:
    """Write a line as canonical JSON: what is empty is left out."""
    found = {
        "id": one.id,
        "claim": one.claim,
        "date": one.date.isoformat(),
        "category": one.category,
        "amount": {"minor": one.minor, "currency": one.currency},
        "city": one.city,
        "account": one.account,
        "opportunity": one.opportunity,
        "merchant": one.merchant,
        "purpose": one.purpose,
        "justification": one.justification,
        "voucher": one.voucher,
        "payment": one.payment,
        "travel_class": one.travel_class,
        "trip": one.trip,
        "nights": one.nights,
        "attendees": one.attendees,
        "distance": None if one.distance is None else f"{one.distance:f}",
        "pre_approved": one.pre_approved,
    }
    return _ENCODE({key: held for key, held in found.items() if held is not None and held != ""})


def load(url: str, file: Path, at: datetime) -> int:
    """Load all pages; give the number of rows."""
    stamp, after, count = at.isoformat(), "0", 0
    db = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-16384"):
        db.execute(f"PRAGMA {pragma}")
    db.execute(_TABLE)
    db.execute("CREATE TABLE cursor (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    with requests.Session() as session:
        while after is not None:
            reply = session.get(f"{url}lines", params={"after": after}, timeout=30)
            reply.raise_for_status()
            read = json.loads(reply.content, parse_float=Decimal)
            rows = []
            for row in read["lines"]:
                one = line(row)
                text_of = content(one)
                mark = sha256(text_of.encode()).hexdigest()
                rows.append((one.id, one.claim, mark, text_of, text(row, "modified"), stamp))
            after = read["next"]
            db.execute("BEGIN IMMEDIATE")
            db.executemany(_ADD, rows)
            db.execute("INSERT OR REPLACE INTO cursor VALUES ('lines', ?)", (after or "end",))
            db.execute("COMMIT")
            count += len(rows)
    db.close()
    return count
