"""The table of currencies: generated, complete, and apart from what is no money."""

import subprocess
import sys
from pathlib import Path

import pytest

from crm_expenses.core.currencies import EXPONENTS, WITHDRAWN
from crm_expenses.core.money import exponent
from crm_expenses.errors import MappingError

TOOL = Path(__file__).parents[2] / "tools" / "make_currencies.py"


def test_the_table_is_what_the_tool_makes() -> None:
    """The committed table equals the one made from the ISO 4217 list."""
    done = subprocess.run([sys.executable, TOOL, "--check"], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_code_stands_in_both_tables() -> None:
    """A code is in use or withdrawn, and each is three capital letters with few decimals."""
    assert not EXPONENTS.keys() & WITHDRAWN.keys()
    for code, places in (EXPONENTS | WITHDRAWN).items():
        assert len(code) == 3
        assert code.isascii()
        assert code.isupper()
        assert 0 <= places <= 4


@pytest.mark.parametrize(
    ("code", "places"),
    [("CNY", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("CLF", 4), ("HKD", 2), ("ITL", 0)],
)
def test_decimals_of_a_currency(code: str, places: int) -> None:
    """Known currencies, old ones too, have the decimals of the standard."""
    assert exponent(code) == places


@pytest.mark.parametrize("code", ["XAU", "XDR", "XXX", "RMB", "cny", "CNY ", "¥", ""])
def test_what_is_no_currency(code: str) -> None:
    """Metals, units of account, nicknames and other spellings are refused."""
    with pytest.raises(MappingError) as caught:
        exponent(code)
    assert caught.value.code == "record.currency"
