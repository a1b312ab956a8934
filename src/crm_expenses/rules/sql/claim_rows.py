"""The claims: where each fact comes from that the language has a name for."""

from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.sql.base import (
    Base,
    ordered_rules,
    people_join,
    replace_name,
    stems,
    whole_sum,
)
from crm_expenses.rules.sql.cell import Cell, CellKind
from crm_expenses.rules.sql.dialect import Fn
from crm_expenses.rules.sql.line_rows import Lines
from crm_expenses.rules.sql.schema import Kind, own_column
from crm_expenses.rules.sql.script import Step
from crm_expenses.rules.sql.text import Sql, either, failure_if, first_failure
from crm_expenses.rules.tree import EACH_MAX, MONEY_MAX, Node, Sort, names_in


class Claims(Base):
    """The claims: their facts by the names of the language, and the waivers that name them."""

    scope = RuleScope.CLAIM

    def __init__(self, lines: Lines) -> None:
        super().__init__(lines.policy, lines.dialect, lines.lookups, lines.steps)
        self.lines = lines
        self.prefix = "k_"
        self._values: dict[str, Sql] = {}

    @property
    def table(self) -> str:
        """The table of claims; where its columns stand on the lines, one row a claim of these."""
        if "claims" not in self.lines.flat:
            self.steps.tables.add("claims")
            return "claims"
        names = ["person", "submitted_on", "status"]
        names += [own_column(n) for n, f in self.policy.facts.items() if f.of is FactOf.CLAIM]
        listed = ", ".join(f"MIN({name}) AS {name}" for name in names)
        return f"(SELECT claim, {listed} FROM expense_lines GROUP BY claim)"

    def up(self, name: str, text: str, needs: frozenset[str], fallback: str = "") -> Sql:
        """Add what is aggregated over the claim's lines; `fallback` is without any."""
        self.cells.setdefault(name, Cell(name, CellKind.UP, text, needs, fallback=fallback))
        return Sql(name, frozenset({name}), may_lack=not fallback)

    def _people(self) -> str:
        self.steps.tables.add("people")
        return self.join("p", people_join("c"))

    def waived(self, stem: str) -> Sql | None:
        """Say whether a waiver covers a claim for a rule; None without waivers."""
        if "waivers" in self.lines.absent:
            return None
        own = self.dialect
        names = stems(self.policy)
        flags = ",\n  ".join(
            f"MAX(CASE WHEN w.rule_code = {own.text(rule.code)} THEN 1 ELSE 0 END)"
            f" AS w_{names[rule.code]}"
            for rule in ordered_rules(self.policy)
            if rule.scope is RuleScope.CLAIM
        )
        query = f"""SELECT c.claim, {flags}
FROM claims AS c
JOIN waivers AS w ON (NULLIF(w.person, '') IS NULL OR w.person = c.person)
  AND (NULLIF(w.claim, '') IS NULL OR w.claim = c.claim) AND NULLIF(w.line, '') IS NULL
WHERE w.granted_by <> c.person AND c.submitted_on <= w.ends_on
  AND (w.starts_on IS NULL OR w.starts_on <= c.submitted_on)
  AND COALESCE(NULLIF(w.person, ''), NULLIF(w.claim, '')) IS NOT NULL
GROUP BY c.claim"""
        note = ("the rules that a waiver lets pass, by claim",)
        self.steps.add(Step("waived_claims", query, note), "waivers", "claims")
        self.join("kw", "LEFT JOIN waived_claims AS kw ON kw.claim = c.claim")
        name = f"k_waived_{stem}"
        self.source(name, f"COALESCE(kw.w_{stem}, 0)", ("kw",))
        return Sql(name, frozenset({name}))

    def read(self, name: str) -> Sql:
        """Give a fact of the claim."""
        known = self._values.get(name)
        if known is None:
            known = self._values[name] = self._read(name)
        return known

    def _read(self, name: str) -> Sql:  # noqa: C901, PLR0912  one case a fact
        own, lines = self.dialect, self.lines
        fact = self.policy.facts.get(name)
        if fact is not None and fact.of in (FactOf.CLAIM, FactOf.PERSON):
            alias = "c" if fact.of is FactOf.CLAIM else self._people()
            made = replace_name(fact, f"k_{fact.name}")
            return self.own_fact(made, f"{alias}.{own_column(fact.name)}", alias)
        head, _, listed = name.partition(":")
        categories = ", ".join(own.text(one) for one in listed.split(",")) if listed else ""
        match head:
            case "as_of" | "submitted":
                return self.column("k_submitted", "c.submitted_on", "c", lacks=False)
            case "person":
                return self.column("k_person", "c.person", "c", lacks=False)
            case "has_person":
                if "people" in lines.absent:
                    return self.column("k_has_person", "TRUE", "c", lacks=False)
                p = self._people()
                return self.column("k_has_person", f"({p}.person IS NOT NULL)", p, lacks=False)
            case "grade" | "team":
                p = self._people()
                return self.column(f"k_{name}", f"NULLIF({p}.{name}, '')", p)
            case "person_city":
                p = self._people()
                return self.column("k_person_city", f"NULLIF({p}.city, '')", p)
            case "claim_total":
                amount = lines.read("amount")
                total = self.up("k_sum", whole_sum(own, amount.text), amount.needs, own.long(0))
                lacking = self.up(
                    "k_lacking",
                    own.cast(f"SUM(CASE WHEN {amount.text} IS NULL THEN 1 ELSE 0 END)", Kind.WHOLE),
                    amount.needs,
                    own.long(0),
                )
                total = Sql(f"COALESCE({total.text}, 0)", total.needs)
                text = (
                    f"(CASE WHEN {lacking.text} = 0 AND ABS({total.text}) <= {MONEY_MAX}"
                    f" THEN {total.text} END)"
                )
                return self.derived("k_claim_total", text, total, lacking, lacks=True)
            case "claim_lines":
                return self.up(
                    "k_claim_lines", own.cast("COUNT(*)", Kind.WHOLE), frozenset(), own.long(0)
                )
            case "first_date" | "last_date":
                day = lines.read("date")
                aggregate = "MIN" if name == "first_date" else "MAX"
                return self.up(f"k_{name}", f"{aggregate}({day.text})", day.needs)
            case "oldest_days":
                first, submitted = self.read("first_date"), self.read("submitted")
                text = own(Fn.DAYS, first.text, submitted.text)
                return self.derived("k_oldest_days", text, first, submitted, lacks=True)
            case "claim_allowed":
                left = lines.read("allowed")
                found = self.up(
                    "k_claim_allowed", whole_sum(own, left.text), left.needs, own.long(0)
                )
                return Sql(found.text, found.needs)
            case "count_of":
                category = lines.read("category")
                text = own.cast(
                    f"SUM(CASE WHEN {category.text} IN ({categories}) THEN 1 ELSE 0 END)",
                    Kind.WHOLE,
                )
                return self.up(f"k_count_{_short(listed)}", text, category.needs, own.long(0))
            case "total_of":
                return self._total(listed, categories)
            case _:  # pragma: no cover  the catalogue is closed
                raise AssertionError(name)

    def _total(self, listed: str, categories: str) -> Sql:
        """Sum the lines of some categories: the first that lacks a rate is a failure."""
        own, lines = self.dialect, self.lines
        category, amount = lines.read("category"), lines.read("amount")
        needs = category.needs | amount.needs
        is_in = f"{category.text} IN ({categories})"
        short = _short(listed)
        term = f"CASE WHEN {is_in} THEN COALESCE({amount.text}, 0) ELSE 0 END"
        total = self.up(f"k_total_{short}", whole_sum(own, term), needs, own.long(0))
        lacks = f"CASE WHEN {is_in} AND {amount.text} IS NULL THEN 1 ELSE 0 END"
        lacking = self.up(f"k_lacking_{short}", f"MAX({lacks})", needs, "0")
        fail = failure_if(f"{lacking.text} = 1 OR ABS({total.text}) > {MONEY_MAX}", "missing")
        return Sql(total.text, total.needs | lacking.needs, fail)

    def each(self, node: Node) -> Sql:
        """Give the sum or the count of a value over the claim's lines."""
        value = self.policy.values[str(node.value)]
        known = self._values.get(f"each {value.name}")
        if known is not None:
            return known
        lines, own = self.lines, self.dialect
        written = lines.bind(lines.writer.write(value.node), value.name)
        uncertain = sorted(names_in(value.node) & self.policy.catalogue.uncertain())
        missing = [lines.read(name) for name in uncertain]
        lacks = either(f"{one.text} IS NULL" for one in missing)
        failure = first_failure(failure_if(lacks, "missing") if missing else None, written.fail)
        needs = written.needs.union(*(one.needs for one in missing))
        if value.node.type.sort is Sort.QUANTITY:
            term = written.text
        else:
            term = f"(CASE WHEN {written.text} THEN 1 ELSE 0 END)"
        total = self.up(f"k_each_{value.name}", whole_sum(own, term), needs, own.long(0))
        fail, all_needs = None, total.needs
        if failure is not None:
            first = f"MIN(CASE WHEN {failure} IS NOT NULL THEN place * 16 + {failure} END)"
            code = self.up(f"k_each_{value.name}_failed", first, needs | {"place"})
            fail = own(Fn.REMAINDER, code.text, "16")
            all_needs |= code.needs
        beyond = failure_if(f"ABS({total.text}) > {EACH_MAX}", "beyond")
        made = Sql(total.text, all_needs, first_failure(fail, beyond), may_lack=True)
        known = self._values[f"each {value.name}"] = self.bind(made, f"each_{value.name}")
        return known

    def of_lines(self, node: Node) -> Sql:
        """Give the sum or count of the lines of some categories."""
        options = node.value if isinstance(node.value, tuple) else ()
        return self.read(f"{node.op.value}:{','.join(map(str, options))}")


def _short(listed: str) -> str:
    """Give a name for a list of categories."""
    return "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in listed)
