"""The policies of examples/policies: they load, their cases pass, and their cases can fail."""

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from crm_expenses.handbook import publish
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.policycases import Case, cases_beside, cases_from, load_cases, run_cases
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.situation import Situation, facts_of
from crm_expenses.tomlfile import read_toml

FOLDER: Final = Path(__file__).parents[1] / "examples" / "policies"
PACKS: Final = sorted(path for path in FOLDER.glob("*.toml") if not path.match("*.cases.toml"))

NUMBERED: Final = (
    *(f"CN-{number}" for number in range(1, 12)),
    *(f"CV-{number}" for number in (1, 2, "2b", 3, 4, 5, 6, 7)),
    *(f"US-{number}" for number in range(1, 12)),
    *(f"UN-{number}" for number in (1, 2)),
    *(f"IR-{number}" for number in range(1, 4)),
    *(f"UK-{number}" for number in range(1, 6)),
    *(f"DE-{number}" for number in range(1, 13)),
    *(f"CR-{number}" for number in range(1, 8)),
)
"""The schemes' cases by number; UN are university rules, CR company rules on caps and receipts."""

AMBIGUOUS: Final = {"CN-1", "CN-2", "CN-6", "CR-3", "CR-4"}
"""What the sources leave open: some case of each says so."""

PLANTED: Final = {
    "cn-central-travel": ('["other", "Shanghai", 500]', '["other", "Shanghai", 501]'),
    "cn-central-travel-stay": ('is = "0.50"', 'is = "0.51"'),
    "cn-company": ('["staff", "1", 600]', '["staff", "1", 599]'),
    "cn-vouchers-tax": ('is = "0.005"', 'is = "0.006"'),
    "company-day-cap": ("is = 150", "is = 151"),
    "company-day-cap-trip": ("is = 150", "is = 140"),
    "company-hotel-place": ("is = 250", "is = 249"),
    "company-hotel-place-strict": ("is = 250", "is = 249"),
    "company-project": ("is = 14,", "is = 15,"),
    "company-receipt-thresholds": ("is = 75", "is = 74"),
    "company-receipts": ("is = 75", "is = 74"),
    "company-soft-hard": ('["1", 400]', '["1", 450]'),
    "de-meals": ("is = 28", "is = 29"),
    "uk-mileage": ('[10000, "0.25"]', '[10001, "0.25"]'),
    "us-company": ('is = "0.725"', 'is = "0.726"'),
    "us-mileage": ('["business", "0.625"]', '["business", "0.585"]'),
    "us-per-diem": ('is = "0.75"', 'is = "0.76"'),
    "us-per-diem-earlier": ('["71", 36]', '["71", 35]'),
    "us-university": ('is = "0.35"', 'is = "0.34"'),
}
"""For each pack a figure that stands in it once, and a wrong one."""


@cache
def loaded(path: Path) -> tuple[Policy, tuple[Case, ...]]:
    """Load a pack and its cases, once."""
    policy = load_policy(path)
    return policy, load_cases(cases_beside(path), policy)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_case_passes(path: Path) -> None:
    """Each pack loads, has cases, and every case comes out as expected."""
    policy, cases = loaded(path)
    assert cases
    failed = [result for result in run_cases(Evaluator(policy), cases) if not result.is_passed]
    assert not [(result.case.name, result.differences) for result in failed]


def test_every_numbered_case_is_there() -> None:
    """Each case of the schemes is a case of some pack, by its number."""
    names = [case.name for path in PACKS for case in loaded(path)[1]]
    found = {match[0] for name in names if (match := re.match(r"[A-Z]{2}-\d+[a-z]?(?= )", name))}
    assert set(NUMBERED) == found
    sure = {c.name.split()[0] for path in PACKS for c in loaded(path)[1] if c.certainty}
    assert set(NUMBERED) <= sure
    open_ones = [c.name for path in PACKS for c in loaded(path)[1] if c.certainty == "A"]
    assert {n for n in NUMBERED if any(name.startswith(f"{n} ") for name in open_ones)} == AMBIGUOUS


def test_what_rests_on_a_source_says_so() -> None:
    """Each numbered case names its source and how sure it is; house rules have no certainty."""
    for path in PACKS:
        for case in loaded(path)[1]:
            assert case.source, case.name
            assert case.certainty in ("S", "K", "A", ""), case.name
            assert bool(case.certainty) == (case.source not in ("house rule", "handbook")), (
                case.name
            )


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        ("cn-central-travel", "cn-central-travel-stay", "CN-6"),
        ("company-hotel-place", "company-hotel-place-strict", "CR-3"),
        ("company-day-cap", "company-day-cap-trip", "CR-4"),
    ],
)
def test_both_readings_are_there(first: str, second: str, number: str) -> None:
    """Where a source is ambiguous, the cases of one reading fail under the other one."""
    policy, _ = loaded(FOLDER / f"{first}.toml")
    theirs = load_cases(FOLDER / f"{second}.cases.toml", loaded(FOLDER / f"{second}.toml")[0])
    ambiguous = [case for case in theirs if case.certainty == "A" and case.name.startswith(number)]
    assert ambiguous
    assert not all(result.is_passed for result in run_cases(Evaluator(policy), ambiguous))


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_wrong_figure_is_found(path: Path) -> None:
    """A wrong figure in a pack makes a case of it fail."""
    right, wrong = PLANTED[path.stem]
    text = path.read_text(encoding="utf-8")
    assert right in text
    policy = parse_policy(text.replace(right, wrong), path.name)
    cases = cases_from(read_toml(cases_beside(path)), policy)
    assert not all(result.is_passed for result in run_cases(Evaluator(policy), cases))


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_rule_and_figure_is_reached(path: Path) -> None:
    """Each rule that can break speaks in some case, each figure and component has some value."""
    policy, cases = loaded(path)
    spoken: set[str] = set()
    for case in cases:
        spoken.update(case.expect.findings or ())
        for line in case.expect.lines:
            spoken.update(line.findings or ())
    speaking = {
        rule.code
        for rule in policy.rules
        if rule.kind.value not in ("allow", "measure") and "budget_available" not in rule.reads
    }
    assert speaking <= spoken


BUDGETED: Final = ("cn-company", "us-company")
"""Policies with a rule on budgets; a case has no budget, so these are decided here."""


@pytest.mark.parametrize("stem", BUDGETED)
@pytest.mark.parametrize(("amount", "findings"), [(100_00, []), (100_01, ["budget.left"])])
def test_a_budget_that_is_used_up_goes_to_a_person(
    stem: str, amount: int, findings: list[str]
) -> None:
    """A line within what is left of its budget passes, one above is for a person to decide."""
    policy, _ = loaded(FOLDER / f"{stem}.toml")
    category = "communication" if stem == "cn-company" else "phone"
    situation: Situation = {
        "category": category,
        "amount": amount,
        "budget_available": 100_00,
        "date": date(2026, 3, 4),
        "grade": "director" if stem == "cn-company" else "manager",
        "voucher_kind": "receipt",
        "voucher_number": "1",
    }
    decision = Evaluator(policy).decide(facts_of(policy, situation))
    assert [f.code for f in decision.lines[0].findings if f.code == "budget.left"] == findings


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_everything_has_a_name_in_both_languages(path: Path) -> None:
    """Parameters, words of lists and components: each has a name that people read."""
    policy, _ = loaded(path)
    unnamed = {name for name, parameter in policy.parameters.items() if not parameter.title}
    own = {name for name in policy.catalogue.choices if name not in (*OWN_CHOICES, "category")}
    unnamed |= {
        f"{name}.{word}"
        for name in own
        for word in policy.catalogue.choices[name]
        if (name, word) not in policy.words
    }
    unnamed |= {rule.component for rule in policy.rules if rule.component} - set(policy.components)
    assert not unnamed
    pairs = [*policy.words.values(), *policy.components.values()]
    pairs += [parameter.title for parameter in policy.parameters.values() if parameter.title]
    pairs += [rule.title for rule in policy.rules]
    pairs += [rule.message for rule in policy.rules if any(rule.message)]
    assert all(english for english, _ in pairs)
    assert not [pair for pair in pairs if not re.search(r"[\u4e00-\u9fff\d]", pair[1])]


def what_people_read(book: str) -> str:
    """Leave out what is set as code on purpose: codes and names of facts, anchors and targets."""
    text = re.sub(r"`[^`]*`|<a id=[^>]*>|\]\([^)]*\)", " ", book)
    return text.replace("\\", "")


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_handbook_has_no_bare_identifier(path: Path, language: Language) -> None:
    """Each pack is published in both languages, in words and not in names of the file."""
    policy, _ = loaded(path)
    text = what_people_read(publish(policy, (language,), "md"))
    assert sorted(set(re.findall(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b", text))) == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_pack_is_in_the_list(readme: str) -> None:
    """Both lists of the packs name each of them, and nothing else."""
    text = (FOLDER / readme).read_text(encoding="utf-8")
    assert set(re.findall(r"\(([a-z-]+\.toml)\)", text)) == {path.name for path in PACKS}
