"""Files: what is known of their bytes, who may see them, and the addresses under which they are private."""

import asyncio
import io

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.slack.platform import Slack
from simulator.slack.seed import BOT_USERS
from simulator.slack.world import File

MIMES = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "GIF": ("image/gif", "gif"),
    "WEBP": ("image/webp", "webp"),
    "TIFF": ("image/tiff", "tiff"),
    "BMP": ("image/bmp", "bmp"),
}
BY_NAME = {
    "mp4": "video/mp4", "mov": "video/quicktime", "pdf": "application/pdf", "txt": "text/plain",
    "heic": "image/heic", "csv": "text/csv", "json": "application/json",
}  # fmt: skip
SIGN_IN = """<!DOCTYPE html><html lang="en-US"><head><title>Sign in | Slack</title></head>
<body><h1>Sign in to Slack</h1><p>You need to sign in to see this page.</p></body></html>"""


def app_sees(slack: Slack, file: File, team_id: str) -> bool:
    """Say whether the app may see a file: its own, shared where it is a member, or given to it in a form."""
    bot = BOT_USERS[team_id]
    return (
        file.user == bot
        or (file.given_to_app and file.team_id == team_id)
        or any(bot in slack.world.channels[channel].member_ids for channel in file.channels)
    )


def person_sees(slack: Slack, file: File, user: str) -> bool:
    """Say whether a person may see a file: theirs, shared in a channel of theirs, or in blocks."""
    shared = any(user in slack.world.channels[channel].member_ids for channel in file.channels)
    return shared or file.user == user or file.in_blocks


def identify(file: File, content: bytes) -> None:
    """Write down what the bytes are."""
    file.size = len(content)
    ending = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    try:
        with Image.open(io.BytesIO(content)) as image:
            file.mimetype, file.filetype = MIMES.get(image.format or "", ("application/octet-stream", ending))
            file.width, file.height = image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        file.mimetype = BY_NAME.get(ending, "application/octet-stream")
        file.filetype = ending or "binary"


def routes(slack: Slack) -> list[Route]:
    """Return the private addresses, and the one that takes an upload's bytes."""

    async def private(request: Request) -> Response:
        file = slack.world.files.get(request.path_params["name"].partition("-")[2])
        content = slack.blobs.get(file.id) if file else None
        if file is None or content is None or not _may_download(slack, request, file):
            slack.record.warn(
                "sign_in_page", "A private file was asked for without the right to it; Slack sends HTML."
            )
            return HTMLResponse(SIGN_IN)
        if "size" in request.path_params:
            content = await asyncio.to_thread(_thumb, content, int(request.path_params["size"]))
        return Response(content, media_type=file.mimetype or "application/octet-stream")

    async def upload(request: Request) -> Response:
        file = next(
            (one for one in slack.world.files.values() if one.secret == request.path_params["secret"]), None
        )
        if file is None or file.state == "complete":
            return PlainTextResponse("not found", status_code=404)
        if "authorization" in request.headers:
            slack.record.warn(
                "token_in_upload", "An upload's address is its own key; a token has no place there."
            )
        content = await _uploaded(request)
        if len(content) != file.size:
            slack.record.warn("wrong_length", f"{file.size} bytes were announced, {len(content)} came.")
        slack.blobs.put(file.id, content)
        await asyncio.to_thread(identify, file, content)
        file.state = "uploaded"
        slack.changed()
        return PlainTextResponse(f"OK - {len(content)}")

    return [
        Route("/files-pri/{name}/download/{file}", private, methods=["GET"]),
        Route("/files-pri/{name}/{file}", private, methods=["GET"]),
        Route("/files-tmb/{name}/{size:int}/{file}", private, methods=["GET"]),
        Route("/upload/v1/{secret}", upload, methods=["POST", "PUT"]),
    ]


def _may_download(slack: Slack, request: Request, file: File) -> bool:
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    token = slack.world.tokens.get(secret)
    return (
        kind == "Bearer"
        and token is not None
        and not token.revoked
        and (token.expires_at is None or slack.now() < token.expires_at)
        and "files:read" in token.scopes
        and file.mode == "hosted"
        and app_sees(slack, file, token.team_id)
    )


async def _uploaded(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            for value in form.values():
                if not isinstance(value, str):
                    return await value.read()
    return await request.body()


def _thumb(content: bytes, size: int) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        kind = image.format or "PNG"
        image.thumbnail((size, size))
        out = io.BytesIO()
        image.save(out, kind)
    return out.getvalue()


def shared(slack: Slack, file: File, channel: str) -> None:
    """Write down that a file stands in a channel now."""
    if channel not in file.channels:
        file.channels.append(channel)
    slack.changed()
