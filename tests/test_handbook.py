"""The handbook: one page that needs nothing, says what the rules say, and lets nothing in."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from crm_expenses.document import (
    Card,
    Document,
    Heading,
    Item,
    Listing,
    Paragraph,
    Span,
    Table,
    anchor_of,
    html,
    markdown,
    plain_text,
)
from crm_expenses.handbook import handbook, publish
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import examples_of
from crm_expenses.rules.examplewords import outcome_words
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.prose import rule_prose

ROOT: Final = Path(__file__).resolve().parents[1]
NAMED: Final = ROOT / "tests" / "rules" / "wording" / "named.toml"
PACKS: Final = ROOT / "examples" / "policies"
EVERYTHING: Final = ROOT / "tests" / "rules" / "wording" / "everything.toml"
DEMO: Final = ROOT / "src" / "crm_expenses" / "demo" / "policy.toml"
POLICIES: Final = (
    EVERYTHING,
    DEMO,
    ROOT / "examples" / "crm-sales" / "policy.toml",
    ROOT / "examples" / "chamber" / "policy.toml",
    NAMED,
)
VOID: Final = {"meta", "input", "br"}
HOSTILE: Final = "<script>alert(1)</script>\"'&\u202e[x](javascript:1)"


class Reader(HTMLParser):
    """Reads a page: its text, ids, links, and whether every element is closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.style = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element in."""
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.append((name, value or ""))
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take text in."""
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text.append(data)

    @property
    def words(self) -> str:
        """All that a person reads."""
        return re.sub(r"\s+", " ", "".join(self.text))


def read(page: str) -> Reader:
    """Read a whole page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module", params=["everything.toml", "named.toml"])
def hostile(request: pytest.FixtureRequest) -> Policy:
    """A policy whose every text tries to be markup."""
    text = EVERYTHING.with_name(str(request.param)).read_text("utf-8")
    quoted = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    text = re.sub(r'\ben = "[^"]*"', lambda _: f'en = "{quoted}"', text)
    text = re.sub(r'\bzh = "[^"]*"', lambda _: f'zh = "{quoted}"', text)
    return parse_policy(text.replace('source = "chosen for the test"', f'source = "{quoted}"'))


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("languages", [("en",), ("zh",), LANGUAGES])
def test_a_page_stands_alone(path: Path, languages: tuple[Language, ...]) -> None:
    """A page is well formed, has no script, and asks for nothing from anywhere."""
    page = publish(load_policy(path), languages, "html")
    reader = read(page)
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(reader.tags)
    assert all(link.startswith("#") for link in reader.links)
    assert not {"src", "style", "action"} & {name for name, _ in reader.attributes}
    assert not any(name.startswith("on") for name, _ in reader.attributes)
    assert not re.search(r"url\(|@import|https?:", page)
    digest = base64.b64encode(hashlib.sha256(reader.style.encode()).digest()).decode()
    (policy,) = (v for n, v in reader.attributes if n == "content" and "default-src" in v)
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("languages", [("en",), LANGUAGES])
def test_every_link_leads_somewhere(path: Path, languages: tuple[Language, ...]) -> None:
    """Each anchor stands once, each link has its anchor, and each rule has one per language."""
    policy = load_policy(path)
    reader = read(publish(policy, languages, "html"))
    assert len(set(reader.ids)) == len(reader.ids)
    assert {link.removeprefix("#") for link in reader.links} <= set(reader.ids)
    for rule in policy.rules:
        assert f"rule-{rule.code}" in reader.ids
        assert (f"zh-rule-{rule.code}" in reader.ids) is (len(languages) == 2)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_rules_say(path: Path, language: Language) -> None:
    """Every sentence of every rule, and the result of every example, stands on the page."""
    policy = load_policy(path)
    page = read(publish(policy, (language,), "html")).words
    book = publish(policy, (language,), "md")
    for rule in policy.rules:
        for line in rule_prose(policy, rule, language).lines():
            assert line.strip().removeprefix("- ") in page
        assert rule.code in book
        assert rule.clause in page
    for example in examples_of(Evaluator(policy)):
        assert outcome_words(policy, example, language) in page


def test_figures_with_source_check_and_validity() -> None:
    """Each value of a parameter stands with its days, its source and when it was checked."""
    page = read(publish(load_policy(DEMO), ("en",), "html")).words
    policy = load_policy(DEMO)
    for parameter in policy.parameters.values():
        shown = parameter.title[0] if parameter.title else parameter.name.replace("_", " ")
        assert shown in page
        for step in parameter.values:
            assert step.start.isoformat() in page
            assert step.source in page
            assert step.checked is None or step.checked.isoformat() in page
    assert "2023-12-31" in page  # the day before the raise of 2024
    assert "further notice" in page


def test_two_keys_make_a_matrix() -> None:
    """A table by grade and city tier has a row a grade and a column a tier."""
    document = handbook(load_policy(DEMO), "en")
    cards = [b for b in document.blocks if isinstance(b, Card) and b.anchor == "rule-lodging.cap"]
    (table,) = (block for block in cards[0].blocks if isinstance(block, Table))
    assert table.head == ("Grade / Tier", "1", "2", "3")
    assert [row[0] for row in table.rows] == ["junior", "senior", "lead", "director"]
    assert table.rows[3][1] == "1,000 CNY per night"
    assert table.numbers == {1, 2, 3}


def test_what_every_category_asks_for_stands_once() -> None:
    """A fact that all categories need for the same rule is told once, under every category."""
    book = publish(load_policy(DEMO), ("en",), "md")
    asked = book.partition("## What to give, by category")[2].partition("## Rules")[0]
    assert asked.count("Voucher's number") == 1
    assert asked.index("Every category") < asked.index("Voucher's number")
    assert (
        "Number of nights: demanded by [Lodging: city and nights](#rule-lodging.complete)" in asked
    )


def test_sections_are_there_only_when_needed() -> None:
    """A policy without sums, facts, lists or a calendar has no such section."""
    small = publish(load_policy(POLICIES[3]), ("en",), "md")
    whole = publish(load_policy(EVERYTHING), ("en",), "md")
    for title in ("Sums that rules read", "Approvals", "Calendar", "Lists", "Facts of this"):
        assert f"## {title}" not in small
        assert f"## {title}" in whole
    assert "Days of rest on weekdays: 2026-05-01" in whole


def section(book: str, title: str) -> str:
    """Give one section of a handbook in Markdown."""
    return book.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_each_value_is_defined_below_the_rule_that_reads_it() -> None:
    """What a named expression is stands below its rule; what it reads is one link away."""
    for language, here, all_of, text in (
        ("en", "What the words mean", "What the words mean", "“diet of the period” is: (the"),
        ("zh", "用语含义", "用语含义", "“时段伙食”为：（表"),
    ):
        book = publish(load_policy(NAMED), (language,), "md")  # type: ignore[arg-type]
        rule = book.partition('<a id="rule-diem.period"></a>')[2].partition("<a id=")[0]
        assert here in rule
        assert f"- {text}" in rule
        assert "](#value-share)" in rule
        assert '<a id="value-share"></a>' in section(book, all_of)


def test_a_value_of_an_approval_step_is_defined() -> None:
    """What a condition of an approval step means stands below the steps."""
    book = publish(load_policy(PACKS / "cn-company.toml"), ("zh",), "md")
    steps = section(book, "审批")
    assert "“含 25 天以前的消费”指：从最早消费到提交的时间已知且超过 25 天。" in steps


def test_figures_are_used_through_values_and_windows() -> None:
    """A figure names every rule and step that it decides, however far away it is read."""
    book = publish(load_policy(NAMED), ("en",), "md")
    rows = {
        line.split("|")[1].strip(): line for line in book.splitlines() if "| 2026-01-01" in line
    }
    diet = rows["[Diet of 24 hours](#figure-diet)"]
    assert "(#rule-diem.period)" in diet
    assert "(#rule-diem.whole)" in diet
    assert "(#rule-meal.paid)" in rows["Months that are long"]
    assert "### Diet of 24 hours" in book
    assert "| over 12 hours | 1 |" in book
    assert "| from 8 hours | 0.5 |" in book
    about = section(book, "Figures")
    assert "for each day, the values of that day" in about
    assert "the values of the day on which the 24 hours begin" in about


def test_words_and_lists_by_their_names() -> None:
    """Cells, headings and lists hold the names that people read, in their language."""
    book = publish(load_policy(PACKS / "cn-company.toml"), ("zh",), "md")
    assert "| 职级 / 城市类别 | 一类城市 | 二类城市 | 三类城市 |" in book
    assert "| `tier` | 一类城市、二类城市、三类城市 |" in book
    assert "staff" not in section(book, "列表")
    assert "[住宿每晚限额](#figure-lodging_night)" in section(book, "标准")


def test_what_a_trip_needs_is_asked_for() -> None:
    """A rule by periods needs the trip and its times; meals where they count."""
    asked = section(publish(load_policy(NAMED), ("en",), "md"), "What to give, by category")
    for words in (
        "Trip: read by",
        "Times of leaving",
        "Breakfast: who provided it",
        "Pre-approval",
    ):
        assert words in asked


def test_runs_of_days_are_joined() -> None:
    """Neighbouring days of rest are told as the first and the last."""
    text = EVERYTHING.read_text("utf-8").replace(
        "rest_days = [2026-05-01]", "rest_days = [2026-10-01, 2026-10-02, 2026-10-05, 2026-01-01]"
    )
    book = publish(parse_policy(text), ("en",), "md")
    assert "2026-01-01, 2026-10-01 to 2026-10-02, 2026-10-05" in book


@pytest.mark.parametrize("languages", [("en",), LANGUAGES])
def test_hostile_texts_stay_texts(hostile: Policy, languages: tuple[Language, ...]) -> None:
    """Markup, quotes and marks of direction in a policy never leave the text they stand in."""
    page = publish(hostile, languages, "html")
    reader = read(page)
    assert "script" not in reader.tags
    assert "<script>alert(1)</script>" in reader.words
    assert "\u202e" not in page
    assert all(link.startswith("#") for link in reader.links)
    book = publish(hostile, languages, "md")
    assert "<script>" not in book
    assert "\u202e" not in book
    assert not re.search(r"(?<!\\)\]\((?!#)", book)


def test_the_same_bytes_on_every_run() -> None:
    """The same policy gives the same page."""
    for form in ("html", "md"):
        pages = {publish(load_policy(EVERYTHING), LANGUAGES, form) for _ in range(2)}
        assert len(pages) == 1


def test_both_languages_on_one_page() -> None:
    """A page in both languages has a switch, and every text of both."""
    policy = load_policy(DEMO)
    page = publish(policy, LANGUAGES, "html")
    reader = read(page)
    assert {"lang-en", "lang-zh"} <= set(reader.ids)
    assert policy.title[0] in reader.words
    assert policy.title[1] in reader.words
    one = read(publish(policy, ("zh",), "html"))
    assert "lang-en" not in one.ids
    assert one.words.partition(policy.title[1])[2].strip() in reader.words


def test_a_document_in_every_form() -> None:
    """Headings, lists in lists, tables and marks come out in each form, escaped for it."""
    document = Document(
        "T",
        "en",
        (
            Heading(1, "A & B", "top"),
            Paragraph(("see ", Span("x<y", "code", "top"), " ", Span("now", "chip"))),
            Listing((Item("one", (Item("two|*"),)), Item("- three"))),
            Table(("a", "b"), (("1", Span("a|b", "code")),), "cap", frozenset({0})),
            Card((Paragraph("in a card", "note"),), "card"),
        ),
    )
    page = html([document])
    assert '<h1 id="top">A &amp; B</h1>' in page
    assert '<a href="#top"><code>x&lt;y</code></a>' in page
    assert "<li>one\n<ul>\n<li>two|*</li>\n</ul>\n</li>" in page
    assert '<td class="num">1</td>' in page
    assert '<section class="card" id="card">' in page
    assert markdown([document]) == (
        '<a id="top"></a>\n\n# A &amp; B\n\nsee [`x<y`](#top) **now**\n\n'
        "- one\n  - two\\|\\*\n- \\- three\n\n*cap*\n\n| a | b |\n| ---: | --- |\n"
        '| 1 | `a\\|b` |\n\n<a id="card"></a>\n\nin a card\n'
    )
    assert plain_text(document) == (
        "A & B\n-----\nsee x<y now\n- one\n  - two|*\n- - three\ncap\n  a 1 · b a|b\nin a card\n"
    )
    assert anchor_of("a b", "ü/x") == "a-b--x"


TABLES: Final = """
[policy]
id = "tables"
version = "1"
language = 1
currency = "EUR"
title = { en = "Tables", zh = "表" }
[choices]
grade = ["a", "b"]
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
[fact.tip]
name = { en = "Tip", zh = "小费" }
type = "money"
[fact.share]
name = { en = "Share", zh = "份额" }
type = "number"
places = 2
[fact.since]
name = { en = "Since", zh = "起始" }
type = "date"
of = "person"
[parameter.cap]
type = "money"
keys = ["grade", "city"]
[[parameter.cap.values]]
from = 2026-01-01
table = [["a", "Bonn", 1], ["a", "Köln", 2], ["b", "Bonn", 3], ["b", "Köln", 4]]
else = 9
[parameter.long]
type = "money"
keys = ["city"]
[[parameter.long.values]]
from = 2026-01-01
table = [ROWS]
else = 1
[[rule]]
code = "x"
kind = "limit"
title = { en = "X", zh = "某" }
when = "present(city)"
at_most = "cap[grade, city] + long[city]"
""".replace("ROWS", ", ".join(f'["T{n}", {n}]' for n in range(20)))


def test_tables_of_every_shape() -> None:
    """A matrix has what holds for all others beside and below; a long table stands once."""
    document = handbook(parse_policy(TABLES), "en")
    (card,) = (block for block in document.blocks if isinstance(block, Card))
    (table,) = (block for block in card.blocks if isinstance(block, Table))
    assert table.head == ("Grade / City", "Bonn", "Köln", "all others")
    assert table.rows == (
        ("a", "1 EUR", "2 EUR", "9 EUR"),
        ("b", "3 EUR", "4 EUR", "9 EUR"),
        ("all others", "9 EUR", "9 EUR", "9 EUR"),
    )
    book = publish(parse_policy(TABLES), ("en",), "md")
    assert "[Table “long”: 21 rows](#figure-long)" in book
    assert book.count("| T7 | 7 EUR |") == 1
    for shown in ("| Tip | `tip` | an amount |", "| Share | `share` | a number |"):
        assert shown in book
    assert "| Since | `since` | a day | the person |" in book
