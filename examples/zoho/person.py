"""Play the people on Zoho's pages, against the simulator: they enter, look up and correct a claim.

python person.py enter|show|correct

It reads `crm_expenses.toml` of the current folder, where `[crm.main.addresses]` leads to the
simulator, and the secrets from the variables that the tutorial exports. In an organisation of
your own do by hand what it does: it is nothing that the package needs.
"""

import os
import sys
import tomllib
from pathlib import Path

import requests

SHOWN = {
    "Expense_Claims": ("Name", "Check_State", "Claimed", "Allowed", "Findings_EN", "Findings_ZH"),
    "Expense_Lines": ("Name", "Check_Outcome", "Claimed", "Allowed"),
}


class Pages:
    """The pages of an organisation, for somebody who has signed in."""

    def __init__(self, crm: dict) -> None:
        """Sign in: an access token for the refresh token."""
        self.address = crm["addresses"]["api"]
        asked = {
            "grant_type": "refresh_token",
            "client_id": crm["client_id"],
            "client_secret": os.environ[crm["client_secret_variable"]],
            "refresh_token": os.environ[crm["refresh_token_variable"]],
        }
        accounts = f"{crm['addresses']['accounts']}/oauth/v2/token"
        self.token = requests.post(accounts, asked, timeout=30).json()["access_token"]

    def call(self, method: str, path: str, **more: object) -> dict:
        """Call Zoho's API."""
        headers = {"Authorization": f"Zoho-oauthtoken {self.token}"}
        url = f"{self.address}/crm/v8/{path}"
        answer = requests.request(method, url, headers=headers, timeout=30, **more)
        answer.raise_for_status()
        return answer.json()

    def enter(self, module: str, *rows: dict) -> list[str]:
        """Make records; give their ids."""
        told = self.call("POST", module, json={"data": rows})["data"]
        return [one["details"]["id"] for one in told]

    def records(self, module: str) -> list[dict]:
        """Give the records of a module, as its list shows them."""
        asked = {"fields": ",".join((*SHOWN[module], "Amount")), "sort_by": "id"}
        return self.call("GET", module, params={**asked, "sort_order": "asc"})["data"]


def enter(pages: Pages) -> None:
    """Enter a customer, and a claim with two lines."""
    users = pages.call("GET", "users", params={"type": "ActiveUsers"})["users"]
    person = {"id": next(u["id"] for u in users if u["full_name"] == "Account Manager 1")}
    pages.enter("Accounts", {"Account_Name": "Customer 1", "Owner": person})
    claim = {"Name": "Visit to customer 1", "Owner": person, "Status": "Submitted"}
    submitted = {"Submitted_At": "2026-03-05T09:30:00+05:30"}
    (number,) = pages.enter("Expense_Claims", {**claim, **submitted})
    line = {"Owner": person, "Claim": {"id": number}, "Expense_Date": "2026-03-02"}
    lunch = {"Name": "Lunch", "Category": "meal", "Amount": 68.5}
    dinner = {"Name": "Dinner", "Category": "entertainment", "Amount": 210}
    pages.enter("Expense_Lines", {**line, **lunch}, {**line, **dinner})


def show(pages: Pages) -> None:
    """Show what stands in the claim and its lines."""
    for module, fields in SHOWN.items():
        for record in pages.records(module):
            print(f"{module}: " + "; ".join(str(record[name]) for name in fields if record[name]))


def correct(pages: Pages) -> None:
    """Name the customer of the dinner, which was forgotten."""
    customers = pages.call("GET", "Accounts", params={"fields": "Account_Name"})["data"]
    (dinner,) = (one for one in pages.records("Expense_Lines") if one["Name"] == "Dinner")
    row = {"id": dinner["id"], "Account": {"id": customers[0]["id"]}}
    pages.call("PUT", "Expense_Lines", json={"data": [row]})


if __name__ == "__main__":
    with Path("crm_expenses.toml").open("rb") as file:
        signed_in = Pages(tomllib.load(file)["crm"]["main"])
    {"enter": enter, "show": show, "correct": correct}[sys.argv[1]](signed_in)
