"""Serve an organisation without records until somebody stops it.

    python -m crm_expenses.testing.zohosim --port 8810 --folder DIR

The folder gets the secrets, each in a file, and `zoho.toml`: what `[crm.zoho]` says. It gets
`grant_token`, too, what one would copy from the API console: made anew each minute, for it lives
for three. Beside its administrator the organisation has an account manager and their manager.
"""

import argparse
import json
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from crm_expenses.testing.zohosim.holding import OrgSettings
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.server import ZohoSim

GRANT_SECONDS: Final = 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until somebody stops it."""
    parser = argparse.ArgumentParser(description="A simulated organisation of Zoho CRM.")
    parser.add_argument("--port", type=int, default=8810)
    parser.add_argument("--folder", type=Path, default=Path(), help="gets secrets and settings")
    parser.add_argument("--edition", default="enterprise")
    parser.add_argument("--zone", default="Asia/Kolkata")
    given = parser.parse_args(arguments)
    org = Org(OrgSettings(edition=given.edition, zone=given.zone))
    hire(org)
    given.folder.mkdir(parents=True, exist_ok=True)
    with ZohoSim(org, port=given.port) as sim:
        told = sim.settings(folder=given.folder.resolve())
        company = {"timezone": given.zone, "currency": org.settings.currency}
        text = settings_text({"adapter": "zoho", **company, **told})
        (given.folder / "zoho.toml").write_text(text, encoding="utf-8")
        offer_grant(sim, given.folder)
        sys.stdout.write(f"{sim.url}\n")
        sys.stdout.flush()
        never = threading.Event()
        try:
            while not never.wait(GRANT_SECONDS):
                offer_grant(sim, given.folder)
        except KeyboardInterrupt:
            return


def hire(org: Org) -> None:
    """Give an organisation the people of a small team, in the order in which they report."""
    manager = {"full_name": "Sales Manager 1", "last_name": "Sales Manager 1", "status": "active"}
    above = org.put("Users", {**manager, "role": "Manager", "city": "Chennai"})
    name = "Account Manager 1"
    person = {"full_name": name, "last_name": name, "status": "active", "city": "Chennai"}
    org.put("Users", {**person, "role": "Sales", "Reporting_To": above})


def offer_grant(sim: ZohoSim, folder: Path) -> None:
    """Put a grant token that still lives where the console would show one."""
    fresh = folder / "grant_token.new"
    fresh.touch(mode=0o600)
    fresh.write_text(f"{sim.secrets['grant_token']}\n", encoding="utf-8")
    fresh.replace(folder / "grant_token")


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
