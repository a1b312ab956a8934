"""Serve an empty organisation until somebody stops it.

    python -m crm_expenses.testing.zohosim --port 8810 --folder DIR

The folder gets the secrets, each in a file, and `zoho.toml`: what `[crm.zoho]` says.
"""

import argparse
import json
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from crm_expenses.testing.zohosim.holding import OrgSettings
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.server import ZohoSim


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until somebody stops it."""
    parser = argparse.ArgumentParser(description="A simulated organisation of Zoho CRM.")
    parser.add_argument("--port", type=int, default=8810)
    parser.add_argument("--folder", type=Path, default=Path(), help="gets secrets and settings")
    parser.add_argument("--edition", default="enterprise")
    parser.add_argument("--zone", default="Asia/Kolkata")
    given = parser.parse_args(arguments)
    org = Org(OrgSettings(edition=given.edition, zone=given.zone))
    with ZohoSim(org, port=given.port) as sim:
        told = sim.settings(folder=given.folder.resolve())
        text = settings_text({"adapter": "zoho", **told})
        (given.folder / "zoho.toml").write_text(text, encoding="utf-8")
        sys.stdout.write(f"{sim.url}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


def settings_text(told: Mapping[str, object]) -> str:
    """Write settings as the file of settings has them.

    >>> print(settings_text({"users": 25, "addresses": {"api": "http://127.0.0.1"}}), end="")
    [crm.zoho]
    users = 25
    <BLANKLINE>
    [crm.zoho.addresses]
    api = "http://127.0.0.1"
    """
    plain = {name: value for name, value in told.items() if not isinstance(value, Mapping)}
    lines = ["[crm.zoho]", *(f"{name} = {json.dumps(value)}" for name, value in plain.items())]
    for name, value in told.items():
        if isinstance(value, Mapping):
            lines += ["", f"[crm.zoho.{name}]"]
            lines += [f"{key} = {json.dumps(held)}" for key, held in value.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
