"""The command `crm-expenses`."""

import sys


def main() -> None:
    """Run the command line and end with its exit code."""
    from crm_expenses.cli import run  # noqa: PLC0415  paid by the command only

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
