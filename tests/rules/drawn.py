"""Rich policies to draw: every kind, effect, scope and window of the language.

A policy is a few rules over one head: so drawing is cheap, and what fails shrinks to few rules.
What may lack or fail stands in the expressions; the claims are in `drawn_claims`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hypothesis import strategies as st

from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator

HEAD: Final = """
[policy]
id = "drawn"
version = "1"
language = 1
currency = "CNY"
title = { en = "D", zh = "D" }

[choices]
grade = ["junior", "senior"]
tier = ["1", "2"]

[category]
meal = { name = { en = "M", zh = "M" } }
taxi = { name = { en = "T", zh = "T" } }
diem = { name = { en = "D", zh = "D" } }

[fact.miles]
name = { en = "miles", zh = "miles" }
type = "number"
unit = "mile"
places = 1

[fact.signed]
name = { en = "signed", zh = "signed" }
type = "yes_no"

[fact.centre]
name = { en = "centre", zh = "centre" }
type = "tier"

[fact.project]
name = { en = "project", zh = "project" }
type = "text"
of = "claim"

[fact.rank]
name = { en = "rank", zh = "rank" }
type = "count"
of = "person"

[fact.shift]
name = { en = "shift", zh = "shift" }
type = "text"
of = "day"

[parameter.cap]
type = "money"
values = [{ from = 2026-01-01, is = 50 }, { from = 2026-03-03, is = "80.50" }]

[parameter.often]
type = "money"
values = [
  { from = 2026-01-01, is = 10 }, { from = 2026-03-01, is = 20 }, { from = 2026-03-02, is = 30 },
  { from = 2026-03-03, is = 40 }, { from = 2026-03-04, is = 60 },
]

[parameter.later]
type = "money"
values = [{ from = 2100-01-01, is = 1 }]

[parameter.tier_of]
type = "tier"
keys = ["city"]
values = [
  { from = 2026-01-01, table = [["Bonn", "1"], ["None", "1"]], else = "2" },
  { from = 2026-03-02, table = [["Bonn", "1"], ["Kyiv", "1"]], else = "2" },
]

[parameter.nightly]
type = "money"
unit = "CNY/night"
keys = ["grade", "tier"]
values = [{ from = 2026-01-01, table = [
  ["junior", "1", 40], ["junior", "2", 30], ["senior", "1", 60], ["senior", "2", "50.5"],
] }]

[parameter.stipend]
type = "money"
band = "minute"
edge = "above"
values = [{ from = 2026-01-01, table = [[0, 0], [480, 14], [1439, 28]] }]

[parameter.stay]
type = "money"
keys = ["tier"]
band = "night"
values = [{ from = 2026-01-01, table = [["1", 1, 70], ["1", 3, 60], ["2", 0, 50]] }]

[parameter.mile]
type = "money"
unit = "CNY/mile"
keys = ["tier"]
band = "mile"
band_places = 1
values = [
  { from = 2026-01-01, table = [["1", 0, "0.45"], ["1", 100, "0.25"], ["2", 0, "0.2"]] },
  { from = 2026-03-03, table = [["1", 0, "0.5", 0], ["1", 50, "0.1", 20], ["2", 0, "0.2", 0]] },
]

[parameter.share]
type = "number"
values = [{ from = 2026-01-01, is = "0.125" }]

[value.twice]
name = { en = "twice", zh = "twice" }
gives = "amount * 2"

[value.is_far]
name = { en = "far", zh = "far" }
gives = "default(city, '') == 'Kyiv' or present(trip) and default(trip_place, '') == 'Kyiv'"

[value.level]
name = { en = "level", zh = "level" }
gives = "tier_of[default(city, '')]"

[value.day_share]
name = { en = "share", zh = "share" }
scope = "day"
gives = "stipend[minutes_away] if breakfast == 'none' else cap"

[value.is_short]
name = { en = "short", zh = "short" }
scope = "period"
gives = "minutes_away < 600"

[value.is_small]
name = { en = "small", zh = "small" }
gives = "amount < 50 and grade != 'junior'"

[calendar]
from = 2026-01-01
until = 2026-05-01
rest_days = [2026-03-02]
work_days = [2026-03-07]
"""

WINDOWS: Final = {
    "meals_before": """
[window.meals_before]
name = { en = "w1", zh = "w1" }
on = ["meal"]
per = ["person"]
period = "month"
""",
    "spent_before": """
[window.spent_before]
name = { en = "w2", zh = "w2" }
adds = "amount"
per = ["person", "category"]
period = "year"
year_starts = "04-06"
counts = "eligible"
""",
    "driven_before": """
[window.driven_before]
name = { en = "w3", zh = "w3" }
when = "present(miles)"
adds = "miles"
per = ["person"]
period = "rolling"
days = 3
""",
    "stays_before": """
[window.stays_before]
name = { en = "w4", zh = "w4" }
on = ["taxi", "diem"]
when = "present(city)"
per = ["city"]
period = "spell"
gap_days = 1
""",
    "centre_before": """
[window.centre_before]
name = { en = "w5", zh = "w5" }
when = "present(centre)"
adds = "divide(amount, default(nights, 1), 0.01, down)"
per = ["centre"]
period = "quarter"
""",
    "trip_before": """
[window.trip_before]
name = { en = "w6", zh = "w6" }
when = "present(trip) and not is_credit"
adds = "cap * 2"
period = "trip"
""",
}
"""Named windows; a policy has those that it reads."""

WHENS: Final = (
    *("", "", "", "amount > 50", "not is_credit", "category == 'meal'", "present(city)"),
    *("is_weekend(date)", "grade == 'senior'", "claim_lines > 1", "default(signed, False)"),
    *("is_weekend(date) or is_working_day(date)", "present(miles) and miles > 10"),
    *("tier_of[default(city, '')] == '2'", "spent_before > 30", "amount > later"),
)
CONDITIONS: Final = (
    "amount > 50",
    "amount >= 50",
    "amount == cap",
    "amount != 50 and not (amount < 0 or amount <= -20)",
    "is_weekend(date) and amount > 20",
    "is_working_day(date) or grade == 'senior'",
    "tier_of[default(city, '')] == '2'",
    "level == '2' and not is_far",
    "twice > 100",
    "is_far or level != '1'",
    "months_between(date, submitted) > 0 or add_months(date, 1) <= submitted",
    "date >= date('2026-03-03') and number(default(nights, 1)) * 2 < 3",
    "entitled > 50",
    "total_of(day_share) > 60 or count_of(is_short) > 0",
    "present(city) and tier_of[city] != '1'",
    "days_between(default(voucher_date, date), date) == 0",
    "days_between(date, submitted) > 5 or days_between(default(voucher_date, date), date) > 0",
    "present(purpose) and length(purpose) > 3",
    "present(justification)",
    "category in ('taxi', 'diem') and default(nights, 1) > 2",
    "voucher_uses_before > 0",
    "present(voucher_number) and shape(voucher_number, '9{2,8}') and not pre_approved",
    "divide(amount, amount - 50, 0.01, half_up) > 2",
    "divide(amount, default(attendees, 0), 0.01, up) > 20",
    "present(distance) and distance * 2 > 21",
    "claim_total > 100",
    "claim_lines % 2 == 1",
    "add_days(date, 4000000) > date",
    "amount > later",
    "amount > (cap if date < submitted else later)",
    "default(signed, not is_credit)",
    "amount > default(pre_approved_amount, 30)",
    "pre_approved or default(pre_approval, '') == 'A1'",
    "present(centre) and centre == '1'",
    "default(project, 'none') == 'none'",
    "present(rank) and rank > 3",
    "team == 'East'",
    "person_active",
    "grade == 'senior' and team == 'East' and person_active and claim_total > 50",
    "currency == 'CNY' and amount_original > 50",
    "default(rate_age_days, 0) > 1 or default(rate_source, 'none') == 'x'",
    "default(budget_available, 40) < 50",
    "voucher_kind in ('fapiao', 'ticket') and default(voucher_amount, amount) >= amount",
    "meals_before > 0",
    "spent_before + amount > 60",
    "driven_before > 12.5",
    "stays_before == 1",
    "centre_before > 20 or default(city, 'x') == 'x'",
    "trip_before >= 100",
    "default(trip_days, 1) > 2 or default(trip_nights, 0) > 1",
    "default(trip_minutes, 600) < 600 or default(trip_place, '') == 'Bonn'",
    "month(date) == '3' and weekday(date) in ('sun', 'mon') and day_of_month(date) < 3",
    "year(date) == 2026 and working_days(date, submitted) > 5",
    "total_of('meal', 'taxi') > 90 or count_of('diem') > 1",
    "stay[tier_of[default(city, '')], default(nights, 1)] > 55",
    "nightly[grade, '1' if amount > 50 else '2'] * default(nights, 1) < amount",
    "abs(amount) % 7 > 3",
    "default(travel_class, 'first') == 'first' or default(payment, '') == 'cash'",
)
LIMITS: Final = (
    *("0", "50", "cap", "often", "later", "cap - 60", "amount - 1", "max(cap, often)"),
    "nightly[grade, tier_of[default(city, '')]] * default(nights, 1)",
    "max(0, min(divide(amount, default(attendees, 0), 0.01, up), 99)) * default(attendees, 1)",
    "round(along(mile['1'], max(0, min(default(miles, 0), 5000))), 0.01, half_up)",
    "stay[tier_of[default(city, '')], default(nights, 1)]",
    "30 if is_weekend(date) else 60",
    "max(0, claim_total) - 100",
    "100 - max(-100, min(spent_before, 100))",
    "round(amount * share, 1, up) * 4",
    "max(0, min(twice, 90))",
    "entitled - 1 if entitled < 100 else 100",
)
GIVEN: Final = tuple(text for text in LIMITS if "entitled" not in text)
ON_DAYS: Final = (
    "minutes_away > hours(10)",
    "total_of(day_share) > 30",
    "breakfast == 'none' and lunch != 'host'",
    "day_kind in ('first', 'last') or is_longest_day",
    "place_before == 'Bonn' if present(place_before) else default(place, '') == 'Bonn'",
    "default(leaves_at, 600) >= at('09:30') or default(returns_at, 0) > 600",
    "night == 'hotel' and night_before != 'none' and day_number > 1",
    "day > date",
    "present(shift) and shift == 'late'",
    "is_weekend(day) and amount > 50",
    "cap > 60",
    "dinner_paid > 5",
)
ON_DAYS_MOST: Final = (
    "stipend[minutes_away]",
    "28 if day_kind == 'full' else 14",
    "-round(cap * 0.2, 0.01, half_up)",
    "max(0, cap - breakfast_paid - lunch_paid)",
    "divide(cap, day_number - 2, 1, floor) * day_number",
    "often",
)
DAYS_WHEN: Final = (
    *("", "", "day_kind != 'first'", "minutes_away > 600", "not is_credit", "amount > 20"),
)
CLAIMS_WHEN: Final = ("", "", "claim_total > 50", "claim_lines > 1")
OF_CLAIMS: Final = (
    "claim_total > 100",
    "claim_lines > 2",
    "total_of('meal') > 50 and count_of('taxi') == 0",
    "default(project, '') == 'A' or grade == 'junior'",
    "default(oldest_days, 0) > 30 or cap > 60",
    "present(first_date) and present(last_date) and first_date < last_date",
    "divide(claim_total, claim_lines - 2, 1, up) > 50",
    "claim_lines < 3 and count_of(is_small) > 1 or total_of(twice) > 150",
    "later > 5",
    "claim_allowed > 50",
)
MEASURED: Final = (
    *("amount", "default(nights, 0)", "divide(amount * share, 1 + share, 0.01, down)", "later"),
    *(
        "along(mile[tier_of[default(city, '')]], max(-9, min(default(miles, 0), 5000)))",
        "spent_before",
        "allowed - entitled",
    ),
)


@dataclass(frozen=True)
class Sums:
    """What a limit or a measure may be summed over: the lines of a rule, and its guard."""

    stage: int
    text: str
    guard: str = ""


NO_SUMS: Final = Sums(0, "")
SUMS: Final = (
    Sums(1, 'per = ["person"]\nperiod = "day"'),
    Sums(1, 'per = ["person", "city"]\nperiod = "day"', "present(city)"),
    Sums(2, 'per = ["person"]\nperiod = "trip"', "present(trip)"),
    Sums(3, 'period = "week"'),
    Sums(3, 'per = ["centre"]\nperiod = "rolling"\ndays = 3', "present(centre)"),
    Sums(4, 'per = ["person", "category"]\nperiod = "month"'),
    Sums(4, 'per = ["team"]\nperiod = "rolling"\ndays = 31'),
    Sums(4, 'per = ["centre"]\nperiod = "month"', "present(centre)"),
    Sums(5, 'per = ["voucher"]\nperiod = "quarter"', "present(voucher_number)"),
    Sums(5, 'per = ["pre_approval"]\nperiod = "rolling"\ndays = 92', "present(pre_approval)"),
    Sums(6, 'per = ["claim"]\nperiod = "year"\nyear_starts = "04-06"'),
    Sums(7, 'per = ["person"]\nperiod = "spell"\ngap_days = 1'),
    Sums(8, 'per = ["project"]\nperiod = "all_time"', "present(project)"),
)
EFFECTS: Final = {
    "limit": ("note", "cap", "justify", "review", "reject"),
    "require": ("note", "justify", "review", "reject"),
    "forbid": ("note", "justify", "review", "reject"),
    "flag": ("note", "review"),
}
ON: Final = (*("",) * 6, '"meal"', '"meal", "taxi"', '"diem", "meal"')
ON_TRIPS: Final = ('"diem"', '"diem"', '"diem"', "", '"meal"')
"""Lines of `diem` mostly have a trip."""


@dataclass(frozen=True)
class Drawn:
    """A rule that was drawn; `component` is empty where the kind has none."""

    kind: str
    main: str
    effect: str = ""
    scope: str = "line"
    on: str = ""
    when: str = ""
    sums: Sums = NO_SUMS
    counts: str = "allowed"
    component: str = ""

    @property
    def part(self) -> str:
        """What the kind calls its expression."""
        return {"limit": "at_most", "allow": "gives", "measure": "gives"}.get(self.kind, "that")

    def toml(self, code: str) -> str:
        """Write the rule."""
        when = " and ".join(f"({part})" for part in (self.sums.guard, self.when) if part)
        given = {
            "code": f'"{code}"',
            "kind": f'"{self.kind}"',
            "effect": f'"{self.effect}"' if self.effect else "",
            "scope": f'"{self.scope}"',
            "on": f"[{self.on}]" if self.on else "",
            "title": '{ en = "R", zh = "R" }',
            "when": f'"{when}"' if when else "",
            self.part: f'"{self.main}"',
            "component": f'"{self.component}"' if self.component else "",
        }
        lines = [f"{name} = {value}" for name, value in given.items() if value]
        if self.sums is not NO_SUMS:
            lines.append(self.sums.text)
            lines += [f'counts = "{self.counts}"'] if self.kind == "limit" else []
        return "\n".join(["[[rule]]", *lines])


def weighted(*parts: tuple[int, st.SearchStrategy[Drawn]]) -> st.SearchStrategy[Drawn]:
    """Draw from one of several, each as often as its weight says."""
    return st.sampled_from([part for weight, part in parts for _ in range(weight)]).flatmap(
        lambda part: part
    )


def _rule(
    kind: str,
    mains: Sequence[str],
    *,
    scope: str = "line",
    on: Sequence[str] = ("",),
    whens: Sequence[str] = ("",),
    sums: Sequence[Sums] = (NO_SUMS,),
    components: Sequence[str] = ("",),
) -> st.SearchStrategy[Drawn]:
    return st.builds(
        Drawn,
        st.just(kind),
        st.sampled_from(mains),
        st.sampled_from(EFFECTS.get(kind, ("",))),
        st.just(scope),
        st.sampled_from(on),
        st.sampled_from(whens),
        st.sampled_from(sums),
        st.sampled_from(("allowed", "allowed", "eligible")),
        st.sampled_from(components),
    )


SUMS_OF_DAYS: Final = (NO_SUMS, SUMS[0], SUMS[2], SUMS[3])
JUDGING: Final = weighted(
    (8, _rule("limit", LIMITS, on=ON, whens=WHENS, sums=(*(NO_SUMS,) * 4, *SUMS))),
    (1, _rule("limit", ON_DAYS_MOST, scope="day", on=ON_TRIPS, whens=DAYS_WHEN, sums=SUMS_OF_DAYS)),
    *(
        part
        for kind in ("require", "forbid", "flag")
        for part in (
            (3, _rule(kind, CONDITIONS, on=ON, whens=WHENS)),
            (1, _rule(kind, ON_DAYS, scope="day", on=ON_TRIPS, whens=DAYS_WHEN)),
            (1, _rule(kind, ON_DAYS, scope="period", on=ON_TRIPS, whens=DAYS_WHEN)),
            (1, _rule(kind, OF_CLAIMS, scope="claim", whens=CLAIMS_WHEN)),
        )
    ),
)
"""Limits, requires, forbids and flags, on lines, on the days of trips, on claims."""

GIVING: Final = weighted(
    (2, _rule("allow", GIVEN, on=('"diem"', '"taxi"'), whens=WHENS, components=("one", "two"))),
    *(
        (
            weight,
            _rule(
                "allow", ON_DAYS_MOST, scope=scope, on=('"diem"',), whens=DAYS_WHEN,
                components=(f"{scope} one", f"{scope} two"),
            ),
        )
        for weight, scope in ((2, "day"), (1, "period"))
    ),
    (2, _rule("measure", MEASURED, on=ON, whens=WHENS, sums=(NO_SUMS, *SUMS))),
    (1, _rule("measure", ON_DAYS_MOST, scope="day", on=ON_TRIPS, whens=DAYS_WHEN)),
    (1, _rule("measure", ("claim_total", "claim_lines", "later"), scope="claim")),
)  # fmt: skip
"""Allows and measures."""


def rules(*, most: int = 6) -> st.SearchStrategy[list[Drawn]]:
    """Draw the rules of a policy: mostly ones that find something, now and then the same twice."""
    drawn = st.lists(weighted((5, JUDGING), (1, GIVING)), min_size=1, max_size=most)
    return st.tuples(drawn, st.booleans()).map(lambda two: [*two[0], *two[0][: 1 if two[1] else 0]])


def everything() -> list[Drawn]:
    """Give rules that together have every expression, scope and window."""
    sums = [Drawn("limit", "cap", "cap", sums=one) for one in SUMS]
    measures = [Drawn("measure", text) for text in MEASURED]
    given = [Drawn("allow", text, on='"diem"', component="one") for text in GIVEN]
    parts = [
        rule
        for scope in ("day", "period")
        for rule in (
            *(Drawn("require", text, "note", scope, '"diem"') for text in ON_DAYS),
            *(Drawn("measure", text, scope=scope, on='"diem"') for text in ON_DAYS_MOST),
        )
    ]
    claims = [Drawn("flag", text, "note", "claim") for text in OF_CLAIMS]
    whens = [Drawn("forbid", "amount > 60", "justify", when=text) for text in WHENS]
    plain = [Drawn("flag", text, "note") for text in CONDITIONS]
    limits = [Drawn("limit", text, "justify") for text in LIMITS]
    return [*plain, *limits, *sums, *measures, *given, *parts, *claims, *whens]


def coded(drawn: Sequence[Drawn]) -> list[tuple[str, Drawn]]:
    """Give each rule a code; waivers are for codes like these."""
    return [(f"r{number}", rule) for number, rule in enumerate(drawn)]


def written(pairs: Sequence[tuple[str, Drawn]], head: str = HEAD) -> str:
    """Write a policy of coded rules, with the named windows that they read."""
    rules = "\n".join(rule.toml(code) for code, rule in pairs)
    return head + "".join(text for name, text in WINDOWS.items() if name in rules) + rules


@lru_cache(maxsize=500)
def ready(text: str) -> Evaluator:
    """Make a policy ready to decide."""
    return Evaluator(parse_policy(text))
