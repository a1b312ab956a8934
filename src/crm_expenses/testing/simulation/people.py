"""What people do in the CRM: make claims, change them, go back on it, save without a change."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from crm_expenses.adapters.textrow import Row, to_row
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.testing.simulation import company
from crm_expenses.testing.simulation.crm import SimCrm

_KINDS = {made: kind for kind, made in TYPES.items()}
UNREADABLE = "1,234.5x"


class People:
    """Everybody in a world who edits records. Each deed is one person saving one record."""

    def __init__(self, crm: SimCrm) -> None:
        self.crm = crm
        self.world = crm.world
        self._claims = 100
        self._lines = 100
        self._deeds: tuple[Callable[[], None], ...] = (
            self._change_line,
            self._change_line,
            self._change_line,
            self._move_line,
            self._add_line,
            self._new_claim,
            self._change_status,
            self._change_status,
            self._revert,
            self._revert,
            self._touch,
            self._spoil_line,
            self._change_person,
            self._change_budget,
            self._change_account,
            self._delete,
            self._undelete,
            self._merge_accounts,
        )

    def begin(self, records: tuple[Record, ...]) -> None:
        """Save what is there when the world begins; all of it is seen at once."""
        for record in records:
            self.crm.save(_KINDS[type(record)], to_row(record))

    def act(self) -> None:
        """Let somebody do something."""
        self.world.chance.choice(self._deeds)()

    def mend(self) -> None:
        """Let people mend what cannot be read."""
        for name, state in self.crm.alive(Kind.LINE).items():
            if state.row.get("amount") == UNREADABLE:
                self._save(Kind.LINE, {**state.row, "amount": "42.00"}, f"mends {name}")

    def _save(self, kind: Kind, row: Mapping[str, str], why: str) -> None:
        slow = self.world.scenario.slow
        delay = self.world.seconds(slow) if self.world.happens(400) else timedelta(0)
        late = f" (seen {delay.total_seconds():g} s later)" if delay else ""
        self.world.say(f"person {why}{late}")
        self.crm.save(kind, row, delay=delay)

    def _any(self, kind: Kind) -> tuple[str, Row] | None:
        rows = sorted(self.crm.alive(kind))
        if not rows:
            return None
        name = self.world.chance.choice(rows)
        return name, self.crm.chains[kind][name][-1].row

    def _set(self, kind: Kind, fields: Mapping[str, str]) -> None:
        found = self._any(kind)
        if found is not None:
            name, row = found
            said = ", ".join(f"{field}={value}" for field, value in fields.items())
            self._save(kind, {**row, **fields}, f"sets {name} {said}")

    def _change_line(self) -> None:
        chance = self.world.chance
        amount, category = f"{chance.randint(1, 800)}.00", chance.choice(company.CATEGORIES)
        fields = ({"amount": amount}, {"category": category}, {"purpose": f"会议 {amount}"})
        self._set(Kind.LINE, chance.choice(fields))

    def _move_line(self) -> None:
        found = self._any(Kind.CLAIM)
        if found is not None:
            self._set(Kind.LINE, {"claim": found[0]})

    def _spoil_line(self) -> None:
        self._set(Kind.LINE, {"amount": UNREADABLE})

    def _add_line(self) -> None:
        found = self._any(Kind.CLAIM)
        if found is not None:
            self._lines += 1
            made = company.line(self.world.chance, f"L{self._lines}", found[0])
            self._save(Kind.LINE, to_row(made), f"adds {made.id} to {made.claim}")

    def _new_claim(self) -> None:
        self._claims += 1
        made = company.claim(self.world.chance, self._claims)
        self._save(Kind.CLAIM, to_row(made), f"makes {made.id}")
        for _ in range(self.world.chance.randint(0, 2)):
            self._lines += 1
            line = company.line(self.world.chance, f"L{self._lines}", made.id)
            self._save(Kind.LINE, to_row(line), f"adds {line.id} to {made.id}")

    def _change_status(self) -> None:
        statuses = (ClaimStatus.SUBMITTED, ClaimStatus.DRAFT, ClaimStatus.WITHDRAWN)
        self._set(Kind.CLAIM, {"status": self.world.chance.choice(statuses).value})

    def _change_person(self) -> None:
        chance = self.world.chance
        fields = (
            {"city": chance.choice(company.CITIES)},
            {"manager": chance.choice(company.MANAGERS)},
        )
        name = chance.choice(company.PEOPLE)
        row = self.crm.chains[Kind.ACCOUNT_MANAGER][name][-1].row
        changed = chance.choice(fields)
        self._save(Kind.ACCOUNT_MANAGER, {**row, **changed}, f"sets {name} {changed}")

    def _change_budget(self) -> None:
        self._set(Kind.BUDGET, {"amount": f"{self.world.chance.randint(900, 999)}0000.00"})

    def _change_account(self) -> None:
        self._set(Kind.ACCOUNT, {"city": self.world.chance.choice(company.CITIES)})

    def _delete(self) -> None:
        kind = self.world.chance.choice((Kind.LINE, Kind.LINE, Kind.CLAIM))
        found = self._any(kind)
        if found is not None:
            self.world.say(f"person deletes {found[0]}")
            self.crm.remove(kind, found[0])

    def _undelete(self) -> None:
        kind = self.world.chance.choice((Kind.LINE, Kind.CLAIM, Kind.ACCOUNT))
        chains = self.crm.chains[kind]
        gone = sorted(n for n, c in chains.items() if not (c[-1].is_alive or c[-1].into))
        if gone:
            name = self.world.chance.choice(gone)
            self._save(kind, chains[name][-1].row, f"takes {name} out of the bin")

    def _merge_accounts(self) -> None:
        there = sorted(self.crm.alive(Kind.ACCOUNT))
        if len(there) > 1 and self.world.scenario.deletes:  # else nobody could tell us
            loser, winner = self.world.chance.sample(there, 2)
            self.world.say(f"person merges {loser} into {winner}")
            self.crm.remove(Kind.ACCOUNT, loser, into=winner)

    def _touch(self) -> None:
        self._set(self.world.chance.choice((Kind.CLAIM, Kind.LINE)), {})

    def _revert(self) -> None:
        """Bring back an older content, as it was."""
        kind = self.world.chance.choice((Kind.CLAIM, Kind.LINE))
        found = self._any(kind)
        if found is not None:
            name, _ = found
            older = self.world.chance.choice(self.crm.chains[kind][name])
            self._save(kind, older.row, f"takes {name} back to v{older.version}")
