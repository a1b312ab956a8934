"""Writes the company into a folder, as a CRM would export it: each kind in a style of its own.

The mixture of encodings, headers, date forms and words is on purpose: `mapping.toml` reads it all.
"""

import csv
import io
import itertools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Final

from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.record import Kind, Record
from crm_expenses.demo.company import CITY_NAMES_ZH
from crm_expenses.demo.damage import DamagedRow
from crm_expenses.demo.faults import FaultKind
from crm_expenses.demo.generation import Company

DATA_FOLDER: Final = "crm"
MAPPING_FILE: Final = "mapping.toml"

GRADES_ZH: Final = {"junior": "初级", "senior": "高级", "lead": "主管", "director": "总监"}
TEAMS_ZH: Final = {
    "East": "华东",
    "North": "华北",
    "South": "华南",
    "West": "西部",
    "International": "国际",
    "Sales": "销售管理",
    "Finance": "财务",
}
INDUSTRIES_ZH: Final = {
    "biotech": "生物科技",
    "pharma": "医药",
    "materials": "新材料",
    "food": "食品检测",
    "environment": "环境科技",
    "university": "科研院所",
    "electronics": "微电子",
}
CATEGORIES_ZH: Final = {
    "meal": "餐费",
    "lodging": "住宿费",
    "local_transport": "市内交通",
    "rail": "火车票",
    "flight": "机票",
    "entertainment": "业务招待",
    "gift": "礼品",
    "communication": "通讯费",
    "mileage": "自驾里程",
    "office": "办公用品",
    "parking": "停车费",
}
_OPEN_STAGES: Final = ("Qualification", "Proposal", "Negotiation")

Cells = Mapping[str, str]
Columns = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Style:
    """How one CSV file is written: (header, record field) in order, and the words for fields."""

    file: str
    columns: Columns
    date_form: str = "%Y-%m-%d"
    encoding: str = "utf-8"
    newline: str = "\n"
    group: str = ""
    words: Mapping[str, Mapping[str, str]] | None = None


_STYLES: Final[Mapping[Kind, _Style]] = {
    Kind.ACCOUNT_MANAGER: _Style(
        "account_managers.csv",
        (
            ("员工编号", "id"),
            ("姓名", "name"),
            ("职级", "grade"),
            ("销售区域", "team"),
            ("城市", "city"),
            ("直属上级", "manager"),
            ("所属公司", "company"),
            ("入职日期", "active_from"),
            ("离职日期", "active_to"),
        ),
        date_form="%Y年%m月%d日",
        encoding="utf-8-sig",
        newline="\r\n",
        words={"grade": GRADES_ZH, "team": TEAMS_ZH, "city": CITY_NAMES_ZH},
    ),
    Kind.ACCOUNT: _Style(
        "accounts.csv",
        (
            ("客户编号", "id"),
            ("客户名称", "name"),
            ("负责人", "owner"),
            ("行业", "industry"),
            ("所在城市", "city"),
            ("首次成交", "since"),
        ),
        date_form="%Y.%m.%d",
        encoding="gb18030",
        newline="\r\n",
        words={"industry": INDUSTRIES_ZH, "city": CITY_NAMES_ZH},
    ),
    Kind.SATISFACTION: _Style(
        "satisfaction.csv",
        (
            ("Survey ID", "id"),
            ("Account ID", "account"),
            ("Answered On", "day"),
            ("Score", "score"),
        ),
    ),
    Kind.COST: _Style(
        "costs.csv",
        (
            ("Cost No", "id"),
            ("Employee", "person"),
            ("Month Starting", "month"),
            ("Cost Type", "kind"),
            ("Amount CNY", "amount"),
        ),
        date_form="%m/%d/%Y",
        group=",",
    ),
    Kind.RATE: _Style(
        "rates.csv",
        (
            ("Rate No", "id"),
            ("From", "currency"),
            ("To", "into"),
            ("Valid From", "day"),
            ("Rate", "rate"),
            ("Source", "source"),
        ),
    ),
    Kind.BUDGET: _Style(
        "budgets.csv",
        (
            ("Budget No", "id"),
            ("Name", "name"),
            ("Scope", "scope"),
            ("Owner", "owner"),
            ("Category", "category"),
            ("First Day", "start"),
            ("Last Day", "end"),
            ("Amount", "amount"),
            ("Currency", "currency"),
            ("Hard", "hard"),
            ("Responsible", "responsible"),
        ),
        group=",",
    ),
    Kind.VOUCHER: _Style(
        "vouchers.csv",
        (
            ("Voucher No", "id"),
            ("Kind", "kind"),
            ("Fapiao Number", "number"),
            ("Fapiao Code", "code"),
            ("Amount", "amount"),
            ("Currency", "currency"),
            ("Issued", "issued"),
            ("Seller", "seller"),
        ),
    ),
    Kind.CLAIM: _Style(
        "claims.csv",
        (
            ("Claim No", "id"),
            ("Submitted By", "person"),
            ("Submitted At", "submitted"),
            ("Status", "status"),
            ("Title", "title"),
        ),
        date_form="%Y-%m-%d %H:%M",
    ),
    Kind.LINE: _Style(
        "lines.csv",
        (
            ("Line No", "id"),
            ("Claim No", "claim"),
            ("Date", "date"),
            ("Type", "category"),
            ("Amount", "amount"),
            ("Currency", "currency"),
            ("City", "city"),
            ("Account", "account"),
            ("Opportunity", "opportunity"),
            ("Merchant", "merchant"),
            ("Purpose", "purpose"),
            ("Justification", "justification"),
            ("Voucher", "voucher"),
            ("Paid By", "payment"),
            ("Class", "travel_class"),
            ("Nights", "nights"),
            ("Attendees", "attendees"),
            ("Distance km", "distance"),
            ("Pre-approved", "pre_approved"),
        ),
        date_form="%Y/%m/%d",
        group=",",
        words={"category": CATEGORIES_ZH},
    ),
}


def write_company(company: Company, folder: Path) -> tuple[Path, ...]:
    """Write all files below the folder, each whole or not at all; give those that changed.

    A file whose bytes are already right is left alone, its time stamp too.
    """
    mapping = files(__package__).joinpath(MAPPING_FILE).read_bytes().replace(b"\r\n", b"\n")
    contents = {f"{DATA_FOLDER}/{name}": content for name, content in company_files(company)}
    contents[MAPPING_FILE] = mapping
    changed: list[Path] = []
    for name, content in contents.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            _write_whole(path, content)
            changed.append(path)
    return tuple(changed)


def company_files(company: Company) -> Iterator[tuple[str, bytes]]:
    """Give the name and the bytes of each file of the CRM's folder."""
    records: Mapping[Kind, Sequence[Record]] = {
        Kind.ACCOUNT_MANAGER: company.people,
        Kind.ACCOUNT: company.accounts,
        Kind.SATISFACTION: company.satisfaction,
        Kind.COST: company.costs,
        Kind.RATE: company.rates,
        Kind.BUDGET: company.budgets,
        Kind.VOUCHER: company.vouchers,
        Kind.CLAIM: company.claims,
        Kind.LINE: company.lines,
    }
    for kind, good in records.items():
        damaged = [row for row in company.damaged if row.fault.record_kind is kind]
        yield _STYLES[kind].file, _csv(_STYLES[kind], good, damaged)
    deals = [row for row in company.damaged if row.fault.record_kind is Kind.OPPORTUNITY]
    yield "opportunities.jsonl", _json_lines(company.opportunities, deals)


def _csv(style: _Style, good: Sequence[Record], damaged: Sequence[DamagedRow]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=style.newline)
    writer.writerow([header for header, _ in style.columns])
    for cells in _rows(style, good, damaged):
        writer.writerow([cells[name] for _, name in style.columns])
    return written.getvalue().encode(style.encoding)


def _rows(style: _Style, good: Sequence[Record], damaged: Sequence[DamagedRow]) -> Iterator[Cells]:
    """Give the cells of all rows, each damaged one after the good rows up to its id."""
    rest = sorted(damaged, key=lambda row: row.record.id)
    is_sorted = all(one.id <= two.id for one, two in itertools.pairwise(good))
    for record in good:
        while is_sorted and rest and rest[0].record.id < record.id:
            yield _damaged_cells(style, rest.pop(0))
        yield _cells(style, record)
    for row in rest:
        yield _damaged_cells(style, row)


def _damaged_cells(style: _Style, row: DamagedRow) -> Cells:
    return {**_cells(style, row.record), **dict(row.cells)}


def _cells(style: _Style, record: Record) -> Cells:
    """Give each field's text; money gives two, its amount and its currency."""
    cells = {"currency": ""}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, tuple):  # what a CRM keeps beside the known fields: the demo has none
            continue
        words = (style.words or {}).get(field.name, {})
        if isinstance(value, Money):
            cells["currency"] = value.currency
        cells[field.name] = words.get(str(value), _text(value, style))
    return cells


def _text(value: object, style: _Style) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case Money():
            return f"{value.amount:{style.group}f}"
        case StrEnum():
            return value.value
        case datetime() | date():
            return _day_text(value, style.date_form)
        case _:
            return str(value)


def _day_text(day: date, form: str) -> str:
    """Write a day as `strftime` would, which on some systems cannot write 年 into its result."""
    moment = day if isinstance(day, datetime) else datetime.combine(day, time())
    parts = {
        "%Y": f"{moment.year:04d}",
        "%m": f"{moment.month:02d}",
        "%d": f"{moment.day:02d}",
        "%H": f"{moment.hour:02d}",
        "%M": f"{moment.minute:02d}",
    }
    for directive, part in parts.items():
        form = form.replace(directive, part)
    return form


def _json_lines(good: Sequence[Opportunity], damaged: Sequence[DamagedRow]) -> bytes:
    lines = [_json(_deal(deal)) for deal in good]
    for row in damaged:
        if not isinstance(row.record, Opportunity):
            continue
        names = {"amount": "Amount"}
        cells = {names[name]: cell for name, cell in row.cells}
        deal = _deal(row.record)
        if row.fault.kind is FaultKind.KEY_TWICE:
            # A dict cannot hold a key twice, a line of text can.
            lines.append(f"{_json(deal)[:-1]}, {_json(cells)[1:]}")
        else:
            lines.append(_json({**deal, **cells}))
    return "".join(f"{line}\n" for line in lines).encode()


def _json(cells: Mapping[str, str | None]) -> str:
    return json.dumps(cells, ensure_ascii=False)


def _deal(deal: Opportunity) -> Mapping[str, str | None]:
    stages: Mapping[Stage, str] = {
        Stage.WON: "Closed Won",
        Stage.LOST: "Closed Lost",
        Stage.OPEN: _OPEN_STAGES[int(deal.id[1:]) % len(_OPEN_STAGES)],
    }
    return {
        "OpportunityId": deal.id,
        "OwnerId": deal.owner,
        "AccountId": deal.account,
        "Name": deal.name,
        "StageName": stages[deal.stage],
        "Amount": f"{deal.amount.amount:f}" if deal.amount else None,
        "CreatedDate": deal.opened.isoformat() if deal.opened else None,
        "CloseDate": deal.closed.isoformat() if deal.closed else None,
    }


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the file and move into place, so that a kill leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
