"""What every adapter has to say: of its records and fields, and how the CRM's own fit."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "crm.kind": (
        "{crm} has no records of the kind {kind}; it has: {known}. Leave that kind out",
        "{crm} 没有 {kind} 类记录；现有：{known}。请不要读取该类",
    ),
    "crm.result_kind": (
        "{crm} has no place for results of the kind {kind}; it takes: {known}. Leave that kind out",
        "{crm} 无处存放 {kind} 类结果；可写入：{known}。请不要写入该类",
    ),
    "crm.no_change": (
        "records of the kind {kind} cannot be changed in {crm} from here; these can: {known}. Change "
        "it there",
        "不能从本处修改 {crm} 中的 {kind} 类记录；可修改：{known}。请直接在其中修改",
    ),
    "crm.batch": (
        "{count} writes at once are more than {limit}, which {crm} takes (the adapter's batch "
        "size). Split them",
        "一次写入 {count} 条，超过 {crm} 的批量上限 {limit} 条（由适配器规定）。请分批写入",
    ),
    "crm.no_record": (
        "{crm} has no record {record} any more. Pull again",
        "{crm} 中已没有记录 {record}。请重新拉取",
    ),
    "crm.refused": (
        "{crm} refused what was written to {record}: {detail}. Mend the record there, or the "
        "permission, then `crm-expenses retry`",
        "{crm} 拒绝写入 {record}：{detail}。请在其中修正记录或权限，然后运行 `crm-expenses retry`",
    ),
    "crm.conflict": (
        "{record} has been changed in {crm} meanwhile. Pull it and decide anew",
        "{record} 在 {crm} 中已被他人修改。请重新拉取并再次审核",
    ),
    "crm.lost": (
        "it is not known what became of the write to {record} in {crm}: {detail}. It is read back "
        "before it is sent again",
        "尚不知道写入 {crm} 中 {record} 的结果：{detail}。再次发送前会先回读",
    ),
    "crm.good": (
        "{crm} answers; it holds {what}",
        "{crm} 可以连接；其中有 {what}",
    ),
    "crm.answer": (
        "{crm} gave an answer that is not understood ({detail}). Nothing was taken from it. Try "
        "again; if it stays, the adapter must be mended",
        "无法理解 {crm} 的答复（{detail}）。未采用其中任何内容。请重试；若仍如此，需修正适配器",
    ),
    "crm.no_setup": (
        "the CRM {crm} is not set up from here: its adapter has no set-up. Make its objects and fields "
        "in its own pages, and name them in the mapping or the connection file",
        "CRM {crm} 不能从这里初始化：其适配器没有此功能。请在 CRM 自己的页面中建立对象和字段，并在映射文件或连接文件中写明名称",
    ),
    "crm.no_hints": (
        "the CRM {crm} is not told from here where to send its messages. If it has webhooks, enter the "
        "address in its own pages: docs/how-to/webhooks.md",
        "不能从这里告知 CRM {crm} 消息的接收地址。如果它支持 webhook，请在其自己的页面中填写地址：docs/zh-CN/how-to/webhooks.md",
    ),
    "crm.option": (
        "[crm.{crm}] needs `{option}`, a text that is not empty. Write it into the settings",
        "[crm.{crm}] 需要 `{option}`（非空文本）。请写入设置文件",
    ),
    "crm.overlap": (
        "what changed shortly before the cursor is read again, for the sake of slow commits",
        "游标之前不久的改动会再读一次，以免漏掉提交较慢的记录",
    ),
    "fieldmap.text": (
        "{theirs} is {value}, but {ours} needs a text of at most {limit} characters. Correct it in "
        "the CRM, or name another field in [crm.NAME.fields.{kind}]",
        "{theirs} 的值为 {value}，而 {ours} 需要不超过 {limit} 个字符的文本。请在 CRM 中更正，"
        "或在 [crm.NAME.fields.{kind}] 中指定其他字段",
    ),
    "fieldmap.whole": (
        "{theirs} is {value}, but {ours} needs a whole number from 0 to {limit}, like 3. Correct it "
        "in the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要 0 到 {limit} 的整数，例如 3。请在 CRM 中更正",
    ),
    "fieldmap.number": (
        "{theirs} is {value}, but {ours} needs an exact number, like 12.5 (at most 15 digits and 9 "
        "decimals). Correct it in the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要精确的数字，例如 12.5（整数最多 15 位、小数最多 9 位）。"
        "请在 CRM 中更正",
    ),
    "fieldmap.yes_no": (
        "{theirs} is {value}, but {ours} needs yes or no, written there as {allowed}. Correct it in "
        "the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要是或否，在该处写作 {allowed}。请在 CRM 中更正",
    ),
    "fieldmap.day": (
        "{theirs} is {value}, but {ours} needs a day like 2026-01-31 (years {limit}). Correct it in "
        "the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要日期，例如 2026-01-31（年份 {limit}）。请在 CRM 中更正",
    ),
    "fieldmap.moment": (
        "{theirs} is {value}, but {ours} needs a time with its zone, like "
        "2026-01-31T09:30:00+08:00 (years {limit}). Correct it in the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要带时区的时间，例如 2026-01-31T09:30:00+08:00"
        "（年份 {limit}）。请在 CRM 中更正",
    ),
    "fieldmap.choice": (
        "{theirs} is {value}, but {ours} needs one of: {allowed}. Correct it in the CRM, or let the "
        "adapter know that option",
        "{theirs} 的值为 {value}，而 {ours} 须为以下之一：{allowed}。请在 CRM 中更正，"
        "或让适配器认识该选项",
    ),
    "fieldmap.reference": (
        "{theirs} is {value}, but {ours} needs the id of another record (at most {limit} "
        "characters). Correct it in the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要另一条记录的编号（不超过 {limit} 个字符）。"
        "请在 CRM 中更正",
    ),
    "fieldmap.amount": (
        "{theirs} is {value}, but {ours} needs an exact amount with no more decimals than its "
        "currency {currency} has, up to {limit} minor units. Correct it in the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要精确金额，小数位不多于币种 {currency} 的规定，"
        "且不超过 {limit} 个最小货币单位。请在 CRM 中更正",
    ),
    "fieldmap.minor": (
        "{theirs} is {value}, but {ours} needs a whole number of minor units of {currency}, up to "
        "{limit}. Correct it in the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要以 {currency} 最小货币单位计的整数，不超过 {limit}。"
        "请在 CRM 中更正",
    ),
    "fieldmap.currency": (
        "{theirs} is {value}, but {ours} needs a currency of ISO 4217, like CNY. Correct it in the "
        "CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要 ISO 4217 的货币代码，例如 CNY。请在 CRM 中更正",
    ),
    "fieldmap.pairs": (
        "{theirs} is {value}, but {ours} needs texts by name. Correct it in the CRM",
        "{theirs} 的值为 {value}，而 {ours} 需要按名称排列的文本。请在 CRM 中更正",
    ),
    "fieldmap.missing": (
        "{theirs} is empty, but a {kind} needs {ours}. Fill it in in the CRM, or name another field "
        "in [crm.NAME.fields.{kind}]",
        "{theirs} 为空，而 {kind} 需要 {ours}。请在 CRM 中填写，或在 [crm.NAME.fields.{kind}] 中指定其他字段",
    ),
    "fieldmap.unreadable": (
        "the record of kind {kind} holds values that do not go together: {detail}. Correct it in "
        "the CRM",
        "此 {kind} 记录的各值互相矛盾：{detail}。请在 CRM 中更正",
    ),
    "fieldmap.no_word": (
        "{ours} is {value}, for which {theirs} has no option; it has: {allowed}. Add the option in "
        "the CRM",
        "{ours} 为 {value}，而 {theirs} 没有对应的选项；现有：{allowed}。请在 CRM 中添加该选项",
    ),
    "fieldmap.other_currency": (
        "{ours} is in {currency}, but {theirs} holds amounts in {expected} only. Map a field for "
        "the currency in [crm.NAME.fields.{kind}]",
        "{ours} 的币种是 {currency}，而 {theirs} 只存放 {expected} 金额。"
        "请在 [crm.NAME.fields.{kind}] 中为币种指定字段",
    ),
    "fieldmap.two_currencies": (
        "{theirs} would have to hold {expected} and {currency} at once, because several amounts of "
        "this {kind} share it. Map a field of its own for {ours}",
        "{theirs} 将同时需要存放 {expected} 和 {currency}，因为此 {kind} 的多个金额共用它。"
        "请为 {ours} 单独指定字段",
    ),
    "fieldmap.not_mapped": (
        "{ours} of a {kind} cannot be written: the CRM has no field for it. Name one in "
        "[crm.NAME.fields.{kind}]",
        "无法写入 {kind} 的 {ours}：CRM 中没有对应字段。请在 [crm.NAME.fields.{kind}] 中指定",
    ),
    "fieldmap.unknown": (
        "[crm.{crm}.fields.{kind}] names {ours}, which is no field of a {kind}. Did you mean "
        "{near}? There are: {known}",
        "[crm.{crm}.fields.{kind}] 中的 {ours} 不是 {kind} 的字段。是否想写 {near}？现有：{known}",
    ),
    "fieldmap.kind": (
        "[crm.{crm}.fields.{kind}] is for a kind that {crm} does not read; it reads: {known}. Remove it",
        "[crm.{crm}.fields.{kind}] 所指的类别不在 {crm} 的读取之列；可读取：{known}。请删除",
    ),
    "fieldmap.required": (
        "[crm.{crm}.fields.{kind}] maps {ours} to nothing, but a {kind} cannot be without it. Name "
        "the CRM's field",
        "[crm.{crm}.fields.{kind}] 未给 {ours} 指定字段，但 {kind} 不能没有它。请写出 CRM 的字段名",
    ),
    "fieldcheck.good": (
        "{name} in {crm} ({kind}): all {count} fields that are mapped are there and fit",
        "{crm} 中的 {name}（{kind}）：映射的 {count} 个字段都存在且相符",
    ),
    "fieldcheck.missing": (
        "{name} in {crm} has no field {theirs}, which {ours} of a {kind} is mapped to. Near to it: "
        "{near}. Name the right one in [crm.{crm}.fields.{kind}]",
        "{crm} 的 {name} 没有字段 {theirs}，而 {kind} 的 {ours} 映射到它。相近的有：{near}。"
        "请在 [crm.{crm}.fields.{kind}] 中写出正确的字段",
    ),
    "fieldcheck.read_only": (
        "{theirs} of {name} in {crm} cannot be written by our user, but {ours} is written there. "
        "Grant the permission, or name another field",
        "我们的用户不能写 {crm} 中 {name} 的 {theirs}，而 {ours} 要写入该处。请授予权限，或指定其他字段",
    ),
    "fieldcheck.short": (
        "{theirs} of {name} in {crm} holds {length} characters, but {ours} takes up to {needed}. "
        "Make it longer, or name another field",
        "{crm} 中 {name} 的 {theirs} 只能存 {length} 个字符，而 {ours} 最多需要 {needed} 个。"
        "请加长，或指定其他字段",
    ),
    "fieldcheck.form": (
        "{theirs} of {name} in {crm} is of type {type}, which does not fit {ours} of a {kind}: "
        "it needs {word:expected}. Name another field in [crm.{crm}.fields.{kind}]",
        "{crm} 中 {name} 的 {theirs} 类型为 {type}，与 {kind} 的 {ours} 不符：需要{word:expected}。"
        "请在 [crm.{crm}.fields.{kind}] 中指定其他字段",
    ),
    "fieldcheck.options": (
        "{theirs} of {name} in {crm} allows {options}, which {ours} of a {kind} does not know; "
        "records with it are set aside. Known: {known}",
        "{crm} 中 {name} 的 {theirs} 允许 {options}，而 {kind} 的 {ours} 不认识；含有它的记录会被搁置。"
        "认识的有：{known}",
    ),
    "fieldcheck.no_option": (
        "{theirs} of {name} in {crm} is a list without {options}, which {ours} is written as. Add "
        "these options",
        "{crm} 中 {name} 的 {theirs} 是列表，但缺少 {ours} 会写入的 {options}。请添加这些选项",
    ),
    "fieldcheck.not_filled": (
        "{name} in {crm} requires {theirs}, which nothing of ours fills. Some CRMs refuse every "
        "write to such a record: give it a default there",
        "{crm} 的 {name} 要求填写 {theirs}，而我们不填写它。有些 CRM 会因此拒绝写入：请在其中设默认值",
    ),
    "fieldcheck.not_unique": (
        "{theirs} of {name} in {crm} finds the records of a {kind}, but is not unique there. Make it "
        "a unique external id, or two records may be taken for one",
        "{crm} 中 {name} 的 {theirs} 用来查找 {kind} 记录，但不唯一。请将其设为唯一的外部编号，"
        "否则两条记录可能被当成一条",
    ),
}
