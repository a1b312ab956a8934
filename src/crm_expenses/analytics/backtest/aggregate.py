"""From the tables of two policies to the figures of a back-test.

The engine adds up; here rows become figures, and the sums are proved against each other before
anything is shown.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from crm_expenses.analytics.backtest import queries as q
from crm_expenses.analytics.backtest.figures import (
    NEEDS_PERSON,
    BacktestFigures,
    Change,
    Crossing,
    Flip,
    Group,
    LineFlip,
    PersonNeeded,
    PolicySide,
    RuleFigure,
    Said,
    Spend,
    SweepPoint,
    Totals,
    Touched,
    Verdict,
)
from crm_expenses.analytics.backtest.session import Session
from crm_expenses.analytics.figures import Label
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.errors import ConfigError
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.wording import finding_title

FLIPS_MAX: Final = 100
"""Claims that a page lists; all of them stand in the Parquet file."""

FLIP_LINES_MAX: Final = 20
"""Lines that are listed of one claim."""

CROSSING_MAX: Final = 50
"""Claims that are listed of those that now need a person, and of those that no longer do."""

Where = tuple[str, str, str]
"""A claim, one of its lines or nothing for the claim itself, and `old` or `new`."""

Told = Mapping[Where, tuple[Said, ...]]
"""Findings in whole sentences, where the facts could be had."""


class Backtest:
    """The back-test of two policies whose results stand in tables of a session."""

    def __init__(
        self, session: Session, old: Policy, new: Policy, relations: q.Relations | None = None
    ) -> None:
        if old.currency != new.currency:
            raise ConfigError("backtest.currency", old=old.currency, new=new.currency)
        self._session = session
        self._old, self._new = old, new
        self._of = relations or q.Relations()
        self._make(q.left_out(self._of))
        self._has_left_out = self._count("bt_left_out") > 0
        self._make(q.zeroed())
        has_zeroed = self._count("bt_zeroed") > 0
        self._make(q.changed(self._of, has_zeroed=has_zeroed))
        self._make(q.cells(self._of, has_zeroed=has_zeroed))
        self._make(q.marks(has_zeroed=has_zeroed))
        self._make(q.BLAME)
        for table in q.touched(self._of):
            self._make(table)

    def flips_to(self, path: Path) -> None:
        """Write every decision that differs to a Parquet file."""
        self._session.write(q.all_flips(self._session.dialect, self._new.currency), path)

    def figures(self, told: Told | None = None, most: int = FLIPS_MAX) -> BacktestFigures:
        """Give all figures; `told` has the sentences of findings."""
        totals = self._totals()
        changes, needs = self._changes()
        rules = tuple(self._rules())
        categories, teams, months = (
            tuple(self._groups(key)) for key in ("category", "team", "month")
        )
        self._prove(totals, rules, (categories, teams, months), changes)
        flips = self._flips(told or {}, most)
        codes = {rule.code for rule in rules if rule.code}
        return BacktestFigures(
            old=side_of(self._old),
            new=side_of(self._new),
            currency=self._new.currency,
            totals=totals,
            rules=rules,
            categories=categories,
            teams=teams,
            months=months,
            changes=changes,
            now_needs=needs[0],
            no_longer_needs=needs[1],
            flips=flips,
            rule_titles={code: self._title(code) for code in sorted(codes)},
            category_titles={group.key: self._category(group.key) for group in categories},
        )

    # Asking

    def _make(self, table: q.Named) -> None:
        self._session.make(*table)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return rows_of(self._session, query)

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT COUNT(*) FROM {table}")[0][0])

    # Totals and groups

    def _totals(self) -> Totals:
        whole = next(self._groups(""), None)
        claims, people = self._rows(q.TOUCHED)[0]
        by_outcome = self._by_outcome()
        spend = whole.spend if whole else Spend(0, 0, 0, 0)
        lines = whole.touched.lines if whole else 0
        return Totals(
            claims=sum(by_outcome.values()),
            people=int(self._rows(q.people(self._of))[0][0]),
            left_out=self._count("bt_left_out"),
            spend=spend,
            touched=Touched(lines, int(claims), int(people)),
        )

    def _groups(self, key: str) -> Iterator[Group]:
        """Give the groups of a key: what the old policy allows, and the differences added."""
        of_cells, of_changed = q.by(key)
        differences = {row[0]: [int(cell) for cell in row[1:]] for row in self._rows(of_changed)}
        for name, *cells in self._rows(of_cells):
            lines, claimed, before = map(int, cells)
            touched = differences.pop(name, [0, 0, 0, 0])
            yield Group(
                month_text(int(name)) if key == "month" else str(name),
                Spend(lines, claimed, before, before + touched[3]),
                Touched(*touched[:3]),
            )

    def _rules(self) -> Iterator[RuleFigure]:
        spoke = {
            side: {
                str(code): int(count)
                for code, count in self._rows(q.spoken(side, has_left_out=self._has_left_out))
            }
            for side in ("old", "new")
        }
        blamed = {
            str(row[0]): [int(cell or 0) for cell in row[1:]] for row in self._rows(q.BY_RULE)
        }
        for code in sorted({*spoke["old"], *spoke["new"], *blamed}):
            lines, claims, people, *amounts = blamed.get(code, [0] * 6)
            yield RuleFigure(
                code,
                spoke["old"].get(code, 0),
                spoke["new"].get(code, 0),
                Spend(lines, *amounts),
                Touched(lines, claims, people),
            )

    # Outcomes

    def _by_outcome(self) -> Counter[Outcome]:
        query = q.claims_by_outcome("old", has_left_out=self._has_left_out)
        return Counter({Outcome(row[0]): int(row[1]) for row in self._rows(query)})

    def _changes(self) -> tuple[tuple[Change, ...], tuple[PersonNeeded, PersonNeeded]]:
        """Give how many go from which outcome to which, those that stay among them."""
        lines = Counter(
            {_pair(row): int(row[2]) for row in self._rows(q.CHANGES_OF_LINES)},
        )
        rows = self._rows(q.CHANGES_OF_CLAIMS)
        claims = Counter({_pair(row): int(row[2]) for row in rows})
        _fill_the_same(lines, {Outcome(r[0]): int(r[1]) for r in self._rows(q.OUTCOMES_OF_LINES)})
        _fill_the_same(claims, self._by_outcome())
        found = tuple(
            Change(old, new, lines[old, new], claims[old, new])
            for old in Outcome
            for new in Outcome
            if lines[old, new] or claims[old, new]
        )

        def needed(*, now: bool) -> PersonNeeded:
            crossing = [
                row
                for row in rows
                for old, new in (_pair(row),)
                if (new in NEEDS_PERSON) is now and (old in NEEDS_PERSON) is not now
            ]
            return PersonNeeded(
                sum(int(r[2]) for r in crossing),
                sum(int(r[3]) for r in crossing),
                tuple(self._crossing(now=now)),
            )

        return found, (needed(now=True), needed(now=False))

    def _crossing(self, *, now: bool) -> Iterator[Crossing]:
        for row in self._rows(q.crossing(CROSSING_MAX, now=now)):
            claim, person, team, claimed, *outcomes = row
            yield Crossing(claim, person, team, int(claimed), *_pair(outcomes))

    # Flips

    def _flips(self, told: Told, most: int) -> tuple[Flip, ...]:
        self._make(q.listed(most))
        found = _Findings(self._old, self._new, told)
        for side in ("old", "new"):
            found.take(side, self._rows(q.listed_findings(side)))
        lines: dict[str, list[LineFlip]] = {}
        for row in self._rows(q.listed_lines(FLIP_LINES_MAX)):
            claim, line, category, spent_on, claimed, *rest = row
            before, after = found.verdicts(str(claim), str(line), rest)
            amount = None if claimed is None else int(claimed)
            flip = LineFlip(str(line), str(category), spent_on, amount, before, after)
            lines.setdefault(str(claim), []).append(flip)
        flips = []
        for claim, person, team, claimed, *rest, count in self._rows(q.LISTED):
            before, after = found.verdicts(str(claim), "", rest)
            own = tuple(lines.get(str(claim), ()))
            flips.append(Flip(claim, person, team, int(claimed), before, after, own, int(count)))
        return tuple(flips)

    # Names

    def _title(self, code: str) -> Label:
        return title_of(self._new if self._new.rule(code) else self._old, code)

    def _category(self, code: str) -> Label:
        policy = self._new if code in self._new.categories else self._old
        return Label(*policy.title_of(code))

    # Proof

    def _prove(
        self,
        totals: Totals,
        rules: Iterable[RuleFigure],
        groupings: Iterable[Iterable[Group]],
        changes: Iterable[Change],
    ) -> None:
        """See that all sums agree, with those of the claims too, which took another way.

        Raises:
            ConfigError: the tables contradict each other, as with two rows for one person.
        """
        whole = totals.spend
        for side, allowed in (("old", whole.before), ("new", whole.after)):
            rows = self._rows(q.claims_by_outcome(side, has_left_out=self._has_left_out))
            claimed = sum(int(row[2] or 0) for row in rows)
            of_claims = sum(int(row[3] or 0) for row in rows)
            if (claimed, of_claims) != (whole.claimed, allowed):
                raise ConfigError("backtest.sums", lines=str(allowed), claims=str(of_claims))
        differences = [sum(rule.spend.difference for rule in rules)]
        differences += [sum(one.spend.difference for one in groups) for groups in groupings]
        lines = sum(change.lines for change in changes)
        if set(differences) - {whole.difference} or lines != whole.lines:
            raise AssertionError(f"{differences} against {whole}")


class _Findings:
    """What both policies say of the listed claims."""

    def __init__(self, old: Policy, new: Policy, told: Told) -> None:
        self._policies = {"old": old, "new": new}
        self._told = told
        self._held: dict[Where, list[Said]] = {}

    def take(self, side: str, rows: Iterable[Sequence[Any]]) -> None:
        policy = self._policies[side]
        for claim, line, code, effect, by, failed in rows:
            rule = policy.rule(str(code))
            said = Said(
                code=str(code),
                effect=Effect(effect),
                title=title_of(policy, str(code)),
                clause=rule.clause if rule is not None else "",
                resolved_by=by or "",
                failed=failed or "",
            )
            self._held.setdefault((str(claim), str(line or ""), side), []).append(said)

    def verdicts(self, claim: str, line: str, cells: Sequence[Any]) -> tuple[Verdict, Verdict]:
        outcomes, allowed = cells[:2], cells[2:]
        before, after = (
            Verdict(Outcome(outcomes[at]), int(allowed[at]), self._of((claim, line, side)))
            for at, side in enumerate(("old", "new"))
        )
        return before, after

    def _of(self, where: Where) -> tuple[Said, ...]:
        told = self._told.get(where)
        if told is not None:
            return told
        return tuple(sorted(self._held.get(where, ()), key=_strongest_first))


def _strongest_first(of: Said) -> tuple[int, str, str, str]:
    return (-of.effect.rank, of.code, of.resolved_by, of.failed)


def sweep_point(
    session: Session, value: str, relations: q.Relations | None = None, side: str = "new"
) -> SweepPoint:
    """Give what one value leads to, from the result tables of its policy, named by `side`."""
    of = relations or q.Relations()
    session.make(*q.left_out(of))
    has_left_out = int(rows_of(session, "SELECT COUNT(*) FROM bt_left_out")[0][0]) > 0
    lines = rows_of(session, q.lines_by_outcome(side, has_left_out=has_left_out))
    claims = rows_of(session, q.claims_by_outcome(side, has_left_out=has_left_out))
    return SweepPoint(
        value,
        sum(int(row[3]) for row in claims),
        {Outcome(row[0]): int(row[1]) for row in lines},
        sum(int(row[1]) for row in claims if Outcome(row[0]) in NEEDS_PERSON),
    )


def rows_of(session: Session, query: str) -> list[tuple[Any, ...]]:
    """Give the rows of a query; every query here gives few."""
    return [row for batch in session.rows(query) for row in batch]


def side_of(policy: Policy) -> PolicySide:
    """Say which policy stands on a side."""
    return PolicySide(policy.id, policy.version, policy.digest, Label(*policy.title))


def title_of(policy: Policy, code: str) -> Label:
    """Give the title of a finding's code in both languages."""
    return Label(finding_title(policy, code, "en"), finding_title(policy, code, "zh"))


def month_text(number: int) -> str:
    """Write the number of a month as people do.

    >>> month_text(2026 * 12 + 2)
    '2026-03'
    """
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _pair(row: Sequence[Any]) -> tuple[Outcome, Outcome]:
    return Outcome(row[0]), Outcome(row[1])


def _fill_the_same(
    changes: Counter[tuple[Outcome, Outcome]], before: Mapping[Outcome, int]
) -> None:
    """Count those that stay as they were: all of an outcome less those that leave it.

    Those that stay but differ in amount are among them.
    """
    for outcome, count in before.items():
        left = sum(n for (old, new), n in changes.items() if old is outcome and new is not old)
        changes[outcome, outcome] = count - left
