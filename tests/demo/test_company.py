"""The made-up company: repeatable, complete, and wrong exactly where it says so."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.period import Period, PeriodKind
from crm_expenses.core.rates import convert, in_force
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.voucher import VoucherKind
from crm_expenses.demo import company as limits
from crm_expenses.demo.deals import _spent
from crm_expenses.demo.faults import FaultKind
from crm_expenses.demo.generation import Company, generate
from crm_expenses.demo.writing import company_files, write_company

DIGEST = "bc443eeaffea3da753abb431746d6483477d75af6850137d2af2027fcc1eccf3"
"""Of all files for the default seed and day: equal on every machine and Python, or it is a fault.

It changes with each wanted change of the data; then put the new one here.
"""

PRINT_DIGEST = """
import hashlib
from crm_expenses.demo.generation import generate
from crm_expenses.demo.writing import company_files
sums = [f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in company_files(generate())]
print("\\n".join(sums))
"""


@pytest.fixture(scope="module")
def made() -> Company:
    """The company of the default seed and day, made once."""
    return generate()


def planted(company: Company, kind: FaultKind) -> set[str]:
    """Give the records that are listed for a kind of fault."""
    return {fault.record for fault in company.faults if fault.kind is kind}


# ---- repeatable ----------------------------------------------------------------------------------


def test_same_seed_same_bytes_in_other_processes() -> None:
    """Two processes with different hash seeds write the same bytes."""
    outputs = []
    for hash_seed in ("1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", PRINT_DIGEST],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert outputs[0].count("\n") == 10


def test_bytes_are_the_known_ones(made: Company) -> None:
    """The default company is byte for byte the one that was first made."""
    whole = hashlib.sha256()
    for name, content in company_files(made):
        whole.update(name.encode() + b"\0" + content)
    assert whole.hexdigest() == DIGEST


def test_other_seed_other_bytes(made: Company) -> None:
    """Another seed changes every file."""
    other = dict(company_files(generate(seed=8)))
    same = [name for name, content in company_files(made) if content == other[name]]
    assert same == []


def test_rewriting_changes_nothing(made: Company, tmp_path: Path) -> None:
    """A second write touches no file; a damaged file alone is written again, whole."""
    first = write_company(made, tmp_path)
    assert len(first) == 11
    stamps = {path: path.stat().st_mtime_ns for path in first}
    assert write_company(made, tmp_path) == ()
    assert {path: path.stat().st_mtime_ns for path in first} == stamps
    lines = tmp_path / "crm" / "lines.csv"
    whole = lines.read_bytes()
    lines.write_bytes(whole[:-1])
    (tmp_path / "crm" / ".lines.csv.part").write_bytes(b"left by a killed run")
    assert write_company(made, tmp_path) == (lines,)
    assert lines.read_bytes() == whole
    assert [path.name for path in tmp_path.rglob("*.part")] == []


# ---- complete ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "today"),
    [
        (7, date(2026, 6, 30)),
        (1, date(2026, 6, 30)),
        (2, date(2027, 2, 14)),
        (3, date(2028, 2, 29)),
    ],
)
def test_counts_are_in_range(seed: int, today: date) -> None:
    """Any seed and day gives a company of about the same size, up to that day."""
    company = generate(seed, today)
    assert len(company.people) == 38
    assert len(company.accounts) == 120
    assert 1_300 <= len(company.opportunities) <= 1_700
    assert 700 <= len(company.satisfaction) <= 950
    assert 2_700 <= len(company.claims) <= 3_300
    assert 9_000 <= len(company.lines) <= 11_500
    waiting = [c for c in company.claims if c.status is ClaimStatus.SUBMITTED]
    assert 80 <= len(waiting) <= 170
    assert max(claim.submitted.date() for claim in company.claims) <= today
    counts = company.fault_counts()
    assert min(counts.values()) >= 1, counts
    assert 24 <= len(company.damaged) <= 30


def test_ids_are_unique(made: Company) -> None:
    """No two good records of a kind share an id."""
    for records in (made.people, made.accounts, made.opportunities, made.satisfaction, made.costs):
        assert len({record.id for record in records}) == len(records)
    for records in (made.rates, made.budgets, made.vouchers, made.claims, made.lines):
        assert len({record.id for record in records}) == len(records)


def test_every_reference_resolves(made: Company) -> None:
    """Each id that a good record names is the id of a good record."""
    people = {person.id for person in made.people} | {""}
    accounts = {account.id for account in made.accounts} | {""}
    deals = {deal.id: deal for deal in made.opportunities}
    claims = {claim.id for claim in made.claims}
    vouchers = {voucher.id for voucher in made.vouchers} | {""}
    teams = {person.team for person in made.people}
    assert {person.manager for person in made.people} <= people
    assert {account.owner for account in made.accounts} <= people
    assert {deal.owner for deal in made.opportunities} <= people
    assert {deal.account for deal in made.opportunities} <= accounts
    assert {score.account for score in made.satisfaction} <= accounts
    assert {cost.person for cost in made.costs} <= people
    assert {claim.person for claim in made.claims} <= people
    assert {b.owner for b in made.budgets} <= people | teams
    assert {b.responsible for b in made.budgets} <= people
    for line in made.lines:
        assert line.claim in claims
        assert line.account in accounts
        assert line.voucher in vouchers
        assert not line.opportunity or deals[line.opportunity].account == line.account
        assert line.city in limits.CITY_TIERS
        assert line.category in limits.CATEGORIES
    assert {line.claim for line in made.lines} == claims


def test_unknown_claims_are_those_planted(made: Company) -> None:
    """The lines without a claim are damaged rows, and name claims that do not exist."""
    claims = {claim.id for claim in made.claims}
    rows = [row for row in made.damaged if row.fault.kind is FaultKind.NO_SUCH_CLAIM]
    assert rows
    assert not claims & {dict(row.cells)["claim"] for row in rows}


def test_budgets_of_this_quarter_are_tight_for_a_few(made: Company) -> None:
    """In the last quarter a few budgets are used to 80-110 %, one hard one above its end."""
    spent = _spent(made.people, made.claims, made.lines, made.rates)
    now = Period.of(PeriodKind.QUARTER, made.today)
    used = {
        budget.id: (
            spent.get((budget.owner, budget.category, now), 0) / budget.amount.minor,
            budget,
        )
        for budget in made.budgets
        if (budget.start, budget.end) == (now.start, now.end)
    }
    tight = [budget for share, budget in used.values() if 0.8 <= share <= 1.1]
    assert 6 <= len(tight) <= 20
    assert max(share for share, _ in used.values()) <= 1.12
    assert [share for share, budget in used.values() if budget.hard and share > 1]
    assert {budget.hard for budget in tight} == {True, False}


# ---- wrong exactly where it says so --------------------------------------------------------------


Violation = Iterator[tuple[FaultKind, str]]


def _of_one_line(company: Company) -> Violation:
    """What is wrong with a line by itself, by plain rules of our own."""
    claims = {claim.id: claim for claim in company.claims}
    people = {person.id: person for person in company.people}
    kinds = {voucher.id: voucher.kind for voucher in company.vouchers}
    for line in company.lines:
        claim = claims[line.claim]
        grade = people[claim.person].grade
        for kind, is_wrong in _checks(line, claim, grade, kinds).items():
            if is_wrong:
                yield kind, line.id
        if line.amount.currency == limits.CURRENCY:
            continue
        yield FaultKind.FOREIGN_CURRENCY, line.id
        if in_force(company.rates, line.amount.currency, limits.CURRENCY, line.date) is None:
            yield FaultKind.NO_RATE, line.id


def _checks(
    line: ExpenseLine, claim: Claim, grade: str, kinds: dict[str, VoucherKind]
) -> dict[FaultKind, bool]:
    minor, is_home = line.amount.minor, line.amount.currency == limits.CURRENCY
    meal_with_guests = line.category == "entertainment"
    submitted = claim.submitted.date()
    proof = kinds.get(line.voucher, VoucherKind.NONE)
    night = limits.lodging_night_max(grade, line.city)
    return {
        FaultKind.LODGING_OVER: line.category == "lodging"
        and is_home
        and minor > night * (line.nights or 0),
        FaultKind.ENTERTAINMENT_OVER: meal_with_guests
        and is_home
        and line.attendees is not None
        and minor > limits.ENTERTAINMENT_HEAD_MAX * line.attendees,
        FaultKind.ENTERTAINMENT_NO_ACCOUNT: meal_with_guests and not line.account,
        FaultKind.ENTERTAINMENT_NO_ATTENDEES: meal_with_guests and line.attendees is None,
        FaultKind.ENTERTAINMENT_WEEKEND: meal_with_guests and line.date.weekday() >= 5,
        FaultKind.CABIN_ABOVE_GRADE: line.travel_class in ("business", "first")
        and grade != limits.CABIN_GRADE,
        FaultKind.GIFT_OVER: line.category == "gift" and minor > limits.GIFT_ITEM_MAX,
        FaultKind.NO_FAPIAO: is_home
        and minor >= limits.FAPIAO_FROM
        and proof in (VoucherKind.NONE, VoucherKind.RECEIPT),
        FaultKind.SUBMITTED_LATE: (submitted - line.date).days > limits.SUBMIT_DAYS_MAX,
        FaultKind.AFTER_SUBMISSION: line.date > submitted,
        FaultKind.ROUND_AMOUNT: is_home and minor >= 20_000 and minor % 10_000 == 0,
        FaultKind.REFUND: minor < 0,
        FaultKind.JUSTIFIED: bool(line.justification),
        FaultKind.FORMULA_CELL: line.purpose[:1] in ("=", "+", "-", "@"),
    }


def _of_windows(company: Company) -> Violation:
    """What is wrong with several lines together; the planted line is the largest of them."""
    persons = {claim.id: claim.person for claim in company.claims}
    windows: tuple[tuple[FaultKind, str, int, Callable[[date], date]], ...] = (
        (FaultKind.MEAL_OVER, "meal", limits.MEAL_DAY_MAX, lambda day: day),
        (
            FaultKind.TRANSPORT_OVER,
            "local_transport",
            limits.TRANSPORT_MONTH_MAX,
            lambda day: day.replace(day=1),
        ),
        (
            FaultKind.COMMUNICATION_OVER,
            "communication",
            limits.COMMUNICATION_MONTH_MAX,
            lambda day: day.replace(day=1),
        ),
    )
    for kind, category, most, start in windows:
        sums: dict[tuple[str, date], list[tuple[int, str]]] = defaultdict(list)
        for line in company.lines:
            rate = in_force(company.rates, line.amount.currency, limits.CURRENCY, line.date)
            if line.category != category or not (rate or line.amount.currency == limits.CURRENCY):
                continue
            amount = convert(line.amount, rate) if rate else line.amount
            sums[persons[line.claim], start(line.date)].append((amount.minor, line.id))
        for members in sums.values():
            if sum(minor for minor, _ in members) > most:
                yield kind, max(members)[1]


def _of_vouchers(company: Company) -> Violation:
    """Which lines use a fapiao number that an earlier claim used."""
    claims = {claim.id: claim for claim in company.claims}
    numbers = {v.id: (v.number, v.code) for v in company.vouchers if v.number}
    users: dict[tuple[str, str], list[ExpenseLine]] = defaultdict(list)
    for line in company.lines:
        if line.voucher in numbers:
            users[numbers[line.voucher]].append(line)
    for lines in users.values():
        first, *later = sorted(lines, key=lambda line: claims[line.claim].submitted)
        for line in later:
            is_same = claims[first.claim].person == claims[line.claim].person
            kinds = (FaultKind.FAPIAO_TWICE_OTHER_PERSON, FaultKind.FAPIAO_TWICE_SAME_PERSON)
            yield kinds[is_same], line.id


@pytest.mark.parametrize(("seed", "today"), [(7, date(2026, 6, 30)), (11, date(2027, 3, 9))])
def test_faults_are_exactly_those_listed(seed: int, today: date) -> None:
    """Plain rules over all lines find each planted fault, and not one more."""
    company = generate(seed, today)
    found: dict[FaultKind, set[str]] = defaultdict(set)
    for search in (_of_one_line, _of_windows, _of_vouchers):
        for kind, number in search(company):
            found[kind].add(number)
    for kind, numbers in found.items():
        assert numbers == planted(company, kind), kind
    unsearched = set(FaultKind) - set(found)
    assert {row.fault.kind for row in company.damaged} | {
        FaultKind.HTML_IN_NAME,
        FaultKind.MARKUP_IN_NAME,
        FaultKind.RIGHT_TO_LEFT_MARK,
    } == unsearched


def test_fault_counts_are_those_of_the_list(made: Company) -> None:
    """The counts add up to the list; each policy fault is planted a few to a few dozen times."""
    counts = made.fault_counts()
    assert sum(counts.values()) == len(made.faults)
    assert counts == Counter(fault.kind for fault in made.faults)
    remarkable = {FaultKind.FOREIGN_CURRENCY}
    assert max(count for kind, count in counts.items() if kind not in remarkable) <= 60


def test_faults_are_among_the_waiting_claims(made: Company) -> None:
    """Somebody who tries the demo meets many kinds of fault in what is to be decided now."""
    waiting = {c.id for c in made.claims if c.status is ClaimStatus.SUBMITTED}
    claims = {line.id: line.claim for line in made.lines}
    kinds = {fault.kind for fault in made.faults if claims.get(fault.record) in waiting}
    assert len(kinds) >= 14


def test_unsafe_names_are_in_the_files(made: Company) -> None:
    """Names that would do harm where they are not carried as text stand in the file as they are."""
    content = dict(company_files(made))["accounts.csv"].decode("gb18030")
    for part in ("<script>", "[red]", "\u202e", "\u200f"):
        assert part in content
    with pytest.raises(UnicodeDecodeError):
        dict(company_files(made))["accounts.csv"].decode("utf-8")


# ---- read back -----------------------------------------------------------------------------------


def test_mapping_reads_all_but_the_damaged_rows(made: Company, tmp_path: Path) -> None:
    """The mapping reads each good row into the very record that was made, and no bad row.

    Lines without a claim are well written: whoever joins them with claims must set them aside.
    """
    from crm_expenses.adapters.contract import Opening
    from crm_expenses.adapters.files import open_adapter

    write_company(made, tmp_path)
    options = {"folder": "crm", "mapping": "mapping.toml"}
    adapter = open_adapter(Opening("demo", options, tmp_path))
    good: dict[Kind, Sequence[Record]] = {
        Kind.ACCOUNT_MANAGER: made.people,
        Kind.ACCOUNT: made.accounts,
        Kind.OPPORTUNITY: made.opportunities,
        Kind.SATISFACTION: made.satisfaction,
        Kind.COST: made.costs,
        Kind.RATE: made.rates,
        Kind.BUDGET: made.budgets,
        Kind.VOUCHER: made.vouchers,
        Kind.CLAIM: made.claims,
        Kind.LINE: made.lines,
    }
    for kind, records in good.items():
        pages = list(adapter.pull(kind, None))
        read = {fact.record for page in pages for fact in page.facts}
        aside = Counter(bad.origin.record for page in pages for bad in page.set_aside)
        of_kind = [row for row in made.damaged if row.fault.record_kind is kind]
        orphans = {row.record.id for row in of_kind if row.fault.kind is FaultKind.NO_SUCH_CLAIM}
        assert set(records) - read == set(), kind
        assert {record.id for record in read - set(records)} == orphans
        assert sum(aside.values()) == len(of_kind) - len(orphans), (kind, aside)
    adapter.close()
