"""The documentation is true: its code runs, its commands exist, its links lead somewhere."""

import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import crm_expenses
from crm_expenses import errors
from crm_expenses.adapters.files.mappingfile import mapping_of
from crm_expenses.adapters.rest.specfile import connection_of
from crm_expenses.claimdata import facts_from
from crm_expenses.cli.app import build_app
from crm_expenses.core.budget import AtLimit, Budget, BudgetPosition, BudgetScope
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.messages import table
from crm_expenses.settings import load_settings
from crm_expenses.tomlfile import parse_toml
from pages import FENCE, Session, agrees, blocks, commands_of, go_through

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
README = ROOT / "README.md"
README_ZH = ROOT / "README.zh-CN.md"
AT_TOP = (README, README_ZH, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
WRITTEN = (
    *AT_TOP,
    ROOT / "examples" / "README.md",
    *(path for path in sorted(DOCS.rglob("*.md")) if REFERENCE not in path.parents),
)
EVERY = (*WRITTEN, *sorted(REFERENCE.rglob("*.md")))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?<![\w-])crm-expenses(?![\w\[-])(?P<rest>[^\n|;&<>]*)")


def name_of(page: Path) -> str:
    """Give a page's path in the project."""
    return str(page.relative_to(ROOT))


def having(*languages: str) -> list[Path]:
    """Give the pages that have a block of one of these languages."""
    return [page for page in WRITTEN if any(b.language in languages for b in blocks(page))]


EXAMPLES = ROOT / "examples" / "README.md"
"""Its commands are run by `test_examples.py`, on copies."""


SERVED = ("connect-a-rest-crm.md", "connect-zoho.md")
"""Their commands are run by tests of their own in `adapters`, beside a CRM that is served."""


RUN = [page for page in having("python", "console") if page != EXAMPLES and page.name not in SERVED]


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_pages_do_what_they_say(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader who does what a page says, in order, sees what it shows."""
    spoken = "zh_CN.UTF-8" if "zh" in name_of(page) else "C.UTF-8"
    monkeypatch.setenv("LC_ALL", spoken)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    for step, shown, given in go_through(page, Session()):
        assert agrees(shown, given), f"{step}\nshown:\n{shown}\ngiven:\n{given}"


@pytest.mark.parametrize("page", having("toml", "json"), ids=name_of)
def test_toml_and_json_are_what_they_seem(page: Path, tmp_path: Path) -> None:
    """Each policy, mapping, settings file and fragment of one on a page has no mistake."""
    whole = ""
    for block in blocks(page):
        if block.language == "json":
            json.loads(block.body)
        if block.language != "toml":
            continue
        if block.file == "wrong.toml":
            with pytest.raises(errors.PolicyError):
                crm_expenses.parse_policy(block.body)
            continue
        if "[policy]\nid" in block.body or "[mapping]" in block.body:
            whole = block.body
        heads = ("[policy]", "[mapping]", "[company]", "[connection]")
        is_whole = any(head in block.body for head in heads)
        content = block.body if is_whole else f"{whole}\n{block.body}"
        read_toml(content, tmp_path)
        whole = content if "[policy]\nid" in content else whole  # what is added stays


def read_toml(content: str, folder: Path) -> None:
    """Read a policy, a mapping, a connection or a settings file; fail on any mistake in it."""
    if "[connection]" in content:
        connection_of(parse_toml(content, "connection.toml"))
    elif "[mapping]" in content:
        mapping_of(parse_toml(content, "mapping.toml"))
    elif "[company]" in content:
        (folder / "crm_expenses.toml").write_text(content, encoding="utf-8")
        load_settings(folder / "crm_expenses.toml")
    else:
        crm_expenses.parse_policy(content)


ADAPTER_PAGES = [
    DOCS / "how-to" / "write-an-adapter.md",
    DOCS / "zh-CN" / "how-to" / "write-an-adapter.md",
]


@pytest.mark.parametrize("page", ADAPTER_PAGES, ids=name_of)
def test_the_adapter_of_the_page_is_the_example(page: Path) -> None:
    """Each piece of the page stands, word for word, in the example, which passes the suite."""
    example = {path.name: path.read_text("utf-8") for path in (ROOT / "examples").rglob("*.py")}
    shown = [block for block in blocks(page) if block.language == "py"]
    assert len(shown) >= 6
    for block in shown:
        assert block.body in example[block.file], f"{block.file} has no\n{block.body}"
    project = (ROOT / "examples" / "tiny_crm" / "pyproject.toml").read_text("utf-8")
    (named,) = (block.body for block in blocks(page) if block.language == "text")
    assert named in project


def test_both_adapter_pages_have_the_same_code() -> None:
    """The Chinese page has the same blocks as the English one."""
    assert blocks(ADAPTER_PAGES[0]) == blocks(ADAPTER_PAGES[1])


# Commands


def walk(words: list[str]) -> Any:  # noqa: ANN401  typer names no type
    """Follow the words of a command line as far as there are commands of these names."""
    command = get_command(build_app("en"))
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            if getattr(command, "default_command", ""):
                break
            words.pop(0)
            continue
        assert words[0] in command.commands, f"there is no command {words[0]!r}"
        command = command.commands[words.pop(0)]
    default = getattr(command, "default_command", "")
    return command.commands[default] if default else command


def check_command(line: str) -> None:
    """Fail where a command line names a command, option or argument that does not exist."""
    words = shlex.split(line)
    command = walk(words)
    flags = {name: p for p in command.params for name in p.opts if name.startswith("--")}
    places = [p for p in command.params if p.param_type_name == "argument"]
    given = 0
    while words:
        word = words.pop(0)
        if word in ("--lang", "--help", "--version"):
            words = words[1:] if word == "--lang" else words
        elif word.startswith("--"):
            assert word in flags, f"{line!r}: there is no option {word}"
            if not flags[word].is_flag:
                assert words, f"{line!r}: {word} needs a value"
                words.pop(0)
        else:
            given += 1
    assert given <= len(places), f"{line!r}: {given} arguments, {len(places)} are taken"


@pytest.mark.parametrize("page", EVERY, ids=name_of)
def test_commands_exist(page: Path) -> None:
    """Every command line on a page names commands and options that exist."""
    content = page.read_text(encoding="utf-8")
    lines = []
    for block in blocks(page):
        if block.language in ("console", "bash"):
            for line in block.body.replace("\\\n", " ").splitlines():
                is_output = block.language == "console" and not line.startswith("$ ")
                if not is_output and not line.lstrip().startswith("#"):
                    lines += [m["rest"] for m in COMMAND.finditer(line)]
    for line in lines:
        check_command(line)
    prose = FENCE.sub("", content)
    for quoted in re.findall(r"`crm-expenses ([a-z]+)", prose):
        walk([quoted])


def leaves(command: Any, path: str) -> Iterator[str]:  # noqa: ANN401  typer names no type
    """Give the path of every command that is no group."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path
        return
    for name, one in inner.items():
        yield from leaves(one, f"{path} {name}")


@pytest.mark.parametrize("page", [README, README_ZH], ids=name_of)
def test_readme_lists_every_command_and_extra(page: Path) -> None:
    """The README's tables hold every command and every extra of the package."""
    content = page.read_text(encoding="utf-8")
    for path in leaves(get_command(build_app("en")), "crm-expenses"):
        assert f"`{path.removeprefix('crm-expenses ')}" in content, path
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra in project["optional-dependencies"]:
        assert f"`[{extra}]`" in content, extra


# README


def test_readme_begins_with_demo_and_tests() -> None:
    """The README's first block runs the demo, its second one is the test command of the CI."""
    demo, tests = (block.body.strip() for block in blocks(README)[:2])
    assert demo.endswith(".venv/bin/crm-expenses demo")
    assert "\n" not in demo + tests
    assert tests in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_both_readmes_have_the_same_code() -> None:
    """The Chinese README has the same blocks of code as the English one."""
    assert blocks(README_ZH) == blocks(README)


def test_readme_checks_a_claim_in_ten_lines() -> None:
    """The README's Python, without blank lines, has at most ten lines."""
    (python,) = (b.body for b in blocks(README) if b.language == "python")
    assert len([line for line in python.splitlines() if line.strip()]) <= 10


def test_changelog_knows_this_version() -> None:
    """The changelog has an entry for the version of the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"## [{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


# Reference


def test_reference_is_what_the_code_says() -> None:
    """The generated reference has not drifted from the code."""
    tool = ROOT / "tools" / "make_reference.py"
    made = subprocess.run(
        [sys.executable, tool, "--check"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr


def test_every_error_class_has_an_entry() -> None:
    """Each class of error stands in the reference under its own heading."""
    content = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.CrmExpensesError):
            assert f"\n## {name}\n" in content, name


TOLD = ("explain.", "handbook.", "prose.", "type.")
"""What begins the codes of texts that only tell; they are no problems."""


def codes_raised() -> Iterator[tuple[str, str]]:
    """Give each code that the source makes a problem or an error of, with its place."""
    makers = re.compile(r".*Error|Problem|Wrong|_say|_refuse|_bad|_good|diagnosis")
    known = {code for code in table() if not code.startswith(TOLD)}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            first = node.args[0]
            is_code = isinstance(first, ast.Constant) and first.value in known
            if is_code and makers.fullmatch(name):
                yield str(first.value), f"{path.name}:{node.lineno}"


def test_every_problem_code_has_an_entry() -> None:
    """Each code that the source gives an error or a problem stands in the reference."""
    content = (REFERENCE / "problems.md").read_text(encoding="utf-8")
    missing = [place for code, place in codes_raised() if f"| `{code}` |" not in content]
    assert len(set(codes_raised())) > 100
    assert not missing


POLICY = """
[policy]
id = "t"
version = "1"
language = 1
currency = "CNY"
title = { en = "T", zh = "测" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
[[rule]]
code = "meal.some"
kind = "flag"
on = ["meal"]
title = { en = "M", zh = "餐" }
that = "amount > 1000"
"""
CLAIM = {
    "claim": "C-1",
    "person": "P1",
    "submitted": "2026-03-02",
    "lines": [{"line": "L-1", "date": "2026-03-01", "category": "meal", "amount": "10"}],
}


def own_findings() -> Iterator[tuple[str, str]]:
    """Make every finding that the package itself has; give codes with their effects."""
    policy = crm_expenses.parse_policy(POLICY)
    plain = facts_from(CLAIM, "CNY")
    line = plain.lines[0]
    budgets = [
        Budget(
            f"B-{currency}-{at_limit}",
            BudgetScope.COMPANY,
            date(2026, 1, 1),
            date(2026, 12, 31),
            Money(1, currency),
            at_limit=at_limit,
        )
        for currency, at_limit in (*(("CNY", one) for one in AtLimit), ("EUR", AtLimit.FREEZE))
    ]
    positions = tuple(BudgetPosition(b.id, b.amount.currency, allocated=1) for b in budgets)
    cases: list[Facts] = [
        replace(plain, lines=(replace(line, category="rail"),)),
        replace(plain, lines=(replace(line, amount=Money(1, "EUR")),)),
        replace(plain, person=None, lines=()),
        replace(plain, budgets=tuple(budgets), positions=positions),
    ]
    for facts in cases:
        decision = crm_expenses.check(facts, policy)
        for finding in (*decision.findings, *(f for of in decision.lines for f in of.findings)):
            yield finding.code, finding.effect.value


def test_every_finding_of_the_package_has_an_entry() -> None:
    """Each finding that no rule makes stands in the reference, with the effect that it has."""
    content = (REFERENCE / "findings.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^## (\S+)\n\n.*Effect 效果: `(\w+)`", content, re.MULTILINE))
    assert dict(own_findings()) == told


# Links and what must not be there


def slug(heading: str) -> str:
    """Give the anchor that a heading gets."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings."""
    plain = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {slug(found) for found in re.findall(r"^#+ (.+)$", plain, re.MULTILINE)}


@pytest.mark.parametrize("page", EVERY, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link of a page leads to a file, and to a heading in it, that is there."""
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(there), f"{target}: no such heading"


def test_every_page_can_be_found() -> None:
    """Every page of the documentation is linked from another one."""
    linked = set()
    for page in EVERY:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target:
                linked.add((page.parent / target.partition("#")[0]).resolve())
    lost = [name_of(page) for page in EVERY if DOCS in page.parents and page not in linked]
    assert not lost


@pytest.mark.parametrize("folder", ["tutorials", "how-to"])
def test_what_finance_reads_is_in_chinese(folder: str) -> None:
    """Each page in Chinese has its English page, with the same files and commands."""
    chinese = sorted((DOCS / "zh-CN" / folder).glob("*.md"))
    assert chinese
    for page in chinese:
        other = DOCS / folder / page.name
        assert [b.file for b in blocks(page)] == [b.file for b in blocks(other)], page.name
        both = [
            [line for b in blocks(p) if b.language == "console" for line, _ in commands_of(b.body)]
            for p in (page, other)
        ]
        assert both[0] == both[1], page.name


def tracked() -> Iterator[tuple[str, str]]:
    """Give every text file of the project, without what is ignored."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        path = ROOT / name
        if path.is_file():
            raw = path.read_bytes()
            if b"\0" not in raw:
                yield name, raw.decode("utf-8", errors="replace")


def test_no_registry_and_no_path_of_a_machine() -> None:
    """No file of the project names a registry's host or an absolute path of somebody's machine."""
    hosts = [".".join(parts) for parts in REGISTRIES]
    paths = re.compile(r"(?<![\w.])/(?:" + "|".join(FOLDERS) + r")/|[A-Z]:\\\\?Users")
    found = [
        f"{name}: {what}"
        for name, content in tracked()
        for what in (*(h for h in hosts if h in content), *paths.findall(content))
    ]
    assert not found


REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("anaconda", "org"),
    ("crates", "io"),
    ("docker", "io"),
    ("ghcr", "io"),
    ("golang", "org"),
)
FOLDERS = ("home", "root", "Users", "work", "tmp", "workspace")
