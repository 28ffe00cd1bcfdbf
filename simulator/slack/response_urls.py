"""response_urls: five answers within half an hour, without a token.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.slack import messages
from simulator.slack.errors import SlackError
from simulator.slack.images import wrong_images
from simulator.slack.platform import Slack
from simulator.slack.world import JSON, Channel, Message, ResponseUrl

USES = 5
SECONDS = 30 * 60.0
REMEMBERED = 1000


def issue(
    slack: Slack, kind: str, user: str, channel: Channel, source: Message | None = None, *, team_id: str
) -> str:
    """Return an address at which the app may answer this person; `source` is the message it came from."""
    secret = slack.ids.secret()
    slack.world.response_urls[secret] = ResponseUrl(
        user=user,
        channel=channel.id,
        message_ts=source.ts if source else None,
        until=slack.now() + SECONDS,
    )
    while len(slack.world.response_urls) > REMEMBERED:
        slack.world.response_urls.pop(next(iter(slack.world.response_urls)))
    return f"{slack.address}/{kind}/{team_id}/{int(slack.now() * 1000)}/{secret}"


def routes(slack: Slack) -> list[Route]:
    """Return the three forms of response_url."""

    async def answered(request: Request) -> Response:
        url = slack.world.response_urls.get(request.path_params["secret"])
        if url is None or slack.now() > url.until:
            return JSONResponse({"ok": False, "error": "expired_url"}, status_code=404)
        if url.used >= USES:
            return JSONResponse({"ok": False, "error": "used_url"}, status_code=404)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("invalid_payload", status_code=400)
        try:
            await respond(slack, url, request.path_params["team"], body)
        except SlackError as refused:
            return JSONResponse({"ok": False, "error": refused.error, **refused.more}, status_code=400)
        url.used += 1
        return PlainTextResponse("ok")

    kinds = ("commands", "actions", "app")
    return [Route(f"/{kind}/{{team}}/{{n}}/{{secret}}", answered, methods=["POST"]) for kind in kinds]


async def respond(slack: Slack, url: ResponseUrl, team_id: str, body: Any) -> Message | None:
    """Do what an answer to an interaction asks: post, replace or delete. Returns the message there is now.

    Raises SlackError. The same holds for the body of a slash command's acknowledgement.
    """
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    source = messages.find(slack, url.channel, url.message_ts) if url.message_ts else None
    if body.get("delete_original"):
        _delete(slack, source)
        return None
    blocks = messages.checked_blocks(body.get("blocks"))
    if wrong := await wrong_images(slack, blocks, team_id):
        raise SlackError.of_blocks("invalid_blocks", wrong)
    if not body.get("text") and not blocks and not body.get("attachments"):
        raise SlackError("no_text")
    if body.get("replace_original") and source is not None and source.bot_id:
        return _replace(slack, source, body, blocks)
    return _post(slack, url, body, blocks, team_id=team_id, source=source)


def _delete(slack: Slack, source: Message | None) -> None:
    if source is None or not source.bot_id:
        raise SlackError("message_not_found")
    messages.remove(slack, source)


def _replace(slack: Slack, source: Message, body: JSON, blocks: list[JSON]) -> Message:
    draft = messages.from_app(
        slack,
        slack.world.people[source.user].team_id,
        slack.world.channels[source.channel],
        words=body.get("text", ""),
        blocks=blocks,
    )
    edited = {"user": source.bot_id, "ts": f"{int(slack.now())}.000000"}
    messages.change(slack, source, text=draft.text, blocks=draft.blocks, edited=edited)
    return source


def _post(
    slack: Slack, url: ResponseUrl, body: JSON, blocks: list[JSON], *, team_id: str, source: Message | None
) -> Message:
    everybody = body.get("response_type") == "in_channel" and (source is None or source.only_for is None)
    item = messages.from_app(
        slack,
        team_id,
        slack.world.channels[url.channel],
        words=body.get("text", ""),
        blocks=blocks,
        only_for=None if everybody else url.user,
    )
    item.attachments = body.get("attachments") or []
    item.thread_ts = body.get("thread_ts")
    return messages.add(slack, item)
