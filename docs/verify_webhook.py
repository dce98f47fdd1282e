"""Checks messages that Wellbeing sends to a webhook. Needs Python 3.11 and nothing else.

    WEBHOOK_SECRET=whsec_… python verify_webhook.py 8080

listens on this machine and prints every message that is genuine and new. Take `is_genuine` into a
program of your own. Messages keep to the convention Standard Webhooks, so its libraries do as well.
"""

import base64
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer

# A message that is older than this may be one that somebody overheard and sends again.
TOLERANCE_SECONDS = 300
LONGEST_BODY = 10_000


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether whoever has the secret signed this very body a short while ago.

    `headers` have names in small letters; `now` is in seconds since 1970.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


def main() -> None:
    """Listens until it is stopped."""
    secret, seen = os.environ["WEBHOOK_SECRET"], set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LONGEST_BODY))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if not is_genuine(secret, headers, body, time.time()):
                self.send_response(401)
            else:
                # A message can come twice; its id stays the same.
                if headers["webhook-id"] not in seen:
                    seen.add(headers["webhook-id"])
                    sys.stdout.write(f"{json.loads(body)}\n")
                self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Prints messages only."""

    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


if __name__ == "__main__":
    main()
