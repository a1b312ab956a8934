"""A policy in words: every operation, name and list has them, and they say what the tree says."""

import re
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.askedwords import asked_of
from crm_expenses.rules.catalogue import catalogue
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.figurewords import digits, joined, quantity_words
from crm_expenses.rules.phrase import PAID, SAID, Phrases, Said, wordless
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.prose import (
    approval_prose,
    condition_prose,
    counter_prose,
    rule_prose,
)
from crm_expenses.rules.tree import Node, Op, Sort, quantity, walk
from crm_expenses.rules.valuewords import value_prose, values_below, values_read

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
    used = {node.op for tree in both for node in walk(tree)}
    assert used == set(Op)


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
def test_denying_says_something_else(everything: Policy, named: Policy, language: Language) -> None:
    """A condition and its denial never read alike, and a denial denied reads as at first."""
    for policy in (everything, named):
        own = Phrases(policy, language)
        nodes = [node for tree in trees(policy) for node in walk(tree)]
        for node in nodes:
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
     "the city is not given or the amount is at most 5 CNY", "未填写城市或金额不超过 5 元"),
    ("category", "category in ('meal', 'gift')", "the category is Meals or Gifts",
     "费用类别是餐费或礼品"),
    ("none", "category not in ('meal', 'gift')", "the category is not Meals or Gifts",
     "费用类别不是餐费或礼品"),
    ("voucher", "voucher_kind != 'none'", "there is a voucher", "有凭证"),
    ("kind", "voucher_kind == 'ticket'", "the voucher is a ticket", "凭证是客票"),
    ("multiple", "amount % 100 == 0", "the amount is a whole multiple of 100 CNY",
     "金额是 100 元的整数倍"),
    ("month", "month(date) in ('7', '8')",
     "the month of the day of the spending is July or August", "消费日期所在月份是 7 月或 8 月"),
    ("weekend", "not is_weekend(date)", "the day of the spending is not a Saturday or Sunday",
     "消费日期不是星期六或星期日"),
    ("age", "age_days > 30", "the time from spending to submission is longer than 30 days",
     "从消费到提交的时间超过 30 天"),
    ("turned", "30 < age_days", "the time from spending to submission is longer than 30 days",
     "从消费到提交的时间超过 30 天"),
    ("shape", "shape(default(voucher_number, '-'), '9{20}')",
     "the voucher's number (“-” where not given) has the form 20 digits",
     "凭证号码（未填写时按“-”）的格式为 20 位数字"),
    ("credit", "is_credit", "the line is a refund", "该明细是退款"),
    ("mixed", "is_credit or pre_approved and amount > 5",
     "the line is a refund or (it was approved in advance and the amount is above 5 CNY)",
     "该明细是退款或（已事前审批且金额超过 5 元）"),
    ("dates", "date <= submitted", "the day of the spending is on or before the day of submission",
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
        "  - the number of nights (0 where not given) is above 2",
        "  - the amount is above 9 CNY",
    ]


RULES: Final = (
    (
        'kind = "limit"\nwhen = "present(nights)"\nat_most = "cap * nights"',
        '[parameter.cap]\ntype = "money"\nunit = "CNY/night"\n'
        "values = [{ from = 2026-01-01, is = 300 }]",
        "The allowed amount is at most 300 CNY per night × the number of nights.",
        "允许金额最多为每晚 300 元 × 住宿晚数。",
    ),
    (
        'kind = "limit"\nper = ["person", "category"]\nperiod = "month"\nat_most = "cap[category]"',
        '[parameter.cap]\ntype = "money"\nkeys = ["category"]\n'
        '[[parameter.cap.values]]\nfrom = 2026-01-01\ntable = [["meal", 1], ["gift", 2]]',
        "Taken together per person, category and calendar month, the allowed amounts are at most "
        "the figure in table “cap” for the category.",
        "每人每个类别每月合计，允许金额最多为表“cap”中费用类别对应的数值。",
    ),
    (
        'kind = "limit"\nperiod = "rolling"\ndays = 30\nper = ["person"]\nat_most = "cap"',
        '[parameter.cap]\ntype = "money"\n'
        "values = [{ from = 2026-01-01, is = 60 }, { from = 2026-07-01, is = 66.5 }]",
        "Taken together per person, in any 30 days, the allowed amounts are at most 66.50 CNY "
        "(from 2026-07-01; before that 60 CNY).",
        "每人任意连续 30 天内合计，允许金额最多为 66.50 元（自 2026-07-01 起；此前为 60 元）。",
    ),
    (
        'kind = "limit"\nat_most = "round(amount * 0.75, 0.01, half_up)"',
        "",
        "The allowed amount is at most 75% of the amount, rounded to 0.01 CNY (halves away from "
        "zero).",
        "允许金额最多为金额的 75%，四舍五入到 0.01 元。",
    ),
    (
        'kind = "allow"\nwhen = "present(distance)"\n'
        'gives = "round(along(scale, distance), 0.01, half_up)"',
        '[parameter.scale]\ntype = "money"\nunit = "CNY/km"\nband = "km"\nband_places = 3\n'
        '[[parameter.scale.values]]\nfrom = 2026-01-01\ntable = [[0, "0.45"], [10000, "0.25"]]',
        "Due is (the distance driven at 0.45 CNY per km up to 10,000 km, then 0.25 CNY per km), "
        "rounded to 0.01 CNY (halves away from zero), whatever was spent.",
        "应得（行驶里程按 10,000 公里以内每公里 0.45 元，其后每公里 0.25 元计），四舍五入到 "
        "0.01 元，与实际支出无关。",
    ),
    (
        'kind = "allow"\nscope = "day"\ngives = "rate[minutes_away]"',
        '[parameter.rate]\ntype = "money"\nband = "minute"\nedge = "above"\n'
        "[[parameter.rate.values]]\nfrom = 2026-01-01\ntable = [[0, 0], [480, 14]]",
        "Due for each day of the trip is by the time away on the day: 0 CNY above 0 minutes, "
        "14 CNY above 8 hours, whatever was spent.",
        "出差每日应得按当日在外时长：超过 0 分钟为 0 元、超过 8 小时为 14 元，与实际支出无关。",
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
        "the distance driven by the scale “scale”",
    ),
    (
        ALONG,
        SCALE.format(rows="[0, 1]") + "[[parameter.scale.values]]\nfrom = 2026-07-01\n"
        "table = [[0, 2]]",
        "the distance driven at 2 CNY per km (from 2026-07-01; see table “scale”)",
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
        "5 ÷ the amount, rounded to 0.01 per CNY (away from zero)",
    ),
)


@pytest.mark.parametrize(("rule", "more", "english"), MORE)
def test_scales_bands_and_sums(rule: str, more: str, english: str) -> None:
    """Whatever the shape of a scale or a sum, the sentence says what is computed."""
    policy = small(rule, more)
    assert says(policy) == f"For information: {english}."
    assert says(policy, "zh").startswith("仅供参考：")


@pytest.mark.parametrize(
    ("condition", "english"),
    [
        ("True", "always"),
        ("not True", "never"),
        ("merchant_kind == 'none'", "“Kind” is “none”"),
        ("city in ('Bonn', 'Köln')", "the city is “Bonn” or “Köln”"),
        ("city not in ('Bonn',)", "the city is not “Bonn”"),
        ("default(vegan, True)", "“Vegan” is yes (yes where not given)"),
        ("default(vegan, is_credit)", "“Vegan” is yes (the line is a refund where not given)"),
        ("not default(vegan, False)", "“Vegan” is no (no where not given)"),
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
        ('period = "all_time"', "over all time", "不限时间累计"),
        ('per = ["account"]\nperiod = "all_time"', "per customer, over all time",
         "同一客户累计"),
        ('period = "trip"', "per trip", "每次出差合计"),
        ('per = ["trip"]\nperiod = "trip"', "per trip", "每次出差合计"),
        ('per = ["person", "voucher"]\nperiod = "all_time"',
         "per person and voucher number, over all time", "同一人和凭证号码累计"),
        ('per = ["person"]\nperiod = "week"', "per person and week", "每人每周合计"),
        ('per = ["payment"]\nperiod = "year"', "per way of payment and calendar year",
         "每支付方式每年合计"),
        ('period = "spell"\ngap_days = 28',
         "in one unbroken time, which a gap of more than 28 days ends",
         "在一段连续时间内（间隔超过 28 天即重新开始）合计"),
    ],
)  # fmt: skip
def test_windows(window: str, english: str, chinese: str) -> None:
    """Every length of time and every key has its words."""
    guard = (
        'when = "present(account) and present(trip) and present(payment)'
        ' and present(voucher_number)"'
    )
    policy = small(f'kind = "limit"\n{guard}\nat_most = "5"\n{window}')
    assert says(policy).startswith(f"Taken together {english}, the allowed")
    assert says(policy, "zh").startswith(f"{chinese}，允许金额")


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
        "“W”: the sum of the amount of earlier lines, per calendar month, without lines that "
        "are rejected, where all of these hold"
    )
    assert len(long.parts) == 3
    assert short.text == (
        "“V”: the number of earlier lines, per calendar month, without lines that are rejected."
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
    assert two.text == "Whoever has the role “cfo” approves when at least one of these holds"
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


def test_a_walk_up_a_scale_is_told_as_what_the_trip_adds(everything: Policy) -> None:
    """`along(p, before + x) - along(p, before)` reads as x on top of what was before."""
    rule = everything.rule("mileage.due")
    assert rule is not None
    said = rule_prose(everything, rule, "en").part("says")
    assert said is not None
    assert "“Miles driven” (from 0 miles to 50,000 miles) on top of “Miles of the tax" in said.text
    assert " − " not in said.text


def test_cases_become_a_list(everything: Policy) -> None:
    """A choice between more than two values is told case by case."""
    rule = everything.rule("diem.day")
    assert rule is not None
    said = rule_prose(everything, rule, "en").part("says")
    assert said is not None
    assert [part.text.split(" where ")[0] for part in said.parts[:2]] == ["28 EUR", "14 EUR"]
    assert said.parts[2].text.startswith("otherwise by the time away on the day")


PAID_SUM: Final = " + ".join(f"(claim_total if amount > {n} else {n})" for n in range(1, 7))


@pytest.mark.parametrize(
    ("gives", "lines"),
    [
        (
            f"round({PAID_SUM}, 1, up)",
            [
                "For information: the sum of these, rounded to 1 CNY (away from zero):",
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
                "For information: the first of these that fits:",
                "- the claim's total where the amount is above 5 CNY",
                "- otherwise the sum of these:",
                "  - plus the claim's total if the amount is above 1 CNY, otherwise 1 CNY",
            ],
        ),
    ],
)  # fmt: skip
def test_a_long_value_becomes_a_list(gives: str, lines: list[str]) -> None:
    """A long sum, choice or extreme is set part by part, and keeps its rounding."""
    policy = small(f'kind = "measure"\ngives = "{gives}"')
    assert says(policy).split("\n")[: len(lines)] == lines
    assert says(policy, "zh").startswith("仅供参考：")


def test_what_is_taken_away_twice_is_added() -> None:
    """In a list of parts the sign of each is its own, whatever the brackets."""
    policy = small(f'kind = "measure"\ngives = "claim_total - (amount - ({PAID_SUM}))"')
    signs = [line.split(" ")[1] for line in says(policy).split("\n")[1:]]
    assert signs == ["plus", "less", *["plus"] * 6]


def test_a_long_choice_of_conditions_becomes_a_list() -> None:
    """A condition that depends on another is told case by case."""
    same = " or ".join(f"amount == {n}" for n in range(6))
    lines = required(f"is_credit if amount > 5 else ({same}) if pre_approved else amount > 9")
    assert lines.split("\n")[:4] == [
        "this holds, by the first case that fits:",
        "- where the amount is above 5 CNY: the line is a refund",
        "- where it was approved in advance: at least one of these holds:",
        "  - the amount is exactly 0 CNY",
    ]
    assert lines.split("\n")[-1] == "- otherwise: the amount is above 9 CNY"


def test_clock_and_length_of_time(everything: Policy) -> None:
    """Minutes of a time of day read as a clock, minutes of a length of time as hours."""
    rule = everything.rule("diem.late")
    assert rule is not None
    lines = rule_prose(everything, rule, "en").lines()
    assert "Applies where the time of leaving is known and is at 09:30 or later." in lines
    assert any("the time away on the day is at most 10 hours" in line for line in lines)


def test_parts_of_a_rule_in_order(everything: Policy) -> None:
    """Categories, condition, rule, component and effect stand in this order."""
    rule = everything.rule("gift.month")
    assert rule is not None
    prose = rule_prose(everything, rule, "en")
    assert [name for name, _ in prose.parts] == ["on", "when", "says", "window", "effect"]
    assert prose.kind == "limit"
    assert prose.part("effect") == Said("Above it a person decides.")
    assert prose.part("nothing") is None


def test_counters_and_approvals(everything: Policy) -> None:
    """Named windows and approval steps are told with all that they depend on."""
    counters = {n: counter_prose(everything, c, "en") for n, c in everything.counters.items()}
    assert counters["gifts_before"].text == (
        "“Gifts in a quarter”: the number of earlier lines, per person and calendar quarter, of "
        "Gifts, without lines that are rejected."
    )
    assert "year from 6 April" in counters["miles_before"].text
    manager, finance = (approval_prose(everything, s, "en") for s in everything.authorities)
    assert [part.text for part in manager.parts] == [
        "more than 500 EUR is allowed",
        "the outcome is review or worse",
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


NAMED: Final = (
    ("diem.period", "for each 24 hours from the departure (the last may be shorter)",
     "自出发时刻起每 24 小时"),
    ("diem.period", "these are later than the first 24 hours of the trip",
     "该时段在第 1 个 24 小时之后"),
    ("diem.period", "It is part of “Meals”", "属于“餐补”"),
    ("diem.period", "the allowance as a whole is never below 0", "补贴总额不低于 0"),
    ("diem.hours", "the number of started hours in the time away",
     "的小时数（不足 1 小时按 1 小时计）"),
    ("diem.hours", "0.5 from 8 hours, 1 above 12 hours", "8 小时起 0.5、超过 12 小时为 1"),
    ("diem.hours", "of those that apply to the same 24 hours, the lowest counts",
     "同一 24 小时内适用的规则中取最低者"),
    ("diem.first", "the day is the first day of the trip", "当日是出差第 1 天"),
    ("diem.first", "the time of coming back is known and is before 12:00", "早于 12:00"),
    ("diem.first", "Summed over the days of the trip", "出差各日数额之和"),
    ("diem.whole", "× (0.25 if the number of days of the trip on which “all meals provided” holds "
     "is above 3, otherwise 1), rounded up to 1 EUR",
     "（如行程中“三餐均已提供”成立的天数超过 3 天，为 0.25，否则为 1），向上取整到 1 欧元"),
    ("meal.paid", "Due is the amount claimed if", "为申报金额"),
    ("meal.many", "“dinners this month” is at least 2", "“本月晚餐次数”不少于 2"),
    ("meal.many", "is not the same as the year of", "与提交日期所在年份不同"),
    ("meal.trip", "Taken together per trip,", "每次出差合计"),
)  # fmt: skip


@pytest.mark.parametrize(("code", "english", "chinese"), NAMED)
def test_what_outside_readers_stumbled_over(
    named: Policy, code: str, english: str, chinese: str
) -> None:
    """Periods, components, days of a trip, times of day and started hours read as people say."""
    rule = named.rule(code)
    assert rule is not None
    assert english in "\n".join(rule_prose(named, rule, "en").lines())
    assert chinese in "\n".join(rule_prose(named, rule, "zh").lines())


def test_what_is_said_once(named: Policy) -> None:
    """A fact that is a certain word is given anyway; what was claimed depends on the spending."""
    lines = {rule.code: "\n".join(rule_prose(named, rule, "en").lines()) for rule in named.rules}
    assert "“zone of the trip” is given" not in lines["diem.period"]
    assert "whatever was spent" not in lines["meal.paid"]
    assert "lowest" not in lines["diem.period"]
    assert "never below 0" not in lines["meal.paid"]


def test_a_value_has_a_sentence_of_its_own(named: Policy) -> None:
    """A named expression says what it is, or what it means; what it reads is named with it."""
    assert value_prose(named, "share", "en").lines() == [
        "“share of the diet” is: the first of these that fits:",
        "- 1 where the time away within the 24 hours is longer than 12 hours or the period is one "
        "of the full 24 hours within the trip",
        "- 0.5 where the time away within the 24 hours is at least 8 hours",
        "- otherwise 0",
    ]
    assert value_prose(named, "is_fed", "zh").lines()[0] == "“三餐均已提供”指：以下各项全部成立："
    assert value_prose(named, "is_long", "en").lines()[1] == ("- “first day at the place” is given")
    rule = named.rule("diem.period")
    assert rule is not None
    assert values_read(rule.expressions) == ("of_period",)
    assert values_below(named, ("of_period",)) == ("share",)
    whole = named.rule("diem.whole")
    assert whole is not None
    assert values_read(whole.expressions) == ("of_period", "is_fed")


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        ("returns_at > at('12:00')", "is after 12:00", "晚于 12:00"),
        ("returns_at >= at('12:00')", "is at 12:00 or later", "在 12:00 及以后"),
        ("returns_at < at('12:00')", "is before 12:00", "早于 12:00"),
        ("returns_at <= at('12:00')", "is at 12:00 or earlier", "在 12:00 及以前"),
        ("at('12:00') >= returns_at", "is at 12:00 or earlier", "在 12:00 及以前"),
        ("minutes_away > hours(12)", "is longer than 12 hours", "超过 12 小时"),
        ("minutes_away >= hours(8)", "is at least 8 hours", "不少于 8 小时"),
        ("minutes_away >= 721", "is longer than 12 hours", "超过 12 小时"),
        ("minutes_away < 721", "is at most 12 hours", "不超过 12 小时"),
        ("day_number == 1", "the day is the first day of the trip", "当日是出差第 1 天"),
        ("day_number > 14", "the day is after day 14 of the trip", "当日在出差第 14 天之后"),
        ("day_number >= 22", "the day is day 22 of the trip or later", "出差第 22 天或以后"),
        ("breakfast in ('hotel', 'host')", "breakfast is provided by a host or provided by the",
         "早餐由接待方提供或由酒店提供"),
    ],
)  # fmt: skip
def test_times_of_day_and_days_of_a_trip(condition: str, english: str, chinese: str) -> None:
    """A time of day is before, at or after another; a length is longer; a day has its number."""
    policy = small(
        f"""kind = "require"\nscope = "day"\nwhen = "present(returns_at)"\nthat = "{condition}" """
    )
    assert english in says(policy)
    assert chinese in says(policy, "zh")


@pytest.mark.parametrize(
    ("gives", "english", "chinese"),
    [
        (
            "(1 if is_credit else 2) if amount > 5 else 3",
            "(1 if the line is a refund, otherwise 2) if the amount is above 5 CNY, otherwise 3",
            "如金额超过 5 元，为（如该明细是退款，为 1，否则为 2），否则为 3",
        ),
        (
            "(1 if is_credit else 2) + amount",
            "(1 CNY if the line is a refund, otherwise 2 CNY) + the amount",
            "（如该明细是退款，为 1 元，否则为 2 元） + 金额",
        ),
        (
            "max(1 if is_credit else amount, 0)",
            "(1 CNY if the line is a refund, otherwise the amount), but not below 0 CNY",
            "（如该明细是退款，为 1 元，否则为金额），但不低于 0 元",
        ),
        (
            "(1 if pre_approved else 2) if amount > 5 else 3 if amount > 2 else 4",
            "- (1 if it was approved in advance, otherwise 2) where the amount is above 5 CNY",
            "- 金额超过 5 元时为（如已事前审批，为 1，否则为 2）",
        ),
    ],
)
def test_a_choice_keeps_its_brackets(gives: str, english: str, chinese: str) -> None:
    """A choice inside another value stands in brackets, in a list, too."""
    policy = small(f'kind = "measure"\ngives = "{gives}"')
    assert english in says(policy)
    assert chinese in says(policy, "zh")
