"""Shipped for whoever writes an adapter: the conformance suite, its samples, random records.

An adapter proves itself with one class and one fixture:

    class TestMyCrm(AdapterSuite):
        @pytest.fixture
        def bench(self):
            return MyBench()

`suite`, `bench` and `samples` need the standard library only, pytest where the suite is run;
`strategies` needs hypothesis.
"""

from crm_expenses.testing.bench import Bench
from crm_expenses.testing.suite import AdapterSuite

__all__ = ["AdapterSuite", "Bench"]
