"""Short-lived signed addresses, and the keys that sign them.

Meta fetches a picture from an address that nobody can guess, that works for some minutes, and that is plain:
ASCII, no query, no redirect, with `.jpg` at its end. So the signature stands inside the path.

The signature covers the expiry, the id and the variant; none of the three can be exchanged.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import NotFound

KEY_BYTES = 32

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN = re.compile(r"([0-9]{1,12})\.[A-Za-z0-9_-]{43}")


class ForgedSignature(NotFound):
    """That address is not complete. Copy it again."""


class ExpiredSignature(NotFound):
    """That address worked only for a short time. Ask for a new one."""


def derive(master: bytes, label: str) -> bytes:
    """Derive the 32-byte key for one purpose from the master key (HKDF-SHA256, RFC 5869).

    Two labels give two keys that tell nothing about each other or about the master.
    Raises ValueError when the master is shorter than 32 bytes.
    """
    if len(master) < KEY_BYTES:
        raise ValueError(f"the master key must have at least {KEY_BYTES} bytes")
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"pressroom:{label}".encode()).derive(
        master
    )


def sign(path_id: str, variant: str, *, expires_at: int, key: bytes) -> str:
    """Return `{expires_at}.{signature}` for one id and variant; `expires_at` in Unix seconds.

    Raises ValueError when the id or the variant has other characters than letters, digits, `-` and `_`.
    """
    if not (_NAME.fullmatch(path_id) and _NAME.fullmatch(variant)):
        raise ValueError("only letters, digits, - and _ can be signed")
    said = f"{expires_at}\n{path_id}\n{variant}".encode()
    signature = urlsafe_b64encode(hmac.digest(key, said, "sha256")).rstrip(b"=").decode()
    return f"{expires_at}.{signature}"


def verify(token: str, path_id: str, variant: str, *, now: int, keys: Iterable[bytes]) -> None:
    """Return when `token` was signed for this id and variant by one of these keys and has not expired.

    `now` is in Unix seconds. Raises ForgedSignature when anything at all was changed, ExpiredSignature when
    `now` is past the expiry. Both are NotFound.
    """
    shape = _TOKEN.fullmatch(token)
    if not (shape and _NAME.fullmatch(path_id) and _NAME.fullmatch(variant)):
        raise ForgedSignature
    expires_at = int(shape[1])
    # The whole token is compared as text, so that there is exactly one way to write it.
    right = (sign(path_id, variant, expires_at=expires_at, key=key) for key in keys)
    if not any(hmac.compare_digest(token, one) for one in right):
        raise ForgedSignature
    if now >= expires_at:
        raise ExpiredSignature


def media_path(path_id: str, variant: str, *, expires_at: int, key: bytes) -> str:
    """Return the path under which this media can be fetched until `expires_at` (Unix seconds)."""
    token = sign(path_id, variant, expires_at=expires_at, key=key)
    return f"/media/{token}/{path_id}/{variant}.jpg"
