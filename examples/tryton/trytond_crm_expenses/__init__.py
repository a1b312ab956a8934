"""Expense claims in Tryton: claims with lines, vouchers, approvals and budgets."""
