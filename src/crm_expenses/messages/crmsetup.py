"""What `crm setup` and `crm notify` say, of any CRM."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "command.crm_setup": (
        "Make the modules and fields that the CRM lacks, and say what must be done by hand.",
        "在 CRM 中建立缺少的模块和字段，并列出需要手工完成的步骤。",
    ),
    "command.crm_notify": (
        "Let the CRM send messages of changes to our webhook.",
        "让 CRM 把变更消息发送到本方的 webhook。",
    ),
    "option.setup_crm": ("the connection's name in the settings", "设置中的连接名称"),
    "option.setup_plan": (
        "only show what would be made; make nothing",
        "只显示将要建立的内容，不做任何改动",
    ),
    "option.notify_url": (
        "the address at which the CRM reaches our webhook, like https://hooks.example.com/main",
        "CRM 访问本方 webhook 的地址，例如 https://hooks.example.com/main",
    ),
    "option.notify_stop": (
        "let the CRM send no more messages",
        "让 CRM 不再发送消息",
    ),
    "option.notify_plan": (
        "only show what would be asked of the CRM; change nothing",
        "只显示将向 CRM 请求的内容，不做任何改动",
    ),
    "crmsetup.nothing": (
        "{crm}: nothing is lacking that can be made from here",
        "{crm}：没有需要从这里建立的内容",
    ),
    "crmsetup.plan": (
        "{crm}: {count} things are to be made, which costs {cost} of the CRM's credits",
        "{crm}：需要建立 {count} 项，消耗 CRM 额度 {cost}",
    ),
    "crmsetup.name": ("name", "名称"),
    "crmsetup.what": ("what is made", "内容"),
    "crmsetup.cost": ("credits", "额度"),
    "crmsetup.done": ("made      {name}", "已建立  {name}"),
    "crmsetup.failed": ("not made  {name}: {detail}", "未建立  {name}：{detail}"),
    "crmsetup.by_hand": (
        "to be done by hand, in the CRM's own pages ({count}):",
        "需要在 CRM 自己的页面中手工完成（{count} 项）：",
    ),
}
