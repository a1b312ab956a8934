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
from crm_expenses.rules.approvalwords import approval_prose, payment_prose, terms_prose
from crm_expenses.rules.askedwords import Asked, asked_of, asked_words
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import Example, examples_of
from crm_expenses.rules.examplewords import (
    key_words,
    outcome_words,
    reasons_words,
    situation_words,
)
from crm_expenses.rules.figurewords import currency_words, digits, unit_name
from crm_expenses.rules.kinds import KINDS
from crm_expenses.rules.own_fact import OwnFact
from crm_expenses.rules.parameter import Held, InForce, Parameter
from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.prose import (
    counter_prose,
    rule_prose,
)
from crm_expenses.rules.tree import Sort, Type
from crm_expenses.rules.valuewords import terms_of

Form = Literal["html", "md"]

ROWS_MAX: Final = 15
"""Longest table that stands beside its rule; a longer one stands among the figures only."""

DIGEST_SHOWN: Final = 16

TITLES_MAX: Final = 3
"""Most rules that the title of a table names."""

PAIR: Final = 2


def publish(policy: Policy, languages: Sequence[Language], form: Form) -> str:
    """Write the handbook in one language, or in both behind each other on one page."""
    examples = examples_of(Evaluator(policy))
    documents = [handbook(policy, language, examples) for language in languages]
    return html(documents) if form == "html" else markdown(documents)


def handbook(policy: Policy, language: Language, examples: Sequence[Example] = ()) -> Document:
    """Make the handbook as a document."""
    book = _Handbook(policy, language, examples)
    return Document(policy.title[LANGUAGES.index(language)], language, tuple(book.blocks()))


def table_numbers(policy: Policy) -> dict[str, int]:
    """Give each table of a policy its number."""
    tables = [p.name for p in policy.parameters.values() if _is_table(p)]
    return {name: number for number, name in enumerate(tables, start=1)}


def _is_table(parameter: Parameter) -> bool:
    return bool(parameter.keys) or parameter.band is not None


class _Cells(Phrases):
    """Says figures as cells do: without the unit, which stands in the caption."""

    def held(self, value: Held, kind: Type) -> str:
        """Give a value of a table, bare unless it is a length of time."""
        if isinstance(value, int) and unit_name(kind, self.language):
            is_money = any(name == self.currency for name, _ in kind.dims)
            return digits(value, kind.scale, 2 if is_money else 0)
        return super().held(value, kind)


class _Handbook:
    """Puts the handbook of one policy together, in one language."""

    def __init__(self, policy: Policy, language: Language, examples: Sequence[Example]) -> None:
        self._policy = policy
        self._language: Language = language
        self._side = LANGUAGES.index(language)
        self._tables = table_numbers(policy)
        self._own = Phrases(policy, language, tables=self._tables)
        self._cells = _Cells(policy, language, tables=self._tables)
        self._examples = examples
        self._shown: set[str] = set()
        self._told: dict[str, str] = {}

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
        yield Paragraph(self._say("handbook.always"))
        bare = [code for code in self._policy.categories if not self._policy.covers(code)]
        if bare:
            yield Paragraph(self._say("handbook.uncovered", list=self._own.categories(bare)))

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
        is_reason = asked.name == "justification"
        for code, codes in (
            ("demanded", asked.demanded_by),
            ("excused" if is_reason else "read", asked.read_by),
        ):
            if codes:
                parts += [self._say("handbook.semicolon" if len(parts) > 1 else "handbook.colon")]
                parts += [self._say(f"handbook.{code}"), *self._titles(codes)]
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
        prose = rule_prose(self._policy, rule, self._language, self._own)
        yield Heading(4, prose.title)
        marks: list[str | Span] = [Span(prose.kind, "chip")]
        if KINDS[rule.kind].effects:
            word = self._say(f"handbook.effect.{rule.effect.value}")
            marks += [" ", Span(word, f"chip {rule.effect}")]
        if rule.clause:
            marks += [" ", Span(self._say("handbook.clause", clause=rule.clause), "minor")]
        marks += [" ", Span(rule.code, "code")]
        yield Paragraph(tuple(marks), "marks")
        for name, said in prose.parts:
            if name == "terms":
                yield from self._terms(rule, said)
            else:
                yield from self._statement(said, "note" if name == "on" else "")
        for parameter in self._looked_up(rule):
            if _is_table(parameter):
                yield from self._beside(parameter)
            else:
                yield Paragraph(self._figure_note(parameter), "note")
        yield from self._worked(rule)

    def _statement(self, said: Said, look: str = "") -> Iterator[Block]:
        lines = said.lines()
        yield Paragraph(lines[0], look)
        if said.parts:
            yield Listing(tuple(map(_item, said.parts)))

    def _terms(self, rule: Rule, said: Said) -> Iterator[Block]:
        """Say what the named expressions of a rule mean; of those told before, under which rule."""
        names = terms_of(self._policy, rule.expressions)
        known = [name for name in names if name in self._told]
        new = [part for name, part in zip(names, said.parts, strict=True) if name not in self._told]
        if new:
            yield from self._statement(Said(said.text, tuple(new)))
        places: dict[str, list[str]] = {}
        for name in known:
            places.setdefault(self._told[name], []).append(self._own.value_name(name))
        for code, titles in places.items():
            listed = self._say("prose.comma").join(titles)
            lead = self._say("handbook.explained", list=listed)
            yield Paragraph((lead, self._to_rule(code), self._say("prose.stop")), "note")
        self._told.update({name: rule.code for name in names if name not in self._told})

    def _looked_up(self, rule: Rule) -> Iterator[Parameter]:
        """Give the figures and tables that a rule looks up."""
        for name in looked_up(self._policy, rule):
            yield self._policy.parameters[name]

    def _figure_note(self, parameter: Parameter) -> str:
        """Say since when a single figure holds, who says so, and what held before."""
        said = []
        for start, end, step in reversed(validity(parameter)):
            value = value_words(self._own, parameter, step)
            said.append(self._say("handbook.figure", value=value, validity=self._since(start, end)))
            said[-1] += self._origin(step)
        listed = self._say("handbook.semicolon").join(said)
        name = parameter.title[self._side] if parameter.title else self._say("handbook.figure_word")
        return self._say("handbook.figures_of", name=name, list=listed)

    def _since(self, start: date, end: date | None) -> str:
        if end is None:
            return self._say("handbook.since", day=start.isoformat())
        return self._say("handbook.span", first=start.isoformat(), last=end.isoformat())

    def _origin(self, step: InForce) -> str:
        """Say where a figure comes from, and when it was compared with that."""
        parts = []
        if step.source:
            parts.append(self._say("handbook.source_is", source=step.source))
        if step.checked:
            parts.append(self._say("handbook.checked_on", day=step.checked.isoformat()))
        comma = self._say("handbook.comma")
        return self._say("handbook.in_brackets", a=comma.join(parts)) if parts else ""

    def _beside(self, parameter: Parameter) -> Iterator[Block]:
        (start, end, step), *earlier = reversed(validity(parameter))
        grid = latest_grid(self._cells, parameter)
        named = self._caption(parameter)
        if len(grid.rows) > ROWS_MAX or parameter.name in self._shown:
            see = self._say("handbook.table_see", name=named, rows=str(len(grid.rows)))
            yield Paragraph(Span(see, to=anchor_of("figure", parameter.name)))
            return
        self._shown.add(parameter.name)
        caption = named + self._say("handbook.comma") + self._since(start, end)
        yield self._table(parameter, grid, caption + self._origin(step))
        if earlier:
            see = self._say("handbook.earlier")
            yield Paragraph(Span(see, to=anchor_of("figure", parameter.name)), "note")

    def _caption(self, parameter: Parameter) -> str:
        """Give the number of a table, what it is of, and its unit."""
        title = self._title(parameter)
        said = self._say("handbook.table_title", table=self._table_ref(parameter), title=title)
        unit = unit_name(parameter.type, self._language)
        return said + (self._say("handbook.unit", unit=unit) if unit else "")

    def _table_ref(self, parameter: Parameter) -> str:
        number = str(self._tables[parameter.name])
        return _capital(self._say("prose.table_number", number=number))

    def _title(self, parameter: Parameter) -> str:
        """Say what a table is of: its own name, else what it sorts or the rules that use it."""
        if parameter.title is not None:
            return parameter.title[self._side]
        if parameter.type.sort is Sort.CHOICE:
            keys = [key_words(self._own, name) for name, _ in parameter.keys]
            heads = self._say("prose.comma").join(keys)
            name = key_words(self._own, parameter.type.choice)
            return self._say("handbook.sorted", name=name, keys=heads.lower())
        titles = [self._rule_title(code) for code in used_by(self._policy, parameter)]
        name = parameter.name.replace("_", " ")
        return self._say("prose.comma").join(titles[:TITLES_MAX]) or name

    def _rule_title(self, code: str) -> str:
        rule = self._policy.rule(code)
        return rule.title[self._side] if rule is not None else code

    def _table(self, parameter: Parameter, grid: Grid, caption: str) -> Table:
        """Make a table with headings that a person reads."""
        keys = [key_words(self._own, name) for name, _ in parameter.keys]
        head = list(grid.head)
        if len(keys) == PAIR and parameter.band is None and " / " in head[0]:
            head[0] = " / ".join(keys)
        else:
            head[: len(keys)] = keys
            if parameter.type.sort is Sort.CHOICE and parameter.band is None:
                head[-1] = key_words(self._own, parameter.type.choice)
            if parameter.title is not None and parameter.type.sort is Sort.CHOICE:
                head[-1] = parameter.title[self._side]
        return Table(tuple(head), grid.rows, caption, grid.numbers)

    def _worked(self, rule: Rule) -> Iterator[Block]:
        items = []
        for example in self._examples:
            if example.rule != rule.code:
                continue
            joint = self._say("handbook.semicolon")
            claim = joint.join(situation_words(self._policy, example, self._language))
            result = outcome_words(self._policy, example, self._language)
            reasons = reasons_words(self._policy, example, self._language)
            outcome = example.decision.outcome
            shown = (claim, self._say("handbook.arrow"), Span(result, f"result {outcome}"))
            items.append(Item(shown, tuple(Item(Span(said, "minor")) for said in reasons)))
        if items:
            yield Paragraph(Span(self._say("handbook.examples"), "strong"))
            yield Listing(tuple(items))

    def _to_rule(self, code: str) -> Span:
        return Span(self._rule_title(code), to=_anchor(code))

    # Sums and approvals

    def _windows(self) -> Iterator[Block]:
        for counter in self._policy.counters.values():
            said = counter_prose(self._policy, counter, self._language, self._own)
            yield from self._statement(said)

    def _approvals(self) -> Iterator[Block]:
        if self._policy.authorities:
            yield Paragraph(self._say("handbook.approvals_about"), "note")
            items = []
            for step in self._policy.authorities:
                said = approval_prose(self._policy, step, self._language, self._own)
                items.append(Item(said.lines()[0], tuple(map(_item, said.parts))))
            yield Listing(tuple(items), "steps")
        terms = terms_prose(self._policy, self._language, self._own)
        if terms.text:
            yield from self._statement(terms)
        paid = payment_prose(self._policy, self._language, self._own)
        if paid:
            yield Paragraph(paid)

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
        heads = ("used", "value", "from", "until", "source", "checked", "name")
        head = tuple(self._say(f"handbook.{name}") for name in heads)
        yield Table(head, tuple(rows), label=self._say("handbook.parameters"))
        for parameter in self._policy.parameters.values():
            if _is_table(parameter):
                yield Heading(3, self._caption(parameter), anchor_of("figure", parameter.name))
                for grid in parameter_grids(self._cells, parameter):
                    valid = _capital(self._since(grid.start, grid.end)) + self._origin(grid.step)
                    yield self._table(parameter, grid, valid)

    def _users(self, parameter: Parameter) -> tuple[str | Span, ...]:
        """Give the rules that look a figure up, and the approval steps that do."""
        users = self._titles(used_by(self._policy, parameter))
        steps = [step.code for step in self._policy.authorities]
        for code in asked_by(self._policy, parameter):
            number = str(steps.index(code) + 1)
            step = self._say("handbook.approval_of", number=number)
            lead = (self._say("prose.comma"),) if users else ()
            users = (*users, *lead, Span(step, to=anchor_of("section", "approvals")))
        return users

    def _index(self, parameter: Parameter) -> Iterator[tuple[Inline, ...]]:
        """Give a row for each step of a figure: the rules that use it, its value, its days."""
        users = self._users(parameter) or (self._say("handbook.no_rule"),)
        for start, end, step in reversed(validity(parameter)):
            value: Inline = ""
            if not parameter.keys:
                value = value_words(self._own, parameter, step)
                if parameter.title is not None:
                    name = parameter.title[self._side]
                    value = self._say("handbook.figures_of", name=name, list=value)
            if _is_table(parameter):
                rows = self._say("handbook.rows", count=str(rows_of(step)))
                to = anchor_of("figure", parameter.name)
                value = (Span(self._caption(parameter), to=to), rows)
            yield (
                users,
                value,
                Span(start.isoformat(), "date"),
                Span(end.isoformat() if end is not None else self._say("handbook.open"), "date"),
                Span(step.source or "—", "foreign"),
                Span(step.checked.isoformat() if step.checked else "—", "date"),
                Span(parameter.name, "code"),
            )

    # Words of the policy's own

    def _facts(self) -> Iterator[Block]:
        if not self._policy.facts:
            return
        rows = tuple(
            (
                key_words(self._own, name),
                self._kind(fact),
                self._say(f"of.{fact.of.value}"),
                Span(name, "code"),
            )
            for name, fact in self._policy.facts.items()
        )
        heads = ("meaning", "kind", "of", "name")
        head = tuple(self._say(f"handbook.{name}") for name in heads)
        yield Table(head, rows, label=self._say("handbook.facts"))

    def _kind(self, fact: OwnFact) -> str:
        kind = fact.type
        match kind.sort:
            case Sort.CHOICE:
                return self._say("type.choice", name=key_words(self._own, kind.choice))
            case Sort.QUANTITY if kind.dims:
                unit = unit_name(kind, self._language)
                return self._say("type.unit", unit=unit)
            case Sort.QUANTITY:
                return self._say("type.number")
            case sort:
                return self._say(f"type.{sort.value}")

    def _lists(self) -> Iterator[Block]:
        known = self._policy.catalogue.choices
        own = {n: w for n, w in known.items() if n != "category" and n not in OWN_CHOICES}
        if not own:
            return
        rows = tuple(
            (key_words(self._own, name), tuple(self._members(name, words)), Span(name, "code"))
            for name, words in own.items()
        )
        head = tuple(self._say(f"handbook.{name}") for name in ("list", "words", "name"))
        yield Table(head, rows, label=self._say("handbook.lists"))

    def _members(self, name: str, words: Sequence[str]) -> Iterator[str | Span]:
        """Give the words of a list, each with what files call it."""
        for at, word in enumerate(words):
            title = self._own.word(name, word)
            yield f"{self._say('prose.comma') if at else ''}{title} "
            yield Span(word, "code")

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


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _item(said: Said) -> Item:
    return Item(Said(said.text, said.parts).lines()[0], tuple(map(_item, said.parts)))
