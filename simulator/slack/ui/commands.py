"""Slash commands and shortcuts."""

from typing import Any

from starlette.requests import Request

from simulator.slack import messages, payloads, response_urls, text
from simulator.slack.deliver import deliver
from simulator.slack.errors import Refusal, SlackError
from simulator.slack.platform import Slack
from simulator.slack.ui import acting, channels
from simulator.slack.world import JSON, Channel, Message, Person, ResponseUrl


async def command(slack: Slack, request: Request) -> JSON:
    """Run a slash command and wait for its acknowledgement."""
    given = await acting.given(request)
    who = acting.person(slack, given)
    where = acting.channel(slack, who, given.get("channel"))
    name, words = str(given.get("command")), str(given.get("text") or "").strip()
    _may_run(slack, name, given)
    team_id = acting.installed_team(slack, who)
    slack.looking_at[who.id] = where.id
    payload = payloads.slash_command(slack, who, where, name, _words(slack, name, words), team_id=team_id)
    answer = await deliver(slack, "slash_commands", payload, accepts=True)
    if answer.error:
        return {"ok": False, "error": answer.error}
    if not answer.said:
        return {"ok": True}
    return await _answered(slack, who, where, f"{name} {words}".strip(), answer.said, team_id=team_id)


async def shortcut(slack: Slack, request: Request) -> JSON:
    """Use a shortcut, global or on a message that the person sees."""
    given = await acting.given(request)
    who = acting.person(slack, given)
    callback_id = str(given.get("callback_id"))
    declared = slack.manifest.shortcut(callback_id)
    if declared is None:
        raise Refusal(f"The manifest declares no shortcut {callback_id}.", 404)
    team_id = acting.installed_team(slack, who)
    if declared.type == "message":
        where = acting.channel(slack, who, given.get("channel"))
        item = acting.message(slack, who, where, given.get("message_ts"))
        slack.looking_at[who.id] = where.id
        payload = payloads.message_action(slack, who, callback_id, where, item, team_id=team_id)
    else:
        payload = payloads.shortcut(slack, who, callback_id, team_id)
    answer = await deliver(slack, "interactive", payload)
    return {"ok": False, "error": answer.error} if answer.error else {"ok": True}


def _may_run(slack: Slack, name: str, given: JSON) -> None:
    if given.get("thread_ts"):
        raise Refusal(f"{name} can't be used in threads. Sorry!")
    if slack.manifest.command(name) is None:
        raise Refusal(f"{name} is not a valid command: the manifest does not declare it.", 404)
    if "commands" not in slack.manifest.oauth_config.scopes.bot:
        raise Refusal("The manifest lacks the scope `commands`.", 403)


def _words(slack: Slack, name: str, words: str) -> str:
    declared = slack.manifest.command(name)
    if declared is None or not declared.should_escape:
        return words
    people = {one.name: one for one in slack.world.people.values()}
    escaped = text.typed(words, {handle: one.id for handle, one in people.items()})
    for handle, one in people.items():
        escaped = escaped.replace(f"<@{one.id}>", f"<@{one.id}|{handle}>")
    return escaped


async def _answered(
    slack: Slack, who: Person, where: Channel, typed: str, said: Any, *, team_id: str
) -> JSON:
    body = said if isinstance(said, dict) else {"text": str(said)}
    if body.get("response_type") == "in_channel":
        slack.changed()
        messages.add(slack, Message(ts=messages.new_ts(slack), channel=where.id, user=who.id, text=typed))
    try:
        item = await response_urls.respond(slack, ResponseUrl(user=who.id, channel=where.id), team_id, body)
    except SlackError as refused:
        slack.record.warn(
            "command_answer", f"The answer to {typed} was refused: {refused.error}.", **refused.more
        )
        return {"ok": False, "error": "dispatch_failed"}
    return {"ok": True, "message": channels.shown(slack, item)} if item else {"ok": True}
