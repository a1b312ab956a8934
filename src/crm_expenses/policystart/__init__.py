"""Begins a policy from the answers to a few questions: the policy and its cases as texts."""

from crm_expenses.policystart.casestext import cases_text
from crm_expenses.policystart.interview import Answers, interview
from crm_expenses.policystart.policytext import policy_text
from crm_expenses.policystart.question import Asker, Question

__all__ = ["Answers", "Asker", "Question", "cases_text", "interview", "policy_text"]
