"""Writes a policy from the answers: commented, in both languages, and without a mistake."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from crm_expenses.core.money import exponent
from crm_expenses.messages import LANGUAGES, text
from crm_expenses.policystart.interview import Answers
from crm_expenses.policystart.tomltext import Plain, array, inline, literal, quoted

WIDTH: Final = 98
ENTERTAINMENT: Final = "entertainment"
MILEAGE: Final = "mileage"
VOUCHERS: Final = {"receipt": "voucher.receipt", "fapiao": "voucher.fapiao"}
"""What the rule on vouchers is called, by what is asked for."""


def policy_text(answers: Answers, id_: str, file: str) -> str:
    """Write the policy; `id_` is its short name, `file` the name of its file."""
    parts = (
        _head(answers, id_, file),
        _lists(answers),
        _parameters(answers),
        _rules(answers),
        _approvals(answers),
        _calendar(file),
    )
    return "\n\n".join("\n".join(part).rstrip("\n") for part in parts) + "\n"


def note(code: str, **values: str) -> Iterator[str]:
    """Give a comment in both languages, in lines of a width."""
    shown = {name: _on_a_line(value) for name, value in values.items()}
    for language in LANGUAGES:
        for line in _wrapped(text(code, language, **shown)):
            yield f"# {line}"


def _on_a_line(value: str) -> str:
    """Show what cannot stand in a comment, as a line end in the name of a file, by its escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)


def _wrapped(words: str) -> Iterator[str]:
    """Break at spaces; Chinese, which has few, breaks anywhere but before what closes a phrase."""
    line, width = "", 0
    for word in _pieces(words):
        size = _width(word)
        if width + size > WIDTH and line.strip():
            yield line.rstrip()
            line, width = "", 0
            word = word.lstrip()  # noqa: PLW2901  a line begins with a word
        line, width = line + word, width + size
    yield line.rstrip()


def _width(words: str) -> int:
    """Give the columns that words take: a Chinese character takes two."""
    return sum(1 + (char > "\u2e7f") for char in words)


def _pieces(words: str) -> Iterator[str]:
    piece, is_code = "", False
    for at, char in enumerate(words):
        piece += char
        is_code ^= char == "`"
        following = words[at + 1 : at + 2]
        is_wide = char > "\u2e7f" or following > "\u2e7f"
        if not is_code and (char == " " or (is_wide and following not in "，。；：、）`")):
            yield piece
            piece = ""
    yield piece


def _both(code: str, **values: str) -> str:
    return inline((language, text(code, language, **values)) for language in LANGUAGES)


def _head(answers: Answers, id_: str, file: str) -> Iterator[str]:
    yield from note("start.note.head", file=file)
    yield ""
    yield "[policy]"
    yield f"id = {quoted(id_)}"
    yield 'version = "1"'
    yield "language = 1"
    yield f"currency = {quoted(answers.currency)}"
    yield f"title = {_both('start.title', company=answers.company)}"


def _lists(answers: Answers) -> Iterator[str]:
    yield from note("start.note.choices")
    yield "[choices]"
    yield f"grade = {array(answers.grades)}"
    if len(answers.tiers) > 1:
        yield f"tier = {array(answers.tiers)}"
    yield ""
    yield from note("start.note.categories")
    yield "[category]"
    for category in answers.categories:
        yield f"{category} = {{ name = {_both(f'start.name.{category}')} }}"


# Figures


def _parameters(answers: Answers) -> Iterator[str]:
    yield from note("start.note.figures")
    currency = answers.currency
    for name, value in answers.figures.items():
        if name in ("manager_above", "finance_above"):
            continue  # they stand in the approval steps
        below = {"entertainment_head": "person", "mileage_rate": "km"}.get(name, "")
        yield from _parameter(answers, name, "money", f"{currency}/{below}" if below else "", value)
    yield from _parameter(answers, "submit_days", "count", "day", Decimal(answers.submit_days))
    if len(answers.tiers) > 1:
        yield from note("start.note.cities")
        rows: list[tuple[Plain, ...]] = [
            (city, tier) for tier, cities in answers.cities.items() for city in cities
        ]
        yield from _table(answers, "city_tier", {"type": "tier"}, ["city"], rows)
        yield f"else = {quoted(answers.tiers[-1])}"
        yield ""
    if answers.tiers:
        is_tiered = len(answers.tiers) > 1
        keys = ["grade", "tier"] if is_tiered else ["grade"]
        night: list[tuple[Plain, ...]] = [
            (grade, tier, amount) if is_tiered else (grade, amount)
            for tier, amounts in answers.lodging.items()
            for grade, amount in zip(answers.grades, amounts, strict=True)
        ]
        head = {"type": "money", "unit": f"{currency}/night"}
        yield from _table(answers, "lodging_night", head, keys, night)
        yield ""


def _parameter(answers: Answers, name: str, kind: str, unit: str, value: Decimal) -> Iterator[str]:
    yield f"[parameter.{name}]"
    yield f"name = {_both(f'start.figure.{name}')}"
    yield f"type = {quoted(kind)}"
    if unit:
        yield f"unit = {quoted(unit)}"
    source = literal(source_text())
    yield (
        f"values = [{{ from = {literal(answers.starts)}, is = {literal(value)}, "
        f"source = {source} }}]"
    )
    yield ""


def _table(
    answers: Answers,
    name: str,
    head: Mapping[str, str],
    keys: list[str],
    rows: list[tuple[Plain, ...]],
) -> Iterator[str]:
    yield f"[parameter.{name}]"
    yield f"name = {_both(f'start.figure.{name}')}"
    yield from (f"{key} = {quoted(value)}" for key, value in head.items())
    yield f"keys = {array(keys)}"
    yield ""
    yield f"[[parameter.{name}.values]]"
    yield f"from = {literal(answers.starts)}"
    yield f"source = {quoted(source_text())}"
    if not rows:
        yield "table = []"
        return
    yield "table = ["
    line = ""
    for row in map(array, rows):
        if line and _width(line) + _width(row) > WIDTH:
            yield f"  {line.rstrip()}"
            line = ""
        line += f"{row}, "
    yield f"  {line.rstrip()}"
    yield "]"


# Rules


def _rules(answers: Answers) -> Iterator[str]:
    yield from note("start.note.rules")
    for category in answers.categories:
        yield from _RULES_OF[category](answers)
    yield from note("start.note.everywhere")
    if answers.needs_voucher:
        yield from _voucher(answers)
    yield from _rule("submit.days", "require", effect="reject", that="age_days <= submit_days")


def _rule(code: str, kind: str, on: str = "", title: str = "", **parts: str) -> Iterator[str]:
    """Give a rule; one that is no limit says in its own words what is wrong."""
    yield "[[rule]]"
    yield f"code = {quoted(code)}"
    yield f"kind = {quoted(kind)}"
    if on:
        yield f"on = [{quoted(on)}]"
    if "effect" in parts:
        yield f"effect = {quoted(parts.pop('effect'))}"
    yield f"title = {_both(f'start.rule.{title or code}')}"
    if "per" in parts:
        yield f"per = [{quoted(parts.pop('per'))}]"
    yield from (f"{name} = {quoted(value)}" for name, value in parts.items())
    if kind != "limit":
        yield f"message = {_both(f'start.says.{title or code}')}"
    yield ""


def _meal(_: Answers) -> Iterator[str]:
    yield from note("start.note.windows")
    yield from _sum("meal.day", "meal", "day", "meal_day")


def _sum(code: str, on: str, period: str, at_most: str) -> Iterator[str]:
    yield from _rule(code, "limit", on, per="person", period=period, at_most=at_most)


def _lodging(answers: Answers) -> Iterator[str]:
    is_tiered = len(answers.tiers) > 1
    given = "present(city) and present(nights)" if is_tiered else "present(nights)"
    keys = "grade, city_tier[city]" if is_tiered else "grade"
    cap = f"lodging_night[{keys}] * nights"
    yield from _rule("lodging.night", "limit", "lodging", when=given, at_most=cap)
    title = "lodging.complete" if is_tiered else "lodging.nights"
    yield from _rule("lodging.complete", "require", "lodging", title, that=given)


def _local_transport(_: Answers) -> Iterator[str]:
    yield from _sum("local_transport.day", "local_transport", "day", "local_transport_day")


def _intercity(_: Answers) -> Iterator[str]:
    yield from _rule("intercity.large", "flag", "intercity", that="amount > intercity_review")


def _entertainment(_: Answers) -> Iterator[str]:
    yield from note("start.note.effects")
    yield from _rule(
        "entertainment.complete",
        "require",
        ENTERTAINMENT,
        effect="reject",
        that="present(account) and present(attendees)",
    )
    yield from _rule(
        "entertainment.head",
        "limit",
        ENTERTAINMENT,
        effect="justify",
        when="present(attendees)",
        at_most="entertainment_head * attendees",
    )
    yield from _rule(
        "entertainment.approved",
        "require",
        ENTERTAINMENT,
        when="amount > entertainment_approval",
        that="pre_approved",
    )
    yield from _rule(
        "entertainment.rest_day", "flag", ENTERTAINMENT, that="not is_working_day(date)"
    )


def _gift(_: Answers) -> Iterator[str]:
    yield from _rule("gift.item", "limit", "gift", effect="justify", at_most="gift_item")
    customer = "present(account)"
    yield from _rule("gift.customer", "require", "gift", effect="reject", that=customer)
    yield from _rule(
        "gift.year",
        "limit",
        "gift",
        per="account",
        period="year",
        when=customer,
        at_most="gift_year",
    )


def _communication(_: Answers) -> Iterator[str]:
    yield from _sum("communication.month", "communication", "month", "communication_month")


def _mileage(answers: Answers) -> Iterator[str]:
    step = f"{Decimal(1).scaleb(-exponent(answers.currency)):f}"
    yield from _rule(
        "mileage.rate",
        "limit",
        MILEAGE,
        when="present(distance)",
        at_most=f"round(mileage_rate * distance, {step}, half_up)",
    )
    yield from _rule("mileage.complete", "require", MILEAGE, that="present(distance)")


def _voucher(answers: Answers) -> Iterator[str]:
    when = "amount >= voucher_from"
    if MILEAGE in answers.categories:
        when += " and category != 'mileage'"
    that = "voucher_kind != 'none'"
    if answers.voucher == "fapiao":
        that = f"voucher_kind in ('fapiao', 'e_fapiao', 'ticket') if currency == 'CNY' else {that}"
    title = VOUCHERS[answers.voucher]
    yield from _rule("voucher.needed", "require", "", title, effect="justify", when=when, that=that)
    yield from _rule(
        "voucher.twice",
        "forbid",
        when="present(voucher_number) and not is_credit",
        that="voucher_uses_before > 0",
    )


_RULES_OF: Final = {
    "meal": _meal,
    "lodging": _lodging,
    "local_transport": _local_transport,
    "intercity": _intercity,
    "entertainment": _entertainment,
    "gift": _gift,
    "communication": _communication,
    "mileage": _mileage,
}


# Approvals and calendar


def _approvals(answers: Answers) -> Iterator[str]:
    yield from note("start.note.approvals")
    manager, finance = (literal(answers.figures[f"{who}_above"]) for who in ("manager", "finance"))
    yield "[[approval]]"
    yield 'code = "manager"'
    yield 'who = "manager"'
    yield f"above = {manager}"
    yield 'outcome = "review"'
    yield ""
    yield "[[approval]]"
    yield 'code = "finance"'
    yield 'who = "role:finance"'
    yield f"above = {finance}"


def _calendar(file: str) -> Iterator[str]:
    yield from note("start.note.calendar", file=file)
    yield "[calendar]"
    yield "rest_days = []"
    yield "work_days = []"


def source_text() -> str:
    """Say in both languages where the figures come from."""
    return " ".join(text("start.source", language) for language in LANGUAGES)
