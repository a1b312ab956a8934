"""Make an empty PocketBase a small CRM: `python fill.py URL`, after `pocketbase superuser upsert`.

It makes the collections of `collections.json`, a service user, three people, a customer and a
claim of two lines, and prints a token of the service user. It runs once, on the standard library.
"""

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

ADMIN = ("admin@example.com", "admin-secret-0815")
SERVICE = ("svc@example.com", "service-secret-4711")

RECORDS = [
    ("people", {"id": "P1", "name": "Ana Prado", "grade": "M2", "team": "South", "manager": "P2"}),
    ("people", {"id": "P2", "name": "Bo Lind", "grade": "M4", "team": "South"}),
    ("people", {"id": "P3", "name": "Cai Lan", "grade": "M3", "team": "Finance"}),
    ("accounts", {"id": "A1", "name": "Nordwind", "owner": "P1", "city": "Lisbon"}),
    ("expense_claims", {
        "id": "C1", "person": "P1", "title": "Lisbon, March", "status": "submitted",
        "submitted": "2026-03-20 09:00:00.000Z",
    }),
    ("expense_lines", {
        "id": "L1", "claim": "C1", "day": "2026-03-17", "category": "meal", "amount": "48.00",
        "currency": "EUR", "account": "A1", "purpose": "Dinner with Nordwind",
    }),
    ("expense_lines", {
        "id": "L2", "claim": "C1", "day": "2026-03-18", "category": "taxi", "amount": "19.50",
        "currency": "EUR", "account": "A1",
    }),
]  # fmt: skip


def call(url: str, body: object, token: str = "") -> dict[str, Any]:
    """Send something to PocketBase; give its answer."""
    request = urllib.request.Request(  # noqa: S310  the address is the reader's own
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **({"Authorization": token} if token else {})},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  likewise
        held: dict[str, Any] = json.load(answer)
    return held


def main(address: str) -> None:
    """Fill the server at an address."""
    api = f"{address.rstrip('/')}/api"
    admin = call(
        f"{api}/collections/_superusers/auth-with-password",
        {"identity": ADMIN[0], "password": ADMIN[1]},
    )["token"]
    collections = Path(__file__).parent / "collections.json"
    for one in json.loads(collections.read_text(encoding="utf-8")):
        call(f"{api}/collections", one, admin)
    email, password = SERVICE
    user = {"email": email, "password": password, "passwordConfirm": password, "verified": True}
    call(f"{api}/collections/users/records", user, admin)
    for collection, record in RECORDS:
        call(f"{api}/collections/{collection}/records", record, admin)
    signed = call(
        f"{api}/collections/users/auth-with-password", {"identity": email, "password": password}
    )
    print(signed["token"])


if __name__ == "__main__":
    main(sys.argv[1])
