"""Cases of people, waivers, pre-approvals, vouchers, and of texts, written by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any, Final

from agreement import (
    STATUSES,
    Case,
)
from case_makers import PERSON, YEAR_END, chunks, claim, line, policy, single
from drawn import (
    HEAD,
    SUMS,
    Drawn,
)
from drawn_claims import (
    FIRST,
    PEOPLE,
    VOUCHERS,
)

from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver


def persons() -> Iterator[Case]:
    """People that are not known, have no grade, or one that no list has; claims without lines."""
    rules = [
        Drawn("flag", "grade == 'senior'", "review"),
        Drawn("flag", "team == 'East'", "review"),
        Drawn("flag", "person_active", "review"),
        Drawn("flag", "default(person_city, 'none') == 'none'", "review"),
        Drawn("flag", "present(rank) and rank > 3", "review"),
        Drawn("limit", "nightly[grade, '1'] * default(nights, 1)", "cap"),
        Drawn("flag", "grade == 'junior' or claim_lines == 0", "review", "claim"),
        Drawn("measure", "claim_total", scope="claim"),
        Drawn("measure", "claim_allowed", scope="claim"),
        Drawn("forbid", "default(oldest_days, 0) > 17", "reject", "claim"),
        Drawn("limit", "80", sums=SUMS[6]),
    ]
    days = [line(n, 45, FIRST + timedelta(days=n)) for n in range(3)]
    claims: list[Facts] = []
    for number, person in enumerate((*PEOPLE, PEOPLE[0], None, PEOPLE[1])):
        held = days if number % 3 else ()
        claims.append(claim(number, held, person=person))
        claims.append(claim(number + 20, days[:2], person=person, of="Q"))
    yield Case(policy(rules), tuple(claims))
    yield Case(policy(rules[6:10]), (claim(0, ()), claim(1, (), person=None)))
    text = policy([Drawn("measure", "claim_lines", scope="claim")])
    yield Case(text, (claim(0, days), claim(1, ())))
    yield Case(text, (claim(1, ()),))


def waivers() -> Iterator[Case]:
    """Waivers in force and not, for a person, a claim, a line, by oneself, on trips and claims."""
    rules = [
        Drawn("forbid", "amount > 10", "reject"),
        Drawn("limit", "40", "justify"),
        Drawn("limit", "30", "cap", sums=SUMS[3]),
        Drawn("forbid", "minutes_away > 0", "review", "day", '"diem"'),
        Drawn("forbid", "claim_lines > 0", "reject", "claim"),
        Drawn("require", "present(purpose)", "justify"),
    ]
    lines = [
        line(0, 50, justification="why"),
        line(1, 50, FIRST + timedelta(days=1)),
        line(2, 50, FIRST + timedelta(days=2), category="diem", trip="T1", justification="x"),
    ]
    given: Sequence[dict[str, Any]] = (
        {"person": "P"},
        {"person": "Q"},
        {"claim": "C1"},
        {"line": "1"},
        {"person": "P", "line": "0"},
        {"claim": "C0", "line": "2"},
        {"person": "P", "start": FIRST + timedelta(days=1)},
        {"person": "P", "until": FIRST + timedelta(days=1)},
        {"person": "P", "granted_by": "P"},
        {"person": "P", "claim": "C9"},
        {},
    )
    for code, named in product(("r0", "r1", "r2", "r3", "r4", "r5"), given):
        fields = {"granted_by": "X", "until": YEAR_END} | named
        one = Waiver("W", code, **fields)
        claims = tuple(claim(n, lines, waivers=(one,)) for n in range(2))
        yield Case(policy(rules), claims)
        if named in ({"person": "P"}, {"line": "1"}):
            yield Case(policy(rules), claims, wide=True)


def approvals() -> Iterator[Case]:
    """Which of several pre-approvals counts: the largest, the first by id."""
    rules = [
        Drawn("measure", "default(pre_approved_amount, -1)"),
        Drawn("measure", "length(default(pre_approval, ''))"),
        Drawn("flag", "default(pre_approval, '') == 'A'", "review"),
        Drawn("flag", "pre_approved", "review"),
        Drawn("limit", "80", sums=SUMS[9]),
    ]
    made = [
        ("A", {"amount": Money(100, "CNY")}),
        ("AA", {"amount": Money(100, "CNY"), "category": "meal"}),
        ("B", {"account": "A1"}),
        ("BBB", {"amount": Money(0, "CNY"), "opportunity": "O1"}),
        ("a", {"amount": Money(-5, "CNY"), "trip": "T1"}),
        ("é", {"amount": Money(99, "USD")}),
        ("Z", {"amount": Money(100, "CNY"), "until": FIRST}),
        ("0", {"amount": Money(200, "CNY"), "start": FIRST + timedelta(days=1)}),
        ("00", {"amount": Money(900, "CNY"), "granted_by": "P"}),
        ("000", {"amount": Money(900, "CNY"), "person": "Q"}),
    ]
    lines = [
        line(0, 50),
        line(1, 50, FIRST + timedelta(days=1), category="taxi", account="A1"),
        line(2, 50, category="taxi", trip="T1", opportunity="O1"),
        line(3, 50, category="taxi", trip="T2", pre_approved=False),
        line(4, 50, category="taxi", pre_approved=True),
    ]
    for size in range(1, len(made) + 1):
        for some in (made[:size], made[-size:]):
            held = tuple(
                PreApproval(name, **({"person": "P", "granted_by": "X", "until": YEAR_END} | more))
                for name, more in some
            )
            yield Case(policy(rules), (claim(0, lines, pre_approvals=held),))


def vouchers() -> Iterator[Case]:
    """Vouchers used again: under another id, led by a code, by a claim that does not count."""
    held = (
        *VOUCHERS,
        Voucher("V5", VoucherKind.E_FAPIAO, "9", "31", Money(50, "CNY")),
        Voucher("V6", VoucherKind.E_FAPIAO, "31-9"),
        Voucher("V7", VoucherKind.NONE, "", "31"),
    )
    rules = [
        Drawn("measure", "voucher_uses_before"),
        Drawn("limit", "60", sums=SUMS[8]),
        Drawn("forbid", "amount == 70", "reject"),
        Drawn("flag", "voucher_kind in ('none', 'other')", "review"),
        Drawn("measure", "length(default(voucher_number, ''))"),
    ]
    named = ("V1", "V2", "V2", "V5", "V6", "V7", "V9", "", "V3", "V3", "V1", "V6")
    lines = [line(n, 70 if n == 3 else 40, voucher=name) for n, name in enumerate(named)]
    claims = [
        claim(n, some, vouchers=held, status=status)
        for n, (some, status) in enumerate(
            zip(chunks(lines, 2), (*STATUSES[7:], *STATUSES), strict=False)
        )
    ]
    yield Case(policy(rules), tuple(claims))
    yield Case(policy(rules), single(lines, vouchers=held))


OWN: Final = """
[fact.began]
name = { en = "began", zh = "began" }
type = "date"

[fact.dues]
name = { en = "dues", zh = "dues" }
type = "money"

[fact.heads]
name = { en = "heads", zh = "heads" }
type = "count"
unit = "person"

[fact.ratio]
name = { en = "ratio", zh = "ratio" }
type = "number"
places = 3

[fact.words]
name = { en = "words", zh = "words" }
type = "text"
"""
TEXTS: Final = (
    *(
        "12.5",
        "0",
        "-3.5",
        "120.0",
        "x",
        "",
        "1_000",
        "１２",
        "+5",
        "1e3",
        " 12",
        "12 ",
        "-0",
        "00.5",
    ),
    *(
        ".5",
        "5.",
        "1,5",
        "999999999999999",
        "1000000000",
        "1000000000000000",
        "0.000000001",
        "-",
        "--1",
    ),
    *("yes", "YES", "Yes", "true", "TRUE", "1", "no", "False", "y", "ＹＥＳ", "yes ", "ja"),
    *(
        "2026-03-01",
        "2026-02-30",
        "2026-3-1",
        "0001-01-01",
        "9999-12-31",
        "2026-03-01T00:00",
        "20260301",
    ),
    *("2", "9", "' OR 1=1 --", '"', "\\", "%", "_", "日本語", "👩‍👩‍👧", "é", "é", "ß", "İ", "a\nb"),
    *(
        "x" * 200,
        "x" * 201,
        "NaN",
        "Infinity",
        "null",
        "NULL",
        "\t",
        " ",
        "2024-02-29",
        "2100-02-29",
    ),
    *("12.50", "12.500", "12.5000", "0.0005", "-1", "-1.0", "3", "3.0", "100000000000000.5"),
)


def own_facts() -> Iterator[Case]:
    """Texts of facts of a policy's own, readable or not, of each type."""
    names = ("miles", "signed", "centre", "began", "dues", "heads", "ratio", "words")
    rules = [
        Drawn("measure", "default(miles, -1)"),
        Drawn("measure", "default(dues, -1)"),
        Drawn("measure", "default(heads, -1)"),
        Drawn("measure", "default(ratio, -1)"),
        Drawn("measure", "length(default(words, ''))"),
        Drawn("measure", "days_between(default(began, date), date)"),
        Drawn("flag", "default(signed, False)", "review"),
        Drawn("flag", "present(centre) and centre == '2'", "review"),
        Drawn("flag", "default(words, '') in ('x', '%', '日本語')", "review"),
        Drawn("flag", "shape(default(words, ''), '*{1,3}')", "review"),
        Drawn("limit", "60", sums=SUMS[4]),
    ]
    lines = [
        line(number, 50, extra=tuple(sorted((name, text) for name in names)))
        for number, text in enumerate(TEXTS)
    ]
    text = policy(rules, HEAD + OWN)
    yield Case(text, tuple(claim(n, some) for n, some in enumerate(chunks(lines, 10))))
    of_claim = [
        Drawn("flag", "default(project, '') == 'A'", "review", "claim"),
        Drawn("measure", "default(rank, -1)"),
        Drawn("limit", "90", sums=SUMS[12]),
        Drawn("flag", "default(rank, 0) > 3", "review", "claim"),
    ]
    people = [replace(PERSON, extra=(("rank", text),)) for text in TEXTS]
    projects = ("A", "a", "A ", "", "日本語", "x" * 300)
    yield Case(
        policy(of_claim),
        tuple(
            claim(n, [line(0, 50)], person=person, extra=(("project", projects[n % 6]),))
            for n, person in enumerate(people)
        ),
    )


def words() -> Iterator[Case]:
    """Texts of lines that engines might take for something else."""
    rules = [
        Drawn("measure", "length(default(city, ''))"),
        Drawn("measure", "length(purpose) if present(purpose) else 0"),
        Drawn("flag", "default(city, '') == 'Bonn'", "review"),
        Drawn(
            "flag", "shape(default(city, ''), 'Aa{3}') or shape(default(city, ''), '*')", "review"
        ),
        Drawn("flag", "shape(default(city, ''), '9{1,3}*{0,3}A{1,2}')", "review"),
        Drawn("flag", r"shape(default(city, ''), '\\\\9\\\\*')", "review"),
        Drawn("flag", r"default(city, '') == '\\\\' or default(payment, '') == '1A'", "review"),
        Drawn("flag", r"default(city, '') == 'two\\n\\'lines\\'\\\\\\\\'", "review"),
        Drawn("limit", "70", sums=SUMS[1]),
        Drawn("flag", "tier_of[default(city, '')] == '1'", "review"),
        Drawn(
            "flag",
            "default(payment, 'x') != 'x' and default(travel_class, '') in ('', \\\"a'b\\\")",
            "review",
        ),
    ]
    cities = (
        "Bonn",
        "bonn",
        "BONN",
        "Bonn ",
        " Bonn",
        "B\u006fnn",
        "Bo\u0301nn",
        "Bónn",
        "None",
        *TEXTS,
    )
    cities += (
        "two\n'lines'\\\\",
        "\\",
        "9*\\\\",
        "1A",
        "12xAA",
        "123日本語ZZ",
        "1a",
        "Straße",
        "Ａbcd",
        "Éabc",
        "١٢",
    )
    lines = [
        line(n, 40, city=city, purpose=city, payment=city, travel_class=city)
        for n, city in enumerate(cities)
        if city
    ]
    yield Case(policy(rules), tuple(claim(n, some) for n, some in enumerate(chunks(lines, 8))))
