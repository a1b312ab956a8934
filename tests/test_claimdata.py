"""Claims as plain dicts: what is accepted, and for each mistake its code and its path."""

import copy
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import pytest

from crm_expenses.claimdata import facts_from
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.money import Money
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.record import canonical
from crm_expenses.core.voucher import VoucherKind
from crm_expenses.errors import MappingError, Problem
from crm_expenses.messages.claims import TEXTS

LINE: Final[dict[str, Any]] = {
    "line": "1",
    "date": "2026-03-01",
    "category": "meal",
    "amount": "12.50",
}
CLAIM: Final[dict[str, Any]] = {
    "claim": "C-1",
    "person": "P1",
    "submitted": "2026-03-02",
    "lines": [LINE],
}
LEG: Final = {"departs": "2026-03-02T08:00:00+08:00", "arrives": "2026-03-02T10:00:00+08:00"}
DAY: Final = {"date": "2026-03-02"}
TRIP: Final[dict[str, Any]] = {"trip": "T-1", "legs": [LEG], "days": [DAY]}
APPROVAL: Final = {"pre_approval": "PA-1", "granted_by": "P9", "until": "2026-03-31"}
LONG: Final = [f"name_{n}" for n in range(1_000)]


def problems(claim: Any) -> tuple[Problem, ...]:  # noqa: ANN401
    """Give what is wrong with a claim."""
    with pytest.raises(MappingError) as caught:
        facts_from(claim, "CNY")
    return caught.value.problems


def with_value(path: str, value: object) -> dict[str, Any]:
    """Give the claim with one value put at a path like `lines.0.amount`."""
    made: Any = copy.deepcopy(CLAIM)
    held, steps = made, path.split(".")
    for step, after in pairwise(steps):
        if isinstance(held, list):
            held = held[int(step)]
        else:
            empty: object = [{}] if after.isdigit() else {}
            if not isinstance(held.get(step), dict | list):
                held[step] = empty
            held = held[step]
    held[steps[-1]] = value
    return made  # type: ignore[no-any-return]


WRONG: list[tuple[str, object, str]] = [
    *(
        ("lines.0.amount", value, "record.amount")
        for value in (
            "1_000",
            "１２.５",
            "٣",
            "NaN",
            "Infinity",
            "1E+9999999",
            "1,234.5",
            "1,234.5x",
            "+5",
            ".5",
            "5.",
            "--5",
            "",
            "12.3456789012",
            "1234567890123456",
            "5\n",
            Decimal("NaN"),
            Decimal("-Infinity"),
            Decimal("1E+9999999"),
            Decimal("1E+999999999999999999"),
            Decimal("1E-999999999"),
            10**15,
            10**400,
        )
    ),
    *(
        ("lines.0.amount", value, "claim.inexact")
        for value in (12.5, float("nan"), True, None, ["5"], {"amount": 5}, b"5")
    ),
    ("lines.0.amount", "5.001", "record.amount_fine"),
    ("lines.0.amount", "10000000000.01", "record.amount_large"),
    ("lines.0.currency", "XXY", "record.currency"),
    ("lines.0.currency", "cny", "record.currency"),
    ("lines.0.currency", 156, "claim.text"),
    ("currency", "RMB", "record.currency"),
    *(
        ("lines.0.date", value, "claim.date")
        for value in (
            "2026-02-29",
            "2026-2-1",
            "01/02/2026",
            "２０２６-03-01",
            "2026-03-01T00:00:00",
            "",
            20260301,
            86400,
            1728000000.0,
            None,
            datetime(2026, 3, 1, tzinfo=UTC),
        )
    ),
    *(
        ("submitted", value, "claim.no_zone")
        for value in (
            "2026-03-02T10:00:00",
            "2026-03-02T00:00:00",
            "2026-03-02 10:00",
            datetime(2026, 3, 2, 10),  # noqa: DTZ001  that is what is refused
        )
    ),
    *(
        ("submitted", value, "claim.submitted")
        for value in ("yesterday", "", "2026-13-01", "2026-03-02T25:00:00Z", 86400, None, [])
    ),
    *(
        (f"lines.0.{name}", value, "claim.whole")
        for name in ("nights", "attendees")
        for value in (-1, "-1", 1.5, "1.5", True, 10_001, "９", "1_0", 10**30, [])
    ),
    *(
        ("lines.0.distance", value, "claim.distance")
        for value in ("-0.1", "1000000.1", "1.2345", Decimal("0.0001"))
    ),
    ("lines.0.distance", "12km", "record.amount"),
    ("lines.0.distance", 12.5, "claim.inexact"),
    ("lines.0.pre_approved", "maybe", "claim.yes_no"),
    ("lines.0.pre_approved", [], "claim.yes_no"),
    ("lines.0.category", "", "claim.empty_text"),
    ("lines.0.category", "   ", "claim.empty_text"),
    ("lines.0.line", "", "claim.empty_text"),
    ("lines.0.line", 1, "claim.text"),
    ("lines.0.city", ["北京"], "claim.text"),
    ("lines.0.colour", "red", "claim.unknown_name"),
    ("lines.0.voucher", "fapiao", "claim.object"),
    ("lines.0.voucher.kind", "paper", "claim.choice"),
    ("lines.0.voucher", {"kind": "fapiao", "amount": "x"}, "record.amount"),
    ("lines.0.voucher", {"kind": "fapiao", "amount": 5, "currency": "?"}, "record.currency"),
    ("lines.0.voucher", {"kind": "fapiao", "issued": "today"}, "claim.date"),
    ("lines.0.voucher", {}, "claim.missing"),
    ("lines", "all", "claim.list"),
    ("lines", {"0": LINE}, "claim.list"),
    ("lines", [5], "claim.object"),
    ("claim", "", "claim.empty_text"),
    ("claim", 5, "claim.text"),
    ("person", "", "claim.empty_text"),
    ("person", 5, "claim.object"),
    ("person", {}, "claim.missing"),
    ("person", {"id": ""}, "claim.empty_text"),
    ("person", {"id": "P", "salary": 5}, "claim.unknown_name"),
    ("person", {"id": "P", "active_from": 5}, "claim.date"),
    ("status", "lost", "claim.choice"),
    ("titel", "x", "claim.unknown_name"),
    *(
        ("rates", [{"currency": "USD", "date": "2026-01-01", "rate": rate}], "record.rate")
        for rate in ("0", "-7.1", 0)
    ),
    ("rates", [{"currency": "ZZZ", "date": "2026-01-01", "rate": "7"}], "record.currency"),
    ("rates", [{"currency": "USD", "date": "2026-01-01", "rate": 7.1}], "claim.inexact"),
    ("rates", [{"currency": "USD", "date": "2026-01-01"}], "claim.missing"),
    ("trips", [{**TRIP, "days": [DAY, DAY]}], "claim.day_twice"),
    ("trips", [TRIP, TRIP], "claim.trip_twice"),
    ("trips", [{**TRIP, "legs": [LEG, LEG]}], "claim.legs_order"),
    ("trips", [{**TRIP, "days": [{**DAY, "date": "2026-03-01"}]}], "claim.day_outside"),
    (
        "trips",
        [{**TRIP, "legs": [{**LEG, "arrives": LEG["departs"][:9] + "1T00:00:00Z"}]}],
        "claim.leg_backwards",
    ),
    ("trips", [{**TRIP, "legs": [{**LEG, "arrives": "2026-03-02"}]}], "claim.zoned"),
    ("trips", [{**TRIP, "legs": []}], "claim.list_empty"),
    ("trips", [{**TRIP, "legs": [LEG] * 1_000}], "claim.list_long"),
    ("lines.0.trip", "T-9", "claim.no_trip"),
    *(
        ("pre_approvals", [{**APPROVAL, **wrong}], code)
        for wrong, code in (
            ({"amount": "x"}, "record.amount"),
            ({"amount": 12.5}, "claim.inexact"),
            ({"amount": "0.001"}, "record.amount_fine"),
            ({"amount": "10000000000.01"}, "record.amount_large"),
            ({"amount": 5, "currency": "?"}, "record.currency"),
            ({"until": "soon"}, "claim.date"),
            ({"from": "soon"}, "claim.date"),
            ({"pre_approval": ""}, "claim.empty_text"),
            ({"granted_by": " "}, "claim.empty_text"),
            ({"account": 5}, "claim.text"),
            ({"person": "P1"}, "claim.unknown_name"),
        )
    ),
    *(
        (
            "pre_approvals",
            [{key: APPROVAL[key] for key in APPROVAL if key != name}],
            "claim.missing",
        )
        for name in APPROVAL
    ),
    ("pre_approvals", ["PA-1"], "claim.object"),
    ("pre_approvals", APPROVAL, "claim.list"),
    *(
        ("lines.0.extra", value, "claim.extra")
        for value in ("miles", [], 5, dict.fromkeys(LONG, "1"))
    ),
    *(
        ("lines.0.extra", {name: "1"}, "claim.extra_name")
        for name in ("", "Miles", "_m", "9", "里程")
    ),
    *(
        ("lines.0.extra", {"miles": value}, "claim.extra_value")
        for value in (12.5, [], {}, "x" * 10_000)
    ),
]


@pytest.mark.parametrize(("path", "value", "code"), WRONG)
def test_wrong_values(path: str, value: object, code: str) -> None:
    """A wrong value gives one problem with its code and path, told in both languages."""
    (problem,) = problems(with_value(path, value))
    assert problem.code == code
    place = str(problem.place)
    assert place.startswith(path) or path.startswith(place) or path == "currency"
    assert problem.describe("en").startswith(f"{place}: ")
    assert problem.describe("zh") != problem.describe("en")
    for language in ("en", "zh"):
        assert "{" not in problem.describe(language).replace("{'amount': 5}", "")
    assert len(problem.describe("en")) < 300, "a long value is shortened"


def test_every_text_of_claims_is_told() -> None:
    """The table above, with a line given twice and a key that is no text, raises every code."""
    raised = {code for _, _, code in WRONG} | {"claim.line_twice", "claim.value"}
    assert raised >= set(TEXTS)


@pytest.mark.parametrize(
    ("claim", "places"),
    [
        ({}, ["claim", "lines", "person", "submitted"]),
        (
            {**CLAIM, "lines": [{}]},
            [f"lines.0.{n}" for n in ("amount", "category", "date", "line")],
        ),
    ],
)
def test_missing_fields(claim: dict[str, Any], places: list[str]) -> None:
    """Each field that is missing is told by its path."""
    found = problems(claim)
    assert [(p.code, str(p.place)) for p in found] == [("claim.missing", path) for path in places]


def test_every_mistake_is_told_at_once() -> None:
    """Mistakes in several lines, and in the claim itself, are told in one go."""
    lines = [{**LINE, "amount": "x"}, {**LINE, "line": "2", "date": "x"}, {**LINE, "line": ""}]
    found = problems({**CLAIM, "status": "lost", "lines": lines})
    assert [str(p.place) for p in found] == [
        "lines.0.amount",
        "lines.1.date",
        "lines.2.line",
        "status",
    ]


def test_lines_are_told_one_by_one() -> None:
    """A line given twice, an unknown currency and too many decimals are told together."""
    lines = [
        LINE,
        LINE,
        {**LINE, "line": "2", "currency": "?"},
        {**LINE, "line": "3", "amount": "0.001"},
    ]
    found = problems({**CLAIM, "lines": lines})
    assert [(p.code, str(p.place)) for p in found] == [
        ("claim.line_twice", "lines.1"),
        ("record.currency", "lines.2"),
        ("record.amount_fine", "lines.3"),
    ]
    assert found[0].values["value"] == "1"


@pytest.mark.parametrize("claim", [[], "C-1", None, 5, [CLAIM]])
def test_no_claim_at_all(claim: object) -> None:
    """What is no dict is told as such, and nothing else."""
    (problem,) = problems(claim)
    assert (problem.code, str(problem.place)) == ("claim.object", "claim")


def test_a_key_that_is_no_text() -> None:
    """A dict with a key that is no text is refused like any other mistake."""
    assert problems({**CLAIM, 5: "x"})[0].code in ("claim.value", "claim.unknown_name")


def test_what_a_claim_becomes() -> None:
    """Every field of the shape comes out where the core has it, exact."""
    facts = facts_from(
        {
            "claim": " C-1 ",
            "title": "三月",
            "status": "approved",
            "person": {"id": "P1", "name": "王芳", "grade": "senior", "active_from": "2020-01-01"},
            "submitted": "2026-03-02T23:30:00+08:00",
            "currency": "EUR",
            "lines": [
                {
                    **LINE,
                    "amount": -3,
                    "nights": "2",
                    "attendees": 0,
                    "distance": "10.125",
                    "pre_approved": True,
                    "voucher": {
                        "kind": "fapiao",
                        "number": "12345678",
                        "code": "3100",
                        "amount": "9.99",
                        "issued": "2026-02-28",
                    },
                },
                {**LINE, "line": "2", "currency": "JPY", "amount": Decimal(1500)},
            ],
            "rates": [{"currency": "EUR", "rate": "7.8", "date": "2026-01-01", "source": "ECB"}],
        },
        "CNY",
    )
    assert (facts.claim.id, facts.claim.status) == ("C-1", ClaimStatus.APPROVED)
    assert facts.claim.submitted.utcoffset() == timedelta(hours=8)
    assert facts.person is not None
    assert (facts.person.id, facts.person.active_from) == ("P1", date(2020, 1, 1))
    first, second = facts.lines
    assert first.amount == Money(-300, "EUR")
    assert (first.nights, first.attendees, first.distance) == (2, 0, Decimal("10.125"))
    assert second.amount == Money(1500, "JPY")
    (voucher,) = facts.vouchers
    assert first.voucher == voucher.id
    assert (second.voucher, voucher.kind) == ("", VoucherKind.FAPIAO)
    assert voucher.amount == Money(999, "EUR")
    (rate,) = facts.rates
    assert (rate.currency, rate.into, rate.rate) == ("EUR", "CNY", Decimal("7.8"))


@pytest.mark.parametrize(
    ("given", "currency", "amount"),
    [
        ({}, "", None),
        ({"currency": "EUR"}, "", None),
        ({"amount": "2000.50"}, "", Money(200_050, "CNY")),
        ({"amount": 2000}, "EUR", Money(200_000, "EUR")),
        ({"amount": "2000", "currency": "JPY"}, "EUR", Money(2000, "JPY")),
        ({"amount": 0}, "", Money(0, "CNY")),
    ],
)
def test_the_amount_of_a_pre_approval(
    given: dict[str, object], currency: str, amount: Money | None
) -> None:
    """It is in its own currency, else in that of the claim, else in the policy's."""
    claim = {**CLAIM, "currency": currency, "pre_approvals": [{**APPROVAL, **given}]}
    (made,) = facts_from(claim, "CNY").pre_approvals
    assert made == PreApproval("PA-1", "P1", "P9", date(2026, 3, 31), amount=amount)


def test_what_a_pre_approval_becomes() -> None:
    """Every field comes out where the core has it; the person is the claim's, the order by id."""
    only = {"category": "meal", "account": "A1", "opportunity": "O1", "trip": "T1"}
    given = [{**APPROVAL, **only, "from": "2026-03-01"}, {**APPROVAL, "pre_approval": "PA-0"}]
    first, second = facts_from({**CLAIM, "pre_approvals": given}, "CNY").pre_approvals
    until = date(2026, 3, 31)
    assert first == PreApproval("PA-0", "P1", "P9", until)
    assert second == PreApproval("PA-1", "P1", "P9", until, date(2026, 3, 1), **only)


def test_a_claim_without_pre_approvals_has_the_digest_that_it_had() -> None:
    """The facts of a claim that names none are, to the byte, those of before there were any."""
    facts = facts_from({**CLAIM, "pre_approvals": []}, "CNY")
    assert "pre_approvals" not in canonical(facts)
    assert facts == facts_from(CLAIM, "CNY")


@pytest.mark.parametrize(
    ("given", "day", "offset"),
    [
        ("2026-03-02", date(2026, 3, 2), 0),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
        ("2026-03-02T23:30:00+08:00", date(2026, 3, 2), 8),
        ("2026-03-02T16:30:00Z", date(2026, 3, 2), 0),
        (datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=8))), date(2026, 3, 2), 8),
    ],
)
def test_submitted(given: object, day: date, offset: int) -> None:
    """The day of submission is the one in the zone that was given."""
    submitted = facts_from({**CLAIM, "submitted": given}, "CNY").claim.submitted
    assert submitted.date() == day
    assert submitted.utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "[red]x[/red]", "\u202eabc\u202c", "=1+1", "王芳 “x”"]
)
def test_texts_are_kept(text: str) -> None:
    """Markup, formulas and marks in a text are content, and come out as they were."""
    facts = facts_from({**CLAIM, "lines": [{**LINE, "merchant": text}]}, "CNY")
    assert facts.lines[0].merchant == text


@pytest.mark.parametrize(
    ("given", "minor"),
    [
        ("12.50", 1250),
        ("-0", 0),
        ("007", 700),
        (12, 1200),
        (Decimal("0.10"), 10),
        ("10000000000", 10**12),
    ],
)
def test_amounts(given: object, minor: int) -> None:
    """An amount is exact in every form that is accepted."""
    facts = facts_from({**CLAIM, "lines": [{**LINE, "amount": given}]}, "CNY")
    assert facts.lines[0].amount == Money(minor, "CNY")
