"""Another system that comes with a token of its own: no person, no browser, no cookie."""

from typing import cast

from flask import g, request
from werkzeug.exceptions import Unauthorized

from wellbeing.actions.api_tokens import Scope, find_token, note_use
from wellbeing.store.accounts import ApiToken
from wellbeing.web.shared.services import reading, services, writing

_LONGEST_TOKEN = 200


def require_token(*scopes: Scope) -> ApiToken:
    """The token of this request, for one of these scopes; Unauthorized tells nothing more."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    now = services().now()
    if scheme.lower() == "bearer" and 0 < len(secret) <= _LONGEST_TOKEN:
        with reading() as session:
            token = find_token(session, secret.strip(), *scopes, now=now)
        if token is not None:
            today = now.astimezone(services().settings.zone).date()
            # A token used before today takes no writer's turn.
            if token.used_on != today:
                with writing() as session:
                    note_use(session, token.id, today=today)
            g.api_token = token
            return token
    raise Unauthorized


def find_current_token() -> ApiToken | None:
    """The token that this request came with, once it was found to fit."""
    return cast(ApiToken | None, g.get("api_token"))
