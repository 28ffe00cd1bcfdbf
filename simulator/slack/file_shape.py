"""File objects as Slack's API and payloads show them."""

from simulator.slack.platform import Slack
from simulator.slack.world import JSON, File

THUMBS = (64, 80, 160, 360, 480, 720)


def file(slack: Slack, item: File) -> JSON:
    """Return a file object; its mimetype is empty until Slack has processed it.

    https://docs.slack.dev/reference/objects/file-object
    """
    if item.mode == "tombstone":
        return {"id": item.id, "mode": "tombstone"}
    if item.file_access != "visible":
        return {"id": item.id, "mode": item.mode, "file_access": item.file_access}
    private = f"{slack.address}/files-pri/{item.team_id}-{item.id}"
    shown: JSON = {
        "id": item.id,
        "created": item.created,
        "timestamp": item.created,
        "name": item.name,
        "title": item.title,
        "mimetype": "",
        "filetype": "",
        "pretty_type": "",
        "user": item.user,
        "user_team": item.team_id,
        "editable": False,
        "size": item.size,
        "mode": item.mode,
        "is_external": item.mode == "external",
        "external_type": "gdrive" if item.mode == "external" else "",
        "is_public": bool(item.channels),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{private}/{item.name}",
        "url_private_download": f"{private}/download/{item.name}",
        "media_display_type": "unknown",
        "permalink": f"{slack.address}/files/{item.user}/{item.id}/{item.name}",
        "is_starred": False,
        "has_rich_preview": False,
        "file_access": "visible",
        "channels": [name for name in item.channels if slack.world.channels[name].id.startswith("C")],
        "groups": [name for name in item.channels if name.startswith("G")],
        "ims": [name for name in item.channels if name.startswith("D")],
        "comments_count": 0,
        "shares": {},
    }
    if item.alt_txt:
        shown["alt_txt"] = item.alt_txt
    return shown | _processed(slack, item) if is_ready(slack, item) else shown


def is_ready(slack: Slack, item: File) -> bool:
    """Say whether Slack has finished processing a file."""
    return item.state == "complete" and slack.now() >= item.ready_at


def _processed(slack: Slack, item: File) -> JSON:
    done: JSON = {
        "mimetype": item.mimetype,
        "filetype": item.filetype,
        "pretty_type": item.filetype.upper(),
        "media_display_type": item.mimetype.partition("/")[0] or "unknown",
    }
    if item.width and item.height:
        thumb = f"{slack.address}/files-tmb/{item.team_id}-{item.id}"
        done |= {f"thumb_{size}": f"{thumb}/{size}/{item.name}" for size in THUMBS}
        done |= {"original_w": item.width, "original_h": item.height}
    return done
