"""The vault: what seals tokens before they are stored, and opens them again.

A sealed token is `ciphertext:iv:key_id`, hex, hex, and the key's plain id. It is AES-256-GCM with a fresh
96-bit iv; the tag is the end of the ciphertext. The row that it is stored in is associated data, so that a
sealed token copied to another row does not open.
"""

import base64
import hmac
import re
import secrets
from collections.abc import Collection, Mapping
from typing import NoReturn, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core import signatures
from core.errors import CannotOpen, PressroomError

KEY_BYTES = 32
IV_BYTES = 12

KEY_ID = re.compile(r"[A-Za-z0-9_]{1,40}")
SEALED = re.compile(r"((?:[0-9a-f]{2}){16,}):([0-9a-f]{24}):([A-Za-z0-9_]{1,40})")


class Token:
    """A secret text that shows nothing of itself; `reveal` gives it, at the moment when it is used."""

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "_text", text)

    def reveal(self) -> str:
        """Give the text itself. Keep it out of variables: a traceback can show those."""
        return self._text

    def __repr__(self) -> str:
        return "<token>"

    def __format__(self, format_spec: str) -> str:
        return format(repr(self), format_spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Token):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Token, self._text))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("A token does not change.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("A token does not change.")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A token is not pickled; it is sealed.")


class BadKey(PressroomError):
    """The encryption keys in the settings cannot be used."""


class KeyRing:
    """The vault's keys by their ids. One is current: it seals; all of them open."""

    def __init__(self, keys: Mapping[str, Token], *, current: str) -> None:
        """Take keys of 32 bytes, in base64. BadKey says what is wrong with them, never what they are."""
        if current not in keys:
            raise BadKey(unknown(current, keys))
        self.current = current
        self.ids = tuple(keys)
        self._ciphers = {key_id: _cipher(key_id, key) for key_id, key in keys.items()}
        in_order = [current, *(key_id for key_id in keys if key_id != current)]
        self._roots = tuple(base64.b64decode(keys[key_id].reveal()) for key_id in in_order)

    @classmethod
    def parse(cls, text: str, current: str | None = None) -> Self:
        """Read `id:BASE64,id:BASE64`. The first key is current unless another is named."""
        entries = [Token(entry.strip()) for entry in text.split(",") if entry.strip()]
        del text  # from here on, a traceback that shows variables shows no key
        keys: dict[str, Token] = {}
        for position, entry in enumerate(entries, start=1):
            key_id = _key_id(entry, position)
            if key_id in keys:
                raise BadKey(f"There are two encryption keys with the id {key_id!r}.")
            keys[key_id] = Token(entry.reveal().partition(":")[2])
        if not keys:
            raise BadKey("There is no encryption key. Make one with: pressroom keys generate")
        return cls(keys, current=current or next(iter(keys)))

    def __repr__(self) -> str:
        return f"<KeyRing {', '.join(self.ids)}; current {self.current}>"

    def derive(self, label: str) -> tuple[bytes, ...]:
        """Derive keys for another purpose: first the current key's, then those of the others."""
        return tuple(signatures.derive(root, label) for root in self._roots)

    def cipher(self, key_id: str) -> AESGCM:
        """Give the cipher of one key, or CannotOpen."""
        try:
            return self._ciphers[key_id]
        except KeyError:
            raise CannotOpen from None


class Vault:
    """Seals tokens for the row that they are stored in, and opens them for that row only."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    @property
    def current(self) -> str:
        """The id of the key that seals."""
        return self._ring.current

    def seal(self, token: Token, *, row: str, key_id: str | None = None) -> str:
        """Give `ciphertext:iv:key_id`, sealed with the current key unless another of the ring's is named.

        The row is a lasting name, such as `table:<uuid>:column`.
        """
        iv = secrets.token_bytes(IV_BYTES)
        key_id = key_id or self.current
        sealed = self._ring.cipher(key_id).encrypt(iv, token.reveal().encode(), row.encode())
        return f"{sealed.hex()}:{iv.hex()}:{key_id}"

    def open(self, sealed: str, *, row: str) -> Token:
        """Give the token, or CannotOpen: another row, another key, or not what was sealed."""
        ciphertext, iv, key_id = _parts(sealed)
        cipher = self._ring.cipher(key_id)
        try:
            return Token(cipher.decrypt(iv, ciphertext, row.encode()).decode())
        except InvalidTag:
            raise CannotOpen from None


def generate_key() -> str:
    """Make a new key, as it is written in the settings behind its id."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def unknown(current: str, known: Collection[str]) -> str:
    """Say that the current key is none of those that are known, without showing what may be a key itself."""
    named = f"names {current!r}, which" if KEY_ID.fullmatch(current) else "names what"
    return (
        f"ENCRYPTION_KEY_ID {named} is not among ENCRYPTION_KEYS: they have {', '.join(known)}. Name one of"
        " these, or leave ENCRYPTION_KEY_ID out, and the first one seals."
    )


def _key_id(entry: Token, position: int) -> str:
    key_id, colon, _ = map(Token, entry.reveal().partition(":"))
    if not colon.reveal() or not KEY_ID.fullmatch(key_id.reveal()):
        raise BadKey(f"Encryption key number {position} in the settings is not written as id:BASE64.")
    return key_id.reveal()


def _cipher(key_id: str, key: Token) -> AESGCM:
    size = _size(key)
    if size is None:
        raise BadKey(f"The encryption key {key_id!r} is not written in base64.")
    if size != KEY_BYTES:
        raise BadKey(f"The encryption key {key_id!r} has {size} bytes; it must have {KEY_BYTES}.")
    return AESGCM(base64.b64decode(key.reveal()))


def _size(key: Token) -> int | None:
    try:
        return len(base64.b64decode(key.reveal(), validate=True))
    except ValueError:
        return None


def _parts(sealed: str) -> tuple[bytes, bytes, str]:
    match = SEALED.fullmatch(sealed)
    if match is None:
        raise CannotOpen
    return bytes.fromhex(match[1]), bytes.fromhex(match[2]), match[3]
