"""What the command line says."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "command.help": (
        "Expense policy, budgets, approvals and return on spending, inside your CRM.",
        "在您的 CRM 中管理费用政策、预算、审批与费用回报。",
    ),
    "command.language": (
        "there is no language {value}; use --lang en or --lang zh",
        "没有语言 {value}；请用 --lang en 或 --lang zh",
    ),
    "command.demo": (
        "Make a company in FOLDER, run the whole job on it, and write a report.",
        "在文件夹中生成一家公司，完整运行一遍，并生成报告。",
    ),
    "command.demo_done": (
        "{claims} claims with {lines} lines decided, {waiting} claims wait for a person, "
        "{set_aside} rows set aside.",
        "已审核 {claims} 张报销单、{lines} 条明细；{waiting} 张等待人工处理；{set_aside} 行被搁置。",
    ),
    "command.demo_same": (
        "0 changes: everything is as the last run left it.",
        "0 处变化：一切与上次运行后相同。",
    ),
    "command.report_at": ("Report: {path}", "报告：{path}"),
}
