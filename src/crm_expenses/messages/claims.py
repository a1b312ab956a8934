"""What is wrong with a claim given as a plain dict, and how to mend it; the place leads each."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "claim.missing": ("this is missing. Give it", "缺少此项。请补上"),
    "claim.unknown_name": (
        "this is not a known field of a claim. See docs/reference/schemas/claim.json",
        "这不是报销单的已知字段。见 docs/reference/schemas/claim.json",
    ),
    "claim.line_twice": (
        "the line id {value} stands twice in this claim. Give each line its own id",
        "明细编号 {value} 在本单中出现两次。请为每条明细使用不同编号",
    ),
    "claim.trip_twice": (
        "the trip id {value} stands twice in this claim. Give each trip its own id",
        "行程编号 {value} 在本单中出现两次。请为每个行程使用不同编号",
    ),
    "claim.day_twice": (
        "the day {value} stands twice in this trip. Put all that is known of it together",
        "日期 {value} 在此行程中出现两次。请将该日情况合并",
    ),
    "claim.day_outside": (
        "the day {value} lies outside the trip {trip}, which lasts from {first} to {last}. "
        "Correct the day, or add the leg that is missing",
        "日期 {value} 不在行程 {trip} 的期间（{first} 至 {last}）内。请更正日期，或补上缺少的行程段",
    ),
    "claim.leg_backwards": (
        "the arrival {value} lies before the departure {departs}. Correct one of them",
        "到达时间 {value} 早于出发时间 {departs}。请更正其一",
    ),
    "claim.legs_order": (
        "this leg departs {value}, before the one above it arrives at {before}. Put the legs in order of time, or correct one of them",
        "此行程段于 {value} 出发，早于上一段的到达时间 {before}。请按时间先后排列，或更正其一",
    ),
    "claim.no_trip": (
        "there is no trip {value} in this claim; it has: {known}. Add it under trips",
        "本单没有行程 {value}；已有：{known}。请在 trips 中补上",
    ),
    "claim.zoned": (
        "{value} is a day, but a time with its zone is needed, like 2026-01-31T09:00:00+08:00",
        "{value} 是日期，但此处需要带时区的时间，例如 2026-01-31T09:00:00+08:00",
    ),
    "claim.extra": (
        "this is not an object of at most {limit} names and values (a limit of this package)",
        "这不是最多含 {limit} 项的名称与值的对象（本软件的限制）",
    ),
    "claim.extra_name": (
        "{name} is not a name of a fact: small letters, digits and _, starting with a letter",
        "{name} 不是事实名称：小写字母、数字和 _，以字母开头",
    ),
    "claim.extra_value": (
        "{name} is not a text of at most {limit} signs, an exact number, a date, or true or false. Give decimals as text",
        "{name} 不是至多 {limit} 个字符的文本、精确数字、日期或 true/false。小数请写成文本",
    ),
    "claim.text": (
        "{value} is not a text. Give a text in quotes",
        "{value} 不是文本。请给出加引号的文本",
    ),
    "claim.empty_text": ("this text is empty. Fill it in", "此文本为空。请填写"),
    "claim.choice": (
        "{value} is not one of: {expected}",
        "{value} 不是以下之一：{expected}",
    ),
    "claim.yes_no": (
        "{value} is not true or false. Give true or false",
        "{value} 不是 true 或 false。请给出 true 或 false",
    ),
    "claim.list": (
        "{value} is not a list. Give a list, in square brackets in JSON",
        "{value} 不是列表。请给出列表（JSON 中用方括号）",
    ),
    "claim.list_empty": (
        "this list is empty, and needs at least {min_length}. Fill it in",
        "此列表为空，至少需要 {min_length} 项。请填写",
    ),
    "claim.list_long": (
        "this list has {actual_length} items, and may have {max_length} (a limit of this package). Split it",
        "此列表有 {actual_length} 项，最多 {max_length} 项（本软件的限制）。请拆分",
    ),
    "claim.object": (
        "{value} is not an object with named fields. Give one, in braces in JSON",
        "{value} 不是带字段名的对象。请给出对象（JSON 中用花括号）",
    ),
    "claim.inexact": (
        '{value} is not exact, or not a number. Give a text like "12.50", a Decimal or a whole number',
        "{value} 不是精确数值。请给出文本如 “12.50”、Decimal 或整数",
    ),
    "claim.date": (
        "{value} is not a date. Give one like 2026-01-31",
        "{value} 不是日期。请按 2026-01-31 的写法给出",
    ),
    "claim.submitted": (
        "{value} is neither a date nor a time. Give one like 2026-01-31 or 2026-01-31T09:00:00+08:00",
        "{value} 既不是日期也不是时间。请按 2026-01-31 或 2026-01-31T09:00:00+08:00 的写法给出",
    ),
    "claim.no_zone": (
        "{value} is a time without a zone. Add it, like 2026-01-31T09:00:00+08:00",
        "{value} 是没有时区的时间。请加上时区，例如 2026-01-31T09:00:00+08:00",
    ),
    "claim.whole": (
        "{value} is not a whole number from 0 to {limit} (a limit of this package)",
        "{value} 不是 0 到 {limit} 之间的整数（本软件的限制）",
    ),
    "claim.distance": (
        "{value} is not a distance in kilometres: from 0 to {limit}, at most {places} decimals",
        "{value} 不是公里数：须在 0 到 {limit} 之间，最多 {places} 位小数",
    ),
    "claim.value": ("{value} does not fit: {detail}", "{value} 不符合要求：{detail}"),
}
