"""Figures of the policy in words: single ones with their dates, and what a table says."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm_expenses.rules.parameter import Bands, Held, Parameter
from crm_expenses.rules.tree import Node, Op, Sort
from crm_expenses.rules.unfold import bare

if TYPE_CHECKING:
    from crm_expenses.rules.phrase import Phrases


def lookup_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a look-up: a single figure itself, else the table and what it is looked up for."""
    parameter = own.policy.parameters[str(node.value)]
    if not parameter.keys:
        is_word = node.type.sort is Sort.CHOICE
        return _word(own, parameter) if is_word else figure_words(own, parameter)
    values = {"table": own.table_ref(parameter.name)}
    if node.type.sort is Sort.QUANTITY:
        return own.say("prose.lookup", **values, keys=key_words(own, node, parameter))
    (first, *more) = map(bare, node.args)
    if not more and _is_else(first, parameter, 0):
        return own.say("prose.lookup_else", **values, keys=own.value(first.args[0]))
    return own.say("prose.lookup_one", **values, keys=key_words(own, node, parameter))


def key_words(own: "Phrases", node: Node, parameter: Parameter) -> str:
    """Say what a table is looked up for."""
    keys = zip(node.args, parameter.keys, strict=False)
    parts = [_key(own, bare(arg), parameter, at) for at, (arg, _) in enumerate(keys)]
    return own.listed(parts, "prose.both")


def _key(own: "Phrases", arg: Node, parameter: Parameter, at: int) -> str:
    if _is_else(arg, parameter, at):
        return own.say("prose.key_else", a=own.value(arg.args[0]))
    return own.within(arg) if arg.op is Op.IF else own.value(arg)


def _is_else(arg: Node, parameter: Parameter, at: int) -> bool:
    """Say whether a missing fact falls to the row for all others."""
    if arg.op is not Op.DEFAULT or bare(arg.args[1]).op is not Op.CONSTANT:
        return False
    known = {key[at] for step in parameter.values for key in step.table}
    return str(bare(arg.args[1]).value) not in known


def figure_words(own: "Phrases", parameter: Parameter) -> str:
    """Give the one value of a parameter: the newest, and since when where there was another."""
    *earlier, last = parameter.values
    shown = newest_words(own, parameter)
    if not earlier:
        return shown
    day = last.start.isoformat()
    if len(earlier) == 1:
        before = own.held(only(earlier[0].table[()]), parameter.type)
        return own.say("prose.lookup_changed", a=shown, day=day, b=before)
    return own.say("prose.lookup_dated", a=shown, day=day)


def newest_words(own: "Phrases", parameter: Parameter) -> str:
    """Give the newest value of a parameter without keys."""
    return own.held(only(parameter.values[-1].table[()]), parameter.type)


def _word(own: "Phrases", parameter: Parameter) -> str:
    """Give the word of a parameter: which one it is on which days."""
    if len(parameter.values) == 1:
        return newest_words(own, parameter)
    steps = [
        own.say(
            "prose.word_from",
            day=step.start.isoformat(),
            a=own.held(only(step.table[()]), parameter.type),
        )
        for step in parameter.values
    ]
    listed = own.say("prose.counter_joint").join(steps)
    return own.say("prose.word_dated", name=own.table_name(parameter.name), list=listed)


def only(value: Held | Bands) -> Held:
    """Give a value of a table without bands, which holds no other."""
    return value if not isinstance(value, Bands) else value.values[0]


# Words that a table gives


def choice_words(own: "Phrases", node: Node, given: Sequence[str], *, is_in: bool) -> str:
    """Say that a table gives one of some words, or none of them."""
    parameter = own.policy.parameters[str(node.value)]
    if not parameter.keys:
        return _times(own, parameter, given, is_in=is_in)
    shown = [own.option(parameter.type.choice, value) for value in given]
    return own.say(
        "prose.says" if is_in else "prose.says_not",
        table=own.table_ref(parameter.name),
        options=own.listed(shown, "prose.or"),
        keys=key_words(own, node, parameter),
    )


def _times(own: "Phrases", parameter: Parameter, given: Sequence[str], *, is_in: bool) -> str:
    """Say on which days a parameter without keys has one of some words."""
    runs: list[tuple[date, date | None]] = []
    words: dict[str, None] = {}
    ends = [step.start - timedelta(days=1) for step in parameter.values[1:]]
    for step, end in zip(parameter.values, (*ends, None), strict=True):
        value = str(only(step.table[()]))
        if (value in given) is is_in:
            words[own.option(parameter.type.choice, value)] = None
            if runs and runs[-1][1] == step.start - timedelta(days=1):
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((step.start, end))
    if not runs:
        return own.say("prose.constant_no")
    shown = []
    for first, last in runs:
        code = "prose.day_from" if last is None else "prose.day_between"
        ends_on = first if last is None else last
        shown.append(own.say(code, first=first.isoformat(), last=ends_on.isoformat()))
    return own.say(
        "prose.day_is",
        times=own.listed(shown, "prose.or"),
        table=own.table_name(parameter.name),
        options=own.listed(list(words), "prose.or"),
    )
