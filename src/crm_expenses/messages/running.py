"""What the commands say that run again and again, beside others, or exactly as planned."""

TEXTS: dict[str, tuple[str, str]] = {
    "option.wait": (
        "Wait so many seconds for another run of the same CRM to end; without it, answer 3 at once.",
        "同一 CRM 的另一次运行尚未结束时最多等待的秒数；不给出则立即以 3 退出。",
    ),
}
