"""What the commands around connection files say: `crm try`, `crm connect`, `doctor --write`."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "option.doctor_write": (
        "also write a scratch record, read it back and delete it, where the connection can",
        "在连接支持时，另写入一条试写记录，读回比较后删除",
    ),
}
