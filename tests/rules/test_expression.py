"""Expressions: what each means, and for each mistake its code and its exact place."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from marked import HEAD, facts, problems_of, rule, split, told

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.facts import Facts
from crm_expenses.messages.policy import TEXTS
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.claim_context import ClaimContext
from crm_expenses.rules.compile import DivisionByZeroError, function, names
from crm_expenses.rules.expression import ExpressionError, Scope, parse
from crm_expenses.rules.line_facts import FactTables, LineFacts
from crm_expenses.rules.tree import Op, quantity, walk

POLICY = parse_policy(HEAD)
SCOPE = Scope(POLICY.catalogue, POLICY.parameters, values=POLICY.values)
CALENDAR = WorkCalendar(frozenset({date(2026, 3, 9)}), frozenset({date(2026, 3, 14)}))
HELD = names(POLICY.parameters, CALENDAR, POLICY.values.values())

LINE: dict[str, Any] = {
    "amount": "1234.50",
    "city": "北京",
    "nights": 3,
    "distance": Decimal("10.7"),
    "purpose": "拜访客户",
}
"""What the line of the tables has; attendees, account and travel class are missing."""


def line_facts(made: Facts) -> LineFacts:
    """Give the facts of the first line."""
    return LineFacts(FactTables({}), ClaimContext(made, "CNY"), made.lines[0])


def computed(text: str) -> tuple[str, object]:
    """Give the type of an expression, and its raw value for the line of the tables."""
    node = parse(text, SCOPE)
    made = facts(dict(LINE))
    return str(node.type), function(node, HELD)(line_facts(made))


@pytest.mark.parametrize(
    ("text", "unit", "raw"),
    [
        ("7", "number", 7),
        ("0.250", "number", 250),
        ("-7", "number", -7),
        ("amount", "CNY", 123450),
        ("-amount", "CNY", -123450),
        ("amount + 1", "CNY", 123550),
        ("1 + amount", "CNY", 123550),
        ("amount - 0.5", "CNY", 123400),
        ("amount - min(0.5, 2)", "CNY", 123400),
        ("amount + (500 if is_credit else max(400, 1.25))", "CNY", 163450),
        ("max(amount, -(3 if is_credit else 2))", "CNY", 123450),
        ("amount + 0.001", "CNY", 1234501),
        ("amount * 2", "CNY", 246900),
        ("amount * 0.5", "CNY", 617250),
        ("amount % 100", "CNY", 3450),
        ("doubled - 1", "CNY", 246800),
        ("number(nights) * 2", "number", 6),
        ("hours(7.5)", "minute", 450),
        ("months_between(date('2025-12-31'), date('2026-02-28'))", "month", 2),
        ("months_between(date('2026-03-15'), date)", "month", 0),
        ("months_between(date, date('2025-03-05'))", "month", -11),
        ("-amount % 100", "CNY", 6550),
        ("-(amount % 100)", "CNY", -3450),
        ("-7 % 3", "number", 2),
        ("nights", "night", 3),
        ("nights * nights", "night·night", 9),
        ("plain", "CNY", 15050),
        ("plain * share", "CNY", 1881250),
        ("nightly[grade, tier_of[city]]", "CNY/night", 60000),
        ("nightly['junior', '2']", "CNY/night", 30000),
        ("nightly[grade, tier_of[city]] * nights", "CNY", 180000),
        ("km * distance", "CNY", 13428500),
        ("round(km * distance, 0.01, half_up)", "CNY", 1343),
        ("round(amount, 100, half_up)", "CNY", 1200),
        ("round(amount, 100, up)", "CNY", 1300),
        ("round(-amount, 100, down)", "CNY", -1200),
        ("round(-amount, 100, floor)", "CNY", -1300),
        ("round(-amount, 100, ceiling)", "CNY", -1200),
        ("round(amount, 0.2, half_even)", "CNY", 12344),
        ("divide(amount, nights, 0.01, half_up)", "CNY/night", 41150),
        ("divide(amount, 7, 0.01, down)", "CNY", 17635),
        ("divide(1, 3, 0.001, half_up)", "number", 333),
        ("divide(2, 0.003, 1, up)", "number", 667),
        ("divide(amount, plain, 0.1, half_up)", "number", 82),
        ("min(amount, 1000)", "CNY", 100000),
        ("max(amount, plain, 2000)", "CNY", 200000),
        ("min(3, 2, 4)", "number", 2),
        ("abs(-amount)", "CNY", 123450),
        ("abs(amount - 2000)", "CNY", 76550),
        ("plain if amount > 1000 else 0", "CNY", 15050),
        ("0 if amount > 1000 else plain", "CNY", 0),
        ("default(attendees, 1)", "person", 1),
        ("default(nights, 1)", "night", 3),
        ("default(attendees, 0.5)", "person", 5),
        ("default(nights, 0.5) * 2", "night", 60),
        ("days_between(date, submitted)", "day", 6),
        ("days_between(submitted, date)", "day", -6),
        ("age_days", "day", 6),
        ("days_between(date, submitted) * days_between(submitted, date)", "day·day", -36),
        ("length(default(city, ''))", "number", 2),
        ("voucher_uses_before", "use", 0),
    ],
)
def test_quantities(text: str, unit: str, raw: int) -> None:
    """An expression over quantities has this unit and this exact raw value."""
    known = frozenset({"nights", "distance", "city"})
    node = parse(text, SCOPE, known=known)
    made = facts(dict(LINE))
    value = function(node, HELD)(line_facts(made))
    assert (str(node.type), value) == (unit, raw)
    assert node.low <= value <= node.high, "the proved bounds hold"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("amount > 1234", True),
        ("amount > 1234.5", False),
        ("amount >= 1234.5", True),
        ("1234.499 < amount", True),
        ("amount <= 1234.4999", False),
        ("amount == 1234.500", True),
        ("amount != 1234.500", False),
        ("category == 'meal'", True),
        ("'meal' == category", True),
        ("category in ('lodging', 'meal')", True),
        ("category not in ['lodging', 'meal']", False),
        ("grade in {'junior'}", False),
        ("team == 'East'", True),
        ("date < submitted", True),
        ("date == voucher_date if present(voucher_date) else True", True),
        ("not is_credit and person_active", True),
        ("present(account)", False),
        ("present(city) and city == '北京'", True),
        ("not present(city) or city == '上海'", False),
        ("present(account) and account == 'A-1'", False),
        ("not (not present(city) or not present(nights)) and nights > 2", True),
        ("(present(nights) or present(nights)) and nights > 2", True),
        ("nights > 2 if present(nights) else False", True),
        ("False if not present(nights) else nights > 2", True),
        ("not present(purpose) or length(purpose) >= 4", True),
        ("is_weekend(date)", False),
        ("is_working_day(date)", True),
        ("is_working_day(submitted)", True),
        ("tier_of['上海'] == '2'", True),
        ("tier_of['北京'] == '2'", False),
        ("default(travel_class, 'first') == 'first'", True),
        ("pre_approved or voucher_kind == 'none'", True),
        ("currency in ('CNY', 'USD') and True", True),
        ("True or False", True),
        ("  amount\n > \t 5 ", True),
    ],
)
def test_conditions(text: str, *, holds: bool) -> None:
    """A condition holds for the line, or does not."""
    assert computed(text) == ("yes_no", holds)


@pytest.mark.parametrize(
    ("day", "weekend", "worked"),
    [
        (date(2026, 3, 6), False, True),
        (date(2026, 3, 7), True, False),
        (date(2026, 3, 8), True, False),
        (date(2026, 3, 9), False, False),
        (date(2026, 3, 14), True, True),
    ],
)
def test_days(day: date, *, weekend: bool, worked: bool) -> None:
    """A rest day of the policy's calendar is not worked, a make-up Saturday is; weekends stay."""
    made = facts({"date": day})
    of = line_facts(made)
    weekends, working = (
        function(parse(f"{name}(date)", SCOPE), HELD) for name in ("is_weekend", "is_working_day")
    )
    assert (weekends(of), working(of)) == (weekend, worked)


def test_division_by_zero() -> None:
    """A divisor that is zero fails the rule and never the program."""
    made = facts({})
    divide = function(parse("divide(amount, voucher_uses_before, 1, up)", SCOPE), HELD)
    with pytest.raises(DivisionByZeroError):
        divide(line_facts(made))


# Mistakes: a caret stands where each is told

THAT = [
    ("expression.empty", "^ "),
    ("expression.sign", "amount ^＞ 200"),
    ("expression.sign", "min^（amount, 5) > 3"),
    ("expression.sign", "amount > 200 ^并且 is_credit"),
    ("expression.sign", "amount > 200 ^AND is_credit"),
    ("expression.sign", "amount > 200 ^&& is_credit"),
    ("expression.date_bare", "date >= ^2026-01-05"),
    ("expression.clock_bare", "present(city) and amount > ^9:30"),
    ("expression.percent", "amount > amount * 2^0%"),
    ("expression.equals", "amount ^= 200"),
    ("expression.band_places", "present(distance) and steps[^distance] > 5"),
    ("expression.result", "^allowed > 5"),
    ("expression.result", "^kept > 5"),
    ("expression.scope", "^is_late_day"),
    ("expression.each", "total_of(^doubled) > 5"),
    ("expression.no_condition", "^count_of(is_late_day)"),
    ("expression.quantity", "total_of(^is_late_day) > 5"),
    ("expression.day", "date >= date(^'2026-02-30')"),
    ("expression.day", "date >= date(^amount)"),
    ("expression.hours", "hours(^0.001) > 5"),
    ("expression.hours", "hours(^amount) > 5"),
    ("expression.hours", "hours(^10000) > 5"),
    ("expression.date", "months_between(date, ^amount) > 5"),
    ("expression.bounds", "add_months(date, ^120001) > date"),
    ("expression.syntax", "amount >^"),
    ("expression.syntax", "amount > 5 ^6"),
    ("expression.sign", "amount > 5 and city == ^“北京”"),
    ("expression.syntax", "amount > ^5if nights"),
    ("expression.form", "^amount.real > 5"),
    ("expression.form", "amount > 1 and (^lambda: 1)"),
    ("expression.form", "amount > 1 and ^[x for x in y]"),
    ("expression.form", "^amount ** 2 > 5"),
    ("expression.form", "^amount // 2 > 5"),
    ("expression.form", "amount > ^+5"),
    ("expression.form", "^category is 'meal'"),
    ("expression.form", "^nightly['a']['b'] > 5"),
    ("expression.form", "(^a := 5) > 5"),
    ("expression.form", "^(category, grade)"),
    ("expression.number", "amount > ^1_000"),
    ("expression.number", "amount > ^1e3"),
    ("expression.number", "amount > ^0x10"),
    ("expression.number", "amount > ^5j"),
    ("expression.number", "amount > ^.5"),
    ("expression.number", "amount > ^1234567890123456"),
    ("expression.number", "amount > ^0.0123456789"),
    ("expression.number", "amount > ^None"),
    ("expression.number", "category == ^b'meal'"),
    ("expression.unknown", "amount > 5 and ^nightz > 3"),
    ("expression.unknown", "present(^plain)"),
    ("expression.unknown", "default(^amount + 1, 2) > 1"),
    ("expression.unknown", "team == '北京' and present(^x)"),
    ("expression.no_parameter", "^nigth['junior', '1'] > 3"),
    ("expression.no_parameter", "^amount[grade] > 3"),
    ("expression.missing", "^nights > 3"),
    ("expression.missing", "present(city) or ^city == '北京'"),
    ("expression.missing", "present(city) and present(nights) or ^nights > 3"),
    ("expression.missing", "(present(city) or present(nights)) and ^nights > 3"),
    ("expression.missing", "not present(nights) and ^nights > 3"),
    ("expression.missing", "1 > 2 if present(nights) else ^nights > 2"),
    ("expression.missing", "default(nights, ^attendees) > 3"),
    ("expression.keys", "amount > ^nightly[grade] * 2"),
    ("expression.keys", "amount > ^plain[grade]"),
    ("expression.keys", "amount > ^nightly"),
    ("expression.key_type", "nightly[grade, ^5] * 1 == nightly[grade, '1']"),
    ("expression.key_type", "tier_of[^date] == '1'"),
    ("expression.yes_no", "^amount and is_credit"),
    ("expression.yes_no", "not ^amount"),
    ("expression.yes_no", "1 > 2 if ^amount else 2 > 1"),
    ("expression.chain", "^1 < amount < 5"),
    ("expression.compare", "^amount > age_days"),
    ("expression.compare", "^amount == 'meal'"),
    ("expression.compare", "^amount > min(5, age_days)"),
    ("expression.compare", "^is_credit == pre_approved"),
    ("expression.compare", "present(purpose) and ^purpose == 'lunch'"),
    ("expression.compare", "present(purpose) and ^purpose == purpose"),
    ("expression.compare", "^amount in ('1', '2')"),
    ("expression.compare", "^date > '2026-01-01'"),
    ("expression.compare", "^amount + age_days > 5"),
    ("expression.order", "^category > 'lodging'"),
    ("expression.order", "^team >= 'East'"),
    ("expression.in", "^category in 'meal'"),
    ("expression.in", "^category in ()"),
    ("expression.in", "category in ('meal', ^grade)"),
    ("expression.in", "team in ('East', ^5)"),
    ("expression.choice", "category == ^'meals'"),
    ("expression.choice", "category in ('meal', ^'lodgin')"),
    ("expression.choice", "amount > nightly[^'boss', '1'] * 1"),
    ("expression.choice", "^'boss' == grade"),
    ("expression.quantity", "amount + ^category > 5"),
    ("expression.quantity", "-^category == 5"),
    ("expression.quantity", "min(amount, ^date) > 5"),
    ("expression.slash", "^amount / 2 > 5"),
    ("expression.remainder", "^amount % 0 == 0"),
    ("expression.remainder", "^amount % plain == 0"),
    ("expression.remainder", "^amount % -5 == 0"),
    ("expression.function", "^presnt(city)"),
    ("expression.function", "^city.lower() == 'x'"),
    ("expression.function", "amount > ^__import__('os')"),
    ("expression.arguments", "^present(city, nights)"),
    ("expression.arguments", "^min(amount) > 5"),
    ("expression.arguments", "^present(name=city)"),
    ("expression.text", "length(^amount) > 5"),
    ("expression.text", "shape(^date, '9')"),
    ("expression.shape", "present(city) and shape(city, ^'9{')"),
    ("expression.shape", "present(city) and shape(city, ^city)"),
    ("expression.clock", "5 > at(^'25:00')"),
    ("expression.clock", "5 > at(^930)"),
    ("expression.category", "total_of(^meal) > 5"),
    ("expression.choice", "total_of(^'meals') > 5"),
    ("expression.no_bands", "along(^plain, amount) > 5"),
    ("expression.no_parameter", "along(^nowhere, amount) > 5"),
    ("expression.scope", "^day_number > 2"),
    ("expression.scope", "present(^oldest_days)"),
    ("expression.date", "is_weekend(^amount)"),
    ("expression.date", "days_between(date, ^amount) > 5"),
    ("expression.mode", "round(amount, 1, ^nearest) > 5"),
    ("expression.mode", "round(amount, 1, ^'up') > 5"),
    ("expression.step", "round(amount, ^0, up) > 5"),
    ("expression.step", "round(amount, ^-1, up) > 5"),
    ("expression.step", "round(amount, ^plain, up) > 5"),
    ("expression.step", "round(amount, ^'1', up) > 5"),
    ("expression.scale", "^share * share * share * share > 5"),
    ("expression.bounds", "^amount * amount > 5"),
    ("expression.bounds", "^1 + amount * 1000000 > 5"),
    ("expression.bounds", "amount > 5 and ^amount * 1000 == 0.000001"),
    ("expression.no_condition", "^amount"),
    ("expression.no_condition", "^category"),
    ("expression.deep", "-" * 40 + "^-1 > 0"),
    ("expression.deep", "^" + "(" * 201 + "1" + ")" * 201 + " > 0"),
    ("expression.long", "^amount > 5" + " " * 2_000),
]
AT_MOST = [
    ("expression.wanted", "^nightly['junior', '1']"),
    ("expression.wanted", "^age_days"),
    ("expression.wanted", "^is_credit"),
    ("expression.round_first", "^plain * share"),
    ("expression.round_first", "^0.001"),
    ("expression.bounds", "^amount * 1001"),
]


ON_CLAIMS = [
    ("expression.each_state", "count_of(^is_again) > 0"),
    ("expression.each", "count_of(^is_late_day) > 0"),
    ("expression.result", "total_of(^kept) > 0"),
    ("expression.scope", "^doubled > 0"),
]


@pytest.mark.parametrize(("code", "marked"), ON_CLAIMS)
def test_mistakes_on_claims(code: str, marked: str) -> None:
    """A mistake in a rule on the claim is told by its code, at the line and column of the caret."""
    text, line, column = split(HEAD + rule(marked, rest='scope = "claim"'))
    assert told(text) == [(code, line, column)]


@pytest.mark.parametrize("name", ["later", "own"])
def test_a_value_reads_only_those_above(name: str) -> None:
    """A value that names one further below, or itself, is told so."""
    more = """
[value.own]
name = {{ en = "Own", zh = "自身" }}
gives = "^{name} + 1"
[value.later]
name = {{ en = "Later", zh = "靠后" }}
gives = "amount"
"""
    text, line, column = split(HEAD + more.format(name=name))
    assert told(text) == [("expression.below", line, column)]


@pytest.mark.parametrize(("code", "marked"), THAT)
def test_mistakes_in_conditions(code: str, marked: str) -> None:
    """A mistake in a condition is told by its code, at the line and column of the caret."""
    text, line, column = split(HEAD + rule(marked))
    assert told(text) == [(code, line, column)]


@pytest.mark.parametrize(("code", "marked"), AT_MOST)
def test_mistakes_in_limits(code: str, marked: str) -> None:
    """A mistake in a limit is told by its code, at the line and column of the caret."""
    text, line, column = split(HEAD + rule(at_most=marked))
    assert told(text) == [(code, line, column)]


def test_every_code_of_expressions_is_told() -> None:
    """The tables above raise every code that an expression can have."""
    raised = {code for code, _ in (*THAT, *AT_MOST, *ON_CLAIMS)} | {"expression.below"}
    assert raised == {code for code in TEXTS if code.startswith("expression.")}


@pytest.mark.parametrize(
    "written",
    [
        '"team == \\"East\\" and ^nightz > 3"',
        '"team == \\u0022East\\u0022 and ^nightz > 3"',
        "'team == \"East\" and ^nightz > 3'",
        '"""team == "East" and ^nightz > 3"""',
        '"""\nteam == "East"\n  and ^nightz > 3"""',
        '"""team == \\"East\\"\n  and ^nightz > 3"""',
        '"""\nteam == "East" \\\n    and ^nightz > 3"""',
        "'''\nteam == \"北京\"\n\n  and ^nightz > 3'''",
        '"""team == "\\U0001F35C" \\\n\n  and ^nightz > 3"""',
        '"team == \\"东\\tEast\\" and ^nightz > 3" # nightz',
    ],
)
def test_place_inside_any_string(written: str) -> None:
    """The place is right in each of TOML's four kinds of string, with escapes and Chinese."""
    body = rule("X").replace("'''X'''", written)
    text, line, column = split(HEAD + body)
    assert told(text) == [("expression.unknown", line, column)]


@pytest.mark.parametrize("windows", [False, True])
def test_place_with_either_line_end(*, windows: bool) -> None:
    """Line ends of Windows move no place."""
    text, line, column = split(HEAD + rule("\namount > 5\n  and ^nightz > 3"))
    written = text.replace("\n", "\r\n") if windows else text
    assert told(written) == [("expression.unknown", line, column)]


def test_near_names_are_told() -> None:
    """Who mistypes a name is told the nearest ones, facts and parameters alike."""
    (problem,) = problems_of(HEAD + rule("amout > plian"))
    assert problem.values["near"].split(", ")[0] == "amount"
    (problem,) = problems_of(HEAD + rule("amount > plian"))
    assert "plain" in problem.values["near"]


def test_hostile_texts_never_escape() -> None:
    """Whatever is written, the answer is a tree or an ExpressionError with an offset inside."""
    hostile = [
        "().__class__.__bases__",
        "f.amount",
        "_p_plain",
        "__builtins__",
        "eval('1')",
        "[x for x in (1).__class__.__mro__]",
        "amount if amount else (yield)",
        "*amount",
        "f'{amount}'",
        "\x00",
        "\ud800",
        "1" * 5_000,
        "((((",
        "amount\x0c> 5 $",
        "await x",
        "amount > 5; amount",
        "#",
        "'\\N{BULLET}' == team and '\\x41' == 5",
    ]
    for text in hostile:
        with pytest.raises(ExpressionError) as caught:
            parse(text, SCOPE)
        assert 0 <= caught.value.at <= len(text)
        assert caught.value.code in TEXTS


def test_a_bare_number_takes_the_unit_beside_it() -> None:
    """A limit of 500 is 500 of the policy's currency, in minor units."""
    node = parse("500", SCOPE, wanted=quantity("CNY", 2))
    assert (node.op, node.value, str(node.type)) == (Op.CONSTANT, 50_000, "CNY")


def test_a_coarser_amount_is_brought_to_minor_units() -> None:
    """A computed amount of fewer decimals is rescaled, so that it compares exactly."""
    node = parse("round(amount, 100, down)", SCOPE, wanted=quantity("CNY", 2))
    assert Op.RESCALE in {inner.op for inner in walk(node)}
    made = facts(dict(LINE))
    assert function(node, HELD)(line_facts(made)) == 120_000
