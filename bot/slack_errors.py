"""Slack's errors, translated at one seam: wait, or say what a person must do.

https://docs.slack.dev/reference/methods, "Errors"
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError, SlackRequestError

from core.announcements import SlackAway
from core.errors import PressroomError, TryAgainLater

TRANSIENT = {
    "accesslimited",
    "rate_limited",
    "ratelimited",
    "team_added_to_org",
}
AWAY = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
NO_LONGER_INSTALLED = {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
NOT_THERE = {
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "restricted_action",
    "messages_tab_disabled",
}
"""The bot cannot write in that channel."""
LATE = {"expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"}
"""The click is over three seconds old, or was used already."""


class NotInstalled(PressroomError):
    """Slack no longer accepts this workspace's installation of Pressroom. Please install it again."""


class TooLate(PressroomError):
    """That took too long for Slack. Please try once more."""


def code_of(error: BaseException) -> str:
    """Give the word that Slack calls this error."""
    if isinstance(error, SlackApiError):
        return str(_answer(error).get("error", ""))
    return ""


def pictures_failed(error: SlackApiError) -> bool:
    """Say whether Slack refused all of it only because it could not fetch a picture."""
    answer = _answer(error)
    said = [*(answer.get("errors") or []), *((answer.get("response_metadata") or {}).get("messages") or [])]
    return any("downloading image failed" in one or "invalid slack file" in one for one in map(str, said))


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn what may go wrong between us and Slack into our own errors."""
    try:
        yield
    except SlackApiError as error:
        raise translate(error) from error
    except (SlackRequestError, SlackClientError, ClientError, TimeoutError, OSError) as error:
        raise SlackAway from error


def translate(error: SlackApiError) -> PressroomError:
    """Give our error for one of Slack's answers."""
    code, status = code_of(error), getattr(error.response, "status_code", HTTPStatus.OK)
    if code in AWAY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SlackAway(after=timedelta(seconds=_wait(error)))
    if code in TRANSIENT or status == HTTPStatus.TOO_MANY_REQUESTS:
        return TryAgainLater("Slack asks us to wait.", after=timedelta(seconds=_wait(error)))
    if code in NO_LONGER_INSTALLED:
        return NotInstalled()
    if code in LATE:
        return TooLate()
    return PressroomError(f"Slack refused it: {code or status}.")


def _wait(error: SlackApiError) -> int:
    headers = getattr(error.response, "headers", None) or {}
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return max(1, min(int(said), 3600)) if str(said).isdigit() else 5


def _answer(error: SlackApiError) -> dict[str, Any]:
    data = getattr(error.response, "data", error.response)
    return data if isinstance(data, dict) else {}
