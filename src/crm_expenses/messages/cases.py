"""What is wrong with the cases of a policy, and how to mend it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "cases.twice": (
        "there is another case named {value}. Give each case a name of its own",
        "已有名为 {value} 的用例。请给每个用例不同的名称",
    ),
    "cases.nothing": (
        "the case {value} expects nothing, so it could never fail. "
        'Add under expect what must come out, like allowed = "56.00"',
        "用例 {value} 没有写明预期结果，因此永远不会失败。"
        '请在 expect 下写明应得的结果，例如 allowed = "56.00"',
    ),
    "cases.unknown": (
        "{name}: {value} is not there, so it could never come out. There is: {names}",
        "{name}：没有 {value}，因此不可能出现。现有：{names}",
    ),
    "cases.absent_of_line": (
        "{value} is a measure of lines, so the claim itself never has it. Expect it under lines",
        "{value} 是明细的数值，报销单整体从来没有它。请写在 lines 之下",
    ),
    "cases.absent_of_claim": (
        "{value} is a measure of the claim, so no line ever has it. Expect it directly under expect",
        "{value} 是报销单整体的数值，明细从来没有它。请直接写在 expect 之下",
    ),
    "cases.one_file": (
        "--cases names the cases of one policy, but {count} policies are given. "
        "Test them one at a time, or put NAME.cases.toml beside each NAME.toml",
        "--cases 对应一份政策，但给出了 {count} 份。请逐一测试，"
        "或在每个 NAME.toml 旁放置 NAME.cases.toml",
    ),
}
