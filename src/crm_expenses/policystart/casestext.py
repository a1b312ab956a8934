"""Writes the cases of a policy that was begun: both sides of each boundary, decided on paper.

What must come out is worked out here from the answers alone, not by the engine: a rule that was
written wrongly makes a case fail.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from crm_expenses.core.money import exponent
from crm_expenses.messages import LANGUAGES, text
from crm_expenses.policystart.interview import Answers
from crm_expenses.policystart.policytext import ENTERTAINMENT, VOUCHERS, note, source_text
from crm_expenses.policystart.tomltext import Plain, array, inline, literal, quoted

ATTENDEES: Final = 4
NIGHTS: Final = 2
DISTANCE: Final = 1000
FAPIAO: Final = "e_fapiao"

Facts = Mapping[str, Plain]
NO_FACTS: Final[Facts] = {}

_WORSE: Final = ("pass", "reduced", "justify", "review", "reject")


@dataclass(frozen=True)
class _Line:
    """A line of a claim as a case writes it; `facts` are all beside category, date and amount."""

    category: str
    date: date
    amount: Decimal
    facts: Facts


@dataclass(frozen=True)
class _Expect:
    """What a case expects."""

    outcome: str = "pass"
    allowed: Decimal = Decimal(0)
    findings: frozenset[str] = frozenset()


def cases_text(answers: Answers, file: str) -> str:
    """Write the cases; `file` is the name of the policy's file."""
    made = _Cases(answers)
    parts = [list(note("start.note.cases", file=file)), *map(list, made.all())]
    return "\n".join("\n".join(part) + "\n" for part in parts)


def _plain_day(starts: date) -> date:
    """Give a Wednesday on which the figures hold, in weeks that hardly any calendar touches."""
    days = (date(starts.year + more, *day) for more in (0, 1) for day in ((3, 9), (7, 15)))
    day = next(day for day in days if day >= starts)
    return day + timedelta(days=(2 - day.weekday()) % 7)


class _Cases:
    """The cases of one policy."""

    def __init__(self, answers: Answers) -> None:
        self._of = answers
        self._places = exponent(answers.currency)
        self._minor = Decimal(1).scaleb(-self._places)
        self._day = _plain_day(answers.starts)
        self._count = 0

    def all(self) -> Iterator[Iterator[str]]:
        by_category: Mapping[str, Callable[[], Iterator[Iterator[str]]]] = {
            "meal": self._meal,
            "lodging": self._lodging,
            "local_transport": lambda: self._plain("local_transport", "day"),
            "intercity": self._intercity,
            ENTERTAINMENT: self._entertainment,
            "gift": self._gift,
            "communication": lambda: self._plain("communication", "month"),
            "mileage": self._mileage,
        }
        for category in self._of.categories:
            yield from by_category[category]()
        if self._of.needs_voucher:
            yield from self._voucher()
        yield from self._deadline()
        for step in ("approval.manager", "approval.finance"):
            yield from self._approval(step)

    # By category

    def _meal(self) -> Iterator[Iterator[str]]:
        yield from self._plain("meal", "day")
        cap = self._of.figures["meal_day"]
        lines = [self._line("meal", amount) for amount in (cap, self._minor)]
        expect = _Expect("reduced", cap, frozenset({"meal.day"}))
        yield self._case("share", "meal.day", lines, expect)

    def _plain(self, category: str, period: str) -> Iterator[Iterator[str]]:
        cap = self._of.figures[f"{category}_{period}"]
        yield from self._around(f"{category}.{period}", category, cap)

    def _around(
        self, code: str, category: str, cap: Decimal, facts: Facts = NO_FACTS
    ) -> Iterator[Iterator[str]]:
        """Give the case at a limit, and the one just above it."""
        for side, amount in (("at", cap), ("above", cap + self._minor)):
            yield self._one(side, code, self._line(category, amount, facts))

    def _lodging(self) -> Iterator[Iterator[str]]:
        grades = self._of.grades
        for tier, caps in self._of.lodging.items():
            city = self._city(tier)
            if city is None:
                continue
            for grade, cap in list(zip(grades, caps, strict=True))[:: max(1, len(grades) - 1)]:
                named = f"{grade}, {tier}" if len(self._of.tiers) > 1 else grade
                facts: Facts = {"nights": NIGHTS, "city": city}
                for side, amount in (("at", cap * NIGHTS), ("above", cap * NIGHTS + self._minor)):
                    line = self._line("lodging", amount, facts)
                    yield self._one(side, "lodging.night", line, named, grade)
        title = "lodging.complete" if len(self._of.tiers) > 1 else "lodging.nights"
        yield self._one("missing", title, self._line("lodging", self._minor))

    def _city(self, tier: str) -> str | None:
        """Give a city of a tier; none where none is listed."""
        listed = self._of.cities.get(tier, ())
        if tier != self._of.tiers[-1]:
            return listed[0] if listed else None
        taken = {city for cities in self._of.cities.values() for city in cities}
        city = "Elsewhere"
        while city in taken:
            city += "!"
        return city

    def _intercity(self) -> Iterator[Iterator[str]]:
        yield from self._around(
            "intercity.large", "intercity", self._of.figures["intercity_review"]
        )

    def _entertainment(self) -> Iterator[Iterator[str]]:
        figures = self._of.figures
        whole = self._whole(ENTERTAINMENT)
        cap = figures["entertainment_head"] * ATTENDEES
        yield from self._around("entertainment.head", ENTERTAINMENT, cap, whole)
        yield self._one("missing", "entertainment.complete", self._line(ENTERTAINMENT, self._minor))
        limit = figures["entertainment_approval"]
        facts: Facts = {**whole, "justification": "-", "pre_approved": False}
        yield from self._around("entertainment.approved", ENTERTAINMENT, limit, facts)
        saturday = self._line(ENTERTAINMENT, self._minor, whole, self._day + timedelta(days=3))
        yield self._one("weekend", "entertainment.rest_day", saturday)

    def _gift(self) -> Iterator[Iterator[str]]:
        figures = self._of.figures
        yield from self._around("gift.item", "gift", figures["gift_item"], {"account": "A-1"})
        yield self._one("missing", "gift.customer", self._line("gift", self._minor))
        above = figures["gift_year"] + self._minor
        line = self._line("gift", above, {"account": "A-2", "justification": "-"})
        yield self._one("reason", "gift.year", line)

    def _mileage(self) -> Iterator[Iterator[str]]:
        yield from self._around("mileage.rate", "mileage", self._driven(), {"distance": DISTANCE})
        yield self._one("missing", "mileage.complete", self._line("mileage", self._minor))

    def _driven(self) -> Decimal:
        rate = self._of.figures["mileage_rate"]
        return (rate * DISTANCE).quantize(self._minor, ROUND_HALF_UP)

    # On every category

    def _voucher(self) -> Iterator[Iterator[str]]:
        title = VOUCHERS[self._of.voucher]
        category = next(one for one in self._of.categories if one != "mileage")
        start = self._of.figures["voucher_from"]
        sides = [("from", start)]
        if start > 0:
            sides.append(("below", start - self._minor))
        for side, amount in sides:
            line = _Line(category, self._day, amount, self._whole(category))
            yield self._one(side, title, line)

    def _deadline(self) -> Iterator[Iterator[str]]:
        category = self._of.categories[0]
        line = self._line(category, self._minor, self._whole(category))
        for side, late in (("in_time", 0), ("late", 1)):
            days = self._of.submit_days + late
            yield self._one(side, "submit.days", line, days=days)

    def _whole(self, category: str) -> Facts:
        """Give the facts with which a line of a category lacks nothing."""
        match category:
            case "lodging":
                return {"nights": 1, "city": self._city(self._of.tiers[-1]) or ""}
            case "entertainment":
                return {"account": "A-1", "attendees": ATTENDEES, "pre_approved": True}
            case "gift":
                return {"account": "A-1"}
            case "mileage":
                return {"distance": DISTANCE}
            case _:
                return NO_FACTS

    def _approval(self, step: str) -> Iterator[Iterator[str]]:
        """Give both sides of a step's amount, in a category that hardly cuts it."""
        free = [one for one in ("intercity", ENTERTAINMENT, "gift") if one in self._of.categories]
        category = [*free, self._of.categories[0]][0]
        facts = {**self._whole(category), "justification": "-"}
        above = self._of.figures[f"{step.removeprefix('approval.')}_above"]
        yield from self._around(step, category, above, facts)

    # What must come out

    def _expected(self, line: _Line, grade: str, days: int) -> _Expect:
        """Work out what the rules say of a claim of one line, from the answers."""
        broken = self._broken(line, days)
        found, left, outcomes = set(broken), line.amount, list(broken.values())
        for code, effect, cap in self._caps(line, grade):
            if line.amount <= cap:
                continue
            found.add(code)
            if effect == "justify" and "justification" in line.facts:
                continue  # the reason settles it
            left = min(left, cap)
            outcomes.append("reduced" if effect == "cap" else effect)
        if "reject" in outcomes:
            left = Decimal(0)
        # Sums over a time come after the rules on the line alone, and take in what those left.
        code, cap = self._sum(line)
        if code and left > cap:
            found.add(code)
            left = cap
            outcomes.append("reduced")
        worst = max(outcomes, key=_WORSE.index, default="pass")
        return _Expect(worst, left, frozenset(found))

    def _sum(self, line: _Line) -> tuple[str, Decimal]:
        """Give the rule that sums over a time, and its limit; no code where there is none."""
        figures = self._of.figures
        match line.category:
            case "meal":
                return "meal.day", figures["meal_day"]
            case "local_transport":
                return "local_transport.day", figures["local_transport_day"]
            case "communication":
                return "communication.month", figures["communication_month"]
            case "gift" if "account" in line.facts:
                return "gift.year", figures["gift_year"]
            case _:
                return "", Decimal(0)

    def _caps(self, line: _Line, grade: str) -> Iterator[tuple[str, str, Decimal]]:
        figures, facts = self._of.figures, line.facts
        match line.category:
            case "lodging" if "nights" in facts:
                tier = self._tier_of(str(facts["city"]))
                night = self._of.lodging[tier][self._of.grades.index(grade)]
                yield "lodging.night", "cap", night * int(str(facts["nights"]))
            case "entertainment" if "attendees" in facts:
                cap = figures["entertainment_head"] * ATTENDEES
                yield "entertainment.head", "justify", cap
            case "gift":
                yield "gift.item", "justify", figures["gift_item"]
            case "mileage" if "distance" in facts:
                yield "mileage.rate", "cap", self._driven()

    def _tier_of(self, city: str) -> str:
        tiers = (tier for tier, cities in self._of.cities.items() if city in cities)
        return next(tiers, self._of.tiers[-1])

    def _broken(self, line: _Line, days: int) -> dict[str, str]:
        """Give the rules that are broken beside limits, each with its effect."""
        figures, facts, found = self._of.figures, line.facts, {}
        match line.category:
            case "lodging" if "nights" not in facts:
                found["lodging.complete"] = "review"
            case "intercity" if line.amount > figures["intercity_review"]:
                found["intercity.large"] = "review"
            case "entertainment":
                if "attendees" not in facts:
                    found["entertainment.complete"] = "reject"
                above = line.amount > figures["entertainment_approval"]
                if above and facts.get("pre_approved") is not True:
                    found["entertainment.approved"] = "review"
                if line.date.weekday() >= 5:
                    found["entertainment.rest_day"] = "review"
            case "gift" if "account" not in facts:
                found["gift.customer"] = "reject"
            case "mileage" if "distance" not in facts:
                found["mileage.complete"] = "review"
        is_bare = "voucher" not in facts and line.category != "mileage"
        if is_bare and line.amount >= figures["voucher_from"]:
            found["voucher.needed"] = "justify"
        if days > self._of.submit_days:
            found["submit.days"] = "reject"
        return found

    def _approvals(self, expect: _Expect) -> list[str]:
        """Give the steps that are due; nobody approves what is rejected."""
        if expect.outcome == "reject":
            return []
        figures = self._of.figures
        due = {
            "finance": expect.allowed > figures["finance_above"],
            "manager": expect.allowed > figures["manager_above"] or expect.outcome == "review",
        }
        return [code for code, is_due in due.items() if is_due]

    # Writing

    def _line(
        self, category: str, amount: Decimal, facts: Facts = NO_FACTS, day: date | None = None
    ) -> _Line:
        """Make a line that is backed by a voucher; a distance has none."""
        if category != "mileage":
            self._count += 1
            facts = {**facts, "voucher": f"{1000 + self._count}"}
        return _Line(category, day or self._day, amount, facts)

    def _one(
        self, side: str, title: str, line: _Line, of: str = "", grade: str = "", days: int = 0
    ) -> Iterator[str]:
        grade = grade or self._of.grades[0]
        expect = self._expected(line, grade, days)
        return self._case(side, title, [line], expect, of=of, grade=grade, days=days)

    def _case(
        self,
        side: str,
        title: str,
        lines: Sequence[_Line],
        expect: _Expect,
        *,
        of: str = "",
        grade: str = "",
        days: int = 0,
    ) -> Iterator[str]:
        names = []
        for language in LANGUAGES:
            said = text(f"start.rule.{title}", language)
            name = text(f"start.case.{side}", language, title=said)
            names.append(text("start.case.of", language, name=name, of=of) if of else name)
        submitted = lines[0].date + timedelta(days=days)
        person = inline((("id", "P-1"), ("grade", grade or self._of.grades[0])))
        yield "[[case]]"
        yield f"name = {quoted(' / '.join(names))}"
        yield f"source = {quoted(source_text())}"
        yield "[case.claim]"
        yield 'claim = "C-1"'
        yield f"person = {person}"
        yield f"submitted = {literal(submitted)}"
        for number, line in enumerate(lines, 1):
            yield "[[case.claim.lines]]"
            yield f'line = "{number}"'
            yield f"date = {literal(line.date)}"
            yield f"category = {quoted(line.category)}"
            yield f"amount = {quoted(self._amount(line.amount))}"
            yield from map(self._fact, line.facts.items())
        yield "[case.expect]"
        yield f"outcome = {quoted(expect.outcome)}"
        yield f"allowed = {quoted(self._amount(expect.allowed))}"
        yield f"findings = {array(sorted(expect.findings))}"
        yield f"approvals = {array(self._approvals(expect))}"

    def _fact(self, pair: tuple[str, Plain]) -> str:
        name, value = pair
        if name == "voucher":
            kind = FAPIAO if self._of.voucher == "fapiao" else "receipt"
            return f"voucher = {inline((('kind', kind), ('number', value)))}"
        if isinstance(value, bool):
            return f"{name} = {str(value).lower()}"
        return f"{name} = {literal(value)}"

    def _amount(self, value: Decimal) -> str:
        return f"{value.quantize(self._minor):f}"
