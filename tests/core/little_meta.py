"""A Meta of a few lines, in this very process, for tests that need thousands of calls.

It publishes a container twice when asked twice, as the real one may. A mood says what becomes of the next
calls; what the public sees is written down.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

APP_ID = "1"
Answer = dict[str, Any]


class Killed(BaseException):
    """The worker's process is gone."""


@dataclass(frozen=True)
class Mood:
    """What becomes of calls: those that nobody sees, those that the public sees, and reads.

    ok, later (tried again by itself), refused, dead (the token), lost (an error after the effect), unheard
    (the same error, without it), and the worker killed before or after the effect.
    """

    hidden: str = "ok"
    visible: str = "ok"
    read: str = "ok"


ERRORS: dict[str, tuple[int, Answer]] = {
    "later": (400, {"code": 9007, "error_subcode": 2207027, "message": "not ready"}),
    "refused": (400, {"code": 100, "message": "Invalid parameter"}),
    "dead": (400, {"code": 190, "error_subcode": 463, "message": "expired"}),
    "lost": (500, {"code": 2, "message": "unexpected"}),
    "unheard": (500, {"code": 2, "message": "unexpected"}),
}
WITH_EFFECT = ("ok", "lost", "killed after")


@dataclass
class LittleMeta(httpx.AsyncBaseTransport):
    """The transport of an httpx client."""

    mood: Mood = Mood()
    ids: Iterator[int] = field(default_factory=itertools.count)
    made: dict[str, str] = field(default_factory=dict)  # what a container says; "" for a photo
    used_by: dict[str, str] = field(default_factory=dict)  # the public thing that it became part of
    public: list[tuple[str, str, Answer]] = field(default_factory=list)  # account, words, as it is listed

    def times(self, account: str, words: str) -> int:
        """Count how often the public sees these words on an account."""
        return Counter((where, what) for where, what, _ in self.public)[account, words]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one call, in the mood of the moment."""
        _, version, name, *edges = request.url.path.split("/")
        assert version.startswith("v")
        form = dict(parse_qsl(request.content.decode()))
        edge = edges[0] if edges else ""
        if request.method == "GET":
            return self.answer(self.mood.read, lambda: self.read(name, edge))
        seen = edge in ("feed", "media_publish")
        act = self.publish if seen else self.make
        return self.answer(self.mood.visible if seen else self.mood.hidden, lambda: act(name, form))

    def answer(self, word: str, act: Callable[[], Answer]) -> httpx.Response:
        """Do what was asked, or not, and say so, or not."""
        found = act() if word in WITH_EFFECT else {}
        if word.startswith("killed"):
            raise Killed
        if word == "ok":
            return httpx.Response(200, json=found)
        status, error = ERRORS[word]
        return httpx.Response(status, json={"error": error})

    def make(self, _: str, form: Answer) -> Answer:
        """Make a container or a photo."""
        made = f"made{next(self.ids)}"
        self.made[made] = form.get("caption", "")
        return {"id": made}

    def publish(self, account: str, form: Answer) -> Answer:
        """Publish a container, or a post with its photo."""
        photos = [one["media_fbid"] for one in json.loads(form.get("attached_media", "[]"))]
        parts = [form["creation_id"]] if "creation_id" in form else photos
        words = form.get("message") or self.made[parts[0]]
        shown = f"live{next(self.ids)}"
        self.used_by |= dict.fromkeys(parts, shown)
        now = datetime.now(UTC).isoformat()
        listed = {
            "id": shown,
            "caption": words,
            "timestamp": now,
            "message": words,
            "created_time": now,
            "application": {"id": APP_ID},
            "attachments": {"data": [{"target": {"id": one}} for one in photos]},
        }
        self.public.append((account, words, listed))
        return {"id": shown, "permalink_url": f"https://www.facebook.com/{shown}"}

    def read(self, name: str, edge: str) -> Answer:
        """Show a thing, or a list of things."""
        if edge == "content_publishing_limit":
            limit = {"quota_usage": 0, "config": {"quota_total": 50, "quota_duration": 86400}}
            return {"data": [limit]}
        if edge:
            return {"data": [listed for account, _, listed in self.public if account == name]}
        address = f"https://www.facebook.com/{name}"
        status = "PUBLISHED" if name in self.used_by else "FINISHED"
        story = {"page_story_id": self.used_by[name]} if name in self.used_by else {}
        return {"id": name, "status_code": status, "permalink": address, "permalink_url": address, **story}
