"""The lines: where each fact comes from that the language has a name for."""

from collections.abc import Callable
from typing import Final

from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql.base import Steps, whole_sum
from crm_expenses.rules.sql.cell import Cell, CellKind, Days
from crm_expenses.rules.sql.day_rows import DayRows
from crm_expenses.rules.sql.dialect import Dialect, Fn
from crm_expenses.rules.sql.line_amounts import amount, amount_original
from crm_expenses.rules.sql.line_tables import LineTables
from crm_expenses.rules.sql.schema import own_column
from crm_expenses.rules.sql.tables import Lookups
from crm_expenses.rules.sql.text import Sql, either, failure_if, first_failure
from crm_expenses.rules.tree import EACH_MAX, Node, Sort, names_in

_TEXTS: Final = (
    "city", "account", "opportunity", "trip", "merchant", "purpose", "justification", "payment",
    "travel_class",
)  # fmt: skip
_COUNTS: Final = ("nights", "attendees", "distance")
_PLAIN: Final = {
    "as_of": ("f_date", "l.spent_on", False),
    "date": ("f_date", "l.spent_on", False),
    "category": ("f_category", "l.category", False),
    "currency": ("f_currency", "l.currency", False),
    "is_credit": ("f_is_credit", "(l.amount < 0)", False),
    **{name: (f"f_{name}", f"NULLIF(l.{name}, '')", True) for name in _TEXTS},
    **{name: (f"f_{name}", f"l.{name}", True) for name in _COUNTS},
}
"""By the name of a fact of the line alone: its cell, its text, and whether it can lack."""


class Lines(LineTables):
    """The lines: their facts by the names of the language."""

    def __init__(
        self,
        policy: Policy,
        dialect: Dialect,
        lookups: Lookups,
        steps: Steps,
        absent: frozenset[str],
        flat: frozenset[str],
        *,
        by_place: bool,
    ) -> None:
        super().__init__(policy, dialect, lookups, steps, absent, flat, by_place=by_place)
        self.days = {scope: DayRows(self, scope) for scope in (RuleScope.DAY, RuleScope.PERIOD)}
        self.of_claim: Callable[[str], Sql] = _no_claims
        self.given: dict[str, Sql] = {}
        self._values: dict[str, Sql] = {}

    # Facts

    def read(self, name: str) -> Sql:
        """Give a fact of the line."""
        known = self.given.get(name) or self._values.get(name)
        if known is None:
            known = self._values[name] = self._read(name)
        return known

    def _read(self, name: str) -> Sql:  # noqa: C901, PLR0912  one case a kind of fact
        fact = self.policy.facts.get(name)
        if fact is not None and fact.of is not FactOf.DAY:
            alias = {
                FactOf.LINE: lambda: "l", FactOf.CLAIM: self.claims, FactOf.PERSON: self.people
            }[fact.of]()  # fmt: skip
            return self.own_fact(fact, f"{alias}.{own_column(name)}", alias)
        if name in _PLAIN:
            cell, text, lacks = _PLAIN[name]
            return self.column(cell, text, lacks=lacks)
        match name:
            case "claim":
                return Sql("claim", frozenset({"claim"}))
            case "amount":
                return amount(self)
            case "amount_original":
                return amount_original(self)
            case "rate_source" | "rate_age_days":
                return self._of_rate(name)
            case "age_days":
                day, submitted = self.read("date"), self.read("submitted")
                text = self.dialect(Fn.DAYS, day.text, submitted.text)
                return self.derived("f_age_days", text, day, submitted)
            case "submitted" | "person" | "status_counts":
                return self._of_claim_row(name)
            case "claim_total" | "claim_lines":
                return self.of_claim(name)
            case "pre_approved" | "pre_approved_amount" | "pre_approval":
                return self._of_approval(name)
            case "has_person" | "grade" | "team" | "person_city" | "person_active":
                return self._of_person(name)
            case "budget_available" | "budget_allocated":
                b = self.position()
                return self.column(f"f_{name}", f"{b}.{name.removeprefix('budget_')}", b)
            case "voucher_kind" | "voucher_number" | "voucher_amount" | "voucher_date":
                return self._of_voucher(name)
            case "trip_minutes" | "trip_days" | "trip_nights":
                return self._trip_count(name)
            case "trip_departs" | "trip_returns" | "trip_place" | "trip_is_odd":
                return self._of_trip(name)
            case _:  # pragma: no cover  the catalogue is closed
                raise AssertionError(name)

    def _of_rate(self, name: str) -> Sql:
        rate = self.rate_join("r", "l.currency", "l.spent_on")
        text = f"{rate}.source"
        if name == "rate_age_days":
            text = self.dialect(Fn.DAYS, f"{rate}.rate_day", "l.spent_on")
        return self.column(f"f_{name}", text, rate)

    def _of_claim_row(self, name: str) -> Sql:
        c = self.claims()
        if name == "submitted":
            return self.column("f_submitted", f"{c}.submitted_on", c, lacks=False)
        if name == "person":
            return self.column("f_person", f"{c}.person", c, lacks=False)
        text = (
            f"(COALESCE(NULLIF({c}.status, ''), 'submitted') IN ('submitted', 'approved', 'paid'))"
        )
        return self.column("status_counts", text, c, lacks=False)

    def _of_approval(self, name: str) -> Sql:
        said = "COALESCE(l.pre_approved, FALSE)"
        if name == "pre_approved" and "pre_approvals" in self.absent:
            return self.column("f_pre_approved", said, lacks=False)
        a = self.approved()
        if name == "pre_approved_amount":
            return self.column("f_pre_approved_amount", f"{a}.minor", a)
        if name == "pre_approval":
            return self.column("f_pre_approval", f"{a}.pre_approval", a)
        text = f"({said} OR {a}.place IS NOT NULL)"
        return self.column("f_pre_approved", text, a, lacks=False)

    def _of_person(self, name: str) -> Sql:
        if name == "has_person" and "people" in self.absent:
            return self.column("k_has_person", "TRUE", lacks=False)
        p = self.people()
        if name == "has_person":
            return self.column("k_has_person", f"({p}.person IS NOT NULL)", p, lacks=False)
        if name == "person_active":
            text = (
                f"(CASE WHEN {p}.person IS NOT NULL THEN"
                f" ({p}.active_from IS NULL OR {p}.active_from <= l.spent_on)"
                f" AND ({p}.active_to IS NULL OR l.spent_on <= {p}.active_to) END)"
            )
            return self.column("f_person_active", text, p)
        return self.column(f"f_{name}", f"NULLIF({p}.{name.removeprefix('person_')}, '')", p)

    def _of_voucher(self, name: str) -> Sql:
        v, own = self.vouchers(), self.dialect
        if name == "voucher_kind":
            text = f"COALESCE(NULLIF({v}.kind, ''), 'none')"
            return self.column("f_voucher_kind", text, v, lacks=False)
        if name == "voucher_number":
            number, code = f"NULLIF({v}.number, '')", f"NULLIF({v}.code, '')"
            both = own(Fn.CONCAT, code, own(Fn.CONCAT, "'-'", number))
            text = f"(CASE WHEN {code} IS NULL THEN {number} ELSE {both} END)"
            return self.column("f_voucher_number", text, v)
        if name == "voucher_amount":
            head = "voucher_" if v == "l" else ""
            is_ours = f"{v}.{head}currency = {own.text(self.policy.currency)}"
            text = f"(CASE WHEN {is_ours} THEN {v}.{head}amount END)"
            return self.column("f_voucher_amount", text, v)
        return self.column("f_voucher_date", f"{v}.issued_on", v)

    def _of_trip(self, name: str) -> Sql:
        t = self.trips()
        if name == "trip_is_odd":
            text = f"({t}.trip IS NULL OR {t}.is_odd)"
            return self.column("trip_is_odd", text, t, lacks=False)
        held = {"departs": "first_day", "returns": "last_day", "place": "first_place"}
        return self.column(f"f_{name}", f"{t}.{held[name.removeprefix('trip_')]}", t)

    def _trip_count(self, name: str) -> Sql:
        t = self.trips()
        odd = self.column("trip_span_odd", f"({t}.trip IS NOT NULL AND {t}.is_odd)", t, lacks=False)
        fail = failure_if(odd.text, "missing")
        if name == "trip_nights":
            days = self.days[RuleScope.DAY]
            night = days.read("night")
            count = "SUM(CASE WHEN " + night.text + " <> 'none' THEN 1 ELSE 0 END)"
            total = self.over_days(RuleScope.DAY, "trip_nights_told", count, night.needs)
            return Sql(total.text, total.needs | odd.needs, fail, may_lack=True)
        held = {"trip_minutes": "minutes", "trip_days": "days"}[name]
        found = self.column(f"f_{name}", f"{t}.{held}", t)
        return Sql(found.text, found.needs | odd.needs, fail, may_lack=True)

    # Sums over days and lines

    def over_days(
        self, scope: RuleScope, name: str, text: str, cells: frozenset[str], fallback: str = ""
    ) -> Sql:
        """Add what is aggregated over the days or periods of the line's trip."""
        days = self.days[scope]
        trip = self.read("trip")
        mine = days.parents(cells) | trip.needs
        own = frozenset(cell for cell in cells if cell in days.cells)
        data = Days(scope.value, text, own)
        self.cells.setdefault(
            name, Cell(name, CellKind.DAYS, "", mine, data=data, fallback=fallback)
        )
        return Sql(name, frozenset({name}), may_lack=True)

    def each(self, node: Node) -> Sql:
        """Give the sum or the count of a value over the line's days or periods."""
        value = self.policy.values[str(node.value)]
        days = self.days[value.of]
        known = self._values.get(f"each {value.name}")
        if known is not None:
            return known
        written = days.bind(days.writer.write(value.node), value.name)
        uncertain = sorted(names_in(value.node) & self.policy.catalogue.uncertain())
        missing = [days.read(name) for name in uncertain]
        lacks = either(f"{one.text} IS NULL" for one in missing)
        failure = first_failure(failure_if(lacks, "missing") if missing else None, written.fail)
        if value.node.type.sort is Sort.QUANTITY:
            term = written.text
        else:
            term = f"(CASE WHEN {written.text} THEN 1 ELSE 0 END)"
        number = days.read("day_number")
        cells = written.needs | number.needs
        for one in missing:
            cells |= one.needs
        own = self.dialect
        total = self.over_days(value.of, f"total_{value.name}", whole_sum(own, term), cells)
        odd = self.read("trip_is_odd")
        trip_fails = failure_if(odd.text, "missing")
        beyond = failure_if(f"ABS({total.text}) > {EACH_MAX}", "beyond")
        of_days = None
        needs = total.needs | odd.needs
        if failure is not None:
            first = f"MIN(CASE WHEN {failure} IS NOT NULL THEN {number.text} * 16 + {failure} END)"
            code = self.over_days(value.of, f"total_{value.name}_failed", first, cells)
            of_days = own(Fn.REMAINDER, code.text, "16")
            needs |= code.needs
        fail = first_failure(trip_fails, of_days, beyond)
        known = self.bind(Sql(total.text, needs, fail, may_lack=True), f"total_{value.name}")
        self._values[f"each {value.name}"] = known
        return known

    def of_lines(self, node: Node) -> Sql:
        """Give the sum or count of the claim's lines of some categories."""
        options = node.value if isinstance(node.value, tuple) else ()
        return self.of_claim(f"{node.op.value}:{','.join(map(str, options))}")


def _no_claims(name: str) -> Sql:  # pragma: no cover  a plan always sets it
    raise AssertionError(name)
