"""The SQL reading: a policy as a script of queries that run where the history lies."""

from crm_expenses.rules.sql.make import BOTH, script, scripts
from crm_expenses.rules.sql.results import SUMMARY
from crm_expenses.rules.sql.script import Rounds, Script, Step

__all__ = ["BOTH", "SUMMARY", "Rounds", "Script", "Step", "script", "scripts"]
