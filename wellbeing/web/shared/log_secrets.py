"""Keeps secrets that stand in addresses out of logs."""

import logging
import re

_SECRET = re.compile(
    r"(/(?:calendar|code|link|reminders/stop)/|[?&](?:code|state|id_token_hint|session_state)=)"
    r"[^\s/?&\"']+"
)


class SecretFilter(logging.Filter):
    """Replaces the secret of an address in whatever a logger is about to write."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keeps the record, without the secret."""
        record.msg, record.args = _SECRET.sub(r"\1…", record.getMessage()), None
        return True


def keep_secrets_out_of(logger: logging.Logger) -> None:
    """From now on; again is fine."""
    if not any(isinstance(known, SecretFilter) for known in logger.filters):
        logger.addFilter(SecretFilter())
