"""An opened diary's page carries its key for some minutes, so that acts from it need no new code.

The private key is encrypted with a key made of the service's own secret, the person and their
sign-in: whoever holds the text alone has nothing, and it works for no other person, in no other
browser, and not after its time. Nothing of it is stored.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.secret import SecretBox

from wellbeing.domain.errors import Refused

UNLOCKED_FOR = timedelta(minutes=10)
_FORM = struct.Struct(">32sQ")


class DiaryClosed(Refused):
    """The diary has to be opened again; one answer to every reason, and nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The diary has closed again.")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom an unlock is for: a person in one signed-in browser, under the service's own secret."""

    app_key: bytes
    person_id: UUID
    sign_in: str

    def box(self) -> SecretBox:
        """What encrypts for this holder."""
        holder = self.person_id.bytes + self.sign_in.encode()
        return SecretBox(
            blake2b(holder, key=self.app_key[:64], person=b"diary unlock", encoder=RawEncoder)
        )


def make_unlock(private_key: bytes, holder: Holder, *, now: datetime) -> str:
    """The key as its holder's page may carry it for the next minutes."""
    until = int((now + UNLOCKED_FOR).timestamp())
    return urlsafe_b64encode(holder.box().encrypt(_FORM.pack(private_key, until))).decode()


def open_unlock(unlock: str, holder: Holder, *, now: datetime) -> bytes:
    """The private key; DiaryClosed when it is too late, forged, or somebody else's."""
    try:
        plain = holder.box().decrypt(urlsafe_b64decode(unlock.encode()))
        private_key, until = _FORM.unpack(plain)
    except (CryptoError, ValueError, struct.error):
        raise DiaryClosed from None
    if now.timestamp() >= until:
        raise DiaryClosed
    return bytes(private_key)
