"""The policies of examples/policies: they load, their cases pass, and their cases can fail."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from crm_expenses.policycases import Case, cases_beside, cases_from, load_cases, run_cases
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy
from crm_expenses.tomlfile import read_toml

FOLDER: Final = Path(__file__).parents[1] / "examples" / "policies"
PACKS: Final = sorted(path for path in FOLDER.glob("*.toml") if not path.match("*.cases.toml"))

NUMBERED: Final = (
    *(f"CN-{number}" for number in range(1, 9)),
    *(f"CV-{number}" for number in (1, 2, "2b", 3, 4, 5, 6, 7)),
    *(f"US-{number}" for number in range(1, 10)),
    *(f"IR-{number}" for number in range(1, 4)),
    *(f"UK-{number}" for number in range(1, 4)),
    *(f"DE-{number}" for number in range(1, 10)),
    *(f"CR-{number}" for number in range(1, 7)),
)
"""The schemes' cases by number; CR are the company rules on caps, receipts and lodging."""

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
    "company-receipts": ("is = 75", "is = 74"),
    "company-soft-hard": ('["1", 400]', '["1", 450]'),
    "de-meals": ("is = 28", "is = 29"),
    "uk-mileage": ('[10000, "0.25"]', '[10001, "0.25"]'),
    "us-company": ('is = "0.725"', 'is = "0.726"'),
    "us-mileage": ('["business", "0.625"]', '["business", "0.585"]'),
    "us-per-diem": ('is = "0.75"', 'is = "0.76"'),
    "us-university": ('["lunch", "0.35"]', '["lunch", "0.34"]'),
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
    assert set(NUMBERED) <= found


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
    """Each rule that can break speaks in some case: no rule of a pack is only there to be read."""
    policy, cases = loaded(path)
    spoken: set[str] = set()
    for case in cases:
        spoken.update(case.expect.findings or ())
        for line in case.expect.lines:
            spoken.update(line.findings or ())
    speaking = {rule.code for rule in policy.rules if rule.kind.value not in ("allow", "measure")}
    assert speaking <= spoken


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_pack_is_in_the_list(readme: str) -> None:
    """Both lists of the packs name each of them, and nothing else."""
    text = (FOLDER / readme).read_text(encoding="utf-8")
    assert set(re.findall(r"\(([a-z-]+\.toml)\)", text)) == {path.name for path in PACKS}
