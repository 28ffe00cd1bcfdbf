"""files.*: the three-step upload, and files.info.

https://docs.slack.dev/messaging/working-with-files
"""

from typing import Any

from simulator.slack import file_shape, files, messages
from simulator.slack.api.call import Call, Method
from simulator.slack.errors import SlackError
from simulator.slack.world import JSON, Channel, File

LARGEST = 1024**3


async def get_upload_url(call: Call) -> JSON:
    """Answer files.getUploadURLExternal."""
    length = call.number("length", 0)
    if length <= 0 or length > LARGEST:
        raise SlackError.of_blocks("invalid_arguments", ["[ERROR] invalid length"])
    if len(call.text("alt_txt")) > 1000:
        raise SlackError("alt_txt_too_large")
    file = File(
        id=call.slack.ids.object("F"),
        user=call.bot,
        team_id=call.team_id,
        name=call.text("filename"),
        title=call.text("filename"),
        created=int(call.slack.now()),
        size=length,
        alt_txt=call.text("alt_txt"),
        secret=call.slack.ids.secret(40),
    )
    call.slack.world.files[file.id] = file
    call.slack.changed()
    return {"upload_url": f"{call.slack.address}/upload/v1/{file.secret}", "file_id": file.id}


async def complete_upload(call: Call) -> JSON:
    """Answer files.completeUploadExternal: only now there is a file, and only its channels see it."""
    finished = [_uploaded(call, named) for named in _named(call)]
    channels = [
        messages.to_post_in(call.slack, call.team_id, channel, call.token.scopes)
        for channel in _channels(call)
    ]
    blocks = messages.checked_blocks(call.parsed("blocks", "invalid_blocks"))
    for file, title in finished:
        file.title = title or file.name
        file.state = "complete"
        file.ready_at = call.slack.now() + call.slack.settings.processing_seconds
    for channel in channels:
        _share(call, [file for file, _ in finished], channel, blocks)
    call.slack.changed()
    return {"files": [file_shape.file(call.slack, file) for file, _ in finished]}


async def info(call: Call) -> JSON:
    """Answer files.info; what the app cannot see is not found."""
    file = call.slack.world.files.get(call.text("file"))
    if file is None or file.state != "complete" or not files.app_sees(call.slack, file, call.team_id):
        raise SlackError("file_not_found")
    if file.mode == "tombstone":
        raise SlackError("file_deleted")
    if file.file_access == "access_denied":
        raise SlackError("access_denied")
    shown = file_shape.file(call.slack, file.model_copy(update={"file_access": "visible"}))
    return {"file": shown, "comments": [], "response_metadata": {"next_cursor": ""}}


async def delete(call: Call) -> JSON:
    """Answer files.delete."""
    file = call.slack.world.files.get(call.text("file"))
    if file is None or file.user != call.bot:
        raise SlackError("file_not_found")
    file.mode = "tombstone"
    call.slack.changed(*(f"channel:{channel}" for channel in file.channels))
    return {}


def _named(call: Call) -> list[JSON]:
    named = call.parsed("files")
    if not isinstance(named, list) or not named or not all(isinstance(one, dict) for one in named):
        raise SlackError.of_blocks("invalid_arguments", ["[ERROR] must be an array of objects: files"])
    return named


def _uploaded(call: Call, named: JSON) -> tuple[File, Any]:
    file = call.slack.world.files.get(named.get("id", ""))
    if file is None or file.team_id != call.team_id or file.state != "uploaded":
        raise SlackError("file_not_found")
    return file, named.get("title")


def _channels(call: Call) -> list[str]:
    several = [one for one in call.text("channels").split(",") if one]
    one = call.text("channel_id")
    if one and one in call.slack.world.people:
        raise SlackError("invalid_channel")
    return [one] if one else several


def _share(call: Call, shared: list[File], channel: Channel, blocks: list[JSON]) -> None:
    if call.bot not in channel.member_ids:
        raise SlackError("not_in_channel")
    item = messages.from_app(
        call.slack, call.team_id, channel, words=call.text("initial_comment"), blocks=blocks
    )
    item.thread_ts = call.text("thread_ts") or None
    item.file_ids = [file.id for file in shared]
    for file in shared:
        files.shared(call.slack, file, channel.id)
    messages.add(call.slack, item)


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("filename", "length"), ("files:write",), tier=4),
    "files.completeUploadExternal": Method(complete_upload, ("files",), ("files:write",), json=True, tier=4),
    "files.info": Method(info, ("file",), ("files:read",), tier=4),
    "files.delete": Method(delete, ("file",), ("files:write",), json=True),
}
