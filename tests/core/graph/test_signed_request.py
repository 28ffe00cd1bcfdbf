"""signed_request: what Meta signed is read; nothing else is, whatever it looks like."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from core.graph.signed_request import LONGEST, Forged, SignedRequest, read

SECRET = SecretStr("an app's secret")
SAID: dict[str, Any] = {
    "algorithm": "HMAC-SHA256",
    "issued_at": 1291836800,
    "expires": 0,
    "user_id": "218471",
}


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed(payload: bytes, secret: str = SECRET.get_secret_value()) -> str:
    part = encoded(payload)
    return f"{encoded(hmac.digest(secret.encode(), part.encode(), hashlib.sha256))}.{part}"


def said(**values: Any) -> str:
    return signed(json.dumps({**SAID, **values}).encode())


def test_what_meta_signed_is_read() -> None:
    assert read(said(), SECRET) == SignedRequest("218471", datetime(2010, 12, 8, 19, 33, 20, tzinfo=UTC))


@pytest.mark.parametrize("issued_at", [None, "soon", True, -1, 0, 10**12, 1.5])
def test_a_moment_that_is_not_told_is_none(issued_at: object) -> None:
    assert read(said(issued_at=issued_at), SECRET).issued_at is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.b",
        said()[:-1],
        said() + "A",
        f" {said()}",
        said().replace(".", ".."),
        "A" * 43 + "." + said().partition(".")[2],
        signed(json.dumps(SAID).encode(), "another secret"),
        said(algorithm="none"),
        said(algorithm="HMAC-SHA1"),
        said(algorithm=None),
        said(user_id=""),
        said(user_id="1; DROP TABLE"),
        said(user_id=None),
        signed(b"[]"),
        signed(b"not json"),
        signed(b"\xff\xfe"),
        signed(b"[" * 2000),
        said(padding="x" * LONGEST),
    ],
)
def test_anything_else_is_forged(text: str) -> None:
    with pytest.raises(Forged):
        read(text, SECRET)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.from_regex(r"[\w-]{43}\.[\w-]{0,200}"))
def test_no_text_does_anything_but_be_forged(text: str) -> None:
    with pytest.raises(Forged):
        read(text, SECRET)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(said()) - 1), st.characters(codec="ascii"))
def test_no_single_letter_can_be_another(place: int, letter: str) -> None:
    changed = f"{said()[:place]}{letter}{said()[place + 1 :]}"
    if changed == said() or base64_same(changed, said()):
        return
    with pytest.raises(Forged):
        read(changed, SECRET)


def base64_same(one: str, other: str) -> bool:
    """Say whether only the signature's last letter differs, in bits that stand for nothing."""
    return one.partition(".")[2] == other.partition(".")[2] and one[:42] == other[:42]
