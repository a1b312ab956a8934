"""Back-tests: what can be wrong with what was asked for."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "backtest.currency": (
        "The policies decide in different currencies, {old} and {new}; a back-test compares amounts of one currency.",
        "两版政策的币种不同：{old} 与 {new}；回测只能比较同一币种的金额。",
    ),
    "backtest.sums": (
        "The tables contradict each other: lines add up to {lines} minor units, claims to {claims}. See that each person has one row a day in `people`, and each line one place.",
        "数据表互相矛盾：明细合计 {lines} 最小单位，报销单合计 {claims}。请确认 `people` 中每人每日只有一行，且每条明细的顺序号唯一。",
    ),
    "backtest.flips_place": (
        "The flips cannot be written to {path}: {detail}. Choose a folder that exists and that you may write to.",
        "无法写入 {path}：{detail}。请选择已存在且有写权限的文件夹。",
    ),
    "backtest.page_place": (
        "The page cannot be written to {path}: {detail}. Choose a folder that exists and that you may write to.",
        "无法写入页面 {path}：{detail}。请选择已存在且有写权限的文件夹。",
    ),
    "backtest.which_old": (
        "Say which policy the new one is tested against: --against OLD.toml",
        "请指明与哪一版政策对比：--against OLD.toml",
    ),
    "backtest.sweep_form": (
        "“{value}” is no sweep; write parameter=from:to:step, like meal_day=80:200:10 or cap[senior,1]=300:600:50",
        "“{value}”不是参数扫描；请写成 参数=起:止:步长，例如 meal_day=80:200:10 或 cap[senior,1]=300:600:50",
    ),
    "backtest.sweep_number": (
        "“{value}”: from, to and step are plain numbers with a point, like 80:200:2.5",
        "“{value}”：起、止、步长须为普通数字，小数用点，例如 80:200:2.5",
    ),
    "backtest.sweep_range": (
        "“{value}”: the step is above zero, and from is at most to, like 80:200:10",
        "“{value}”：步长须大于零，起不得大于止，例如 80:200:10",
    ),
    "backtest.sweep_many": (
        "The sweep has {count} values; at most {most} are computed. Take a larger step.",
        "参数扫描共 {count} 个数值；最多计算 {most} 个。请加大步长。",
    ),
    "backtest.no_parameter": (
        "The new policy has no parameter {name}. It has: {known}",
        "新政策没有参数 {name}。现有：{known}",
    ),
    "backtest.no_figure": (
        "The parameter {name} holds words, not figures; a sweep needs figures.",
        "参数 {name} 的值是词语而非数值；参数扫描需要数值。",
    ),
    "backtest.sweep_keys": (
        "The parameter {name} has the keys {keys}, and {given} were given. Name one cell, like cap[senior,1]=300:600:50",
        "参数 {name} 的键为 {keys}，给出了 {given} 个。请指明一格，例如 cap[senior,1]=300:600:50",
    ),
    "backtest.no_cell": (
        "The newest values have no cell {target}. There are: {known}",
        "最新数值中没有 {target}。现有：{known}",
    ),
    "backtest.sweep_places": (
        "The parameter {name} has {places} decimals; {value} has more. Take a step that fits.",
        "参数 {name} 有 {places} 位小数；{value} 位数更多。请用合适的步长。",
    ),
    "backtest.sweep_large": (
        "{value} is more than the parameter {name} may ever be (10^15 units).",
        "{value} 超出参数 {name} 的上限（10^15 单位）。",
    ),
}
