"""The reference page of Zoho CRM: settings, scopes, editions and modules from the code itself."""

from collections.abc import Iterator, Mapping
from typing import Final

import reference_zoho_texts as words
from reference_files import code, exact, page, rows

from crm_expenses.adapters.contract import Capabilities, Opening
from crm_expenses.adapters.zoho import credits as prices
from crm_expenses.adapters.zoho.centres import CENTRES
from crm_expenses.adapters.zoho.client import capabilities_of, habits_of, sources_for
from crm_expenses.adapters.zoho.describing import _PROBES
from crm_expenses.adapters.zoho.modules import MODULES, RETURNS, STAGES
from crm_expenses.adapters.zoho.moduleshape import Field, Module
from crm_expenses.adapters.zoho.needs import FIELDS_MAX, MODULE_EDITIONS
from crm_expenses.adapters.zoho.settings import Edition, Needs, zoho_settings
from crm_expenses.core.opportunity import Stage

USERS_SHOWN: Final = (10, 50, 200)
TEXTS: Final = frozenset({"text", "textarea"})


class _Asked(dict[str, object]):
    """Options that take note of each name that is looked up."""

    def __init__(self, held: Mapping[str, object]) -> None:
        super().__init__(held)
        self.names: set[str] = set()

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        """Give an option."""
        self.names.add(name)
        return super().get(name, default)


def zoho() -> str:
    """Give the page of Zoho CRM."""
    return page(
        "Zoho CRM",
        [words.TOP[0], "", words.TOP[1], ""],
        _settings(),
        _scopes(),
        _editions(),
        _costs(),
        _modules(),
        _not_there(),
        _confirm(),
    )


def zoho_capabilities() -> Capabilities:
    """Give what the adapter can do as it is delivered."""
    options = {"data_centre": CENTRES[0], "timezone": "UTC"}
    held = zoho_settings(Opening("x", options), Needs.NOTHING)
    return capabilities_of(sources_for(held), habits_of(held), held.returns)


def _settings() -> Iterator[str]:
    asked = _Asked({"data_centre": CENTRES[0]})
    zoho_settings(Opening("x", asked), Needs.NOTHING)
    exact(asked.names, words.KEYS, "KEYS (reference_zoho_texts)")
    filled = {
        "centres": ", ".join(map(code, CENTRES)),
        "editions": ", ".join(code(one.value) for one in Edition),
        "stages": ", ".join(code(one.value) for one in Stage),
    }
    yield from ("## Settings 设置", "")
    yield (
        "Beside these: `[crm.NAME.fields.KIND]` (the field of ours, the name there), "
        "`[crm.NAME.sync]`,"
    )
    yield "`[crm.NAME.limits]`, `[crm.NAME.webhook]`: [settings](settings.md)."
    yield (
        "另有 `[crm.NAME.fields.KIND]`（本软件的字段 = 对方的字段）、`[crm.NAME.sync]`、"
        "`[crm.NAME.limits]`、"
    )
    yield "`[crm.NAME.webhook]`，见[设置](settings.md)。"
    yield ""
    body = [
        (code(name), form, default, en.format(**filled), zh.format(**filled))
        for name, (form, default, en, zh) in words.KEYS.items()
    ]
    yield from rows(("key 键", "value 值", "default 默认", "meaning", "含义"), body)


def _scopes() -> Iterator[str]:
    lacking = {scope for scope, *_ in _PROBES} - words.SCOPES.keys()
    if lacking:
        raise SystemExit(f"tools/reference_zoho_texts.py, SCOPES: missing: {sorted(lacking)}")
    yield from ("## Scopes 权限范围", "")
    yield "To paste where the code is generated. A test runs the commands with exactly these."
    yield "生成代码时粘贴以下内容；测试用例恰好以这些范围运行各命令。"
    yield from ("", "```text scopes", ",".join(words.SCOPES), "```", "")
    body = [(code(name), *pair) for name, pair in words.SCOPES.items()]
    yield from rows(("scope 范围", "what for", "用途"), body)


def _editions() -> Iterator[str]:
    yield from ("## Editions 版本", "")
    yield (
        "Credits are counted over any 24 hours, for the whole organisation; Zoho sells more. Of "
        "heavy calls (queries, writes of more"
    )
    yield f"than ten records) at most {prices.HEAVY_MAX} run at once."
    yield (
        f"额度按任意 24 小时、整个组织计算，可另购。耗时调用（查询、十条以上的写入）最多同时 "
        f"{prices.HEAVY_MAX} 个。"
    )
    yield ""
    head = (
        "edition 版本",
        *(f"credits, {count} users 额度（{count} 用户）" for count in USERS_SHOWN),
        "at once 同时调用",
        "own modules 自定义模块",
        "own fields of a module 每模块自定义字段",
    )
    body = [
        (
            code(one.value),
            *(f"{prices.allowance(one, count):,}" for count in USERS_SHOWN),
            str(prices.TERMS[one].at_once),
            "yes 有" if one in MODULE_EDITIONS else "no 无",
            str(FIELDS_MAX[one]),
        )
        for one in Edition
    ]
    yield from rows(head, body)


def _costs() -> Iterator[str]:
    filled = {
        "module": f"{prices.CREATE_MODULE}",
        "read": f"{prices.BULK_READ}",
        "write": f"{prices.BULK_WRITE}",
        "deleted": f"{prices.DELETED_PAGE}",
    }
    yield from ("## What it costs, in credits 额度消耗", "")
    yield from rows(
        ("what 操作", "credits", "额度"),
        [(what, en.format(**filled), zh.format(**filled)) for what, en, zh in words.COSTS],
    )


def _modules() -> Iterator[str]:
    yield from ("## Modules and fields 模块与字段", "")
    yield (
        "The id of a record is Zoho's own, as text. A kind that is not read by itself is read "
        "where `[crm.NAME.modules]` names it."
    )
    yield (
        "Own fields are made by `crm setup`. `KIND_result.…` is written, all else is read; in "
        "brackets the picklist's options."
    )
    yield (
        "记录的编号就是 Zoho 的编号（文本）。默认不读取的种类，在 `[crm.NAME.modules]` 中写明后读"
        "取。自有字段由 `crm setup`"
    )
    yield "建立。`KIND_result.…` 为写入，其余为读取；括号内为下拉列表的选项。"
    yield ""
    stages = ", ".join(f"{code(name)} = {word}" for name, word in STAGES.items())
    yield from (f"Stages 阶段：{stages}.", "")
    for module in (*MODULES.values(), RETURNS):
        yield from _module(module)


def _module(module: Module) -> Iterator[str]:
    name = "return_result" if module is RETURNS else module.kind.value
    whose = "own 自建" if module.is_own else "standard 标准"
    read = "" if module.is_default else "; not read by itself 默认不读取"
    yield from (f"### {name}: {module.name}", "", f"{module.plural}, {whose}{read}.", "")
    body = [
        (
            code(one.name),
            "<br>".join(code(ours) for ours in one.ours),
            _type(one),
            "own 自建" if one.is_own else "",
        )
        for one in module.fields
    ]
    yield from rows(("field there 对方字段", "here 本软件", "type 类型", ""), body)


def _type(one: Field) -> str:
    more = [str(one.length)] if one.length and one.type in TEXTS else []
    more += [f"{one.decimals} decimals 位小数"] if one.decimals else []
    more += [f"to 指向 {one.lookup.value}"] if one.lookup else []
    more += ["unique 唯一"] if one.unique else []
    more += ["external id (org) 外部标识"] if one.external else []
    options = f" ({', '.join(one.options)})" if one.options and one.is_own else ""
    return ", ".join([one.type, *more]) + options


def _not_there() -> Iterator[str]:
    yield from ("## What is not there, and why 没有的功能与原因", "")
    for en, zh in words.NOT_THERE:
        yield f"- {en}. {zh}。"
    yield ""


def _confirm() -> Iterator[str]:
    yield from ("## Confirm on your organisation 请在您的组织中确认", "")
    yield (
        "Zoho's documents leave these open, or say them differently on different pages; nobody "
        "has measured them for us. The code is"
    )
    yield "right either way unless the table says otherwise. Try them in a sandbox."
    yield (
        "以下各点 Zoho 文档没有说明或说法不一，我们也没有实测。除表中注明者外，无论哪种情况代码都"
        "能正确处理。请在沙盒中验证。"
    )
    yield ""
    body = [
        (
            f"{open_} {open_zh}",
            how,
            how_zh,
            setting if setting == setting_zh else f"{setting} {setting_zh}",
        )
        for open_, open_zh, how, how_zh, setting, setting_zh in words.CONFIRM
    ]
    yield from rows(
        ("what is open 待确认", "how to see it, what we do", "如何验证，如何处理", "setting 设置"),
        body,
    )
