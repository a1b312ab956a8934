"""What findings say, also when the policy has changed since."""

from marked import HEAD, rule

from crm_expenses.core.finding import Effect, Finding
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.wording import finding_text, finding_title


def test_a_rule_that_is_gone_is_named_by_its_code() -> None:
    """A stored finding of a rule that the policy has no more is told in both languages."""
    policy = parse_policy(HEAD + rule("amount > 5"))
    finding = Finding("meal.old", Effect.REVIEW)
    assert finding_title(policy, "meal.old", "zh") == "meal.old"
    assert (
        finding_text(policy, finding, "en") == "rule meal.old of an earlier version of the policy"
    )
    assert finding_text(policy, finding, "zh") == "政策早期版本中的规则 meal.old"
