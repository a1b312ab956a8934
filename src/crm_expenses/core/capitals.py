"""Amounts of yuan in Chinese capital numerals (大写金额), as vouchers must carry them.

By the rules of the People's Bank of China for bills (正确填写票据和结算凭证的基本规定): 整 after
yuan and after jiao, none after fen; one 零 for zeros within, and where jiao is missing before fen.
"""

from typing import Final

from crm_expenses.core.money import Money

CURRENCY: Final = "CNY"
_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")


def capitals(amount: Money) -> str:
    """Write an amount of yuan in capital numerals; empty for other currencies.

    >>> capitals(Money(167_983, "CNY")), capitals(Money(650_000_53, "CNY"))
    ('人民币壹仟陆佰柒拾玖元捌角叁分', '人民币陆拾伍万元零伍角叁分')
    >>> capitals(Money(140_950, "CNY")), capitals(Money(32_504, "CNY"))
    ('人民币壹仟肆佰零玖元伍角整', '人民币叁佰贰拾伍元零肆分')
    """
    if amount.currency != CURRENCY:
        return ""
    sign = "负" if amount.minor < 0 else ""
    yuan, fen = divmod(abs(amount.minor), 100)
    whole = f"{_whole(yuan)}元" if yuan else ""
    return f"人民币{sign}{whole}{_parts(fen, yuan)}"


def _parts(fen: int, yuan: int) -> str:
    """Write jiao and fen behind so many yuan."""
    if not fen:
        return "整" if yuan else "零元整"
    jiao, rest = divmod(fen, 10)
    made = f"{_DIGITS[jiao]}角" if jiao else ""
    if yuan and (not jiao or yuan % 10 == 0):
        made = f"零{made}"
    return made + (f"{_DIGITS[rest]}分" if rest else "整")


def _whole(number: int) -> str:
    """Write a whole number, four digits at a time, from the left."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    made = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            continue
        is_after_gap = bool(made) and (group < 1_000 or groups[place + 1] % 10 == 0)
        made += ("零" if is_after_gap else "") + _four(group) + _GROUPS[place]
    return made


def _four(number: int) -> str:
    made, is_gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            made += ("零" if is_gap and made else "") + _DIGITS[digit] + _PLACES[place]
            is_gap = False
        else:
            is_gap = True
    return made
