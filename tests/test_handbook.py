"""The handbook: one page that needs nothing, says what the rules say, and lets nothing in."""

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, Literal

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
from crm_expenses.handbook import handbook, publish, table_numbers
from crm_expenses.messages import LANGUAGES, Language, table
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import examples_of
from crm_expenses.rules.examplewords import outcome_words
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.prose import rule_prose

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "examples" / "policies"
NAMED: Final = ROOT / "tests" / "rules" / "wording" / "named.toml"
EVERYTHING: Final = ROOT / "tests" / "rules" / "wording" / "everything.toml"
DEMO: Final = ROOT / "src" / "crm_expenses" / "demo" / "policy.toml"
POLICIES: Final = (
    EVERYTHING,
    DEMO,
    ROOT / "examples" / "crm-sales" / "policy.toml",
    ROOT / "examples" / "chamber" / "policy.toml",
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
    own = Phrases(policy, language, tables=table_numbers(policy))
    for rule in policy.rules:
        for line in rule_prose(policy, rule, language, own).lines():
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
        assert parameter.name in page
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
    assert table.rows[3][1] == "1,000"
    assert table.caption.startswith("Table 2: Lodging per night, in CNY per night; from 2024-01-01")
    assert table.numbers == {1, 2, 3}


def test_what_every_category_asks_for_stands_once() -> None:
    """A fact that all categories need for the same rule is told once, under every category."""
    book = publish(load_policy(DEMO), ("en",), "md")
    asked = book.partition("## What to fill in, by category")[2].partition("## Rules")[0]
    assert asked.count("Voucher's number") == 1
    assert asked.index("Every category") < asked.index("Voucher's number")
    assert (
        "Number of nights: required by [Lodging: city and nights](#rule-lodging.complete)" in asked
    )


def test_sections_are_there_only_when_needed() -> None:
    """A policy without sums, facts, lists or a calendar has no such section."""
    small = publish(load_policy(POLICIES[3]), ("en",), "md")
    whole = publish(load_policy(EVERYTHING), ("en",), "md")
    for title in ("Running totals", "Who approves", "Calendar", "Lists", "Fields particular"):
        assert f"## {title}" not in small
        assert f"## {title}" in whole
    assert "Days off that would be working days: 2026-05-01" in whole


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
            Listing((Item("first", (Item("below"),)), Item("then")), "steps"),
            Table(("a", "b"), (("1", Span("a|b", "code")),), "cap", frozenset({0})),
            Card((Paragraph("in a card", "note"),), "card"),
        ),
    )
    page = html([document])
    assert '<h1 id="top">A &amp; B</h1>' in page
    assert '<a href="#top"><code>x&lt;y</code></a>' in page
    assert "<li>one\n<ul>\n<li>two|*</li>\n</ul>\n</li>" in page
    assert '<th scope="row" class="num">1</th>' in page
    assert "<ol>\n<li>first\n<ul>\n<li>below</li>\n</ul>\n</li>\n<li>then</li>\n</ol>" in page
    assert '<section class="card" id="card">' in page
    assert markdown([document]) == (
        '<a id="top"></a>\n\n# A &amp; B\n\nsee [`x<y`](#top) **now**\n\n'
        "- one\n  - two\\|\\*\n- \\- three\n\n1. first\n   - below\n1. then\n\n*cap*\n\n"
        "| a | b |\n| ---: | --- |\n"
        '| 1 | `a\\|b` |\n\n<a id="card"></a>\n\nin a card\n'
    )
    assert plain_text(document) == (
        "A & B\n-----\nsee x<y [now]\n- one\n  - two|*\n- - three\n1. first\n  - below\n2. then\n"
        "cap\n  a 1 · b a|b\nin a card\n"
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
        ("a", "1", "2", "9"),
        ("b", "3", "4", "9"),
        ("all others", "9", "9", "9"),
    )
    book = publish(parse_policy(TABLES), ("en",), "md")
    assert "[Table 2: X, in EUR (21 rows)](#figure-long)" in book
    assert book.count("| T7 | 7 |") == 1
    for shown in ("| Tip | number (EUR) | the line | `tip` |", "| Share | number | the line |"):
        assert shown in book
    assert "| Since | date | the person | `since` |" in book


# What a person sees


def section(book: str, title: str) -> str:
    """Give one section of a handbook in Markdown."""
    return book.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def pack(name: str) -> Policy:
    """Load an example policy."""
    return load_policy(ROOT / "examples" / "policies" / f"{name}.toml")


PACKS: Final = ("cn-company", "us-company", "de-meals", "us-per-diem", "cn-vouchers-tax")


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_open_to_all(name: str, language: Language) -> None:
    """Headings go down one step at a time, each table cell has its heading, regions have names."""
    page = publish(pack(name), (language,), "html")
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert not re.search(r"<th(?![^>]*scope=)[ >]", page)
    for shown in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        body = shown.partition("<tbody>")[2]
        assert body.count("<tr>") == body.count('<th scope="row"') > 0
    assert not re.search(r'role="region"(?! aria-label="[^"]+)', page)
    assert f'<html lang="{ {"en": "en", "zh": "zh-CN"}[language] }">' in page
    assert "@media print" in page


@pytest.mark.parametrize("name", PACKS)
def test_chinese_has_no_english_of_ours(name: str) -> None:
    """Outside of what the policy itself calls things, a Chinese handbook has no English words."""
    policy = pack(name)
    words = read(publish(policy, ("zh",), "html")).words
    ours = {word for pair in table().values() for word in re.findall(r"[a-z]{4,}", pair[0])}
    theirs = set(re.findall(r"[A-Za-z]+", (FOLDER / f"{name}.toml").read_text("utf-8")))
    seen = set(re.findall(r"[A-Za-z]{4,}", words))
    assert not {word for word in seen & ours if word not in theirs}


def test_figures_stand_beside_their_rule() -> None:
    """A single figure is told under its rule with its days and source, and what held before."""
    book = publish(pack("us-company"), ("en",), "md")
    assert (
        "Rate per mile: 0.725 USD per mile, from 2026-01-01 on (source: IRS standard mileage rate, "
        "2026; checked on 2026-11-24); 0.70 USD per mile, 2025-01-01 to 2025-12-31 (source: IRS "
        "standard mileage rate, 2025; checked on 2026-11-24)"
    ) in book
    german = publish(pack("de-meals"), ("zh",), "md")
    share = "早餐占全天标准的比例：20%，自 2014-01-01 起（来源：EStG 9 (4a)；2026-11-24 核对）"
    assert share in german
    untitled = publish(parse_policy(UNCOVERED.replace("> unused", "> 1").replace(
        'at_most = "5"', 'at_most = "unused"')), ("en",), "md")  # fmt: skip
    assert "Figure: 5 EUR, from 2026-01-01 on" in untitled


def test_terms_are_explained_once() -> None:
    """What a name stands for stands under the first rule that reads it; later ones lead there."""
    book = publish(pack("de-meals"), ("en",), "md")
    assert book.count("- “off for breakfast”: where breakfast is provided") == 1
    edge = book.partition('<a id="rule-meals.edge"></a>')[2].partition("<a id=")[0]
    assert (
        "The meaning of “with a night away”, “more than three months at the same place of work”"
        in edge
    )
    assert "stands under [Full day away](#rule-meals.full)." in edge
    chinese = publish(pack("de-meals"), ("zh",), "md")
    assert "的含义见[全天在外](#rule-meals.full)。" in chinese


def test_figures_are_used_through_values_and_windows() -> None:
    """A figure names every rule that it decides, however far away it is read."""
    book = publish(load_policy(NAMED), ("en",), "md")
    rows = [line for line in book.splitlines() if "| 2026-01-01 |" in line]
    (diet,) = (row for row in rows if "(#figure-diet)" in row)
    assert "(#rule-diem.period)" in diet
    assert "(#rule-diem.whole)" in diet
    (long,) = (row for row in rows if "Months that are long" in row)
    assert "(#rule-meal.paid)" in long
    assert "| over 12 hours | 1 |" in book
    assert "| from 8 hours | 0.5 |" in book or "| from 8 hours | 50% |" in book
    about = section(book, "Figures")
    assert "takes, for each day, the figures of that day" in about
    assert "the figures of the day on which the 24 hours begin" in about


def test_words_and_lists_by_their_names() -> None:
    """Cells, headings and lists hold the names that people read, in their language."""
    book = publish(pack("cn-company"), ("zh",), "md")
    assert "| 职级 / 城市类别 | 一类城市 | 二类城市 | 三类城市 |" in book
    assert "| 城市类别 | 一类城市 `1`、二类城市 `2`、三类城市 `3` | `tier` |" in book
    assert "[表 3：住宿每晚限额（元/晚）](#figure-lodging_night)（9 行）" in section(
        book, "标准一览"
    )
    assert "### 表 3：住宿每晚限额（元/晚）" in book


def test_what_a_trip_needs_is_asked_for() -> None:
    """A rule by periods needs the trip and its times; meals where they count."""
    asked = section(publish(load_policy(NAMED), ("en",), "md"), "What to fill in, by category")
    for words in (
        "Trip: used by",
        "Times of leaving",
        "Breakfast: who provided it",
        "Pre-approval",
    ):
        assert words in asked


def test_a_table_stands_in_full_once_among_the_rules() -> None:
    """The second rule that looks a table up leads to it; so does one with earlier figures."""
    book = publish(pack("us-company"), ("en",), "md")
    rules = book.partition("## Rules")[2].partition("## Who approves")[0]
    assert rules.count("| New York | tier 1 |") == 1
    assert "[Table 1: Tier (7 rows)](#figure-tier_of)" in rules
    miles = publish(pack("us-mileage"), ("zh",), "md")
    assert "[此前的标准](#figure-rate)" in miles
    assert miles.count("| 公务 | 0.725 |") == 2
    assert "2021-01-01 至 2021-12-31" in miles


def test_what_always_goes_to_review() -> None:
    """The handbook says what goes to review whatever the rules say, and which categories do."""
    for language, said in (("en", "No rule covers these categories: Gifts."),
                           ("zh", "以下类别没有规则覆盖：礼品。")):  # fmt: skip
        policy = parse_policy(UNCOVERED)
        book = publish(policy, (language,), "md")  # type: ignore[arg-type]
        assert said in book
    assert "一律转人工复核" in book
    assert "No rule covers" not in publish(pack("us-company"), ("en",), "md")


UNCOVERED: Final = """
[policy]
id = "uncovered"
version = "1"
language = 1
currency = "EUR"
title = { en = "Uncovered", zh = "无规则" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }
[parameter.unused]
type = "money"
values = [{ from = 2026-01-01, is = 5 }]
[parameter.stray]
type = "money"
keys = ["month", "city"]
values = [{ from = 2026-01-01, table = [["1", "Bonn", 1], ["2", "Köln", 2]], else = 3 }]
[[rule]]
code = "x"
kind = "limit"
on = ["meal"]
title = { en = "X", zh = "某" }
at_most = "5"
[[approval]]
code = "a"
who = "manager"
when = "claim_total > unused"
"""


def test_figures_that_no_rule_uses() -> None:
    """A figure without a rule stands in the list under its own name."""
    book = publish(parse_policy(UNCOVERED), ("en",), "md")
    assert (
        "| [approval step 1](#section-approvals) | 5 EUR | 2026-01-01 | further notice | — | — "
        "| `unused` |" in book
    )
    assert "| no rule | [Table 1: stray, in EUR](#figure-stray) (" in book
    assert "### Table 1: stray, in EUR" in book
    assert "| Month / City | Bonn | Köln | all others |" in book
    assert "| （无） |" in publish(parse_policy(UNCOVERED), ("zh",), "md")


@pytest.mark.parametrize("form", ["html", "md"])
def test_addresses_are_no_links(form: Literal["html", "md"]) -> None:
    """What looks like a link or an address in a policy stays text in every form."""
    title = "[x](javascript:1) <script>alert(1)</script> https://a.b www.a.b a@b.c"
    text = UNCOVERED.replace('en = "Uncovered"', f'en = "{title}"').replace(
        'en = "X"', f'en = "{title}"'
    )
    page = publish(parse_policy(text), ("en",), form)
    if form == "html":
        reader = read(page)
        assert title in reader.words
        assert all(link.startswith("#") for link in reader.links)
        return
    assert "\\[x\\](javascript:1) \\<script\\>alert(1)\\</script\\>" in page
    assert "https\\://a.b www\\.a.b a\\@b.c" in page
    assert not re.search(r"(?<!\\)\]\((?!#)", page)


def test_approval_steps_are_numbered() -> None:
    """The steps stand in a list with numbers, each with its reasons one below the other."""
    policy = pack("cn-company")
    page = publish(policy, ("zh",), "html")
    assert (
        "<ol>\n<li>有下列情形之一的，由报销人的上级审批：\n<ul>\n<li>结论为“待复核”或“拒绝”</li>"
        in page
    )
    assert "1. 有下列情形之一的，由“director”角色的人员审批：\n   - 本单" in publish(
        policy, ("zh",), "md"
    )


def test_rows_have_their_unit_in_the_caption() -> None:
    """Cells hold bare figures; shares stay percentages and lengths of time keep their words."""
    hours = handbook(load_policy(EVERYTHING), "en")
    rows = [row for t in hours.blocks if isinstance(t, Table) for row in t.rows]
    assert ("8 hours", "14") in rows


def test_a_policy_without_figures() -> None:
    """A policy that names no figure has no such section."""
    text = (
        UNCOVERED.partition("[parameter.unused]")[0]
        + "[[rule]]"
        + (UNCOVERED.partition("[[rule]]")[2].partition("[[approval]]")[0])
    )
    assert "## Figures" not in publish(parse_policy(text), ("en",), "md")
