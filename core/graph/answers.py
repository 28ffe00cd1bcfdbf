"""What an answer of Meta's says: one pure function from status, headers and body to data, or to an error."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Self, TypeVar

from core.errors import MetaError, OutcomeUnknown, TryAgainLater
from core.graph import usage
from core.graph.errors import BUSY, LOST, NOT_REACHED, TROUBLE, UNLISTED, meaning
from core.graph.meanings import Effect, Meaning
from core.vault import Token

UNSURE = "It may be live or not; that is looked up before anything is tried again."
UNREADABLE = object()

# Meta repeats a malformed token in its message. Whatever is this long and has a digit in it is not for a log.
SECRET = re.compile(r"(?=[\w|%.~-]*[0-9])[\w|%.~-]{30,}")
LONGEST = 500

Wanted = TypeVar("Wanted")


@dataclass(frozen=True)
class Said:
    """Meta's error object, in our words. Only `message` and `code` are always there, and not even those."""

    code: int | None = None
    subcode: int | None = None
    message: str = ""
    for_people: str = ""
    transient: bool = False
    trace_id: str | None = None

    @classmethod
    def read(cls, error: object) -> Self:
        """Read `error` of an answer, whatever it is."""
        if not isinstance(error, dict):
            return cls(message=hidden(str(error)))
        return cls(
            code=_number(error.get("code")),
            subcode=_number(error.get("error_subcode", error.get("subcode"))),
            message=hidden(str(error.get("message") or "")),
            for_people=hidden(str(error.get("error_user_msg") or "")),
            transient=error.get("is_transient") is True,
            trace_id=str(error["fbtrace_id"]) if error.get("fbtrace_id") else None,
        )


def decipher(status: int, headers: Mapping[str, str], body: bytes, *, effect: Effect) -> Any:
    """Give the data of an answer, or raise one of the four outcomes.

    HTTP's status decides only where the body is not Meta's JSON: an error also comes with 200, and nearly all
    come with 400.
    """
    answer = _load(body)
    problem = _problem(status, headers, answer, effect=effect)
    if problem is not None:
        del body, headers, answer  # they can repeat a token, and a traceback can show variables
        raise problem
    return answer


def outcome(
    found: Meaning,
    said: Said,
    *,
    effect: Effect,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> MetaError:
    """Make the error of one meaning."""
    kind = found.kind(effect)
    if effect == "visible" and status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = OutcomeUnknown
    about: dict[str, Any] = {
        "code": said.code,
        "subcode": said.subcode,
        "status": status,
        "trace_id": said.trace_id,
        "message": said.message,
    }
    sentence = _sentence(found, said, kind)
    if issubclass(kind, TryAgainLater):
        return kind(sentence, after=_wait(found, headers or {}), **about)
    return kind(sentence, **about)


def lost(effect: Effect, why: str) -> MetaError:
    """Give the outcome when no answer came, or none that can be used."""
    return outcome(LOST, Said(message=why), effect=effect)


def not_sent(why: str) -> MetaError:
    """Give the outcome when the request provably never left."""
    return outcome(NOT_REACHED, Said(message=why), effect="read")


def wanted(answer: Any, name: str, kind: type[Wanted], *, effect: Effect) -> Wanted:
    """Give one field of an answer. An answer without it counts as lost."""
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, kind):
        raise lost(effect, f"There is no {name} in the answer.")
    return value


def part(answer: Any, name: str) -> dict[str, Any]:
    """Give an object in an answer, empty if it is not there."""
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, dict) else {}


def listed(answer: Any, name: str = "data") -> list[dict[str, Any]]:
    """Give a list of objects in an answer, empty if it is not there."""
    value = answer.get(name) if isinstance(answer, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def moment(text: str) -> datetime:
    """Read a time of Meta's, such as 2019-09-26T22:36:43+0000."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise lost("read", "There is a time in the answer that is none.") from None


def hidden(text: str) -> str:
    """Take out whatever could be a token, and the end of what is too long."""
    return SECRET.sub("…", text[: 4 * LONGEST])[:LONGEST]


def _load(body: bytes) -> Any:
    try:
        return json.loads(body, object_hook=_guard)
    except (ValueError, RecursionError):
        return UNREADABLE


def _guard(answer: dict[str, Any]) -> dict[str, Any]:
    """Make tokens of tokens, before anything else sees them."""
    return {
        name: Token(value) if name == "access_token" and isinstance(value, str) else value
        for name, value in answer.items()
    }


def _problem(status: int, headers: Mapping[str, str], answer: Any, *, effect: Effect) -> MetaError | None:
    error = answer.get("error") if isinstance(answer, dict) else None
    if error:
        said = Said.read(error)
        found = meaning(said.code, said.subcode, said.message) or _unlisted(status, said)
        return outcome(found, said, effect=effect, status=status, headers=headers)
    if answer is UNREADABLE or not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        found = BUSY if status == HTTPStatus.TOO_MANY_REQUESTS else LOST
        return outcome(found, Said(), effect=effect, status=status, headers=headers)
    return None


def _unlisted(status: int, said: Said) -> Meaning:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return BUSY
    return TROUBLE if said.transient or status >= HTTPStatus.INTERNAL_SERVER_ERROR else UNLISTED


def _sentence(found: Meaning, said: Said, kind: type[MetaError]) -> str:
    parts = [found.sentence]
    if said.for_people:
        parts.append(f"Meta says: “{said.for_people}”")
    if kind is OutcomeUnknown:
        parts.append(UNSURE)
    return " ".join(parts)


def _wait(found: Meaning, headers: Mapping[str, str]) -> timedelta:
    if not found.throttled:
        return found.after
    used = usage.read(headers)
    told = {name.lower(): text for name, text in headers.items()}.get("retry-after", "")
    asked = timedelta(seconds=int(told)) if re.fullmatch(r"[0-9]{1,6}", told) else timedelta(0)
    return max(found.after, asked, used.regain if used else timedelta(0))


def _number(value: object) -> int | None:
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None
