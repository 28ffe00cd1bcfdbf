"""What is around Pressroom: its public address, where pictures are kept, and the clock."""

import asyncio
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from uuid import uuid4

import httpx

from core.stores import MediaStore
from pressroom.checks import Patient, Unsure, Wrong

PATIENCE = 10  # seconds, with a store
NO_BUCKET = {"NotFoundError", "FileNotFoundError"}
REFUSED = {"PermissionDeniedError", "UnauthenticatedError", "PermissionError"}
UNSET = ("169.254.169.254", "Account must be specified")  # without any, it asks the machine it runs on
CREDENTIALS = (
    "Set those in the environment that may read, write, list and delete there: AWS_ACCESS_KEY_ID,"
    " AWS_SECRET_ACCESS_KEY and AWS_REGION, or their like for gs:// and az://."
)
OFF = 30  # seconds: from then on, signatures and due times suffer


async def address(patient: Patient) -> str:
    """Whether PUBLIC_URL leads here: Meta fetches pictures there, and people connect accounts there."""
    url = patient.settings.public_url
    try:
        answer = await patient.http.get(f"{url}/livez")
    except httpx.HTTPError as error:
        raise Wrong(
            f"{url} cannot be reached from here ({type(error).__name__}). Is `pressroom serve` running,"
            " and does the name lead to it?"
        ) from None
    if answer.status_code != HTTPStatus.OK or "x-request-id" not in answer.headers:
        raise Wrong(f"{url} answers {answer.status_code}, and not as Pressroom would. Look at your proxy.")
    if not url.startswith("https://"):
        raise Wrong(
            f"{url} answers, but without https: Meta fetches no picture there. Put a proxy before it."
        )
    return f"{url} leads here, over https."


async def media(patient: Patient) -> str:
    """Whether pictures can be kept, and given back."""
    url, key, said = patient.settings.media_url, f"doctor/{uuid4()}", b"doctor"
    try:
        async with asyncio.timeout(PATIENCE):
            store = MediaStore.at(url)
            await store.put(key, said)
            kept = await store.get(key)
            await store.delete(key)
    except Exception as error:  # noqa: BLE001 each kind of store has its own
        raise Wrong(f"{url} does not take a file: {why_not(url, error)}") from None
    if kept != said:
        raise Wrong(f"{url} gives back something else than what was kept there.")
    if url.startswith("file:"):
        return f"{url} keeps pictures. Processes on other machines need it, too."
    return f"{url} keeps pictures."


def why_not(url: str, error: Exception) -> str:
    """Say what to do about a store that takes nothing. Its own words may hold a secret: they are left out."""
    name = type(error).__name__
    if url.startswith("file:"):
        reason = getattr(error, "strerror", None) or name
        return f"{reason}. Give that folder to Pressroom's user, or set MEDIA_URL to another one."
    if name in NO_BUCKET:
        return "there is no such bucket. Make it, or correct its name in MEDIA_URL."
    if name in REFUSED:
        return f"the credentials are refused. {CREDENTIALS}"
    if any(word in str(error) for word in UNSET):
        return f"there are no credentials for it. {CREDENTIALS}"
    if isinstance(error, TimeoutError) or "error sending request" in str(error):
        return "it does not answer. Is AWS_REGION, or the endpoint, right, and may this machine go out there?"
    return f"{name}. Is the bucket there, and MEDIA_URL right? {CREDENTIALS}"


async def clock(patient: Patient) -> str:
    """Whether this machine's clock is right, by Slack's."""
    answer = await patient.http.post(f"{patient.settings.slack_api_url}api.test")
    if "date" not in answer.headers:
        raise Unsure("Slack did not say what time it is.")
    off = abs(time.time() - parsedate_to_datetime(answer.headers["date"]).timestamp())
    if off > OFF:
        raise Wrong(f"This machine's clock is {off:.0f} seconds off. Have it set by NTP.")
    return "Right, by Slack's."
