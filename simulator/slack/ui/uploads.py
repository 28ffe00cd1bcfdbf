"""A person's own uploads, and the pictures that the page shows."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from simulator.slack import file_shape, files
from simulator.slack.errors import Refusal
from simulator.slack.platform import Slack
from simulator.slack.ui import acting
from simulator.slack.world import JSON, File


async def upload(slack: Slack, request: Request) -> JSON:
    """Take a person's file (multipart: `as`, `file`); it is not shared yet."""
    async with request.form() as form:
        who = acting.person(slack, {"as": form.get("as")})
        sent = form.get("file")
        if sent is None or isinstance(sent, str):
            raise Refusal("`file` is missing.")
        content, name = await sent.read(), sent.filename or "file"
    file = File(
        id=slack.ids.object("F"),
        user=who.id,
        team_id=who.team_id,
        name=name,
        title=name,
        created=int(slack.now()),
        state="complete",
    )
    slack.blobs.put(file.id, content)
    await asyncio.to_thread(files.identify, file, content)
    slack.world.files[file.id] = file
    slack.changed()
    return {"file": file_shape.file(slack, file)}


async def show(slack: Slack, request: Request) -> Response:
    """Answer with the bytes of a file that this person may see."""
    who = acting.person(slack, request.query_params)
    file = slack.world.files.get(request.path_params["id"])
    content = slack.blobs.get(file.id) if file else None
    if file is None or content is None:
        raise Refusal("There is no such file.", 404)
    if not files.person_sees(slack, file, who.id):
        raise Refusal(f"{who.real_name} may not see this file.", 403)
    return Response(content, media_type=file.mimetype)
