"""Decide one claim that Zoho CRM sends, and answer what the policy says of it.

A message is the claim's record and those of its lines, as Zoho has them, with the secret that both
sides know. Nothing is stored, and Zoho is not called: the same `answer` may stand in a function of
any cloud. As a program it is a server for trying out: `python check_claim.py 127.0.0.1:8090`.
"""

import hmac
import json
import os
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import crm_expenses

BODY_BYTES_MAX = 1_048_576


def claim_of(record: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write a claim and its lines as `crm_expenses.check` reads them."""
    owner = record["Owner"]
    return {
        "claim": str(record["id"]),
        "person": {"id": str(owner["id"]), "name": owner.get("name") or str(owner["id"])},
        "submitted": record.get("Submitted_At") or record["Modified_Time"],
        "lines": [
            {
                "line": str(line["id"]),
                "date": line["Expense_Date"],
                "category": line["Category"],
                "amount": str(line["Amount"]),
                **({"currency": line["Currency_Code"]} if line.get("Currency_Code") else {}),
            }
            for line in lines
        ],
    }


def answer(body: bytes, secret: str, policy: crm_expenses.Policy) -> tuple[int, dict[str, Any]]:
    """Give the status and the body of an answer; who does not know the secret is told nothing."""
    try:
        # No float: 0.1 would not be 0.1 any more.
        message = json.loads(body, parse_float=Decimal)
    except ValueError:
        return 400, {"error": "not JSON"}
    given = message.get("token") if isinstance(message, dict) else None
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), secret.encode()):
        return 401, {}
    try:
        claim = claim_of(message["claim"], message.get("lines") or [])
        decision = crm_expenses.check(claim, policy)
    except (KeyError, TypeError) as error:
        return 422, {"error": f"the claim lacks {error}"}
    except crm_expenses.MappingError as error:
        return 422, {"error": error.describe()}
    said = crm_expenses.decision_dict(decision, policy)
    findings = [*said["findings"], *(one for line in said["lines"] for one in line["findings"])]
    return 200, {
        "outcome": said["outcome"],
        "claimed": str(decision.claimed),
        "allowed": str(decision.allowed),
        "findings_en": "\n".join(one["message"]["en"] for one in findings),
        "findings_zh": "\n".join(one["message"]["zh"] for one in findings),
    }


class Handler(BaseHTTPRequestHandler):
    """Answers one message after the other."""

    secret = ""
    policy: crm_expenses.Policy

    def do_POST(self) -> None:
        """Answer a message."""
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= BODY_BYTES_MAX:
            self.send_error(413)
            return
        status, said = answer(self.rfile.read(length), self.secret, self.policy)
        body = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: a line could hold what a person wrote."""


def main() -> None:
    """Serve until somebody stops it."""
    host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8090").rpartition(":")
    Handler.secret = os.environ["ZOHO_WEBHOOK_SECRET"]
    Handler.policy = crm_expenses.load_policy(os.environ["EXPENSE_POLICY"])
    HTTPServer((host, int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
