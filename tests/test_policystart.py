"""A policy that was begun by questions is a good one, whatever was answered."""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.currencies import EXPONENTS
from crm_expenses.core.money import exponent
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES, table
from crm_expenses.policycases import cases_from, run_cases
from crm_expenses.policyfile import parse_policy
from crm_expenses.policystart import Answers, Question, cases_text, interview, policy_text
from crm_expenses.policystart.interview import CATEGORIES
from crm_expenses.policystart.question import (
    read_amount,
    read_amounts,
    read_count,
    read_currency,
    read_day,
    read_name,
    read_pick,
    read_picks,
    read_words,
)
from crm_expenses.policystart.tomltext import array, inline, literal, quoted
from crm_expenses.quiz import questions
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy
from crm_expenses.tomlfile import parse_toml

TODAY: Final = date(2026, 11, 28)
Value = TypeVar("Value")


class Given:
    """Answers by the names of the questions; what is not there takes its default."""

    def __init__(self, answers: Mapping[str, object]) -> None:
        self.answers = answers
        self.asked: list[Question[Any]] = []

    def ask(self, question: Question[Value]) -> Value:
        """Read the answer as it would be read from a person or a file."""
        self.asked.append(question)
        answer = self.answers.get(question.path[0])
        if isinstance(answer, Mapping):
            answer = answer.get(question.path[1])
        return question.default if answer is None else question.read(answer)


def begun(answers: Answers, file: str = "p.toml") -> tuple[Policy, str, str]:
    """Write and read the policy, decide its cases; give it with both texts."""
    text, cases = policy_text(answers, "p", file), cases_text(answers, file)
    policy = parse_policy(text)
    results = run_cases(Evaluator(policy), cases_from(parse_toml(cases, "p.cases.toml"), policy))
    assert results
    failed = [(r.case.name, r.differences) for r in results if not r.is_passed]
    assert not failed, text
    return policy, text, cases


WORDS: Final = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters=",，、;；"),
    min_size=1,
    max_size=12,
).filter(lambda word: word != "-") | st.sampled_from(
    [
        '"',
        "\\",
        '"""',
        "]]",
        "[[rule]]",
        "#",
        "'",
        "{x}",
        "= 1",
        "员工",
        "🙂",
        "\\u0041",
        "${a}",
        "else",
    ]
)


def amounts(places: int, least: str = "0") -> st.SearchStrategy[Decimal]:
    """Give amounts that fit a currency, from both ends of what is taken."""
    lowest = max(Decimal(least), Decimal(0))
    digits = st.integers(0 if not lowest else 1, 10**10) | st.integers(1, 500)
    return digits.map(lambda n: Decimal(n).scaleb(-places))


@st.composite
def answer_files(draw: st.DrawFn) -> dict[str, object]:
    """Give answers as a file would have them: for any choice of categories, grades and tiers."""
    currency = draw(st.sampled_from(["CNY", "USD", "JPY", "KWD", "VND", *sorted(EXPONENTS)]))
    places = exponent(currency)
    words = st.lists(WORDS, min_size=1, max_size=4, unique=True)
    grades, tiers = draw(words), draw(words)
    pool = draw(st.lists(WORDS, max_size=8, unique=True))
    cities = {tier: pool[n :: len(tiers)] for n, tier in enumerate(tiers[:-1])}
    above, zero = amounts(places, "1"), amounts(places)
    item, manager = draw(above), draw(zero)
    return {
        "company": draw(st.sampled_from(['A "B" \\ ]]\n#x', "公司 🙂 '''", "{amount}"]) | WORDS),
        "currency": currency,
        "starts": draw(st.dates(date(1900, 1, 1), date(2190, 12, 31))),
        "grades": grades,
        "categories": draw(st.lists(st.sampled_from(CATEGORIES), min_size=1, unique=True)),
        "tiers": tiers,
        "cities": cities,
        "lodging_night": {tier: [draw(above) for _ in grades] for tier in tiers},
        "meal_day": draw(above),
        "local_transport_day": draw(above),
        "intercity_review": draw(zero),
        "entertainment_head": draw(above),
        "entertainment_approval": draw(zero),
        "gift_item": item,
        "gift_year": max(item, draw(above)),
        "communication_month": draw(above),
        "mileage_rate": draw(st.integers(1, 5 * 10**8) | st.integers(1, 99) | st.just(5 * 10**8))
        * Decimal("0.0001"),
        "voucher": draw(st.sampled_from(["receipt", "fapiao"])),
        "voucher_from": draw(zero),
        "submit_days": draw(st.integers(1, 3650)),
        "manager_above": manager,
        "finance_above": max(manager, draw(zero)),
    }


@settings(max_examples=100, deadline=None)
@given(answer_files(), st.sampled_from(LANGUAGES), st.sampled_from(["p.toml", 'a"\n]] #.toml']))
def test_any_answers_make_a_good_policy(
    answers: dict[str, object], language: str, file: str
) -> None:
    """Whatever fits as an answer gives a policy without a mistake whose cases all pass."""
    found = interview(Given(answers), language, TODAY)  # type: ignore[arg-type]
    policy, text, _ = begun(found, file)
    data = tomllib.loads(text, parse_float=Decimal)
    assert data["choices"]["grade"] == [*found.grades]
    assert set(data["category"]) == set(found.categories)
    assert found.company in data["policy"]["title"]["zh"]
    assert policy.currency == found.currency
    assert policy.covers(found.categories[0])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("categories", [CATEGORIES, *((one,) for one in CATEGORIES)])
def test_defaults_make_a_good_policy(language: str, categories: tuple[str, ...]) -> None:
    """Every category by itself, and all together, is good with every default."""
    asker = Given({"categories": list(categories)})
    policy, text, cases = begun(interview(asker, language, TODAY))  # type: ignore[arg-type]
    assert policy.currency == {"en": "USD", "zh": "CNY"}[language]
    asked = {question.rule for question in questions(policy, count=200)}
    assert asked == {rule.code for rule in policy.rules}
    assert all(
        len(line) <= 100 or line.startswith(("message", "title", "that"))
        for line in text.split("\n")
    )
    spoken = {code for case in tomllib.loads(cases)["case"] for code in case["expect"]["findings"]}
    assert {rule.code for rule in policy.rules} - spoken <= {"voucher.twice"}


@pytest.mark.parametrize(
    "currency", sorted({"CNY", "USD", "EUR", "JPY", "KRW", "VND", "KWD", "TWD"})
)
def test_defaults_fit_every_currency(currency: str) -> None:
    """What stands in brackets is taken when it is typed, in every currency."""
    asker = Given({"currency": currency, "categories": [*CATEGORIES]})
    begun(interview(asker, "en", TODAY))
    for question in asker.asked:
        assert question.read(question.shown) == question.default, question.path


def test_each_figure_decides() -> None:
    """A figure in the policy that is not the one answered makes a case fail."""
    found = interview(Given({"categories": [*CATEGORIES], "tiers": "a"}), "en", TODAY)
    text, cases = policy_text(found, "p", "p.toml"), cases_text(found, "p.toml")
    for name, figure in found.figures.items():
        step = name.removesuffix("_above") if name.endswith("_above") else ""
        begins, what = (f'code = "{step}"', "above") if step else (f"[parameter.{name}]", "is")
        head, mark, rest = text.partition(begins)
        wrong = head + mark + rest.replace(f"{what} = {figure}", f"{what} = {figure + 1}", 1)
        assert wrong != text
        policy = parse_policy(wrong)
        results = run_cases(Evaluator(policy), cases_from(parse_toml(cases, "c"), policy))
        assert not all(result.is_passed for result in results), name


def test_only_what_is_needed_is_asked() -> None:
    """Figures are asked for the chosen categories; one tier needs no cities."""
    asker = Given({"categories": "mileage"})
    interview(asker, "en", TODAY)
    assert [".".join(question.path) for question in asker.asked] == [
        "company",
        "currency",
        "starts",
        "grades",
        "categories",
        "mileage_rate",
        "submit_days",
        "manager_above",
        "finance_above",
    ]
    asker = Given({"categories": "2", "tiers": "one"})
    interview(asker, "en", TODAY)
    paths = [question.path for question in asker.asked]
    assert ("lodging_night", "one") in paths
    assert not [path for path in paths if path[0] == "cities"]


def test_every_question_has_its_text() -> None:
    """Each question that can be asked has a text with the values that it gives."""
    asker = Given({"categories": [*CATEGORIES]})
    interview(asker, "en", TODAY)
    asked = {question.code for question in asker.asked}
    assert asked == {code for code in table() if code.startswith("start.ask.")}


# Answers


BAD: Final = (
    (
        read_name,
        "answer.text",
        ["", "  ", "x" * 101, "a\x1b[2J", "\ud800", "\u202e", 5.0, True, None],
    ),
    (read_words(1, 2, "a"), "answer.words", ["-", [], "a,b,c", "a, a", ["x", "x"]]),
    (read_words(1, 2, "a"), "answer.text", [["a\0"], [[]], ["x" * 41]]),
    (read_currency, "answer.currency", ["", "RMB", "¥", 5, None, "CN Y"]),
    (read_day, "answer.day", ["", "1.2.2026", "2026-02-30", "1899-12-31", "２０２６-01-01", 2026]),
    (read_picks({"a": ("A",)}), "answer.pick", ["2", "b", "0", "a,b", [True]]),
    (read_picks({"a": ("A",)}), "answer.pick_none", ["-", []]),
    (read_pick({"a": (), "b": ()}), "answer.pick", ["a, b"]),
    (
        read_amount(2, Decimal(5)),
        "answer.amount",
        ["0", "-1", "1.005", "1e3", "NaN", "1,000", "٣", "100000000.01", True, None, [5], "0.00"],
    ),
    (read_amount(0, Decimal(5), least=Decimal(0)), "answer.amount", ["0.5", "-1"]),
    (read_amounts(read_amount(2, Decimal(5)), ["a", "b"]), "answer.amounts", ["1, 2, 3", "-"]),
    (read_amounts(read_amount(2, Decimal(5)), ["a", "b"]), "answer.amounts", [{"a": 1}, {}]),
    (read_amounts(read_amount(2, Decimal(5)), ["a", "b"]), "answer.pick", [{"a": 1, "c": 2}]),
    (read_count(1, 30), "answer.count", ["0", "31", "1.5", "x", True, None, "１", "1" * 99]),
)


@pytest.mark.parametrize(
    ("read", "code", "answer"), [(read, code, one) for read, code, bad in BAD for one in bad]
)
def test_answers_that_do_not_fit(read: Any, code: str, answer: object) -> None:  # noqa: ANN401
    """An answer that does not fit is refused with its reason in both languages."""
    with pytest.raises(ConfigError) as caught:
        read(answer)
    assert caught.value.code == code
    for language in LANGUAGES:
        assert "{" not in caught.value.describe(language)


@pytest.mark.parametrize(
    ("read", "answer", "found"),
    [
        (read_name, "  Acme \n\t Ltd ", "Acme Ltd"),
        (read_name, 2026, "2026"),
        (read_words(1, 9, "a"), "员工，经理、总监；x; y", ("员工", "经理", "总监", "x", "y")),
        (read_words(1, 9, "a"), ["a, b", 1], ("a, b", "1")),
        (read_words(0, 9, "a"), "-", ()),
        (read_day, date(2026, 1, 1), date(2026, 1, 1)),
        (read_amount(2, Decimal(5)), "1500.50", Decimal("1500.5")),
        (read_amount(2, Decimal(5)), Decimal("1E+3"), Decimal(1000)),
        (read_amount(2, Decimal(5)), "000100.000", Decimal(100)),
        (read_amounts(read_amount(2, Decimal(5)), ["a", "b"]), "7", (Decimal(7), Decimal(7))),
        (read_amounts(read_amount(2, Decimal(5)), ["a", "b"]), {"b": 2, "a": "1"}, (1, 2)),
    ],
)
def test_answers_that_fit(read: Any, answer: object, found: object) -> None:  # noqa: ANN401
    """Commas of every width, amounts of every spelling, and values of TOML are read."""
    assert read(answer) == found


def test_later_answers_must_fit_earlier_ones() -> None:
    """A year below one gift, finance below the manager, and a city in two tiers are refused."""
    for answers, code in (
        ({"categories": "gift", "gift_item": 50, "gift_year": 49}, "answer.order"),
        ({"manager_above": 500, "finance_above": "499.99"}, "answer.order"),
        ({"tiers": "a, b, c", "cities": {"a": ["x"], "b": ["y", "x"]}}, "answer.twice"),
    ):
        with pytest.raises(ConfigError) as caught:
            interview(Given(answers), "en", TODAY)
        assert caught.value.code == code


# TOML


@given(st.text() | st.sampled_from(['"""', "\\", "]]", "\r\n", "\x7f", "\x85", "\u2028", "\0"]))
def test_any_text_reads_back(value: str) -> None:
    """A text written as TOML reads back as the same text, and stays on its line."""
    written = quoted(value)
    assert len(written.splitlines()) == 1
    assert tomllib.loads(f"a = {written}") == {"a": value}


@given(st.lists(st.text() | st.integers() | st.dates() | st.decimals(-(10**9), 10**9, places=4)))
def test_any_list_reads_back(values: list[Any]) -> None:
    """Lists and inline tables read back as the same values."""
    read = tomllib.loads(f"a = {array(values)}", parse_float=Decimal)["a"]
    assert read == values
    if values:
        held = tomllib.loads(f"a = {inline([('x', values[0])])}", parse_float=Decimal)
        assert held == {"a": {"x": values[0]}}
        assert literal(values[0]) in array(values)
