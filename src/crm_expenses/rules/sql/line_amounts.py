"""The amounts of a line: in the policy's currency, and in that of the receipt."""

from typing import Final

from crm_expenses.core.currencies import EXPONENTS, WITHDRAWN
from crm_expenses.core.money import AMOUNT_MINOR_MAX
from crm_expenses.rules.catalogue.line import ORIGINAL_SCALE
from crm_expenses.rules.sql.base import among, exponent_case
from crm_expenses.rules.sql.line_tables import LineTables
from crm_expenses.rules.sql.script import Step
from crm_expenses.rules.sql.text import Sql

_BY_MONTH: Final = f"""WITH told AS (
  SELECT *, year(rate_day) * 12 + month(rate_day) AS first_month, gcd(units, divisor) AS part
  FROM rates
), bound AS (
  SELECT *, (SELECT MAX(first_month) FROM told) AS last_month FROM told
), small AS (
  SELECT *, CASE WHEN units BETWEEN part AND part * {10**15} THEN CAST(units // part AS BIGINT) END
      AS small_units,
    CASE WHEN divisor <= part * {10**15} THEN CAST(divisor // part AS BIGINT) END AS small_divisor
  FROM bound
)
SELECT currency, rate_day, until_day, units, divisor, small_units, small_divisor,
  CASE WHEN small_units IS NOT NULL AND small_divisor IS NOT NULL THEN CAST(LEAST(
    CAST({2**62} - small_divisor AS HUGEINT) // (small_units * 2),
    CAST(small_divisor AS HUGEINT) * {AMOUNT_MINOR_MAX} // small_units) AS BIGINT) END
    AS small_top,
  CAST(unnest(range(first_month, CASE WHEN until_day IS NULL THEN last_month
    ELSE LEAST(last_month, year(until_day) * 12 + month(until_day)) END + 1)) AS BIGINT)\
 AS rate_month
FROM small"""
_BY_MONTH_NOTE: Final = ("the same by month, with the largest amount that 64 bits are enough for",)


def amount(lines: LineTables) -> Sql:
    """Read the amount in the policy's currency, at the rate of the day."""
    if lines.is_lean:
        return _lean_amount(lines)
    rate = lines.rate_join("r", "l.currency", "l.spent_on")
    home = lines.dialect.text(lines.policy.currency)
    text = (
        f"(CASE WHEN l.currency = {home} THEN l.amount"
        f" ELSE {lines.converted('l.amount', rate)} END)"
    )
    return lines.column("f_amount", text, rate)


def amount_original(lines: LineTables) -> Sql:
    """Read the amount in the currency of the receipt, at the scale of the language."""
    if lines.is_lean:
        return lines.column("f_amount_original", _original(lines), lacks=False)
    scale = exponent_case("l.currency")
    powers = " ".join(
        f"WHEN {n} THEN {lines.dialect.long(10 ** (ORIGINAL_SCALE - n))}"
        for n in range(ORIGINAL_SCALE + 1)
    )
    text = f"l.amount * (CASE {scale} {powers} END)"
    return lines.column("f_amount_original", text, lacks=False)


def _lean_amount(lines: LineTables) -> Sql:
    """Read the amount by a join on currency and month; of 64 bits wherever that is exact."""
    home = lines.dialect.text(lines.policy.currency)
    lines.rates()
    # names say the currency, so that two policies in one script never share by mistake
    tail = lines.policy.currency.lower()
    table = lines.steps.add(Step(f"rates_by_month_{tail}", _BY_MONTH, _BY_MONTH_NOTE))
    inner = lines.inner.setdefault("l", {})
    inner[f"rate_currency_{tail}"] = f"CASE WHEN currency <> {home} THEN currency END"
    inner[f"rate_month_{tail}"] = (
        f"CASE WHEN currency <> {home} THEN LEAST(year(spent_on) * 12 + month(spent_on),"
        f" (SELECT MAX(rate_month) FROM {table})) END"
    )
    lines.join(
        "m",
        f"LEFT JOIN {table} AS m ON m.currency = l.rate_currency_{tail}"
        f" AND m.rate_month = l.rate_month_{tail} AND m.rate_day <= l.spent_on"
        " AND (m.until_day IS NULL OR l.spent_on < m.until_day)",
    )
    small = (
        "(l.amount * m.small_units * 2 + CASE WHEN l.amount < 0 THEN -m.small_divisor"
        " ELSE m.small_divisor END) // (m.small_divisor * 2)"
    )
    text = (
        f"(CASE WHEN l.currency = {home} THEN l.amount"
        f" WHEN l.amount BETWEEN -m.small_top AND m.small_top THEN {small}"
        f" WHEN m.currency IS NOT NULL THEN {lines.converted('l.amount', 'm')} END)"
    )
    return lines.column("f_amount", text, "m")


def _original(lines: LineTables) -> str:
    """Write the amount at one scale for all currencies; few have other than two decimals."""
    odd = sorted(
        (places, code) for code, places in {**WITHDRAWN, **EXPONENTS}.items() if places != 2
    )
    codes = [code for _, code in odd]
    lines.inner.setdefault("l", {})["odd_currency"] = lines.dialect.place(codes, "currency")
    factors = [10 ** (ORIGINAL_SCALE - places) for places, _ in odd]
    cases = " ".join(
        f"WHEN {among('l.odd_currency', [n for n, f in enumerate(factors, 1) if f == factor])}"
        f" THEN {lines.dialect.long(factor)}"
        for factor in sorted(set(factors))
    )
    plain = lines.dialect.long(10 ** (ORIGINAL_SCALE - 2))
    return (
        f"(CASE WHEN l.odd_currency = 0 THEN l.amount * {plain}"
        f" ELSE l.amount * (CASE {cases} END) END)"
    )
