"""The reference page of connection files: every table and key, from the models that read them.

In English a key says what its model says of it; all else stands in `reference_rest_texts.py`.
"""

from collections.abc import Iterator
from typing import Any, Final

import reference_rest_texts as words
from reference_files import code, exact, page, rows, type_text
from reference_texts import Pair

from crm_expenses.adapters.rest.codecs import _OF_TYPE
from crm_expenses.adapters.rest.spec import Category
from crm_expenses.adapters.rest.specfile import _CALLS, _ENCODE, shipped_names
from crm_expenses.adapters.rest.speckind import MODELS, ConnectionFile, Form, connection_schema

CALLS_KNOWN: Final = ("config.*",)
"""What every call may name."""


def connection_files() -> str:
    """Give the page of connection files."""
    schema = connection_schema()
    parts: dict[str, Any] = {**schema["$defs"], ConnectionFile.__name__: schema}
    exact({model.__name__ for model in MODELS}, words.TABLES, "TABLES (reference_rest_texts)")
    names = {
        f"{model.__name__}.{info.alias or name}"
        for model in MODELS
        for name, info in model.model_fields.items()
    }
    exact(names, words.KEYS, "KEYS (reference_rest_texts)")
    shipped = ", ".join(code(name) for name in shipped_names())
    return page(
        "Connection file 连接文件",
        [
            "How a CRM with a REST API is signed in to, read and written. How to: "
            "[Connect a CRM with a REST API](../how-to/connect-a-rest-crm.md). JSON Schema for "
            "editors: [connection.json](schemas/connection.json). Nothing in a file can run, read "
            f"files or reach another host. Shipped: {shipped}.",
            "",
            "带 REST API 的 CRM 如何登录、读取和写入。用法："
            "[连接带 REST API 的 CRM](../zh-CN/how-to/connect-a-rest-crm.md)。"
            f"文件中的内容不能运行程序、读取文件或访问其他主机。随软件提供：{shipped}。",
            "",
        ],
        _tables(parts),
        _forms(),
        _categories(),
        _templates(),
    )


def _tables(parts: dict[str, Any]) -> Iterator[str]:
    yield from ("## Tables 表", "")
    for model in MODELS:
        head, en, zh = words.TABLES[model.__name__]
        yield from (f"### {head}", "", f"{en} {zh}", "")
        shape = parts[model.__name__]
        needed = shape.get("required", ())
        body = []
        for name, info in model.model_fields.items():
            key = info.alias or name
            held = shape["properties"][key]
            default = held.get("default")
            plain = default not in (None, "", [], {}) and not isinstance(default, dict)
            shown = "needed 必填" if key in needed else _default(default) if plain else ""
            said = _said(f"{model.__name__}.{key}", info.description or "")
            body.append((code(key), type_text(held, parts), shown, *said))
        yield from rows(("key 键", "value 值", "default 默认", "meaning", "含义"), body)


def _default(value: object) -> str:
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, list | tuple):
        return ", ".join(code(each) for each in value)
    return code(value)


def _said(key: str, described: str) -> Pair:
    held = words.KEYS[key]
    if isinstance(held, str):
        if not described:
            raise SystemExit(f"tools/reference_rest_texts.py: {key} needs its English, too")
        return described, held
    return held


def _forms() -> Iterator[str]:
    """Tell in which forms a field of each type may stand."""
    exact({form.value for form in Form}, words.FORMS, "FORMS (reference_rest_texts)")
    yield from ("## Forms of a field (`as`) 字段的形式", "")
    yield from rows(
        ("form 形式", "meaning", "含义"),
        [(code(form.value), *words.FORMS[form.value]) for form in Form],
    )
    yield "Which type of field may stand in which form; types of all fields: [mapping](mapping.md)."
    yield "各类型字段可用的形式；各字段的类型见[映射文件](mapping.md)。"
    yield ""
    body = [
        (kind.value, ", ".join(code(form.value) for form in Form if form in allowed))
        for kind, allowed in _OF_TYPE.items()
    ]
    body.append(("extra", code(Form.PAIRS.value)))
    yield from rows(("type 类型", "forms 形式"), body)


def _categories() -> Iterator[str]:
    """Tell what each category of an error leads to."""
    exact({one.value for one in Category}, words.CATEGORIES, "CATEGORIES (reference_rest_texts)")
    yield from ("## Categories of errors 错误类别", "")
    yield "The first rule of `[[error]]` that fits counts; then `[success]`; then the status alone."
    yield "先看第一条符合的 `[[error]]`，再看 `[success]`，最后只看状态码。"
    yield ""
    yield from rows(
        ("category 类别", "what happens", "如何处理"),
        [(code(one.value), *words.CATEGORIES[one.value]) for one in Category],
    )


def _templates() -> Iterator[str]:
    """Tell which placeholders each call may name, and the paths and encodings."""
    names = {name for known in _CALLS.values() for name in known}
    exact(names, words.PLACEHOLDERS, "PLACEHOLDERS (reference_rest_texts)")
    yield from ("## Placeholders 占位符", "")
    yield from (words.TEMPLATES[0], "", words.TEMPLATES[1], "")
    yield from rows(
        ("call 调用", "placeholders 占位符"),
        [
            (code(name), ", ".join(code(f"{{{one}}}") for one in (*CALLS_KNOWN, *known)))
            for name, known in _CALLS.items()
        ],
    )
    yield from rows(
        ("placeholder 占位符", "meaning", "含义"),
        [(code(f"{{{name}}}"), *words.PLACEHOLDERS[name]) for name in sorted(names)],
    )
    exact(_ENCODE, words.ENCODINGS, "ENCODINGS (reference_rest_texts)")
    yield from ("### Encodings 编码", "")
    yield from rows(
        ("encode", "meaning", "含义"),
        [(code(name), *words.ENCODINGS[name]) for name in _ENCODE],
    )
    yield from ("## Paths 路径", "", words.PATHS[0], "", words.PATHS[1], "")
