"""What a browser and its passkey say to us (WebAuthn), checked; knows no tables.

A passkey that signs in verifies its owner each time, by finger, face or code: it is both factors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from wellbeing.domain.errors import Refused

_TIMEOUT_MS = 300_000
_KNOWN_TRANSPORTS = frozenset({"usb", "nfc", "ble", "internal", "cable", "hybrid", "smart-card"})
# webauthn says with its own exceptions what is wrong; what is no credential at all breaks earlier.
_FAULTS = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are made and used: the name they belong to, and the address of our pages."""

    domain: str
    origin: str


@dataclass(frozen=True, slots=True)
class MadePasskey:
    """A new passkey; `public_key` is no secret."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """Which passkey an answer claims to come from, before anything is checked."""

    credential_id: bytes
    user_handle: bytes | None


def ask_to_make(
    place: Place, *, person_id: UUID, account: str, challenge: bytes, known: Sequence[bytes]
) -> str:
    """The JSON with which a browser makes a passkey, but no second one on the same device."""
    options = generate_registration_options(
        rp_id=place.domain,
        rp_name="Wellbeing",
        user_id=person_id.bytes,
        user_name=account,
        user_display_name=account,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return options_to_json(options)


def ask_to_show(place: Place, *, challenge: bytes, known: Sequence[bytes] = ()) -> str:
    """The JSON with which a browser uses a passkey: one of these, or any that it knows for us."""
    options = generate_authentication_options(
        rp_id=place.domain,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=_descriptors(known) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def read_made(place: Place, answer: str, *, challenge: bytes) -> MadePasskey:
    """The new passkey out of a browser's answer; Refused where anything about it is not right."""
    try:
        credential = parse_registration_credential_json(answer)
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except _FAULTS as fault:
        raise Refused("The passkey was not added. Try once more.") from fault
    named = {transport.value for transport in credential.response.transports or ()}
    transports = tuple(sorted(named & _KNOWN_TRANSPORTS))
    return MadePasskey(made.credential_id, made.credential_public_key, made.sign_count, transports)


def read_shown(answer: str) -> ShownPasskey:
    """Which passkey an answer claims to be; Refused where it is no answer."""
    try:
        credential = parse_authentication_credential_json(answer)
    except _FAULTS as fault:
        raise Refused("That passkey did not fit.") from fault
    return ShownPasskey(credential.raw_id, credential.response.user_handle)


def check_shown(
    place: Place, answer: str, *, challenge: bytes, public_key: bytes, sign_count: int
) -> int:
    """The new sign count of a passkey that signed this very challenge on a page of ours; Refused
    otherwise, also when the count does not rise: then there are two of one passkey.
    """
    try:
        shown = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except _FAULTS as fault:
        raise Refused("That passkey did not fit.") from fault
    return shown.new_sign_count


def _descriptors(known: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known]
