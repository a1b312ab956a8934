"""Says at the end of a long sweep how many pairs were compared."""

from collections import Counter

import pytest

PAIRS = "pairs on "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write how many pairs of each engine agreed."""
    agreed: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, count in report.user_properties:
            if name.startswith(PAIRS):
                agreed[name] += int(count)
    for name, count in sorted(agreed.items()):
        terminalreporter.write_line(f"{count:,} {name}, and no difference")
