"""Why a record from a CRM or a file cannot be read, and how to mend it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "record.amount": (
        "{value} is not an amount: digits with an optional minus, point and at most 9 decimals are "
        "accepted, like -1234.50",
        "{value} 不是金额：只接受数字，可带负号、小数点和最多 9 位小数，例如 -1234.50",
    ),
    "record.amount_fine": (
        "{value} has more decimals than {currency} has ({places}). Round it in the source",
        "{value} 的小数位多于 {currency} 的最小单位（{places} 位）。请在来源处取整",
    ),
    "record.amount_large": (
        "{value} is beyond the largest amount of a line, {limit} minor units (a limit of this "
        "package). Check the value",
        "{value} 超过单行金额上限 {limit} 个最小货币单位（本软件的限制）。请核对",
    ),
    "record.currency": (
        "{value} is not a currency of ISO 4217. Use a three-letter code, like CNY",
        "{value} 不是 ISO 4217 的货币代码。请使用三个字母的代码，例如 CNY",
    ),
}
