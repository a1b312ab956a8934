"""The public surface: one claim in, one decision out, in a few lines."""

import copy
import json
import subprocess
import sys
import tomllib
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

import crm_expenses
from crm_expenses import api
from crm_expenses.claimdata import claim_schema, decision_schema, facts_from
from crm_expenses.policyfile import policy_schema

POLICY: Final = files("crm_expenses.demo").joinpath("policy.toml").read_text("utf-8")
CLAIM: Final[dict[str, Any]] = {
    "claim": "C-1",
    "person": {"id": "P1", "name": "王芳", "grade": "senior", "team": "East"},
    "submitted": "2026-03-10T09:00:00+08:00",
    "rates": [{"currency": "USD", "rate": "7.1", "date": "2026-01-01", "source": "central parity"}],
    "lines": [
        {"line": "1", "date": "2026-03-04", "category": "meal", "amount": "180.00"},
        {
            "line": "2",
            "date": "2026-03-04",
            "category": "lodging",
            "amount": "1200",
            "city": "Shanghai",
            "nights": 2,
            "voucher": {"kind": "fapiao", "number": "24312000000012345678", "amount": "1200"},
        },
        {
            "line": "3",
            "date": "2026-03-04",
            "category": "entertainment",
            "amount": "100",
            "currency": "USD",
            "attendees": 2,
            "justification": "续约",
            "account": "A-1",
        },
        {"line": "4", "date": "2026-03-04", "category": "yacht", "amount": -5},
        {"line": "5", "date": "2026-03-04", "category": "meal", "amount": "5", "currency": "EUR"},
    ],
}


def plain(value: object) -> Any:  # noqa: ANN401
    """Give a value of TOML as a JSON Schema sees it."""
    if isinstance(value, dict):
        return {key: plain(held) for key, held in value.items()}
    if isinstance(value, list):
        return [plain(held) for held in value]
    return value.isoformat() if isinstance(value, date) else value


def accepts(schema: dict[str, Any], value: object) -> bool:
    """Say whether a schema accepts a value."""
    try:
        Draft202012Validator(schema).validate(value)
    except ValidationError:
        return False
    return True


def changed(value: dict[str, Any], path: tuple[str | int, ...], new: object) -> dict[str, Any]:
    """Give a copy with one value changed; without it where `new` is None."""
    made = copy.deepcopy(value)
    held: Any = made
    for step in path[:-1]:
        held = held[step]
    if new is None:
        del held[path[-1]]
    else:
        held[path[-1]] = new
    return made


@pytest.fixture
def policy() -> crm_expenses.Policy:
    """Give the demo's policy."""
    return crm_expenses.parse_policy(POLICY)


def test_check_a_plain_dict(policy: crm_expenses.Policy) -> None:
    """A claim as a plain dict is decided line by line, in the policy's currency."""
    decision = crm_expenses.check(CLAIM, policy)
    found = {line.line: (line.outcome.value, str(line.allowed)) for line in decision.lines}
    assert found == {
        "1": ("reduced", "150.00 CNY"),
        "2": ("reduced", "1100.00 CNY"),
        "3": ("pass", "710.00 CNY"),
        "4": ("review", "-5.00 CNY"),
        "5": ("review", "0.00 CNY"),
    }
    assert (decision.outcome, str(decision.claimed)) == ("review", "2085.00 CNY")
    assert str(decision.allowed) == "1955.00 CNY"


def test_check_typed_facts(policy: crm_expenses.Policy) -> None:
    """Typed facts and the dict that says the same lead to the same decision."""
    facts = facts_from(CLAIM, "CNY")
    assert crm_expenses.check(facts, policy) == crm_expenses.check(CLAIM, policy)


def test_a_person_may_be_an_id(policy: crm_expenses.Policy) -> None:
    """A claim may name its person by the id alone; rules that need the grade then fail."""
    decision = crm_expenses.check({**CLAIM, "person": "P1"}, policy)
    assert decision.lines[1].outcome is crm_expenses.Outcome.REVIEW
    assert {f.code: f.failed for f in decision.lines[1].findings}["lodging.cap"] == "missing"


def test_the_claims_currency_is_its_lines(policy: crm_expenses.Policy) -> None:
    """A line without a currency takes the claim's, and that the policy's."""
    given = {**CLAIM, "currency": "USD", "lines": [CLAIM["lines"][0]]}
    assert str(crm_expenses.check(given, policy).claimed) == "1278.00 CNY"


def test_equal_claims_have_equal_bytes(policy: crm_expenses.Policy) -> None:
    """Equal facts and policy give equal bytes, in whatever order the dict was written."""
    turned = dict(reversed(CLAIM.items()))
    one, two = (
        json.dumps(crm_expenses.decision_dict(crm_expenses.check(claim, policy), policy))
        for claim in (CLAIM, turned)
    )
    assert one == two


def test_evaluators_are_kept_and_bounded(policy: crm_expenses.Policy) -> None:
    """A policy is compiled once for each content; many policies do not fill the memory."""
    first = api.evaluator_of(policy)
    assert api.evaluator_of(crm_expenses.parse_policy(POLICY)) is first
    for number in range(api._READY_MAX + 3):
        text = POLICY.replace('version = "2026.1"', f'version = "{number}"')
        api.evaluator_of(crm_expenses.parse_policy(text))
    assert len(api._READY) <= api._READY_MAX


def test_every_public_name_is_there() -> None:
    """Each public name is importable, listed, and unknown ones are refused as ever."""
    for name in crm_expenses.__all__:
        assert getattr(crm_expenses, name).__name__ == name
        assert name in dir(crm_expenses)
    assert set(crm_expenses.__all__) == set(crm_expenses._HOMES)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = crm_expenses.nothing  # type: ignore[attr-defined]


def test_the_package_imports_lazily() -> None:
    """Importing the package imports no module of it, and checking typed facts needs no pydantic."""
    code = (
        "import sys, crm_expenses;"
        "assert not [m for m in sys.modules if m.startswith('crm_expenses.')];"
        "from crm_expenses.api import check;"
        "assert 'pydantic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The published schemas


@pytest.mark.parametrize("schema", [policy_schema(), claim_schema(), decision_schema()])
def test_schemas_are_schemas(schema: dict[str, Any]) -> None:
    """Each published schema is a valid schema of Draft 2020-12 and says so."""
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_demo_policy_fits_its_schema() -> None:
    """An editor that knows the schema finds nothing wrong with the demo's policy."""
    held = plain(tomllib.loads(POLICY, parse_float=Decimal))
    assert accepts(policy_schema(), held)


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (("policy", "currency"), None),
        (("policy", "language"), 2),
        (("policy", "id"), "Has Blanks"),
        (("policy", "note"), "x"),
        (("policy", "title"), "Title"),
        (("category", "meal", "name", "zh"), ""),
        (("parameter", "meal_day", "type"), None),
        (("parameter", "meal_day", "values", 0, "from"), None),
        (("parameter", "meal_day", "values", 0, "is"), True),
        (("parameter", "meal_day", "values", 0, "is"), [1]),
        (("rule", 0, "kind"), "wish"),
        (("rule", 0, "effect"), "punish"),
        (("rule", 0, "on"), "meal"),
        (("rule", 0, "period"), "fortnight"),
        (("rule", 0, "counts"), "all"),
        (("rule", 0, "limit"), "5"),
        (("approval", 0, "who"), None),
        (("approval", 0, "outcome"), "perhaps"),
        (("rules",), []),
    ],
)
def test_the_policy_schema_refuses(path: tuple[str | int, ...], new: object) -> None:
    """What the loader refuses of a policy's shape, the schema refuses too."""
    held = changed(plain(tomllib.loads(POLICY, parse_float=Decimal)), path, new)
    assert not accepts(policy_schema(), held)


def test_the_claim_fits_its_schema() -> None:
    """The claim of these tests is one by the schema, with times and amounts in every form."""
    assert accepts(claim_schema(), CLAIM)
    assert accepts(claim_schema(), {**CLAIM, "person": "P1", "submitted": "2026-03-10"})


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (("claim",), None),
        (("claim",), ""),
        (("person",), 5),
        (("person", "id"), None),
        (("lines",), "all"),
        (("lines", 0, "amount"), "1_000"),
        (("lines", 0, "amount"), "１２"),
        (("lines", 0, "amount"), "1e5"),
        (("lines", 0, "amount"), True),
        (("lines", 1, "nights"), -1),
        (("lines", 1, "nights"), 10_001),
        (("lines", 1, "nights"), 1.5),
        (("lines", 1, "voucher", "kind"), "paper"),
        (("lines", 0, "colour"), "red"),
        (("status",), "lost"),
        (("rates", 0, "rate"), None),
    ],
)
def test_the_claim_schema_refuses(path: tuple[str | int, ...], new: object) -> None:
    """What the schema refuses of a claim, the check refuses too."""
    wrong = changed(CLAIM, path, new)
    assert not accepts(claim_schema(), wrong)
    with pytest.raises(crm_expenses.MappingError):
        facts_from(wrong, "CNY")


def test_decisions_fit_their_schema(policy: crm_expenses.Policy) -> None:
    """Each decision of check has the published shape, through JSON and back."""
    empty = {**CLAIM, "lines": []}
    unknown = {**CLAIM, "person": "P1"}
    for claim in (CLAIM, empty, unknown):
        made = crm_expenses.decision_dict(crm_expenses.check(claim, policy), policy)
        assert accepts(decision_schema(), json.loads(json.dumps(made)))


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (("shape",), 2),
        (("outcome",), "maybe"),
        (("allowed",), 5),
        (("lines", 0, "claimed"), 5),
        (("lines", 0, "findings", 0, "effect"), "punish"),
        (("lines", 0, "findings", 0, "message", "zh"), None),
        (("policy", "digest"), None),
        (("facts",), None),
    ],
)
def test_the_decision_schema_refuses(
    policy: crm_expenses.Policy, path: tuple[str | int, ...], new: object
) -> None:
    """The schema refuses what is no decision."""
    made = dict(crm_expenses.decision_dict(crm_expenses.check(CLAIM, policy), policy))
    assert not accepts(decision_schema(), changed(json.loads(json.dumps(made)), path, new))


def test_what_a_decision_says(policy: crm_expenses.Policy) -> None:
    """A decision as JSON holds amounts as text, findings with words in both languages, digests."""
    decision = crm_expenses.check(CLAIM, policy)
    made = crm_expenses.decision_dict(decision, policy)
    first, third, fifth = (made["lines"][at] for at in (0, 2, 4))
    assert first["findings"][0] == {
        "code": "meal.day",
        "effect": "cap",
        "clause": "3.1",
        "evidence": {
            "claimed": "180.00",
            "limit": "150.00",
            "before": "0.00",
            "over": "30.00",
            "meal_day": "150.00",
        },
        "message": {
            "en": "Meals per day: 180.00 is over the limit of 150.00, of which 0.00 was used "
            "before, by 30.00",
            "zh": "餐费每日限额：180.00 超过限额 150.00（此前已用 0.00），超出 30.00",
        },
    }
    assert third["findings"][0].get("resolved_by") == "justification"
    assert third["findings"][0]["message"]["zh"].endswith(
        "超出部分须说明理由（已解决：已给出理由）"
    )
    assert fifth["claimed"] is None
    assert made["policy"] == {
        "id": "hengyuan-sales",
        "version": "2026.1",
        "digest": policy.digest,
        "language": 1,
    }
    assert made["facts"]["digest"] == decision.facts_digest
    assert len(decision.facts_digest) == 64


def test_a_finding_that_failed_says_why(policy: crm_expenses.Policy) -> None:
    """A rule that could not be computed is told with the reason, as a word and in words."""
    made = crm_expenses.decision_dict(crm_expenses.check({**CLAIM, "person": "P"}, policy), policy)
    (found,) = (f for f in made["lines"][1]["findings"] if f["code"] == "lodging.cap")
    assert found.get("failed") == "missing"
    assert found["message"]["en"].endswith(
        "the rule cannot be computed without the person's grade, so a person must look"
    )


def test_submitted_may_be_a_datetime(policy: crm_expenses.Policy) -> None:
    """Python's own dates, times and decimals are taken as they are."""
    line = {**CLAIM["lines"][0], "date": date(2026, 3, 4), "amount": Decimal("180.00")}
    moment = datetime.fromisoformat(CLAIM["submitted"])
    given = {**CLAIM, "submitted": moment, "lines": [line]}
    same = {**CLAIM, "lines": [CLAIM["lines"][0]]}
    assert crm_expenses.check(given, policy) == crm_expenses.check(same, policy)
