"""The published handbook of a policy, made from its rules: as a page or as Markdown.

It says what the rules say, with their tables, dates and sources, and with examples that the rules
themselves decided. So it can never differ from what is enforced.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Literal

from crm_expenses.core.decision import Outcome
from crm_expenses.document import (
    Block,
    Card,
    Document,
    Heading,
    Inline,
    Item,
    Listing,
    Paragraph,
    Span,
    Table,
    anchor_of,
    html,
    markdown,
)
from crm_expenses.messages import LANGUAGES, Language, text
from crm_expenses.policytables import (
    Grid,
    asked_by,
    latest_grid,
    looked_up,
    parameter_grids,
    rows_of,
    used_by,
    validity,
    value_words,
)
from crm_expenses.rules.askedwords import Asked, asked_of, asked_words
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import Example, examples_of
from crm_expenses.rules.examplewords import outcome_words, reasons_words, situation_words
from crm_expenses.rules.figurewords import currency_words
from crm_expenses.rules.kinds import KINDS
from crm_expenses.rules.own_fact import OwnFact
from crm_expenses.rules.parameter import Parameter
from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.prose import (
    approval_prose,
    counter_prose,
    rule_prose,
)
from crm_expenses.rules.tree import Node, Sort, unit_text
from crm_expenses.rules.valuewords import value_prose, values_below, values_read

Form = Literal["html", "md"]

ROWS_MAX: Final = 15
"""Longest table that stands beside its rule; a longer one stands among the figures only."""

DIGEST_SHOWN: Final = 16


def publish(policy: Policy, languages: Sequence[Language], form: Form) -> str:
    """Write the handbook in one language, or in both behind each other on one page."""
    examples = examples_of(Evaluator(policy))
    documents = [handbook(policy, language, examples) for language in languages]
    return html(documents) if form == "html" else markdown(documents)


def handbook(policy: Policy, language: Language, examples: Sequence[Example] = ()) -> Document:
    """Make the handbook as a document."""
    book = _Handbook(policy, language, examples)
    return Document(policy.title[LANGUAGES.index(language)], language, tuple(book.blocks()))


class _Handbook:
    """Puts the handbook of one policy together, in one language."""

    def __init__(self, policy: Policy, language: Language, examples: Sequence[Example]) -> None:
        self._policy = policy
        self._language: Language = language
        self._side = LANGUAGES.index(language)
        self._own = Phrases(policy, language)
        self._examples = examples

    def _say(self, code: str, **values: str) -> str:
        return self._own.say(code, **values)

    def blocks(self) -> Iterator[Block]:
        """Give the whole handbook."""
        policy = self._policy
        yield Heading(1, policy.title[self._side])
        currency = currency_words(policy.currency, self._language)
        yield Paragraph(
            self._say("handbook.about", id=policy.id, version=policy.version, currency=currency),
            "about",
        )
        digest = policy.digest[:DIGEST_SHOWN]
        yield Paragraph(self._say("handbook.made", digest=digest), "note")
        sections = list(self._sections())
        yield Heading(2, self._say("handbook.contents"))
        yield Listing(tuple(self._contents(sections)), "contents")
        for _, anchor, title, blocks in sections:
            yield Heading(2, title, anchor)
            yield from blocks

    def _contents(
        self, sections: Iterable[tuple[str, str, str, Sequence[Block]]]
    ) -> Iterator[Item]:
        for name, anchor, title, _ in sections:
            below: tuple[Item, ...] = ()
            if name == "rules":
                below = tuple(
                    Item(
                        Span(heading, to=anchor_of("group", str(number))),
                        tuple(Item(self._to_rule(rule.code)) for rule in rules),
                    )
                    for number, (heading, rules) in enumerate(self._groups())
                )
            yield Item(Span(title, to=anchor), below)

    def _sections(self) -> Iterator[tuple[str, str, str, Sequence[Block]]]:
        """Give each section that has something in it: its name, anchor, title and blocks."""
        made = {
            "outcomes": self._outcomes,
            "asked": self._asked,
            "rules": self._rules,
            "values": self._values,
            "windows": self._windows,
            "approvals": self._approvals,
            "parameters": self._parameters,
            "facts": self._facts,
            "lists": self._lists,
            "calendar": self._calendar,
        }
        for name, make in made.items():
            blocks = list(make())
            if blocks:
                yield name, anchor_of("section", name), self._say(f"handbook.{name}"), blocks

    # What happens, and what to give

    def _outcomes(self) -> Iterator[Block]:
        yield Listing(
            tuple(
                Item(
                    (
                        Span(text(f"word.{outcome.value}", self._language), f"chip {outcome}"),
                        " ",
                        self._say(f"outcome.{outcome.value}"),
                    )
                )
                for outcome in Outcome
            )
        )

    def _asked(self) -> Iterator[Block]:
        """Give the facts by category; what is the same in every category stands once."""
        by_category = {c: asked_of(self._policy, c) for c in self._policy.categories}
        of_claim = asked_of(self._policy, None)
        common = _common(list(by_category.values()))
        groups: list[tuple[str, Sequence[Asked]]] = [(self._say("handbook.of_all"), common)]
        groups += [
            (self._own.option("category", c), _less(asked, common))
            for c, asked in by_category.items()
        ]
        groups.append((self._say("handbook.of_claim"), of_claim))
        items = [
            Item(Span(title, "strong"), tuple(map(self._fact, asked)))
            for title, asked in groups
            if asked
        ]
        if items:
            yield Paragraph(self._say("handbook.asked_about"), "note")
            yield Listing(tuple(items))

    def _fact(self, asked: Asked) -> Item:
        parts: list[str | Span] = [asked_words(self._own, asked.name)]
        for code, codes in (("demanded", asked.demanded_by), ("read", asked.read_by)):
            if codes:
                parts += [self._say("handbook.semicolon" if len(parts) > 1 else "handbook.colon")]
                parts += [self._say(f"handbook.{code}"), " ", *self._titles(codes)]
        return Item(tuple(parts))

    def _titles(self, codes: Iterable[str]) -> tuple[str | Span, ...]:
        comma = self._say("prose.comma")
        found = [part for code in codes for part in (comma, self._to_rule(code))]
        return tuple(found[1:])

    # Rules

    def _groups(self) -> list[tuple[str, list[Rule]]]:
        """Give the rules by what they are on, in the order of the policy."""
        groups: dict[tuple[RuleScope, frozenset[str] | None], list[Rule]] = {}
        for rule in self._policy.rules:
            scope = RuleScope.CLAIM if rule.scope is RuleScope.CLAIM else RuleScope.LINE
            groups.setdefault((scope, rule.on), []).append(rule)
        return [(self._group(scope, on), rules) for (scope, on), rules in groups.items()]

    def _group(self, scope: RuleScope, on: frozenset[str] | None) -> str:
        if scope is RuleScope.CLAIM:
            return self._say("handbook.of_claim")
        return self._own.categories(sorted(on)) if on else self._say("handbook.of_all")

    def _rules(self) -> Iterator[Block]:
        for number, (title, rules) in enumerate(self._groups()):
            yield Heading(3, title, anchor_of("group", str(number)))
            for rule in rules:
                yield Card(tuple(self._rule(rule)), _anchor(rule.code))

    def _rule(self, rule: Rule) -> Iterator[Block]:
        prose = rule_prose(self._policy, rule, self._language)
        yield Heading(4, prose.title)
        marks: list[str | Span] = [Span(prose.kind, "chip")]
        if KINDS[rule.kind].effects:
            word = text(f"word.{rule.effect.value}", self._language)
            marks += [" ", Span(word, f"chip {rule.effect}")]
        marks += [" ", Span(rule.code, "code")]
        if rule.clause:
            marks += [" ", Span(self._say("handbook.clause", clause=rule.clause), "minor")]
        yield Paragraph(tuple(marks), "marks")
        for name, said in prose.parts:
            yield from self._statement(said, "note" if name == "on" else "")
        yield from self._meanings(values_read(rule.expressions))
        for parameter in self._looked_up(rule):
            yield from self._beside(parameter)
        yield from self._worked(rule)

    def _statement(self, said: Said, look: str = "") -> Iterator[Block]:
        lines = said.lines()
        yield Paragraph(lines[0], look)
        if said.parts:
            yield Listing(tuple(map(_item, said.parts)))

    def _meanings(self, names: Sequence[str]) -> Iterator[Block]:
        """Say what named expressions mean, and lead to what these read in their turn."""
        if not names:
            return
        yield Paragraph(Span(self._say("handbook.words_here"), "strong"))
        items = [_item(value_prose(self._policy, name, self._language)) for name in names]
        below = values_below(self._policy, names)
        if below:
            items.append(Item((self._say("handbook.words_more"), *self._to_values(below))))
        yield Listing(tuple(items))

    def _to_values(self, names: Iterable[str]) -> tuple[str | Span, ...]:
        comma = self._say("prose.comma")
        found: list[str | Span] = []
        for name in names:
            title = self._policy.values[name].title[self._side]
            found += [comma, Span(title, to=anchor_of("value", name))]
        return tuple(found[1:])

    def _looked_up(self, rule: Rule) -> Iterator[Parameter]:
        """Give the tables that a rule looks things up in."""
        for name in looked_up(self._policy, rule):
            parameter = self._policy.parameters[name]
            if parameter.keys or parameter.band is not None:
                yield parameter

    def _beside(self, parameter: Parameter) -> Iterator[Block]:
        grid = latest_grid(self._own, parameter)
        name = self._own.table_name(parameter.name)
        if len(grid.rows) > ROWS_MAX:
            rows = str(len(grid.rows))
            see = self._say("handbook.table_see", name=name, rows=rows)
            yield Paragraph(Span(see, to=anchor_of("figure", parameter.name)))
            return
        caption = self._say("handbook.table_now", name=name, day=grid.start.isoformat())
        yield _table(grid, caption)

    def _worked(self, rule: Rule) -> Iterator[Block]:
        items = []
        for example in self._examples:
            if example.rule != rule.code:
                continue
            joint = self._say("handbook.semicolon")
            claim = joint.join(situation_words(self._policy, example, self._language))
            result = outcome_words(self._policy, example, self._language)
            reasons = [
                said
                for said in reasons_words(self._policy, example, self._language)
                if said not in result  # of a figure, the result says it already
            ]
            outcome = example.decision.outcome
            shown = (claim, self._say("handbook.arrow"), Span(result, f"result {outcome}"))
            items.append(Item(shown, tuple(Item(Span(said, "minor")) for said in reasons)))
        if items:
            yield Paragraph(Span(self._say("handbook.examples"), "strong"))
            yield Listing(tuple(items))

    def _to_rule(self, code: str) -> Span:
        rule = self._policy.rule(code)
        title = rule.title[self._side] if rule is not None else code
        return Span(title, to=_anchor(code))

    # Sums and approvals

    def _values(self) -> Iterator[Block]:
        for name, value in self._policy.values.items():
            yield Heading(4, value.title[self._side], anchor_of("value", name))
            yield from self._statement(value_prose(self._policy, name, self._language))

    def _windows(self) -> Iterator[Block]:
        read: list[Node] = []
        for counter in self._policy.counters.values():
            yield from self._statement(counter_prose(self._policy, counter, self._language))
            read += [tree for tree in (counter.adds, counter.when) if tree is not None]
        names = values_read(read)
        if names:
            yield Paragraph((self._say("handbook.words_more"), *self._to_values(names)))

    def _approvals(self) -> Iterator[Block]:
        if not self._policy.authorities:
            return
        yield Paragraph(self._say("handbook.approvals_about"), "note")
        items = []
        for step in self._policy.authorities:
            said = approval_prose(self._policy, step, self._language)
            lead = (Span(step.code, "code"), " ", said.lines()[0])
            items.append(Item(lead, tuple(map(_item, said.parts))))
        yield Listing(tuple(items))
        yield from self._meanings(values_read(self._policy.asked.values()))

    # Figures

    def _parameters(self) -> Iterator[Block]:
        if not self._policy.parameters:
            return
        scopes = {rule.scope for rule in self._policy.rules}
        about = [self._say("handbook.parameters_about")]
        for scope, code in ((RuleScope.DAY, "days"), (RuleScope.PERIOD, "periods")):
            if scope in scopes:
                about.append(self._say(f"handbook.parameters_{code}"))
        yield Paragraph(self._own.sentences(about), "note")
        rows: list[tuple[Inline, ...]] = []
        for parameter in self._policy.parameters.values():
            rows += self._index(parameter)
        heads = ("name", "value", "from", "until", "source", "checked", "used")
        yield Table(tuple(self._say(f"handbook.{name}") for name in heads), tuple(rows))
        for parameter in self._policy.parameters.values():
            if parameter.keys or parameter.band is not None:
                name = self._own.title_of(parameter)
                yield Heading(3, name, anchor_of("figure", parameter.name))
                for grid in parameter_grids(self._own, parameter):
                    yield _table(grid, self._validity(grid))

    def _index(self, parameter: Parameter) -> Iterator[tuple[Inline, ...]]:
        is_table = bool(parameter.keys) or parameter.band is not None
        to = anchor_of("figure", parameter.name) if is_table else ""
        name = self._own.title_of(parameter)
        comma = self._say("prose.comma")
        users = self._titles(used_by(self._policy, parameter))
        for step_code in asked_by(self._policy, parameter):
            step_name = self._say("handbook.approval_of", step=step_code)
            lead = (comma,) if users else ()
            users = (*users, *lead, Span(step_name, to=anchor_of("section", "approvals")))
        for start, end, step in reversed(validity(parameter)):
            if is_table:
                count = rows_of(step)
                code = "handbook.rows_one" if count == 1 else "handbook.rows"
                value = self._say(code, count=str(count))
            else:
                value = value_words(self._own, parameter, step)
            yield (
                Span(name, to=to),
                value,
                Span(start.isoformat(), "date"),
                Span(self._until(end), "date"),
                Span(step.source, "foreign"),
                Span(step.checked.isoformat() if step.checked else "—", "date"),
                users,
            )
            name, users, to = "", (), ""

    def _until(self, end: date | None) -> str:
        return end.isoformat() if end is not None else self._say("handbook.open")

    def _validity(self, grid: Grid) -> str:
        parts = [
            f"{self._say('handbook.from')} {grid.start.isoformat()}",
            f"{self._say('handbook.until')} {self._until(grid.end)}",
        ]
        if grid.step.source:
            parts.append(f"{self._say('handbook.source')}: {grid.step.source}")
        if grid.step.checked:
            parts.append(f"{self._say('handbook.checked')} {grid.step.checked.isoformat()}")
        return " · ".join(parts)

    # Words of the policy's own

    def _facts(self) -> Iterator[Block]:
        if not self._policy.facts:
            return
        rows = tuple(
            (
                self._policy.catalogue.names[name].meaning[self._side],
                Span(name, "code"),
                self._kind(fact),
                self._say(f"of.{fact.of.value}"),
            )
            for name, fact in self._policy.facts.items()
        )
        heads = ("meaning", "name", "kind", "of")
        yield Table(tuple(self._say(f"handbook.{head}") for head in heads), rows)

    def _kind(self, fact: OwnFact) -> str:
        kind = fact.type
        match kind.sort:
            case Sort.CHOICE:
                words = self._policy.catalogue.choices[kind.choice]
                return self._say("type.choice", list=self._listed(kind.choice, words))
            case Sort.QUANTITY if kind.dims == ((self._policy.currency, 1),):
                return self._say("type.money")
            case Sort.QUANTITY if kind.dims:
                return self._say("type.unit", unit=self._own.quoted(unit_text(kind.dims)))
            case Sort.QUANTITY:
                return self._say("type.number")
            case sort:
                return self._say(f"type.{sort.value}")

    def _lists(self) -> Iterator[Block]:
        known = self._policy.catalogue.choices
        own = {n: w for n, w in known.items() if n != "category" and n not in OWN_CHOICES}
        if not own:
            return
        rows = tuple((Span(name, "code"), self._listed(name, words)) for name, words in own.items())
        yield Table((self._say("handbook.name"), self._say("handbook.words")), rows)

    def _listed(self, choice: str, words: Iterable[str]) -> str:
        return self._say("prose.comma").join(self._own.word(choice, word) for word in words)

    def _calendar(self) -> Iterator[Block]:
        calendar = self._policy.calendar
        if calendar.first is not None or calendar.last is not None:
            yield Paragraph(self._say("handbook.covered", covered=calendar.covered))
        for name, days in (("rest_days", calendar.rest_days), ("work_days", calendar.work_days)):
            if days:
                comma = self._say("prose.comma")
                listed = comma.join(self._spans(sorted(days)))
                yield Paragraph(self._say(f"handbook.{name}", list=listed))

    def _spans(self, days: Sequence[date]) -> Iterator[str]:
        """Give runs of days as their first and last."""
        first = last = days[0]
        for day in (*days[1:], None):
            if day is not None and day == last + timedelta(days=1):
                last = day
                continue
            run = {"first": first.isoformat(), "last": last.isoformat()}
            yield first.isoformat() if first == last else self._say("handbook.span", **run)
            if day is not None:
                first = last = day


def _common(groups: Sequence[Sequence[Asked]]) -> list[Asked]:
    """Give what is asked for the same rules in every category, where there are several."""
    if len(groups) < 2:
        return []
    by_name = [{asked.name: asked for asked in group} for group in groups]
    found = []
    for name in by_name[0]:
        if all(name in group for group in by_name):
            each = [group[name] for group in by_name]
            demanded = set.intersection(*(set(asked.demanded_by) for asked in each))
            read = set.intersection(*(set(asked.read_by) for asked in each))
            if demanded or read:
                found.append(Asked(name, tuple(sorted(demanded)), tuple(sorted(read))))
    return found


def _less(group: Sequence[Asked], common: Sequence[Asked]) -> list[Asked]:
    """Give what a category asks for beside what every category does."""
    known = {asked.name: {*asked.demanded_by, *asked.read_by} for asked in common}
    rest = [
        Asked(
            asked.name,
            tuple(c for c in asked.demanded_by if c not in known.get(asked.name, ())),
            tuple(c for c in asked.read_by if c not in known.get(asked.name, ())),
        )
        for asked in group
    ]
    return [asked for asked in rest if asked.demanded_by or asked.read_by]


def _anchor(code: str) -> str:
    return anchor_of("rule", code)


def _item(said: Said) -> Item:
    return Item(Said(said.text, said.parts).lines()[0], tuple(map(_item, said.parts)))


def _table(grid: Grid, caption: str) -> Table:
    return Table(grid.head, grid.rows, caption, grid.numbers)
