"""What the parts of a policy mean together: each mistake has its code and its exact place."""

from datetime import date

import pytest
from marked import HEAD, problems_of, rule, split, told

from crm_expenses.core.approval import (
    ApprovalTerms,
    Authority,
    AuthorityLimit,
    Automatic,
    BudgetLack,
    Deadline,
    Group,
    Provenance,
)
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.core.payment import PaymentTerms
from crm_expenses.messages.policy import TEXTS
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.kinds import KINDS, RuleKind
from crm_expenses.rules.parameter import Lookup
from crm_expenses.rules.window import Window


def parameter(body: str, kind: str = "money") -> str:
    """Write a parameter `x`."""
    return f'[parameter.x]\ntype = "{kind}"\n{body}\n'


def values(*steps: str) -> str:
    """Write the values of a parameter."""
    return f"values = [{', '.join('{ ' + step + ' }' for step in steps)}]"


ONE = values("from = 2026-01-01, is = 5")
TABLE = 'keys = ["tier"]\nvalues = [{ from = 2026-01-01, table = [\n  %s\n] }]'
RULE = """
[[rule]]
code = "r"
kind = "%s"
title = { en = "R", zh = "规" }
%s
"""

STEP = '[[approval]]\ncode = "a"\nwho = "manager"\nabove = 5\n'
BANDED = "values = [{ from = 2026-01-01, table = [%s] }]"


def fact(kind: str, more: str = "", *, name: str = "x") -> str:
    """Write a fact of the policy's own."""
    return f'[fact.{name}]\nname = {{ en = "X", zh = "甲" }}\ntype = "{kind}"\n{more}\n'


def window(more: str, *, name: str = "x") -> str:
    """Write a named window."""
    return f'[window.{name}]\nname = {{ en = "X", zh = "甲" }}\n{more}\n'


MISTAKES = [
    ("policy.name", '^[parameter.Cap]\ntype = "money"\n' + ONE),
    ("policy.name", '^[parameter.cap-a]\ntype = "money"\n' + ONE),
    ("policy.name_taken", '^[parameter.amount]\ntype = "money"\n' + ONE),
    ("policy.name_taken", '^[parameter.round]\ntype = "money"\n' + ONE),
    ("policy.no_values", "^" + parameter("values = []")),
    (
        "policy.date_order",
        parameter(values("from = 2026-02-01, is = 5", "from = ^2026-01-01, is = 6")),
    ),
    (
        "policy.date_order",
        parameter(values("from = 2026-01-01, is = 5", "from = ^2026-01-01, is = 6")),
    ),
    ("policy.unit", parameter('unit = ^"EUR/night"\n' + ONE)),
    ("policy.unit", parameter('unit = ^"night"\n' + ONE)),
    ("policy.type", '[parameter.x]\ntype = ^"amount"\n' + ONE),
    ("policy.key", parameter('keys = ["tier", ^"nights"]\n' + ONE)),
    ("policy.scalar", parameter("values = [^{ from = 2026-01-01 }]")),
    ("policy.scalar", parameter("values = [^{ from = 2026-01-01, is = 5, else = 6 }]")),
    ("policy.scalar", parameter("values = [^{ from = 2026-01-01, is = 5, table = [[5]] }]")),
    (
        "policy.table",
        parameter('keys = ["tier"]\nvalues = [^{ from = 2026-01-01, is = 5, else = 6 }]'),
    ),
    ("policy.table", parameter('keys = ["tier"]\nvalues = [^{ from = 2026-01-01 }]')),
    ("policy.row", parameter(TABLE % '["1", 5], ^["2"]')),
    ("policy.row", parameter(TABLE % '["1", 5], ["2", 5], ^[]')),
    ("policy.row_key", parameter(TABLE % '["1", 5], ["2", 5], [^"9", 6]')),
    ("policy.row_key", parameter(values('from = 2026-01-01, is = ^"9"'), "tier")),
    ("policy.row_twice", parameter(TABLE % '["1", 5], ["2", 5], ^["1", 6]')),
    (
        "policy.no_else",
        parameter('keys = ["city"]\nvalues = [{ from = 2026-01-01, table = ^[["北京", 5]] }]'),
    ),
    ("policy.rows_missing", parameter((TABLE % '["1", 5]').replace("[\n", "^[\n"))),
    ("policy.count", parameter(values("from = 2026-01-01, is = ^2.5"), "count")),
    ("policy.count", parameter(values("from = 2026-01-01, is = ^1000000000001"), "count")),
    ("record.amount", parameter(values('from = 2026-01-01, is = ^"1_000"'))),
    ("record.amount", parameter(values('from = 2026-01-01, is = ^"１２.５"'))),
    ("record.amount", parameter(values("from = 2026-01-01, is = ^1e9999999"))),
    ("record.amount", parameter(values("from = 2026-01-01, is = ^1e-99"))),
    ("record.amount", parameter(values("from = 2026-01-01, is = ^nan"))),
    ("record.amount", parameter(values("from = 2026-01-01, is = ^true"))),
    ("record.amount", parameter(values("from = 2026-01-01, is = ^07:30:00"))),
    ("record.amount", parameter(values("from = 2026-01-01, is = ^1234567890123456"))),
    ("record.amount_fine", parameter(values("from = 2026-01-01, is = ^5.001"))),
    ("record.amount_large", parameter(values("from = 2026-01-01, is = ^10000000000.01"))),
    ("record.amount", parameter(TABLE % '["1", 5], ["2", ^"5,00"]')),
    ("record.amount", parameter('keys = ["tier"]\n' + values('from = 2026-01-01, else = ^"x"'))),
    ("policy.code", RULE.replace('"r"', '^"Meal.Cap"') % ("flag", 'that = "is_credit"')),
    ("policy.code", RULE.replace('"r"', '^"meal..cap"') % ("flag", 'that = "is_credit"')),
    (
        "policy.code_twice",
        rule("is_credit") + RULE.replace('"r"', '^"r"') % ("flag", 'that = "is_credit"'),
    ),
    ("policy.effect", RULE % ("flag", 'that = "is_credit"\neffect = ^"reject"')),
    ("policy.effect", RULE % ("forbid", 'that = "is_credit"\neffect = ^"cap"')),
    ("policy.part_extra", RULE % ("limit", 'at_most = "5"\nthat = ^"is_credit"')),
    ("policy.part_extra", RULE % ("require", 'that = "is_credit"\nat_most = ^"5"')),
    ("policy.part_missing", (RULE % ("limit", "")).replace("[[", "^[[")),
    ("policy.part_missing", (RULE % ("require", "")).replace("[[", "^[[")),
    ("policy.no_period", RULE % ("limit", 'at_most = "5"\nper = ^["person"]')),
    ("policy.no_period", RULE % ("limit", 'at_most = "5"\ncounts = ^"eligible"')),
    ("policy.window_kind", RULE % ("flag", 'that = "is_credit"\nperiod = ^"day"')),
    ("policy.per", RULE % ("limit", 'at_most = "5"\nper = ["team", ^"planet"]\nperiod = "day"')),
    ("policy.per_missing", RULE % ("limit", 'at_most = "5"\nper = [^"city"]\nperiod = "day"')),
    ("policy.per_missing", RULE % ("limit", 'at_most = "5"\nper = [^"voucher"]\nperiod = "day"')),
    (
        "policy.field",
        RULE % ("flag", 'that = "is_credit"\nmessage = { en = ^"{limit}", zh = "好" }'),
    ),
    (
        "policy.field",
        RULE % ("limit", 'at_most = "5"\nmessage = { en = "{over}", zh = ^"{before}" }'),
    ),
    (
        "policy.field",
        RULE % ("flag", 'that = "present(purpose)"\nmessage = { en = "a", zh = ^"{purpose}" }'),
    ),
    ("policy.category", RULE % ("flag", 'that = "is_credit"\non = ["meal", ^"taxi"]')),
    ("policy.choices", "[choices]\nlevel = ^[]"),
    ("policy.choices", '[choices]\nlevel = ^["a", "a"]'),
    ("policy.choices", '[choices]\nlevel = ^["a", 5]'),
    ("policy.choices", '[choices]\nlevel = ^["a", ""]'),
    ("policy.choices", '[choices]\nlevel = ^"a"'),
    ("policy.name_taken", '[choices]\ncategory = ^["a"]'),
    ("policy.name_taken", '[choices]\nmoney = ^["a"]'),
    ("policy.who", '[[approval]]\ncode = "a"\nwho = ^"boss"\nabove = 5'),
    ("policy.who", '[[approval]]\ncode = "a"\nwho = ^"role:"\nabove = 5'),
    ("policy.who", '[[approval]]\ncode = "a"\nwho = ^"managers"\nabove = 5'),
    ("policy.who", '[[approval]]\ncode = "a"\nwho = ["manager", ^"boss"]\nabove = 5'),
    ("policy.who", STEP + 'escalate_after = 5\nescalate_to = ^"cfo"'),
    ("policy.who_twice", '[[approval]]\ncode = "a"\nwho = ["manager", ^"manager"]\nabove = 5'),
    ("policy.step_of_nothing", STEP + "on = ^[]"),
    ("policy.step_of_nothing", STEP + "teams = ^[]"),
    ("policy.category", STEP + 'on = ["meal", ^"taxi"]'),
    ("policy.finding", STEP + 'findings = ["budget.exceeded", ^"meal.none"]'),
    ("policy.time_limit", STEP + "remind_after = ^0"),
    ("policy.time_limit", STEP + "escalate_after = ^367"),
    ("policy.deadline_order", STEP + "remind_after = 5\nescalate_after = ^5"),
    ("policy.escalate_alone", STEP + 'escalate_to = ^"role:cfo"'),
    ("policy.authority_who", '[[authority]]\nwho = ^"manager"'),
    ("policy.authority_who", '[[authority]]\nwho = ^"grade:"'),
    (
        "policy.authority_twice",
        '[[authority]]\nwho = "everyone"\n[[authority]]\nwho = ^"everyone"\nup_to = 5',
    ),
    ("policy.below_zero", '[[authority]]\nwho = "everyone"\nup_to = ^-1'),
    ("record.amount_fine", '[[authority]]\nwho = "everyone"\nup_to = ^5.001'),
    ("policy.below_zero", "[automatic]\nup_to = ^-5"),
    ("policy.category", '[automatic]\nup_to = 5\non = [^"taxi"]'),
    ("policy.day_of_month", "[payment]\nmonthly_on = [10, ^32]"),
    ("policy.time_limit", "[payment]\ndays_after = ^-1"),
    ("policy.calendar_ends", "[calendar]\nfrom = 2026-12-31\nuntil = ^2026-01-01"),
    ("policy.calendar_day", "[calendar]\nfrom = 2026-01-01\nrest_days = ^[2025-12-31]"),
    ("policy.calendar_day", "[calendar]\nuntil = 2026-12-31\nwork_days = ^[2027-01-02]"),
    ("policy.step_never", '^[[approval]]\ncode = "a"\nwho = "manager"'),
    ("record.amount_fine", '[[approval]]\ncode = "a"\nwho = "manager"\nabove = ^5.001'),
    ("policy.step_twice", STEP + STEP.replace('"a"', '^"a"')),
    ("expression.unknown", STEP + 'when = "^clam_total > 5"'),
    ("expression.scope", STEP + 'when = "^amount > 5"'),
    ("policy.name_taken", "^" + fact("date", name="amount")),
    ("policy.name_taken", "^" + fact("date", name="person")),
    ("policy.name", "^" + fact("date", name="is")),
    ("policy.name", "^" + fact("date", name="Miles")),
    ("policy.type", fact("^miles", name="x").replace('"^miles"', '^"miles"')),
    ("policy.places", fact("number", "places = ^7")),
    ("policy.places", fact("count", "places = ^1")),
    ("policy.no_unit", fact("date", 'unit = ^"mile"')),
    ("policy.window_period", "^" + window("")),
    ("policy.per", window('period = "day"\nper = [^"planet"]')),
    ("policy.per_missing", window('period = ^"trip"')),
    ("policy.category", window('period = "day"\non = [^"taxi"]')),
    ("policy.name_taken", "^" + window('period = "day"', name="amount")),
    ("policy.year_starts", window('period = "year"\nyear_starts = ^"02-30"')),
    ("policy.year_starts", window('period = "year"\nyear_starts = ^"6 April"')),
    ("policy.part_of_period", window('period = "day"\ndays = ^7')),
    ("policy.part_of_period", window('period = "day"\nyear_starts = ^"04-06"')),
    ("policy.days", window('period = "rolling"\ndays = ^401')),
    ("policy.days", window('period = "spell"\ngap_days = ^500')),
    ("expression.quantity", window('period = "day"\nadds = ^"is_credit"')),
    ("expression.missing", window('period = "day"\nadds = "^nights"')),
    ("expression.yes_no", window('period = "day"\nwhen = "not ^amount"')),
    (
        "policy.counts_limit",
        RULE % ("measure", 'gives = "5"\nperiod = "day"\ncounts = ^"eligible"'),
    ),
    (
        "policy.component_mixed",
        RULE.replace('"r"', '"q"') % ("allow", 'gives = "5"\ncomponent = "c"')
        + RULE % ("allow", 'gives = "5"\ncomponent = "c"\nscope = ^"day"'),
    ),
    ("policy.window_kind", RULE % ("allow", 'gives = "5"\nperiod = ^"day"')),
    ("policy.part_missing", (RULE % ("allow", "")).replace("[[", "^[[")),
    ("policy.part_missing", (RULE % ("measure", "")).replace("[[", "^[[")),
    ("policy.effect", RULE % ("allow", 'gives = "5"\neffect = ^"cap"')),
    ("policy.component", RULE % ("limit", 'at_most = "5"\ncomponent = ^"food"')),
    ("policy.scope", RULE % ("limit", 'at_most = "5"\nscope = ^"claim"')),
    ("policy.scope", RULE % ("allow", 'gives = "5"\nscope = ^"claim"')),
    (
        "policy.claim_on",
        RULE % ("flag", 'that = "claim_total > 5"\nscope = "claim"\non = ^["meal"]'),
    ),
    ("expression.quantity", RULE % ("measure", 'gives = ^"is_credit"')),
    ("policy.no_band", parameter("band_places = ^1\n" + ONE)),
    ("policy.no_band", parameter('edge = ^"above"\n' + ONE)),
    ("policy.places", parameter('band = "km"\nband_places = ^7\n' + BANDED % "[0, 5]")),
    ("policy.bands", parameter('band = "km"\nvalues = [^{ from = 2026-01-01, is = 5 }]')),
    ("policy.bands", parameter('band = "km"\nvalues = [^{ from = 2026-01-01, else = 5 }]')),
    (
        "policy.band_key",
        parameter(
            'band = "km"\nkeys = ["city"]\nvalues = [^{ from = 2026-01-01, table = [["x", 0, 5]] }]'
        ),
    ),
    ("policy.band_order", parameter('band = "km"\n' + BANDED % "[0, 5], [^0, 6]")),
    ("policy.band_order", parameter('band = "km"\n' + BANDED % "[5, 5], [^0, 6]")),
    (
        "policy.constants",
        parameter('band = "km"\n' + (BANDED % "[0, 5, 0], [9, 6]").replace("= [[", "= ^[[")),
    ),
    ("policy.row", parameter('band = "km"\n' + BANDED % "[0, 5], ^[9]")),
    ("policy.row", parameter('band = "km"\n' + BANDED % "[0, 5], ^[9, 6, 7, 8]")),
    ("record.amount", parameter('band = "km"\n' + BANDED % '[0, 5], [^"x", 6]')),
    ("record.amount", parameter('band = "km"\n' + BANDED % '[0, 5, ^"x"]')),
    (
        "policy.rows_missing",
        parameter(
            'band = "km"\nkeys = ["tier"]\n' + (BANDED % '["1", 0, 5]').replace("= [[", "= ^[[")
        ),
    ),
]


def whole(part: str) -> str:
    """Give a policy with one more part; a second table of choices takes the place of the first."""
    if part.startswith("[choices]"):
        head, _, rest = HEAD.partition("[choices]\n")
        after = rest.partition("[category]")[2]
        lists = 'grade = ["junior", "senior"]\ntier = ["1", "2"]\n'
        return f"{head}{part}\n{lists}\n[category]{after}"
    return HEAD + part


@pytest.mark.parametrize(("code", "marked"), MISTAKES)
def test_mistakes(code: str, marked: str) -> None:
    """One mistake gives one problem, at the line and column of the caret."""
    text, line, column = split(whole(marked))
    assert told(text) == [(code, line, column)]


def test_every_code_of_policies_is_told() -> None:
    """The table above raises every code that a policy can have."""
    raised = {code for code, _ in MISTAKES if code.startswith("policy.")}
    assert raised == {code for code in TEXTS if code.startswith("policy.")}


def test_an_unknown_currency_is_told_once() -> None:
    """An unknown currency is one mistake, whatever is counted in it; the others are told too."""
    text, line, column = split(HEAD.replace('"CNY"', '^"CNX"', 1))
    assert told(text) == [("record.currency", line, column)]
    assert told(text.replace("CNY/km", "CNX/km")) == [("record.currency", line, column)]
    more = text + rule("nights > 3") + rule(at_most="amount + age_days", code="s")
    assert [p.code for p in problems_of(more)] == [
        "record.currency",
        "expression.missing",
        "expression.compare",
    ]


def test_a_withdrawn_currency_is_known() -> None:
    """A policy of the past may be in a currency that is withdrawn."""
    text = HEAD.partition("[parameter.nightly]")[0].replace('"CNY"', '"DEM"')
    assert parse_policy(text).currency == "DEM"


def test_five_mistakes_are_told_at_once() -> None:
    """Five mistakes in five parts give five problems, in the order of their lines."""
    text = HEAD + "\n".join(
        (
            parameter(values("from = 2026-01-01, is = 5.001")),
            rule("nights > 3", code="one"),
            rule("amount > meal_cap", code="two"),
            RULE % ("flag", 'that = "is_credit"\neffect = "reject"'),
            '[[approval]]\ncode = "a"\nwho = "boss"\nabove = 5',
        )
    )
    problems = problems_of(text)
    assert [p.code for p in problems] == [
        "record.amount_fine",
        "expression.missing",
        "expression.unknown",
        "policy.effect",
        "policy.who",
    ]
    lines = [p.place.line for p in problems]
    assert lines == sorted(set(lines))


def test_one_broken_parameter_is_told_once() -> None:
    """Rules that name a broken parameter are not told again."""
    text = HEAD + "\n".join(
        (
            parameter("", "money"),
            rule("amount > x", code="one"),
            rule(at_most="x + 1", code="two"),
            rule("amount > x[grade]", code="three"),
        )
    )
    assert [p.code for p in problems_of(text)] == ["toml.missing"]
    text = text.replace("[parameter.x]", "[parameter.x]\nvalues = []")
    assert [p.code for p in problems_of(text)] == ["policy.no_values"]


def test_one_rule_with_several_mistakes_tells_each() -> None:
    """A rule's code, effect, category, guard and figure are each checked by themselves."""
    body = 'effect = "justify"\non = ["taxi"]\nwhen = "nights"\nthat = "amount"\n'
    text = HEAD + RULE.replace('"r"', '"R"') % ("flag", body)
    assert [p.code for p in problems_of(text)] == [
        "policy.code",
        "policy.effect",
        "policy.category",
        "expression.missing",
        "expression.no_condition",
    ]


def test_missing_rows_are_counted_and_named() -> None:
    """A table with gaps says how many rows are missing, and the first of them."""
    body = 'keys = ["grade", "tier"]\n'
    body += values('from = 2026-01-01, table = [["junior", "1", 5]]')
    (problem,) = problems_of(HEAD + parameter(body))
    assert problem.values["count"] == "3"
    assert problem.values["missing"].startswith("junior, 2; senior, 1")


PARTS = {
    RuleKind.LIMIT: 'at_most = "5"',
    RuleKind.ALLOW: 'gives = "5"',
    RuleKind.MEASURE: 'gives = "5"',
}


@pytest.mark.parametrize("kind", list(RuleKind))
@pytest.mark.parametrize("effect", list(Effect))
def test_effects_by_kind(kind: RuleKind, effect: Effect) -> None:
    """A kind accepts the effects that the language's table gives it, and refuses the others."""
    allowed = {
        RuleKind.LIMIT: {"note", "cap", "justify", "review", "reject"},
        RuleKind.REQUIRE: {"note", "justify", "review", "reject"},
        RuleKind.FORBID: {"note", "justify", "review", "reject"},
        RuleKind.FLAG: {"note", "review"},
        RuleKind.ALLOW: set(),
        RuleKind.MEASURE: set(),
    }[kind]
    part = PARTS.get(kind, 'that = "is_credit"')
    found = [p.code for p in problems_of(HEAD + RULE % (kind, f'{part}\neffect = "{effect}"'))]
    assert found == ([] if effect.value in allowed else ["policy.effect"])


@pytest.mark.parametrize(
    ("kind", "effect"),
    [("limit", "cap"), ("require", "review"), ("forbid", "reject"), ("flag", "review")],
)
def test_default_effects(kind: str, effect: str) -> None:
    """A rule that names no effect has its kind's."""
    part = 'at_most = "5"' if kind == "limit" else 'that = "is_credit"'
    (made,) = parse_policy(HEAD + RULE % (kind, part)).rules
    assert made.effect == effect == KINDS[RuleKind(kind)].default


APPROVALS = """
[[approval]]
code = "both"
title = { en = "Both", zh = "双签" }
who = ["role:legal", "manager"]
group = "all"
on = ["meal"]
teams = ["East", "West"]
above = 500
findings = ["r", "budget.exceeded"]
budget = "soft"
remind_after = 2
escalate_after = 5
escalate_to = "role:cfo"
days = "calendar"
accepts = "crm_process"

[[approval]]
code = "meals"
who = "manager"
on = ["meal"]

[[authority]]
who = "grade:senior"
up_to = "2000.50"

[[authority]]
who = "role:cfo"

[approvals]
accepts = "audited_field"

[automatic]
up_to = 300
outcome = "reduced"
on = ["meal"]

[payment]
days_after = 3
monthly_on = [25, 10]
days = "calendar"
"""


def test_what_approvals_hold() -> None:
    """Every part of approvals comes out as it was written; what is left out has its default."""
    policy = parse_policy(HEAD + RULE % ("flag", 'that = "is_credit"') + APPROVALS)
    both, meals = policy.authorities
    assert both == Authority(
        code="both",
        who=("role:legal", "manager"),
        above=50000,
        group=Group.ALL,
        on=frozenset({"meal"}),
        teams=frozenset({"East", "West"}),
        findings=frozenset({"r", "budget.exceeded"}),
        budget=BudgetLack.SOFT,
        deadline=Deadline(2, 5, "role:cfo", is_working=False),
        accepts=Provenance.CRM_PROCESS,
        title=("Both", "双签"),
    )
    assert meals == Authority("meals", ("manager",), on=frozenset({"meal"}))
    assert policy.terms == ApprovalTerms(
        Provenance.AUDITED_FIELD,
        (AuthorityLimit("grade:senior", 200050), AuthorityLimit("role:cfo")),
        Automatic(30000, Outcome.REDUCED, frozenset({"meal"})),
    )
    assert policy.payment == PaymentTerms(3, (25, 10), is_working=False)
    plain = parse_policy(HEAD)
    assert (plain.terms, plain.payment) == (ApprovalTerms(), PaymentTerms())


def test_what_a_whole_policy_holds() -> None:
    """Rules, windows, parameters, steps and calendar come out as they were written."""
    text = HEAD + "\n".join(
        (
            RULE % ("limit", 'on = ["meal"]\nat_most = "plain"\nper = ["person"]\nperiod = "week"'),
            '[[approval]]\ncode = "a"\nwho = "role:finance"\nabove = "1234.50"',
            '[[approval]]\ncode = "b"\nwho = "person:P9"\noutcome = "review"',
            "[calendar]\nrest_days = [2026-10-01]\nwork_days = [2026-10-10]",
        )
    )
    policy = parse_policy(text)
    (made,) = policy.rules
    assert made.window == Window(("person",), made.window.period if made.window else None)  # type: ignore[arg-type]
    assert (made.on, policy.covers("meal"), policy.covers("lodging")) == (
        frozenset({"meal"}),
        True,
        False,
    )
    assert [(a.code, a.who, a.above, a.outcome) for a in policy.authorities] == [
        ("a", ("role:finance",), 123450, None),
        ("b", ("person:P9",), None, "review"),
    ]
    assert Lookup(policy.parameters["plain"])(date(2026, 6, 30)) == 15_050
    assert Lookup(policy.parameters["plain"])(date(2026, 7, 1)) == 18_000
    assert not policy.calendar.is_working_day(date(2026, 10, 1))
    assert policy.calendar.is_working_day(date(2026, 10, 10))
    assert policy.title_of("meal") == ("Meals", "餐费")
    assert policy.title_of("taxi") == ("taxi", "taxi")


@pytest.mark.parametrize(
    ("written", "scale", "raw"),
    [
        ("0.0000001", 7, 1),
        ("0.000000001", 9, 1),
        ('"0.10"', 2, 10),
        ("-3", 0, -3),
        ("12.50", 2, 1250),
    ],
)
def test_small_figures(written: str, scale: int, raw: int) -> None:
    """A number keeps all its decimals, however small it is."""
    policy = parse_policy(HEAD + parameter(values(f"from = 2026-01-01, is = {written}"), "number"))
    made = policy.parameters["x"]
    assert (made.type.scale, Lookup(made)(date(2026, 1, 1))) == (scale, raw)


def test_text_key_with_else_needs_no_rows() -> None:
    """A table keyed by a text may be nothing but its `else`."""
    body = 'keys = ["person_city"]\n' + values("from = 2026-01-01, else = 5")
    made = parse_policy(HEAD + parameter(body)).parameters["x"]
    assert Lookup(made)(date(2026, 1, 1), "anywhere") == 500


def test_guard_opens_a_window_per_optional_fact() -> None:
    """A sum per city is allowed where the rule applies only when the city is there."""
    body = 'when = "present(city)"\nat_most = "5"\nper = ["city"]\nperiod = "day"'
    assert problems_of(HEAD + RULE % ("limit", body)) == ()
