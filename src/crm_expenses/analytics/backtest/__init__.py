"""Back-tests: the same claims by two policies, before the new one decides anything.

The engine joins and adds up over result tables (`queries`, `aggregate`), figures are plain values
(`figures`), and pages, JSON and charts are functions of the figures.
"""

from crm_expenses.analytics.backtest.aggregate import FLIPS_MAX, Backtest, sweep_point
from crm_expenses.analytics.backtest.figures import BacktestFigures, SweepFigures, SweepPoint
from crm_expenses.analytics.backtest.page import render_backtest, write_backtest
from crm_expenses.analytics.backtest.queries import Relations
from crm_expenses.analytics.backtest.session import Session
from crm_expenses.analytics.backtest.shape import backtest_json, backtest_schema
from crm_expenses.analytics.backtest.sweep import Sweep, Swept, read_sweep, swept
from crm_expenses.analytics.backtest.tables import RELATIONS, DecidedTables, Pair

__all__ = [
    "FLIPS_MAX",
    "RELATIONS",
    "Backtest",
    "BacktestFigures",
    "DecidedTables",
    "Pair",
    "Relations",
    "Session",
    "Sweep",
    "SweepFigures",
    "SweepPoint",
    "Swept",
    "backtest_json",
    "backtest_schema",
    "read_sweep",
    "render_backtest",
    "sweep_point",
    "swept",
    "write_backtest",
]
