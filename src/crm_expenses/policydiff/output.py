"""Differences between two policies as plain values, text and Markdown."""

from collections.abc import Iterator
from typing import Any, Final

from crm_expenses.core.decision import Decision
from crm_expenses.document import (
    Block,
    Document,
    Heading,
    Inline,
    Item,
    Listing,
    Paragraph,
    Span,
    Table,
    markdown,
    plain_text,
)
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.policydiff.changes import (
    ADDED,
    CHANGED,
    REMOVED,
    Change,
    FigureChange,
    PartChange,
    PolicyDiff,
    Texts,
)
from crm_expenses.policytables import used_by
from crm_expenses.rules.examplewords import key_words
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy


def diff_json(diff: PolicyDiff) -> dict[str, Any]:
    """Give the differences as plain values, with both languages."""
    return {
        "old": _ref(diff.old),
        "new": _ref(diff.new),
        "same": diff.is_empty,
        "head": [_part_json(part) for part in diff.head],
        "categories": [_change_json(change) for change in diff.categories],
        "rules": [_change_json(change) for change in diff.rules],
        "parameters": [
            {
                "name": figure.name,
                "how": figure.how,
                "parts": [_part_json(part) for part in figure.parts],
                "values": [
                    {
                        "from": value.start.isoformat(),
                        "key": dict(value.key),
                        "old": None if value.old is None else dict(value.old),
                        "new": None if value.new is None else dict(value.new),
                    }
                    for value in figure.values
                ],
            }
            for figure in diff.parameters
        ],
        "values": [_change_json(change) for change in diff.values],
        "components": [_change_json(change) for change in diff.components],
        "approvals": [_change_json(change) for change in diff.approvals],
        "windows": [_change_json(change) for change in diff.windows],
        "facts": [_change_json(change) for change in diff.facts],
        "lists": [_change_json(change) for change in diff.lists],
        "calendar": [_part_json(part) for part in diff.calendar],
        "plug_ins": [_change_json(change) for change in diff.plug_ins],
        "examples": {
            "compared": diff.compared,
            "changed": [
                {
                    "rule": one.example.rule,
                    "claim": dict(one.claim),
                    "old": _decision_json(one.old, one.result_old),
                    "new": _decision_json(one.new, one.result_new),
                }
                for one in diff.examples
            ],
        },
    }


def _ref(policy: Policy) -> dict[str, str]:
    return {"id": policy.id, "version": policy.version, "digest": policy.digest}


def _part_json(part: PartChange) -> dict[str, Any]:
    return {"part": part.part, "old": dict(part.old), "new": dict(part.new)}


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "name": change.name,
        "how": change.how,
        "title": dict(change.title),
        "parts": [_part_json(part) for part in change.parts],
        **({"used_by": list(change.used)} if change.used else {}),
    }


def _decision_json(decision: Decision, said: Texts) -> dict[str, Any]:
    found = (*decision.findings, *(f for line in decision.lines for f in line.findings))
    return {
        "outcome": decision.outcome.value,
        "allowed": f"{decision.allowed.amount:f}",
        "findings": sorted({finding.code for finding in found}),
        "text": dict(said),
    }


def diff_text(diff: PolicyDiff, language: Language) -> str:
    """Give the differences as plain text."""
    return plain_text(diff_document(diff, language))


def diff_markdown(diff: PolicyDiff, language: Language) -> str:
    """Give the differences as Markdown."""
    return markdown([diff_document(diff, language)])


def diff_document(diff: PolicyDiff, language: Language) -> Document:
    """Give the differences as a document."""
    own = Phrases(diff.new, language)
    old, new = (f"{p.id} {p.version}" for p in (diff.old, diff.new))
    title = own.say("diff.title", old=old, new=new)
    return Document(title, language, (Heading(1, title), *_blocks(diff, own)))


def _blocks(diff: PolicyDiff, own: Phrases) -> Iterator[Block]:
    if diff.is_empty:
        yield Paragraph(own.say("diff.same"))
    if diff.head:
        yield Heading(2, own.say("diff.head"))
        yield Listing(tuple(_part_item(own, part) for part in diff.head))
    sections = (
        ("categories", diff.categories),
        ("rules", diff.rules),
        ("values", diff.values),
        ("components", diff.components),
        ("approvals", diff.approvals),
        ("windows", diff.windows),
        ("facts", diff.facts),
        ("lists", diff.lists),
        ("plug_ins", diff.plug_ins),
    )
    for name, changes in sections:
        if changes:
            yield Heading(2, own.say(f"diff.{name}"))
            yield Listing(tuple(_change_item(own, change) for change in changes))
        if name == "values" and diff.parameters:
            yield Heading(2, own.say("diff.parameters"))
            for figure in diff.parameters:
                yield from _figure_blocks(diff, own, figure)
    if diff.calendar:
        yield Heading(2, own.say("diff.calendar"))
        for part in diff.calendar:
            yield from _calendar_blocks(own, part)
    yield Heading(2, own.say("diff.examples"))
    yield from _example_blocks(diff, own)


def _change_item(own: Phrases, change: Change) -> Item:
    language = own.language
    head: list[str | Span] = []
    if change.used or "stands_for" in {part.part for part in change.parts}:
        head = [own.quoted(change.title[language]), " "]
    elif change.name:
        title = change.title[language]
        head = [title, " "] if title not in ("", change.name) else []
        head += [Span(change.name, "code"), " "]
    head.append(Span(own.say(f"diff.{change.how}"), "chip"))
    if change.how == CHANGED:
        below = [_part_item(own, part) for part in change.parts]
        return Item(tuple(head), (*below, *_used(own, change)))
    shown = [part for part in change.parts if part.part in _WHOLE]
    texts = [(part.new if change.how == ADDED else part.old)[language] for part in shown]
    items = tuple(_lines_item(text) for text in texts if text)
    return Item(tuple(head), (*items, *_used(own, change)))


def _used(own: Phrases, change: Change) -> Iterator[Item]:
    """Say which rules read what has changed, by their titles."""
    if change.used:
        rules = [(own.policy.rule(code), code) for code in change.used]
        side = LANGUAGES.index(own.language)
        titles = [code if rule is None else rule.title[side] for rule, code in rules]
        noun = own.say("handbook.used")
        yield Item(own.say("example.fact", noun=noun, value=own.say("prose.comma").join(titles)))


def _lines_item(text: str) -> Item:
    """Make an item of lines whose parts are set in by two blanks a level."""
    first, *rest = text.split("\n")
    below: list[list[str]] = []
    for line in rest:
        if below and line.startswith("  "):
            below[-1].append(line.removeprefix("  "))
        else:
            below.append([line.removeprefix("- ")])
    return Item(first, tuple(_lines_item("\n".join(lines)) for lines in below))


def _part_item(own: Phrases, part: PartChange) -> Item:
    """Say a part before and after; what is long stands on lines of its own."""
    language = own.language
    old, new = part.old[language], part.new[language]
    name = _part_name(own, part.part)
    if old == new:
        return Item(own.say("diff.other_language", name=name))
    nothing = own.say("diff.nothing")
    if max(len(old), len(new)) < 40 and "\n" not in old + new:
        return Item(own.say("diff.part", name=name, old=old or nothing, new=new or nothing))
    sides = (("before", old), ("after", new))
    return Item(
        name,
        tuple(
            Item(
                own.say("example.fact", noun=own.say(f"diff.{code}"), value=item.text)
                if isinstance(item.text, str)
                else item.text,
                item.items,
            )
            for code, text in sides
            for item in (_lines_item(text or nothing),)
        ),
    )


_WHOLE: Final = (
    *("on", "when", "says", "window", "effect", "words"),
    *("scope", "stands_for", "type", "of", "counts", "version", "messages"),
)
"""The parts that are told of what is added or removed."""

_PARTS: Final = {
    "stands_for": "diff.stands_for",
    "scope": "diff.scope",
    "counts": "diff.counts",
    "messages": "diff.messages",
    "id": "diff.id",
    "version": "diff.version",
    "currency": "diff.currency",
    "title_of": "diff.title_of",
    "steps": "diff.steps",
    "approval_terms": "diff.approval_terms",
    "payment": "diff.payment",
    "words": "handbook.words",
    "type": "handbook.kind",
    "of": "handbook.of",
    "title": "part.title",
}


def _part_name(own: Phrases, part: str) -> str:
    return own.say(_PARTS.get(part, f"part.{part}"))


def _figure_blocks(diff: PolicyDiff, own: Phrases, figure: FigureChange) -> Iterator[Block]:
    chip = Span(own.say(f"diff.{figure.how}"), "chip")
    policy = diff.old if figure.how == REMOVED else diff.new
    parameter = policy.parameters[figure.name]
    titles = [
        rule.title[LANGUAGES.index(own.language)]
        for rule in map(policy.rule, used_by(policy, parameter))
        if rule is not None
    ]
    named = parameter.title[LANGUAGES.index(own.language)] if parameter.title else ""
    said = named or own.say("prose.comma").join(titles)
    lead: tuple[str | Span, ...] = (said, " ") if said else ()
    yield Heading(3, (*lead, Span(figure.name, "code"), " ", chip))
    nothing = own.say("diff.nothing")
    items = []
    for part in figure.parts:
        code, _, day = part.part.partition(" ")
        if code == "source" and not part.old[own.language]:
            said = own.say("diff.source_new", day=day, new=part.new[own.language])
            items.append(Item(said))
            continue
        old, new = (side[own.language] or nothing for side in (part.old, part.new))
        values = {"old": old, "new": new, **({"day": day} if day else {})}
        items.append(Item(own.say(f"diff.{code}", **values)))
    if items:
        yield Listing(tuple(items))
    rows: list[tuple[Inline, ...]] = []
    for value in figure.values:
        old, new = (
            nothing if side is None else side[own.language] for side in (value.old, value.new)
        )
        rows.append((value.start.isoformat(), value.key[own.language], old, new))
    if rows:
        has_keys = any(row[1] for row in rows)
        heads = [own.say(head) for head in ("handbook.from", "diff.key", "diff.old", "diff.new")]
        if has_keys:
            heads[1] = " / ".join(key_words(own, name) for name, _ in parameter.keys) or heads[1]
        else:
            del heads[1]
            rows = [(row[0], *row[2:]) for row in rows]
        yield Table(tuple(heads), tuple(rows), label=figure.name)


def _calendar_blocks(own: Phrases, part: PartChange) -> Iterator[Block]:
    for how, side in ((REMOVED, part.old), (ADDED, part.new)):
        days = side[own.language]
        if days:
            code = "diff.covered" if part.part == "covered" else f"handbook.{part.part}"
            said = own.say(code, list=days)
            yield Paragraph((Span(own.say(f"diff.{how}"), "chip"), " ", said))


def _example_blocks(diff: PolicyDiff, own: Phrases) -> Iterator[Block]:
    if diff.old.currency != diff.new.currency:
        yield Paragraph(own.say("diff.examples_currency"))
        return
    count, changed = str(diff.compared), str(len(diff.examples))
    if not diff.examples:
        yield Paragraph(own.say("diff.examples_none", count=count))
        return
    yield Paragraph(own.say("diff.examples_some", count=count, changed=changed))
    items = []
    for one in diff.examples:
        sides = (("before", one.result_old, "was"), ("after", one.result_new, "now"))
        below = tuple(
            Item(
                (
                    own.say("example.fact", noun=own.say(f"diff.{code}"), value=""),
                    Span(result[own.language], look),
                )
            )
            for code, result, look in sides
        )
        items.append(Item(one.claim[own.language], below))
    yield Listing(tuple(items))
