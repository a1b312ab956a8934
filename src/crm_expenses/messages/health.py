"""How a connection is: the calls of a run, the state that it is in, the commands that say so."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "summary.calls": (
        "  called       {calls} times ({retries} again), {sent} bytes sent, {received} received, "
        "{seconds} s",
        "  调用   {calls} 次（其中重试 {retries} 次），发送 {sent} 字节，接收 {received} 字节，{seconds} 秒",
    ),
    "summary.stopped": ("  stopped: {reason}", "  提前结束：{reason}"),
}
