"""Write `docs/reference/` from the code: `python tools/make_reference.py`.

Run it after a change to the language, the messages, the settings, the mapping, the commands or an
adapter's abilities; `--check` only compares, names what differs, and is what the tests call. What
is said in words stands in `reference_texts.py`.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import reference_texts as words
from reference_files import code, exact, mapping, page, policy_language, rows, settings
from reference_rest import connection_files
from reference_sql import sql_functions, sql_schema
from reference_zoho import zoho, zoho_capabilities
from typer.main import get_command

from crm_expenses import errors
from crm_expenses.adapters.contract import Ability, Capabilities, Opening
from crm_expenses.adapters.files import open_adapter
from crm_expenses.adapters.files.mapping import mapping_schema
from crm_expenses.adapters.files.shape import mappable
from crm_expenses.adapters.memory import CAPABILITIES
from crm_expenses.adapters.rest.speckind import connection_schema
from crm_expenses.analytics.backtest import backtest_schema
from crm_expenses.claimdata import claim_schema, decision_schema
from crm_expenses.cli.app import build_app
from crm_expenses.core.record import Kind
from crm_expenses.messages import table as texts
from crm_expenses.pipeline import plan_schema
from crm_expenses.policyfile import policy_schema
from crm_expenses.settings import settings_schema

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
BY_HAND = FOLDER / "connections"
"""What is written by hand there; a test holds it to the connection files."""
SOURCE = Path(__file__).parents[1] / "src"
PROBLEM_TABLES = (
    "problems",
    "policy",
    "cases",
    "records",
    "claims",
    "transport",
    "adapters",
    "demo",
    "backtest_problems",
    "store",
    "engines",
    "bulk",
    "approval_problems",
    "ownclaim_problems",
    "audit_problems",
    "voucher_problems",
    "link_problems",
    "budgets",
    "manners_problems",
    "running_problems",
    "edits",
    "gone",
    "rest_problems",
    "rest_tool_problems",
    "zoho_problems",
)
RAISED = re.compile(r'Error\(\s*"(command\.[a-z_]+)"')
"""Of the texts of the command line, those that an error carries."""

NAMED = re.compile(r"\{[a-z]+:([a-z_]+)\}")
"""A field whose value is called by its name in the language of the text."""

LABELS = ("doctor.good", "doctor.warning", "doctor.bad", "doctor.sum")


# Findings, errors, problems


def findings() -> str:
    """Give the page of the findings that no policy words for itself."""
    table = import_module("crm_expenses.messages.findings").TEXTS
    codes = [name.removeprefix("title.") for name in table if name.startswith("title.")]
    exact(codes, words.FINDINGS, "FINDINGS")
    body: list[str] = []
    for name in codes:
        effect, en, zh = words.FINDINGS[name]
        title_en, title_zh = table[f"title.{name}"]
        said_en, said_zh = table[name]
        body += [f"## {name}", "", f"{title_en} {title_zh}. Effect 效果: `{effect}`.", ""]
        body += [f"- says: “{said_en}”", f"- 说明：“{said_zh}”"]
        body += [f"- what to do: {en}", f"- 怎么办：{zh}", ""]
    failed = [pair for name, pair in table.items() if name.startswith("rule.failed.")]
    return page(
        "Findings 问题代码",
        [
            "A finding carries the code of the rule that made it: a rule `lodging.cap` of your "
            "policy makes findings `lodging.cap`. The codes below come from the package itself.",
            "",
            "问题的代码即产生它的规则的代码：政策中的规则 `lodging.cap` 产生问题 `lodging.cap`。"
            "下列代码由本软件自身产生。",
            "",
            "A rule that cannot be computed sends the line to a person, and says why:",
            "规则无法计算时，明细交由人工处理并说明原因：",
            "",
            *(f"- {en}. {zh}。" for en, zh in failed),
            "",
        ],
        body,
    )


def error_classes() -> dict[str, type[errors.CrmExpensesError]]:
    """Give every error class, parents first."""
    found = (getattr(errors, name) for name in vars(errors))
    return {
        kind.__name__: kind
        for kind in found
        if isinstance(kind, type) and issubclass(kind, errors.CrmExpensesError)
    }


def error_page() -> str:
    """Give the page of error classes and exit codes."""
    classes = error_classes()
    exact(classes, words.ERRORS, "ERRORS")
    body: list[str] = []
    for name, kind in classes.items():
        en, zh = words.ERRORS[name]
        parent = "Exception" if kind.__bases__[0] is Exception else kind.__bases__[0].__name__
        said = (kind.__doc__ or "").partition("\n")[0]
        ends = errors.exit_code(kind("toml.syntax"))
        body += [f"## {name}", "", f"A kind of `{parent}`. {said}", ""]
        body += [f"- what to do: {en}", f"- 怎么办：{zh}"]
        body += [f"- exit code of a command 命令的退出码：{ends}", ""]
    return page(
        "Errors 错误",
        [
            "An exception means that we could not decide or could not act; its class says what to "
            "do next. A broken rule of the company is no exception but a "
            "[finding](findings.md). All are in `crm_expenses.errors`; each carries `.problems`, "
            'and `.describe("en")` or `.describe("zh")` tells them. Codes: '
            "[problems](problems.md).",
            "",
            "异常表示无法审核或无法执行；其类别说明接下来该做什么。违反公司制度不是异常，而是"
            "[问题](findings.md)。",
            "",
        ],
        body,
    )


def problem_texts() -> dict[str, words.Pair]:
    """Give every code that a problem may have, with its texts."""
    found: dict[str, words.Pair] = {}
    for name in PROBLEM_TABLES:
        found |= import_module(f"crm_expenses.messages.{name}").TEXTS
    known = texts()
    sources = (path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py")))
    found |= {name: known[name] for source in sources for name in RAISED.findall(source)}
    found |= {
        name: pair
        for name, pair in known.items()
        if name.startswith("doctor.") and name not in LABELS
    }
    return {code: tuple(NAMED.sub(r"{\1}", one) for one in pair) for code, pair in found.items()}


def problems() -> str:
    """Give the page of problem codes."""
    by_subject: dict[str, list[str]] = {}
    found = problem_texts()
    for name in found:
        by_subject.setdefault(name.partition(".")[0], []).append(name)
    exact(by_subject, words.SUBJECTS, "SUBJECTS")
    body: list[str] = []
    for subject, (en, zh) in words.SUBJECTS.items():
        body += [f"## {subject}: {en} {zh}", ""]
        body += rows(
            ("code 代码", "what it says, and the fix", "说明与改法"),
            [(code(name), *found[name]) for name in sorted(by_subject[subject])],
        )
    return page(
        "Problem codes 错误代码",
        [
            "Every message about something that a person wrote or a CRM sent, by its code. "
            "`{names}` are filled in; the place (file, line, column) stands before the message.",
            "",
            "按代码列出的全部提示。`{名称}` 处会填入具体内容；文件、行、列写在提示之前。",
            "",
        ],
        body,
    )


# Commands and adapters


def commands() -> str:
    """Give the page of the commands, from the commands themselves."""
    both = (get_command(build_app("en")), get_command(build_app("zh")))
    return page(
        "Commands 命令",
        [
            "`--lang en|zh` may stand anywhere; without it the locale decides. What a script may "
            "read goes to standard output, all else to standard error. "
            "`--lang en|zh` 可放在任何位置；不写则按系统语言。",
            "",
            *rows(
                ("exit code 退出码", "meaning", "含义"),
                [
                    (
                        "0",
                        "finished, also when claims have findings",
                        "已完成（有问题的报销单不影响）",
                    ),
                    (
                        "1",
                        "the question asked has the answer no: `check`, `policy check`, "
                        "`approvals check`, `sync --fail-on`; `crm try` understood no record",
                        "所问之事答案为否：`check`、`policy check`、`approvals check`、"
                        "`sync --fail-on`；`crm try` 没有读懂任何记录",
                    ),
                    (
                        "2",
                        "wrong usage, settings, policy or store; `doctor` found something bad",
                        "用法、设置、政策或存储有误；`doctor` 查出错误",
                    ),
                    (
                        "3",
                        "the other side is unavailable: try again later",
                        "对方不可用，请稍后再试",
                    ),
                    ("4", "refused: authentication, permission", "被拒绝：认证或权限"),
                    ("70", "a fault of ours", "本软件出错"),
                    ("130", "stopped with Ctrl-C", "以 Ctrl-C 停止"),
                ],
            ),
        ],
        _command("crm-expenses", *both),
    )


def _command(path: str, en: Any, zh: Any) -> Iterator[str]:  # noqa: ANN401  typer names no type
    yield from (f"## {path}", "", en.help, "", zh.help, "")
    pairs = list(zip(en.params, zh.params, strict=True))
    body = []
    for one, other in pairs:
        is_option = one.param_type_name == "option"
        name = ", ".join(one.opts) if is_option else one.metavar
        value = (one.metavar or "") if is_option else ""
        shown = "needed 必填" if one.required else code(one.default) if one.default else ""
        body.append((code(name), code(value), shown, one.help, other.help))
    if body:
        yield from rows(("option 选项", "value 值", "default 默认", "meaning", "含义"), body)
    for name, inner in getattr(en, "commands", {}).items():
        yield from _command(f"{path} {name}", inner, zh.commands[name])


def capabilities() -> str:
    """Give the page of what each adapter can do."""
    exact({ability.value for ability in Ability}, words.ABILITIES, "ABILITIES")
    adapters = {
        "files": _files_capabilities(),
        "memory": CAPABILITIES,
        "zoho": zoho_capabilities(),
    }
    body = rows(
        ("ability 能力", *(code(name) for name in adapters), "meaning", "含义"),
        [
            (code(a), *(held.support(a) for held in adapters.values()), *words.ABILITIES[a])
            for a in Ability
        ],
    )
    for name, held in adapters.items():
        body += [f"## {name}", ""]
        body += [f"- reads 读取：{', '.join(code(k) for k in Kind if k in held.reads)}"]
        body += [f"- writes 写回：{', '.join(code(k) for k in sorted(held.writes))}"]
        changed = ", ".join(code(k) for k in Kind if k in held.changes) or "-"
        body += [f"- can be changed from here 可从这里修改：{changed}"]
        body += [f"- results at once 每批结果数：{held.batch_max:,}"]
        body += [f"- approvals count as 审批来源视为：{code(held.provenance.value)}"]
        for ability, reason in held.reasons.items():
            en, zh = texts()[reason]
            body += [f"- {code(ability)}: {en}. {zh}。"]
        body += [""]
    return page(
        "Adapters and what they can do 适配器与能力",
        [
            "An ability that is missing raises [UnsupportedError](errors.md#unsupportederror). "
            "`files` reads the kinds that its mapping names. `memory` is the reference for whoever "
            "writes an adapter; it is not for settings. `zoho` is told as it is delivered: "
            "[more](zoho.md).",
            "",
            "Whether an approval there counts depends on what the policy accepts. For `files` the "
            "option `approvals` says what it is.",
            "",
            "`files` 读取映射文件中列出的记录种类。`memory` 供适配器开发者参照，不用于设置。"
            "`zoho` 按默认设置列出，[详见](zoho.md)。"
            "CRM 中的审批是否有效，取决于政策认可的来源；`files` 由选项 `approvals` 说明。",
            "",
        ],
        body,
    )


def _files_capabilities() -> Capabilities:
    parts = ['[mapping]\nversion = 1\ntimezone = "UTC"']
    for kind in Kind:
        fields = "\n".join(f'{name} = "{name}"' for name in mappable(kind))
        parts.append(
            f'[[source]]\nkind = "{kind}"\nfiles = ["{kind}.csv"]\n[source.fields]\n{fields}'
        )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "m.toml").write_text("\n".join(parts), encoding="utf-8")
        options = {"folder": ".", "mapping": "m.toml"}
        adapter = open_adapter(Opening("x", options, Path(folder)))
        return adapter.capabilities


# All of it

PAGES = {
    "policy-language.md": (policy_language, "kinds, effects, names, functions, the file"),
    "findings.md": (findings, "what the package itself finds wrong with a claim"),
    "errors.md": (error_page, "error classes and exit codes"),
    "problems.md": (problems, "every message by its code"),
    "settings.md": (settings, "the settings file"),
    "mapping.md": (mapping, "the mapping file, kinds of record and their fields"),
    "connection-files.md": (
        connection_files,
        "the connection file of a CRM with a REST API: tables, forms, errors, placeholders",
    ),
    "zoho.md": (zoho, "Zoho CRM: settings, scopes, editions, credits, modules and fields"),
    "commands.md": (commands, "commands, options, exit codes"),
    "capabilities.md": (capabilities, "what each adapter can do"),
    "sql-schema.md": (sql_schema, "the tables that the SQL reading reads and gives"),
    "sql-functions.md": (sql_functions, "what it emits for each engine, with the vendors' pages"),
}
SCHEMAS = {
    "policy": policy_schema,
    "claim": claim_schema,
    "decision": decision_schema,
    "settings": settings_schema,
    "mapping": mapping_schema,
    "connection": connection_schema,
    "backtest": backtest_schema,
    "plan": plan_schema,
}


def reference() -> dict[str, str]:
    """Give every file of the reference by its path below `docs/reference`."""
    made = {name: build() for name, (build, _) in PAGES.items()}
    listed = [
        f"- [{name.removesuffix('.md')}]({name}): {what}" for name, (_, what) in PAGES.items()
    ]
    schemas = [f"- [{name}](schemas/{name}.json)" for name in SCHEMAS]
    listed.append(
        "- [connections](connections/README.md): each CRM whose connection file is shipped"
    )
    parts = [*listed, "", "JSON Schemas, for editors and for who writes programs:", "", *schemas]
    made["README.md"] = page("Reference 参考", parts)
    for name, schema in SCHEMAS.items():
        shown = json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=True)
        made[f"schemas/{name}.json"] = shown + "\n"
    return made


def main() -> int:
    """Write the reference, or with `--check` say what differs from it."""
    made = reference()
    held = {
        str(path.relative_to(FOLDER).as_posix()): path.read_text(encoding="utf-8")
        for path in FOLDER.rglob("*")
        if path.is_file() and BY_HAND not in path.parents
    }
    differ = sorted(name for name in made.keys() | held.keys() if made.get(name) != held.get(name))
    if "--check" in sys.argv:
        for name in differ:
            print(f"docs/reference/{name} differs: run python tools/make_reference.py")
        return 1 if differ else 0
    for name in differ:
        path = FOLDER / name
        if name not in made:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[name], encoding="utf-8")
    print(f"docs/reference: {len(made)} files, {len(differ)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
