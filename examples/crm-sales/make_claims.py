"""Makes claims for the people of a CRM export, the same for the same seed.

    python make_claims.py FOLDER [SEED]

Reads `sales_teams.csv` and `sales_pipeline.csv` in FOLDER and writes `claims.csv` beside them: one
row a line, one claim an account manager and month. Deals bring visits; visits bring flights,
nights, meals and entertainment; a few lines break the policy, as real ones do.
"""

import csv
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from pathlib import Path

VISIT_SHARE = 0.28
"""Share of the deals that brought a visit to the customer."""

DAYS_AFTER_MONTH = 4
"""A claim is handed in on the fifth of the month after its spending."""


@dataclass(frozen=True)
class Row:
    """One line of a claim, as it stands in the file; amounts are US dollars."""

    claim: str
    sales_agent: str
    submitted: str
    status: str
    date: str
    category: str
    amount: str
    account: str = ""
    opportunity: str = ""
    nights: str = ""
    attendees: str = ""
    receipt: str = ""


@dataclass(frozen=True)
class Spending:
    """What was spent, before it is put into a claim; `cents` in US dollars."""

    day: date
    category: str
    cents: int
    account: str = ""
    opportunity: str = ""
    nights: int = 0
    attendees: int = 0


def main(arguments: Sequence[str]) -> None:
    """Write the claims of one folder."""
    folder = Path(arguments[0])
    chance = random.Random(int(arguments[1]) if len(arguments) > 1 else 7)
    agents = [row["sales_agent"] for row in _read(folder / "sales_teams.csv")]
    spent: defaultdict[str, list[Spending]] = defaultdict(list)
    deals = [row for row in _read(folder / "sales_pipeline.csv") if row["engage_date"]]
    for deal in deals:
        if chance.random() < VISIT_SHARE:
            spent[deal["sales_agent"]] += _visit(deal, chance)
    last = max(date.fromisoformat(deal["engage_date"]) for deal in deals)
    for agent in agents:
        spent[agent] += _at_home(last, chance)
    count = 0
    with (folder / "claims.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        for index, agent in enumerate(agents, start=1):
            short = "".join(word[0] for word in agent.split()) + f"{index:02d}"
            for row in _claims(agent, short, spent[agent], last, chance):
                writer.writerow(astuple(row))
                count += 1
    print(f"{count} lines of {len(agents)} account managers in {folder / 'claims.csv'}")


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _visit(deal: dict[str, str], chance: random.Random) -> Iterator[Spending]:
    """Give what a visit to a customer costs."""
    first = date.fromisoformat(deal["engage_date"]) + timedelta(days=chance.randint(2, 20))
    of = {"account": deal["account"], "opportunity": deal["opportunity_id"]}
    nights = chance.choice((0, 1, 1, 2))
    if nights:
        yield Spending(first, "flight", chance.randint(14_000, 62_000), **of)
        rate = chance.randint(9_500, 19_500)
        yield Spending(first, "lodging", rate * nights, **of, nights=nights)
    if chance.random() < 0.01:
        yield Spending(first, "flight", chance.randint(91_000, 160_000), **of)
    for day in range(nights + 1):
        yield Spending(first + timedelta(days=day), "meal", chance.randint(1_200, 6_400), **of)
    if deal["account"] and chance.random() < 0.25:
        heads = chance.randint(2, 6)
        each = chance.randint(2_500, 8_000)
        day = first + timedelta(days=nights)
        yield Spending(day, "entertainment", heads * each, **of, attendees=heads)
    if chance.random() < 0.06:
        yield Spending(first, "gift", chance.randint(1_500, 9_000), **of)


def _at_home(last: date, chance: random.Random) -> Iterator[Spending]:
    """Give the lunches of somebody who has no deal to travel for."""
    for weeks in range(0, 60, 4):
        yield Spending(last - timedelta(weeks=weeks), "meal", chance.randint(1_000, 3_000))


def _claims(
    agent: str, short: str, spent: Sequence[Spending], last: date, chance: random.Random
) -> Iterator[Row]:
    """Put one person's spending into claims, a month each; ids begin with the short name."""
    for number, one in enumerate(sorted(spent, key=lambda s: (s.day, s.category, s.cents)), 1):
        month = one.day.replace(day=1)
        after = (month + timedelta(days=32)).replace(day=1) + timedelta(days=DAYS_AFTER_MONTH)
        has_receipt = chance.random() > 0.03
        yield Row(
            claim=f"{short}-{month:%Y%m}",
            sales_agent=agent,
            submitted=after.isoformat(),
            status="paid" if after < last - timedelta(days=30) else "submitted",
            date=one.day.isoformat(),
            category=one.category,
            amount=f"{one.cents // 100}.{one.cents % 100:02d}",
            account=one.account,
            opportunity=one.opportunity,
            nights=str(one.nights) if one.nights else "",
            attendees=str(one.attendees) if one.attendees else "",
            receipt=f"{short}-{number:04d}" if has_receipt else "",
        )


if __name__ == "__main__":
    main(sys.argv[1:])
