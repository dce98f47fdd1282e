"""What only one browser keeps for us: sealed, so that neither it nor anybody else reads or changes
it; for one use each, and for a time.
"""

import hmac
import json
from binascii import Error as BadBase64
from datetime import datetime
from hashlib import sha256
from typing import Any

from nacl.encoding import URLSafeBase64Encoder
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox


def seal_for_browser(values: dict[str, str], app_key: bytes, *, use: str, until: datetime) -> str:
    """The values as one text for a cookie."""
    said = json.dumps({**values, "until": until.timestamp()}, separators=(",", ":"))
    return _box(app_key, use).encrypt(said.encode(), encoder=URLSafeBase64Encoder).decode()


def open_from_browser(
    sealed: str, app_key: bytes, *, use: str, now: datetime
) -> dict[str, str] | None:
    """The values again; None when another key or use sealed them, or their time has passed."""
    try:
        said = _box(app_key, use).decrypt(sealed.encode(), encoder=URLSafeBase64Encoder)
    except (CryptoError, BadBase64, ValueError, TypeError):
        return None
    values: dict[str, Any] = json.loads(said)
    return values if values.pop("until") > now.timestamp() else None


def _box(app_key: bytes, use: str) -> SecretBox:
    return SecretBox(hmac.new(app_key, b"kept by a browser\0" + use.encode(), sha256).digest())
