"""The search for a secret in whatever was left behind, in any of the forms in which it could stand there."""

import base64
from collections.abc import Iterator, Mapping
from urllib.parse import quote


def forms(secret: str) -> Iterator[str]:
    """Give a secret as it could stand somewhere: as it is, and in hex, base64 and an address's coding."""
    raw = secret.encode()
    yield secret
    yield quote(secret, safe="")
    yield raw.hex()
    yield raw.hex().upper()
    for before in range(3):  # what stands before it in the same text shifts its base64
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            coded = encode(b"\0" * before + raw).decode().rstrip("=")
            yield coded[(before * 8 + 5) // 6 : -2]


def found_in(text: str, secret: str) -> bool:
    """Say whether a secret stands in a text, in any form."""
    return any(form in text for form in forms(secret))


def places(secrets: Mapping[str, str], left: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give which secret (by its name) stands where."""
    coded = {name: set(forms(secret)) for name, secret in secrets.items()}
    return [
        (name, where)
        for where, text in left.items()
        for name, its_forms in coded.items()
        if any(form in text for form in its_forms)
    ]
