"""Every code of Meta's leads to exactly one outcome, for each effect of the call."""

import json
import traceback
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import MetaError, OutcomeUnknown, ReconnectNeeded, Refused, TryAgainLater
from core.graph.answers import UNSURE, decipher
from core.graph.errors import BY_SUBCODE, BY_TEXT, MEANINGS, in_container, is_hidden
from core.graph.meanings import Effect
from core.vault import Token

KINDS = {"L": TryAgainLater, "A": ReconnectNeeded, "U": Refused, "Q": OutcomeUnknown}

# Code, subcode, and the outcome of a read, of an invisible write and of a visible one:
# L try again later, A reconnect (authorise), U refused (up to a person), Q outcome unknown (a question).
CODES: list[tuple[int, int | None, str]] = [
    # General codes
    (1, None, "LLQ"),
    (1, 99, "LLQ"),
    (2, None, "LLQ"),
    (3, None, "UUU"),
    (4, None, "LLQ"),
    (4, 2207051, "LLQ"),
    (9, None, "LLL"),
    (9, 2207042, "LLL"),
    (10, None, "AAA"),
    (17, None, "LLQ"),
    (20, None, "UUQ"),
    (20, 1772107, "UUQ"),
    (24, None, "LLQ"),
    (24, 2207006, "LLQ"),
    (24, 2207008, "LLQ"),
    (25, None, "UUU"),
    (25, 2207050, "UUU"),
    (32, None, "LLQ"),
    (80001, None, "LLQ"),
    (80002, None, "LLQ"),
    (100, None, "UUU"),
    (100, 33, "LAA"),
    (100, 36007, "UUU"),
    (100, 36008, "UUU"),
    (100, 36009, "UUU"),
    (101, None, "UUU"),
    (102, None, "AAA"),
    (104, None, "UUU"),
    (190, None, "AAA"),
    (190, 458, "AAA"),
    (190, 459, "AAA"),
    (190, 460, "AAA"),
    (190, 463, "AAA"),
    (190, 464, "AAA"),
    (190, 467, "AAA"),
    (190, 490, "AAA"),
    (190, 492, "AAA"),
    (190, 999, "AAA"),
    (197, None, "UUU"),
    *((code, None, "AAA") for code in range(200, 300)),
    (324, None, "LLL"),
    (324, 2069019, "LLL"),
    (341, None, "LLQ"),
    (352, None, "UUU"),
    (352, 2207026, "UUU"),
    (368, None, "LLQ"),
    (368, 1390008, "LLQ"),
    (382, None, "UUU"),
    (389, None, "LLL"),
    (506, None, "UUQ"),
    (613, None, "LLQ"),
    (613, 1996, "LLQ"),
    (803, None, "UUU"),
    (2500, None, "UUU"),
    (3001, None, "UUU"),
    (3001, 1504028, "UUU"),
    (6000, None, "UUU"),
    (6001, None, "LLL"),
    (1609005, None, "UUU"),
    (1609008, None, "UUU"),
    (-1, None, "LLQ"),
    (-2, None, "LLL"),
    # Subcodes of Pages; the code beside them varies
    (100, 1346003, "UUU"),
    (368, 1346003, "UUU"),
    (100, 1349125, "UUU"),
    (100, 1363040, "UUU"),
    (100, 1363047, "LLQ"),
    (100, 1363127, "UUU"),
    (100, 1363128, "UUU"),
    (100, 1363129, "UUU"),
    (324, 1366046, "UUU"),
    (100, 1366051, "UUQ"),
    (368, 1404006, "UUU"),
    (200, 1404078, "UUU"),
    (368, 1404102, "UUU"),
    (368, 1404112, "LLQ"),
    (2, 1609010, "LLQ"),
    (100, 2061006, "UUU"),
    (200, 4854002, "UUU"),
    # Instagram
    (-2, 2207003, "LLL"),
    (-2, 2207020, "LLL"),
    (-1, 2207001, "LLQ"),
    (-1, 2207032, "LLQ"),
    (-1, 2207053, "LLQ"),
    (-1, 2207073, "UUU"),
    (1, 2207057, "UUU"),
    (100, 2207023, "UUU"),
    (100, 2207028, "UUU"),
    (100, 2207035, "UUU"),
    (100, 2207036, "UUU"),
    (100, 2207037, "UUU"),
    (100, 2207040, "UUU"),
    (9004, None, "LLL"),
    (9004, 2207052, "LLL"),
    (9007, None, "LLL"),
    (9007, 2207027, "LLL"),
    (36000, None, "UUU"),
    (36000, 2207004, "UUU"),
    (36001, None, "UUU"),
    (36001, 2207005, "UUU"),
    (36003, None, "UUU"),
    (36003, 2207009, "UUU"),
    (36004, None, "UUU"),
    (36004, 2207010, "UUU"),
    (-1, 2207076, "UUU"),
    (-1, 2207077, "LLL"),
    (-1, 2207078, "LLL"),
    (-1, 2207081, "UUU"),
    (-1, 2207082, "LLL"),
    (-1, 2207085, "UUU"),
    # In no list of Meta's
    (987654, None, "UUQ"),
    (987654, 1234567, "UUQ"),
]

TEXTS = [
    ("REVOKED_ACCESS_TOKEN", "AAA"),
    ("Error validating access token: the session has been invalidated because the user …", "AAA"),
    ("You cannot access the app till you log in to www.facebook.com and follow the instructions.", "AAA"),
    ("(#10) the user is not an Instagram Business", "AAA"),
    ("Session key is malformed", "AAA"),
    ("(#100) No permission to publish the video", "AAA"),
    ("(#10) Not enough viewers for the media to show insights", "UUU"),
    ("API calls from the server require an appsecret_proof argument", "UUU"),
    ("Error validating client secret.", "UUU"),
]


def body(code: object = None, subcode: object = None, message: str = "said Meta", **more: Any) -> bytes:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A6LJylp", **more}
    return json.dumps({"error": error | ({} if subcode is None else {"error_subcode": subcode})}).encode()


def failure(
    content: bytes, *, effect: Effect = "read", status: int = 400, headers: dict[str, str] | None = None
) -> MetaError:
    with pytest.raises(MetaError) as caught:
        decipher(status, headers or {}, content, effect=effect)
    return caught.value


def outcomes(content: bytes, *, status: int = 400) -> str:
    letters = {kind: letter for letter, kind in KINDS.items()}
    return "".join(
        letters[type(failure(content, effect=effect, status=status))] for effect in get_args(Effect)
    )


@pytest.mark.parametrize(("code", "subcode", "expected"), CODES)
def test_a_code_has_one_outcome_for_each_effect(code: int, subcode: int | None, expected: str):
    for status in (200, 400, 401, 403):
        assert outcomes(body(code, subcode), status=status) == expected


@pytest.mark.parametrize(("code", "subcode", "_expected"), CODES)
def test_every_code_has_a_sentence_for_a_person(code: int, subcode: int | None, _expected: str):
    for effect in get_args(Effect):
        error = failure(body(code, subcode), effect=effect)
        assert error.sentence.endswith(".")
        assert str(code) not in error.sentence
        assert "said Meta" not in error.sentence
        assert (error.code, error.subcode, error.message) == (code, subcode, "said Meta")
        assert (error.status, error.trace_id) == (400, "A6LJylp")
        assert error.sentence.endswith(UNSURE) == isinstance(error, OutcomeUnknown)


def test_every_row_of_the_table_is_in_these_tests():
    told = {(code, subcode) for code, subcode, _ in CODES}
    subcodes = {subcode for _, subcode, _ in CODES}
    untold = [
        (code, subcode)
        for code, subcode in MEANINGS
        if (code, subcode) not in told and (code is not None or subcode not in subcodes)
    ]
    assert untold == []
    assert all(any(signal in text.lower() for text, _ in TEXTS) for signal in BY_TEXT)


@pytest.mark.parametrize(("text", "expected"), TEXTS)
@pytest.mark.parametrize("code", [1, 10, 100, 190, None])
def test_what_only_the_text_tells(text: str, expected: str, code: int | None):
    assert outcomes(body(code, message=text)) == expected


def test_a_subcode_that_is_listed_with_its_code_wins_over_the_text():
    text = "The session has been invalidated because the user changed their password."
    assert "password" in failure(body(190, 460, message=text)).sentence


def test_what_meta_says_for_people_stands_behind_our_sentence():
    error = failure(body(36003, 2207009, error_user_title="Ratio", error_user_msg="Das Bild ist zu hoch."))
    assert error.sentence.startswith("The picture is too tall or too wide.")
    assert error.sentence.endswith("Meta says: “Das Bild ist zu hoch.”")


def test_numbers_may_come_as_text():
    assert isinstance(failure(body("190", "463")), ReconnectNeeded)


def test_an_unlisted_error_that_meta_calls_transient_is_tried_again():
    assert outcomes(body(987654, is_transient=True)) == "LLQ"


def test_a_listed_error_is_what_the_list_says_whether_meta_calls_it_transient_or_not():
    assert outcomes(body(100, is_transient=True)) == "UUU"
    assert outcomes(body(2, is_transient=False)) == "LLQ"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_in_answer_to_a_publishing_call_is_always_unknown(status: int):
    for code in (100, 190, 9007, 368):
        assert isinstance(failure(body(code), effect="visible", status=status), OutcomeUnknown)
    assert isinstance(failure(body(100), effect="invisible", status=status), Refused)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (502, b"<!DOCTYPE html><html><title>Error</title></html>"),
        (500, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b'{"id": "17'),
        (200, b"\xff\xfe"),
        (200, b"[" * 100_000),
        (404, b'{"unexpected": true}'),
        (302, b"{}"),
        (400, b"null"),
        (400, b'{"error": null}'),
        (503, b'{"error": {}}'),
    ],
)
def test_an_answer_that_cannot_be_read_was_lost(status: int, content: bytes):
    assert outcomes(content, status=status) == "LLQ"


@pytest.mark.parametrize("said", ["invalid_request", ["no"], 7, {"message": None, "code": None}])
def test_an_error_of_another_shape_is_one_too(said: object):
    content = json.dumps({"error": said}).encode()
    assert outcomes(content) == outcomes(content, status=200) == "UUQ"


@pytest.mark.parametrize(
    "data", [{"id": "1"}, {"data": []}, {}, True, [], {"data": {"error": {"code": 190}}}]
)
def test_data_is_handed_on(data: object):
    for effect in get_args(Effect):
        assert decipher(200, {}, json.dumps(data).encode(), effect=effect) == data


@given(st.integers(100, 599), st.binary() | st.text().map(str.encode), st.sampled_from(get_args(Effect)))
def test_whatever_comes_is_data_or_one_of_the_four(status: int, content: bytes, effect: Effect):
    try:
        decipher(status, {}, content, effect=effect)
    except MetaError as error:
        assert type(error) in KINDS.values()  # noqa: PT017 - both ways are right


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("message", "code", "error_subcode", "error_user_msg", "is_transient", "fbtrace_id"), json_values
        ),
    ),
    st.sampled_from(get_args(Effect)),
)
def test_an_error_with_anything_in_it_is_one_of_the_four(error: dict[str, Any], effect: Effect):
    content = json.dumps({"error": {"type": "OAuthException", **error}}).encode()
    assert type(failure(content, effect=effect)) in KINDS.values()


# Waiting

REGAIN = {
    "X-Business-Use-Case-Usage": json.dumps(
        {"17841": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 37}]}
    )
}


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80001, 80002])
def test_a_rate_limit_is_waited_for_as_long_as_the_headers_say(code: int):
    error = failure(body(code), headers=REGAIN)
    assert isinstance(error, TryAgainLater)
    assert error.after == timedelta(minutes=37)


def test_a_rate_limit_without_headers_is_waited_for_some_minutes():
    error = failure(body(80002))
    assert isinstance(error, TryAgainLater)
    assert error.after == timedelta(minutes=5)


def test_a_retry_after_is_kept_too():
    error = failure(b"slow down", status=429, headers={"Retry-After": "900"})
    assert isinstance(error, TryAgainLater)
    assert error.after == timedelta(minutes=15)
    assert isinstance(failure(b"slow down", status=429, effect="visible"), OutcomeUnknown)


def test_what_is_no_rate_limit_does_not_wait_for_one():
    error = failure(body(9007, 2207027), headers=REGAIN)
    assert isinstance(error, TryAgainLater)
    assert error.after < timedelta(minutes=1)


# Containers


@pytest.mark.parametrize("subcode", [number for number in BY_SUBCODE if number])
def test_a_failed_container_tells_its_reason_in_the_same_words(subcode: int):
    error = in_container(f"Error: Media upload has failed with error code {subcode}")
    assert error.subcode == subcode
    assert error.sentence == BY_SUBCODE[subcode].sentence
    assert not isinstance(error, OutcomeUnknown)


def test_a_containers_wait_is_the_tables():
    error = in_container("Error: Media upload has failed with error code 2207077")
    assert isinstance(error, TryAgainLater)
    assert error.after == timedelta(seconds=30)


@pytest.mark.parametrize("status", ["", "Error: something new", "Error: code 9999999", "Error: 12345678901"])
def test_a_container_that_failed_for_no_known_reason_is_refused(status: str):
    assert isinstance(in_container(status), Refused)


def test_an_object_that_this_token_does_not_see_is_told_apart():
    assert is_hidden(failure(body(100, 33)))
    assert not is_hidden(failure(body(100)))


# Secrets

CANARY = "EAABcanary0123456789canary0123456789canary"


def test_tokens_in_an_answer_are_tokens_from_the_start():
    content = json.dumps({"data": [{"id": "1", "access_token": CANARY}], "access_token": CANARY}).encode()
    answer = decipher(200, {}, content, effect="read")
    assert answer["access_token"] == answer["data"][0]["access_token"] == Token(CANARY)
    assert CANARY not in repr(answer)


@pytest.mark.parametrize("field", ["message", "error_user_msg"])
def test_a_token_that_meta_repeats_in_its_message_is_taken_out(field: str):
    content = body(190, **{field: f"Malformed access token {CANARY}"})
    headers = {"WWW-Authenticate": f'OAuth "Facebook Platform" "invalid_token" "Malformed {CANARY}"'}
    error = failure(content, headers=headers)
    frames = error.__traceback__.tb_next if error.__traceback__ else None  # without this test's own
    shown = "".join(traceback.TracebackException(type(error), error, frames, capture_locals=True).format())
    assert "Malformed" in (error.message if field == "message" else error.sentence)
    assert "ReconnectNeeded" in shown
    for text in (shown, repr(error), error.message, error.sentence, repr(vars(error))):
        assert CANARY not in text


def test_an_ordinary_message_is_kept_as_it_is():
    message = (
        "(#200) Requires instagram_content_publish, pages_read_engagement and pages_show_list permission"
    )
    assert failure(body(200, message=message)).message == message


def test_a_long_message_is_cut():
    assert len(failure(body(100, message="so " * 10_000)).message) == 500
