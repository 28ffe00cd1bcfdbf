import base64
import copy
import dataclasses
import json
import logging
import pickle
import traceback
from io import StringIO
from uuid import uuid4

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from core.errors import CannotOpen
from core.vault import BadKey, KeyRing, Token, Vault, generate_key

SECRET = "EAAB-canary-0123456789-canary"
ROW = "clients_social_platforms:9f0c:access_token"
OLD, NEW = (base64.b64encode(byte * 32).decode() for byte in (b"o", b"n"))  # the same in every process


def vault(text: str = f"k1:{OLD}", current: str | None = None) -> Vault:
    return Vault(KeyRing.parse(text, current))


# Sealing and opening


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_what_is_sealed_for_a_row_opens_for_that_row(text: str, row: str):
    safe = vault()
    assert safe.open(safe.seal(Token(text), row=row), row=row).reveal() == text


def test_a_sealed_token_is_ciphertext_iv_and_key_id_with_the_tag_at_the_end():
    ciphertext, iv, key_id = vault().seal(Token(SECRET), row=ROW).split(":")
    assert len(bytes.fromhex(ciphertext)) == len(SECRET) + 16
    assert len(bytes.fromhex(iv)) == 12
    assert key_id == "k1"


def test_every_sealing_takes_a_fresh_iv():
    safe = vault()
    sealed = [safe.seal(Token(SECRET), row=ROW).split(":") for _ in range(200)]
    assert len({iv for _, iv, _ in sealed}) == 200
    assert len({ciphertext for ciphertext, _, _ in sealed}) == 200


def test_a_sealed_token_copied_to_another_row_does_not_open():
    safe = vault()
    sealed = safe.seal(Token(SECRET), row=f"clients_social_platforms:{uuid4()}:access_token")
    with pytest.raises(CannotOpen):
        safe.open(sealed, row=f"clients_social_platforms:{uuid4()}:access_token")


def test_another_key_under_the_same_id_does_not_open():
    sealed = vault(f"k1:{OLD}").seal(Token(SECRET), row=ROW)
    with pytest.raises(CannotOpen):
        vault(f"k1:{NEW}").open(sealed, row=ROW)


def test_an_unknown_key_id_does_not_open():
    sealed = vault(f"k1:{OLD}").seal(Token(SECRET), row=ROW)
    with pytest.raises(CannotOpen):
        vault(f"k2:{OLD}").open(sealed, row=ROW)


@given(st.data())
def test_a_change_of_any_byte_is_noticed(data: st.DataObject):
    safe = vault()
    ciphertext, iv, key_id = safe.seal(Token(SECRET), row=ROW).split(":")
    whole = bytearray(bytes.fromhex(ciphertext + iv))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    tampered = f"{whole[:-12].hex()}:{whole[-12:].hex()}:{key_id}"
    with pytest.raises(CannotOpen):
        safe.open(tampered, row=ROW)


def test_a_ciphertext_that_was_cut_or_lengthened_does_not_open():
    safe = vault()
    ciphertext, iv, key_id = safe.seal(Token(SECRET), row=ROW).split(":")
    for changed in (ciphertext[:-2], ciphertext[2:], ciphertext + "00", ciphertext[:32]):
        with pytest.raises(CannotOpen):
            safe.open(f"{changed}:{iv}:{key_id}", row=ROW)


@given(st.text() | st.from_regex(r"[0-9a-f]{0,80}:[0-9a-f]{0,30}:[a-z0-9_]{0,45}", fullmatch=True))
def test_whatever_is_not_a_sealed_token_does_not_open_and_raises_nothing_else(text: str):
    with pytest.raises(CannotOpen):
        vault().open(text, row=ROW)


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "::",
        "zz:zz:k1",
        f"{'0' * 33}:{'0' * 24}:k1",
        f"{'0' * 32}:{'0' * 22}:k1",
        f"{'0' * 32}:{'0' * 24}:",
    ],
)
def test_a_malformed_string_does_not_open(sealed: str):
    with pytest.raises(CannotOpen):
        vault().open(sealed, row=ROW)


# Rotation


def test_after_rotation_the_old_key_still_opens_and_the_new_one_seals():
    sealed = vault(f"old:{OLD}").seal(Token(SECRET), row=ROW)
    both = vault(f"old:{OLD},new:{NEW}", current="new")
    resealed = both.seal(both.open(sealed, row=ROW), row=ROW)
    assert vault(f"new:{NEW}").open(resealed, row=ROW).reveal() == SECRET


# The key ring


def test_the_first_key_is_current_unless_another_is_named():
    text = f" k2026_11:{NEW} , k2026_05:{OLD} ,"
    assert KeyRing.parse(text).current == "k2026_11"
    assert KeyRing.parse(text, "k2026_05").current == "k2026_05"
    assert KeyRing.parse(text).ids == ("k2026_11", "k2026_05")


def test_a_generated_key_is_32_random_bytes():
    assert len(base64.b64decode(generate_key())) == 32
    assert generate_key() != generate_key()


@pytest.mark.parametrize(
    ("text", "current", "sentence"),
    [
        ("", None, "There is no encryption key"),
        (" , ", None, "There is no encryption key"),
        (NEW, None, "number 1 in the settings is not written as id:BASE64"),
        (f"k1:{OLD},{NEW}", None, "number 2 in the settings is not written as id:BASE64"),
        (f"a-b:{NEW}", None, "number 1 in the settings"),
        (f"{'k' * 41}:{NEW}", None, "number 1 in the settings"),
        (f"k1:{NEW[:-4]}", None, "'k1' has 30 bytes; it must have 32"),
        (f"k1:{NEW}é", None, "'k1' is not written in base64"),
        (f"k1:!{NEW[1:]}", None, "'k1' is not written in base64"),
        (f"k1:{OLD},k1:{NEW}", None, "two encryption keys with the id 'k1'"),
        (f"k1:{NEW}", "k2", "names 'k2', which is not among ENCRYPTION_KEYS: they have k1."),
        (f"k1:{NEW}", NEW, "names what is not among ENCRYPTION_KEYS: they have k1."),
    ],
)
def test_what_is_wrong_with_the_keys_is_said_without_showing_them(
    text: str, current: str | None, sentence: str
):
    with pytest.raises(BadKey) as caught:
        KeyRing.parse(text, current)
    assert sentence in caught.value.sentence
    assert NEW[2:12] not in str(caught.value)
    assert OLD not in str(caught.value)


def test_a_traceback_with_its_variables_shows_no_key():
    for text in (
        f"k1:{NEW},{OLD}",
        f"k1:{NEW},k1:{OLD}",
        f"k1:{OLD},k2:{NEW[:-4]}",
        f"k1:{OLD},k2:{NEW[:-1]}",
    ):
        try:
            KeyRing.parse(text)
        except BadKey as error:
            shown = every_traceback(error, skip=1)
        assert OLD not in shown
        assert NEW[:-4] not in shown


def test_a_key_ring_shows_the_ids_of_its_keys_and_no_key():
    assert repr(KeyRing.parse(f"k1:{OLD},k2:{NEW}")) == "<KeyRing k1, k2; current k1>"


# A token shows nothing of itself


def test_a_token_shows_nothing_by_repr_str_or_format():
    token = Token(SECRET)
    for shown in (
        repr(token),
        str(token),
        f"{token}",
        f"{token!r:>20}",
        f"{token:>20}",
    ):
        assert SECRET not in shown
        assert "<token>" in shown
    assert SECRET not in pretty_repr({"token": [token]})


def test_a_token_shows_nothing_in_a_dataclass_or_as_json():
    holder = dataclasses.make_dataclass("Holder", ["token"])(Token(SECRET))
    assert SECRET not in repr(holder)
    assert SECRET not in repr(dataclasses.asdict(holder))
    assert json.dumps(Token(SECRET), default=str) == '"<token>"'
    with pytest.raises(TypeError) as caught:
        json.dumps({"token": Token(SECRET)})
    assert SECRET not in str(caught.value)


def test_a_token_shows_nothing_in_logs(caplog: pytest.LogCaptureFixture):
    logging.getLogger("test").warning("%s %r %s", Token(SECRET), Token(SECRET), {"token": Token(SECRET)})
    rendered = structlog.processors.JSONRenderer()(None, "info", {"event": "x", "token": Token(SECRET)})
    assert "<token>" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in str(rendered)


def test_a_token_is_not_pickled():
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(Token(SECRET), protocol)
        assert SECRET not in str(caught.value)


def test_a_copy_of_a_token_is_the_token():
    token = Token(SECRET)
    assert copy.copy(token) is copy.deepcopy(token) is token


def test_a_token_does_not_change():
    token = Token(SECRET)
    with pytest.raises(AttributeError):
        token._text = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del token._text
    with pytest.raises(AttributeError):
        token.other = 1  # type: ignore[attr-defined]


def test_tokens_are_equal_by_their_text_and_never_to_a_string():
    assert Token(SECRET) == Token(SECRET)
    assert Token(SECRET) != Token(SECRET + "x")
    assert Token(SECRET) != SECRET
    assert len({Token(SECRET), Token(SECRET), Token("other")}) == 2


def test_a_traceback_with_its_variables_shows_no_token():
    safe = vault()
    token = Token(SECRET)
    sealed = safe.seal(token, row=ROW)
    try:
        safe.open(sealed, row="another row")
    except CannotOpen as error:
        shown = every_traceback(error)
    assert "another row" in shown
    assert SECRET not in shown
    assert OLD not in shown


def every_traceback(error: Exception, *, skip: int = 0) -> str:
    """Give the traceback as the standard library, rich and structlog show it, with all variables."""
    trace = error.__traceback__
    for _ in range(skip):  # the test's own frame, which holds the secret as its example
        assert trace is not None
        trace = trace.tb_next
    plain = traceback.TracebackException(type(error), error, trace, capture_locals=True)
    screen = Console(file=StringIO(), width=400)
    screen.print(Traceback.from_exception(type(error), error, trace, show_locals=True))
    logged = structlog.tracebacks.ExceptionDictTransformer(show_locals=True)((type(error), error, trace))
    return "".join(plain.format()) + screen.file.getvalue() + repr(logged)  # type: ignore[attr-defined]
