"""A policy in words: every operation, name and list has them, and they say what the tree says."""

import re
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.apart import are_apart
from crm_expenses.rules.approvalwords import approval_prose
from crm_expenses.rules.askedwords import asked_of
from crm_expenses.rules.catalogue import RuleScope, catalogue
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.compile import function
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import examples_of
from crm_expenses.rules.figurewords import digits, joined, quantity_words, unit_name
from crm_expenses.rules.judge import RULE_FAILED
from crm_expenses.rules.phrase import PAID, SAID, Phrases, Said, wordless
from crm_expenses.rules.plainwords import implied, plain
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.prose import (
    condition_prose,
    counter_prose,
    rule_prose,
)
from crm_expenses.rules.tree import Node, Op, Sort, quantity, walk

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
POLICIES: Final = (
    HERE / "wording" / "everything.toml",
    HERE / "wording" / "named.toml",
    ROOT / "examples" / "crm-sales" / "policy.toml",
    ROOT / "examples" / "chamber" / "policy.toml",
    ROOT / "src" / "crm_expenses" / "demo" / "policy.toml",
    *sorted((ROOT / "examples" / "policies").glob("*/policy.toml")),
    *sorted(
        path
        for path in (ROOT / "examples" / "policies").glob("*.toml")
        if not path.name.endswith(".cases.toml")
    ),
)
HAN: Final = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def everything() -> Policy:
    """The policy that uses all of the language."""
    return load_policy(HERE / "wording" / "everything.toml")


@pytest.fixture(scope="module")
def named() -> Policy:
    """The policy of named expressions and of periods of 24 hours."""
    return load_policy(HERE / "wording" / "named.toml")


def small(rule: str, more: str = "") -> Policy:
    """Make a policy of one rule on meals, in yuan."""
    return parse_policy(
        f"""
[policy]
id = "small"
version = "1"
language = 1
currency = "CNY"
title = {{ en = "Small", zh = "小" }}
[category]
meal = {{ name = {{ en = "Meals", zh = "餐费" }} }}
gift = {{ name = {{ en = "Gifts", zh = "礼品" }} }}
{more}
[[rule]]
code = "x"
title = {{ en = "X", zh = "某" }}
{rule}
"""
    )


def says(policy: Policy, language: Language = "en") -> str:
    """Give what the one rule says."""
    said = rule_prose(policy, policy.rules[0], language).part("says")
    assert said is not None
    return "\n".join(said.lines())


def required(condition: str, language: Language = "en") -> str:
    """Give the words of a condition."""
    policy = small(f"""kind = "require"\nthat = "{condition}" """)
    return "\n".join(condition_prose(policy, policy.rules[0].main, language).lines())


def trees(policy: Policy) -> list[Node]:
    """Give every expression of a policy."""
    found = [tree for rule in policy.rules for tree in rule.expressions]
    for counter in policy.counters.values():
        found += [tree for tree in (counter.adds, counter.when) if tree is not None]
    found += [value.node for value in policy.values.values()]
    return found + list(policy.asked.values())


def test_an_operation_without_words_is_noticed() -> None:
    """Every operation of the closed list has its words, and one that lacks them is named."""
    assert wordless(SAID) == []
    without = {op: say for op, say in SAID.items() if op is not Op.ALONG}
    assert wordless(without) == ["along"]


def test_the_policies_here_use_every_operation(everything: Policy, named: Policy) -> None:
    """What these tests look at leaves no operation out."""
    both = [*trees(everything), *trees(named)]
    assert {node.op for tree in both for node in walk(tree)} == set(Op)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_has_a_noun(language: Language) -> None:
    """Every name of the catalogue has a noun in both languages, and never its identifier."""
    policy = small("""kind = "limit"\nat_most = "1" """)
    own = Phrases(policy, language)
    for name in catalogue("CNY", ["meal"], {}).names:
        noun = own.noun(name)
        assert "_" not in noun
        assert not noun.startswith("“"), f"{name} has no noun of its own"
        assert bool(HAN.search(noun)) is (language == "zh")
    assert PAID == "_paid"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_our_own_lists_is_told(language: Language) -> None:
    """A word of a list of the language reads as a word, not as its code."""
    policy = small("""kind = "limit"\nat_most = "1" """)
    own = Phrases(policy, language)
    for choice, words in OWN_CHOICES.items():
        if choice == "currency":
            continue
        shown = [own.option(choice, word) for word in words]
        assert len(set(shown)) == len(words)
        assert all(bool(HAN.search(text)) is (language == "zh") for text in shown)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name}/{path.name}")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_identifier_and_no_gap_in_any_sentence(path: Path, language: Language) -> None:
    """No rule's prose holds a name with an underscore, an unfilled field, or None."""
    policy = load_policy(path)
    for rule in policy.rules:
        prose = rule_prose(policy, rule, language)
        assert prose.part("says") is not None
        for line in prose.lines():
            quoted = re.sub(r"“[^”]*”", "“”", line)
            assert not re.search(r"[a-z]_[a-z]|\{|\}|None|  \S", quoted.lstrip()), line
            if language == "zh":
                assert not re.search(r"\b(the|is|of|and)\b", quoted), line
            else:
                assert not HAN.search(quoted), line


@pytest.mark.parametrize("language", LANGUAGES)
def test_denying_says_something_else(everything: Policy, language: Language) -> None:
    """A condition and its denial never read alike, and a denial denied reads as at first."""
    own = Phrases(everything, language)
    for tree in trees(everything):
        for node in walk(tree):
            if node.type.sort is not Sort.YES_NO:
                continue
            said, denied = own.clause(node), own.clause(node, holds=False)
            assert said != denied
            twice = Node(Op.NOT, node.type, 0, (Node(Op.NOT, node.type, 0, (node,)),))
            assert own.clause(twice) == said
            assert own.clause(Node(Op.NOT, node.type, 0, (node,))) == denied


CLAUSES: Final = (
    ("nights", "present(nights) and nights >= 2", "the number of nights is given and is at least 2",
     "已填写住宿晚数且不少于 2 晚"),
    ("denied", "not (present(city) and amount > 5)",
     "the city is not given or the amount is at most 5 CNY", "未填写城市，或金额不超过 5 元"),
    ("category", "category in ('meal', 'gift')", "the category is Meals or Gifts",
     "费用类别为餐费或礼品"),
    ("none", "category not in ('meal', 'gift')", "the category is not Meals or Gifts",
     "费用类别不是餐费或礼品"),
    ("voucher", "voucher_kind != 'none'", "there is a voucher", "有凭证"),
    ("kind", "voucher_kind == 'ticket'", "the voucher is a ticket", "凭证为客票"),
    ("multiple", "amount % 100 == 0", "the amount is a whole multiple of 100 CNY",
     "金额是 100 元的整数倍"),
    ("month", "month(date) in ('7', '8')",
     "the expense date is in July or August", "消费日期在 7 月或 8 月"),
    ("weekday", "weekday(date) not in ('mon', 'fri')",
     "the expense date is not a Monday or Friday", "消费日期不是星期一或星期五"),
    ("weekend", "not is_weekend(date)", "the expense date is not a Saturday or Sunday",
     "消费日期不是星期六或星期日"),
    ("age", "age_days > 30", "it is submitted more than 30 days after the expense",
     "消费超过 30 天后才提交"),
    ("turned", "30 < age_days", "it is submitted more than 30 days after the expense",
     "消费超过 30 天后才提交"),
    ("in time", "age_days <= 30", "it is submitted no later than 30 days after the expense",
     "消费后 30 天内提交"),
    ("not before", "age_days >= 0", "the time from expense to submission is not below zero",
     "消费至提交的时间不为负数"),
    ("working days", "working_days(date, submitted) <= 5",
     "the submission date is no later than 5 working days after the expense date",
     "提交日期不晚于消费日期后 5 个工作日"),
    ("days between", "days_between(date, submitted) > 60",
     "the submission date is later than 60 days after the expense date",
     "提交日期晚于消费日期后 60 天"),
    ("shape", "shape(default(voucher_number, '-'), '9{20}')",
     "the voucher's number (“-” if not given) consists of 20 digits",
     "凭证号码（未填写时按“-”）为 20 位数字"),
    ("used", "voucher_uses_before > 0", "the voucher was used before", "该凭证此前已使用过"),
    ("not used", "voucher_uses_before == 0", "the voucher was not used before",
     "该凭证此前未使用过"),
    ("no trip", "not present(trip)", "the line belongs to no trip", "该明细未关联出差"),
    ("currency", "currency == 'CNY'", "the expense currency is CNY", "消费币种为人民币"),
    ("any of numbers", "age_days == 1 or age_days == 2 or age_days == 5",
     "the time from expense to submission is 1 day, 2 days or 5 days",
     "消费至提交的时间为 1 天、2 天或 5 天"),
    ("none of numbers", "not (amount == 1 or amount == 2)",
     "the amount is not 1 CNY or 2 CNY", "金额不是 1 元或 2 元"),
    ("of two facts", "amount == 1 or age_days == 2",
     "the amount is exactly 1 CNY or the time from expense to submission is exactly 2 days",
     "金额等于 1 元，或消费至提交的时间等于 2 天"),
    ("missing counts", "default(payment, 'card') in ('card', 'cash')",
     "the payment method (“card” if not given) is “card” or “cash”",
     "支付方式（未填写时按“card”）为“card”或“cash”"),
    ("empty", "default(city, '-') != ''", "the city (“-” if not given) is not nothing",
     "城市（未填写时按“-”）不是空"),
    ("some refund", "amount < 0", "the amount is below zero", "金额为负数"),
    ("without", "default(attendees, 0) >= 2", "the number of attendees is at least 2",
     "参加人数不少于 2 人"),
    ("with what counts", "default(attendees, 0) < 2",
     "the number of attendees (0 if not given) is below 2", "参加人数（未填写时按 0 人）少于 2 人"),
    ("out of list", "default(payment, 'card') == 'cash'", "the payment method is “cash”",
     "支付方式为“cash”"),
    ("in list", "default(payment, 'card') != 'cash'",
     "the payment method (“card” if not given) is not “cash”",
     "支付方式（未填写时按“card”）不是“cash”"),
    ("in words", "default(payment, 'card') in ('cash', 'check')",
     "the payment method is “cash” or “check”", "支付方式为“cash”或“check”"),
    ("guarded", "nights > 5 if present(nights) else False",
     "the number of nights is given and is above 5", "已填写住宿晚数且超过 5 晚"),
    ("if missing", "nights > 5 if present(nights) else True",
     "the number of nights is not given or the number of nights is above 5",
     "未填写住宿晚数，或住宿晚数超过 5 晚"),
    ("missing fails", "False if present(nights) else amount > 5",
     "the number of nights is not given and the amount is above 5 CNY",
     "未填写住宿晚数，且金额超过 5 元"),
    ("missing holds", "True if present(nights) else amount > 5",
     "the number of nights is given or the amount is above 5 CNY",
     "已填写住宿晚数，或金额超过 5 元"),
    ("said twice", "present(nights) and (default(nights, 0) > 5 or not present(nights))",
     "the number of nights is given and is above 5", "已填写住宿晚数且超过 5 晚"),
    ("credit", "is_credit", "the line is a refund", "该明细是退款"),
    ("mixed", "is_credit or pre_approved and amount > 5",
     "the line is a refund or (it was approved in advance and the amount is above 5 CNY)",
     "该明细是退款，或（已事前审批，且金额超过 5 元）"),
    ("dates", "date <= submitted", "the expense date is on or before the submission date",
     "消费日期不晚于提交日期"),
)  # fmt: skip


@pytest.mark.parametrize(("condition", "english", "chinese"), [row[1:] for row in CLAUSES],
                         ids=[row[0] for row in CLAUSES])  # fmt: skip
def test_conditions(condition: str, english: str, chinese: str) -> None:
    """A condition reads as a person would say it, in both languages."""
    assert required(condition) == english
    assert required(condition, "zh") == chinese


def test_a_long_condition_becomes_a_list() -> None:
    """Three parts stand one under the other, and a part of other kind has its own list."""
    lines = required(
        "amount > 1 and is_credit and (pre_approved or default(nights, 0) > 2 or amount > 9)"
    )
    assert lines.split("\n") == [
        "all of these hold:",
        "- the amount is above 1 CNY",
        "- the line is a refund",
        "- at least one of these holds:",
        "  - it was approved in advance",
        "  - the number of nights is above 2",
        "  - the amount is above 9 CNY",
    ]


RULES: Final = (
    (
        'kind = "limit"\nwhen = "present(nights)"\nat_most = "cap * nights"',
        '[parameter.cap]\ntype = "money"\nunit = "CNY/night"\n'
        "values = [{ from = 2026-01-01, is = 300 }]",
        "The allowed amount is at most 300 CNY per night × the number of nights.",
        "报销金额最高为每晚 300 元 × 住宿晚数。",
    ),
    (
        'kind = "limit"\nper = ["person", "category"]\nperiod = "month"\nat_most = "cap[category]"',
        '[parameter.cap]\ntype = "money"\nkeys = ["category"]\n'
        '[[parameter.cap.values]]\nfrom = 2026-01-01\ntable = [["meal", 1], ["gift", 2]]',
        "Per person, category and calendar month, the lines together are allowed at most the "
        "figure in table “cap” for the category.",
        "每人每个类别每月累计报销金额最高为表“cap”中费用类别对应的标准。",
    ),
    (
        'kind = "limit"\nperiod = "rolling"\ndays = 30\nper = ["person"]\nat_most = "cap"',
        '[parameter.cap]\ntype = "money"\n'
        "values = [{ from = 2026-01-01, is = 60 }, { from = 2026-07-01, is = 66.5 }]",
        "Per person, in any 30 days, the lines together are allowed at most 66.50 CNY "
        "(from 2026-07-01; before that 60 CNY).",
        "每人任意连续 30 天内累计报销金额最高为 66.50 元（自 2026-07-01 起；此前为 60 元）。",
    ),
    (
        'kind = "limit"\nat_most = "round(amount * 0.75, 0.01, half_up)"',
        "",
        "The allowed amount is at most 75% of the amount, rounded half up to 0.01 CNY.",
        "报销金额最高为金额的 75%，四舍五入至 0.01 元。",
    ),
    (
        'kind = "allow"\nwhen = "present(distance)"\n'
        'gives = "round(along(scale, distance), 0.01, half_up)"',
        '[parameter.scale]\ntype = "money"\nunit = "CNY/km"\nband = "km"\nband_places = 3\n'
        '[[parameter.scale.values]]\nfrom = 2026-01-01\ntable = [[0, "0.45"], [10000, "0.25"]]',
        "Due is the distance driven at 0.45 CNY per km up to 10,000 km, then 0.25 CNY per km, "
        "rounded half up to 0.01 CNY, whatever was spent.",
        "应发金额为行驶里程按 10,000 公里以内每公里 0.45 元，超出部分每公里 0.25 元计，四舍五入至 "
        "0.01 元，与实际支出无关。",
    ),
    (
        'kind = "allow"\nscope = "day"\ngives = "rate[minutes_away]"',
        '[parameter.rate]\ntype = "money"\nband = "minute"\nedge = "above"\n'
        "[[parameter.rate.values]]\nfrom = 2026-01-01\ntable = [[0, 0], [480, 14]]",
        "Due for each day is by the time away that day: 0 CNY above 0 minutes, 14 CNY above "
        "8 hours, added up over the days, whatever was spent.",
        "每日应发金额为按当日在外时间分档：超过 0 分钟为 0 元、超过 8 小时为 14 元，各日累加，"
        "与实际支出无关。",
    ),
)


@pytest.mark.parametrize(("rule", "more", "english", "chinese"), RULES)
def test_rules(rule: str, more: str, english: str, chinese: str) -> None:
    """Windows, tables, dated figures, shares, scales and bands stand in the sentence."""
    policy = small(rule, more)
    assert says(policy) == english
    assert says(policy, "zh") == chinese


SCALE: Final = """[parameter.scale]
type = "money"
unit = "CNY/km"
band = "km"
band_places = 3
[[parameter.scale.values]]
from = 2026-01-01
table = [{rows}]
"""
KEYED: Final = """[choices]
grade = ["a", "b"]
[parameter.rate]
type = "money"
keys = ["grade"]
band = "minute"
[[parameter.rate.values]]
from = 2026-01-01
table = [["a", 0, 5], ["b", 60, 7]]
"""
ALONG: Final = '''kind = "measure"
when = "present(distance)"
gives = "along(scale, distance)"'''
MORE: Final = (
    (ALONG, SCALE.format(rows='[0, "0.45"]'), "the distance driven at 0.45 CNY per km"),
    (
        ALONG,
        SCALE.format(rows='[5, "0.5"], [10, "0.4"], [20, "0.3"]'),
        "the distance driven at from 5 km 0.50 CNY per km up to 10 km, then 0.40 CNY per km up to "
        "20 km, then 0.30 CNY per km",
    ),
    (
        ALONG,
        SCALE.format(rows=", ".join(f"[{n}, 1]" for n in range(5))),
        "the distance driven by the scale in table “scale”",
    ),
    (
        ALONG,
        SCALE.format(rows="[0, 1]") + "[[parameter.scale.values]]\nfrom = 2026-07-01\n"
        "table = [[0, 2]]",
        "the distance driven at 2 CNY per km (from 2026-07-01; other figures before)",
    ),
    (
        ALONG.replace("along(scale, distance)", "along(scale, distance) - along(scale, 5)"),
        SCALE.format(rows="[0, 1]"),
        "(the distance driven at 1 CNY per km) − (5 km at 1 CNY per km)",
    ),
    (
        ALONG.replace("along(scale, distance)", "along(scale, distance + 5) - along(scale, 7)"),
        SCALE.format(rows="[0, 1]"),
        "((the distance driven + 5 km) at 1 CNY per km) − (7 km at 1 CNY per km)",
    ),
    (
        """kind = "measure"\ngives = "rate[grade, at('01:30')]" """,
        KEYED,
        "the figure for the grade in table “rate”, by 1 hour 30 minutes",
    ),
    (
        """kind = "measure"\ngives = "rate['b', at('01:30')]" """,
        KEYED,
        "by 1 hour 30 minutes: 7 CNY from 1 hour",
    ),
    (
        'kind = "measure"\nwhen = "present(distance)"\ngives = "scale[distance]"',
        SCALE.format(rows=", ".join(f"[{n}, {n}]" for n in range(5))),
        "the figure in table “scale”, by the distance driven",
    ),
    ('kind = "measure"\ngives = "-amount"', "", "minus the amount"),
    (
        'kind = "measure"\ngives = "max(amount, claim_total, 5)"',
        "",
        "the higher of the amount and the claim's total, but not below 5 CNY",
    ),
    (
        'kind = "measure"\ngives = "max(amount, claim_total)"',
        "",
        "the higher of the amount and the claim's total",
    ),
    ('kind = "measure"\ngives = "min(amount, 5)"', "", "the lower of the amount and 5 CNY"),
    (
        'kind = "measure"\ngives = "max(claim_total, amount, amount - claim_total)"',
        "",
        "the highest of the claim's total, the amount and (the amount − the claim's total)",
    ),
    (
        'kind = "measure"\ngives = "min(amount, 5) * 2.5"',
        "",
        "(the lower of the amount and 5 CNY) × 2.5",
    ),
    (
        'kind = "measure"\ngives = "divide(5, amount, 0.01, up)"',
        "",
        "5 ÷ the amount, rounded away from zero to 0.01 per CNY",
    ),
)


@pytest.mark.parametrize(("rule", "more", "english"), MORE)
def test_scales_bands_and_sums(rule: str, more: str, english: str) -> None:
    """Whatever the shape of a scale or a sum, the sentence says what is computed."""
    policy = small(rule, more)
    assert says(policy) == f"For information: {english}."
    assert says(policy, "zh").startswith("统计：")


@pytest.mark.parametrize(
    ("condition", "english"),
    [
        ("True", "always"),
        ("not True", "never"),
        ("merchant_kind == 'none'", "“Kind” is “none”"),
        ("city in ('Bonn', 'Köln')", "the city is “Bonn” or “Köln”"),
        ("city not in ('Bonn',)", "the city is not “Bonn”"),
        ("default(vegan, False)", "“Vegan” is yes"),
        ("not default(vegan, True)", "“Vegan” is no"),
        (
            "not default(vegan, is_credit)",
            "“Vegan” is no (the line is not a refund if not given)",
        ),
        ("default(vegan, True)", "“Vegan” is yes (or not given)"),
        ("default(vegan, is_credit)", "“Vegan” is yes (the line is a refund if not given)"),
        ("not default(vegan, False)", "“Vegan” is no (or not given)"),
        (
            "is_credit if amount > 5 else pre_approved",
            "the line is a refund if the amount is above 5 CNY, "
            "otherwise it was approved in advance",
        ),
    ],
)
def test_more_conditions(condition: str, english: str) -> None:
    """Constants, lists of texts, yes-or-no facts and choices between conditions have words."""
    facts = """
[choices]
sort = ["none", "some"]
[fact.merchant_kind]
name = { en = "Kind", zh = "种类" }
type = "sort"
[fact.vegan]
name = { en = "Vegan", zh = "素食" }
type = "yes_no"
"""
    guard = '\nwhen = "present(city) and present(merchant_kind)"'
    policy = small(f'kind = "require"\nthat = "{condition}"{guard}', facts)
    said = condition_prose(policy, policy.rules[0].main, "en")
    assert said.text == english
    assert condition_prose(policy, policy.rules[0].main, "zh").text


@pytest.mark.parametrize(
    ("window", "english", "chinese"),
    [
        ('period = "all_time"', "over all time", "（不限期间）"),
        ('per = ["account"]\nperiod = "all_time"', "per customer, over all time",
         "每个客户（不限期间）"),
        ('period = "trip"', "per trip", "每次出差"),
        ('per = ["person"]\nperiod = "week"', "per person and week", "每人每周"),
        ('per = ["payment"]\nperiod = "year"', "per payment method and calendar year",
         "每支付方式每年"),
        ('period = "spell"\ngap_days = 28',
         "in one unbroken stretch, which a gap of more than 28 days ends",
         "在一段连续期间内（间隔超过 28 天即重新起算）"),
    ],
)  # fmt: skip
def test_windows(window: str, english: str, chinese: str) -> None:
    """Every length of time and every key has its words."""
    guard = 'when = "present(account) and present(trip) and present(payment)"'
    policy = small(f'kind = "limit"\n{guard}\nat_most = "5"\n{window}')
    capital = english[0].upper() + english[1:]
    assert says(policy) == f"{capital}, the lines together are allowed at most 5 CNY."
    assert says(policy, "zh") == f"{chinese}累计报销金额最高为 5 元。"


def test_a_long_condition_of_a_window() -> None:
    """What counts in a named window becomes a list where it is long; without one all counts."""
    policy = small(
        'kind = "limit"\nat_most = "5"',
        """[window.w]
name = { en = "W", zh = "窗" }
period = "month"
adds = "amount"
when = "amount > 1 and amount > 2 and amount > 3"
[window.v]
name = { en = "V", zh = "窗二" }
period = "month"
""",
    )
    long, short = (counter_prose(policy, c, "en") for c in policy.counters.values())
    assert long.text == (
        "“W”: the amount of earlier lines, added up per calendar month; lines that are "
        "rejected do not count; only lines count where all of these hold"
    )
    assert len(long.parts) == 3
    assert short.text == (
        "“V”: the number of earlier lines, counted per calendar month; lines that are rejected do "
        "not count."
    )


def test_who_approves_and_when() -> None:
    """A person, a role and the manager, and one, two or three reasons."""
    policy = small(
        'kind = "limit"\nat_most = "5"',
        """[[approval]]
code = "a"
who = "person:P9"
outcome = "pass"
[[approval]]
code = "b"
who = "role:cfo"
above = 10
when = "claim_lines > 1 and claim_total > 1 and is_mixed"
[fact.is_mixed]
name = { en = "Mixed", zh = "混合" }
type = "yes_no"
of = "claim"
""".replace(" and is_mixed", " and default(is_mixed, False)"),
    )
    one, two = (approval_prose(policy, step, "en") for step in policy.authorities)
    assert one.text == "The person “P9” approves when a claim comes in, whatever its outcome."
    assert one.parts == ()
    assert two.text == "Whoever has the role “cfo” approves when any of these holds"
    assert [len(part.parts) for part in two.parts] == [0, 3]


@settings(deadline=None)
@given(st.integers(1, 10**9), st.sampled_from(["USD", "JPY", "KWD"]))
def test_the_figure_in_the_sentence_is_the_one_that_is_enforced(raw: int, currency: str) -> None:
    """Whatever the figure of a parameter, the sentence holds exactly its digits."""
    places = {"USD": 2, "JPY": 0, "KWD": 3}[currency]
    written = f"{raw // 10**places}.{raw % 10**places:0{places}d}" if places else str(raw)
    policy = parse_policy(
        f"""
[policy]
id = "p"
version = "1"
language = 1
currency = "{currency}"
title = {{ en = "P", zh = "政" }}
[category]
meal = {{ name = {{ en = "Meals", zh = "餐费" }} }}
[parameter.cap]
type = "money"
values = [{{ from = 2026-01-01, is = "{written}" }}]
[[rule]]
code = "x"
kind = "limit"
title = {{ en = "X", zh = "某" }}
at_most = "cap"
"""
    )
    number = says(policy).removeprefix("The allowed amount is at most ").split(" ")[0]
    whole, _, rest = number.replace(",", "").partition(".")
    assert int(whole) * 10**places + int(rest.ljust(places, "0") or 0) == raw


@given(st.integers(-(10**15), 10**15), st.integers(0, 9), st.integers(0, 2))
def test_digits_lose_nothing(raw: int, scale: int, least: int) -> None:
    """The digits of a figure, read back, are the figure."""
    text = digits(raw, scale, least).replace(",", "")
    whole, _, rest = text.lstrip("-").partition(".")
    sign = -1 if text.startswith("-") else 1
    assert sign * (int(whole) * 10**scale + int(rest.ljust(scale, "0")[:scale] or 0)) == raw


def test_units() -> None:
    """Units are written naturally, one and many, and a foreign unit as the policy writes it."""
    assert quantity_words(1, quantity("night"), "en") == "1 night"
    assert quantity_words(2, quantity("night"), "en") == "2 nights"
    assert quantity_words(2, quantity("parsec"), "zh") == "2 parsec"
    assert quantity_words(45, quantity("GBP/mile", 2), "en", currency="GBP") == "0.45 GBP per mile"
    assert joined(["自", "2026", "起"], "zh") == "自 2026 起"
    odd = quantity("GBP/mile/person", 2)
    assert quantity_words(45, odd, "en", currency="GBP") == "0.45 GBP/mile·person"
    assert unit_name(odd, "en") == unit_name(quantity("minute"), "en") == ""
    assert (unit_name(quantity("GBP"), "zh"), unit_name(quantity("km"), "en")) == ("英镑", "km")


def test_a_walk_up_a_scale_is_told_as_what_the_trip_adds(everything: Policy) -> None:
    """`along(p, before + x) - along(p, before)` reads as x on top of what was before."""
    rule = everything.rule("mileage.due")
    assert rule is not None
    said = rule_prose(everything, rule, "en").part("says")
    assert said is not None
    assert "at most 50,000 miles), counted on from “Miles of the tax year so far”" in said.text
    assert "by the scale in table “mile scale” for “Vehicle”" in said.text
    assert " − " not in said.text


def test_cases_become_a_list(everything: Policy) -> None:
    """A choice between more than two values is told case by case."""
    rule = everything.rule("diem.day")
    assert rule is not None
    said = rule_prose(everything, rule, "en").part("says")
    assert said is not None
    assert said.parts[0].text == "where the day is a full day of the trip: 28 EUR"
    assert said.parts[2].text.startswith("otherwise: by the time away that day: 0 EUR above")


PAID_SUM: Final = " + ".join(f"(claim_total if amount > {n} else {n})" for n in range(1, 7))


@pytest.mark.parametrize(
    ("gives", "lines"),
    [
        (
            f"round({PAID_SUM}, 1, up)",
            [
                "For information: the sum of these, rounded away from zero to 1 CNY:",
                "- plus the claim's total if the amount is above 1 CNY, otherwise 1 CNY",
            ],
        ),
        (f"max({PAID_SUM}, claim_total - ({PAID_SUM}))",
         ["For information: the highest of these:", "- the sum of these:",
          "  - plus the claim's total if the amount is above 1 CNY, otherwise 1 CNY"]),
        (f"min({PAID_SUM}, -({PAID_SUM}))",
         ["For information: the lowest of these:", "- the sum of these:"]),
        (
            f"claim_total if amount > 5 else {PAID_SUM}",
            [
                "For information: the first of these cases that fits:",
                "- where the amount is above 5 CNY: the claim's total",
                "- otherwise: the sum of these:",
                "  - plus the claim's total if the amount is above 1 CNY, otherwise 1 CNY",
            ],
        ),
    ],
)  # fmt: skip
def test_a_long_value_becomes_a_list(gives: str, lines: list[str]) -> None:
    """A long sum, choice or extreme is set part by part, and keeps its rounding."""
    policy = small(f'kind = "measure"\ngives = "{gives}"')
    assert says(policy).split("\n")[: len(lines)] == lines
    assert says(policy, "zh").startswith("统计：")


def test_what_is_taken_away_twice_is_added() -> None:
    """In a list of parts the sign of each is its own, whatever the brackets."""
    policy = small(f'kind = "measure"\ngives = "claim_total - (amount - ({PAID_SUM}))"')
    signs = [line.split(" ")[1] for line in says(policy).split("\n")[1:]]
    assert signs == ["plus", "less", *["plus"] * 6]


def test_a_long_choice_of_conditions_becomes_a_list() -> None:
    """A condition that depends on another is told case by case."""
    same = " or ".join(f"amount > {n}" for n in range(6))
    lines = required(f"is_credit if amount > 5 else ({same}) if pre_approved else amount > 9")
    assert lines.split("\n")[:4] == [
        "the first of these cases that fits holds:",
        "- where the amount is above 5 CNY: the line is a refund",
        "- where it was approved in advance: at least one of these holds:",
        "  - the amount is above zero",
    ]
    assert lines.split("\n")[-1] == "- otherwise: the amount is above 9 CNY"


def test_clock_and_length_of_time(everything: Policy) -> None:
    """Minutes of a time of day read as a clock, minutes of a length of time as hours."""
    rule = everything.rule("diem.late")
    assert rule is not None
    lines = rule_prose(everything, rule, "en").lines()
    assert "Applies on the days on which the departure time is 09:30 or later." in lines
    assert any("the time away that day is at most 10 hours" in line for line in lines)
    assert any(
        "出发时刻不早于 09:30" in line for line in rule_prose(everything, rule, "zh").lines()
    )


def test_parts_of_a_rule_in_order(everything: Policy) -> None:
    """Categories, condition, rule, component and effect stand in this order."""
    rule = everything.rule("gift.month")
    assert rule is not None
    prose = rule_prose(everything, rule, "en")
    assert [name for name, _ in prose.parts] == ["on", "when", "says", "window", "effect"]
    assert prose.kind == "limit"
    assert prose.part("effect") == Said(
        "If it is above, a person reviews it; nothing is cut before."
    )
    assert prose.part("nothing") is None


def test_counters_and_approvals(everything: Policy) -> None:
    """Named windows and approval steps are told with all that they depend on."""
    counters = {n: counter_prose(everything, c, "en") for n, c in everything.counters.items()}
    assert counters["gifts_before"].text == (
        "“Gifts in a quarter”: the number of earlier lines, counted per person and calendar "
        "quarter; only lines of Gifts count; lines that are rejected do not count."
    )
    assert "year from 6 April" in counters["miles_before"].text
    manager, finance = (approval_prose(everything, s, "en") for s in everything.authorities)
    assert [part.text for part in manager.parts] == [
        "more than 500 EUR is allowed",
        "the outcome is “review” or “rejected”",
        "the number of lines in the claim is above 20",
    ]
    assert finance.text == (
        "Whoever has the role “finance” approves when the claim's total of Gifts is above 100 EUR."
    )


def test_what_a_claimant_must_give(everything: Policy) -> None:
    """Facts are listed by category, with the rules that demand them and those that read them."""
    asked = {a.name: a for a in asked_of(everything, "lodging")}
    assert set(asked) == {"city", "nights", "justification", "voucher_kind", "voucher_number"}
    assert asked["voucher_number"].demanded_by == ("lodging.shape",)
    assert asked["nights"].demanded_by == ()
    assert asked["nights"].read_by == ("lodging.cap",)
    diem = {a.name for a in asked_of(everything, "diem")}
    assert diem == {
        *("trip", "trip_times", "trip_overnight", "breakfast", "breakfast_paid", "lunch"),
    }
    of_claim = {a.name for a in asked_of(everything, None)}
    assert "trip" not in of_claim


# What a reader need not see


def pack(name: str) -> Policy:
    """Load an example policy."""
    return load_policy(ROOT / "examples" / "policies" / f"{name}.toml")


def lines_of(policy: Policy, code: str, language: Language = "en") -> list[str]:
    """Give all that a rule says."""
    rule = policy.rule(code)
    assert rule is not None
    return rule_prose(policy, rule, language).lines()


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_left_out_changes_nothing(path: Path) -> None:
    """A condition or value made plain comes to the same on every example of every rule."""
    policy = load_policy(path)
    evaluator = Evaluator(policy)
    facts = [of for e in examples_of(evaluator) for of in evaluator.facts_of(e.facts, e.decision)]
    trips = [of for of in facts if of.line.trip]
    parts = {
        scope: [part for of in trips for part in of.parts(scope)][:60]
        for scope in (RuleScope.DAY, RuleScope.PERIOD)
    }
    seen = 0
    for rule in policy.rules:
        if rule.scope is RuleScope.CLAIM:
            continue
        subjects = parts.get(rule.scope, facts)
        for of in (one for one in subjects if rule.covers(one.category)):
            when = True
            if rule.when is not None:
                when = value_of(evaluator, rule.when, of)
                assert value_of(evaluator, plain(rule.when), of) == when
            if when is True:
                said = plain(rule.main, implied(rule.when))
                assert value_of(evaluator, said, of) == value_of(evaluator, rule.main, of)
                seen += 1
    assert seen


def value_of(evaluator: Evaluator, node: Node, of: object) -> object:
    """Compute an expression; None where the facts do not give a value."""
    try:
        return function(node, evaluator.held)(of)
    except (*RULE_FAILED, TypeError, AttributeError):
        return None


CONSTANT: Final = (
    ("amount > 5 or not False", "always"),
    ("amount > 5 and not True", "never"),
    ("True and True", "always"),
    ("is_credit if True else amount > 5", "the line is a refund"),
    ("is_credit if False else amount > 5", "the amount is above 5 CNY"),
    ("not (not is_credit)", "the line is a refund"),
    ("amount > 5 and amount > 5", "the amount is above 5 CNY"),
    (
        "not present(nights) and default(nights, 3) > 2",
        "the number of nights is not given",
    ),
)


@pytest.mark.parametrize(("condition", "english"), CONSTANT)
def test_what_is_always_so_is_left_out(condition: str, english: str) -> None:
    """Constants, doubled parts and denials of denials do not stand in the sentence."""
    said = required(condition)
    assert said in (english, f"{english} and 3 nights is above 2 nights")


MONTHS: Final = """[fact.since]
name = { en = "Since", zh = "起始" }
type = "date"
"""


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        (">= 3", "3 months or more have passed from “Since” to the expense date",
         "从“起始”到消费日期已满 3 个月"),
        ("> 2", "3 months or more have passed from “Since” to the expense date",
         "从“起始”到消费日期已满 3 个月"),
        ("< 3", "less than 3 months have passed from “Since” to the expense date",
         "从“起始”到消费日期未满 3 个月"),
        ("<= 2", "less than 3 months have passed from “Since” to the expense date",
         "从“起始”到消费日期未满 3 个月"),
        ("== 2", "the number of whole months from “Since” to the expense date is exactly 2",
         "从“起始”到消费日期的整月数等于 2 个月"),
    ],
)  # fmt: skip
def test_months_between_two_dates(condition: str, english: str, chinese: str) -> None:
    """So many whole months have passed, or have not."""
    that = f"present(since) and months_between(since, date) {condition}"
    policy = small(f'kind = "flag"\nthat = "{that}"', MONTHS)
    node = policy.rules[0].main
    assert condition_prose(policy, node, "en").text == f"“Since” is given and {english}"
    assert condition_prose(policy, node, "zh").text == f"已填写“起始”，且{chinese}"


def test_months_that_are_a_figure_of_the_policy() -> None:
    """More months than a figure says are told as a comparison: nobody adds one to a figure."""
    figure = '[parameter.most]\ntype = "count"\nunit = "month"\n'
    figure += "values = [{ from = 2026-01-01, is = 3 }]\n"
    policy = small(
        'kind = "flag"\nthat = "present(since) and months_between(since, date) > most"',
        MONTHS + figure,
    )
    said = condition_prose(policy, policy.rules[0].main, "en").text
    assert said.endswith(
        "the number of whole months from “Since” to the expense date is above 3 months"
    )


def test_a_word_that_changed_on_a_day_is_told_by_its_days() -> None:
    """A word of the policy is told by the days on which it holds, not by itself."""
    said = lines_of(pack("cn-vouchers-tax"), "rail.paper")
    assert said[2] == "Not allowed: “paper rail tickets are no longer accepted for the day” holds."
    assert said[-1] == (
        "- “paper rail tickets are no longer accepted for the day” holds where the day is "
        "2025-10-01 or later (“Paper rail tickets” is then “no longer accepted”)"
    )
    earlier = lines_of(pack("us-per-diem-earlier"), "lodging.year", "zh")
    assert (
        "- “2024 财年的住宿”：指日期在 2023-10-01 至 2024-09-30（此时“财政年度”为“2024 财年”）"
        in earlier
    )


def test_a_word_that_changes_with_the_days() -> None:
    """Where a word is compared with one of the day, all that it has been is told."""
    said = "\n".join(lines_of(pack("us-per-diem-earlier"), "per_diem.tier"))
    assert (
        "in table “Fiscal year of a tier” is the day's “Fiscal year” (“fiscal year 2013” from "
        "2012-10-01; “a year that is not in this policy” from 2013-10-01; “fiscal year 2024” from "
        "2023-10-01;" in said
    )


TURNS: Final = """[choices]
state = ["a", "b", "c"]
[parameter.phase]
type = "state"
[[parameter.phase.values]]
from = 2026-01-01
is = "a"
[[parameter.phase.values]]
from = 2026-02-01
is = "b"
[[parameter.phase.values]]
from = 2026-03-01
is = "a"
"""


@pytest.mark.parametrize(
    ("condition", "english"),
    [
        ("phase == 'a'",
         "the day is from 2026-01-01 to 2026-01-31 or 2026-03-01 or later "
         "(“phase” is then “a”)"),
        ("phase != 'a'", "the day is from 2026-02-01 to 2026-02-28 (“phase” is then “b”)"),
        ("phase in ('a', 'b')",
         "the day is 2026-01-01 or later (“phase” is then “a” or “b”)"),
        ("phase == 'c'", "never"),
    ],
)  # fmt: skip
def test_days_on_which_a_word_holds(condition: str, english: str) -> None:
    """Stretches that meet are one, and a word that is never in force never holds."""
    policy = small(f'kind = "flag"\nthat = "{condition}"', TURNS)
    assert condition_prose(policy, policy.rules[0].main, "en").text == english


def test_what_a_table_says_of_words() -> None:
    """A word that a table gives is told as what the table says, and a class as such."""
    company = pack("cn-company")
    assert lines_of(company, "intercity.class", "zh")[-1] == (
        "- “已填写舱位席别且与职级相符”：指已填写舱位或席别，且按表“职级可乘等级”，"
        "职级和舱位或席别对应“等级内”"
    )
    fare = lines_of(pack("cn-central-travel"), "intercity.fare_given")
    assert (
        "- table “Class by grade” says “above the grade” for the grade and the class of travel"
        in (fare)
    )
    assert lines_of(company, "meal.day")[-1] == (
        "- “region of the city” is the entry for the city in table “Region” (where it is not "
        "given, the entry for all others)"
    )
    policy = small(
        "kind = \"flag\"\nthat = \"kinds[category] not in ('a', 'b')\"",
        '[choices]\nkind = ["a", "b", "c"]\n[parameter.kinds]\ntype = "kind"\nkeys = ["category"]\n'
        'values = [{ from = 2026-01-01, table = [["meal", "a"]], else = "c" }]',
    )
    assert says(policy) == "Flagged: table “kinds” does not say “a” or “b” for the category."


def test_a_key_of_several_that_may_be_missing() -> None:
    """Of several keys, each that may be missing says what it then falls to."""
    policy = small(
        'kind = "limit"\nat_most = "cap[category, city if present(city) else \'\']"',
        '[parameter.cap]\ntype = "money"\nkeys = ["category", "city"]\n'
        'values = [{ from = 2026-01-01, table = [["meal", "Bonn", 5]], else = 3 }]',
    )
    assert says(policy) == (
        "The allowed amount is at most the figure in table “cap” for the category and the city "
        "(where it is not given, the row for all others)."
    )
    assert says(policy, "zh") == (
        "报销金额最高为表“cap”中费用类别和城市（未填写时按“其他”）对应的标准。"
    )


def test_tables_by_number() -> None:
    """A handbook calls tables by their numbers."""
    company = pack("cn-company")
    own = Phrases(company, "zh", tables={"lodging_night": 3, "tier_of": 1})
    rule = company.rule("lodging.night")
    assert rule is not None
    said = rule_prose(company, rule, "zh", own).lines()
    assert (
        "报销金额最高为住宿晚数 × 表 3“住宿每晚限额”中职级和城市（按表 1“城市类别”归类）"
        "对应的标准。" in said
    )
    untitled = small(
        'kind = "limit"\nat_most = "cap[category]"',
        '[parameter.cap]\ntype = "money"\nkeys = ["category"]\n'
        'values = [{ from = 2026-01-01, table = [["meal", 5]], else = 3 }]',
    )
    own = Phrases(untitled, "en", tables={"cap": 2})
    (rule,) = untitled.rules
    assert "The allowed amount is at most the figure in table 2 for the category." in (
        rule_prose(untitled, rule, "en", own).lines()
    )


def test_a_limit_of_a_trip_is_the_sum_of_its_days() -> None:
    """A limit on days says that its figure is of a day, and that the days add up."""
    for language, words in (
        ("en", "Per person and trip, the lines together are allowed at most the sum over the days"),
        ("zh", "每人每次出差累计报销金额最高为各日标准之和，每日标准为"),
    ):
        said = lines_of(pack("cn-central-travel-stay"), "lodging.stay", language)  # type: ignore[arg-type]
        assert any(line.startswith(words) for line in said)


DAYS: Final = (
    ('kind = "limit"\nscope = "day"\nat_most = "5"',
     "The allowed amount is at most the sum over the days; for each day 5 CNY."),
    ('kind = "measure"\nscope = "day"\ngives = "5"',
     "For information, the sum over the days; for each day 5."),
    ('kind = "measure"\nscope = "day"\nper = ["person"]\nperiod = "month"\ngives = "amount"',
     "For information, the sum over the days, added up per person and calendar month; for each "
     "day the amount."),
    ('kind = "require"\nscope = "day"\nthat = "lunch == \'none\'"',
     "Required on each day: lunch is not provided."),
    ('kind = "forbid"\nscope = "day"\nthat = "lunch in (\'host\', \'hotel\')"',
     "Not allowed on any day: lunch is provided by a host or the hotel."),
    ('kind = "flag"\nscope = "day"\nthat = "night in (\'none\', \'private\')"',
     "Flagged if on any day the night after is spent in private quarters or without rest away from "
     "home."),
    ('kind = "flag"\nscope = "day"\nthat = "night not in (\'private\',)"',
     "Flagged if on any day the night after is not spent in private quarters."),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "english"), DAYS)
def test_rules_on_days(rule: str, english: str) -> None:
    """Each kind of rule on days says what it does with the days."""
    assert says(small(rule)) == english


def test_lists_of_conditions_are_part_of_the_sentence() -> None:
    """What must hold together, or not, is told without saying twice that a list follows."""
    three = "amount > 1 and is_credit and pre_approved"
    either = three.replace(" and ", " or ")
    for kind, condition, english in (
        ("require", three, "All of these are required:"),
        ("require", either, "At least one of these is required:"),
        ("forbid", three, "These are not allowed together:"),
        ("forbid", either, "Any of these is not allowed:"),
        ("flag", three, "Flagged if all of these hold:"),
        ("flag", either, "Flagged if any of these holds:"),
    ):
        policy = small(f'kind = "{kind}"\nthat = "{condition}"')
        assert says(policy).split("\n")[0] == english
    policy = small(
        'kind = "limit"\nat_most = "5"',
        f'[[approval]]\ncode = "a"\nwho = "manager"\nwhen = "{CLAIM}"',
    )
    (step,) = policy.authorities
    said = approval_prose(policy, step, "en")
    assert said.text == "The claimant's manager approves when all of these hold"
    assert len(said.parts) == 3


CLAIM: Final = "claim_total > 1 and claim_lines > 2 and count_of('gift') > 0"


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        ("count_of('gift') > 0", "the claim has lines of Gifts", "本单含礼品明细"),
        ("count_of('gift', 'meal') == 0", "the claim has no lines of Meals or Gifts",
         "本单不含餐费或礼品明细"),
        ("count_of('gift') < claim_lines",
         "the claim has lines of other categories than Gifts", "本单还含礼品以外的明细"),
        ("count_of('gift') == claim_lines", "all lines of the claim are of Gifts",
         "本单全部为礼品明细"),
        ("count_of('gift') > claim_lines",
         "the number of the claim's lines of Gifts is above the number of lines in the claim",
         "本单礼品明细条数超过报销单明细条数"),
        ("oldest_days > 25 if present(oldest_days) else False",
         "the claim is submitted more than 25 days after its earliest expense",
         "最早一笔消费超过 25 天后才提交"),
    ],
)  # fmt: skip
def test_conditions_on_claims(condition: str, english: str, chinese: str) -> None:
    """Lines that a claim has, has none of, or has only of, read so."""
    policy = small(f'kind = "flag"\nscope = "claim"\nthat = "{condition}"')
    assert condition_prose(policy, policy.rules[0].main, "en").text == english
    assert condition_prose(policy, policy.rules[0].main, "zh").text == chinese


def test_allowances_that_go_together() -> None:
    """Allowances on one category name each other: those that add up, and those that compete."""
    uk = lines_of(pack("uk-mileage"), "mileage.car")
    assert "It is paid together with what these rules give: “Colleagues in the car”." in uk
    assert "Where it does not apply, this rule gives nothing." in uk
    assert not any("component" in line for line in uk)
    both = load_policy(HERE / "wording" / "everything.toml")
    assert "与下列规则中同时适用的相比，取金额最低者：“里程”。" in lines_of(
        both, "mileage.car", "zh"
    )


def test_allowances_that_never_meet(named: Policy) -> None:
    """Rules that exclude each other do not name each other; those that take away say so."""
    meals = lines_of(pack("de-meals"), "meals.full")
    assert not any("lowest" in line for line in meals)
    hours = "\n".join(lines_of(named, "diem.hours"))
    assert "the lowest of those that apply counts: “By the hour, abroad”" in hours
    assert "A part may be negative; the allowance as a whole is never below zero." in hours
    bare = "\n".join(lines_of(pack("cn-central-travel"), "allowance.meals"))
    assert "is paid together with" in bare
    assert "negative" not in bare


EXCLUDES: Final = (
    ("grade == 'a'", "grade == 'b'", True),
    ("grade == 'a'", "grade != 'a'", True),
    ("grade in ('a', 'b')", "grade == 'b'", False),
    ("grade in ('a', 'b')", "grade not in ('a', 'b', 'c')", True),
    ("grade != 'a'", "grade != 'b'", False),
    ("grade == 'a' and is_credit", "not is_credit and amount > 5", True),
    ("is_credit or amount > 5", "not (is_credit or amount > 5)", True),
    ("grade == 'a'", "team == 'b'", False),
    ("grade == default(team, 'b')", "grade == 'a'", False),
    ("amount == 5", "amount == 6", False),
    ("", "is_credit", False),
)


@pytest.mark.parametrize(("one", "other", "is_apart"), EXCLUDES)
def test_conditions_that_exclude_each_other(one: str, other: str, *, is_apart: bool) -> None:
    """Two conditions are apart where one says what the other denies, in their own words."""
    choices = '[choices]\ngrade = ["a", "b", "c", "d"]'
    whens = [f'when = "{when}"\n' if when else "" for when in (one, other)]
    first, second = (
        small(f'kind = "flag"\n{when}that = "amount > 1"', choices).rules[0].when for when in whens
    )
    assert are_apart(first, second) is are_apart(second, first) is is_apart


def test_what_is_told_once() -> None:
    """Since when a figure holds and how a value is bounded stand where they come first."""
    said = "\n".join(lines_of(pack("de-meals"), "meals.full"))
    assert said.count("28 EUR (from 2020-01-01; before that 24 EUR)") == 1
    assert said.count("28 EUR") == 4
    share = "max(0, min(attendees, 5))"
    twice = small(f'kind = "measure"\nwhen = "present(attendees)"\ngives = "{share} * 2 + {share}"')
    assert "\n".join(lines_of(twice, "x")).count("counted as at least 0") == 1


def test_terms_that_count_only_where_something_holds() -> None:
    """A term that is nothing otherwise is told with its condition in front."""
    said = lines_of(pack("us-per-diem"), "abroad.full")
    assert (
        "  - where breakfast is provided by the employer: plus “breakfast in the place's rate”"
        in (said)
    )
    policy = small(
        f'kind = "measure"\ngives = "claim_total + (0 if is_credit else amount) + ({PAID_SUM})"'
    )
    assert "- where the line is not a refund: plus the amount" in says(policy).split("\n")


def test_named_expressions_are_explained(named: Policy) -> None:
    """What a name stands for is told once below the rule, with what that reads in its turn."""
    said = lines_of(pack("de-meals"), "meals.three_months")
    at = said.index("What the terms mean:")
    assert said[at + 1].startswith(
        "- “more than three months at the same place of work” holds where"
    )
    assert any(
        line.startswith("- “back after a break of four weeks or more” holds") for line in said
    )
    assert (
        "- “off for breakfast”: where breakfast is provided by the employer, the hotel or the "
        "carrier, it is ((20% of 28 EUR, rounded half up to 0.01 EUR) − what the traveller paid "
        "towards breakfast), but not below 0 EUR; otherwise it is 0 EUR"
        in lines_of(pack("de-meals"), "meals.full")
    )
    shares = lines_of(pack("cn-central-travel-stay"), "allowance.meals")
    assert (
        "- “share of the day”: where the day is the only day of the trip, it is 50%; otherwise it "
        "is 100%" in shares
    )
    same = lines_of(pack("cn-central-travel"), "allowance.meals")
    assert "- “share of the day” is 1" in same
    summed = "\n".join(lines_of(named, "diem.whole"))
    assert "the sum of “diet of the period” over the 24-hour periods of the trip" in summed
    assert "the number of days of the trip on which “all meals provided” holds is above 3" in summed


def test_names_in_approvals_are_spelled_out() -> None:
    """An approval says the condition itself: there is no rule below which a name is explained."""
    (_, _, finance) = pack("cn-company").authorities
    said = approval_prose(pack("cn-company"), finance, "zh").lines()
    assert said[-1] == "- 最早一笔消费超过 25 天后才提交"
    (manager, admin) = pack("company-receipts").authorities
    assert approval_prose(pack("company-receipts"), admin, "en").lines()[0] == (
        "Whoever has the role “admin” approves when “paid out of pocket” holds on at least one of "
        "the lines of the claim:"
    )
    assert manager.above is not None


def test_people_by_what_they_are_called() -> None:
    """A role that has a name in the policy is called by it."""
    policy = small(
        'kind = "limit"\nat_most = "5"',
        '[choices.role]\nfinance = { en = "the finance team", zh = "财务部" }\n'
        '[[approval]]\ncode = "a"\nwho = "role:finance"\nabove = 5',
    )
    (step,) = policy.authorities
    assert "“the finance team”" in approval_prose(policy, step, "en").text
    assert "“财务部”" in approval_prose(policy, step, "zh").text


def test_periods_of_24_hours(named: Policy) -> None:
    """A rule on 24 hours speaks of these, and not of days."""
    said = lines_of(named, "diem.period")
    assert said[0] == (
        "For Daily allowance, each started 24 hours of the trip from the departure; a line without "
        "a trip goes to review."
    )
    assert said[1].endswith("these are later than the first 24 hours of the trip.")
    assert "one of the full 24 hours within the trip" in "\n".join(said)
    chinese = "\n".join(lines_of(named, "diem.period", "zh"))
    assert "该时段在第 1 个 24 小时之后" in chinese
    assert "当日" not in chinese


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        ("day_number == 1", "the day is the first day of the trip", "当日是出差第 1 天"),
        ("day_number > 22", "the day is after day 22 of the trip", "当日在出差第 22 天之后"),
        ("minutes_away >= 721", "the time away that day is longer than 12 hours",
         "当日在外时间超过 12 小时"),
        ("minutes_away < 721", "the time away that day is at most 12 hours",
         "当日在外时间不超过 12 小时"),
        ("default(leaves_at, 0) < at('12:00')",
         "the departure time (00:00 where not known) is earlier than 12:00",
         "出发时刻（未知时按 00:00）早于 12:00"),
        ("min(default(leaves_at, 0), default(returns_at, 0)) > at('09:00')",
         "the lower of the departure time (00:00 where not known) and the return time (00:00 "
         "where not known) is later than 09:00",
         "出发时刻（未知时按 00:00）和返回时刻（未知时按 00:00）中较低者晚于 09:00"),
    ],
)  # fmt: skip
def test_days_and_times(condition: str, english: str, chinese: str) -> None:
    """Places in a trip, times of day, and lengths past the hour read as people say them."""
    policy = small(f'kind = "flag"\nscope = "day"\nthat = "{condition}"')
    assert condition_prose(policy, policy.rules[0].main, "en").text == english
    assert condition_prose(policy, policy.rules[0].main, "zh").text == chinese


@pytest.mark.parametrize(
    ("gives", "english"),
    [
        ("divide(minutes_away, hours(6), 1, ceiling)",
         "the number of started spans of 6 hours in the time away that day"),
        ("divide(minutes_away, hours(1), 1, floor)",
         "the number of full hours in the time away that day"),
        ("divide(default(leaves_at, 0), hours(6), 1, down)",
         "the number of full spans of 6 hours from 00:00 to the departure time (00:00 where not "
         "known)"),
        ("divide(minutes_away, hours(6), 0.1, floor)",
         "the time away that day ÷ 6 hours, rounded down to 0.1"),
        ("divide(amount, 7, 0.01, up)", "the amount ÷ 7, rounded away from zero to 0.01 CNY"),
    ],
)  # fmt: skip
def test_spans_of_time(gives: str, english: str) -> None:
    """How often a length goes into another is told as such; of what is never negative plainly."""
    policy = small(f'kind = "measure"\nscope = "day"\ngives = "{gives}"')
    assert english in says(policy)


def test_an_allowance_of_what_was_claimed(named: Policy) -> None:
    """An allowance that reads the amount is not due whatever was spent."""
    said = lines_of(named, "meal.paid")
    assert said[1] == "Due is the amount claimed if “a long stay” does not hold, otherwise 0 EUR."
    assert lines_of(named, "meal.paid", "zh")[2] == "- “长期停留”不成立时：申报金额"


def test_bounds_of_a_long_sum() -> None:
    """A long sum that is bounded on one side is told as a sum with its bound."""
    for function_, english in (("max", "the sum of these, but not below 5 CNY:"),
                               ("min", "the sum of these, but at most 5 CNY:")):  # fmt: skip
        policy = small(f'kind = "measure"\ngives = "{function_}({PAID_SUM}, 5)"')
        assert says(policy).split("\n")[0] == f"For information: {english}"


@pytest.mark.parametrize(
    ("gives", "english"),
    [
        ("divide(amount * 7, 107, 0.01, half_up)",
         "the amount × 7 ÷ 107, rounded half up to 0.01 CNY"),
        ("share * amount * 2", "25% of (the amount × 2)"),
        ("rates[category] * amount", "the amount × the figure in table “rates” for the category"),
        ("rates[category] * amount + 5",
         "(the amount × the figure in table “rates” for the category) + 5 CNY"),
        ("amount * half", "the amount × 40% (from 2026-07-01; before that 50%)"),
        ("max(amount - 5, 0)", "(the amount − 5 CNY), but not below 0 CNY"),
        ("round(amount, 1, floor)", "the amount, rounded down to 1 CNY"),
        ("divide(amount, 5 + amount, 1, ceiling)",
         "the amount ÷ (5 CNY + the amount), rounded up to a whole number"),
    ],
)  # fmt: skip
def test_products_and_quotients(gives: str, english: str) -> None:
    """Shares read as percentages, tables stand last, and roundings say what to."""
    figures = """
[parameter.share]
type = "number"
values = [{ from = 2026-01-01, is = "0.25" }]
[parameter.half]
type = "number"
values = [{ from = 2026-01-01, is = "0.5" }, { from = 2026-07-01, is = "0.4" }]
[parameter.rates]
type = "number"
keys = ["category"]
values = [{ from = 2026-01-01, table = [["meal", "1.5"], ["gift", 2]] }]
"""
    assert says(small(f'kind = "measure"\ngives = "{gives}"', figures)) == (
        f"For information: {english}."
    )


def test_full_width_brackets_have_no_blanks() -> None:
    """In Chinese a blank stands between characters and Latin signs, and beside no bracket."""
    for path in POLICIES:
        policy = load_policy(path)
        for rule in policy.rules:
            for line in rule_prose(policy, rule, "zh").lines():
                assert not re.search(r"[（），。：；、] | [（），。：；、]", line.lstrip()), line
                assert not re.search(r"[a-zA-Z0-9%][\u4e00-\u9fff]", unquoted(line)), line
                assert "：：" not in line


def unquoted(line: str) -> str:
    """Leave out what the policy itself calls things."""
    return re.sub(r"“[^”]*”", "“”", line)


@pytest.mark.parametrize(
    ("language", "effect", "told", "follows"),
    [
        ("en", "cap", "Nothing is paid.", ""),
        ("zh", "cap", "不予报销。", ""),
        (
            "en",
            "review",
            "The allowed amount is at most 0 CNY.",
            "If it is above, a person reviews",
        ),
    ],
)
def test_a_limit_of_nothing(language: Language, effect: str, told: str, follows: str) -> None:
    """What is cut to nothing is not paid, and no excess is spoken of."""
    policy = small(f"""kind = "limit"\neffect = "{effect}"\nat_most = "0" """)
    assert says(policy, language) == told
    follow = rule_prose(policy, policy.rules[0], language).part("effect")
    assert (follow.text if follow else "").startswith(follows)
    assert bool(follow and follow.text) is bool(follows)
