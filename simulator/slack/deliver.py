"""How a payload reaches the app, over Socket Mode or signed HTTP, and what it said within three seconds."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import httpx

from simulator.slack.platform import Slack
from simulator.slack.sockets import Unacknowledged
from simulator.slack.world import JSON

Kind = Literal["slash_commands", "interactive", "events_api"]
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True)
class Answer:
    """What the app said. `error` is what Slack shows; `reason` is why an event is sent again."""

    error: str | None = None
    reason: str = ""
    said: Any = None
    """Parsed JSON, a text, or None for an empty body."""
    retry: bool = True
    """False if the app asked not to be told again."""


@dataclass(frozen=True)
class Again:
    """Which redelivery of an event this is, and why."""

    attempt: int
    reason: str


async def deliver(
    slack: Slack, kind: Kind, payload: JSON, *, accepts: bool = False, again: Again | None = None
) -> Answer:
    """Hand a payload to the app and wait for its acknowledgement; never raises.

    `accepts` says whether this kind of payload may be answered with more than an acknowledgement
    (Socket Mode's `accepts_response_payload`).
    """
    started = time.perf_counter()
    if slack.sockets.open:
        via, answer = "socket", await _by_socket(slack, kind, payload, accepts=accepts, again=again)
    elif slack.settings.app_url:
        via, answer = "http", await _by_http(slack, slack.settings.app_url, kind, payload, again)
    else:
        via, answer = "none", Answer(error="dispatch_failed", reason="connection_failed")
    seconds = time.perf_counter() - started
    _note(slack, kind, payload, answer, via=via, seconds=seconds, again=again)
    return answer


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return Slack's v0 signature over the exact bytes.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    signed = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return "v0=" + signed.hexdigest()


async def _by_socket(
    slack: Slack, kind: Kind, payload: JSON, *, accepts: bool, again: Again | None
) -> Answer:
    envelope: JSON = {"type": kind, "payload": payload, "accepts_response_payload": accepts}
    if kind == "events_api":
        envelope |= {
            "retry_attempt": again.attempt if again else 0,
            "retry_reason": "timeout" if again else "",
        }
    try:
        said = await asyncio.wait_for(slack.sockets.deliver(envelope), slack.settings.ack_seconds)
    except TimeoutError:
        return Answer(error="operation_timeout", reason="http_timeout")
    except (Unacknowledged, RuntimeError):
        return Answer(error="dispatch_failed", reason="connection_failed")
    if said and not accepts:
        slack.record.warn(
            "ignored_answer", f"Slack ignores what is said to {_name(kind, payload)}.", said=said
        )
        said = None
    return Answer(said=said or None)


async def _by_http(slack: Slack, url: str, kind: Kind, payload: JSON, again: Again | None) -> Answer:
    body, content_type = _encoded(kind, payload)
    headers = {"Content-Type": content_type, "User-Agent": AGENT, "Accept": "*/*", **_signed(slack, body)}
    if again:
        headers |= {"X-Slack-Retry-Num": str(again.attempt), "X-Slack-Retry-Reason": again.reason}
    try:
        sending = slack.http.post(url, content=body, headers=headers)
        response = await asyncio.wait_for(sending, slack.settings.ack_seconds)
    except TimeoutError:
        return Answer(error="operation_timeout", reason="http_timeout")
    except httpx.HTTPError:
        return Answer(error="dispatch_failed", reason="connection_failed")
    retry = response.headers.get("x-slack-no-retry") != "1"
    if response.status_code != 200:
        said = {"status": response.status_code, "body": response.text[:500]}
        return Answer(error="dispatch_failed", reason="http_error", said=said, retry=retry)
    return Answer(said=_said(response), retry=retry)


def _encoded(kind: Kind, payload: JSON) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields: Mapping[str, Any] = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _signed(slack: Slack, body: bytes) -> dict[str, str]:
    age = 3600 if slack.settings.signature == "old" else 0
    timestamp = str(int(time.time()) - age)
    secret = slack.app.signing_secret + ("x" if slack.settings.signature == "bad" else "")
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(secret, timestamp, body),
    }


def _said(response: httpx.Response) -> Any:
    if not response.content:
        return None
    if "json" in response.headers.get("content-type", ""):
        try:
            return response.json()
        except ValueError:
            return response.text
    return response.text


def _note(
    slack: Slack, kind: Kind, payload: JSON, answer: Answer, *, via: str, seconds: float, again: Again | None
) -> None:
    name = _name(kind, payload)
    slack.deliveries.append(
        {
            "at": time.time(),
            "via": via,
            "kind": kind,
            "name": name,
            "payload": payload,
            "attempt": again.attempt if again else 0,
            "seconds": round(seconds, 4),
            "error": answer.error,
            "said": answer.said,
        }
    )
    if answer.error and via != "none":
        text = f"{name} was not acknowledged: {answer.error} ({answer.reason or 'no reason'})."
        slack.record.warn("not_acknowledged", text, said=answer.said, seconds=round(seconds, 3))
    elif seconds > slack.settings.slow_ack_seconds and not answer.error:
        slack.record.warn("slow_ack", f"{name} was acknowledged after {seconds:.1f} s; Slack waits 3 s.")


def _name(kind: Kind, payload: JSON) -> str:
    if kind == "slash_commands":
        return str(payload["command"])
    if kind == "events_api":
        return f"event {payload.get('event', payload)['type']}"
    return str(payload["type"])
