"""Sets up a new Tryton database for the tests: a company, currencies, a key; for `.ci/tryton`."""

import sys
from decimal import Decimal
from pathlib import Path

from trytond import config

config.update_etc(sys.argv[1])

from trytond.pool import Pool  # noqa: E402  the configuration comes first
from trytond.transaction import Transaction  # noqa: E402

CURRENCIES = {"CNY": 2, "EUR": 2, "JPY": 0, "KWD": 3, "USD": 2}

Pool.start()
pool = Pool("template")
pool.init()
with Transaction().start("template", 1) as transaction:
    currencies = pool.get("currency.currency").create(
        [
            {"name": code, "symbol": code, "code": code, "digits": digits}
            | {"rounding": Decimal(1).scaleb(-digits)}
            for code, digits in CURRENCIES.items()
        ]
    )
    (party,) = pool.get("party.party").create([{"name": "甲公司", "code": "OWN"}])
    (company,) = pool.get("company.company").create(
        [{"party": party.id, "currency": currencies[0].id}]
    )
    (admin,) = pool.get("res.user").search([("login", "=", "admin")])
    pool.get("res.user").write(
        [admin], {"companies": [("add", [company.id])], "company": company.id}
    )
    (key,) = pool.get("res.user.application").create([{"user": admin.id, "application": "rest"}])
    pool.get("res.user.application").write([key], {"state": "validated"})
    place = Path(sys.argv[2])
    (place / "key").write_text(key.key, encoding="utf-8")
    (place / "company").write_text(str(company.id), encoding="utf-8")
    transaction.commit()
